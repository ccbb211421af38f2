/* SPDX-License-Identifier: EUPL-1.2 */
/* test_erasure - what was shredded is empty in the store of who shredded it, and its thread is still understood. */
#include "adapters/core/erasure.h"
#include "adapters/core/compose.h"
#include "adapters/core/promise.h"
#include "tests/support/conference_paper.h"

#define CHILD " child.given=Калина child.family=Измислена child.birth_date=2018-05-06 child.gender=female"
#define SHREDDED "consent-answer conference_id=" PAPER_CONFERENCE " result=shredded"

/* A conference about a child with a commitment of party 1, accepted, and its answer. */
static struct paper *
conference_up(void)
{
	struct paper *p = paper_up();

	paper_must(p, 0, arena_fmt(p->mem, "conference-invite conference_id=" PAPER_CONFERENCE " case_ref=17 mechanism=violence urgency=urgent "
				   "start=2026-12-01T08:00:00Z place_or_link=зала members[0].agency=%s members[0].role=required" CHILD,
				   world_ids[1]));
	paper_must(p, 1, "conference-rsvp conference_id=" PAPER_CONFERENCE " answer=accept reason=тайна");
	paper_must(p, 0, "conference-decision conference_id=" PAPER_CONFERENCE " result=decided text=план");
	paper_must(p, 0, paper_commitment(p, "A", 1, "2026-12-24", ""));
	paper_must(p, 1, paper_update(p, "A", "accepted", "progress_text=тайна"));
	return p;
}

static uint64_t
erased(struct paper *p, const struct thread *t)
{
	struct txn *txn = store_read(p->party[1].desk.store);
	struct inbound in;
	uint64_t n = 0;

	for (uint64_t after = 0; inbox_next(txn, after, &in); after = in.cursor)
		n += memcmp(in.thread.b, t->id.b, THREAD_LEN) == 0 && in.state == INBOUND_ERASED;
	txn_abort(txn);
	return n;
}

/* Of a conference neither invitation, decision, commitment nor answer has a word left; who owes what by when stands, and it goes on. */
static void
a_conference_is_emptied(void **state)
{
	struct paper *p = conference_up();
	struct thread t = paper_thread(p, 1, PAPER_CONFERENCE);
	struct adapter *a = p->party[1].desk.adapter;
	struct record *first, *paper;
	struct promise_row row;
	struct txn *txn;

	(void)state;
	paper_must(p, 0, "consent-change conference_id=" PAPER_CONFERENCE " change=withdrawn changed_by=parent");
	paper_must(p, 1, SHREDDED);
	paper_tick(p, 1, 10);
	assert_int_equal(erased(p, &t), 4);
	txn = store_read(p->party[1].desk.store);
	arena_reset(a->mem);
	assert_int_equal(compose_referral(a, txn, &t.id, &first), OK);
	assert_string_equal(first->conference->conference_id, PAPER_CONFERENCE);
	assert_null(first->conference->child);
	assert_string_equal(first->conference->place_or_link, "–");
	assert_int_equal(first->conference->n_members, 1);
	assert_int_equal(promise_paper(a, txn, &t.id, PAPER_ANSWER, world_ids[1], p->mem, &paper), OK);
	assert_string_equal(paper->rsvp->answer, "accept");
	assert_null(paper->rsvp->reason);
	assert_int_equal(promise_paper(a, txn, &t.id, PAPER_DECISION, "decided", p->mem, &paper), OK);
	assert_string_equal(paper->decision->text, "–");
	assert_int_equal(promise_paper(a, txn, &t.id, PAPER_VERSION, "A/1", p->mem, &paper), OK);
	assert_string_equal(paper->commitment->text, "–");
	assert_string_equal(paper->commitment->due, "2026-12-24");
	assert_int_equal(promise_paper(a, txn, &t.id, PAPER_UPDATE, "A", p->mem, &paper), OK);
	assert_null(paper->commitment_update->progress_text);
	assert_true(promise_find(txn, &t.id, "A", &row));
	assert_int_equal(row.due_ms, promise_due("2026-12-24"));
	txn_abort(txn);
	paper_must(p, 1, paper_update(p, "A", "done", ""));
	paper_down(p);
}

/* Who keeps its minutes by law answers so, and nothing of them is touched; the coordinator's own are its own. */
static void
what_is_retained_stays(void **state)
{
	struct paper *p = conference_up();
	struct thread t = paper_thread(p, 1, PAPER_CONFERENCE);
	struct adapter *a = p->party[1].desk.adapter;
	struct record *first;
	struct txn *txn;

	(void)state;
	paper_must(p, 0, "consent-change conference_id=" PAPER_CONFERENCE " change=withdrawn changed_by=parent");
	paper_must(p, 1, "consent-answer conference_id=" PAPER_CONFERENCE " result=retained legal_basis=statutory-task ground=протокол");
	assert_int_equal(paper_say(p, 0, SHREDDED, NULL), ERR_BAD_ACTOR);
	paper_tick(p, 1, 10);
	assert_int_equal(erased(p, &t), 0);
	txn = store_read(p->party[1].desk.store);
	arena_reset(a->mem);
	assert_int_equal(compose_referral(a, txn, &t.id, &first), OK);
	assert_string_equal(first->conference->child->given, "Калина");
	txn_abort(txn);
	paper_down(p);
}

/* Of an offer of transfer there is left which child's case moved from where to where, without the child. */
static void
a_transfer_is_emptied(void **state)
{
	struct paper *p = paper_up();
	struct adapter *a = p->party[1].desk.adapter;
	struct record *first;
	struct thread t;
	struct txn *txn;

	(void)state;
	paper_must(p, 0, arena_fmt(p->mem, "transfer-offer target.agency=%s transfer_id=T case_ref=К-1 reason=moved from_municipality=PDV42 "
				   "to_municipality=PDV01 handover_summary=тайна ownership=true effective_on=2026-12-01 "
				   "legal_basis=statutory-task" CHILD, world_ids[1]));
	paper_must(p, 0, "consent-change transfer_id=T change=withdrawn changed_by=parent");
	paper_must(p, 1, "consent-answer transfer_id=T result=shredded");
	paper_tick(p, 1, 10);
	t = paper_thread(p, 1, "T");
	assert_int_equal(erased(p, &t), 2);
	txn = store_read(p->party[1].desk.store);
	arena_reset(a->mem);
	assert_int_equal(compose_referral(a, txn, &t.id, &first), OK);
	assert_string_equal(first->transfer->transfer_id, "T");
	assert_string_equal(first->transfer->child->given, "–");
	assert_string_equal(first->transfer->handover_summary, "–");
	txn_abort(txn);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_conference_is_emptied),
		cmocka_unit_test(what_is_retained_stays),
		cmocka_unit_test(a_transfer_is_emptied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
