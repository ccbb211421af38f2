/* SPDX-License-Identifier: EUPL-1.2 */
/* A commitment that is not kept: what is to be told further up, to whom, once. (With a directory that names one: scenario (d).) */
#include "tests/support/conference_paper.h"

#include "adapters/core/casework.h"
#include "adapters/core/escalation.h"
#include "adapters/core/promise.h"

/* Where the directory names no coordinator of the oblast, nobody is told, and nothing waits for one. */
static void
nobody_named(void **state)
{
	struct paper *p = paper_up();
	struct adapter *a = p->party[0].desk.adapter;
	struct record *record = paper_record(p, "commitment-overdue report_id=overdue-1 conference_id=К-1 commitment_id=A version=1 "
						"owner_agency=hospital-1 action_code=home-visit due=2026-12-24 state=accepted");
	struct thread t;
	struct why why;
	struct txn *txn;

	(void)state;
	paper_call(p);
	paper_must(p, 0, paper_commitment(p, "A", 1, "2026-12-24", ""));
	paper_tick(p, 0, promise_due("2026-12-24") + 20 * CLOCK_DAY - p->now_ms);
	t = paper_thread(p, 0, PAPER_CONFERENCE);
	arena_reset(a->mem);
	txn = store_write(a->p.store);
	assert_int_equal(casework_waiting(txn), 0);
	assert_int_equal(escalation_report(a, txn, &t, record, &why), ERR_UNROUTABLE);
	txn_abort(txn);
	paper_down(p);
}

/* A report is the adapter's own: an agency's system does not send one. */
static void
not_by_hand(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	paper_call(p);
	assert_int_not_equal(paper_say(p, 0, "commitment-overdue report_id=r conference_id=К-1 commitment_id=A version=1 "
				       "owner_agency=hospital-1 action_code=home-visit due=2026-12-24 state=accepted", NULL), OK);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(nobody_named), cmocka_unit_test(not_by_hand) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
