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
	outbox_note(&o, NULL, STAGE_REFUSED, ERR_NOT_ALLOWED, 5);
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

static struct outbound
to_three(void)
{
	return (struct outbound){
		.class = CLASS_DATA, .priority = PRIORITY_ROUTINE, .n_to = 3,
		.to = { { .agency = "a" }, { .agency = "b" }, { .agency = "c" } },
	};
}

/* A message has come as far as at the recipient where it came least far, and has ended when it has at each of them. */
static void
outbox_note_least(void **state)
{
	struct outbound o = to_three();

	(void)state;
	outbox_note(&o, NULL, STAGE_STORED, OK, 10);
	assert_true(o.stage == STAGE_STORED && o.stored_ms == 10);
	outbox_note(&o, "a", STAGE_REGISTERED, OK, 11);
	outbox_note(&o, "a", STAGE_DELIVERED, OK, 12);
	assert_true(o.stage == STAGE_STORED && o.delivered_ms == 0 && o.to[0].stage == STAGE_REGISTERED);
	outbox_note(&o, "b", STAGE_DELIVERED, OK, 13);
	outbox_note(&o, "c", STAGE_REFUSED, ERR_FORMAT, 14);
	assert_true(o.stage == STAGE_DELIVERED && o.delivered_ms == 13 && o.registered_ms == 0);
	assert_true(o.refused == ERR_FORMAT && o.refused_ms == 14 && !outbox_has_ended(&o));
	outbox_note(&o, "b", STAGE_REGISTERED, OK, 15);
	assert_true(o.stage == STAGE_REGISTERED && o.registered_ms == 15 && outbox_has_ended(&o));
	outbox_note(&o, "nobody", STAGE_REFUSED, ERR_FORMAT, 16);
	assert_true(o.stage == STAGE_REGISTERED && o.to[2].refused_ms == 14);
}

/* What the hub ends it ends where no recipient was first. */
static void
outbox_note_hub(void **state)
{
	struct outbound o = to_three();

	(void)state;
	outbox_note(&o, NULL, STAGE_STORED, OK, 10);
	outbox_note(&o, "b", STAGE_REGISTERED, OK, 11);
	outbox_note(&o, NULL, STAGE_WITHDRAWN, OK, 12);
	assert_true(outbox_has_ended(&o) && o.to[0].stage == STAGE_WITHDRAWN && o.to[1].stage == STAGE_REGISTERED &&
		    o.to[2].stage == STAGE_WITHDRAWN);
	assert_int_equal(o.stage, STAGE_REGISTERED);
	o = to_three();
	outbox_note(&o, NULL, STAGE_REFUSED, ERR_NOT_ALLOWED, 12);
	assert_true(o.stage == STAGE_REFUSED && o.refused == ERR_NOT_ALLOWED && outbox_has_ended(&o));
}

/* Each recipient's stage is kept in the row, and what is told of all of them follows from it. */
static void
outbox_put_recipients(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct outbound o = to_three(), got;

	(void)state;
	o.id.b[0] = 1;
	outbox_add(txn, p->mem, &o, SPAN_LIT("header"), SPAN_LIT("body"), SPAN_LIT("closed"));
	outbox_note(&o, "a", STAGE_SEEN, OK, 10);
	outbox_note(&o, "b", STAGE_DELIVERED, OK, 11);
	outbox_note(&o, "c", STAGE_REFUSED, ERR_FORMAT, 12);
	outbox_put(txn, p->mem, &o);
	assert_true(outbox_get(txn, o.seq, &got));
	assert_memory_equal(&got.to, &o.to, sizeof(o.to));
	assert_true(got.n_to == 3 && got.stage == o.stage && got.refused == ERR_FORMAT && got.refused_ms == 12 &&
		    got.delivered_ms == o.delivered_ms);
	txn_abort(txn);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outbox_note_least),
		cmocka_unit_test(outbox_note_hub),
		cmocka_unit_test(outbox_put_recipients),
		cmocka_unit_test(outbox_next_pending_order),
		cmocka_unit_test(outbox_add_get),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
