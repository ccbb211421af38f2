/* SPDX-License-Identifier: EUPL-1.2 */
/* Deadlines of referrals and steps: rules, working days, limits. */
#include "adapters/core/terms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define AT "2026-04-08T10:00:00+03:00"	/* the Wednesday before Easter: Friday to Monday are off */

static char const *const off[] = { "2026-04-14" };
static const struct adapter_deadline_rule rules[] = {
	{ .priority = 1, .service_kind = "needs-assessment", .by.respond_by = { .ms = 20 * CLOCK_DAY } },
	{ .municipality = "PDV22", .by = { .registered_by = { .working_days = 1 }, .respond_by = { .working_days = 3 } } },
	{ .service_kind = "needs-assessment", .by.respond_by = { .ms = CLOCK_DAY } },
};
static const struct adapter_config config = {
	.deadlines = {
		.routine = { { .working_days = 3 }, { .ms = 7 * CLOCK_DAY }, { .ms = 90 * CLOCK_DAY } },
		.urgent = { { .ms = CLOCK_DAY }, { .ms = CLOCK_DAY }, { .ms = 30 * CLOCK_DAY } },
		.emergency = { { .ms = CLOCK_HOUR }, { .ms = CLOCK_DAY }, { .ms = 7 * CLOCK_DAY } },
		.answer_by = { .working_days = 3 },
		.cancel_by = { .working_days = 2 },
	},
	.deadline_rules = rules,
	.n_deadline_rules = 3,
	.calendar = { .days_off = off, .n_days_off = 1 },
};

static const struct terms_from from = { &config, NULL };

static int64_t
ms_of(const char *text)
{
	int64_t ms = 0;

	assert_int_equal(clock_parse(text, &ms), OK);
	return ms;
}

static void
at_is(int64_t ms, const char *text)
{
	char said[CLOCK_TEXT_LEN];

	clock_format_sofia(ms, said);
	assert_string_equal(said, text);
}

static struct calendar
days(int32_t room[static 1])
{
	struct calendar c;

	assert_int_equal(terms_calendar_days(&config), 1);
	terms_calendar(&config, room, &c);
	return c;
}

/* The first rule that fits sets what it gives, the priority the rest; a day that was called off does not count. */
static void
rules_in_order(void **state)
{
	struct referral r = { .priority = "routine", .service_kind = "needs-assessment" };
	struct address home = { .municipality = "PDV22" };
	struct person child = { .address = &home };
	struct calendar calendar;
	struct terms t;
	int32_t room[1];

	(void)state;
	calendar = days(room);
	terms_referral(&from, &calendar, &r, ms_of(AT), &t);
	at_is(t.registered_by_ms, "2026-04-16T23:59:59+03:00");	/* 9, 15, 16: the 14th was called off */
	at_is(t.respond_by_ms, "2026-04-28T10:00:00+03:00");
	at_is(t.expires_ms, "2026-07-07T10:00:00+03:00");
	r.priority = "urgent";	/* the first rule is of routine alone */
	terms_referral(&from, &calendar, &r, ms_of(AT), &t);
	at_is(t.respond_by_ms, "2026-04-09T10:00:00+03:00");
	r.child = &child;
	terms_referral(&from, &calendar, &r, ms_of(AT), &t);
	at_is(t.registered_by_ms, "2026-04-09T23:59:59+03:00");
	at_is(t.respond_by_ms, "2026-04-16T23:59:59+03:00");
	r = (struct referral){ .priority = "emergency", .service_kind = "crisis-placement" };
	terms_referral(&from, &calendar, &r, ms_of(AT), &t);
	at_is(t.registered_by_ms, "2026-04-08T11:00:00+03:00");
}

/* A referral's own respond_by counts, held between a minute and 400 days; the other clocks keep their order with it. */
static void
own_respond_by(void **state)
{
	const int64_t at = ms_of(AT);
	const struct { int64_t own, respond, registered, expires; } rows[] = {
		{ at + CLOCK_DAY, at + CLOCK_DAY, at + CLOCK_DAY, at + 90 * CLOCK_DAY },
		{ at - CLOCK_DAY, at + CLOCK_MINUTE, at + CLOCK_MINUTE, at + 90 * CLOCK_DAY },
		{ at + 200 * CLOCK_DAY, at + 200 * CLOCK_DAY, 0, at + 200 * CLOCK_DAY },
		{ at + 1000 * CLOCK_DAY, at + 400 * CLOCK_DAY, 0, at + 400 * CLOCK_DAY },
	};
	struct calendar calendar;
	struct terms t;
	int32_t room[1];

	(void)state;
	calendar = days(room);
	for (size_t i = 0; i < 4; i++) {
		int64_t own = rows[i].own;
		struct referral r = { .priority = "routine", .service_kind = "information", .respond_by = &own };

		terms_referral(&from, &calendar, &r, at, &t);
		assert_int_equal(t.respond_by_ms, rows[i].respond);
		assert_int_equal(t.expires_ms, rows[i].expires);
		if (rows[i].registered)
			assert_int_equal(t.registered_by_ms, rows[i].registered);
		else
			at_is(t.registered_by_ms, "2026-04-16T23:59:59+03:00");
	}
}

/* Questions, their answers and wishes to cancel want an answer; other steps only that they are registered. */
static void
steps(void **state)
{
	const struct referral r = { .priority = "urgent", .service_kind = "information" };
	const int64_t at = ms_of(AT), asked = at + 5 * CLOCK_DAY;
	struct calendar calendar;
	struct terms t;
	int32_t room[1];

	(void)state;
	calendar = days(room);
	terms_status(&from, &calendar, &r, &(struct status){ .transition = "T03" }, at, &t);
	at_is(t.respond_by_ms, "2026-04-16T23:59:59+03:00");
	terms_status(&from, &calendar, &r, &(struct status){ .transition = "T03", .answer_by = &asked }, at, &t);
	assert_int_equal(t.respond_by_ms, asked);
	terms_status(&from, &calendar, &r, &(struct status){ .transition = "T04" }, at, &t);
	assert_int_equal(t.respond_by_ms, at + CLOCK_DAY);
	terms_status(&from, &calendar, &r, &(struct status){ .transition = "T20" }, at, &t);
	at_is(t.respond_by_ms, "2026-04-15T23:59:59+03:00");
	terms_status(&from, &calendar, &r, &(struct status){ .transition = "T05" }, at, &t);
	assert_int_equal(t.respond_by_ms, 0);
	assert_int_equal(t.registered_by_ms, at + CLOCK_DAY);
}

/* The programme's rules stand behind what our own configuration says, and before what nobody has said. */
static void
programme_between(void **state)
{
	static struct rule_deadline theirs[] = {
		{ .priority = 1, .registered_by = { .working_days = 1 }, .respond_by = { .ms = 9 * CLOCK_DAY } },
		{ .service_kind = "mentoring", .expires = { .ms = 50 * CLOCK_DAY } },
	};
	const struct rules programme = { .deadlines = theirs, .n_deadlines = 2 };
	struct adapter_config ours = config;
	const struct terms_from both = { &ours, &programme };
	struct referral r = { .priority = "routine", .service_kind = "mentoring" };
	struct adapter_deadlines by;

	(void)state;
	ours.n_deadline_rules = 0;
	terms_rule(&both, &r, &by);	/* all three said by us */
	assert_true(by.registered_by.working_days == 3 && by.respond_by.ms == 7 * CLOCK_DAY && by.expires.ms == 90 * CLOCK_DAY);
	ours.deadlines.routine.registered_by.is_default = ours.deadlines.routine.respond_by.is_default =
		ours.deadlines.routine.expires.is_default = true;
	terms_rule(&both, &r, &by);
	assert_true(by.registered_by.working_days == 1 && by.respond_by.ms == 9 * CLOCK_DAY && by.expires.ms == 50 * CLOCK_DAY);
	r.service_kind = "needs-assessment";
	terms_rule(&both, &r, &by);	/* nobody has said when it expires */
	assert_int_equal(by.expires.ms, 90 * CLOCK_DAY);
	ours.n_deadline_rules = 3;
	terms_rule(&both, &r, &by);	/* our own rule says when to answer, and nothing else */
	assert_true(by.respond_by.ms == 20 * CLOCK_DAY && by.registered_by.working_days == 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_in_order), cmocka_unit_test(own_respond_by), cmocka_unit_test(steps), cmocka_unit_test(programme_between),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
