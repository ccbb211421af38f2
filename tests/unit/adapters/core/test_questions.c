/* SPDX-License-Identifier: EUPL-1.2 */
/* What is asked and what is answered, between two adapters: every question has a number, and an answer is to one of them. */
#include "adapters/core/duty.h"
#include "tests/support/paper_hub.h"

/* Party 1 asks about the referral of party 0; party 0 answers. */
static const char *
asks(struct paper *p, const char *id, const char *questions)
{
	const char *answer = paper_take(p, 1, arena_fmt(p->mem, "id=%s\nkind=info-request\ninfo_request.referral_id=R-1\n%s", id, questions));

	paper_run(p);
	return answer;
}

static const char *
answers(struct paper *p, const char *id, const char *text)
{
	const char *answer = paper_take(p, 0, arena_fmt(p->mem, "id=%s\nkind=info-response\ninfo_response.referral_id=R-1\n%s", id, text));

	paper_run(p);
	return answer;
}

#define ASK(k, more) "info_request.questions[" #k "].text=?\n" more
#define QID(k, qid) "info_request.questions[" #k "].qid=" qid "\n"
#define REQUIRED(k) "info_request.questions[" #k "].required=true\n"
#define SAY(k, qid, what) "info_response.answers[" #k "].qid=" qid "\ninfo_response.answers[" #k "]." what "\n"

static struct paper *
referred(void)
{
	struct paper *p = paper_up();

	assert_int_equal(strncmp(paper_take(p, 0, adesk_referral(p->mem, "R-1", world_ids[1], "routine", "Измислен случай")), "OK ", 3), 0);
	paper_run(p);
	return p;
}

static void
is_taken(const char *answer)
{
	if (strncmp(answer, "OK ", 3) != 0)
		fail_msg("%s", answer);
}

static void
is_refused(const char *answer, const char *text)
{
	if (strstr(answer, text) == NULL)
		fail_msg("%s instead of %s", answer, text);
}

/* A question that its asker has given no number gets one that is free, and is answered by it; the same number twice is refused. */
static void
numbered(void **state)
{
	struct paper *p = referred();

	(void)state;
	is_refused(asks(p, "q0", ASK(0, QID(0, "a")) ASK(1, QID(1, "a"))), "NSK-1007 info_request.questions[1].qid");
	is_taken(asks(p, "q1", ASK(0, "") ASK(1, QID(1, "1")) ASK(2, "")));
	is_refused(answers(p, "a1", SAY(0, "4", "text=да")), "NSK-1410 info_response.answers[0].qid");
	is_taken(answers(p, "a2", SAY(0, "1", "text=да") SAY(1, "2", "unknown=true") SAY(2, "3", "refused=не")));
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_RECEIVED);
	paper_down(p);
}

/* A required question wants its answer, a refusal, or that it is unknown; the others may be passed over, and none is answered twice. */
static void
answered(void **state)
{
	struct paper *p = referred();

	(void)state;
	is_taken(asks(p, "q1", ASK(0, QID(0, "a") REQUIRED(0)) ASK(1, QID(1, "b"))));
	is_refused(answers(p, "a1", SAY(0, "b", "text=да")), "NSK-1301 info_response.answers");
	is_refused(answers(p, "a2", SAY(0, "a", "text=да") SAY(1, "a", "text=не")), "NSK-1007 info_response.answers[1].qid");
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_INFO_REQUESTED);
	is_taken(answers(p, "a3", SAY(0, "a", "refused=не е дадено съгласие")));
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_RECEIVED);
	paper_down(p);
}

/* An answer that answers nothing is refused, whoever has asked, and so is one to more requests than its header has places for. */
static void
none_and_too_many(void **state)
{
	struct paper *p = referred();
	char *all = arena_strn(p->mem, "", 0);

	(void)state;
	is_refused(answers(p, "a0", ""), "NSK-1301 info_response.answers");
	for (int i = 0; i <= ENVELOPE_CLOSES_MAX; i++) {
		is_taken(asks(p, arena_fmt(p->mem, "q%d", i), ASK(0, "")));
		all = arena_fmt(p->mem, "%sinfo_response.answers[%d].qid=%d\ninfo_response.answers[%d].text=да\n", all, i, i + 1, i);
	}
	is_refused(answers(p, "a1", ""), "NSK-1301 info_response.answers");
	is_refused(answers(p, "a2", all), "NSK-1307 info_response.answers");
	*strstr(all, "info_response.answers[16]") = '\0';
	is_taken(answers(p, "a3", all));
	is_refused(answers(p, "a5", SAY(0, "1", "text=да")), "NSK-1410");
	is_taken(answers(p, "a4", SAY(0, "17", "text=да")));
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_RECEIVED);
	paper_down(p);
}

/* Asked by a status it is the same; a second set of questions is answered for itself; what nobody asked may be told at any time. */
static void
by_either_kind(void **state)
{
	struct paper *p = referred();

	(void)state;
	is_taken(answers(p, "a0", SAY(0, "x", "text=още нещо")));
	is_taken(paper_take(p, 1, adesk_status(p->mem, "s1", "R-1", "info-requested", "status.questions[0].text=?\n")));
	paper_run(p);
	is_refused(answers(p, "a1", SAY(0, "x", "text=да")), "NSK-1410");
	is_taken(answers(p, "a2", SAY(0, "1", "text=да")));
	is_taken(asks(p, "q2", ASK(0, QID(0, "b") REQUIRED(0))));
	is_refused(answers(p, "a3", SAY(0, "1", "text=да")), "NSK-1301");
	is_taken(answers(p, "a4", SAY(0, "b", "text=да")));
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_RECEIVED);
	paper_down(p);
}

/* While a question waits for its answer no other has its number: one answer is never to two questions. */
static void
no_number_twice(void **state)
{
	struct paper *p = referred();

	(void)state;
	is_taken(asks(p, "q1", ASK(0, QID(0, "1"))));
	is_refused(asks(p, "q2", ASK(0, QID(0, "1"))), "NSK-1007 info_request.questions[0].qid");
	is_taken(asks(p, "q3", ASK(0, REQUIRED(0))));
	is_refused(asks(p, "q4", ASK(0, QID(0, "2"))), "NSK-1007 info_request.questions[0].qid");
	is_taken(answers(p, "a2", SAY(0, "1", "text=да") SAY(1, "2", "text=не")));
	is_taken(asks(p, "q5", ASK(0, QID(0, "1"))));
	paper_down(p);
}

/* How many requests wait for their answer at a party. */
static size_t
n_open(struct paper *p, size_t party)
{
	struct txn *txn = store_read(p->party[party].desk.store);
	struct thread t = paper_thread(p, party, "R-1");
	struct duty_at at = { .n = 0 };
	struct duty d;
	size_t n = 0;

	while (duty_of_thread(txn, &t.id, &at, &d))
		n += d.ask == ASK_QUESTIONS && !d.is_answered && d.respond_by_ms != 0;
	txn_abort(txn);
	return n;
}

static void
stands(struct paper *p, enum state state, size_t n)
{
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(paper_thread(p, i, "R-1").state, state);
		assert_int_equal(n_open(p, i), n);
	}
}

/* Of several open requests each is answered for itself: who answers one whole leaves the others open, at both sides, and the referral
 * waits until the last of them is answered. What is touched is answered whole, or the response is refused. */
static void
one_at_a_time(void **state)
{
	struct paper *p = referred();

	(void)state;
	p->party[0].hand = HAND_NOW;
	p->party[0].answer = "case C-1";
	is_taken(asks(p, "q1", ASK(0, QID(0, "a") REQUIRED(0)) ASK(1, QID(1, "b") REQUIRED(1))));
	is_taken(asks(p, "q2", ASK(0, QID(0, "c") REQUIRED(0)) ASK(1, QID(1, "d"))));
	is_taken(asks(p, "q3", ASK(0, QID(0, "e"))));
	for (int i = 0; i < 10; i++) {
		paper_tick(p, 0, 100);
		paper_run(p);
	}
	stands(p, STATE_INFO_REQUESTED, 3);
	is_refused(answers(p, "a1", SAY(0, "a", "text=да") SAY(1, "c", "text=да")), "NSK-1301 info_response.answers");
	is_refused(answers(p, "a2", SAY(0, "d", "text=да")), "NSK-1301 info_response.answers");
	is_refused(answers(p, "a3", SAY(0, "c", "text=да") SAY(1, "x", "text=да")), "NSK-1410 info_response.answers[1].qid");
	is_refused(answers(p, "a4", SAY(0, "x", "text=да")), "NSK-1301 info_response.answers");
	stands(p, STATE_INFO_REQUESTED, 3);
	is_taken(answers(p, "a5", SAY(0, "c", "text=да")));
	stands(p, STATE_INFO_REQUESTED, 2);
	is_refused(answers(p, "a6", SAY(0, "c", "text=не")), "NSK-1301 info_response.answers");
	is_taken(answers(p, "a7", SAY(0, "a", "text=да") SAY(1, "b", "unknown=true")));
	stands(p, STATE_INFO_REQUESTED, 1);
	is_taken(answers(p, "a8", SAY(0, "e", "text=да")));
	stands(p, STATE_RECEIVED, 0);
	paper_down(p);
}

/* A request that our system has not got yet may be taken back still: the referral does not wait for it, and is not left waiting for nothing. */
static void
not_registered(void **state)
{
	struct paper *p = referred();

	(void)state;
	is_taken(asks(p, "q1", ASK(0, QID(0, "a"))));
	is_taken(asks(p, "q2", ASK(0, QID(0, "b"))));
	is_taken(answers(p, "a1", SAY(0, "a", "text=да")));
	stands(p, STATE_RECEIVED, 1);
	is_taken(answers(p, "a2", SAY(0, "b", "text=да")));
	stands(p, STATE_RECEIVED, 0);
	paper_down(p);
}

/* An answer settles what the other side has asked, and none of the questions of its author's own. */
static void
own_stay_open(void **state)
{
	struct paper *p = referred();

	(void)state;
	is_taken(asks(p, "q1", ASK(0, QID(0, "a"))));
	is_taken(paper_take(p, 0, "id=q2\nkind=info-request\ninfo_request.referral_id=R-1\n" ASK(0, QID(0, "a"))));
	paper_run(p);
	stands(p, STATE_INFO_REQUESTED, 2);
	is_taken(answers(p, "a1", SAY(0, "a", "text=да")));
	stands(p, STATE_RECEIVED, 1);
	is_taken(paper_take(p, 1, "id=a2\nkind=info-response\ninfo_response.referral_id=R-1\n" SAY(0, "a", "text=да")));
	paper_run(p);
	stands(p, STATE_RECEIVED, 0);
	paper_down(p);
}

/* The status that the referral is received again is one text to all that was asked. */
static void
by_a_status(void **state)
{
	struct paper *p = referred();

	(void)state;
	is_taken(asks(p, "q1", ASK(0, QID(0, "a") REQUIRED(0))));
	is_taken(asks(p, "q2", ASK(0, QID(0, "b") REQUIRED(0))));
	is_taken(paper_take(p, 0, adesk_status(p->mem, "s1", "R-1", "received", "status.reason_text=по телефона\n")));
	paper_run(p);
	stands(p, STATE_RECEIVED, 0);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(numbered), cmocka_unit_test(answered),
		cmocka_unit_test(none_and_too_many), cmocka_unit_test(by_either_kind),
					    cmocka_unit_test(no_number_twice), cmocka_unit_test(one_at_a_time),
					    cmocka_unit_test(not_registered), cmocka_unit_test(own_stay_open), cmocka_unit_test(by_a_status) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
