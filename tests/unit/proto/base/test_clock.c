/* SPDX-License-Identifier: EUPL-1.2 */
/* Time: the calendar, Bulgarian civil time and the text forms, against tables and against the C library. */
#include "proto/base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

static int64_t
parsed(const char *text)
{
	int64_t ms = -1;

	if (clock_parse(text, &ms) != OK)
		fail_msg("not parsed: %s", text);
	return ms;
}

/* Every day from year 1 to 9999 goes to a number and back, in order and without a gap. */
static void
every_day_round_trips(void **state)
{
	struct civil c = { .year = 1, .month = 1, .day = 1 };
	int64_t ms = clock_from_utc(&c), days = 0;

	(void)state;
	assert_true(ms == INT64_C(-62135596800000));
	for (; c.year <= 9999; ms += CLOCK_DAY, days++) {
		struct civil got = clock_to_utc(ms);

		if (got.year != c.year || got.month != c.month || got.day != c.day || got.hour != 0 ||
		    clock_from_utc(&c) != ms)
			fail_msg("%d-%d-%d", c.year, c.month, c.day);
		if (clock_is_date(c.year, c.month, c.day + 1)) {
			c.day++;
		} else if (c.month < 12) {
			c.month++;
			c.day = 1;
		} else {
			c.year++;
			c.month = c.day = 1;
		}
	}
	assert_int_equal(days, 3652059);
	assert_true(ms == INT64_C(253402300800000));
}

/* The calendar in UTC is the C library's, for random times from 1902 to 2100. */
static void
utc_is_the_library_s(void **state)
{
	uint64_t x = 88172645463325252u;
	int i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		int64_t ms;
		time_t t;
		struct tm tm;
		struct civil c;

		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		ms = (int64_t)(x % UINT64_C(6248000000000)) - INT64_C(2146000000000);
		t = (time_t)(ms / 1000 - (ms % 1000 < 0));
		assert_non_null(gmtime_r(&t, &tm));
		c = clock_to_utc(ms);
		assert_true(c.year == tm.tm_year + 1900 && c.month == tm.tm_mon + 1 && c.day == tm.tm_mday);
		assert_true(c.hour == tm.tm_hour && c.minute == tm.tm_min && c.second == tm.tm_sec);
		assert_int_equal(c.ms, ms - (int64_t)t * 1000);
		assert_true(clock_from_utc(&c) == ms);
	}
}

/* Bulgarian time is what the C library says of Europe/Sofia, at every half hour from 1997 to 2037, in both directions. */
static void
sofia_is_the_library_s(void **state)
{
	int64_t t, end = parsed("2037-12-31T00:00:00Z") / 1000;

	(void)state;
	if (access("/usr/share/zoneinfo/Europe/Sofia", R_OK) != 0)
		skip();
	setenv("TZ", "Europe/Sofia", 1);
	tzset();
	for (t = parsed("1997-01-01T00:00:00Z") / 1000; t < end; t += 1800) {
		time_t lib = (time_t)t;
		struct tm tm;
		struct civil c;
		int offset_min;

		assert_non_null(localtime_r(&lib, &tm));
		c = clock_to_sofia(t * 1000, &offset_min);
		if (c.year != tm.tm_year + 1900 || c.month != tm.tm_mon + 1 || c.day != tm.tm_mday ||
		    c.hour != tm.tm_hour || c.minute != tm.tm_min || offset_min * 60 != tm.tm_gmtoff)
			fail_msg("at %lld", (long long)t);
		/* the second pass of the autumn hour reads as the first */
		if (clock_from_sofia(&c) != t * 1000 && clock_from_sofia(&c) != (t - 3600) * 1000)
			fail_msg("back at %lld", (long long)t);
	}
	unsetenv("TZ");
	tzset();
}

/* The process's TZ never matters. */
static void
tz_never_matters(void **state)
{
	char text[CLOCK_TEXT_LEN];

	(void)state;
	setenv("TZ", "America/New_York", 1);
	tzset();
	clock_format_sofia(parsed("2026-07-01T12:00"), text);
	assert_string_equal(text, "2026-07-01T12:00:00+03:00");
	clock_format(parsed("2026-07-01"), text);
	assert_string_equal(text, "2026-06-30T21:00:00Z");
	unsetenv("TZ");
	tzset();
}

/* On the two nights of the change each local time means one instant: the missing hour moves on, the double one is the first. */
static void
nights_of_change(void **state)
{
	static const struct {
		const char *local, *utc;
	} rows[] = {
		{ "2026-03-29T02:59:59", "2026-03-29T00:59:59Z" }, { "2026-03-29T03:00", "2026-03-29T01:00:00Z" },
		{ "2026-03-29T03:30", "2026-03-29T01:30:00Z" },	   { "2026-03-29T03:59:59", "2026-03-29T01:59:59Z" },
		{ "2026-03-29T04:00", "2026-03-29T01:00:00Z" },	   { "2026-10-25T02:59:59", "2026-10-24T23:59:59Z" },
		{ "2026-10-25T03:00", "2026-10-25T00:00:00Z" },	   { "2026-10-25T03:59:59", "2026-10-25T00:59:59Z" },
		{ "2026-10-25T04:00", "2026-10-25T02:00:00Z" },	   { "2024-03-31T04:00", "2024-03-31T01:00:00Z" },
		{ "2027-10-31T03:59", "2027-10-31T00:59:00Z" },	   { "2026-01-01", "2025-12-31T22:00:00Z" },
		{ "2026-06-01", "2026-05-31T21:00:00Z" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		if (parsed(rows[i].local) != parsed(rows[i].utc))
			fail_msg("%s", rows[i].local);
}

/* What is a time is read to the millisecond and written in the one normal form. */
static void
good_times(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z" },
		{ "2026-03-02t10:00:00z", "2026-03-02T10:00:00Z" },
		{ "2026-03-02T10:00:00.1Z", "2026-03-02T10:00:00.100Z" },
		{ "2026-03-02T10:00:00.12Z", "2026-03-02T10:00:00.120Z" },
		{ "2026-03-02T10:00:00.123Z", "2026-03-02T10:00:00.123Z" },
		{ "2026-03-02T10:00:00.123999999Z", "2026-03-02T10:00:00.123Z" },
		{ "2026-03-02T10:00:00.0009Z", "2026-03-02T10:00:00Z" },
		{ "2026-03-02T10:00:00.001+02:00", "2026-03-02T08:00:00.001Z" },
		{ "2026-03-02T10:00:00-00:00", "2026-03-02T10:00:00Z" },
		{ "2026-03-02T00:00:00+23:59", "2026-03-01T00:01:00Z" },
		{ "2026-12-31T23:00:00-05:30", "2027-01-01T04:30:00Z" },
		{ "2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z" },
		{ "2000-02-29T23:59:59.999Z", "2000-02-29T23:59:59.999Z" },
		{ "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z" },
		{ "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z" },
		{ "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z" },
		{ "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z" },
		{ "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z" },
		{ "2016-12-31T23:59:60.7Z", "2017-01-01T00:00:00Z" },
		{ "2017-01-01T01:59:60+02:00", "2017-01-01T00:00:00Z" },
		{ "2026-03-02T10:00", "2026-03-02T08:00:00Z" },
		{ "2026-03-02T10:00:30", "2026-03-02T08:00:30Z" },
		{ "2026-03-02T10:00:30.25", "2026-03-02T08:00:30.250Z" },
		{ "2026-08-02T10:00", "2026-08-02T07:00:00Z" },
		{ "2026-03-02", "2026-03-01T22:00:00Z" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		char out[CLOCK_TEXT_LEN];

		clock_format(parsed(rows[i].in), out);
		assert_string_equal(out, rows[i].out);
		assert_true(parsed(out) == parsed(rows[i].in));
	}
}

/* What is not a time is refused, whatever its beginning looks like, and the output stays as it was. */
static void
bad_times(void **state)
{
	static const char *const rows[] = {
		"", " ", "2026", "2026-03", "2026-03-", "2026-3-02", "26-03-02", "02.03.2026", "20260302",
		"2026-00-01", "2026-13-01", "2026-01-00", "2026-01-32", "2026-02-29", "2100-02-29", "2026-04-31",
		"0000-01-01", "0000-01-01T00:00:00Z", "+026-01-01", "-026-01-01", "2026-03-02 ", " 2026-03-02",
		"2026-03-02T", "2026-03-02T10", "2026-03-02T10:", "2026-03-02T10:0", "2026-03-02T10:00:",
		"2026-03-02T10:00:0", "2026-03-02T24:00:00Z", "2026-03-02T24:00", "2026-03-02T10:60:00Z",
		"2026-03-02T10:00:61Z", "2026-03-02T10:00:60Z", "2016-12-31T23:59:60+02:00", "2026-03-02T10:00:00.Z",
		"2026-03-02T10:00:00.1234567890Z", "2026-03-02T10:00:00,5Z", "2026-03-02T10:00:00ZZ",
		"2026-03-02T10:00:00Z ", "2026-03-02T10:00:00 Z", "2026-03-02T10:00:00+2:00", "2026-03-02T10:00:00+0200",
		"2026-03-02T10:00:00+02", "2026-03-02T10:00:00+24:00", "2026-03-02T10:00:00+02:60",
		"2026-03-02T10:00:00+02:00x", "2026-03-02T10:00:00 +02:00", "2026-03-02T10:00Z", "2026-03-02T10:00+02:00",
		"2026-03-02 10:00:00Z", "2026-03-02_10:00:00Z", "2026-03-02Z", "2026-03-02+02:00", "2026-03-02T-1:00:00Z",
		"2026-03-02T10:00:00EET", "2026-W10-1", "2026-061", "now", ("2026-03-02T10:00:00\xe2\x88\x92" "02:00"),
		"0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "0001-01-01",
		"2026/03/02", "2026-03-02T1000", "２０26-03-02",
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		int64_t ms = 77;

		if (clock_parse(rows[i], &ms) != ERR_BAD_DATE || ms != 77)
			fail_msg("taken: \"%s\"", rows[i]);
	}
	{
		int64_t ms;

		assert_int_equal(clock_parse(NULL, &ms), ERR_BAD_DATE);
	}
}

/* A parser never reads past the end: every prefix of a good time is read from memory of its exact size. */
static void
prefixes_are_safe(void **state)
{
	static const char whole[] = "2026-03-02T10:00:00.123456789+02:00";
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(whole); n++) {
		char *exact = strndup(whole, n);
		struct civil c;
		int64_t ms;
		enum err e = clock_parse(exact, &ms);

		assert_int_equal(e == OK, n == 10 || n == 16 || n == 19 || (n >= 21 && n <= 29) || n == 35);
		assert_int_equal(clock_parse_date(exact, &c) == OK, n == 10);
		free(exact);
	}
}

/* A date is a date only: ten characters, in the calendar. */
static void
dates(void **state)
{
	static const char *const bad[] = { "", "2026-02-29", "2026-2-28", "2026-02-28 ", "2026-02-28T00:00", "0000-01-01",
					   "2026-02-2x", "2026-02-28Z", "1900-02-29" };
	struct civil c;
	size_t i;

	(void)state;
	memset(&c, 0xAA, sizeof(c));
	assert_int_equal(clock_parse_date("2012-02-29", &c), OK);
	assert_true(c.year == 2012 && c.month == 2 && c.day == 29 && c.hour == 0 && c.minute == 0 && c.second == 0 &&
		    c.ms == 0);
	for (i = 0; i < N(bad); i++)
		assert_int_equal(clock_parse_date(bad[i], &c), ERR_BAD_DATE);
	assert_int_equal(clock_parse_date(NULL, &c), ERR_BAD_DATE);
	assert_true(clock_is_date(1, 1, 1) && clock_is_date(9999, 12, 31) && clock_is_date(2000, 2, 29));
	assert_false(clock_is_date(0, 1, 1) || clock_is_date(10000, 1, 1) || clock_is_date(1900, 2, 29));
	assert_false(clock_is_date(2026, INT32_MIN, 1) || clock_is_date(2026, 1, INT32_MAX) || clock_is_date(2026, 1, -1));
}

/* Any int64 can be formatted: outside of the years 1 to 9999 it is the nearest time that has a form. */
static void
extremes_are_formatted(void **state)
{
	char text[CLOCK_TEXT_LEN];

	(void)state;
	clock_format(INT64_MIN, text);
	assert_string_equal(text, "0001-01-01T00:00:00Z");
	clock_format(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
	clock_format_sofia(INT64_MIN, text);
	assert_string_equal(text, "0001-01-01T02:00:00+02:00");
	clock_format_sofia(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999+02:00");
	clock_format_sofia(parsed("2026-03-02T10:00:00Z"), text);
	assert_string_equal(text, "2026-03-02T12:00:00+02:00");
	clock_format_sofia(parsed("2026-10-25T00:30:00.5Z"), text);
	assert_string_equal(text, "2026-10-25T03:30:00.500+03:00");
	clock_format_sofia(parsed("2026-10-25T01:30:00.5Z"), text);
	assert_string_equal(text, "2026-10-25T03:30:00.500+02:00");
	clock_to_utc(INT64_MIN);
	clock_to_utc(INT64_MAX);
}

/* The clocks run: wall time is of this century, monotonic time does not go back. */
static void
clocks_run(void **state)
{
	int64_t before = clock_mono_ms(), wall = clock_wall_ms();

	(void)state;
	usleep(3000);
	assert_true(clock_mono_ms() >= before + 2);
	assert_true(wall > parsed("2024-01-01") && wall < parsed("2100-01-01"));
}

/* The wait doubles, and stays within its limits whatever the count. */
static void
backoff_doubles(void **state)
{
	(void)state;
	assert_int_equal(clock_backoff(0, 5, 1000), 5);
	assert_int_equal(clock_backoff(1, 5, 1000), 5);
	assert_int_equal(clock_backoff(2, 5, 1000), 10);
	assert_int_equal(clock_backoff(8, 5, 1000), 640);
	assert_int_equal(clock_backoff(9, 5, 1000), 1000);
	assert_int_equal(clock_backoff(4000000000u, INT64_C(3600000), INT64_C(86400000)), 86400000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_round_trips),  cmocka_unit_test(utc_is_the_library_s),
		cmocka_unit_test(sofia_is_the_library_s), cmocka_unit_test(tz_never_matters),
		cmocka_unit_test(nights_of_change),	  cmocka_unit_test(good_times),
		cmocka_unit_test(bad_times),		  cmocka_unit_test(prefixes_are_safe),
		cmocka_unit_test(dates),		  cmocka_unit_test(extremes_are_formatted),
		cmocka_unit_test(clocks_run),		  cmocka_unit_test(backoff_doubles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
