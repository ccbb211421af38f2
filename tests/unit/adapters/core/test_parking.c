/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/parking.h"
#include "tests/support/paper_hub.h"

/* `n` referrals in the inbox of party 1, each in a thread of its own. */
static struct paper *
filled(unsigned n)
{
	struct paper *p = paper_up();

	p->party[1].desk.config.egress.receipts.door = ADAPTER_DOOR_NONE;
	for (unsigned i = 0; i < n; i++)
		paper_refer(p, arena_fmt(p->mem, "R-%u", i), "routine");
	paper_run(p);
	return p;
}

static void
answer(struct paper *p, uint64_t cursor, const char *text)
{
	struct paper_party *q = &p->party[1];
	struct native native = { .bytes = span_str(text) };

	assert_int_equal(adapter_handed(q->desk.adapter, &q->desk.door, cursor, OK, text ? &native : NULL), OK);
}

static uint64_t
waiting(struct paper *p)
{
	return paper_count(p, 1, TABLE_EGRESS);
}

/* Everything that was handed over from `*done` on is answered: "later" where the text has `bad`, else a number of its own. */
static void
answer_all(struct paper *p, size_t *done, const char *bad)
{
	for (; *done < p->party[1].n_handed; ++*done) {
		uint64_t cursor = p->party[1].handed[*done].cursor;
		bool is_bad = strstr(p->party[1].handed[*done].text, bad) != NULL;

		answer(p, cursor, is_bad ? "later" : arena_fmt(p->mem, "case C-%llu", (unsigned long long)cursor));
	}
}

static struct due
due_of(struct paper *p, uint64_t cursor)
{
	struct txn *txn = store_read(p->party[1].desk.store);
	struct due due = { 0 };

	assert_true(egress_get(txn, cursor, &due));
	txn_abort(txn);
	return due;
}

/* What fails ten times while its system takes others is parked: it holds up its own thread and no other, until an operator has it
 * tried anew. */
static void
parked_after_ten(void **state)
{
	struct paper *p = filled(0);
	struct adapter *a = p->party[1].desk.adapter;
	struct why why = { 0 };
	size_t done = 0, n;
	unsigned i;

	(void)state;
	paper_refer(p, "R-bad", "routine");
	assert_non_null(paper_take(p, 0, adesk_status(p->mem, "S-bad", "R-bad", "withdrawn", "")));
	paper_run(p);
	for (i = 0; i < 40 && !due_of(p, 1).is_parked; i++) {
		paper_tick(p, 1, 60000);
		answer_all(p, &done, "R-bad");
		paper_refer(p, arena_fmt(p->mem, "R-%u", i), "routine");
		paper_run(p);
		paper_tick(p, 1, 0);
		answer_all(p, &done, "R-bad");
	}
	assert_int_equal(due_of(p, 1).strikes, 10);
	assert_non_null(strstr(p->party[1].told, "egress.parked"));
	for (unsigned k = 0; k < i; k++)
		assert_int_not_equal(paper_thread(p, 1, arena_fmt(p->mem, "R-%u", k)).registered_ms, 0);
	paper_tick(p, 1, 10 * 60000);
	assert_int_equal(p->party[1].n_handed, done);	/* not tried, nor what follows it in its thread */
	assert_int_equal(waiting(p), 2);
	assert_int_equal(parking_requeue(a, "0190aaaa-0000-7000-8000-000000000000", &n, &why), ERR_NOTFOUND);
	assert_int_equal(parking_requeue(a, NULL, &n, &why), OK);
	assert_int_equal(n, 1);
	paper_tick(p, 1, 0);
	answer_all(p, &done, "none is bad");
	paper_tick(p, 1, 0);
	answer_all(p, &done, "none is bad");
	assert_int_equal(waiting(p), 0);
	assert_int_not_equal(paper_thread(p, 1, "R-bad").registered_ms, 0);
	paper_down(p);
}

/* What is parked can be refused for good: its sender gets the reason, and the thread goes on. */
static void
parked_refused(void **state)
{
	struct paper *p = filled(1);
	struct adapter *a = p->party[1].desk.adapter;
	struct txn *txn = store_write(p->party[1].desk.store);
	char id[MSGID_TEXT_LEN];
	struct why why = { 0 };
	struct inbound in;

	(void)state;
	egress_put(txn, &(struct due){ .cursor = 1, .is_parked = true });
	assert_true(inbox_get(txn, 1, &in));
	assert_int_equal(txn_commit(txn), OK);
	msgid_format(&in.id, id);
	assert_int_equal(parking_refuse(a, id, "", &why), ERR_REQUIRED);
	assert_int_equal(parking_refuse(a, "R-0", "Липсва дата", &why), ERR_NOTFOUND);
	assert_int_equal(parking_refuse(a, id, "Липсва дата", &why), OK);
	paper_run(p);
	assert_int_equal(waiting(p), 0);
	assert_int_equal(paper_thread(p, 0, "R-0").refused, ERR_SYSTEM_REFUSED);
	assert_int_equal(parking_refuse(a, id, "Липсва дата", &why), ERR_NOTFOUND);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parked_after_ten),
		cmocka_unit_test(parked_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
