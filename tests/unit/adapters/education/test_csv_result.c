/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/education/csv_world.h"
#include "tests/support/arena_fixture.h"

#define VECTORS "tests/vectors/education/"

/* The result table has a line for each row, with number, column, code and words, in the charset and separator of the table. */
static void
results(void **state)
{
	struct native in = { .format = FORMAT_CSV, .bytes = world_file(VECTORS "one_bad_row.csv", mem) }, answer;
	struct sector_env env = world_env();
	struct intake intake;

	(void)state;
	education_to_records(&in, &env, mem, &intake);
	intake.items[0].msg_id = "019c7d2e-5a11-7c3b-9d42-6f0e1a2b3c4d";
	assert_int_equal(education_answer(&in, &intake, &env, mem, &answer), OK);
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.charset, "windows-1251");
	world_same_as_file(VECTORS "one_bad_row.result.csv", answer.bytes, mem);
	assert_non_null(strstr(world_answer("garbage", mem), "refused;row 1;NSK-1504 "));
	assert_non_null(strstr(world_answer("referral_no,to\nA,\n", mem), "A,refused,to,NSK-1301 "));
}

/* A fault that the core finds later by the record's path is told by the school's column. */
static void
result_columns(void **state)
{
	const char *text = "referral_no;to\nA;accepted\n";
	struct native in = { .format = FORMAT_CSV, .bytes = span_str(text) }, answer;
	struct sector_env env = world_env();
	struct intake intake = world_read(text, mem);

	(void)state;
	intake.items[0].e = why_set(&intake.items[0].why, ERR_REQUIRED, "status.outcome.outcome", "-");
	assert_int_equal(education_answer(&in, &intake, &env, mem, &answer), OK);
	assert_int_equal(answer.status, 422);
	assert_non_null(strstr(arena_strn(mem, answer.bytes.p, answer.bytes.n), "A;refused;outcome;NSK-1301"));
}

/* Who wrote a code or a date that is none is told what it can be. */
static void
results_say_the_choice(void **state)
{
	(void)state;
	assert_non_null(strstr(world_answer("referral_no;to;outcome\nA;completed;bliss\n", mem), " (need-met, partly-met, not-met, "));
	assert_non_null(strstr(world_answer("referral_no;to;at\nA;accepted;вчера\n", mem), " (07.03.2026, 2026-03-07, 07.03.2026 16:30, "));
	assert_non_null(strstr(world_answer("kind;conference_id;answer\nconference-rsvp;К-1;perhaps\n", mem), " (accept, decline, tentative)"));
	assert_null(strstr(world_answer("referral_no,to\nA,\n", mem), "("));
}

/* How many cells were left out stands beside what was taken, after what else there is to say; never what stood in them. */
static void
results_say_what_was_left_out(void **state)
{
	const char *text = "referral_no;to;shoe;hat\nA;accepted;41;54\nB;accepted;;\n", *said;
	struct native in = { .format = FORMAT_CSV, .bytes = span_str(text) }, answer;
	struct sector_env env = world_env();
	struct intake intake = world_read(text, mem);

	(void)state;
	intake.items[0].msg_id = intake.items[1].msg_id = "m";
	intake.items[0].warning = "Бавно.";
	assert_int_equal(education_answer(&in, &intake, &env, mem, &answer), OK);
	said = arena_strn(mem, answer.bytes.p, answer.bytes.n);
	assert_non_null(strstr(said, "A;accepted;;m;Бавно. Изпуснати полета: 2."));
	assert_non_null(strstr(said, "B;accepted;;m;\r\n"));
	assert_null(strstr(said, "41"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(results, setup, teardown),
		cmocka_unit_test_setup_teardown(result_columns, setup, teardown),
		cmocka_unit_test_setup_teardown(results_say_the_choice, setup, teardown),
		cmocka_unit_test_setup_teardown(results_say_what_was_left_out, setup, teardown),
	};

	return cmocka_run_group_tests_name("csv_result", tests, NULL, NULL);
}
