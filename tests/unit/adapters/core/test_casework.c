/* SPDX-License-Identifier: EUPL-1.2 */
/* test_casework - what is said in one thread of a case goes on to the others: once, also after a crash, and no further. */
#include "adapters/core/casework.h"
#include "adapters/core/compose.h"
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

/* What an offer of transfer names is handed over when it is accepted, of whatever case each referral is; what it does not name, of its case,
 * hears of it; another child's does not. */
static void
what_is_named_is_handed_over(void **state)
{
	struct paper *p = case_up();

	(void)state;
	say(p, 0, adesk_referral(p->mem, "R-4", world_ids[1], "routine", "Друго дете"));
	say(p, 0, arena_fmt(p->mem, "id=t\nkind=transfer-offer\ntarget=%s\ntransfer.transfer_id=T\ntransfer.case_ref=К-1\ntransfer.reason=moved\n"
		"transfer.from_municipality=PDV42\ntransfer.to_municipality=PDV01\ntransfer.handover_summary=Мести се\n"
		"transfer.ownership=true\ntransfer.effective_on=2026-12-01\ntransfer.legal_basis=statutory-task\n"
		"transfer.child.given=Калина\ntransfer.child.family=Тест\ntransfer.child.birth_date=2015-03-07\n"
		"transfer.child.gender=female\ntransfer.open_threads[0].referral_id=R-0\ntransfer.open_threads[0].agency=%s\n"
		"transfer.open_threads[1].referral_id=R-3\ntransfer.open_threads[1].agency=%s\n", world_ids[1], world_ids[1], world_ids[1]));
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
		cmocka_unit_test(errands_outlive_a_crash),
		cmocka_unit_test(one_provider_is_chosen),
		cmocka_unit_test(a_choice_is_of_its_group),
		cmocka_unit_test(what_is_shredded_is_gone),
		cmocka_unit_test(what_is_named_is_handed_over),
		cmocka_unit_test(what_is_too_late_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
