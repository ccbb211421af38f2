/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/support/paper_hub.h"

static void
add(struct paper *p, uint8_t id, enum priority priority)
{
	struct txn *txn = store_write(p->party[0].desk.store);
	struct outbound o = { .class = CLASS_DATA, .priority = priority, .queued_ms = 5 };

	o.id.b[0] = id;
	outbox_add(txn, p->mem, &o, SPAN_LIT("header"), SPAN_LIT("body"), SPAN_LIT("closed"));
	assert_int_equal(txn_commit(txn), OK);
}

/* EMERGENCY goes first, then URGENT, then ROUTINE, each in the order of coming. */
static void
outbox_next_pending_order(void **state)
{
	struct paper *p = paper_up();
	struct pending_at at = { 0 };
	struct outbound o;
	struct txn *txn;
	uint64_t seq;
	char ids[8] = "";

	(void)state;
	add(p, 'a', PRIORITY_ROUTINE);
	add(p, 'b', PRIORITY_EMERGENCY);
	add(p, 'c', PRIORITY_URGENT);
	add(p, 'd', PRIORITY_EMERGENCY);
	add(p, 'e', PRIORITY_ROUTINE);
	txn = store_read(p->party[0].desk.store);
	for (size_t i = 0; outbox_next_pending(txn, &at, &seq); i++) {
		assert_true(outbox_get(txn, seq, &o));
		ids[i] = (char)o.id.b[0];
	}
	assert_string_equal(ids, "bdcae");
	assert_int_equal(outbox_count_pending(txn), 5);
	txn_abort(txn);
	paper_down(p);
}

/* What was put comes back, by place and by id, with its sealed bytes; settled, it is no longer pending. */
static void
outbox_add_get(void **state)
{
	struct paper *p = paper_up();
	struct span header, body;
	struct outbound o, found;
	struct txn *txn;

	(void)state;
	add(p, 7, PRIORITY_URGENT);
	txn = store_write(p->party[0].desk.store);
	assert_true(outbox_get(txn, 1, &o));
	assert_true(outbox_find(txn, &o.id, &found));
	assert_int_equal(found.seq, 1);
	assert_true(outbox_sealed(txn, 1, &header, &body));
	assert_true(span_eq(header, SPAN_LIT("header")) && span_eq(body, SPAN_LIT("body")));
	o.stage = STAGE_REFUSED;
	o.refused = ERR_NOT_ALLOWED;
	o.leaf = 99;
	outbox_put(txn, p->mem, &o);
	outbox_settle(txn, &o);
	assert_int_equal(txn_commit(txn), OK);
	txn = store_read(p->party[0].desk.store);
	assert_true(outbox_get(txn, 1, &found));
	assert_int_equal(found.refused, ERR_NOT_ALLOWED);
	assert_int_equal(found.leaf, 99);
	assert_int_equal(outbox_count_pending(txn), 0);
	assert_false(outbox_get(txn, 2, &found));
	txn_abort(txn);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outbox_next_pending_order),
		cmocka_unit_test(outbox_add_get),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
