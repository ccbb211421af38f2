/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/withdraw.h"
#include "tests/support/paper_hub.h"

static void
ask(struct paper *p, const char *ref)
{
	struct why why = { 0 };

	assert_int_equal(withdraw_ask(p->party[0].desk.adapter, ref, &why), OK);
}

/* What party `i` has submitted last, and nothing left of it. */
static struct span
last_sent(struct paper *p, size_t i)
{
	struct span bytes = p->party[i].sent[p->party[i].n_sent - 1];

	p->party[i].n_sent = 0;
	return bytes;
}

static void
step(struct paper *p, size_t i, const char *id, const char *to)
{
	assert_int_equal(strncmp(paper_take(p, i, adesk_status(p->mem, id, "R-1", to, "")), "OK ", 3), 0);
}

/* The hub stores and delivers `bytes` of party `i`. */
static void
pass(struct paper *p, size_t i, struct span bytes)
{
	assert_int_equal(paper_accept(p, i, bytes, LIE_NOT), OK);
	assert_int_equal(paper_deliver(p, 1 - i, bytes, LIE_NOT), OK);
}

/* A step taken back before it came uses its seq up: the thread goes on at its recipient, whatever comes first; at its sender the step
 * is undone. */
static void
taken_back_before_it_came(void **state)
{
	struct span first, second, withdrawal, third;
	struct paper *p = paper_up();

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	p->party[1].n_sent = 0;
	step(p, 1, "S-1", "accepted");
	first = p->party[1].sent[0];
	for (size_t k = 0; paper_decode(p, first).header.class != CLASS_DATA; k++)
		first = p->party[1].sent[k + 1];
	p->party[1].n_sent = 0;
	step(p, 1, "S-2", "in-progress");
	second = last_sent(p, 1);
	assert_int_equal(paper_accept(p, 1, first, LIE_NOT), OK);
	assert_int_equal(paper_accept(p, 1, second, LIE_NOT), OK);
	{
		struct why why = { 0 };
		char id[MSGID_TEXT_LEN];
		struct msgid second_id = paper_decode(p, second).header.id;

		msgid_format(&second_id, id);
		assert_int_equal(withdraw_ask(p->party[1].desk.adapter, id, &why), OK);
		assert_int_equal(withdraw_ask(p->party[1].desk.adapter, id, &why), OK);
	}
	assert_int_equal(p->party[1].n_sent, 1);	/* asked twice, sent once */
	withdrawal = last_sent(p, 1);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_IN_PROGRESS);
	pass(p, 1, withdrawal);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_ACCEPTED);
	assert_int_equal(paper_deliver(p, 0, first, LIE_NOT), OK);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_ACCEPTED);
	step(p, 1, "S-3", "in-progress");
	third = last_sent(p, 1);
	assert_int_equal(paper_decode(p, third).header.seq, 3);
	pass(p, 1, third);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_IN_PROGRESS);
	assert_int_equal(paper_thread(p, 0, "R-1").others[0].taken, 3);
	/* should the message come all the same, it is nothing new */
	assert_int_equal(paper_deliver(p, 0, second, LIE_NOT), OK);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_IN_PROGRESS);
	paper_down(p);
}

/* The message of party `i` among what it sent that is a record, and nothing left of the rest. */
static struct span
last_record(struct paper *p, size_t i)
{
	size_t n = p->party[i].n_sent;

	while (n > 0 && paper_decode(p, p->party[i].sent[n - 1]).header.class != CLASS_DATA)
		n--;
	assert_int_not_equal(n, 0);
	p->party[i].n_sent = 0;
	return p->party[i].sent[n - 1];
}

static struct span
withdrawal_of(struct paper *p, size_t i, struct span bytes)
{
	struct msgid of = paper_decode(p, bytes).header.id;
	struct why why = { 0 };
	char id[MSGID_TEXT_LEN];

	msgid_format(&of, id);
	p->party[i].n_sent = 0;
	assert_int_equal(withdraw_ask(p->party[i].desk.adapter, id, &why), OK);
	assert_int_equal(p->party[i].n_sent, 1);
	return last_sent(p, i);
}

/* Two steps taken back, the one that began first, end where they began on both sides, whether or not the second has come; and a step
 * taken anew stands. */
static void
taken_back_in_order(void **state)
{
	(void)state;
	for (int has_come = 0; has_come < 2; has_come++) {
		struct span first, second, withdrawal;
		struct paper *p = paper_up();

		paper_refer(p, "R-1", "routine");
		paper_run(p);
		p->party[1].n_sent = 0;
		step(p, 1, "S-1", "received");
		pass(p, 1, first = last_record(p, 1));
		step(p, 1, "S-2", "accepted");
		second = last_record(p, 1);
		assert_int_equal(paper_accept(p, 1, second, LIE_NOT), OK);
		if (has_come)
			assert_int_equal(paper_deliver(p, 0, second, LIE_NOT), OK);
		withdrawal = withdrawal_of(p, 1, first);
		pass(p, 1, withdrawal);
		assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_ACCEPTED);
		assert_int_equal(paper_thread(p, 0, "R-1").state, has_come ? STATE_ACCEPTED : STATE_REQUESTED);
		pass(p, 1, withdrawal_of(p, 1, second));
		assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_REQUESTED);
		assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_REQUESTED);
		step(p, 1, "S-3", "received");
		pass(p, 1, last_record(p, 1));
		step(p, 1, "S-4", "accepted");
		second = last_record(p, 1);
		pass(p, 1, second);
		pass(p, 1, withdrawal_of(p, 1, second));
		assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_RECEIVED);
		assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_RECEIVED);
		paper_down(p);
	}
}

/* A step taken back that had overridden one of the other side, said at the same time, leaves that one on both sides, whether or not it
 * has come there. */
static void
taken_back_beside_another(void **state)
{
	(void)state;
	for (int has_come = 0; has_come < 2; has_come++) {
		struct paper *p = paper_up();
		struct span ours, theirs;

		paper_refer(p, "R-1", "routine");
		paper_run(p);
		p->party[0].n_sent = p->party[1].n_sent = 0;
		step(p, 0, "S-1", "withdrawn");
		ours = last_record(p, 0);
		step(p, 1, "S-2", "received");
		theirs = last_record(p, 1);
		pass(p, 1, theirs);
		assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_WITHDRAWN);
		assert_int_equal(paper_accept(p, 0, ours, LIE_NOT), OK);
		if (has_come)
			assert_int_equal(paper_deliver(p, 1, ours, LIE_NOT), OK);
		assert_int_equal(paper_thread(p, 1, "R-1").state, has_come ? STATE_WITHDRAWN : STATE_RECEIVED);
		pass(p, 0, withdrawal_of(p, 0, ours));
		assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_RECEIVED);
		assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_RECEIVED);
		paper_down(p);
	}
}

/* A referral that the other system was given and has not registered is taken back: that system is told that it is cancelled, can
 * not register it any more, and the sender's system hears that it is so. */
static void
taken_back_where_it_is(void **state)
{
	struct paper *p = paper_up();
	struct paper_party *q = &p->party[1];

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	q->hand = HAND_NOW;
	q->answer = "taken";
	paper_tick(p, 1, 0);
	q->n_handed = 0;
	ask(p, "R-1");
	paper_run(p);
	paper_tick(p, 1, 1000);
	assert_int_equal(q->n_handed, 1);
	assert_non_null(strstr(q->handed[0].text, "status-change R-1 cancelled"));
	assert_non_null(strstr(paper_take(p, 1, "confirms=R-1\ncase_no=C-1\n"), "NSK-1107"));
	assert_int_equal(paper_count(p, 1, TABLE_UNREGISTERED), 0);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_CANCELLED);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_CANCELLED);
	p->party[0].hand = HAND_NOW;
	p->party[0].answer = "taken";
	for (int i = 0; i < 5; i++)
		paper_tick(p, 0, 1000);
	assert_non_null(strstr(p->party[0].handed[p->party[0].n_handed - 1].text, "stage withdrawn R-1"));
	paper_down(p);
}

/* What was never handed over is not handed over, and nobody is told of it. */
static void
taken_back_unseen(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	ask(p, "R-1");
	paper_run(p);
	paper_tick(p, 1, 1000);
	assert_int_equal(p->party[1].n_handed, 0);
	assert_int_equal(paper_count(p, 1, TABLE_EGRESS), 0);
	paper_down(p);
}

static enum err
no_room(void *arg)
{
	(void)arg;
	return ERR_FULL;
}

/* What the other system was given stays known where no row could say so: the disk was full when its try failed, or the adapter ended before
 * it was answered. */
static void
taken_back_unnoted(void **state)
{
	(void)state;
	for (int is_restart = 0; is_restart < 2; is_restart++) {
		struct paper *p = paper_up();
		struct paper_party *q = &p->party[1];
		struct native answer = { .bytes = SPAN_NONE };

		paper_refer(p, "R-1", "routine");
		paper_run(p);
		q->hand = HAND_KEEP;
		paper_tick(p, 1, 0);
		assert_int_equal(q->n_handed, 1);
		if (is_restart) {
			adesk_stop(&q->desk);
			adesk_start(&q->desk);
			paper_greet(p, 1, 1000);
		} else {
			store_set_fault(q->desk.store, no_room, NULL);
			assert_int_equal(adapter_handed(q->desk.adapter, &q->desk.door, q->handed[0].cursor, ERR_PEER_DOWN, &answer), OK);
			store_set_fault(q->desk.store, NULL, NULL);
		}
		q->n_handed = 0;
		ask(p, "R-1");
		paper_run(p);
		for (int i = 0; i < 10; i++)
			paper_tick(p, 1, 10000);
		assert_int_equal(q->n_handed, 1);
		assert_non_null(strstr(q->handed[0].text, "status-change R-1 cancelled"));
		paper_down(p);
	}
}

/* The answer of a system that was given it comes too late to register anything. */
static void
answered_too_late(void **state)
{
	struct paper *p = paper_up();
	struct paper_party *q = &p->party[1];
	struct native answer = { .bytes = SPAN_LIT("case C-1") };

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	paper_tick(p, 1, 0);
	assert_int_equal(q->n_handed, 1);
	ask(p, "R-1");
	paper_run(p);
	assert_int_equal(adapter_handed(q->desk.adapter, &q->desk.door, q->handed[0].cursor, OK, &answer), OK);
	assert_int_equal(paper_thread(p, 1, "R-1").registered_ms, 0);
	paper_tick(p, 1, 1000);
	assert_non_null(strstr(q->handed[1].text, "cancelled"));
	paper_down(p);
}

/* What is registered stays so: asked after it, the answer is no; asked before and overtaken, nothing changes on either side. */
static void
registered_first(void **state)
{
	struct paper *p = paper_up();
	struct span withdrawal;
	struct why why = { 0 };

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_refer(p, "R-2", "routine");
	paper_run(p);
	ask(p, "R-2");
	withdrawal = last_sent(p, 0);
	assert_int_equal(strncmp(paper_take(p, 1, "confirms=R-1\ncase_no=C-1\n"), "OK ", 3), 0);
	assert_int_equal(strncmp(paper_take(p, 1, "confirms=R-2\ncase_no=C-2\n"), "OK ", 3), 0);
	paper_run(p);
	assert_int_equal(withdraw_ask(p->party[0].desk.adapter, "R-1", &why), ERR_CONFLICT);
	assert_int_equal(withdraw_ask(p->party[0].desk.adapter, "R-9", &why), ERR_NOTFOUND);
	assert_int_equal(paper_refuse(p, 0, withdrawal, ERR_CONFLICT, 0), OK);
	assert_string_equal(paper_thread(p, 1, "R-2").case_no, "C-2");
	assert_int_equal(paper_thread(p, 1, "R-2").state, STATE_REQUESTED);
	assert_int_equal(paper_thread(p, 0, "R-2").state, STATE_REQUESTED);
	paper_down(p);
}

/* Registered here, but taken back at the hub before it heard of that: our system holds what its sender believes undone, and is told;
 * both sides end alike. */
static void
registered_too_late(void **state)
{
	struct paper *p = paper_up();
	struct span withdrawal, registration;
	size_t n_handed;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	ask(p, "R-1");
	withdrawal = last_sent(p, 0);
	assert_int_equal(strncmp(paper_take(p, 1, "confirms=R-1\ncase_no=C-1\n"), "OK ", 3), 0);
	registration = last_sent(p, 1);
	assert_int_equal(paper_accept(p, 0, withdrawal, LIE_NOT), OK);
	assert_int_equal(paper_refuse(p, 1, registration, ERR_CONFLICT, 0), OK);
	assert_int_equal(paper_deliver(p, 1, withdrawal, LIE_NOT), OK);
	paper_tick(p, 1, 1000);
	assert_non_null(strstr(p->party[1].handed[p->party[1].n_handed - 1].text, "status-change R-1 cancelled"));
	n_handed = p->party[1].n_handed;
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_CANCELLED);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_CANCELLED);
	assert_int_equal(paper_count(p, 1, TABLE_PENDING), 0);
	assert_int_equal(paper_deliver(p, 1, withdrawal, LIE_NOT), OK);	/* once */
	paper_tick(p, 1, 1000);
	assert_int_equal(p->party[1].n_handed, n_handed);
	paper_down(p);
}

/* A withdrawal that the hub sees before its message, which waits for room there, is not lost: it goes again behind it. */
static void
before_it_is_stored(void **state)
{
	struct paper *p = paper_up();
	struct span message, withdrawal;

	(void)state;
	paper_refer(p, "R-1", "routine");
	message = last_sent(p, 0);
	ask(p, "R-1");
	withdrawal = last_sent(p, 0);
	assert_int_equal(paper_refuse(p, 0, message, ERR_FULL, 500), OK);
	assert_int_equal(paper_refuse(p, 0, withdrawal, ERR_NOTFOUND, 0), OK);
	assert_int_equal(paper_count(p, 0, TABLE_PENDING), 2);
	paper_tick(p, 0, 1000);
	assert_int_equal(p->party[0].n_sent, 1);
	assert_int_equal(paper_decode(p, last_sent(p, 0)).header.class, CLASS_DATA);
	assert_int_equal(paper_accept(p, 0, message, LIE_NOT), OK);
	paper_tick(p, 0, 1500);
	assert_int_equal(p->party[0].n_sent, 1);
	withdrawal = last_sent(p, 0);
	assert_int_equal(paper_decode(p, withdrawal).header.stage, STAGE_WITHDRAWN);
	pass(p, 0, withdrawal);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_CANCELLED);
	assert_int_equal(paper_count(p, 0, TABLE_PENDING), 0);
	paper_down(p);
}

/* One whose message is refused for good has nothing to take back, and is over with it. */
static void
refused_with_its_message(void **state)
{
	struct paper *p = paper_up();
	struct span message, withdrawal;

	(void)state;
	paper_refer(p, "R-1", "routine");
	message = last_sent(p, 0);
	ask(p, "R-1");
	withdrawal = last_sent(p, 0);
	assert_int_equal(paper_refuse(p, 0, message, ERR_NOT_ALLOWED, 0), OK);
	assert_int_equal(paper_refuse(p, 0, withdrawal, ERR_NOTFOUND, 0), OK);
	assert_int_equal(paper_count(p, 0, TABLE_PENDING), 0);
	paper_tick(p, 0, 5000);
	assert_int_equal(p->party[0].n_sent, 0);
	paper_down(p);
}

/* Nobody takes back what is another's: a withdrawal by who did not send the message changes nothing. */
static void
not_the_sender(void **state)
{
	struct paper *p = paper_up();
	struct why why = { 0 };
	char id[MSGID_TEXT_LEN];
	struct thread t;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	t = paper_thread(p, 1, "R-1");
	msgid_format(&t.referral, id);
	assert_int_equal(withdraw_ask(p->party[1].desk.adapter, id, &why), ERR_NOTFOUND);
	assert_int_equal(withdraw_ask(p->party[1].desk.adapter, "R-1", &why), ERR_NOTFOUND);
	paper_down(p);
}

/* An answer stops the deadline of what it answers; taken back it has answered nothing, so the deadline runs again at both ends and is told
 * when it has passed. One that is registered stays an answer.
 */
static void
its_deadline_runs_again(void **state)
{
	struct span first, withdrawal;
	struct paper *p = paper_up();

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	assert_int_equal(strncmp(paper_take(p, 1, "confirms=R-1\ncase_no=7/26\n"), "OK ", 3), 0);
	paper_run(p);
	assert_string_equal(paper_answer_owed(p, 0), "owed");
	assert_string_equal(paper_answer_owed(p, 1), "owed");
	p->party[1].n_sent = 0;
	step(p, 1, "S-1", "accepted");
	first = last_record(p, 1);
	assert_int_equal(paper_decode(p, first).header.n_closes, 1);
	pass(p, 1, first);
	assert_string_equal(paper_answer_owed(p, 0), "nothing");
	assert_string_equal(paper_answer_owed(p, 1), "nothing");
	withdrawal = withdrawal_of(p, 1, first);
	assert_string_equal(paper_answer_owed(p, 1), "nothing");	/* it is taken back when the hub has that */
	pass(p, 1, withdrawal);
	assert_string_equal(paper_answer_owed(p, 0), "owed");
	assert_string_equal(paper_answer_owed(p, 1), "owed");
	p->now_ms += 300 * CLOCK_DAY;
	paper_tick(p, 0, 0);
	paper_tick(p, 1, 0);
	assert_string_equal(paper_answer_owed(p, 0), "late");
	assert_string_equal(paper_answer_owed(p, 1), "late");
	p->party[1].n_sent = 0;
	step(p, 1, "S-2", "accepted");
	first = last_record(p, 1);
	assert_int_equal(paper_decode(p, first).header.n_closes, 1);
	pass(p, 1, first);
	assert_string_equal(paper_answer_owed(p, 0), "nothing");
	assert_string_equal(paper_answer_owed(p, 1), "nothing");
	paper_down(p);
}

/* The id that an answer "OK id thread ..." gives. */
static const char *
said(struct paper *p, size_t i, const char *text)
{
	const char *answer = paper_take(p, i, text);

	if (strncmp(answer, "OK ", 3) != 0)
		fail_msg("%s", answer);
	return arena_strn(p->mem, answer + 3, MSGID_TEXT_LEN - 1);
}

/* A change of consent is not taken back, nor is the word that all was shredded: others have acted on them. Nothing is changed; a new change is said. */
static void
not_a_familys_word(void **state)
{
	struct paper *p = paper_up();
	struct why why = { 0 };
	const char *change, *answer;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	change = said(p, 0, "id=w\nkind=consent-change\nconsent_change.referral_id=R-1\nconsent_change.change=withdrawn\n"
		      "consent_change.changed_by=parent\n");
	assert_int_equal(withdraw_ask(p->party[0].desk.adapter, change, &why), ERR_UNSUPPORTED);
	assert_non_null(strstr(why.text, "new consent-change"));
	paper_run(p);
	answer = said(p, 1, "id=s\nkind=consent-answer\nconsent_answer.referral_id=R-1\nconsent_answer.result=shredded\n");
	assert_int_equal(withdraw_ask(p->party[1].desk.adapter, answer, &why), ERR_UNSUPPORTED);
	paper_run(p);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(paper_thread(p, i, "R-1").state, STATE_WITHDRAWN);
	(void)said(p, 0, "id=n\nkind=consent-change\nconsent_change.referral_id=R-1\nconsent_change.change=renewed\n"
		   "consent_change.changed_by=parent\nconsent_change.consent.given_by=parent\nconsent_change.consent.given_on=2026-03-02\n");
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken_back_before_it_came),
		cmocka_unit_test(taken_back_in_order),
		cmocka_unit_test(taken_back_beside_another),
		cmocka_unit_test(taken_back_where_it_is),
		cmocka_unit_test(taken_back_unseen),
		cmocka_unit_test(taken_back_unnoted),
		cmocka_unit_test(answered_too_late),
		cmocka_unit_test(registered_first),
		cmocka_unit_test(registered_too_late),
		cmocka_unit_test(before_it_is_stored),
		cmocka_unit_test(refused_with_its_message),
		cmocka_unit_test(not_a_familys_word), cmocka_unit_test(not_the_sender), cmocka_unit_test(its_deadline_runs_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
