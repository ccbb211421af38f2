/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/support/paper_hub.h"

static struct inbound
entry(uint8_t id, const char *from)
{
	struct inbound in = { .state = INBOUND_NEW, .at_ms = 7, .priority = PRIORITY_ROUTINE };

	in.id.b[0] = id;
	in.hash.b[0] = id;
	snprintf(in.from, sizeof(in.from), "%s", from);
	return in;
}

/* Cursors count up; an entry comes back whole, its record beside it; stages have none and are not "seen". */
static void
inbox_add_next(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct inbound a = entry(1, "gp-ivanova"), b = entry(2, "gp-ivanova"), in = { 0 };
	struct hash hash;
	uint64_t cursor;

	(void)state;
	b.is_stage = true;
	inbox_add(txn, p->mem, &a, SPAN_LIT("closed"));
	inbox_add(txn, p->mem, &b, SPAN_NONE);
	assert_int_equal(b.cursor, a.cursor + 1);
	assert_true(inbox_next(txn, 0, &in) && in.cursor == a.cursor && in.at_ms == 7);
	assert_true(inbox_next(txn, in.cursor, &in) && in.is_stage);
	assert_false(inbox_next(txn, in.cursor, &in));
	assert_true(span_eq(inbox_record(txn, a.cursor), SPAN_LIT("closed")));
	assert_true(inbox_seen(txn, "gp-ivanova", &a.id, &cursor, &hash) && cursor == a.cursor && hash_eq(&hash, &a.hash));
	assert_false(inbox_seen(txn, "gp-ivanova", &b.id, &cursor, &hash));
	assert_false(inbox_seen(txn, "hospital-1", &a.id, &cursor, &hash));
	assert_true(inbox_by_id(txn, &a.id, &in) && in.cursor == a.cursor);
	txn_abort(txn);
	paper_down(p);
}

/* A record is unregistered until it is registered or refused, taken by the agency's system or not; a stage never is. */
static void
unregistered(void **state)
{
	static const enum inbound_state steps[] = { INBOUND_TAKEN, INBOUND_REGISTERED };
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct inbound stage = entry(1, "gp-ivanova"), a = entry(2, "gp-ivanova"), b = entry(3, "gp-ivanova"), in;

	(void)state;
	stage.is_stage = true;
	inbox_add(txn, p->mem, &stage, SPAN_NONE);
	assert_false(inbox_unregistered(txn, &in));
	inbox_add(txn, p->mem, &a, SPAN_LIT("closed"));
	inbox_add(txn, p->mem, &b, SPAN_LIT("closed"));
	for (size_t i = 0; i < 2; i++) {
		assert_true(inbox_unregistered(txn, &in) && in.cursor == a.cursor);
		a.state = steps[i];
		inbox_put(txn, p->mem, &a);
	}
	assert_true(inbox_unregistered(txn, &in) && in.cursor == b.cursor);
	b.state = INBOUND_REFUSED;
	inbox_put(txn, p->mem, &b);
	assert_false(inbox_unregistered(txn, &in));
	txn_abort(txn);
	paper_down(p);
}

/* What was refused is noted without an entry. */
static void
inbox_note_only(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct inbound a = entry(1, "gp-ivanova"), in;
	struct hash hash;
	uint64_t cursor = 5;

	(void)state;
	inbox_note(txn, a.from, &a.id, 0, &a.hash);
	assert_true(inbox_seen(txn, a.from, &a.id, &cursor, &hash));
	assert_int_equal(cursor, 0);
	assert_false(inbox_by_id(txn, &a.id, &in));
	txn_abort(txn);
	paper_down(p);
}

/* Egress rows are stepped through by cursor, and keep when and how often. */
static void
egress_put_next(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct due d = { 0 };

	(void)state;
	egress_put(txn, &(struct due){ .cursor = 9, .due_ms = 90, .tries = 1 });
	egress_put(txn, &(struct due){ .cursor = 4, .due_ms = 40, .tries = 70000, .strikes = 3, .took = 7, .code = ERR_PEER_DOWN, .is_parked = true });
	assert_true(egress_next(txn, 0, &d) && d.cursor == 4 && d.due_ms == 40 && d.tries == 70000 && d.strikes == 3 &&
		    d.took == 7 && d.code == ERR_PEER_DOWN && d.is_parked);
	assert_true(egress_next(txn, 4, &d) && d.cursor == 9);
	egress_del(txn, 4);
	assert_true(egress_next(txn, 0, &d) && d.cursor == 9);
	assert_false(egress_next(txn, 9, &d));
	txn_abort(txn);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inbox_add_next),
		cmocka_unit_test(unregistered),
		cmocka_unit_test(inbox_note_only),
		cmocka_unit_test(egress_put_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
