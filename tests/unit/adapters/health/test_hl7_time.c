/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "adapters/health/hl7.h"
#include "proto/base/clock.h"

/* Times of every exactness are read, Bulgaria's where no zone is named; what is none is refused. */
static void
times(void **state)
{
	static const struct { const char *text, *iso; unsigned digits; } GOOD[] = {
		{ "2026", "2025-12-31T22:00:00Z", 4 }, { "20260302", "2026-03-01T22:00:00Z", 8 },
		{ "202603021000", "2026-03-02T08:00:00Z", 12 }, { "20260302100000.1234567+0200", "2026-03-02T08:00:00.123Z", 14 },
		{ "20260702100000.25", "2026-07-02T07:00:00.250Z", 14 }, { "20260302100000+0000", "2026-03-02T10:00:00Z", 14 },
		{ "20260302100000-0530", "2026-03-02T15:30:00Z", 14 },
	};
	static const char *const BAD[] = { "", "x", "203", "20261301", "20260230", "2026030224", "202603021060",
		"20260302100000+02", "20260302100000Z", "20260302100000+9900", "202603021000001234", "2026-03-02",
		"2026030210000", "2026030", "20260", "2026O302", "20260302T10", "20260302100000x", "20260302100000+0200x", "20260302100000.",
		"20260302.5", "20260302100000.2x", "20260302 1000", "+0200" };
	char text[CLOCK_TEXT_LEN], back[HL7_TIME_LEN];
	unsigned digits;
	int64_t ms, again;

	(void)state;
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++) {
		assert_int_equal(hl7_time(GOOD[i].text, &ms, &digits), OK);
		clock_format(ms, text);
		assert_string_equal(text, GOOD[i].iso);
		assert_int_equal(digits, GOOD[i].digits);
		hl7_format_time(ms, back);
		assert_int_equal(hl7_time(back, &again, NULL), OK);
		assert_int_equal(again, ms);
	}
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(hl7_time(BAD[i], &ms, NULL), ERR_BAD_DATE);
}

/* A date is a date alone, the first of the month or year that is all it says; one in another form is none, as far as it may go. */
static void
dates(void **state)
{
	static const struct { const char *text, *iso; unsigned digits; } GOOD[] = {
		{ "20240229", "2024-02-29", 8 }, { "202603", "2026-03-01", 6 }, { "2026", "2026-01-01", 4 },
		{ "20260302235959", "2026-03-02", 14 }, { "20260302+0200", "2026-03-02", 8 },
	};
	static const char *const BAD[] = { "", "20260229", "2015-03-07", "2015/03/07", "201503O7", "2015O307", "2015030", "20150", "201", "20150307ZQ",
		"20150307T10", "2015030A", "20150307+9900", "20150307.5", "07.03.2015" };
	char iso[11];
	unsigned digits;

	(void)state;
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++) {
		assert_int_equal(hl7_date(GOOD[i].text, iso, &digits), OK);
		assert_string_equal(iso, GOOD[i].iso);
		assert_int_equal(digits, GOOD[i].digits);
	}
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		if (hl7_date(BAD[i], iso, NULL) != ERR_BAD_DATE)
			fail_msg("%s", BAD[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(times), cmocka_unit_test(dates) };

	return cmocka_run_group_tests_name("hl7_time", tests, NULL, NULL);
}
