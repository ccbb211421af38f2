/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/support/paper_system.h"

/* No more at once than the door takes, and its last place is for an EMERGENCY; an answer makes room. An answer for nothing, or
 * told twice, is nothing. */
static void
turn_capacity(void **state)
{
	struct paper *p = system_up(6);

	(void)state;
	paper_tick(p, 1, 0);
	assert_int_equal(p->party[1].n_handed, 3);
	paper_refer(p, "R-now", "emergency");
	paper_run(p);
	paper_tick(p, 1, 0);
	assert_int_equal(p->party[1].n_handed, 4);
	assert_non_null(strstr(p->party[1].handed[3].text, "R-now"));
	system_answer(p, p->party[1].handed[0].cursor, "taken");
	system_answer(p, p->party[1].handed[0].cursor, "taken");
	system_answer(p, 4711, "taken");
	assert_int_equal(p->party[1].desk.door.in_flight, 3);
	paper_tick(p, 1, 100);
	assert_int_equal(p->party[1].n_handed, 4);
	system_answer(p, p->party[1].handed[3].cursor, "taken");
	paper_tick(p, 1, 100);
	assert_int_equal(p->party[1].n_handed, 5);
	paper_down(p);
}

/* A system that is down costs nobody anything but time: one entry is tried now and then, none is parked, and when it is back all
 * that waited goes. */
static void
turn_of_a_system_down(void **state)
{
	struct paper *p = system_up(40);
	struct paper_party *q = &p->party[1];

	(void)state;
	q->hand = HAND_NOW;
	q->answer = "later";
	for (int i = 0; i < 3 * 60; i++)
		paper_tick(p, 1, 60000);
	assert_in_range(q->n_handed, 40, 200);
	assert_int_equal(system_waiting(p), 40);
	for (uint64_t cursor = 1; cursor <= 40; cursor++)
		assert_false(system_due(p, cursor).is_parked);
	q->answer = "taken";
	q->n_handed = 0;
	paper_tick(p, 1, 60000);
	for (int i = 0; i < 40; i++)
		paper_tick(p, 1, 0);
	assert_int_equal(system_waiting(p), 0);
	assert_int_equal(q->n_handed, 40);
	paper_down(p);
}

/* Nor does it when the adapter is started again and again meanwhile, more often than an entry may fail before it is parked. */
static void
turn_of_a_system_down_restarted(void **state)
{
	struct paper *p = system_up(2);
	struct paper_party *q = &p->party[1];

	(void)state;
	q->hand = HAND_NOW;
	q->answer = "later";
	for (int i = 0; i < 15; i++) {
		paper_tick(p, 1, 60000);
		adesk_stop(&q->desk);
		adesk_start(&q->desk);
	}
	for (uint64_t cursor = 1; cursor <= 2; cursor++) {
		assert_in_range(system_due(p, cursor).tries, 10, 15);
		assert_int_equal(system_due(p, cursor).strikes, 0);
		assert_false(system_due(p, cursor).is_parked);
	}
	paper_down(p);
}

/* One message that always fails makes no other wait, though nothing else ever succeeded. */
static void
turn_past_the_poisoned(void **state)
{
	struct paper *p = system_up(2);
	size_t done = 0;

	(void)state;
	for (int i = 0; i < 50; i++) {
		paper_tick(p, 1, 60000);
		system_answer_all(p, &done, "R-");
	}
	paper_refer(p, "good", "routine");
	paper_run(p);
	paper_tick(p, 1, 0);
	system_answer_all(p, &done, "R-");
	assert_int_not_equal(paper_thread(p, 1, "good").registered_ms, 0);
	assert_int_equal(system_waiting(p), 2);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(turn_capacity),
		cmocka_unit_test(turn_of_a_system_down),
		cmocka_unit_test(turn_of_a_system_down_restarted),
		cmocka_unit_test(turn_past_the_poisoned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
