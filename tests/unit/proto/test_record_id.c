/* SPDX-License-Identifier: EUPL-1.2 */
/* test_record_id - which numbers are right, and what an EGN tells of its child. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "proto/record.h"

/* Numbers of both kinds: centuries by the month, impossible days, wrong digits, letters and lengths. */
static void
numbers_are_verified(void **state)
{
	static const char *const egns[] = { "1543079013", "7523169263", "8032056031", "0001010003", "0012319993" };
	static const char *const not_egns[] = { "1543079010", "1543079019", "1553079013", "0000000000", "9902300000",
						"154307901", "15430790130", "154307901a", "", " 1543079013" };

	(void)state;
	for (size_t i = 0; i < sizeof(egns) / sizeof(egns[0]); i++)
		assert_true(record_is_egn(egns[i]));
	for (size_t i = 0; i < sizeof(not_egns) / sizeof(not_egns[0]); i++)
		assert_false(record_is_egn(not_egns[i]));
	assert_false(record_is_egn(NULL));
	assert_true(record_is_lnch("1000000001"));	/* 21 mod 10 */
	assert_true(record_is_lnch("0123456782"));	/* 19 + 34 + 39 + 44 + 45 + 42 + 21 + 8 = 252 */
	assert_false(record_is_lnch("1000000002"));
	assert_false(record_is_lnch("100000000"));
	assert_false(record_is_lnch(NULL));
}

/* Of the ten last digits that a number could have, exactly one is right, for every number of a day. */
static void
egn_has_one_check_digit(void **state)
{
	char egn[32];

	(void)state;
	for (int serial = 0; serial < 1000; serial++) {
		int n_right = 0;

		for (int digit = 0; digit < 10; digit++) {
			snprintf(egn, sizeof(egn), "154307%03d%d", serial, digit);
			n_right += record_is_egn(egn);
		}
		assert_int_equal(n_right, 1);
	}
}

/* An EGN tells one day and one sex; a date of less accuracy is contradicted by less, and what is absent by nothing. */
static void
egn_tells_its_child(void **state)
{
	static const struct { const char *egn, *date, *accuracy; bool tells; } dates[] = {
		{ "1543079013", "2015-03-07", NULL, true }, { "1543079013", "2015-03-08", NULL, false }, { "1543079013", "2015-04-07", NULL, false },
		{ "1543079013", "1915-03-07", NULL, false }, { "1543079013", "2015-03-01", "exact", false },
		{ "1543079013", "2015-03-01", "month", true }, { "1543079013", "2015-04-01", "month", false },
		{ "1543079013", "2015-01-01", "year", true }, { "1543079013", "2014-01-01", "year", false },
		{ "1543079013", "2012-01-01", "estimated", true }, { "1543079013", NULL, NULL, true }, { "1543079013", "7 март", NULL, true },
		{ "7523169263", "1875-03-16", NULL, true }, { "8032056031", "1880-12-05", NULL, true }, { "0012319993", "1900-12-31", NULL, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++)
		assert_int_equal(record_egn_tells_date(dates[i].egn, dates[i].date, dates[i].accuracy), dates[i].tells);
	assert_true(record_egn_tells_gender("1543079013", "female"));
	assert_false(record_egn_tells_gender("1543079013", "male"));
	assert_true(record_egn_tells_gender("7523169263", "male"));
	assert_false(record_egn_tells_gender("7523169263", "female"));
	assert_true(record_egn_tells_gender("1543079013", "unknown") && record_egn_tells_gender("1543079013", "other"));
	assert_true(record_egn_tells_gender("1543079013", NULL));
}

/* For the comparison with another implementation (tests/e2e/11-identifiers.py): a number a line, "EGN 1543079013", and 1 or 0 for each. */
static int
judge_numbers(void)
{
	char type[8], number[40];

	while (scanf("%7s %39s", type, number) == 2)
		puts((strcmp(type, "EGN") == 0 ? record_is_egn(number) : record_is_lnch(number)) ? "1" : "0");
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_verified), cmocka_unit_test(egn_has_one_check_digit), cmocka_unit_test(egn_tells_its_child),
	};

	if (argc == 2 && strcmp(argv[1], "--judge") == 0)
		return judge_numbers();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
