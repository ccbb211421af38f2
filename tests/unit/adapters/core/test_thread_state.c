/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/thread_state.h"

#define PAPER_PARTIES 4
#include "tests/support/conference_paper.h"

#include "adapters/core/compose.h"
#include "adapters/core/minutes.h"

/* A question for a thread that stands is answered in its place, registered at once, and neither side's system hears of it. */
static void
answered_between_adapters(void **state)
{
	struct paper *p = paper_up();
	struct hollow h = { .my_seq = 1 };
	struct why why = { .where = "" };
	struct outbound o;
	struct thread t;
	struct txn *txn;
	uint64_t inbox;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	t = paper_thread(p, 0, "R-1");
	inbox = paper_count(p, 0, TABLE_INBOX);
	h.id = t.id;
	h.priority = t.priority;
	snprintf(h.others[h.n_others++], sizeof(h.others[0]), "%s", t.others[0].agency);
	arena_reset(p->party[0].desk.adapter->mem);
	txn = store_write(p->party[0].desk.store);
	assert_int_equal(thread_state_ask(p->party[0].desk.adapter, txn, &h, &o, &why), OK);
	t.my_seq = o.thread_seq;
	casebook_put(txn, p->party[0].desk.adapter->mem, &t);
	assert_int_equal(txn_commit(txn), OK);
	assert_true(o.is_own);
	paper_tick(p, 0, 1000);
	paper_run(p);
	assert_int_equal(paper_thread(p, 1, "R-1").others[0].taken, 2);
	assert_int_equal(paper_thread(p, 1, "R-1").my_seq, 1);
	assert_int_equal(paper_thread(p, 0, "R-1").others[0].taken, 1);	/* the answer, though nothing was missing */
	assert_int_equal(paper_count(p, 0, TABLE_INBOX), inbox);
	assert_int_equal(paper_count(p, 1, TABLE_INBOX), 1);
	txn = store_read(p->party[0].desk.store);
	assert_true(outbox_find(txn, &o.id, &o));
	assert_true(o.registered_ms != 0);
	txn_abort(txn);
	paper_down(p);
}

/* Party 3, which has lost nothing, asks in the conference's thread. */
static void
ask_of(struct paper *p, size_t first)
{
	struct adapter *a = p->party[3].desk.adapter;
	struct thread t = paper_thread(p, 3, PAPER_CONFERENCE);
	struct hollow h = { .id = t.id, .priority = t.priority, .my_seq = t.my_seq };
	struct txn *txn = store_write(a->p.store);
	struct outbound o;

	snprintf(h.others[h.n_others++], AGENCY_ID_MAX + 1, "%s", world_ids[first]);
	for (size_t i = 0; i < t.n_others; i++)
		if (hollow_party(&h, t.others[i].agency) < 0)
			snprintf(h.others[h.n_others++], AGENCY_ID_MAX + 1, "%s", t.others[i].agency);
	arena_reset(a->mem);
	assert_int_equal(thread_state_ask(a, txn, &h, &o, NULL), OK);
	t.my_seq = o.thread_seq;
	casebook_put(txn, a->mem, &t);
	assert_int_equal(txn_commit(txn), OK);
	paper_tick(p, 3, 1000);
	paper_run(p);
}

/* In a conference the question goes to all, and who is named answers, to all: nobody else, and nobody's seqs have a gap after it. */
static void
one_answers(void **state)
{
	struct paper *p = paper_council();
	uint64_t before[PAPER_PARTIES], inbox[PAPER_PARTIES];

	(void)state;
	for (size_t i = 0; i < PAPER_PARTIES; i++) {
		before[i] = paper_thread(p, i, PAPER_CONFERENCE).my_seq;
		inbox[i] = paper_count(p, i, TABLE_INBOX);
	}
	ask_of(p, 1);
	for (size_t i = 0; i < PAPER_PARTIES; i++) {
		struct thread t = paper_thread(p, i, PAPER_CONFERENCE);

		assert_int_equal(t.my_seq, before[i] + (i == 1 || i == 3));
		for (size_t k = 0; k < t.n_others; k++)
			for (size_t other = 0; other < PAPER_PARTIES; other++)
				if (strcmp(t.others[k].agency, world_ids[other]) == 0)
					assert_int_equal(t.others[k].taken, before[other] + (other == 1 || other == 3));
		assert_int_equal(paper_count(p, i, TABLE_INBOX), inbox[i]);
		assert_null(strstr(p->party[i].told, "refused"));
	}
	paper_must(p, 1, paper_update(p, "A", "in-progress", ""));
	paper_must(p, 3, "conference-rsvp conference_id=" PAPER_CONFERENCE " answer=decline reason=няма");
	paper_down(p);
}

/* A member that tells another's words otherwise than they were is refused by that one, whose operators see it, and by nobody else. */
static void
misquoted(void **state)
{
	struct paper *p = paper_council();
	struct adapter *a = p->party[1].desk.adapter;
	struct thread t = paper_thread(p, 1, PAPER_CONFERENCE);
	struct promise_row b = paper_promise(p, 1, "B");
	struct txn *txn = store_write(a->p.store);

	(void)state;
	b.said.events[b.said.n - 1].to = PROMISE_DONE;
	arena_reset(a->mem);
	promise_put(txn, a->mem, &t.id, &b);
	assert_int_equal(txn_commit(txn), OK);
	ask_of(p, 1);
	assert_non_null(strstr(p->party[2].told, "where=minutes.commitments"));
	assert_null(strstr(p->party[0].told, "where="));
	assert_null(strstr(p->party[3].told, "where="));
	/* its seq is used up: the thread goes on */
	paper_must(p, 2, paper_update(p, "B", "done", ""));
	paper_must(p, 0, paper_commitment(p, "C", 1, "2026-12-24", ""));
	paper_down(p);
}

/* A question for a thread of several that names nobody is answered by nobody. */
static void
nobody_is_named(void **state)
{
	struct paper *p = paper_council();
	struct adapter *a = p->party[3].desk.adapter;
	struct thread t = paper_thread(p, 3, PAPER_CONFERENCE);
	uint64_t before = paper_thread(p, 0, PAPER_CONFERENCE).my_seq;
	struct record *record = record_new(p->mem, "record");
	struct txn *txn = store_write(a->p.store);
	struct outbound o;

	(void)state;
	arena_reset(a->mem);
	record->kind = "thread-state-request";
	record->case_id = t.id.b;
	record->thread_request = record_new(p->mem, "thread_request");
	record->created = record->thread_request->at = record_int(p->mem, p->now_ms);
	assert_int_equal(compose_data(a, txn, &t, record, &o, NULL), OK);
	casebook_put(txn, a->mem, &t);
	assert_int_equal(txn_commit(txn), OK);
	paper_tick(p, 3, 1000);
	paper_run(p);
	assert_int_equal(paper_thread(p, 0, PAPER_CONFERENCE).my_seq, before);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answered_between_adapters), cmocka_unit_test(one_answers), cmocka_unit_test(misquoted),
		cmocka_unit_test(nobody_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
