/* SPDX-License-Identifier: EUPL-1.2 */
/* Rows of commitments and the papers of a conference. */
#include "tests/support/conference_paper.h"

#include "adapters/core/promise.h"

static struct promise_row
a_row(const char *id, const char *owner)
{
	struct promise_row row = { .due_ms = 77, .since_ms = 5, .message.b = { 7 }, .asked_due = "2026-12-24" };
	const struct promise_event event = { false, 2, 1, PROMISE_PROPOSED };

	snprintf(row.id, sizeof(row.id), "%s", id);
	snprintf(row.owner, sizeof(row.owner), "%s", owner);
	assert_int_equal(council_promise_add(&row.said, &event), OK);
	return row;
}

/* What was put comes back, one after the other, and not those of another thread. */
static void
promise_put_next(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	const struct thread_id one = { { 1 } }, other = { { 2 } };
	struct promise_row a = a_row("A", "x"), b = a_row("B", "y"), row = { .id = "" };

	(void)state;
	promise_put(txn, p->mem, &one, &b);
	promise_put(txn, p->mem, &one, &a);
	promise_put(txn, p->mem, &other, &a);
	assert_true(promise_next(txn, &one, &row) && strcmp(row.id, "A") == 0 && strcmp(row.owner, "x") == 0);
	assert_true(row.due_ms == 77 && row.since_ms == 5 && row.message.b[0] == 7 && strcmp(row.asked_due, "2026-12-24") == 0);
	assert_int_equal(row.said.n, 1);
	assert_int_equal(council_promise_state(&row.said, &promise_all), PROMISE_PROPOSED);
	assert_true(promise_next(txn, &one, &row) && strcmp(row.id, "B") == 0);
	assert_false(promise_next(txn, &one, &row));
	assert_int_equal(promise_count(txn, &one), 2);
	assert_int_equal(promise_count(txn, &other), 1);
	assert_false(promise_find(txn, &other, "B", &row));
	assert_int_equal(row.said.n, 0);
	txn_abort(txn);
	paper_down(p);
}

static uint64_t
nothing(const void *arg, const char *owner)
{
	(void)arg;
	(void)owner;
	return 0;
}

/* Whether all have ended is judged by what was seen. */
static void
promise_are_ended_seen(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	const struct thread_id id = { { 1 } };
	struct promise_row row = a_row("A", "x");
	const struct promise_event cancelled = { false, 9, 1, PROMISE_CANCELLED };

	(void)state;
	assert_true(promise_are_ended(txn, &id, 9, nothing, NULL));
	assert_int_equal(council_promise_add(&row.said, &cancelled), OK);
	promise_put(txn, p->mem, &id, &row);
	assert_true(promise_are_ended(txn, &id, 1, nothing, NULL));
	assert_false(promise_are_ended(txn, &id, 2, nothing, NULL));
	assert_true(promise_are_ended(txn, &id, 9, nothing, NULL));
	txn_abort(txn);
	paper_down(p);
}

/* A day's end in Bulgaria, in winter and in summer time. */
static void
promise_due_day(void **state)
{
	int64_t ms;

	(void)state;
	assert_int_equal(clock_parse("2026-12-01T21:59:59Z", &ms), OK);
	assert_int_equal(promise_due("2026-12-01"), ms);
	assert_int_equal(clock_parse("2026-07-01T20:59:59Z", &ms), OK);
	assert_int_equal(promise_due("2026-07-01"), ms);
	assert_int_equal(promise_due(NULL), 0);
	assert_int_equal(promise_due("tomorrow"), 0);
}

/* A paper lies closed, and opens only at its own place. */
static void
promise_paper_closed(void **state)
{
	struct paper *p = paper_up();
	struct adapter *a = p->party[0].desk.adapter;
	const struct thread_id one = { { 1 } }, other = { { 2 } };
	struct record *record = paper_record(p, "conference-rsvp conference_id=К-1 answer=accept reason=Тайна"), *got;
	static const uint8_t case_id[16] = { 1 };
	struct txn *txn = store_write(a->p.store);
	struct walk w;

	(void)state;
	arena_reset(a->mem);
	record->case_id = case_id;
	record->created = record_int(p->mem, 5);
	assert_int_equal(promise_keep_paper(a, txn, &one, PAPER_ANSWER, "x", record), OK);
	assert_int_equal(promise_paper(a, txn, &one, PAPER_ANSWER, "x", p->mem, &got), OK);
	assert_string_equal(got->rsvp->reason, "Тайна");
	assert_int_equal(promise_paper(a, txn, &other, PAPER_ANSWER, "x", p->mem, &got), OK);
	assert_null(got);
	assert_int_equal(promise_paper(a, txn, &one, PAPER_UPDATE, "x", p->mem, &got), OK);
	assert_null(got);
	assert_true(walk_from(txn, TABLE_PAPER, SPAN_NONE, &w));
	for (size_t i = 0; i + strlen("Тайна") <= w.value.n; i++)
		assert_memory_not_equal(w.value.p + i, "Тайна", strlen("Тайна"));
	walk_end(&w);
	txn_abort(txn);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(promise_put_next), cmocka_unit_test(promise_are_ended_seen), cmocka_unit_test(promise_due_day),
		cmocka_unit_test(promise_paper_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
