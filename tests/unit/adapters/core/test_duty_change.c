/* SPDX-License-Identifier: EUPL-1.2 */
/* What messages do to duties: what ends them, for good or for as long as it may be taken back or refused. */
#include "tests/support/duty_sample.h"

#define T0 WORLD_T0

/* Registered alone leaves the answer owed, answered alone the registration; both leave nothing; an end leaves nothing at once. */
static void
what_ends_what(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct duty d[3] = { a_duty(1), a_duty(2), a_duty(3) }, got;
	static const struct msgid answer = { .b = { 77 } };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		duty_put(txn, p->mem, &d[i], T0);
	duty_registered(txn, p->mem, &d[0].thread, &d[0].about, "b", T0);
	assert_true(found(txn, &d[0], &got) && got.is_registered && got.settled_ms == 0);
	duty_answered(txn, p->mem, &d[0].thread, &d[0].about, "b", &answer, T0);
	assert_true(found(txn, &d[0], &got) && !duty_owes(&got) && got.settled_ms == 0);	/* it may be taken back */
	duty_answer_stands(txn, p->mem, &d[0].thread, &answer, NULL, T0);
	assert_false(found(txn, &d[0], &got));
	duty_answered(txn, p->mem, &d[1].thread, &d[1].about, "b", &answer, T0);
	assert_true(found(txn, &d[1], &got) && got.is_answered && !got.is_registered);
	duty_ended(txn, p->mem, &d[2].thread, &d[2].about, "b", T0);
	assert_false(found(txn, &d[2], &got));
	txn_abort(txn);
	paper_down(p);
}

/* An answer taken back is none, where no other stands: what it stopped runs again, and is late at once when its day has passed. One that
 * stands, an end, and an answer too many are for good.
 */
static void
answers_taken_back(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct duty d = a_duty(1), got;
	struct msgid answers[DUTY_ANSWERS + 1];
	const struct thread_id *t = &d.thread;

	(void)state;
	memset(answers, 0, sizeof(answers));
	for (uint8_t i = 0; i <= DUTY_ANSWERS; i++)
		answers[i].b[0] = (uint8_t)(100 + i);
	d.is_registered = true;
	duty_put(txn, p->mem, &d, T0);
	duty_answered(txn, p->mem, t, &d.about, "b", &answers[0], T0);
	duty_answered(txn, p->mem, t, &d.about, "b", &answers[0], T0);
	duty_answered(txn, p->mem, t, &d.about, "a", &answers[1], T0);
	duty_answer_gone(txn, p->mem, t, &answers[2], NULL, T0);	/* of something else */
	duty_answer_gone(txn, p->mem, t, &answers[0], NULL, T0);
	assert_true(found(txn, &d, &got) && got.is_answered);	/* the other stands */
	duty_answer_gone(txn, p->mem, t, &answers[1], NULL, d.respond_by_ms + 1);
	assert_true(found(txn, &d, &got) && !got.is_answered && duty_owes(&got) && got.settled_ms == 0);
	assert_int_equal(duty_turn(&got, d.respond_by_ms + 1), 1u << NOTICE_LATE_RESPONSE);
	assert_int_equal(duty_fact(&got), NOTICE_LATE_RESPONSE);
	for (size_t i = 0; i <= DUTY_ANSWERS; i++)
		duty_answered(txn, p->mem, t, &d.about, "b", &answers[i], T0);
	assert_false(found(txn, &d, &got));
	duty_answer_gone(txn, p->mem, t, &answers[0], NULL, T0);
	assert_false(found(txn, &d, &got));
	d.no = 0;
	duty_put(txn, p->mem, &d, T0);
	duty_answered(txn, p->mem, t, &d.about, "b", &answers[0], T0);
	duty_ended(txn, p->mem, t, &d.about, "b", T0);
	assert_false(found(txn, &d, &got));
	txn_abort(txn);
	paper_down(p);
}

/* What is between two is theirs: a third who registers or refuses the answer changes nothing of it. */
static void
who_asked_decides(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	static const struct msgid answer = { .b = { 77 } };
	struct duty d[2] = { a_duty(1), a_duty(1) }, got;
	const struct thread_id *t = &d[0].thread;

	(void)state;
	snprintf(d[1].to, sizeof(d[1].to), "c");
	for (size_t i = 0; i < 2; i++) {
		d[i].is_registered = true;
		duty_put(txn, p->mem, &d[i], T0);
	}
	duty_answered(txn, p->mem, t, &d[0].about, "a", &answer, T0);	/* its own: for both */
	duty_answer_gone(txn, p->mem, t, &answer, "c", T0);
	assert_true(found(txn, &d[0], &got) && got.is_answered);
	assert_true(found(txn, &d[1], &got) && !got.is_answered);
	duty_answer_stands(txn, p->mem, t, &answer, "c", T0);
	assert_true(found(txn, &d[0], &got) && got.n_answers == 1);
	assert_true(found(txn, &d[1], &got) && !got.is_answered);
	duty_answer_stands(txn, p->mem, t, &answer, "b", T0);
	assert_false(found(txn, &d[0], &got));
	txn_abort(txn);
	paper_down(p);
}

/* A step closes what it answers in its thread, and nothing twice. */
static void
closes(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct duty d[3] = { a_duty(1), a_duty(2), a_duty(3) };
	struct msgid ids[ENVELOPE_CLOSES_MAX];
	size_t n = 0;

	(void)state;
	d[1].ask = ASK_QUESTIONS;
	memset(d[2].thread.b, 4, THREAD_LEN);
	for (size_t i = 0; i < 3; i++)
		duty_put(txn, p->mem, &d[i], T0);
	duty_closes(txn, &d[0].thread, "T02", ACTOR_RECIPIENT, "b", ids, &n);
	assert_int_equal(n, 0);
	duty_closes(txn, &d[0].thread, "T03", ACTOR_RECIPIENT, "b", ids, &n);
	assert_int_equal(n, 1);
	assert_true(msgid_eq(&ids[0], &d[0].about));
	duty_closes(txn, &d[0].thread, "T27", ACTOR_INITIATOR, "a", ids, &n);
	assert_int_equal(n, 2);		/* the one that was there, and not again */
	n = 0;
	duty_answered(txn, p->mem, &d[0].thread, &d[0].about, "b", &d[2].about, T0);
	duty_closes(txn, &d[0].thread, "T03", ACTOR_RECIPIENT, "b", ids, &n);
	assert_int_equal(n, 0);
	txn_abort(txn);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_ends_what), cmocka_unit_test(answers_taken_back), cmocka_unit_test(who_asked_decides),
		cmocka_unit_test(closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
