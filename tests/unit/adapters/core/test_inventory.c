/* SPDX-License-Identifier: EUPL-1.2 */
/* What a new store takes from the hub's statement. */
#include "adapters/core/inventory.h"

#include "tests/support/lost_disk.h"

static const unsigned registered = 1u << STAGE_DELIVERED | 1u << STAGE_REGISTERED;

/* A message of ours is in the outbox again, settled and as far as its recipient says, and its thread is missing; the same row again adds nothing. */
static void
ours_known_again(void **state)
{
	struct paper *p = paper_up();
	struct standing rows[2];
	struct rebuilt r;
	struct outbound o;
	struct txn *txn;

	(void)state;
	paper_refer(p, "R-1", "routine");
	rows[0] = rows[1] = lost_disk_row(p, p->party[0].sent[0], registered);
	lost_disk_lose(p, 0);
	lost_disk_state(p, 0, rows, 2);
	r = lost_disk_view(p, 0);
	assert_int_equal(r.state, REBUILD_RUNNING);
	assert_int_equal(r.own, 1);
	assert_int_equal(r.threads, 1);
	assert_int_equal(r.messages, 0);
	txn = store_read(p->party[0].desk.store);
	assert_true(outbox_find(txn, &rows[0].id, &o));
	assert_true(o.is_accepted);
	assert_int_equal(o.stage, STAGE_REGISTERED);
	assert_int_equal(txn_count(txn, TABLE_PENDING), 0);
	txn_abort(txn);
	paper_down(p);
}

/* What its recipient refused is known again as ours, and its thread is not missed: there is nothing to go on with. */
static void
refused_not_missed(void **state)
{
	struct paper *p = paper_up();
	struct standing row;
	struct rebuilt r;

	(void)state;
	paper_refer(p, "R-1", "routine");
	row = lost_disk_row(p, p->party[0].sent[0], 1u << STAGE_DELIVERED | 1u << STAGE_REFUSED);
	lost_disk_lose(p, 0);
	lost_disk_state(p, 0, &row, 1);
	r = lost_disk_view(p, 0);
	assert_int_equal(r.own, 1);
	assert_int_equal(r.threads, 0);
	paper_down(p);
}

/* Of theirs only what was delivered and not registered is asked for; what the hub has not heard to be delivered is still to come; what is
 * registered has its thread missing. Nothing of it is ours.
 */
static void
theirs_by_stage(void **state)
{
	static const struct { unsigned stages; uint64_t asked, messages, threads; } cases[] = {
		{ 1u << STAGE_DELIVERED, 1, 1, 0 }, { 0, 0, 1, 0 }, { 1u << STAGE_DELIVERED | 1u << STAGE_REGISTERED, 0, 0, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct paper *p = paper_up();
		struct standing row;
		struct rebuilt r;

		assert_non_null(paper_take(p, 1, adesk_referral(p->mem, "T-1", world_ids[0], "routine", "Измислен случай")));
		row = lost_disk_row(p, p->party[1].sent[0], cases[i].stages);
		lost_disk_lose(p, 0);
		lost_disk_state(p, 0, &row, 1);
		r = lost_disk_view(p, 0);
		assert_int_equal(paper_count(p, 0, TABLE_AWAITED), cases[i].asked);
		assert_int_equal(paper_count(p, 0, TABLE_PENDING), cases[i].asked);
		assert_int_equal(r.messages, cases[i].messages);
		assert_int_equal(r.threads, cases[i].threads);
		assert_int_equal(r.own, 0);
		paper_down(p);
	}
}

/* A store that is what it is takes nothing from a statement. */
static void
not_new_not_asked(void **state)
{
	struct paper *p = paper_up();
	struct standing row;

	(void)state;
	assert_non_null(paper_take(p, 1, adesk_referral(p->mem, "T-1", world_ids[0], "routine", "Измислен случай")));
	row = lost_disk_row(p, p->party[1].sent[0], 1u << STAGE_DELIVERED);
	lost_disk_state(p, 0, &row, 1);
	assert_int_equal(lost_disk_view(p, 0).state, REBUILD_NONE);
	assert_int_equal(paper_count(p, 0, TABLE_AWAITED), 0);
	assert_int_equal(paper_count(p, 0, TABLE_PENDING), 0);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ours_known_again),
		cmocka_unit_test(refused_not_missed),
		cmocka_unit_test(theirs_by_stage),
		cmocka_unit_test(not_new_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
