/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/core/whole.h"

/* A file is cut into parts of 512 KiB, the last one shorter and never empty; 25 MiB are fifty. */
static void
whole_parts_cut(void **state)
{
	static const struct { uint64_t size; unsigned parts; size_t last; } rows[] = {
		{ 1, 1, 1 }, { WHOLE_PART_BYTES - 1, 1, WHOLE_PART_BYTES - 1 }, { WHOLE_PART_BYTES, 1, WHOLE_PART_BYTES },
		{ WHOLE_PART_BYTES + 1, 2, 1 }, { WHOLE_BYTES_MAX - 1, 50, WHOLE_PART_BYTES - 1 }, { WHOLE_BYTES_MAX, 50, WHOLE_PART_BYTES },
	};

	(void)state;
	assert_int_equal(WHOLE_BYTES_MAX, 26214400);
	assert_int_equal(whole_parts(0), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t sum = 0;

		assert_int_equal(whole_parts(rows[i].size), rows[i].parts);
		assert_int_equal(whole_part_bytes(rows[i].size, rows[i].parts), rows[i].last);
		assert_int_equal(whole_part_bytes(rows[i].size, 0) + whole_part_bytes(rows[i].size, rows[i].parts + 1), 0);
		for (unsigned part = 1; part <= rows[i].parts; part++)
			sum += whole_part_bytes(rows[i].size, part);
		assert_int_equal(sum, rows[i].size);
	}
}

/* In whatever order parts come, the first that is missing is known, and each is taken once. */
static void
whole_add_any_order(void **state)
{
	static const unsigned order[] = { 3, 1, 4, 2 }, missing[] = { 1, 2, 2, 0 };
	struct whole w = { .parts = 4 };
	struct why why;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(whole_add(&w, order[i], 100 + order[i], &why), OK);
		assert_int_equal(whole_missing(&w), missing[i]);
		assert_int_equal(whole_have(&w), i + 1);
	}
	assert_int_equal(whole_add(&w, 2, 9, &why), ERR_DUPLICATE);
	assert_int_equal(whole_add(&w, 0, 9, &why), ERR_INCONSISTENT);
	assert_int_equal(whole_add(&w, 5, 9, &why), ERR_INCONSISTENT);
	assert_int_equal(w.at[1], 102);
	w.parts = WHOLE_PARTS_MAX + 1;
	assert_int_equal(whole_add(&w, 5, 9, &why), ERR_INCONSISTENT);
}

/* Parts belong together only if they say the same of the whole; what is a part's own does not count. */
static void
whole_said_alike(void **state)
{
	static const int64_t size = 600000, other_size = 600001, parts = 2, one = 1, two = 2;
	static const char hash[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct file_part first = { .att_id = "a", .filename = "f.pdf", .media_type = "application/pdf", .size = &size, .sha256 = hash,
				   .part = &one, .parts = &parts, .category = "other" };
	struct file_part others[6] = { first, first, first, first, first, first };
	struct arena *mem = arena_new(1 << 16);
	struct hash a, b;

	(void)state;
	assert_int_equal(whole_said(&first, mem, &a), OK);
	others[0].part = &two;
	assert_int_equal(whole_said(&others[0], mem, &b), OK);
	assert_true(hash_eq(&a, &b));
	others[1].filename = "g.pdf";
	others[2].size = &other_size;
	others[3].confidentiality = "V";
	others[4].att_id = "af";
	others[4].filename = ".pdf";
	others[5].category = "photo";
	for (size_t i = 1; i < 6; i++) {
		assert_int_equal(whole_said(&others[i], mem, &b), OK);
		assert_false(hash_eq(&a, &b));
	}
	arena_free(mem);
}

/* Bytes that are not of the type that is said are found where the type has a sign; unknown types are none of ours. */
static void
whole_is_type_signs(void **state)
{
	static const struct { const char *media; struct span bytes; bool is; } rows[] = {
		{ "application/pdf", { (const uint8_t *)"%PDF-1.4 ...", 12 }, true }, { "application/pdf", { (const uint8_t *)"MZ\x90", 3 }, false },
		{ "application/pdf", { (const uint8_t *)"%PD", 3 }, false }, { "image/png", { (const uint8_t *)"\x89PNG\r\n\x1a\n..", 10 }, true },
		{ "image/png", { (const uint8_t *)"\xff\xd8\xff\xe0....", 8 }, false }, { "image/jpeg", { (const uint8_t *)"\xff\xd8\xff\xe0", 4 }, true },
		{ "text/plain", { (const uint8_t *)"Здравей", 14 }, true }, { "text/plain", { (const uint8_t *)"MZ\0\3", 4 }, false },
		{ "application/json", { (const uint8_t *)"{}", 2 }, true }, { "application/x-msdownload", { (const uint8_t *)"MZ", 2 }, false },
		{ "application/vnd.openxmlformats-officedocument.wordprocessingml.document", { (const uint8_t *)"PK\3\4..", 6 }, true },
		{ "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", { (const uint8_t *)"%PDF-", 5 }, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(whole_is_type(rows[i].media, rows[i].bytes), rows[i].is);
	assert_false(whole_is_type(NULL, SPAN_NONE));
	assert_string_equal(whole_ending("image/jpeg"), ".jpg");
	assert_string_equal(whole_ending("image/gif"), "");
}

/* What our system says of a file is compared with its bytes: the type with the first part's, the hash with those of a file of one part. */
static void
whole_check_says(void **state)
{
	static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	static const struct { const char *media, *sha256; int64_t part, parts; enum err e, hash_alone; } rows[] = {
		{ "text/plain", abc, 1, 1, OK, OK }, { "text/plain", "00", 1, 1, ERR_FILE_DIFFERS, ERR_FILE_DIFFERS },
		{ "application/pdf", abc, 1, 1, ERR_MEDIA_TYPE, OK }, { "application/pdf", "00", 1, 2, ERR_MEDIA_TYPE, OK },
		{ "application/pdf", "00", 2, 2, OK, OK }, { "text/plain", "00", 1, 2, OK, OK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct span data = SPAN_LIT("abc");
		struct file_part f = {
			.media_type = rows[i].media, .sha256 = rows[i].sha256, .part = &rows[i].part, .parts = &rows[i].parts, .data = &data,
		};
		struct why why = { .where = "" };

		assert_int_equal(whole_check_hash(&f, NULL), rows[i].hash_alone);
		assert_int_equal(whole_check(&f, &why), rows[i].e);
		assert_string_equal(why.where, rows[i].e == OK ? "" : rows[i].e == ERR_MEDIA_TYPE ? "attachment.data" : "attachment.sha256");
	}
	assert_int_equal(whole_check(NULL, NULL), OK);
	assert_int_equal(whole_check(&(struct file_part){ .media_type = "text/plain", .sha256 = "00" }, NULL), OK);
}

/* Every type that a record may name has its row, and its ending. */
static void
whole_type_all(void **state)
{
	const struct field *f = record_field(record_type_by_name("file_part"), "media_type");

	(void)state;
	for (size_t i = 0; f->codes[i]; i++)
		assert_int_equal(*whole_ending(f->codes[i]), '.');
}

/* A name leads nowhere but to itself. */
static void
whole_is_name_safe(void **state)
{
	static const char *const good[] = { "a", "Писмо до ОЗД.pdf", "..a", "a b.c", NULL };
	static const char *const bad[] = { "", ".", "..", "a/b", "/etc/passwd", "a\\b", "a\nb", "\x7f", "\xff", NULL };
	char longest[WHOLE_NAME_MAX + 2];

	(void)state;
	for (size_t i = 0; good[i]; i++)
		assert_true(whole_is_name(good[i]));
	for (size_t i = 0; bad[i]; i++)
		assert_false(whole_is_name(bad[i]));
	assert_false(whole_is_name(NULL));
	memset(longest, 'a', sizeof(longest));
	longest[WHOLE_NAME_MAX] = '\0';
	assert_true(whole_is_name(longest));
	longest[WHOLE_NAME_MAX] = 'a';
	longest[WHOLE_NAME_MAX + 1] = '\0';
	assert_false(whole_is_name(longest));
}

/* A stated SHA-256 counts in each form that HTTP has for it; others beside it are passed over, a wrong one is found. */
static void
whole_is_digest_forms(void **state)
{
	/* of the empty text, as RFC 9530's readers know it */
	static const char *const right[] = {
		"sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:", "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		"md5=:1B2M2Y8AsgTpgAmY7PhCfg==:, sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:", "md5=:AAAA:", "", NULL,
	};
	static const char *const wrong[] = {
		"sha-256=:57DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:", "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=X",
		"sha-256=", "sha-256=:47DE:", NULL,
	};
	char text[WHOLE_DIGEST_LEN];
	struct hash h;

	(void)state;
	hash_sha256(SPAN_LIT(""), &h);
	whole_digest(&h, text);
	assert_string_equal(text, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
	for (size_t i = 0; right[i]; i++)
		assert_true(whole_is_digest(right[i], &h));
	for (size_t i = 0; wrong[i]; i++)
		assert_false(whole_is_digest(wrong[i], &h));
	assert_true(whole_is_digest(NULL, &h));
}

/* A file's name tells its type by its ending, in any case; the end of a file tells whether it is whole, where its type has such a sign. */
static void
whole_names_and_ends(void **state)
{
	static const struct { const char *type, *end; bool is_ended; } ends[] = {
		{ "application/pdf", "trailer\n%%EOF\n", true }, { "application/pdf", "trailer\n%%EO", false }, { "image/png", "\0IEND\xae", false },
		{ "image/png", "xIEND\xae", true }, { "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "PK\x05\x06", true },
		{ "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK\x03\x04", false }, { "image/jpeg", "", true },
		{ "text/plain", "x", true }, { NULL, "", true },
	};

	(void)state;
	assert_string_equal(whole_type_of("Молба.PDF"), "application/pdf");
	assert_string_equal(whole_type_of("a.jpeg"), "image/jpeg");
	assert_string_equal(whole_type_of("a.b.JPG"), "image/jpeg");
	assert_null(whole_type_of(".pdf"));
	assert_null(whole_type_of("pdf"));
	assert_null(whole_type_of("a.pdf.exe"));
	assert_null(whole_type_of(NULL));
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		assert_int_equal(whole_is_ended(ends[i].type, span_str(ends[i].end)), ends[i].is_ended);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_parts_cut), cmocka_unit_test(whole_add_any_order), cmocka_unit_test(whole_said_alike),
		cmocka_unit_test(whole_is_type_signs), cmocka_unit_test(whole_check_says),
		cmocka_unit_test(whole_type_all), cmocka_unit_test(whole_is_name_safe),
		cmocka_unit_test(whole_is_digest_forms), cmocka_unit_test(whole_names_and_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
