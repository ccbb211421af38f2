/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/parking.h"
#include "tests/support/paper_system.h"

/* What fails ten times while its system takes others is parked: it holds up its own thread and no other, until an operator has it
 * tried anew. */
static void
parked_after_ten(void **state)
{
	struct paper *p = system_up(0);
	struct adapter *a = p->party[1].desk.adapter;
	struct why why = { 0 };
	size_t done = 0, n;
	unsigned i;

	(void)state;
	paper_refer(p, "R-bad", "routine");
	assert_non_null(paper_take(p, 0, adesk_status(p->mem, "S-bad", "R-bad", "withdrawn", "")));
	paper_run(p);
	for (i = 0; i < 40 && !system_due(p, 1).is_parked; i++) {
		paper_tick(p, 1, 60000);
		system_answer_all(p, &done, "R-bad");
		paper_refer(p, arena_fmt(p->mem, "R-%u", i), "routine");
		paper_run(p);
		paper_tick(p, 1, 0);
		system_answer_all(p, &done, "R-bad");
	}
	assert_int_equal(system_due(p, 1).strikes, 10);
	assert_non_null(strstr(p->party[1].told, "egress.parked"));
	for (unsigned k = 0; k < i; k++)
		assert_int_not_equal(paper_thread(p, 1, arena_fmt(p->mem, "R-%u", k)).registered_ms, 0);
	paper_tick(p, 1, 10 * 60000);
	assert_int_equal(p->party[1].n_handed, done);	/* not tried, nor what follows it in its thread */
	assert_int_equal(system_waiting(p), 2);
	assert_int_equal(parking_requeue(a, "0190aaaa-0000-7000-8000-000000000000", &n, &why), ERR_NOTFOUND);
	assert_int_equal(parking_requeue(a, NULL, &n, &why), OK);
	assert_int_equal(n, 1);
	paper_tick(p, 1, 0);
	system_answer_all(p, &done, "none is bad");
	paper_tick(p, 1, 0);
	system_answer_all(p, &done, "none is bad");
	assert_int_equal(system_waiting(p), 0);
	assert_int_not_equal(paper_thread(p, 1, "R-bad").registered_ms, 0);
	paper_down(p);
}

/* What is parked can be refused for good: its sender gets the reason, and the thread goes on. */
static void
parked_refused(void **state)
{
	struct paper *p = system_up(1);
	struct adapter *a = p->party[1].desk.adapter;
	struct txn *txn = store_write(p->party[1].desk.store);
	char id[MSGID_TEXT_LEN];
	struct why why = { 0 };
	struct inbound in;

	(void)state;
	egress_put(txn, &(struct due){ .cursor = 1, .is_parked = true });
	assert_true(inbox_get(txn, 1, &in));
	assert_int_equal(txn_commit(txn), OK);
	msgid_format(&in.id, id);
	assert_int_equal(parking_refuse(a, id, "", &why), ERR_REQUIRED);
	assert_int_equal(parking_refuse(a, "R-0", "Липсва дата", &why), ERR_NOTFOUND);
	assert_int_equal(parking_refuse(a, id, "Липсва дата", &why), OK);
	paper_run(p);
	assert_int_equal(system_waiting(p), 0);
	assert_int_equal(paper_thread(p, 0, "R-0").refused, ERR_SYSTEM_REFUSED);
	assert_int_equal(parking_refuse(a, id, "Липсва дата", &why), ERR_NOTFOUND);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parked_after_ten),
		cmocka_unit_test(parked_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
