/* SPDX-License-Identifier: EUPL-1.2 */
/* test_grounds - a consent holds through its last day in Bulgaria, reaches whom it names, and matters only where it is the ground. */
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
	e = grounds_check(&record, NULL, now_ms, &why);
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
	assert_int_equal(grounds_check(&status, NULL, 1, &why), OK);
	assert_int_equal(grounds_check(&(struct record){ .referral = &bare }, NULL, 1, &why), OK);
}

/* Who is who, without keys. */
static const struct directory *
three_agencies(void)
{
	static struct agency agencies[] = { { .id = "cop-1", .kind = "cop" }, { .id = "mvr-1", .kind = "mvr" }, { .id = "school-1", .kind = "school" } };
	static const struct directory d = { .agencies = agencies, .n_agencies = 3 };

	return &d;
}

static enum err
name(const char *basis, const char *allowed, const struct directory *d, const char *to, struct why *why)
{
	struct consent consent = { .recipients_allowed = { .items = (const char *[]){ "gp", allowed }, .n = 2 } };
	struct party target = { .agency = to };
	struct referral r = { .legal_basis = basis, .consent = &consent, .target = &target };

	return grounds_check(&(struct record){ .referral = &r }, d, 1, why);
}

/* An entry is an id, a kind or a sector; the police are of no social sector. Without a directory what looks like an id may be one, and the target is
 * not judged. What is allowed is said, and nothing is on another basis. */
static void
recipients_are_named(void **state)
{
	static const struct { const char *allowed, *to; enum err e, blind; } cases[] = {
		{ "cop-1", "cop-1", OK, OK }, { "cop", "cop-1", OK, OK }, { "social", "cop-1", OK, OK }, { "coordination", "mvr-1", OK, OK },
		{ "social", "mvr-1", ERR_CONSENT_RECIPIENT, OK }, { "education", "school-1", OK, OK }, { "cop-1", "school-1", ERR_CONSENT_RECIPIENT, OK },
		{ "cop-2", "cop-1", ERR_CONSENT_NAMES, OK }, { "ЦОП „Пловдив“", "cop-1", ERR_CONSENT_NAMES, ERR_CONSENT_NAMES },
		{ "Cop", "cop-1", ERR_CONSENT_NAMES, ERR_CONSENT_NAMES }, { "cop", "nobody", ERR_UNKNOWN_AGENCY, OK },
	};
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(name("consent", cases[i].allowed, three_agencies(), cases[i].to, &why), cases[i].e);
		if (cases[i].e == ERR_CONSENT_NAMES)
			assert_string_equal(why.where, "referral.consent.recipients_allowed[1]");
		if (cases[i].e == ERR_CONSENT_RECIPIENT)
			assert_non_null(strstr(why.text, cases[i].allowed));
		assert_int_equal(name("consent", cases[i].allowed, NULL, cases[i].to, &why), cases[i].blind);
		if (cases[i].e != ERR_UNKNOWN_AGENCY)
			assert_int_equal(name("court-order", cases[i].allowed, three_agencies(), cases[i].to, &why), OK);
	}
}

/* Of a long list as much is said as there is room for. */
static void
a_long_list_is_cut(void **state)
{
	const char *items[32];
	struct consent consent = { .recipients_allowed = { .items = items, .n = 32 } };
	struct why why;

	(void)state;
	for (size_t i = 0; i < 32; i++)
		items[i] = "family-type-placement";
	assert_int_equal(grounds_check_recipient("consent", &consent, three_agencies(), "cop-1", "here", &why), ERR_CONSENT_RECIPIENT);
	assert_string_equal(why.where, "here");
	assert_true(strlen(why.text) > 150 && strlen(why.text) < sizeof(why.text) - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_day_is_whole),
		cmocka_unit_test(nothing_else_is_judged),
		cmocka_unit_test(recipients_are_named),
		cmocka_unit_test(a_long_list_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
