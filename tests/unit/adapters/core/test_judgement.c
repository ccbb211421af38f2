/* SPDX-License-Identifier: EUPL-1.2 */
/* Who may say what in a thread, and that both sides end in one state, also where they acted at once. */
#include "adapters/core/withdraw.h"
#include "arrival_paper.h"

/* A number that its sender has used, and a referral to more than one, make no thread here. */
static void
one_referral(void **state)
{
	struct paper *p = paper_up();
	struct record *record;
	struct header h;

	(void)state;
	paper_refer(p, "R-1", "routine");
	record = record_of(p, "R-1");
	fresh(p, &h, 8, 1);
	h.to[1] = world_ids[2];
	h.n_to = 2;
	assert_int_equal(paper_deliver(p, 1, forge(p, &h, record, p->world.signing[0]), LIE_NOT), OK);
	assert_int_equal(last_receipt(p).stage, STAGE_REFUSED);
	assert_non_null(strstr(p->party[1].told, "where=to"));
	fresh(p, &h, 9, 1);
	assert_int_equal(paper_deliver(p, 1, forge(p, &h, record, p->world.signing[0]), LIE_NOT), OK);
	assert_int_equal(last_receipt(p).stage, STAGE_DELIVERED);
	fresh(p, &h, 10, 1);
	assert_int_equal(paper_deliver(p, 1, forge(p, &h, record, p->world.signing[0]), LIE_NOT), OK);
	assert_int_equal(last_receipt(p).stage, STAGE_REFUSED);
	assert_non_null(strstr(p->party[1].told, "code=NSK-1404 where=referral.referral_id"));
	assert_int_equal(inbox(p), 1);
	assert_int_equal(paper_thread(p, 1, "R-1").id.b[0], 9);
	paper_down(p);
}

/* What party 0 says next about R-1, which it has begun in thread 9, having seen `basis` of party 1; and the code that this gets. */
static enum err
say_step(struct paper *p, const struct record *referral, uint64_t seq, uint64_t basis, const char *const *step)
{
	struct record *r = record_new(p->mem, "record");
	struct header h;
	struct why why;

	r->case_id = referral->case_id;
	r->created = referral->created;
	r->kind = "status-change";
	assert_int_equal(record_set(r, p->mem, "status.referral_id", "R-1", &why), OK);
	assert_int_equal(record_set(r, p->mem, "status.from", step[0], &why), OK);
	assert_int_equal(record_set(r, p->mem, "status.to", step[1], &why), OK);
	assert_int_equal(record_set(r, p->mem, "status.transition", step[2], &why), OK);
	assert_int_equal(record_set(r, p->mem, "status.reason_text", "x", &why), OK);
	assert_int_equal(record_set(r, p->mem, "status.at", "2026-03-02T10:00:00Z", &why), OK);
	fresh(p, &h, 9, seq);
	if (basis > 0) {
		h.basis[0] = (struct basis){ world_ids[1], basis };
		h.n_basis = 1;
	}
	assert_int_equal(paper_deliver(p, 1, forge(p, &h, r, p->world.signing[0]), LIE_NOT), OK);
	return last_receipt(p).stage == STAGE_REFUSED ? ERR_INCONSISTENT : OK;
}

/* A basis is no more than was sent, and no less than the one before it: only a true crossing is judged as one. */
static void
basis(void **state)
{
	static const char *const cancel[] = { "accepted", "cancel-requested", "T20" };
	static const char *const late[] = { "requested", "cancelled", "T29" };
	struct paper *p = paper_up();
	struct record *record;
	struct header h;

	(void)state;
	paper_refer(p, "R-1", "routine");
	record = record_of(p, "R-1");
	fresh(p, &h, 9, 1);
	assert_int_equal(paper_deliver(p, 1, forge(p, &h, record, p->world.signing[0]), LIE_NOT), OK);
	assert_non_null(paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "accepted", "")));
	assert_int_equal(paper_thread(p, 1, "R-1").my_seq, 1);
	assert_int_equal(say_step(p, record, 2, 2, cancel), ERR_INCONSISTENT);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_ACCEPTED);
	assert_int_equal(say_step(p, record, 3, 1, cancel), OK);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_CANCEL_REQUESTED);
	assert_int_equal(paper_thread(p, 1, "R-1").others[0].basis, 1);
	assert_int_equal(say_step(p, record, 4, 0, late), ERR_INCONSISTENT);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_CANCEL_REQUESTED);
	paper_down(p);
}

/* Who answers our referral has seen it. */
static void
basis_of_answer(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn;
	struct thread t;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	txn = store_write(p->party[1].desk.store);	/* a recipient that hides what it has had */
	assert_true(casebook_by_number(txn, "R-1", NULL, &t));
	t.others[0].taken = 0;
	casebook_put(txn, p->mem, &t);
	assert_int_equal(txn_commit(txn), OK);
	assert_non_null(paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "accepted", "")));
	paper_run(p);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_REQUESTED);
	assert_int_equal(paper_thread(p, 0, "R-1").others[0].taken, 1);
	assert_non_null(strstr(p->party[0].told, "where=basis"));
	paper_down(p);
}

/* Both act before they have heard of each other: both end in the same state. */
static void
crossing(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	assert_non_null(paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "accepted", "")));
	assert_non_null(paper_take(p, 0, adesk_status(p->mem, "S-2", "R-1", "cancel-requested", "status.reason_text=x\n")));
	paper_run(p);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_CANCEL_REQUESTED);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_CANCEL_REQUESTED);
	paper_down(p);
}

static void
both_are(struct paper *p, enum state state)
{
	paper_run(p);
	assert_int_equal(paper_thread(p, 0, "R-1").state, state);
	assert_int_equal(paper_thread(p, 1, "R-1").state, state);
}

static void
take_step(struct paper *p, size_t i, const char *id, const char *to, const char *more)
{
	assert_int_equal(strncmp(paper_take(p, i, adesk_status(p->mem, id, "R-1", to, more)), "OK ", 3), 0);
}

/* A record that is no step, or a step that was taken back since, is no step taken at once with the other side's that had not seen it: that one leads
 * where it says, also back to an earlier state. */
static void
crossing_no_step(void **state)
{
	struct paper *p = paper_up();
	struct span asked;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	take_step(p, 1, "S-1", "accepted", "");
	take_step(p, 1, "S-2", "on-hold", "status.reason_text=x\n");
	both_are(p, STATE_ON_HOLD);
	assert_int_equal(strncmp(paper_take(p, 0, "id=w\nkind=consent-change\nconsent_change.referral_id=R-1\nconsent_change.change=withdrawn\n"
					    "consent_change.changed_by=parent\n"), "OK ", 3), 0);
	take_step(p, 1, "S-3", "in-progress", "");
	both_are(p, STATE_IN_PROGRESS);
	take_step(p, 1, "S-4", "on-hold", "status.reason_text=x\n");
	both_are(p, STATE_ON_HOLD);
	/* the wish to cancel is taken back before the other side has heard of it */
	p->party[0].n_sent = 0;
	take_step(p, 0, "S-5", "cancel-requested", "status.reason_text=x\n");
	asked = p->party[0].sent[0];
	assert_int_equal(paper_accept(p, 0, asked, LIE_NOT), OK);
	{
		struct msgid of = paper_decode(p, asked).header.id;
		struct why why = { 0 };
		char id[MSGID_TEXT_LEN];

		msgid_format(&of, id);
		p->party[0].n_sent = 0;
		assert_int_equal(withdraw_ask(p->party[0].desk.adapter, id, &why), OK);
		assert_int_equal(paper_accept(p, 0, p->party[0].sent[0], LIE_NOT), OK);
	}
	asked = p->party[0].sent[0];
	p->party[0].n_sent = 0;
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_ON_HOLD);
	take_step(p, 1, "S-6", "in-progress", "");
	assert_int_equal(paper_deliver(p, 1, asked, LIE_NOT), OK);
	both_are(p, STATE_IN_PROGRESS);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_referral),
		cmocka_unit_test(basis),
		cmocka_unit_test(basis_of_answer),
		cmocka_unit_test(crossing),
		cmocka_unit_test(crossing_no_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
