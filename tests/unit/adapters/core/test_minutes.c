/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/minutes.h"

#define PAPER_PARTIES 3
#include "tests/support/conference_paper.h"

#include "adapters/core/compose.h"

/* Party `i`'s minutes, as its answer would have them. */
static struct record *
write_at(struct paper *p, size_t i, struct thread *ret_t)
{
	struct adapter *a = p->party[i].desk.adapter;
	struct txn *txn = store_read(a->p.store);
	struct record *record = record_new(a->mem, "record"), *invite;
	struct thread_id id = paper_thread(p, i, PAPER_CONFERENCE).id;

	assert_true(casebook_find(txn, &id, ret_t));
	assert_int_equal(compose_referral(a, txn, &ret_t->id, &invite), OK);
	record->kind = "thread-state";
	record->case_id = invite->case_id;
	record->created = invite->created;
	record->thread_state = record_new(a->mem, "thread_state");
	record->thread_state->at = record->thread_state->referral_created = invite->created;
	record->thread_state->referral_msg = arena_copy(a->mem, ret_t->referral.b, MSGID_LEN);
	assert_int_equal(minutes_write(a, txn, ret_t, invite, record), OK);
	assert_int_equal(record_check(record, NULL), OK);
	txn_abort(txn);
	return record;
}

static void
empty(struct txn *txn, enum adapter_table table)
{
	struct walk w;

	for (bool more = walk_from(txn, table, SPAN_NONE, &w); more; more = walk_next(&w))
		txn_del(txn, table, w.key);
	walk_end(&w);
}

/* What one party writes another makes the same rows and papers of: its own minutes say the same again, byte by byte. */
static void
written_and_kept(void **state)
{
	struct paper *p = paper_council();
	struct adapter *a = p->party[2].desk.adapter;
	struct span before, after;
	struct promise_row b = paper_promise(p, 2, "B"), row;
	struct record *record;
	struct thread t;
	struct txn *txn;

	(void)state;
	arena_reset(p->party[0].desk.adapter->mem);
	record = write_at(p, 0, &t);
	assert_int_equal(record_encode(record, p->mem, &before, NULL), OK);
	t = paper_thread(p, 2, PAPER_CONFERENCE);
	arena_reset(a->mem);
	txn = store_write(a->p.store);
	empty(txn, TABLE_PROMISE);	/* only what the minutes bring is there */
	empty(txn, TABLE_PAPER);
	t.conference = CONFERENCE_NONE;
	t.decided_seq = 0;
	assert_int_equal(minutes_keep(a, txn, &t, record), OK);
	casebook_put(txn, a->mem, &t);
	assert_int_equal(txn_commit(txn), OK);
	assert_int_equal(t.conference, CONFERENCE_DECIDED);
	row = paper_promise(p, 2, "B");
	assert_string_equal(row.asked_due, "2026-12-28");
	assert_true(msgid_eq(&row.message, &b.message) && row.due_ms == b.due_ms && row.said.n == b.said.n);
	record = write_at(p, 2, &t);
	assert_int_equal(record_encode(record, p->mem, &after, NULL), OK);
	assert_true(span_eq(before, after));
	paper_down(p);
}

/* Where all words would be more than a record may hold, how the commitments go on is left out, of those that have ended first; what was
 * promised, the states and the wishes stay. */
static void
too_much_is_left_out(void **state)
{
	struct paper *p = paper_council();
	struct adapter *a = p->party[0].desk.adapter;
	struct record *record, *paper;
	struct txn *txn = store_write(a->p.store);
	struct thread t = paper_thread(p, 0, PAPER_CONFERENCE);
	struct promise_row row = paper_promise(p, 0, "B");
	char words[1001];

	(void)state;
	memset(words, 'x', 1000);
	words[1000] = '\0';
	arena_reset(a->mem);
	assert_int_equal(promise_paper(a, txn, &t.id, PAPER_UPDATE, "B", p->mem, &paper), OK);
	paper->commitment_update->reason = words;
	paper->commitment_update->evidence.items = arena_array(p->mem, 16, sizeof(char *));
	for (size_t i = 0; i < 16; i++)
		paper->commitment_update->evidence.items[paper->commitment_update->evidence.n++] = words;
	for (unsigned i = 0; i < PROMISES_MAX; i++) {	/* 64 of 18 KB */
		struct record *version;

		assert_int_equal(promise_paper(a, txn, &t.id, PAPER_VERSION, "B/1", a->mem, &version), OK);
		snprintf(row.id, sizeof(row.id), "B%u", i);
		version->commitment->commitment_id = paper->commitment_update->commitment_id = row.id;
		promise_put(txn, a->mem, &t.id, &row);
		assert_int_equal(promise_keep_paper(a, txn, &t.id, PAPER_VERSION, promise_version_name(a->mem, row.id, 1), version), OK);
		assert_int_equal(promise_keep_paper(a, txn, &t.id, PAPER_UPDATE, row.id, paper), OK);
	}
	for (size_t i = 0; i < 2; i++) {
		row = paper_promise(p, 0, i ? "A" : "B");
		row.said.n = 0;		/* as if the hub had not had them: 64 are left */
		promise_put(txn, a->mem, &t.id, &row);
	}
	assert_int_equal(txn_commit(txn), OK);
	arena_reset(a->mem);
	record = write_at(p, 0, &t);
	assert_int_equal(record->thread_state->minutes->n_commitments, PROMISES_MAX);
	for (size_t i = 0; i < PROMISES_MAX; i++) {
		const struct kept_commitment *c = record->thread_state->minutes->commitments[i];

		assert_string_equal(c->commitment->text, "дело");
		assert_string_equal(c->update->new_due, "2026-12-28");
		assert_null(c->update->progress_text);
		assert_int_equal(c->update->evidence.n, 0);
		assert_int_equal(c->n_words, 3);
	}
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(written_and_kept), cmocka_unit_test(too_much_is_left_out) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
