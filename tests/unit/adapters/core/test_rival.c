/* SPDX-License-Identifier: EUPL-1.2 */
/* test_rival - of several providers one is chosen, and of several agencies one is responsible: whoever says it twice is told. */
#include "adapters/core/parking.h"
#include "adapters/core/rival.h"
#include "adapters/core/withdraw.h"
#include "tests/support/paper_hub.h"

#define OFFER "id=%s\nkind=transfer-offer\ntarget=%s\ntransfer.transfer_id=%s\ntransfer.case_ref=R-0\ntransfer.reason=moved\n" \
	"transfer.from_municipality=PDV42\ntransfer.to_municipality=PDV01\ntransfer.handover_summary=Мести се\ntransfer.ownership=%s\n" \
	"transfer.effective_on=2026-12-01\ntransfer.legal_basis=statutory-task\ntransfer.child.given=Калина\n" \
	"transfer.child.family=Тест\ntransfer.child.birth_date=2015-03-07\ntransfer.child.gender=female\n"

static bool
is_ok(const char *answer)
{
	return answer != NULL && strncmp(answer, "OK ", 3) == 0;
}

/* Two referrals of one group, taken on by their recipient. */
static struct paper *
group_up(void)
{
	struct paper *p = paper_up();

	for (int i = 0; i < 2; i++) {
		const char *text = adesk_referral(p->mem, arena_fmt(p->mem, "R-%d", i), world_ids[1], "routine", "Измислен случай");

		assert_true(is_ok(paper_take(p, 0, arena_fmt(p->mem, "%sreferral.group_id=G\n", text))));
	}
	paper_run(p);
	for (int i = 0; i < 2; i++)
		assert_true(is_ok(paper_take(p, 1, arena_fmt(p->mem,
				"id=a%d\nkind=status-change\nstatus.referral_id=R-%d\nstatus.to=accepted\n", i, i))));
	paper_run(p);
	return p;
}

static const char *
choose(struct paper *p, const char *id, const char *referral)
{
	return paper_take(p, 0, arena_fmt(p->mem, "id=%s\nkind=provider-choice\nchoice.referral_id=%s\nchoice.group_id=G\n", id, referral));
}

static void
settle(struct paper *p)
{
	for (int i = 0; i < 3; i++) {
		paper_tick(p, 0, 10);
		paper_run(p);
	}
}

/* Two providers who both accepted cannot both be chosen, at once or later: each choice would stop the other's. */
static void
one_choice_stands(void **state)
{
	struct paper *p = group_up();

	(void)state;
	assert_true(is_ok(choose(p, "c1", "R-0")));
	assert_string_equal(choose(p, "c2", "R-1"), "NSK-1401 choice.group_id\n");
	settle(p);
	assert_string_equal(choose(p, "c3", "R-1"), "NSK-1401 choice.group_id\n");
	assert_int_equal(paper_thread(p, 0, "R-0").state, STATE_ACCEPTED);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_CANCEL_REQUESTED);
	assert_true(is_ok(choose(p, "c4", "R-0")));	/* said once more it is no other choice */
	paper_down(p);
}

/* When the chosen one's referral is being cancelled or has ended, another may be chosen. */
static void
another_after_it_ended(void **state)
{
	static const char *const ENDS[][2] = { { "0",
					       "id=e\nkind=cancellation\ncancellation.referral_id=R-0\ncancellation.type=cancel-request\n"
						       "cancellation.reason=x\ncancellation.asked_by=carer\ncancellation.at=2026-03-02T10:00:00Z\n" },
					       { "1",
						       "id=e\nkind=status-change\nstatus.referral_id=R-0\n"
						       "status.to=declined\nstatus.reason_code=no-capacity\n" } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct paper *p = group_up();

		assert_true(is_ok(choose(p, "c1", "R-0")));
		paper_run(p);
		assert_true(is_ok(paper_take(p, ENDS[i][0][0] == '1', ENDS[i][1])));
		paper_run(p);
		assert_true(is_ok(choose(p, "c2", "R-1")));
		paper_down(p);
	}
}

static const char *
offer(struct paper *p, size_t by, const char *number, bool is_ownership)
{
	return paper_take(p, by, arena_fmt(p->mem, OFFER, number, world_ids[1 - by], number, is_ownership ? "true" : "false"));
}

static void
answer(struct paper *p, size_t by, const char *number, const char *said)
{
	assert_true(is_ok(paper_take(p, by, arena_fmt(p->mem, "id=a-%s\nkind=transfer-answer\ntransfer_answer.transfer_id=%s\n"
						     "transfer_answer.answer=%s\ntransfer_answer.reason=x\n", number, number, said))));
	paper_run(p);
}

/* Responsibility is offered to one agency at a time; who rejects makes room for the next, and an offer without it is free. */
static void
one_offer_at_a_time(void **state)
{
	struct paper *p = group_up();

	(void)state;
	assert_true(is_ok(offer(p, 0, "П-1", true)));
	paper_run(p);
	assert_string_equal(offer(p, 0, "П-2", true), "NSK-1401 transfer.case_ref\n");
	assert_true(is_ok(offer(p, 0, "П-3", false)));
	paper_run(p);
	answer(p, 1, "П-1", "reject");
	assert_true(is_ok(offer(p, 0, "П-4", true)));
	paper_down(p);
}

static const char *
say_answer(struct paper *p, size_t by, const char *number, const char *said)
{
	return paper_take(p, by, arena_fmt(p->mem, "id=%s-%s\nkind=transfer-answer\ntransfer_answer.transfer_id=%s\n"
				 "transfer_answer.answer=%s\ntransfer_answer.reason=x\n", said, number, number, said));
}

static void
both_are(struct paper *p, const char *number, enum state state)
{
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(lifecycle_state_code(paper_thread(p, i, number).state), lifecycle_state_code(state));
}

/* Who offers takes the offer back while it is unanswered, registered or not, in time or not, and only then offers elsewhere; whoever would answer it
 * afterwards is told. */
static void
another_when_taken_back(void **state)
{
	struct paper *p = group_up();

	(void)state;
	assert_true(is_ok(offer(p, 0, "П-1", true)));
	paper_run(p);
	assert_true(is_ok(paper_take(p, 1, "confirms=П-1\ncase_no=А-1\n")));
	paper_run(p);
	paper_tick(p, 0, INT64_C(30) * 24 * 60 * 60 * 1000);
	assert_string_equal(offer(p, 0, "П-2", true), "NSK-1401 transfer.case_ref\n");
	assert_string_equal(say_answer(p, 1, "П-1", "withdraw"), "NSK-1402 transfer_answer.answer\n");
	assert_string_equal(say_answer(p, 0, "П-1", "accept"), "NSK-1402 transfer_answer.answer\n");
	p->party[1].n_handed = 0;
	assert_true(is_ok(say_answer(p, 0, "П-1", "withdraw")));
	assert_true(is_ok(offer(p, 0, "П-3", true)));
	paper_run(p);
	both_are(p, "П-1", STATE_CANCELLED);
	assert_int_equal(strncmp(say_answer(p, 1, "П-1", "accept"), "NSK-1401 ", 9), 0);
	assert_int_equal(strncmp(say_answer(p, 0, "П-1", "withdraw"), "OK ", 3), 0);	/* the same once more */
	answer(p, 1, "П-3", "accept");
	both_are(p, "П-3", STATE_ACCEPTED);
	assert_int_equal(strncmp(say_answer(p, 0, "П-3", "withdraw"), "NSK-1401 ", 9), 0);
	paper_down(p);
}

/* An answer that crosses the offer's being taken back counts at neither side, whatever it says: nobody is told of a new agency. */
static void
answer_crosses(void **state)
{
	static const char *const answers[] = { "accept", "reject" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct paper *p = group_up();
		size_t n_said;

		assert_true(is_ok(offer(p, 0, "П-1", true)));
		paper_run(p);
		assert_true(is_ok(say_answer(p, 1, "П-1", answers[i])));
		assert_true(is_ok(say_answer(p, 0, "П-1", "withdraw")));
		n_said = p->n_said;
		paper_run(p);
		settle(p);
		assert_int_equal(p->n_said, n_said + 2);
		both_are(p, "П-1", STATE_CANCELLED);
		assert_int_equal(paper_count(p, 0, TABLE_UNSEEN) + paper_count(p, 1, TABLE_UNSEEN), 0);
		assert_true(is_ok(offer(p, 0, "П-2", true)));
		paper_down(p);
	}
}

/* While the offer's message is being taken back an acceptance is refused, and has never been. */
static void
accepted_as_it_goes_back(void **state)
{
	struct paper *p = group_up();
	struct why why = { .where = "" };

	(void)state;
	assert_true(is_ok(offer(p, 0, "П-1", true)));
	paper_run(p);
	assert_true(is_ok(say_answer(p, 1, "П-1", "accept")));
	assert_int_equal(withdraw_ask(p->party[0].desk.adapter, "П-1", &why), OK);
	paper_run(p);
	settle(p);
	both_are(p, "П-1", STATE_CANCELLED);
	assert_int_equal(paper_count(p, 1, TABLE_UNSEEN), 1);	/* a dead letter of who had accepted */
	paper_down(p);
}

/* Others are told of an acceptance as it comes: the system of who offered does not refuse it to its author, but parks it for an operator, who does not
 * either; nor does its author take it back. */
static void
acceptance_stands(void **state)
{
	struct paper *p = group_up();
	struct adapter *a = p->party[0].desk.adapter;
	struct why why = { .where = "" };
	char id[MSGID_TEXT_LEN], *text;

	(void)state;
	for (int i = 0; i < 20; i++) {		/* all that came before */
		p->party[0].hand = HAND_NOW;
		p->party[0].answer = "taken";
		paper_tick(p, 0, 1000);
	}
	assert_true(is_ok(offer(p, 0, "П-1", true)));
	paper_run(p);
	text = arena_strn(p->mem, say_answer(p, 1, "П-1", "accept"), 3 + MSGID_TEXT_LEN - 1);
	snprintf(id, sizeof(id), "%s", text + 3);
	assert_int_equal(withdraw_ask(p->party[1].desk.adapter, id, &why), ERR_UNSUPPORTED);
	paper_run(p);
	assert_int_equal(withdraw_ask(a, "П-1", &why), ERR_CONFLICT);
	p->party[0].answer = "never";
	for (int i = 0; i < 5; i++)
		paper_tick(p, 0, 1000);
	paper_run(p);
	both_are(p, "П-1", STATE_ACCEPTED);
	assert_non_null(strstr(p->party[0].told, "egress.parked"));
	assert_int_equal(paper_count(p, 1, TABLE_UNSEEN), 0);
	assert_int_equal(parking_refuse(a, id, "no", &why), ERR_UNSUPPORTED);
	assert_true(is_ok(paper_take(p, 0, arena_fmt(p->mem, "confirms=%s\ncase_no=Н-1\n", id))));
	paper_down(p);
}

/* Who has handed over is not responsible any more, until the child is handed back. */
static void
handed_over_is_gone(void **state)
{
	struct paper *p = group_up();

	(void)state;
	assert_true(is_ok(offer(p, 0, "П-1", true)));
	paper_run(p);
	answer(p, 1, "П-1", "accept");
	assert_string_equal(offer(p, 0, "П-2", true), "NSK-1401 transfer.case_ref\n");
	paper_tick(p, 1, 1000);
	paper_tick(p, 0, 1000);
	assert_true(is_ok(offer(p, 1, "П-9", true)));
	paper_run(p);
	answer(p, 0, "П-9", "accept");
	assert_true(is_ok(offer(p, 0, "П-3", true)));
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_choice_stands), cmocka_unit_test(another_after_it_ended), cmocka_unit_test(one_offer_at_a_time),
		cmocka_unit_test(another_when_taken_back), cmocka_unit_test(handed_over_is_gone),
		cmocka_unit_test(answer_crosses), cmocka_unit_test(accepted_as_it_goes_back), cmocka_unit_test(acceptance_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
