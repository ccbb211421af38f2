/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/education/education.h"

/* A table is whole when its last line is ended or has all its columns; working names and other files are not taken. */
static void
complete(void **state)
{
	static const struct { const char *file, *text; bool want; } CASES[] = {
		{ "a.csv", "a;b\n1;2\n", true }, { "A.CSV", "a;b\r\n1;2\r\n", true }, { "a.csv", "a;b\n1;2", true },
		{ "a.csv", "a;b\n1", false }, { "a.csv", "a;b", false }, { "a.csv", "a;b\n1;\"2", false }, { "a.csv", "", false },
		{ ".a.csv", "a\n", false }, { "~a.csv", "a\n", false }, { "a.csv.tmp", "a\n", false }, { "a.xlsx", "a\n", true },	/* to be refused */
		{ "~$a.xlsx", "a\n", false },
		{ NULL, "a\n", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
		assert_int_equal(education_sector.is_complete(CASES[i].file, span_str(CASES[i].text)), CASES[i].want);
}

/* A table in UTF-16 is whole when its last line is ended in the order of its bytes; a text in it may be a table, any other is not waited for. */
static void
complete_utf16(void **state)
{
	static const struct { const char *file; struct span bytes; bool want; } CASES[] = {
		{ "a.csv", { (const uint8_t *)"\xff\xfe" "a\0\n\0", 6 }, true }, { "a.txt", { (const uint8_t *)"\xff\xfe" "a\0\n\0", 6 }, true },
		{ "a.csv", { (const uint8_t *)"\xff\xfe" "a\0\n", 5 }, false }, { "a.csv", { (const uint8_t *)"\xff\xfe" "a\0", 4 }, false },
		{ "a.csv", { (const uint8_t *)"\xfe\xff" "\0a\0\n", 6 }, true }, { "a.csv", { (const uint8_t *)"\xfe\xff" "\0a\n\0", 6 }, false },
		{ "a.txt", { (const uint8_t *)"a;b\n", 4 }, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
		assert_int_equal(education_sector.is_complete(CASES[i].file, CASES[i].bytes), CASES[i].want);
}

/* An HTTP receiver of tables registers with a case number, takes with 2xx, is asked again after 5xx, and refuses with 4xx. */
static void
answers(void **state)
{
	static const struct { unsigned status; const char *text; enum verdict verdict; const char *case_no; } CASES[] = {
		{ 200, "", VERDICT_OK, NULL }, { 200, "thanks", VERDICT_OK, NULL },
		{ 200, "msg_id;case_no\nx;C-1\n", VERDICT_OK, "C-1" }, { 200, "msg_id;case_no\nx;\n", VERDICT_OK, NULL },
		{ 503, "", VERDICT_RETRY, NULL }, { 429, "", VERDICT_RETRY, NULL }, { 400, "", VERDICT_REJECT, NULL },
	};
	struct arena *mem = arena_new(1 << 16);
	const char *case_no;

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct native answer = { .bytes = span_str(CASES[i].text), .status = CASES[i].status };
		enum err e = education_sector.read_answer(NULL, &answer, mem, &case_no, NULL);

		assert_int_equal(err_verdict(e), CASES[i].verdict);
		if (CASES[i].case_no)
			assert_string_equal(case_no, CASES[i].case_no);
		else
			assert_null(case_no);
	}
	arena_free(mem);
}

/* An error outside a table is a result table of one line. */
static void
problems(void **state)
{
	struct arena *mem = arena_new(1 << 16);
	struct native problem;

	(void)state;
	assert_int_equal(education_sector.problem(ERR_UNAUTHORIZED, NULL, NULL, mem, &problem), OK);
	assert_non_null(strstr(arena_strn(mem, problem.bytes.p, problem.bytes.n), ";refused;;NSK-1601 "));
	arena_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complete),
		cmocka_unit_test(complete_utf16),
		cmocka_unit_test(answers),
		cmocka_unit_test(problems),
	};

	return cmocka_run_group_tests_name("sector", tests, NULL, NULL);
}
