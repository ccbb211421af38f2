/* SPDX-License-Identifier: EUPL-1.2 */
/* test_begin - what begins a thread: its parties, its number, its case; referrals are tested with intake, here what is beside them. */
#include "adapters/core/begin.h"
#include "adapters/core/compose.h"
#include "tests/support/paper_hub.h"

#define OFFER "id=%s\nkind=transfer-offer\ntarget=%s\ntransfer.transfer_id=%s\ntransfer.case_ref=К-1\ntransfer.reason=moved\n" \
	"transfer.from_municipality=PDV42\ntransfer.to_municipality=PDV01\ntransfer.handover_summary=Мести се\ntransfer.ownership=true\n" \
	"transfer.effective_on=2026-12-01\ntransfer.legal_basis=statutory-task\ntransfer.child.given=Калина\n" \
	"transfer.child.family=Тест\ntransfer.child.birth_date=2015-03-07\ntransfer.child.gender=female\n"

static const char *
offer(struct paper *p, size_t by, const char *number, const char *more)
{
	const char *text = arena_fmt(p->mem, OFFER "%s", number, world_ids[1 - by], number, more);

	return paper_take(p, by, text);
}

static int64_t
date_ms(const char *local)
{
	int64_t ms;

	assert_int_equal(clock_parse(local, &ms), OK);
	return ms;
}

static bool
is_ok(const char *answer)
{
	return answer != NULL && strncmp(answer, "OK ", 3) == 0;
}

/* An offer makes a thread of its own topic at both sides, with its terms, and is answered once. */
static void
a_transfer_has_its_thread(void **state)
{
	struct paper *p = paper_up();
	struct thread ours, theirs;

	(void)state;
	assert_true(is_ok(offer(p, 0, "П-1", "")));
	paper_run(p);
	ours = paper_thread(p, 0, "П-1");
	theirs = paper_thread(p, 1, "П-1");
	assert_int_equal(ours.topic, TOPIC_TRANSFER);
	assert_int_equal(theirs.topic, TOPIC_TRANSFER);
	assert_int_equal(ours.state, STATE_REQUESTED);
	assert_int_equal(ours.priority, PRIORITY_URGENT);	/* where it does not say */
	assert_true(is_ok(paper_take(p, 1, "id=a\nkind=transfer-answer\ntransfer_answer.transfer_id=П-1\ntransfer_answer.answer=accept\n")));
	paper_run(p);
	assert_int_equal(paper_thread(p, 0, "П-1").state, STATE_ACCEPTED);
	assert_int_equal(paper_thread(p, 1, "П-1").state, STATE_ACCEPTED);
	assert_string_equal(paper_take(p, 1, "id=b\nkind=transfer-answer\ntransfer_answer.transfer_id=П-1\ntransfer_answer.answer=accept\n"),
			    "NSK-1401 kind\n");
	paper_down(p);
}

/* A target that is not in the directory, none at all, and a number that was used are refused, and nothing is written. */
static void
a_transfer_is_refused(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	assert_true(is_ok(offer(p, 0, "П-1", "")));
	assert_non_null(strstr(offer(p, 0, "П-2", "target=nobody\n"), "NSK-1203"));
	assert_non_null(strstr(offer(p, 0, "П-3", "transfer.transfer_id=П-1\n"), "NSK-1404"));
	assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), 1);
	paper_down(p);
}

/* A transfer belongs to the case of what it hands over; referrals of one group are one case. */
static void
cases_are_kept_together(void **state)
{
	struct paper *p = paper_up();
	struct thread first, second, other;

	(void)state;
	for (int i = 0; i < 3; i++) {
		const char *number = arena_fmt(p->mem, "R-%d", i);
		const char *text = arena_fmt(p->mem, "%s%s", adesk_referral(p->mem, number, world_ids[1], "routine", "Измислен случай"),
					     i < 2 ? "referral.group_id=G\n" : "");

		assert_true(is_ok(paper_take(p, 0, text)));
	}
	paper_run(p);
	first = paper_thread(p, 0, "R-0");
	second = paper_thread(p, 0, "R-1");
	other = paper_thread(p, 0, "R-2");
	assert_memory_equal(first.case_id, second.case_id, sizeof(first.case_id));
	assert_memory_not_equal(first.case_id, other.case_id, sizeof(first.case_id));
	assert_true(is_ok(offer(p, 0, "П-1", "transfer.open_threads[0].referral_id=R-2\ntransfer.open_threads[0].agency=x\n")));
	assert_memory_equal(paper_thread(p, 0, "П-1").case_id, other.case_id, sizeof(other.case_id));
	paper_down(p);
}

static const char *
refer(struct paper *p, size_t by, const char *number, const char *more)
{
	return paper_take(p, by, arena_fmt(p->mem, "%s%s", adesk_referral(p->mem, number, world_ids[1 - by], "routine", "Измислен случай"), more));
}

/* What continues a referral, ours or one that came, or supersedes one of ours is of its case: formats have no other word for it. A number that
 * nobody knows makes a case of its own. */
static void
cases_go_on(void **state)
{
	struct paper *p = paper_up();
	struct thread first;

	(void)state;
	assert_true(is_ok(refer(p, 0, "R-0", "")));
	paper_run(p);
	first = paper_thread(p, 0, "R-0");
	assert_true(is_ok(refer(p, 0, "R-1", "referral.supersedes=R-0\n")));
	assert_memory_equal(paper_thread(p, 0, "R-1").case_id, first.case_id, sizeof(first.case_id));
	assert_true(is_ok(refer(p, 1, "B-1", "referral.continues=R-0\n")));
	assert_memory_equal(paper_thread(p, 1, "B-1").case_id, first.case_id, sizeof(first.case_id));
	assert_true(is_ok(refer(p, 1, "B-2", "referral.continues=R-9\nreferral.supersedes=R-8\n")));
	assert_memory_not_equal(paper_thread(p, 1, "B-2").case_id, first.case_id, sizeof(first.case_id));
	paper_down(p);
}

/* What consent does not cover is in no offer of transfer, and counted. */
static void
a_transfer_is_minimised(void **state)
{
	struct paper *p = paper_up();
	struct adapter *a = p->party[0].desk.adapter;
	struct record *record;
	struct thread t;
	struct txn *txn;

	(void)state;
	assert_true(is_ok(offer(p, 0, "П-1", "transfer.legal_basis=consent\ntransfer.consent.given_by=parent\n"
			     "transfer.consent.given_on=2026-01-05\ntransfer.consent.data_categories=identity\n"
			     "transfer.child.phone=0888000001\ntransfer.child.gp.uin=1600000001\n")));
	t = paper_thread(p, 0, "П-1");
	txn = store_read(p->party[0].desk.store);
	arena_reset(a->mem);
	assert_int_equal(compose_referral(a, txn, &t.id, &record), OK);
	assert_null(record->transfer->child->phone);
	assert_null(record->transfer->child->gp);
	assert_int_equal(*record->dropped, 2);
	txn_abort(txn);
	paper_down(p);
}

/* A referral or an offer of transfer on a consent whose last day is over is not written; on that day, or on another basis, it goes. */
static void
a_consent_that_has_ended_sends_nothing(void **state)
{
	static const struct { const char *basis, *until; bool is_ok; } cases[] = {
		{ "consent", "2026-03-01", false }, { "consent", "2026-03-02", true }, { "consent", "2026-03-03", true },
		{ "court-order", "2020-01-01", true },
	};
	struct paper *p = paper_up();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *number = arena_fmt(p->mem, "C-%zu", i), *body = "referral", *answer, *wanted;

		p->now_ms = date_ms("2026-03-02T23:59:59");
		for (int is_offer = 0; is_offer <= 1; is_offer++, body = "transfer", number = arena_fmt(p->mem, "О-%zu", i)) {
			const char *more = arena_fmt(p->mem, "%s.legal_basis=%s\n%s.consent.given_by=parent\n%s.consent.given_on=2026-01-05\n"
						     "%s.consent.valid_until=%s\n", body, cases[i].basis, body, body, body, cases[i].until);

			answer = is_offer ? offer(p, 0, number, more) : refer(p, 0, number, more);
			wanted = cases[i].is_ok ? "OK " : arena_fmt(p->mem, "NSK-1311 %s.consent.valid_until", body);
			if (strncmp(answer, wanted, strlen(wanted)) != 0)
				fail_msg("%s until %s: %s", body, cases[i].until, answer);
		}
	}
	assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), 6);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_transfer_has_its_thread),
		cmocka_unit_test(a_transfer_is_refused),
		cmocka_unit_test(cases_are_kept_together),
		cmocka_unit_test(cases_go_on),
		cmocka_unit_test(a_transfer_is_minimised),
		cmocka_unit_test(a_consent_that_has_ended_sends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
