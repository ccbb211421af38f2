/* SPDX-License-Identifier: EUPL-1.2 */
/* What a referral's state asks for as time goes by: a waiting list is looked at again, an outcome acknowledged, in virtual time. */
#include "tests/support/upkeep_paper.h"

#include "adapters/core/upkeep.h"

#define LIST "status.waitlist.position=4\nstatus.waitlist.review_by=2026-12-24\n"

static int64_t
end_of(const char *day)
{
	struct civil c;

	assert_int_equal(clock_parse_date(day, &c), OK);
	c.hour = 23;
	c.minute = c.second = 59;
	return clock_from_sofia(&c);
}

/* What rests (T17) is looked at again by the day that it names, else by the configuration's; both sides see that it was not, until it goes on. */
static void
rest_not_reviewed(void **state)
{
	static const char *const MORE[] = { "status.reason_text=x\n", "status.reason_text=x\nstatus.waitlist.review_by=2026-12-24\n" };

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct paper *p = upkeep_referred();
		int64_t due_ms = 0;
		unsigned n;

		upkeep_say(p, 1, "s1", "accepted", "");
		upkeep_say(p, 1, "s2", "on-hold", MORE[k]);
		for (size_t i = 0; i < 2; i++) {
			due_ms = upkeep_asked(p, i, DUTY_UNREVIEWED, &n).upkeep_ms;
			assert_int_equal(n, 1);
			p->party[i].told[0] = '\0';
		}
		assert_true(k == 1 ? due_ms == end_of("2026-12-24") : due_ms > p->now_ms && due_ms <= p->now_ms + 31 * CLOCK_DAY);
		upkeep_both_at(p, due_ms + CLOCK_HOUR);
		for (size_t i = 0; i < 2; i++)
			assert_int_equal(upkeep_times_told(p, i, "fact=unreviewed"), 1);
		upkeep_say(p, 1, "s3", "in-progress", "");
		for (size_t i = 0; i < 2; i++)
			assert_int_equal(upkeep_n_asked(p, i, DUTY_UNREVIEWED), 0);
		paper_down(p);
	}
}

/* A waiting list that nobody looks at on its day is told to both sides, not before, once; looking at it again ends that. */
static void
list_not_reviewed(void **state)
{
	struct paper *p = upkeep_referred();
	unsigned n;

	(void)state;
	upkeep_say(p, 1, "s1", "waitlisted", LIST);
	for (size_t i = 0; i < 2; i++) {
		struct duty d = upkeep_asked(p, i, DUTY_UNREVIEWED, &n);

		assert_int_equal(n, 1);
		assert_int_equal(d.upkeep_ms, end_of("2026-12-24"));
		assert_string_equal(d.from, world_ids[1]);	/* who keeps the list owes it */
		assert_string_equal(d.to, world_ids[0]);
		p->party[i].told[0] = '\0';
	}
	upkeep_both_at(p, end_of("2026-12-24") - 1);
	assert_int_equal(upkeep_times_told(p, 0, "unreviewed") + upkeep_times_told(p, 1, "unreviewed"), 0);
	for (int again = 0; again < 3; again++)
		upkeep_both_at(p, end_of("2026-12-24") + again * CLOCK_HOUR);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(upkeep_times_told(p, i, "fact=unreviewed"), 1);
		assert_int_equal(upkeep_n_asked(p, i, DUTY_UNREVIEWED), 1);	/* it still is not */
	}
	upkeep_say(p, 1, "s2", "waitlisted", "status.transition=T10\nstatus.waitlist.review_by=2027-02-01\n");
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(upkeep_asked(p, i, DUTY_UNREVIEWED, &n).upkeep_ms, end_of("2027-02-01"));
		assert_int_equal(n, 1);
	}
	upkeep_say(p, 1, "s3", "accepted", "");
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(upkeep_n_asked(p, i, DUTY_UNREVIEWED), 0);
	paper_down(p);
}

/* A list without a day gets the configured one, told to both as assumed; a child that leaves it by the other side's wish ends its clock. */
static void
list_without_a_day(void **state)
{
	struct paper *p = upkeep_referred();
	unsigned n;

	(void)state;
	upkeep_say(p, 1, "s1", "waitlisted", "status.waitlist.position=4\n");
	for (size_t i = 0; i < 2; i++) {
		int64_t due = upkeep_asked(p, i, DUTY_UNREVIEWED, &n).upkeep_ms;

		assert_int_equal(n, 1);
		assert_true(due > p->now_ms + 29 * CLOCK_DAY && due < p->now_ms + 32 * CLOCK_DAY);
	}
	upkeep_say(p, 0, "s2", "cancel-requested", "status.reason_text=x\n");
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(upkeep_n_asked(p, i, DUTY_UNREVIEWED), 0);
	paper_down(p);
}

/* Takes the referral to its end at the recipient's. */
static struct paper *
closed(void)
{
	struct paper *p = upkeep_referred();

	upkeep_say(p, 1, "s1", "accepted", "");
	upkeep_say(p, 1, "s2", "completed", "status.outcome.outcome=need-met\n");
	assert_int_equal(upkeep_n_asked(p, 0, DUTY_ACKNOWLEDGED), 1);
	assert_int_equal(upkeep_n_asked(p, 1, DUTY_ACKNOWLEDGED), 0);	/* it owes nothing more */
	return p;
}

/* An outcome that nobody answers is acknowledged by the initiator's adapter on the fourteenth day: one message, whatever the clock does. */
static void
acknowledged_once(void **state)
{
	struct paper *p = closed();
	int64_t closed_ms = p->now_ms;
	uint64_t had = paper_thread(p, 1, "R-1").others[0].taken;

	(void)state;
	upkeep_both_at(p, closed_ms + 14 * CLOCK_DAY - 1);
	assert_int_equal(paper_thread(p, 1, "R-1").others[0].taken, had);
	upkeep_both_at(p, closed_ms + 400 * CLOCK_DAY);	/* the clock jumps */
	upkeep_both_at(p, closed_ms + CLOCK_DAY);		/* and back */
	upkeep_both_at(p, closed_ms + 15 * CLOCK_DAY);
	assert_int_equal(paper_thread(p, 1, "R-1").others[0].taken, had + 1);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_COMPLETED);
	assert_int_equal(upkeep_times_told(p, 0, "fact=acknowledged"), 1);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(upkeep_n_asked(p, i, DUTY_ACKNOWLEDGED), 0);
	paper_down(p);
}

/* A crash between the clock and the sending neither loses nor doubles it. */
static void
acknowledged_after_a_crash(void **state)
{
	struct paper *p = closed();
	uint64_t had = paper_thread(p, 1, "R-1").others[0].taken;
	int64_t later = p->now_ms + 14 * CLOCK_DAY;
	struct adapter *a = p->party[0].desk.adapter;
	struct txn *txn;
	uint64_t no;

	(void)state;
	p->now_ms = later;
	arena_reset(a->mem);
	txn = store_write(a->p.store);
	assert_true(duty_due(txn, later, &no));
	for (struct duty d; duty_due(txn, later, &no);) {
		assert_true(duty_get(txn, no, &d));
		if (duty_turn(&d, later) & 1u << DUTY_ACKNOWLEDGED)
			assert_int_equal(upkeep_due(a, txn, &d), OK);
		duty_put(txn, a->mem, &d, later);
	}
	assert_int_equal(txn_commit(txn), OK);
	assert_int_equal(paper_count(p, 0, TABLE_ERRANDS), 1);
	for (int again = 0; again < 2; again++) {
		adesk_stop(&p->party[0].desk);
		adesk_start(&p->party[0].desk);
		paper_greet(p, 0, 1000);
		upkeep_both_at(p, later + again + 1);
	}
	assert_int_equal(paper_count(p, 0, TABLE_ERRANDS), 0);
	assert_int_equal(paper_thread(p, 1, "R-1").others[0].taken, had + 1);
	paper_down(p);
}

/* Whoever acknowledges in time, or between the clock and the errand, is the one that did. */
static void
a_person_was_first(void **state)
{
	struct paper *p = closed();
	uint64_t had = paper_thread(p, 1, "R-1").others[0].taken;
	struct adapter *a = p->party[0].desk.adapter;
	struct duty d;
	struct txn *txn;
	unsigned n;

	(void)state;
	d = upkeep_asked(p, 0, DUTY_ACKNOWLEDGED, &n);
	arena_reset(a->mem);
	txn = store_write(a->p.store);
	assert_int_equal(upkeep_due(a, txn, &d), OK);
	assert_int_equal(txn_commit(txn), OK);
	upkeep_say(p, 0, "t1", "completed", "status.transition=T31\nstatus.satisfied=true\n");
	upkeep_both_at(p, p->now_ms + 30 * CLOCK_DAY);
	assert_int_equal(paper_count(p, 0, TABLE_ERRANDS), 0);
	assert_int_equal(paper_thread(p, 1, "R-1").others[0].taken, had + 1);
	assert_int_equal(upkeep_times_told(p, 0, "fact=acknowledged"), 0);
	paper_down(p);
}

/* A referral entered in error has no outcome to acknowledge. */
static void
taken_for_an_error(void **state)
{
	struct paper *p = closed();
	uint64_t had = paper_thread(p, 1, "R-1").others[0].taken;

	(void)state;
	upkeep_say(p, 0, "t1", "entered-in-error", "status.reason_text=x\n");
	upkeep_both_at(p, p->now_ms + 30 * CLOCK_DAY);
	assert_int_equal(paper_thread(p, 1, "R-1").others[0].taken, had + 1);
	assert_int_equal(upkeep_n_asked(p, 0, DUTY_ACKNOWLEDGED), 0);
	paper_down(p);
}

/* A look at the waiting list, or a place for the child, that is taken back was none: the day of the step before it counts again, at both
 * sides, and no other; what was taken back asks for nothing.
 */
static void
list_step_taken_back(void **state)
{
	struct paper *p = upkeep_referred();
	unsigned n;

	(void)state;
	upkeep_say(p, 1, "s1", "waitlisted", LIST);
	upkeep_say(p, 1, "s2", "waitlisted", "status.transition=T10\nstatus.waitlist.position=2\nstatus.waitlist.review_by=2027-02-01\n");
	upkeep_say(p, 1, "s3", "accepted", "");
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(upkeep_n_asked(p, i, DUTY_UNREVIEWED), 0);
	upkeep_take_back(p, 1);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(paper_thread(p, i, "R-1").state, STATE_WAITLISTED);
		assert_int_equal(upkeep_asked(p, i, DUTY_UNREVIEWED, &n).upkeep_ms, end_of("2027-02-01"));
		assert_int_equal(n, 1);
	}
	paper_down(p);
	p = upkeep_referred();
	upkeep_say(p, 1, "s1", "waitlisted", LIST);
	upkeep_say(p, 1, "s2", "waitlisted", "status.transition=T10\nstatus.waitlist.position=2\nstatus.waitlist.review_by=2027-02-01\n");
	upkeep_take_back(p, 1);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(upkeep_asked(p, i, DUTY_UNREVIEWED, &n).upkeep_ms, end_of("2026-12-24"));
		assert_int_equal(n, 1);
		p->party[i].told[0] = '\0';
	}
	upkeep_both_at(p, end_of("2026-12-24") + 1);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(upkeep_times_told(p, i, "fact=unreviewed"), 1);
	paper_down(p);
	p = upkeep_referred();
	upkeep_say(p, 1, "s1", "waitlisted", LIST);
	upkeep_take_back(p, 1);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(upkeep_n_asked(p, i, DUTY_UNREVIEWED), 0);
	paper_down(p);
}

/* Both acted at once, and what overrode the look at the list is taken back: both sides know the new day. */
static void
list_step_beside_another(void **state)
{
	struct paper *p = upkeep_referred();
	struct span ours, theirs;
	unsigned n;

	(void)state;
	upkeep_say(p, 1, "s1", "waitlisted", LIST);
	p->party[0].n_sent = p->party[1].n_sent = 0;
	assert_non_null(paper_take(p, 0, adesk_status(p->mem, "t1", "R-1", "cancel-requested", "status.reason_text=x\n")));
	ours = p->party[0].sent[p->party[0].n_sent - 1];
	assert_non_null(paper_take(p, 1, adesk_status(p->mem, "s2", "R-1", "waitlisted",
						      "status.transition=T10\nstatus.waitlist.position=2\nstatus.waitlist.review_by=2027-02-01\n")));
	theirs = p->party[1].sent[p->party[1].n_sent - 1];
	p->party[0].n_sent = p->party[1].n_sent = 0;
	assert_int_equal(paper_accept(p, 0, ours, LIE_NOT), OK);
	assert_int_equal(paper_accept(p, 1, theirs, LIE_NOT), OK);
	assert_int_equal(paper_deliver(p, 1, ours, LIE_NOT), OK);
	assert_int_equal(paper_deliver(p, 0, theirs, LIE_NOT), OK);
	paper_run(p);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(paper_thread(p, i, "R-1").state, STATE_CANCEL_REQUESTED);
		assert_int_equal(upkeep_n_asked(p, i, DUTY_UNREVIEWED), 0);
	}
	upkeep_take_back(p, 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(paper_thread(p, i, "R-1").state, STATE_WAITLISTED);
		assert_int_equal(upkeep_asked(p, i, DUTY_UNREVIEWED, &n).upkeep_ms, end_of("2027-02-01"));
		assert_int_equal(n, 1);
	}
	paper_down(p);
}

/* Of an outcome that is taken back nothing is acknowledged any more; an acknowledgement that is taken back is owed again, and done on its
 * day if nobody does it.
 */
static void
outcome_taken_back(void **state)
{
	struct paper *p = closed();
	int64_t due;
	unsigned n;

	(void)state;
	due = upkeep_asked(p, 0, DUTY_ACKNOWLEDGED, &n).upkeep_ms;
	upkeep_say(p, 0, "t1", "completed", "status.transition=T31\nstatus.satisfied=true\n");
	assert_int_equal(upkeep_n_asked(p, 0, DUTY_ACKNOWLEDGED), 0);
	upkeep_take_back(p, 0);
	assert_int_equal(upkeep_asked(p, 0, DUTY_ACKNOWLEDGED, &n).upkeep_ms, due);
	assert_int_equal(n, 1);
	upkeep_both_at(p, due + 1);
	assert_int_equal(upkeep_times_told(p, 0, "fact=acknowledged"), 1);
	assert_int_equal(upkeep_n_asked(p, 0, DUTY_ACKNOWLEDGED), 0);
	paper_down(p);
	p = closed();
	upkeep_take_back(p, 1);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(paper_thread(p, i, "R-1").state, STATE_ACCEPTED);
	assert_int_equal(upkeep_n_asked(p, 0, DUTY_ACKNOWLEDGED), 0);
	upkeep_both_at(p, due + 20 * CLOCK_DAY);
	assert_int_equal(upkeep_times_told(p, 0, "fact=acknowledged"), 0);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rest_not_reviewed),
		cmocka_unit_test(list_not_reviewed), cmocka_unit_test(list_without_a_day), cmocka_unit_test(acknowledged_once),
		cmocka_unit_test(acknowledged_after_a_crash), cmocka_unit_test(a_person_was_first), cmocka_unit_test(taken_for_an_error),
		cmocka_unit_test(list_step_taken_back), cmocka_unit_test(list_step_beside_another), cmocka_unit_test(outcome_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
