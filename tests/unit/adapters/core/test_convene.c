/* SPDX-License-Identifier: EUPL-1.2 */
/* What an agency's own system may say at a conference, and what the adapter fills in. */
#include "tests/support/conference_paper.h"

#include "adapters/core/compose.h"
#include "adapters/core/promise.h"

/* What the tables, the members or the numbers do not allow is refused before it is sent, and leaves nothing. */
static void
refused_here(void **state)
{
	static const struct { size_t by; const char *words; enum err e; } rows[] = {
		{ 0, "conference-rsvp conference_id=" PAPER_CONFERENCE " answer=accept", ERR_BAD_ACTOR },
		{ 1, "conference-decision conference_id=" PAPER_CONFERENCE " result=decided text=x", ERR_BAD_ACTOR },
		{ 0, "conference-decision conference_id=" PAPER_CONFERENCE " result=closed text=x", ERR_BAD_TRANSITION },
		{ 0, "conference-decision conference_id=" PAPER_CONFERENCE " result=decided text=x lead_agency=school-7", ERR_INCONSISTENT },
		{ 0, "conference-decision conference_id=К-9 result=decided text=x", ERR_UNKNOWN_REFERRAL },
		{ 1, "commitment-update commitment_id=A conference_id=" PAPER_CONFERENCE " state=accepted", ERR_NOTFOUND },
	};
	struct paper *p = paper_up();
	uint64_t sent;

	(void)state;
	paper_call(p);
	sent = paper_count(p, 0, TABLE_OUTBOX) + paper_count(p, 1, TABLE_OUTBOX);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(paper_say(p, rows[i].by, rows[i].words, NULL), rows[i].e);
	assert_int_equal(paper_say(p, 0, paper_commitment(p, "A", 2, "2026-12-24", ""), NULL), ERR_INCONSISTENT);
	assert_int_equal(paper_say(p, 0, "conference-invite conference_id=К-2 case_ref=1 mechanism=violence urgency=urgent "
				   "start=2026-12-01T08:00:00Z place_or_link=x members[0].agency=nobody members[0].role=expert", NULL),
			 ERR_UNKNOWN_AGENCY);
	assert_int_equal(paper_count(p, 0, TABLE_OUTBOX) + paper_count(p, 1, TABLE_OUTBOX), sent);
	assert_int_equal(paper_count(p, 0, TABLE_PROMISE), 0);
	paper_down(p);
}

/* Versions are counted, the coordinator is named, and the case is that of the referral that it is about. */
static void
filled_in(void **state)
{
	struct paper *p = paper_up();
	struct promise_row row;
	struct thread t, of;
	struct record *first, *answer;
	struct txn *txn;

	(void)state;
	paper_refer(p, "17", "routine");
	paper_run(p);
	paper_call(p);
	paper_must(p, 0, paper_commitment(p, "A", 1, "2026-12-24", ""));
	paper_must(p, 0, paper_commitment(p, "A", 1, "2026-12-25", "reason=промяна"));
	paper_must(p, 1, paper_update(p, "A", "accepted", ""));
	t = paper_thread(p, 1, PAPER_CONFERENCE);
	of = paper_thread(p, 1, "17");
	assert_memory_equal(t.case_id, of.case_id, sizeof(t.case_id));
	arena_reset(p->party[1].desk.adapter->mem);
	txn = store_read(p->party[1].desk.store);
	assert_int_equal(compose_referral(p->party[1].desk.adapter, txn, &t.id, &first), OK);
	assert_string_equal(first->conference->called_by->agency, world_ids[0]);
	assert_true(promise_find(txn, &t.id, "A", &row));
	assert_int_equal(council_promise_version(&row.said, &promise_all), 2);
	assert_int_equal(row.due_ms, promise_due("2026-12-25"));
	assert_int_equal(promise_paper(p->party[1].desk.adapter, txn, &t.id, PAPER_UPDATE, "A", p->mem, &answer), OK);
	assert_int_equal(*answer->commitment_update->version, 2);
	txn_abort(txn);
	paper_down(p);
}

/* What consent does not cover is not in the one body that all get, and counted there. */
static void
left_out(void **state)
{
	struct paper *p = paper_up();
	struct thread t;
	struct record *first;
	struct txn *txn;

	(void)state;
	paper_must(p, 0, arena_fmt(p->mem, "conference-invite conference_id=" PAPER_CONFERENCE " case_ref=17 mechanism=violence urgency=urgent "
				   "start=2026-12-01T08:00:00Z place_or_link=зала members[0].agency=%s members[0].role=required "
				   "legal_basis=consent child.given=Проба child.family=Измислена child.birth_date=2018-05-06 "
				   "child.gender=female child.phone=0888000000 child.gp.uin=1", world_ids[1]));
	t = paper_thread(p, 1, PAPER_CONFERENCE);
	arena_reset(p->party[1].desk.adapter->mem);
	txn = store_read(p->party[1].desk.store);
	assert_int_equal(compose_referral(p->party[1].desk.adapter, txn, &t.id, &first), OK);
	assert_string_equal(first->conference->child->given, "Проба");
	assert_null(first->conference->child->phone);
	assert_null(first->conference->child->gp);
	assert_int_equal(*first->dropped, 2);
	txn_abort(txn);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(refused_here), cmocka_unit_test(filled_in), cmocka_unit_test(left_out) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
