/* SPDX-License-Identifier: EUPL-1.2 */
/* test_grounds - a consent holds through its last day in Bulgaria, and matters only where it is the ground. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/core/grounds.h"
#include "proto/base/clock.h"

static enum err
ask(const char *basis, const char *until, const char *now, bool is_offer)
{
	struct consent consent = { .given_by = "parent", .given_on = "2026-01-01", .valid_until = until };
	struct referral r = { .legal_basis = basis, .consent = &consent };
	struct transfer tr = { .legal_basis = basis, .consent = &consent };
	const struct record record = { .referral = is_offer ? NULL : &r, .transfer = is_offer ? &tr : NULL };
	struct why why = { .where = "" };
	int64_t now_ms;
	enum err e;

	assert_int_equal(clock_parse(now, &now_ms), OK);
	e = grounds_check(&record, now_ms, &why);
	assert_string_equal(why.where, e == OK ? "" : is_offer ? "transfer.consent.valid_until" : "referral.consent.valid_until");
	return e;
}

/* The last day is whole, by Bulgaria's midnight in summer and in winter. */
static void
the_last_day_is_whole(void **state)
{
	static const struct { const char *until, *now; enum err e; } cases[] = {
		{ "2026-03-02", "2026-03-02T21:59:59Z", OK }, { "2026-03-02", "2026-03-02T22:00:00Z", ERR_CONSENT_ENDED },
		{ "2026-07-02", "2026-07-02T20:59:59Z", OK }, { "2026-07-02", "2026-07-02T21:00:00Z", ERR_CONSENT_ENDED },
		{ "2026-12-31", "2026-12-31T21:59:59Z", OK }, { "2026-12-31", "2026-12-31T22:00:00Z", ERR_CONSENT_ENDED },
		{ "2027-01-01", "2026-12-31T12:00:00Z", OK }, { "2026-02-28", "2026-03-01T12:00:00Z", ERR_CONSENT_ENDED },
		{ "2026-04-01", "2026-03-31T12:00:00Z", OK }, { "2025-12-31", "2026-01-01T12:00:00Z", ERR_CONSENT_ENDED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ask("consent", cases[i].until, cases[i].now, false), cases[i].e);
		assert_int_equal(ask("consent", cases[i].until, cases[i].now, true), cases[i].e);
	}
}

/* On another basis, without an end, with a day that is none, without consent or basis, and in other records nothing is said here. */
static void
nothing_else_is_judged(void **state)
{
	const struct record status = { .status = &(struct status){ .to = "accepted" } };
	struct referral bare = { .legal_basis = "consent" };
	struct why why;

	(void)state;
	assert_int_equal(ask("duty-to-protect", "2020-01-01", "2026-03-02T12:00:00Z", false), OK);
	assert_int_equal(ask("consent", NULL, "2026-03-02T12:00:00Z", false), OK);
	assert_int_equal(ask("consent", "2020-13-01", "2026-03-02T12:00:00Z", true), OK);
	assert_int_equal(ask(NULL, "2020-01-01", "2026-03-02T12:00:00Z", true), OK);
	assert_int_equal(grounds_check(&status, 1, &why), OK);
	assert_int_equal(grounds_check(&(struct record){ .referral = &bare }, 1, &why), OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_day_is_whole),
		cmocka_unit_test(nothing_else_is_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
