/* SPDX-License-Identifier: EUPL-1.2 */
/* test_casework - what is said in one thread of a case goes on to the others: once, also after a crash, and no further. */
#define PAPER_MAX 768	/* a long case */

#include "adapters/core/casework.h"
#include "adapters/core/compose.h"
#include "adapters/core/duty.h"
#include "tests/support/paper_hub.h"

#define WITHDRAWN "id=w\nkind=consent-change\nconsent_change.referral_id=R-0\nconsent_change.change=withdrawn\nconsent_change.changed_by=parent\n"

static void
say(struct paper *p, size_t i, const char *text)
{
	const char *answer = paper_take(p, i, text);

	assert_non_null(answer);
	if (strncmp(answer, "OK ", 3) != 0)
		fail_msg("%s", answer);
}

/* Three referrals of one case from party 0 to party 1, and one of another. */
static struct paper *
case_up(void)
{
	struct paper *p = paper_up();

	for (int i = 0; i < 4; i++)
		say(p, 0, arena_fmt(p->mem, "%s%s", adesk_referral(p->mem, arena_fmt(p->mem, "R-%d", i), world_ids[1], "routine",
				    "Измислен случай"), i < 3 ? "referral.group_id=G\n" : ""));
	paper_run(p);
	return p;
}

static uint64_t
waiting(struct paper *p, size_t i)
{
	return paper_count(p, i, TABLE_ERRANDS);
}

/* How many of the other side's records came in the thread of `number`. */
static uint64_t
came(struct paper *p, size_t i, const char *number)
{
	return paper_thread(p, i, number).others[0].taken;
}

/* Every other referral of the case hears of a change of consent, once; another case does not. */
static void
consent_is_carried(void **state)
{
	struct paper *p = case_up();

	(void)state;
	say(p, 0, WITHDRAWN);
	assert_int_equal(waiting(p, 0), 2);
	for (int i = 0; i < 3; i++)
		paper_tick(p, 0, 10);
	paper_run(p);
	assert_int_equal(waiting(p, 0), 0);
	assert_int_equal(waiting(p, 1), 0);	/* who was told has nobody to tell */
	for (int i = 0; i < 3; i++)
		assert_int_equal(came(p, 1, arena_fmt(p->mem, "R-%d", i)), 2);
	assert_int_equal(came(p, 1, "R-3"), 1);
	paper_down(p);
}

/* Two agencies that have each referred the child to the other: each hears of a change in both referrals once, and it does not go round. */
static void
consent_does_not_go_round(void **state)
{
	struct paper *p = case_up();
	struct thread t = paper_thread(p, 1, "R-0");
	char hex[2 * sizeof(t.case_id) + 1];

	(void)state;
	bytes_hex(t.case_id, sizeof(t.case_id), hex);
	say(p, 1, arena_fmt(p->mem, "%scase_id=%s\n", adesk_referral(p->mem, "B-0", world_ids[0], "routine", "Измислен случай"), hex));
	paper_run(p);
	say(p, 0, WITHDRAWN);
	for (int i = 0; i < 6; i++) {
		paper_run(p);
		paper_tick(p, 0, 10);
		paper_tick(p, 1, 10);
	}
	paper_run(p);
	for (int i = 0; i < 3; i++)
		assert_int_equal(came(p, 1, arena_fmt(p->mem, "R-%d", i)), 2);
	assert_int_equal(came(p, 0, "B-0"), 2);
	assert_int_equal(waiting(p, 0) + waiting(p, 1), 0);
	paper_down(p);
}

#define INVITE "id=i\nkind=conference-invite\nconference.conference_id=К-1\nconference.case_ref=R-1\nconference.mechanism=violence\n" \
	"conference.urgency=urgent\nconference.start=2026-12-01T08:00:00Z\nconference.place_or_link=Зала\nconference.members[0].agency=%s\n" \
	"conference.members[0].role=required\nconference.child.given=Калина\nconference.child.family=Тест\n" \
	"conference.child.birth_date=2015-03-07\nconference.child.gender=female\n"
#define OFFER "id=t\nkind=transfer-offer\ntarget=%s\ntransfer.transfer_id=T\ntransfer.case_ref=%s\ntransfer.reason=moved\n" \
	"transfer.from_municipality=PDV42\ntransfer.to_municipality=PDV01\ntransfer.handover_summary=Мести се\n" \
	"transfer.ownership=true\ntransfer.effective_on=2026-12-01\ntransfer.legal_basis=statutory-task\n" \
	"transfer.child.given=Калина\ntransfer.child.family=Тест\ntransfer.child.birth_date=2015-03-07\ntransfer.child.gender=female\n"

/* Ticks of party `i`, until it has no errand left. */
static void
do_errands(struct paper *p, size_t i)
{
	for (int n = 0; n < 16 && waiting(p, i) > 0; n++)
		paper_tick(p, i, 10);
	assert_int_equal(waiting(p, i), 0);
	paper_run(p);
}

/* Answers to a change of consent that party 0 waits for in the thread of `number`. */
static size_t
owed(struct paper *p, const char *number)
{
	struct thread t = paper_thread(p, 0, number);
	struct txn *txn = store_read(p->party[0].desk.store);
	struct duty_at at = { .n = 0 };
	struct duty d;
	size_t n = 0;

	while (duty_of_thread(txn, &t.id, &at, &d))
		n += d.ask == ASK_CONSENT && d.respond_by_ms != 0 && !d.is_answered;
	txn_abort(txn);
	return n;
}

/* Whoever got the child by an invitation or an offer of transfer hears of the change as well, once, in that thread, and owes an answer there. */
static void
consent_reaches_conferences_and_transfers(void **state)
{
	struct paper *p = case_up();

	(void)state;
	say(p, 0, arena_fmt(p->mem, INVITE, world_ids[1]));
	say(p, 0, arena_fmt(p->mem, OFFER, world_ids[1], "R-2"));
	paper_run(p);
	say(p, 0, WITHDRAWN);
	assert_int_equal(waiting(p, 0), 4);
	do_errands(p, 0);
	assert_int_equal(waiting(p, 1), 0);
	assert_int_equal(came(p, 1, "К-1"), 2);
	assert_int_equal(came(p, 1, "T"), 2);
	for (int i = 0; i < 3; i++)
		assert_int_equal(came(p, 1, arena_fmt(p->mem, "R-%d", i)), 2);
	assert_int_equal(came(p, 1, "R-3"), 1);
	assert_int_equal(owed(p, "К-1") + owed(p, "T"), 2);
	say(p, 1, "id=a\nkind=consent-answer\nconsent_answer.conference_id=К-1\nconsent_answer.result=retained\n"
	    "consent_answer.legal_basis=statutory-task\nconsent_answer.ground=Протоколът се пази.\n");
	say(p, 1, "id=b\nkind=consent-answer\nconsent_answer.transfer_id=T\nconsent_answer.result=shredded\n");
	paper_run(p);
	assert_int_equal(came(p, 0, "К-1"), 1);
	assert_int_equal(came(p, 0, "T"), 1);
	assert_int_equal(owed(p, "К-1") + owed(p, "T"), 0);
	assert_null(strstr(p->party[0].told, "inbox.refused"));
	assert_null(strstr(p->party[1].told, "inbox.refused"));
	paper_down(p);
}

/* A change that is said of a conference goes to the case's other threads, and does not come back to the conference. */
static void
consent_is_said_of_a_conference(void **state)
{
	struct paper *p = case_up();

	(void)state;
	say(p, 0, arena_fmt(p->mem, INVITE, world_ids[1]));
	paper_run(p);
	say(p, 0, "id=w\nkind=consent-change\nconsent_change.conference_id=К-1\nconsent_change.change=withdrawn\n"
	    "consent_change.changed_by=parent\n");
	do_errands(p, 0);
	assert_int_equal(came(p, 1, "К-1"), 2);
	for (int i = 0; i < 3; i++)
		assert_int_equal(came(p, 1, arena_fmt(p->mem, "R-%d", i)), 2);
	paper_down(p);
}

/* One change is of one thread: what names two, or none, is refused; so is a change by who did not begin the thread. */
static void
consent_names_one_thread(void **state)
{
	struct paper *p = case_up();

	(void)state;
	say(p, 0, arena_fmt(p->mem, INVITE, world_ids[1]));
	paper_run(p);
	assert_string_equal(paper_take(p, 0, WITHDRAWN "consent_change.conference_id=К-1\n"), "NSK-1301 consent_change.referral_id\n");
	assert_non_null(strstr(paper_take(p, 0, "id=v\nkind=consent-change\nconsent_change.change=withdrawn\n"
					  "consent_change.changed_by=parent\n"), "NSK-1301"));
	assert_non_null(strstr(paper_take(p, 1, "id=w\nkind=consent-change\nconsent_change.conference_id=К-1\n"
					  "consent_change.change=withdrawn\nconsent_change.changed_by=parent\n"), "NSK-1402"));
	assert_int_equal(waiting(p, 0) + waiting(p, 1), 0);
	paper_down(p);
}

/* A case of more threads than one turn carries to: each hears of it once, also after a crash on the way. */
static void
a_long_case_is_carried_in_turns(void **state)
{
	struct paper *p = paper_up();
	const int n = 40;	/* a turn is 32 */

	(void)state;
	for (int i = 0; i < n; i++)
		say(p, 0, arena_fmt(p->mem, "%sreferral.group_id=G\n", adesk_referral(p->mem, arena_fmt(p->mem, "R-%d", i), world_ids[1],
										       "routine", "Измислен случай")));
	paper_run(p);
	say(p, 0, WITHDRAWN);
	assert_true(waiting(p, 0) < (uint64_t)n - 1);
	paper_tick(p, 0, 10);
	paper_tick(p, 0, 10);
	paper_run(p);
	adesk_stop(&p->party[0].desk);
	adesk_start(&p->party[0].desk);
	paper_greet(p, 0, 1000);
	do_errands(p, 0);
	for (int i = 0; i < n; i++)
		assert_int_equal(came(p, 1, arena_fmt(p->mem, "R-%d", i)), 2);
	paper_down(p);
}

/* What a crash interrupts is done afterwards: an errand is kept with what caused it. */
static void
errands_outlive_a_crash(void **state)
{
	struct paper *p = case_up();

	(void)state;
	say(p, 0, WITHDRAWN);
	adesk_stop(&p->party[0].desk);
	adesk_start(&p->party[0].desk);
	paper_greet(p, 0, 1000);
	assert_int_equal(waiting(p, 0), 2);
	for (int i = 0; i < 3; i++)
		paper_tick(p, 0, 10);
	paper_run(p);
	for (int i = 0; i < 3; i++)
		assert_int_equal(came(p, 1, arena_fmt(p->mem, "R-%d", i)), 2);
	paper_down(p);
}

/* One provider of a group that is chosen stops the others, and only them. */
static void
one_provider_is_chosen(void **state)
{
	struct paper *p = case_up();

	(void)state;
	say(p, 0, "id=c\nkind=provider-choice\nchoice.referral_id=R-1\nchoice.group_id=G\n");
	for (int i = 0; i < 3; i++)
		paper_tick(p, 0, 10);
	paper_run(p);
	assert_int_equal(paper_thread(p, 0, "R-0").state, STATE_CANCELLED);
	assert_int_equal(paper_thread(p, 1, "R-2").state, STATE_CANCELLED);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_REQUESTED);
	assert_int_equal(paper_thread(p, 1, "R-3").state, STATE_REQUESTED);
	paper_down(p);
}

/* A choice under another group's name, or of a referral that is in none, is refused: it would stop others, or nobody. */
static void
a_choice_is_of_its_group(void **state)
{
	struct paper *p = case_up();

	(void)state;
	assert_string_equal(paper_take(p, 0, "id=c\nkind=provider-choice\nchoice.referral_id=R-1\nchoice.group_id=H\n"), "NSK-1106 choice.group_id\n");
	assert_string_equal(paper_take(p, 0, "id=d\nkind=provider-choice\nchoice.referral_id=R-3\nchoice.group_id=G\n"), "NSK-1106 choice.group_id\n");
	assert_int_equal(waiting(p, 0), 0);
	paper_run(p);
	assert_int_equal(came(p, 1, "R-1"), 1);
	assert_int_equal(came(p, 1, "R-3"), 1);
	paper_down(p);
}

/* What was shredded is empty in the store of who shredded it, and the thread is still understood. */
static void
what_is_shredded_is_gone(void **state)
{
	struct paper *p = case_up();
	struct thread t = paper_thread(p, 1, "R-0");
	struct adapter *a = p->party[1].desk.adapter;
	struct record *record;
	struct inbound in;
	struct txn *txn;

	(void)state;
	say(p, 0, WITHDRAWN);
	paper_run(p);
	say(p, 1, "id=s\nkind=consent-answer\nconsent_answer.referral_id=R-0\nconsent_answer.result=shredded\n");
	assert_int_equal(waiting(p, 1), 1);
	paper_tick(p, 1, 10);
	assert_int_equal(waiting(p, 1), 0);
	txn = store_read(p->party[1].desk.store);
	arena_reset(a->mem);
	assert_int_equal(compose_referral(a, txn, &t.id, &record), OK);
	assert_string_equal(record->referral->referral_id, "R-0");
	assert_string_equal(record->referral->child->given, "–");
	assert_string_equal(record->referral->reason_text, "–");
	assert_int_equal(record->referral->child->n_ids, 0);
	assert_true(inbox_get(txn, t.place, &in));
	assert_int_equal(in.state, INBOUND_ERASED);
	assert_null(inbox_record(txn, t.place).p);
	txn_abort(txn);
	paper_run(p);
	assert_int_equal(came(p, 0, "R-0"), 1);		/* the answer went home */
	paper_down(p);
}

/* Whether party `i` is shown no deadline of `number`. */
static bool
owes_nothing(struct paper *p, size_t i, const char *number)
{
	struct thread t = paper_thread(p, i, number);
	struct txn *txn = store_read(p->party[i].desk.store);
	struct duty_at at = { .n = 0 };
	struct duty d;
	bool owes = false;

	while (duty_of_thread(txn, &t.id, &at, &d))
		owes |= d.respond_by_ms != 0 && !d.is_answered;
	txn_abort(txn);
	return !owes;
}

/* Who says that all is shredded ends the referral with that word, at both sides and with all that was owed: it takes no step any more, says and hears nothing
 * of the child. Who retains goes on. */
static void
what_is_shredded_has_ended(void **state)
{
	struct paper *p = case_up();

	(void)state;
	say(p, 0, WITHDRAWN);
	do_errands(p, 0);
	assert_false(owes_nothing(p, 0, "R-0"));
	say(p, 1, "id=s\nkind=consent-answer\nconsent_answer.referral_id=R-0\nconsent_answer.result=shredded\n");
	assert_int_equal(paper_thread(p, 1, "R-0").state, STATE_WITHDRAWN);
	assert_int_equal(paper_thread(p, 1, "R-0").hold, HOLD_SHREDDED);
	assert_string_equal(paper_take(p, 1, adesk_status(p->mem, "s-1", "R-0", "accepted", "")), "NSK-1401 status.to\n");
	do_errands(p, 1);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(paper_thread(p, i, "R-0").state, STATE_WITHDRAWN);
		assert_true(owes_nothing(p, i, "R-0"));
		assert_int_equal(strncmp(paper_take(p, i, "id=a\nkind=assessment-result\nassessment.referral_id=R-0\nassessment.done_on=2026-03-02\n"
						    "assessment.assessment_kind=risk\nassessment.done_by=Екип\nassessment.conclusions=x\n"),
					 "NSK-1311", 8), 0);
	}
	say(p, 1, "id=r\nkind=consent-answer\nconsent_answer.referral_id=R-1\nconsent_answer.result=retained\n"
	    "consent_answer.legal_basis=statutory-task\nconsent_answer.ground=Срок за съхранение.\n");
	say(p, 1, adesk_status(p->mem, "s-2", "R-1", "accepted", ""));
	paper_run(p);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_ACCEPTED);
	paper_down(p);
}

/* An answer about consent that nobody has changed is refused: it would end the referral for good. */
static void
nobody_asked(void **state)
{
	struct paper *p = case_up();

	(void)state;
	assert_string_equal(paper_take(p, 1, "id=s\nkind=consent-answer\nconsent_answer.referral_id=R-0\nconsent_answer.result=shredded\n"),
			    "NSK-1410 consent_answer\n");
	assert_int_equal(paper_thread(p, 1, "R-0").hold, HOLD_NONE);
	say(p, 0, WITHDRAWN);
	paper_run(p);
	say(p, 1, "id=r\nkind=consent-answer\nconsent_answer.referral_id=R-0\nconsent_answer.result=retained\n"
	    "consent_answer.legal_basis=statutory-task\nconsent_answer.ground=Срок за съхранение.\n");
	paper_run(p);
	say(p, 1, "id=s\nkind=consent-answer\nconsent_answer.referral_id=R-0\nconsent_answer.result=shredded\n");	/* its time is over */
	paper_down(p);
}

/* An offer of transfer whose words are shredded has ended: it cannot be accepted any more. */
static void
a_shredded_offer_has_ended(void **state)
{
	struct paper *p = case_up();

	(void)state;
	say(p, 0, arena_fmt(p->mem, OFFER, world_ids[1], "R-2"));
	paper_run(p);
	say(p, 0, WITHDRAWN);
	do_errands(p, 0);
	say(p, 1, "id=b\nkind=consent-answer\nconsent_answer.transfer_id=T\nconsent_answer.result=shredded\n");
	do_errands(p, 1);
	assert_int_equal(strncmp(paper_take(p, 1, "id=y\nkind=transfer-answer\ntransfer_answer.transfer_id=T\ntransfer_answer.answer=accept\n"),
				 "NSK-1401", 8), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(paper_thread(p, i, "T").state, STATE_WITHDRAWN);
		assert_true(owes_nothing(p, i, "T"));
	}
	paper_down(p);
}

/* What still comes of the child where it was shredded (by a sender that does not stop) is refused with the consent's error; what ends the thread is taken. */
static void
what_comes_later_is_refused(void **state)
{
	struct paper *p = case_up();
	struct paper_party *q = &p->party[1];
	uint64_t n;

	(void)state;
	say(p, 0, "id=h\nkind=consent-change\nconsent_change.referral_id=R-0\nconsent_change.change=withdrawn\nconsent_change.changed_by=parent\n"
	    "consent_change.data_categories=health\n");
	paper_run(p);
	say(p, 1, "id=s\nkind=consent-answer\nconsent_answer.referral_id=R-0\nconsent_answer.result=shredded\n");
	n = paper_count(p, 1, TABLE_INRECORD);
	say(p, 0, "id=a\nkind=assessment-result\nassessment.referral_id=R-0\nassessment.done_on=2026-03-02\n"
	    "assessment.assessment_kind=risk\nassessment.done_by=Екип\nassessment.conclusions=x\n");
	say(p, 0, WITHDRAWN);
	paper_run(p);
	assert_non_null(strstr(q->told, "code=NSK-1311"));
	assert_int_equal(paper_thread(p, 1, "R-0").others[0].taken, 4);
	assert_int_equal(paper_count(p, 1, TABLE_INRECORD), n + 1);	/* the change */
	paper_down(p);
}

/* What an offer of transfer names is handed over when it is accepted, of whatever case each referral is; what it does not name, of its case,
 * hears of it; another child's does not. */
static void
what_is_named_is_handed_over(void **state)
{
	struct paper *p = case_up();

	(void)state;
	say(p, 0, adesk_referral(p->mem, "R-4", world_ids[1], "routine", "Друго дете"));
	say(p, 0, arena_fmt(p->mem, OFFER "transfer.open_threads[0].referral_id=R-0\ntransfer.open_threads[0].agency=%s\n"
			    "transfer.open_threads[1].referral_id=R-3\ntransfer.open_threads[1].agency=%s\n", world_ids[1], "К-1",
			    world_ids[1], world_ids[1]));
	paper_run(p);
	say(p, 1, "id=a\nkind=transfer-answer\ntransfer_answer.transfer_id=T\ntransfer_answer.answer=accept\n");
	for (int i = 0; i < 3; i++) {
		paper_run(p);
		paper_tick(p, 0, 10);
	}
	paper_run(p);
	assert_int_equal(waiting(p, 0), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(paper_thread(p, i, "R-0").state, STATE_TRANSFERRED);
		assert_int_equal(paper_thread(p, i, "R-3").state, STATE_TRANSFERRED);
		assert_int_equal(paper_thread(p, i, "R-1").state, STATE_REQUESTED);
	}
	assert_int_equal(came(p, 1, "R-0"), 3);
	assert_int_equal(came(p, 1, "R-1"), 2);
	assert_int_equal(came(p, 1, "R-3"), 3);
	assert_int_equal(came(p, 1, "R-4"), 1);
	paper_down(p);
}

/* A word for the other threads of a case that has too many goes to as many as are allowed, and that there are more is told. */
static void
what_is_beyond_is_told(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	for (int i = 0; i < CASE_THREADS_MAX + 2; i++)
		say(p, 0, arena_fmt(p->mem, "%sreferral.group_id=G\n", adesk_referral(p->mem, arena_fmt(p->mem, "R-%d", i), world_ids[1],
										       "routine", "Измислен случай")));
	p->party[0].told[0] = '\0';
	say(p, 0, "id=c\nkind=provider-choice\nchoice.referral_id=R-1\nchoice.group_id=G\n");
	assert_int_equal(waiting(p, 0), CASE_THREADS_MAX);
	assert_non_null(strstr(p->party[0].told, "case.cut"));
	paper_down(p);
}

/* An errand that is not possible any more is told and dropped; the others are done. */
static void
what_is_too_late_is_dropped(void **state)
{
	struct paper *p = case_up();

	(void)state;
	say(p, 0, "id=c\nkind=provider-choice\nchoice.referral_id=R-1\nchoice.group_id=G\n");
	say(p, 0, "id=e\nkind=status-change\nstatus.referral_id=R-0\nstatus.to=entered-in-error\nstatus.reason_text=x\n");
	for (int i = 0; i < 3; i++)
		paper_tick(p, 0, 10);
	assert_int_equal(waiting(p, 0), 0);
	assert_non_null(strstr(p->party[0].told, "case.dropped"));
	assert_int_equal(paper_thread(p, 0, "R-2").state, STATE_CANCELLED);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(consent_is_carried),
		cmocka_unit_test(consent_does_not_go_round),
		cmocka_unit_test(consent_reaches_conferences_and_transfers),
		cmocka_unit_test(consent_is_said_of_a_conference),
		cmocka_unit_test(consent_names_one_thread),
		cmocka_unit_test(a_long_case_is_carried_in_turns),
		cmocka_unit_test(errands_outlive_a_crash),
		cmocka_unit_test(one_provider_is_chosen),
		cmocka_unit_test(a_choice_is_of_its_group),
		cmocka_unit_test(what_is_shredded_is_gone),
		cmocka_unit_test(what_is_shredded_has_ended),
		cmocka_unit_test(nobody_asked),
		cmocka_unit_test(a_shredded_offer_has_ended),
		cmocka_unit_test(what_comes_later_is_refused),
		cmocka_unit_test(what_is_named_is_handed_over),
		cmocka_unit_test(what_is_beyond_is_told),
		cmocka_unit_test(what_is_too_late_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
