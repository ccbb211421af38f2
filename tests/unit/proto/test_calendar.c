/* SPDX-License-Identifier: EUPL-1.2 */
/* Working days of Bulgaria, against the days that were announced. With arguments "--list FROM TO" it writes the days that are not
 * worked in those years but for plain weekends: the oracle's test compares them with other people's calendars.
 */
#include "proto/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const struct calendar plain;

static int32_t
day_of(const char *text)
{
	struct civil c = { 0 };

	assert_int_equal(clock_parse_date(text, &c), OK);
	return calendar_day(c.year, c.month, c.day);
}

static int64_t
ms_of(const char *text)
{
	int64_t ms = 0;

	assert_int_equal(clock_parse(text, &ms), OK);
	return ms;
}

/* The weekdays that were not worked by the law in the years 2017 to 2027, and no others. */
static void
weekdays_off(void **state)
{
	static const char *const off[] = {
		"2017-01-02", "2017-03-03", "2017-04-14", "2017-04-17", "2017-05-01", "2017-05-08", "2017-05-24", "2017-09-06",
		"2017-09-22", "2017-12-25", "2017-12-26", "2017-12-27",
		"2018-01-01", "2018-03-05", "2018-04-06", "2018-04-09", "2018-05-01", "2018-05-07", "2018-05-24", "2018-09-06",
		"2018-09-24", "2018-12-24", "2018-12-25", "2018-12-26",
		"2019-01-01", "2019-03-04", "2019-04-26", "2019-04-29", "2019-05-01", "2019-05-06", "2019-05-24", "2019-09-06",
		"2019-09-23", "2019-12-24", "2019-12-25", "2019-12-26",
		"2020-01-01", "2020-03-03", "2020-04-17", "2020-04-20", "2020-05-01", "2020-05-06", "2020-05-25", "2020-09-07",
		"2020-09-22", "2020-12-24", "2020-12-25", "2020-12-28",
		"2021-01-01", "2021-03-03", "2021-04-30", "2021-05-03", "2021-05-04", "2021-05-06", "2021-05-24", "2021-09-06",
		"2021-09-22", "2021-12-24", "2021-12-27", "2021-12-28",
		"2022-01-03", "2022-03-03", "2022-04-22", "2022-04-25", "2022-05-02", "2022-05-06", "2022-05-24", "2022-09-06",
		"2022-09-22", "2022-12-26", "2022-12-27", "2022-12-28",
		"2023-01-02", "2023-03-03", "2023-04-14", "2023-04-17", "2023-05-01", "2023-05-08", "2023-05-24", "2023-09-06",
		"2023-09-22", "2023-12-25", "2023-12-26", "2023-12-27",
		"2024-01-01", "2024-03-04", "2024-05-01", "2024-05-03", "2024-05-06", "2024-05-24", "2024-09-06", "2024-09-23",
		"2024-12-24", "2024-12-25", "2024-12-26",
		"2025-01-01", "2025-03-03", "2025-04-18", "2025-04-21", "2025-05-01", "2025-05-06", "2025-05-26", "2025-09-08",
		"2025-09-22", "2025-12-24", "2025-12-25", "2025-12-26",
		"2026-01-01", "2026-03-03", "2026-04-10", "2026-04-13", "2026-05-01", "2026-05-06", "2026-05-25", "2026-09-07",
		"2026-09-22", "2026-12-24", "2026-12-25", "2026-12-28",
		"2027-01-01", "2027-03-03", "2027-04-30", "2027-05-03", "2027-05-04", "2027-05-06", "2027-05-24", "2027-09-06",
		"2027-09-22", "2027-12-24", "2027-12-27", "2027-12-28",
	};
	size_t at = 0;

	(void)state;
	for (int32_t day = day_of("2017-01-01"); day <= day_of("2027-12-31"); day++) {
		int32_t weekday = (day + 4) % 7;
		bool is_named = at < N(off) && day_of(off[at]) == day;

		if (weekday == 0 || weekday == 6) {
			assert_false(calendar_is_working(&plain, day));
			continue;
		}
		if (calendar_is_working(&plain, day) == is_named)
			fail_msg("day %d is %s", (int)day, is_named ? off[at] : "not named");
		at += is_named;
	}
	assert_int_equal(at, N(off));
}

/* Before 2017 a holiday of a weekend gave nothing. */
static void
no_substitutes_before(void **state)
{
	(void)state;
	assert_true(calendar_is_working(&plain, day_of("2016-12-27")));
	assert_false(calendar_is_working(&plain, day_of("2017-01-02")));
}

/* A day that the Council of Ministers moves counts as it says; a day of both lists is worked. */
static void
moved_days(void **state)
{
	const int32_t off[] = { day_of("2026-09-21"), day_of("2026-09-23") };
	const int32_t working[] = { day_of("2026-09-12"), day_of("2026-09-23") };
	const struct calendar moved = { off, working, N(off), N(working) };

	(void)state;
	assert_false(calendar_is_working(&moved, off[0]));
	assert_true(calendar_is_working(&moved, working[0]));
	assert_true(calendar_is_working(&moved, working[1]));
	assert_true(calendar_is_working(&plain, off[0]));
	assert_false(calendar_is_working(&plain, working[0]));
}

/* Three working days end with the third of them, over weekends, Easter, and both changes of the hour. */
static void
adding(void **state)
{
	static const struct { const char *from; unsigned n; const char *to; } rows[] = {
		{ "2026-03-09T10:00:00+02:00", 3, "2026-03-12T23:59:59+02:00" },
		{ "2026-03-12T23:59:00+02:00", 3, "2026-03-17T23:59:59+02:00" },
		{ "2026-03-14T12:00:00+02:00", 1, "2026-03-16T23:59:59+02:00" },	/* from a Saturday */
		{ "2026-03-27T10:00:00+02:00", 1, "2026-03-30T23:59:59+03:00" },	/* summer begins on the 29th */
		{ "2026-10-23T10:00:00+03:00", 1, "2026-10-26T23:59:59+02:00" },	/* and ends on the 25th */
		{ "2026-04-09T22:30:00Z", 2, "2026-04-15T23:59:59+03:00" },	/* Good Friday already, in Bulgaria */
		{ "2021-04-29T09:00:00+03:00", 3, "2021-05-10T23:59:59+03:00" },	/* Easter, the first and the sixth of May */
		{ "2026-12-23T08:00:00+02:00", 1, "2026-12-29T23:59:59+02:00" },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		if (calendar_add_working(&plain, ms_of(rows[i].from), rows[i].n) != ms_of(rows[i].to))
			fail_msg("%s and %u", rows[i].from, rows[i].n);
}

/* However many days a configuration calls off, an end is found. */
static void
never_ending_holidays(void **state)
{
	int32_t off[2000];
	const struct calendar lazy = { off, NULL, N(off), 0 };

	(void)state;
	for (size_t i = 0; i < N(off); i++)
		off[i] = day_of("2026-01-01") + (int32_t)i;
	assert_true(calendar_add_working(&lazy, ms_of("2025-12-31T10:00:00Z"), 1) < ms_of("2028-01-01T00:00:00Z"));
}

static int
list(int from, int to)
{
	for (int32_t day = calendar_day(from, 1, 1); day < calendar_day(to + 1, 1, 1); day++) {
		struct civil c = clock_to_utc(day * CLOCK_DAY);
		int32_t weekday = (day + 4) % 7;

		if (weekday != 0 && weekday != 6 && !calendar_is_working(&plain, day))
			printf("%04d-%02d-%02d\n", c.year, c.month, c.day);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weekdays_off), cmocka_unit_test(no_substitutes_before), cmocka_unit_test(moved_days),
		cmocka_unit_test(adding), cmocka_unit_test(never_ending_holidays),
	};

	if (argc == 4 && strcmp(argv[1], "--list") == 0)
		return list(atoi(argv[2]), atoi(argv[3]));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
