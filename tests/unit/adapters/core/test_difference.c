/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/difference.h"
#include "tests/support/paper_hub.h"

/* What is put is got back, and cleared as a whole; each kind has a name of its own. */
static void
list_kept(void **state)
{
	struct paper *p = paper_up();
	struct difference d = {
		.kind = DIFFERENCE_UNKNOWN_THERE, .id = { { 7 } }, .is_ours = true, .other = "gp-ivanova", .submitted_ms = 5, .due_ms = 9,
	}, got;
	struct txn *txn = store_write(p->party[0].desk.store);

	(void)state;
	difference_put(txn, p->mem, 0, &d);
	difference_put(txn, p->mem, 1, &d);
	assert_true(difference_get(txn, 1, &got));
	assert_memory_equal(&got.id, &d.id, sizeof(d.id));
	assert_string_equal(got.other, "gp-ivanova");
	assert_true(got.kind == d.kind && got.is_ours && got.submitted_ms == 5 && got.due_ms == 9);
	assert_false(difference_get(txn, 2, &got));
	difference_clear(txn);
	assert_false(difference_get(txn, 0, &got));
	txn_abort(txn);
	for (int i = 0; i < N_DIFFERENCES; i++)
		for (int k = 0; k < i; k++)
			assert_string_not_equal(difference_name((enum difference_kind)i), difference_name((enum difference_kind)k));
	paper_down(p);
}

/* Late is what has a term that is over; what no term was set for is never late. */
static void
late(void **state)
{
	(void)state;
	assert_false(difference_is_late(&(struct difference){ .due_ms = 0 }, 1000));
	assert_false(difference_is_late(&(struct difference){ .due_ms = 1000 }, 1000));
	assert_true(difference_is_late(&(struct difference){ .due_ms = 999 }, 1000));
	assert_false(difference_is_wrong(DIFFERENCE_UNCONFIRMED));
	assert_true(difference_is_wrong(DIFFERENCE_UNKNOWN_HERE));
}

/* A message of ours under an id that it had before is missing if nothing goes for it, and is not if it was sealed again since: at any of
 * its recipients, for where it had ended before the hub says so of none. */
static void
older_id(void **state)
{
	struct paper *p = paper_up();
	struct adapter *a = p->party[0].desk.adapter;
	struct standing s = {
		.id = { { 7 } }, .from = world_ids[0], .to = { world_ids[1], world_ids[2] }, .n_to = 2,
		.stages = { 1u << STAGE_REGISTERED, 1u << STAGE_DELIVERED },
	};
	struct txn *txn = store_read(p->party[0].desk.store);
	struct difference d;

	(void)state;
	for (size_t place = 0; place < 2; place++) {
		difference_of(a, txn, &s, place, &d);
		assert_int_equal(d.kind, DIFFERENCE_UNKNOWN_HERE);
	}
	s.stages[1] |= DIFFERENCE_SUPERSEDED;
	for (size_t place = 0; place < 2; place++) {
		difference_of(a, txn, &s, place, &d);
		assert_int_equal(d.kind, DIFFERENCE_NONE);
	}
	txn_abort(txn);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_kept),
		cmocka_unit_test(late),
		cmocka_unit_test(older_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
