/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/hl7_fixture.h"

#include "adapters/health/hl7_file.h"

/* What is written for each media type is read back as it, and what systems write otherwise is understood. */
static void
media_types(void **state)
{
	static const struct { const char *type, *subtype, *name, *media; } TYPES[] = {
		{ "application", "pdf", NULL, "application/pdf" }, { "AP", "PDF", NULL, "application/pdf" }, { NULL, "PDF", NULL, "application/pdf" },
		{ "PDF", NULL, NULL, "application/pdf" }, { "IM", "JPG", NULL, "image/jpeg" }, { "image", "png", NULL, "image/png" },
		{ "TEXT", "plain", NULL, "text/plain" }, { NULL, NULL, "report.PDF", "application/pdf" }, { "AP", "Octet-stream", "a.docx",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document" }, { "application", "x-msdownload", "a.exe", NULL },
		{ NULL, NULL, NULL, NULL }, { "image", "pdf", NULL, NULL },
	};
	const struct field *f = record_field(record_type_by_name("file_part"), "media_type");
	const char *type, *subtype;

	(void)state;
	for (const char *const *p = f->codes; *p; p++) {
		hl7_file_type(*p, &type, &subtype);
		assert_string_equal(hl7_file_media(type, subtype, NULL), *p);
		assert_int_equal(hl7_file_ending(*p)[0], '.');
	}
	for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++) {
		const char *media = hl7_file_media(TYPES[i].type, TYPES[i].subtype, TYPES[i].name);

		assert_true(TYPES[i].media ? media && strcmp(media, TYPES[i].media) == 0 : !media);
	}
}

/* The three encodings are read, line ends in them or not; what is none is refused and never half taken. */
static void
encodings(void **state)
{
	static const struct { const char *encoding, *text, *bytes; enum err e; } CASES[] = {
		{ "Base64", "0J/RgNC+0LHQsA==", "Проба", OK }, { "BASE64", "0J/RgN\nC+0LHQsA==", "Проба", OK }, { NULL, "QQ==", "A", OK },
		{ "Hex", "41 42", "AB", OK }, { "A", "Проба", "Проба", OK }, { "Base64", "0J/R!", NULL, ERR_SYNTAX }, { "Base64", "QQ=", NULL,
		ERR_SYNTAX }, { "Hex", "4G", NULL, ERR_SYNTAX }, { "Base64", NULL, NULL, ERR_SYNTAX }, { "uuencode", "x", NULL, ERR_UNSUPPORTED },
	};
	struct span bytes;

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		assert_int_equal(hl7_file_bytes(CASES[i].encoding, CASES[i].text, mem, &bytes), CASES[i].e);
		if (CASES[i].bytes)
			assert_true(span_eq(bytes, span_str(CASES[i].bytes)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(media_types, setup, teardown),
		cmocka_unit_test_setup_teardown(encodings, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_file", tests, NULL, NULL);
}
