/* SPDX-License-Identifier: EUPL-1.2 */
/* The place of a message in its thread. */
#include "adapters/core/sequence.h"
#include "arrival_paper.h"

/* A message of a thread comes from one of its parties and goes to all the others: no stranger, none left out, none put in. */
static void
circle(void **state)
{
	struct paper *p = paper_up();
	struct adapter *a = p->party[1].desk.adapter;
	struct header h = { .from = world_ids[0], .to = { world_ids[1], world_ids[2] }, .n_to = 1 };
	struct why why;
	struct thread t;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	t = paper_thread(p, 1, "R-1");
	assert_int_equal(sequence_check_circle(a, &t, &h, &why), OK);
	h.n_to = 2;
	assert_int_equal(sequence_check_circle(a, &t, &h, &why), ERR_INCONSISTENT);
	h.n_to = 1;
	h.to[0] = world_ids[2];
	assert_int_equal(sequence_check_circle(a, &t, &h, &why), ERR_INCONSISTENT);
	h.to[0] = world_ids[1];
	h.from = world_ids[2];
	assert_int_equal(sequence_check_circle(a, &t, &h, &why), ERR_UNKNOWN_THREAD);
	paper_down(p);
}

/* What comes before its turn in its thread waits for the next session; a gap that stays does not block for ever. */
static void
gap(void **state)
{
	struct paper *p = paper_up();
	struct span referral, step;
	struct adapter_status s;

	(void)state;
	paper_refer(p, "R-1", "routine");
	referral = p->party[0].sent[0];
	assert_non_null(paper_take(p, 0, adesk_status(p->mem, "S-1", "R-1", "withdrawn", "")));
	step = p->party[0].sent[1];
	assert_int_equal(paper_deliver(p, 1, step, LIE_NOT), OK);
	adapter_status(p->party[1].desk.adapter, &s);
	assert_false(s.is_up);
	assert_int_equal(p->party[1].n_taken, 0);
	paper_greet(p, 1, 100);
	assert_int_equal(paper_deliver(p, 1, referral, LIE_NOT), OK);
	assert_int_equal(paper_deliver(p, 1, step, LIE_NOT), OK);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_WITHDRAWN);
	assert_int_equal(p->party[1].n_taken, 2);
	paper_down(p);

	p = paper_up();
	paper_refer(p, "R-1", "routine");
	assert_non_null(paper_take(p, 0, adesk_status(p->mem, "S-1", "R-1", "withdrawn", "")));
	for (int i = 0; i < 12 && p->party[1].n_taken == 0; i++) {
		assert_int_equal(paper_deliver(p, 1, p->party[0].sent[1], LIE_NOT), OK);
		if (p->party[1].n_taken == 0)
			paper_greet(p, 1, 100);
	}
	assert_int_equal(p->party[1].n_taken, 1);
	assert_int_equal(last_receipt(p).stage, STAGE_REFUSED);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(circle),
		cmocka_unit_test(gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
