/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/support/paper_hub.h"

/* A step that the hub refuses for good takes the later ones with it, which are told that they could not follow; the thread is where it was, and
 * another step may follow. */
static void
recall_outbound_steps(void **state)
{
	struct paper *p = paper_up();
	struct paper_party *q = &p->party[1];
	struct header h;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	q->n_sent = 0;
	assert_non_null(paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "accepted", "")));
	assert_non_null(paper_take(p, 1, adesk_status(p->mem, "S-2", "R-1", "in-progress", "")));
	assert_int_equal(paper_thread(p, 1, "R-1").my_seq, 2);
	assert_int_equal(paper_refuse(p, 1, q->sent[0], ERR_STALE, 0), OK);
	assert_int_equal(paper_told(p, 1, STAGE_REFUSED, ERR_STALE), 1);
	assert_int_equal(paper_told(p, 1, STAGE_REFUSED, ERR_FOLLOWS), 1);
	assert_int_equal(paper_thread(p, 1, "R-1").my_seq, 0);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_REQUESTED);
	assert_int_equal(paper_count(p, 1, TABLE_PENDING), 1);		/* the receipt that it was seen */
	assert_int_equal(paper_refuse(p, 1, q->sent[0], ERR_STALE, 0), OK);
	q->n_sent = 0;
	assert_int_equal(strncmp(paper_take(p, 1, adesk_status(p->mem, "S-3", "R-1", "accepted", "")), "OK ", 3), 0);
	h = paper_decode(p, q->sent[0]).header;
	assert_int_equal(h.seq, 1);
	paper_run(p);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_ACCEPTED);
	paper_down(p);
}

/* A referral that is refused ends what was sent behind it; other threads go on. */
static void
recall_outbound_referral(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_refer(p, "R-2", "routine");
	assert_non_null(paper_take(p, 0, adesk_status(p->mem, "S-1", "R-1", "withdrawn", "")));
	assert_int_equal(paper_refuse(p, 0, p->party[0].sent[0], ERR_NOT_ALLOWED, 0), OK);
	assert_int_equal(paper_count(p, 0, TABLE_PENDING), 1);
	assert_int_equal(paper_thread(p, 0, "R-1").refused, ERR_NOT_ALLOWED);
	assert_int_equal(paper_thread(p, 0, "R-2").refused, OK);
	paper_down(p);
}

/* A refused receipt is settled and nothing else changes. */
static void
recall_outbound_receipt(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	paper_refer(p, "R-1", "routine");
	assert_int_equal(paper_deliver(p, 1, p->party[0].sent[0], LIE_NOT), OK);
	assert_int_equal(paper_refuse(p, 1, p->party[1].sent[0], ERR_EXISTS, 0), OK);
	assert_int_equal(paper_count(p, 1, TABLE_PENDING), 0);
	assert_int_equal(paper_thread(p, 1, "R-1").others[0].taken, 1);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recall_outbound_steps),
		cmocka_unit_test(recall_outbound_referral),
		cmocka_unit_test(recall_outbound_receipt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
