/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/thread_state.h"
#include "tests/support/paper_hub.h"

/* A question for a thread that stands is answered in its place, registered at once, and neither side's system hears of it. */
static void
answered_between_adapters(void **state)
{
	struct paper *p = paper_up();
	struct hollow h = { .my_seq = 1 };
	struct why why = { .where = "" };
	struct outbound o;
	struct thread t;
	struct txn *txn;
	uint64_t inbox;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	t = paper_thread(p, 0, "R-1");
	inbox = paper_count(p, 0, TABLE_INBOX);
	h.id = t.id;
	h.priority = t.priority;
	snprintf(h.others[h.n_others++], sizeof(h.others[0]), "%s", t.others[0].agency);
	arena_reset(p->party[0].desk.adapter->mem);
	txn = store_write(p->party[0].desk.store);
	assert_int_equal(thread_state_ask(p->party[0].desk.adapter, txn, &h, &o, &why), OK);
	t.my_seq = o.thread_seq;
	casebook_put(txn, p->party[0].desk.adapter->mem, &t);
	assert_int_equal(txn_commit(txn), OK);
	assert_true(o.is_own);
	paper_tick(p, 0, 1000);
	paper_run(p);
	assert_int_equal(paper_thread(p, 1, "R-1").others[0].taken, 2);
	assert_int_equal(paper_thread(p, 1, "R-1").my_seq, 1);
	assert_int_equal(paper_thread(p, 0, "R-1").others[0].taken, 1);	/* the answer, though nothing was missing */
	assert_int_equal(paper_count(p, 0, TABLE_INBOX), inbox);
	assert_int_equal(paper_count(p, 1, TABLE_INBOX), 1);
	txn = store_read(p->party[0].desk.store);
	assert_true(outbox_find(txn, &o.id, &o));
	assert_true(o.registered_ms != 0);
	txn_abort(txn);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(answered_between_adapters) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
