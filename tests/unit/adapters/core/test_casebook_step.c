/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of adapters/core/casebook_step.c: what a thread's steps make of its state, whichever of them are undone, and when. */
#include "tests/support/paper_hub.h"

static struct thread_step
a_step(uint8_t id, enum state from, enum state to)
{
	return (struct thread_step){ .id.b = { id }, .from = from, .to = to };
}

static void
take(struct thread *t, uint8_t id, enum state from, enum state to)
{
	struct thread_step step = a_step(id, from, to);

	casebook_step(t, &step);
	assert_true(casebook_last_step(t) && msgid_eq(&casebook_last_step(t)->id, &step.id));
}

static bool
undo(struct thread *t, uint8_t id)
{
	return casebook_undo(t, &(struct msgid){ .b = { id } });
}

/* Steps undone in any order lead back to where the first of them began, and what is left of them at any time stands in the row. */
static void
undone_in_any_order(void **state)
{
	static const enum state steps[] = { STATE_REQUESTED, STATE_RECEIVED, STATE_ACCEPTED, STATE_IN_PROGRESS };
	static const uint8_t orders[][3] = { { 1, 2, 3 }, { 1, 3, 2 }, { 2, 1, 3 }, { 2, 3, 1 }, { 3, 1, 2 }, { 3, 2, 1 } };
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);

	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		struct thread t = { .id.b = { 3 }, .referral_id = "R-3" };

		assert_int_equal(casebook_join(&t, "gp-ivanova"), OK);
		casebook_begin(&t, STATE_REQUESTED);
		for (uint8_t k = 1; k <= 3; k++)
			take(&t, k, steps[k - 1], steps[k]);
		for (size_t k = 0; k < 3; k++) {
			assert_true(undo(&t, orders[i][k]));
			assert_false(undo(&t, orders[i][k]));
			casebook_put(txn, p->mem, &t);
			assert_true(casebook_find(txn, &t.id, &t));
			assert_int_equal(t.n_steps, 2 - k);
			assert_int_equal(t.state, k == 2 ? STATE_REQUESTED : orders[i][0] != 3 && orders[i][k] != 3 ? STATE_IN_PROGRESS :
					 orders[i][0] != 2 && orders[i][k] != 2 ? STATE_ACCEPTED : STATE_RECEIVED);
		}
		assert_null(casebook_last_step(&t));
	}
	txn_abort(txn);
	paper_down(p);
}

/* A state that was come to again stays when the step that led there first is undone: another leads there now. */
static void
come_to_again(void **state)
{
	struct thread t = { .n_others = 0 };

	(void)state;
	casebook_begin(&t, STATE_ACCEPTED);
	take(&t, 1, STATE_ACCEPTED, STATE_IN_PROGRESS);
	take(&t, 2, STATE_IN_PROGRESS, STATE_ON_HOLD);
	take(&t, 3, STATE_ON_HOLD, STATE_IN_PROGRESS);
	take(&t, 4, STATE_IN_PROGRESS, STATE_IN_PROGRESS);	/* a note */
	assert_true(undo(&t, 1));
	assert_int_equal(t.state, STATE_IN_PROGRESS);
	assert_true(undo(&t, 3) && undo(&t, 4));
	assert_int_equal(t.state, STATE_ON_HOLD);
	assert_true(undo(&t, 2));
	assert_int_equal(t.state, STATE_ACCEPTED);
}

/* Of two steps taken at once the one that holds leaves the other when it is undone, whichever came first; the one that was
 * overridden leaves nothing when it goes. */
static void
undone_beside(void **state)
{
	static const enum state held[] = { STATE_CANCEL_REQUESTED, STATE_WITHDRAWN };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		enum state holds = held[i / 2], first = i % 2 ? holds : STATE_IN_PROGRESS, second = i % 2 ? STATE_IN_PROGRESS : holds;
		uint8_t holder = i % 2 ? 1 : 2;
		struct thread t = { .n_others = 0 }, other;
		struct thread_step beside = a_step(2, STATE_ACCEPTED, second);

		casebook_begin(&t, STATE_ACCEPTED);
		take(&t, 1, STATE_ACCEPTED, first);
		beside.is_beside = true;
		casebook_step(&t, &beside);
		assert_int_equal(t.state, holds);
		assert_int_equal(casebook_last_step(&t)->id.b[0], holder);
		other = t;
		assert_true(undo(&t, holder));
		assert_int_equal(t.state, STATE_IN_PROGRESS);
		assert_true(undo(&t, 3 - holder));
		assert_int_equal(t.state, STATE_ACCEPTED);
		assert_true(undo(&other, 3 - holder));
		assert_int_equal(other.state, holds);
		assert_true(undo(&other, holder));
		assert_int_equal(other.state, STATE_ACCEPTED);
	}
}

/* Of more steps than are kept the oldest stand: the state is the same as ever, and what led to it before is undone by where it led. */
static void
more_than_are_kept(void **state)
{
	struct thread t = { .n_others = 0 };

	(void)state;
	casebook_begin(&t, STATE_ACCEPTED);
	take(&t, 1, STATE_ACCEPTED, STATE_SCHEDULED);
	for (uint8_t i = 2; i <= THREAD_STEPS_MAX + 1; i++)
		take(&t, i, STATE_SCHEDULED, STATE_SCHEDULED);
	assert_true(t.n_steps == THREAD_STEPS_MAX && t.base == STATE_SCHEDULED);
	assert_false(undo(&t, 1));
	assert_false(casebook_undo_before(&t, STATE_REQUESTED, STATE_ACCEPTED));
	assert_true(casebook_undo_before(&t, STATE_ACCEPTED, STATE_SCHEDULED));
	assert_int_equal(t.state, STATE_SCHEDULED);
	for (uint8_t i = 2; i <= THREAD_STEPS_MAX + 1; i++)
		assert_true(undo(&t, i));
	assert_int_equal(t.state, STATE_ACCEPTED);
}

/* A no-show counts as long as it is not undone: among the steps, in the row, and beyond them, where no more are counted than are asked for. */
static void
no_shows(void **state)
{
	struct thread_step missed = a_step(1, STATE_SCHEDULED, STATE_SCHEDULED);
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct thread t = { .id.b = { 3 }, .referral_id = "R-3" };

	(void)state;
	missed.is_no_show = true;
	assert_int_equal(casebook_join(&t, "gp-ivanova"), OK);
	casebook_begin(&t, STATE_SCHEDULED);
	casebook_step(&t, &missed);
	missed.id.b[0] = 2;
	casebook_step(&t, &missed);
	t.before.is_handed_on = true;
	assert_true(casebook_past(&t).no_shows == 2 && casebook_past(&t).is_handed_on);
	casebook_put(txn, p->mem, &t);
	assert_true(casebook_find(txn, &t.id, &t));
	assert_true(casebook_past(&t).no_shows == 2 && casebook_past(&t).is_handed_on && t.before.no_shows == 0);
	assert_true(undo(&t, 2));
	assert_int_equal(casebook_past(&t).no_shows, 1);
	for (uint8_t i = 3; i <= THREAD_STEPS_MAX + 2; i++)
		take(&t, i, STATE_SCHEDULED, STATE_SCHEDULED);
	assert_true(t.n_steps == THREAD_STEPS_MAX && t.before.no_shows == 1 && casebook_past(&t).no_shows == 1);
	for (uint8_t i = 0; i < 2 * THREAD_STEPS_MAX; i++)
		casebook_step(&t, &missed);
	assert_true(t.before.no_shows == LIFECYCLE_NO_SHOWS && casebook_past(&t).no_shows == LIFECYCLE_NO_SHOWS);
	casebook_begin(&t, STATE_REQUESTED);
	assert_true(casebook_past(&t).no_shows == 0 && !casebook_past(&t).is_handed_on);
	txn_abort(txn);
	paper_down(p);
}

/* A step is found by the id that its message had first, once that is known; what is taken back as a whole has no steps any more. */
static void
named_anew(void **state)
{
	struct thread t = { .n_others = 0 };

	(void)state;
	casebook_begin(&t, STATE_REQUESTED);
	take(&t, 1, STATE_REQUESTED, STATE_RECEIVED);
	casebook_name_step(&t, &(struct msgid){ .b = { 1 } }, &(struct msgid){ .b = { 9 } });
	assert_false(undo(&t, 1));
	assert_true(undo(&t, 9));
	assert_int_equal(t.state, STATE_REQUESTED);
	take(&t, 2, STATE_REQUESTED, STATE_RECEIVED);
	casebook_cancel(&t);
	assert_false(undo(&t, 2));
	assert_int_equal(t.state, STATE_CANCELLED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(undone_in_any_order), cmocka_unit_test(come_to_again), cmocka_unit_test(undone_beside),
		cmocka_unit_test(more_than_are_kept), cmocka_unit_test(no_shows), cmocka_unit_test(named_anew),
	};

	return cmocka_run_group_tests_name("casebook_step", tests, NULL, NULL);
}
