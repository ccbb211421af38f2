/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of adapters/core/steps.c: a step that the other side's system refuses has never been, at either side. Party 1 got the referral of party 0. */
#include "adapters/core/steps.h"
#include "tests/support/paper_hub.h"

static struct paper *
refer(void)
{
	struct paper *p = paper_up();

	paper_refer(p, "R-1", "routine");
	paper_run(p);
	assert_int_equal(strncmp(paper_take(p, 1, "confirms=R-1\ncase_no=7/26\n"), "OK ", 3), 0);
	paper_run(p);
	return p;
}

static void
say(struct paper *p, size_t i, const char *id, const char *to)
{
	const char *answer = paper_take(p, i, adesk_status(p->mem, id, "R-1", to, i == 0 ? "status.reason_text=x\n" : ""));

	if (answer == NULL || strncmp(answer, "OK ", 3) != 0)
		fail_msg("%s: %s", id, answer);
}

/* The next record that came to it is handed to its system, which says so. */
static void
system_says(struct paper *p, size_t i, const char *answer)
{
	p->party[i].hand = HAND_NOW;
	p->party[i].answer = answer;
	paper_tick(p, i, 0);
	p->party[i].hand = HAND_BUSY;
}

static void
both_are(struct paper *p, enum state state)
{
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(lifecycle_state_code(paper_thread(p, i, "R-1").state), lifecycle_state_code(state));
}

static void
restart(struct paper *p, size_t i)
{
	adesk_stop(&p->party[i].desk);
	adesk_start(&p->party[i].desk);
	paper_greet(p, i, 1000);
}

/* A step that was refused can be said again, corrected, as if it had never been; both sides may die at any time in between. */
static void
refused_and_said_again(void **state)
{
	struct paper *p = refer();

	(void)state;
	p->party[0].hand = HAND_BUSY;
	say(p, 1, "S-1", "accepted");
	paper_run(p);
	both_are(p, STATE_ACCEPTED);
	system_says(p, 0, "never");
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_REQUESTED);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_ACCEPTED);	/* it has not heard of it */
	restart(p, 0);
	restart(p, 1);
	paper_run(p);
	both_are(p, STATE_REQUESTED);
	restart(p, 1);
	assert_int_equal(paper_thread(p, 1, "R-1").step, 0);
	say(p, 1, "S-2", "accepted");
	paper_run(p);
	both_are(p, STATE_ACCEPTED);
	system_says(p, 0, "taken");
	paper_run(p);
	both_are(p, STATE_ACCEPTED);
	assert_int_equal(paper_thread(p, 1, "R-1").my_seq, 2);
	paper_down(p);
}

/* What was said after it and taken stays; when that is refused, too, both are where they were before either. */
static void
later_steps_stay(void **state)
{
	struct paper *p = refer();

	(void)state;
	p->party[0].hand = HAND_BUSY;
	say(p, 1, "S-1", "accepted");
	say(p, 1, "S-2", "in-progress");
	paper_run(p);
	system_says(p, 0, "never");
	paper_run(p);
	both_are(p, STATE_IN_PROGRESS);
	system_says(p, 0, "never");
	paper_run(p);
	both_are(p, STATE_REQUESTED);
	paper_down(p);
}

/* The same of what the other side has answered to it. */
static void
answered_steps_stay(void **state)
{
	struct paper *p = refer();

	(void)state;
	p->party[0].hand = p->party[1].hand = HAND_BUSY;
	say(p, 1, "S-1", "accepted");
	paper_run(p);
	say(p, 0, "S-2", "cancel-requested");
	paper_run(p);
	system_says(p, 0, "never");
	paper_run(p);
	both_are(p, STATE_CANCEL_REQUESTED);
	system_says(p, 1, "never");
	paper_run(p);
	both_are(p, STATE_REQUESTED);
	paper_down(p);
}

/* What was said from a state that is no more, before its author heard so, is refused, and has never been either. */
static void
said_before_it_was_heard(void **state)
{
	struct paper *p = refer();

	(void)state;
	p->party[0].hand = HAND_BUSY;
	say(p, 1, "S-1", "accepted");
	paper_run(p);
	system_says(p, 0, "never");
	say(p, 1, "S-2", "in-progress");
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_IN_PROGRESS);
	paper_run(p);
	both_are(p, STATE_REQUESTED);
	assert_int_equal(paper_count(p, 1, TABLE_UNSEEN), 2);
	say(p, 1, "S-3", "received");
	paper_run(p);
	both_are(p, STATE_RECEIVED);
	paper_down(p);
}

/* Of two that were said at once the refused one leaves the other. */
static void
refused_beside_another(void **state)
{
	struct paper *p = refer();

	(void)state;
	p->party[0].hand = p->party[1].hand = HAND_BUSY;
	say(p, 0, "S-1", "withdrawn");
	say(p, 1, "S-2", "accepted");
	paper_run(p);
	both_are(p, STATE_WITHDRAWN);
	system_says(p, 1, "never");
	paper_run(p);
	both_are(p, STATE_ACCEPTED);
	assert_true(paper_thread(p, 1, "R-1").is_step_ours && !paper_thread(p, 0, "R-1").is_step_ours);
	assert_true(paper_thread(p, 1, "R-1").step != 0 && paper_thread(p, 0, "R-1").step != 0);
	paper_down(p);
}

static void
says(struct paper *p, size_t i, const char *text)
{
	const char *answer = paper_take(p, i, text);

	if (answer == NULL || strncmp(answer, "OK ", 3) != 0)
		fail_msg("%s: %s", text, answer);
	paper_run(p);
}

/* An appointment that was missed, and was refused by the other side's system, was not missed; the word of who is responsible counts at both sides
 * although a system would not be told, since that step ends what both adapters know to have gone elsewhere.
 */
static void
what_went_before(void **state)
{
	struct paper *p = refer();

	(void)state;
	say(p, 1, "S-1", "accepted");
	says(p, 1, adesk_status(p->mem, "S-2", "R-1", "scheduled", "status.appointment.start=2026-03-09T10:00:00Z\n"));
	for (int i = 0; i < 4; i++) {
		system_says(p, 0, "taken");
		system_says(p, 0, "taken");
		p->party[0].hand = HAND_BUSY;
		says(p, 1, adesk_status(p->mem, arena_fmt(p->mem, "M-%d", i), "R-1", "scheduled", arena_fmt(p->mem, "status.attempt_no=%d\n", i + 1)));
		system_says(p, 0, i == 1 ? "never" : "taken");
		paper_run(p);
		for (size_t k = 0; k < 2; k++) {
			struct thread t = paper_thread(p, k, "R-1");

			assert_int_equal(casebook_past(&t).no_shows, i < 1 ? i + 1 : i);
		}
		restart(p, i < 2);
	}
	says(p, 1, "id=r\nkind=responsibility-change\nresponsibility.referral_id=R-1\nresponsibility.old_agency=a\nresponsibility.new_agency=b\n"
		   "responsibility.municipality=PDV01\nresponsibility.effective_on=2026-03-02\n");
	system_says(p, 0, "never");
	paper_run(p);
	both_are(p, STATE_SCHEDULED);
	says(p, 1, adesk_status(p->mem, "T-1", "R-1", "transferred", "status.new_target=b\n"));
	both_are(p, STATE_TRANSFERRED);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused_and_said_again), cmocka_unit_test(later_steps_stay), cmocka_unit_test(answered_steps_stay),
		cmocka_unit_test(said_before_it_was_heard), cmocka_unit_test(refused_beside_another),
		cmocka_unit_test(what_went_before),
	};

	return cmocka_run_group_tests_name("steps", tests, NULL, NULL);
}
