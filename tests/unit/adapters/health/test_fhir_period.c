/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_fixture.h"

#include "proto/base/clock.h"

static bool
holds(const char *list, const char *time)
{
	bool is_held = false;
	int64_t ms;

	assert_int_equal(clock_parse(time, &ms), OK);
	assert_int_equal(fhir_periods_hold(list, ms, &is_held), OK);
	return is_held;
}

/* A date covers all that it leaves open, from its first to its last millisecond in Bulgaria, and each prefix stands towards that as R4 says. */
static void
period_prefixes(void **state)
{
	static const struct {
		const char *date, *before, *first, *last, *after;
	} rows[] = {
		{ "2026", "2025-12-31T23:59:59.999+02:00", "2026-01-01T00:00:00+02:00", "2026-12-31T23:59:59.999+02:00", "2027-01-01T00:00:00+02:00" },
		{ "2026-03", "2026-02-28T23:59:59.999+02:00", "2026-03-01T00:00:00+02:00", "2026-03-31T23:59:59.999+03:00", "2026-04-01T00:00:00+03:00" },
		{ "2026-12", "2026-11-30T23:59:59.999+02:00", "2026-12-01T00:00:00+02:00", "2026-12-31T23:59:59.999+02:00", "2027-01-01T00:00:00+02:00" },
		/* a day of 23 hours */
		{ "2026-03-29", "2026-03-28T23:59:59.999+02:00", "2026-03-29T00:00:00+02:00", "2026-03-29T23:59:59.999+03:00", "2026-03-30T00:00:00+03:00" },
		{ "2026-11-22T10:00Z", "2026-11-22T09:59:59.999Z", "2026-11-22T10:00:00Z", "2026-11-22T10:00:59.999Z", "2026-11-22T10:01:00Z" },
		{ "2026-11-22T12:00", "2026-11-22T09:59:59.999Z", "2026-11-22T10:00:00Z", "2026-11-22T10:00:59.999Z", "2026-11-22T10:01:00Z" },
		{ "2026-11-22T12:00:30+02:00", "2026-11-22T10:00:29.999Z", "2026-11-22T10:00:30Z", "2026-11-22T10:00:30.999Z", "2026-11-22T10:00:31Z" },
		{ "2026-11-22T10:00:30.5Z", "2026-11-22T10:00:30.499Z", "2026-11-22T10:00:30.5Z", "2026-11-22T10:00:30.599Z", "2026-11-22T10:00:30.6Z" },
		{ "2026-11-22T10:00:30.500Z", "2026-11-22T10:00:30.499Z", "2026-11-22T10:00:30.5Z", "2026-11-22T10:00:30.5Z", "2026-11-22T10:00:30.501Z" },
	};
	static const struct {
		const char *prefix;
		bool before, within, after;
	} is[] = {
		{ "", false, true, false }, { "eq", false, true, false }, { "ne", true, false, true }, { "gt", false, false, true },
		{ "ge", false, true, true }, { "lt", true, false, false }, { "le", true, true, false }, { "sa", false, false, true },
		{ "eb", true, false, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t k = 0; k < sizeof(is) / sizeof(is[0]); k++) {
			const char *said = arena_fmt(*state, "%s%s", is[k].prefix, rows[i].date);

			if (holds(said, rows[i].before) != is[k].before || holds(said, rows[i].first) != is[k].within ||
			    holds(said, rows[i].last) != is[k].within || holds(said, rows[i].after) != is[k].after)
				fail_msg("%s", said);
		}
	assert_true(holds("2024,2026-11,2030", "2026-11-22T10:00:00Z"));
	assert_false(holds("2024,2026-10,gt2030", "2026-11-22T10:00:00Z"));
}

/* What is no date, or has a prefix of no such meaning, is refused wherever in a list it stands. */
static void
period_refused(void **state)
{
	static const char *const bad[] = {
		"", "gt", "202", "2026-13", "2026-00", "2026-02-30", "2026-1", "gt2026-13-01", "ap2026", "xx2026", "GT2026", "2026,", ",2026",
		"2026-11-22T", "2026-11-22T10", "2026-11-22T25:00", "2026-11-22T10:00:00Y", "2026-11-22 10:00:00Z", "0000", "2026-11-22T10:00:00.",
		"2026-11-22T10:00:00.12345678901234567890123456789Z",
	};
	bool is_held;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (fhir_periods_hold(bad[i], 0, &is_held) != ERR_BAD_DATE)
			fail_msg("%s", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { FIXTURE_TEST(period_prefixes), FIXTURE_TEST(period_refused) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
