/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/returned.h"
#include "tests/support/paper_hub.h"

static char listed[4][MSGID_TEXT_LEN];
static size_t n_listed;

static void
keep(void *arg, const struct dead *d)
{
	assert_ptr_equal(arg, listed);
	assert_string_equal(d->to, world_ids[1]);
	assert_int_not_equal(d->code, OK);
	snprintf(listed[n_listed++], MSGID_TEXT_LEN, "%s", d->id);
}

static size_t
list(struct paper *p)
{
	n_listed = 0;
	returned_each(p->party[0].desk.adapter, 4, keep, listed);
	return n_listed;
}

/* A referral that its recipient's system refused lies among the dead letters until it is sent once more: a new message under the old
 * number, which can be registered. */
static void
referral_goes_again(void **state)
{
	struct paper *p = paper_up();
	struct paper_party *q = &p->party[1];
	char id[MSGID_TEXT_LEN], again[MSGID_TEXT_LEN];
	struct why why = { 0 };
	struct thread before;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	q->hand = HAND_NOW;
	q->answer = "never";
	paper_tick(p, 1, 0);
	paper_run(p);
	before = paper_thread(p, 0, "R-1");
	assert_int_equal(before.refused, ERR_SYSTEM_REFUSED);
	assert_int_equal(list(p), 1);
	snprintf(id, sizeof(id), "%s", listed[0]);
	p->now_ms += 400 * CLOCK_DAY;	/* also when its term is over */
	assert_int_equal(returned_resend(p->party[0].desk.adapter, id, again, &why), OK);
	assert_string_not_equal(id, again);
	assert_int_equal(list(p), 0);
	assert_int_equal(returned_resend(p->party[0].desk.adapter, id, again, &why), ERR_NOTFOUND);
	q->answer = "case C-1";
	paper_run(p);
	paper_tick(p, 1, 0);
	paper_run(p);
	assert_string_equal(paper_thread(p, 0, "R-1").external_no, "C-1");
	assert_int_equal(paper_thread(p, 0, "R-1").refused, OK);
	assert_int_not_equal(memcmp(paper_thread(p, 0, "R-1").id.b, before.id.b, THREAD_LEN), 0);
	paper_down(p);
}

/* A step that the other system refused was none, at either side: it goes again as the next of its thread, and is taken. */
static void
step_goes_again(void **state)
{
	struct paper *p = paper_up();
	struct paper_party *q = &p->party[1];
	char again[MSGID_TEXT_LEN];
	struct why why = { 0 };

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	q->hand = HAND_NOW;
	q->answer = "case C-1";
	paper_tick(p, 1, 0);
	paper_run(p);
	assert_non_null(paper_take(p, 0, adesk_status(p->mem, "S-1", "R-1", "withdrawn", "")));
	paper_run(p);
	q->answer = "never";
	paper_tick(p, 1, 0);
	paper_run(p);
	assert_int_equal(list(p), 1);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(paper_thread(p, i, "R-1").state, STATE_REQUESTED);
	q->answer = "taken";
	q->n_handed = 0;
	assert_int_equal(returned_resend(p->party[0].desk.adapter, listed[0], again, &why), OK);
	paper_run(p);
	paper_tick(p, 1, 0);
	assert_int_equal(paper_thread(p, 0, "R-1").my_seq, 3);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(paper_thread(p, i, "R-1").state, STATE_WITHDRAWN);
	assert_int_equal(q->n_handed, 1);
	assert_int_equal(list(p), 0);
	paper_down(p);
}

#define BY_CONSENT "referral.legal_basis=consent\nreferral.consent.given_by=parent\nreferral.consent.given_on=2026-01-05\n"
#define CHANGED "id=%s\nkind=consent-change\nconsent_change.referral_id=%s\nconsent_change.changed_by=parent\nconsent_change.change=withdrawn\n%s"

static void
say(struct paper *p, const char *text)
{
	const char *answer = paper_take(p, 0, text);

	if (strncmp(answer, "OK ", 3) != 0)
		fail_msg("%s", answer);
}

/* What goes again is judged as if it were said now: not on a consent that was withdrawn meanwhile in its case, and not a day after its last; the dead letter
 * stays. What the consent still covers goes. */
static void
judged_anew(void **state)
{
	static const struct { const char *consent; const char *withdrawn; int64_t later_ms; enum err e; } cases[] = {
		{ "", NULL, 0, OK }, { "", "", 0, ERR_CONSENT_ENDED },
		{ "referral.consent.data_categories=health\n", "consent_change.data_categories=health\n", 0, ERR_CONSENT_CATEGORY },
		{ "referral.consent.data_categories=social\n", "consent_change.data_categories=health\n", 0, OK },
		{ "referral.consent.valid_until=2026-03-20\n", NULL, 30 * CLOCK_DAY, ERR_CONSENT_ENDED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct paper *p = paper_up();
		char again[MSGID_TEXT_LEN];
		struct why why = { 0 };

		for (int k = 0; k < 2; k++)
			say(p, arena_fmt(p->mem, "%s" BY_CONSENT "%sreferral.group_id=G\n",
					 adesk_referral(p->mem, k ? "R-2" : "R-1", world_ids[1], "routine", "Измислен случай"), cases[i].consent));
		assert_int_equal(paper_refuse(p, 0, p->party[0].sent[0], ERR_NOT_ALLOWED, 0), OK);
		assert_int_equal(list(p), 1);
		if (cases[i].withdrawn)
			say(p, arena_fmt(p->mem, CHANGED, "w", "R-2", cases[i].withdrawn));
		p->now_ms += cases[i].later_ms;
		assert_int_equal(returned_resend(p->party[0].desk.adapter, listed[0], again, &why), cases[i].e);
		assert_int_equal(list(p), cases[i].e != OK);
		paper_down(p);
	}
}

/* So is what goes on in a thread: an assessment that was refused does not go again when the family has withdrawn its consent there. */
static void
record_judged_anew(void **state)
{
	struct paper *p = paper_up();
	char again[MSGID_TEXT_LEN];
	struct why why = { 0 };

	(void)state;
	say(p, arena_fmt(p->mem, "%s" BY_CONSENT, adesk_referral(p->mem, "R-1", world_ids[1], "routine", "Измислен случай")));
	paper_run(p);
	say(p, "id=a\nkind=assessment-result\nassessment.referral_id=R-1\nassessment.assessment_kind=risk\nassessment.done_on=2026-03-02\n"
	    "assessment.done_by=Екип\nassessment.conclusions=x\n");
	assert_int_equal(paper_refuse(p, 0, p->party[0].sent[0], ERR_NOT_ALLOWED, 0), OK);
	p->party[0].n_sent = 0;
	say(p, arena_fmt(p->mem, CHANGED, "w", "R-1", ""));
	assert_int_equal(list(p), 1);
	assert_int_equal(returned_resend(p->party[0].desk.adapter, listed[0], again, &why), ERR_CONSENT_ENDED);
	assert_int_equal(list(p), 1);
	paper_down(p);
}

/* A dead letter that nobody wants any more is dropped, once. */
static void
dropped_once(void **state)
{
	struct paper *p = paper_up();
	struct why why = { 0 };

	(void)state;
	paper_refer(p, "R-1", "routine");
	assert_int_equal(paper_refuse(p, 0, p->party[0].sent[0], ERR_NOT_ALLOWED, 0), OK);
	assert_int_equal(list(p), 1);
	assert_int_equal(returned_drop(p->party[0].desk.adapter, listed[0], &why), OK);
	assert_int_equal(list(p), 0);
	assert_int_equal(returned_drop(p->party[0].desk.adapter, listed[0], &why), ERR_NOTFOUND);
	paper_down(p);
}

/* What the hub refuses is a dead letter as well, and survives a restart. */
static void
refused_by_the_hub(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	paper_refer(p, "R-1", "routine");
	assert_int_equal(paper_refuse(p, 0, p->party[0].sent[0], ERR_NOT_ALLOWED, 0), OK);
	assert_int_equal(list(p), 1);
	adesk_stop(&p->party[0].desk);
	adesk_start(&p->party[0].desk);
	assert_int_equal(list(p), 1);
	paper_down(p);
}

/* An answer that the other system refuses has answered nothing: both ends see its deadline again, and late at once, once, where it is over;
 * one that the hub will not have never stopped it. What is said instead stops it at both.
 */
static void
refused_is_no_answer(void **state)
{
	struct paper *p = paper_up();
	struct paper_party *system = &p->party[0];

	(void)state;
	system->hand = HAND_BUSY;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	assert_int_equal(strncmp(paper_take(p, 1, "confirms=R-1\ncase_no=7/26\n"), "OK ", 3), 0);
	paper_run(p);
	assert_non_null(paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "received", "")));
	paper_run(p);
	assert_non_null(paper_take(p, 1, adesk_status(p->mem, "S-2", "R-1", "accepted", "")));
	assert_string_equal(paper_answer_owed(p, 1), "nothing");
	assert_int_equal(paper_refuse(p, 1, p->party[1].sent[p->party[1].n_sent - 1], ERR_NOT_ALLOWED, 0), OK);
	p->party[1].n_sent = 0;
	assert_string_equal(paper_answer_owed(p, 1), "owed");
	assert_non_null(paper_take(p, 1, adesk_status(p->mem, "S-3", "R-1", "accepted", "")));
	paper_run(p);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(paper_answer_owed(p, i), "nothing");
	p->now_ms += 300 * CLOCK_DAY;
	for (size_t i = 0; i < 2; i++) {
		paper_tick(p, i, 0);
		assert_string_equal(paper_answer_owed(p, i), "nothing");
		p->party[i].told[0] = '\0';
	}
	system->hand = HAND_NOW;
	system->answer = "never";
	for (int step = 0; step < 2; step++) {	/* one thread's are handed over one after the other */
		paper_tick(p, 0, 0);
		paper_run(p);
	}
	for (int again = 0; again < 2; again++)
		for (size_t i = 0; i < 2; i++)
			paper_tick(p, i, 1000);
	for (size_t i = 0; i < 2; i++) {
		const char *told = strstr(p->party[i].told, "fact=no-answer");

		assert_string_equal(paper_answer_owed(p, i), "late");
		assert_non_null(told);
		assert_null(strstr(told + 1, "fact=no-answer"));
	}
	system->answer = "taken";
	assert_non_null(paper_take(p, 1, adesk_status(p->mem, "S-4", "R-1", "accepted", "")));
	paper_run(p);
	paper_tick(p, 0, 0);
	paper_run(p);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(paper_answer_owed(p, i), "nothing");
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(referral_goes_again),
		cmocka_unit_test(step_goes_again),
		cmocka_unit_test(judged_anew), cmocka_unit_test(record_judged_anew),
		cmocka_unit_test(dropped_once),
		cmocka_unit_test(refused_by_the_hub),
		cmocka_unit_test(refused_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
