/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/hollow.h"
#include "tests/support/paper_hub.h"

static const struct hollow lost = {
	.id = { { 1 } }, .other = "ozd", .priority = PRIORITY_URGENT, .is_needed = true, .my_seq = 7, .mine = { { 2 } }, .theirs = { { 3 } },
	.theirs_bits = 1u << STAGE_REGISTERED, .request = { { 4 } },
};

/* A message on its way to us in the thread, at a leaf and a seq of its sender. */
static void
keep_late(struct paper *p, struct txn *txn, const char *from, uint64_t leaf, uint64_t seq)
{
	struct standing s = { .leaf = leaf, .id = { { (uint8_t)leaf } }, .thread = lost.id, .seq = seq, .priority = PRIORITY_ROUTINE };

	s.from = from;
	hollow_keep_late(txn, p->mem, &s);
}

/* What is known of a thread comes back as it was put, field by field, until it is deleted; a neighbour is nothing to it. */
static void
thread_returns(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct hollow got, next = lost;

	(void)state;
	next.id.b[0] = 2;
	next.is_shared = true;
	hollow_put(txn, p->mem, &lost);
	hollow_put(txn, p->mem, &next);
	assert_true(hollow_find(txn, &lost.id, &got));
	assert_memory_equal(got.id.b, lost.id.b, THREAD_LEN);
	assert_string_equal(got.other, "ozd");
	assert_true(got.priority == PRIORITY_URGENT && got.is_needed && !got.is_shared && got.my_seq == 7 &&
		    got.theirs_bits == 1u << STAGE_REGISTERED);
	assert_true(msgid_eq(&got.mine, &lost.mine) && msgid_eq(&got.theirs, &lost.theirs) && msgid_eq(&got.request, &lost.request));
	hollow_del(txn, &lost.id);
	assert_false(hollow_find(txn, &lost.id, &got));
	assert_true(hollow_find(txn, &next.id, &got) && got.is_shared);
	txn_abort(txn);
	paper_down(p);
}

/* What is on its way is a gap for its own sender's later messages alone, until it is dropped; two senders may be at one seq. */
static void
late_is_a_gap(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct header h = { .thread = lost.id, .from = "ozd", .seq = 4 };
	struct late late = { .thread = lost.id, .leaf = 30 };
	uint64_t threads, n;

	(void)state;
	hollow_put(txn, p->mem, &lost);
	keep_late(p, txn, "ozd", 30, 3);
	keep_late(p, txn, "cop", 31, 3);
	hollow_count(txn, &threads, &n);
	assert_true(threads == 1 && n == 2);
	assert_true(hollow_has_late(txn, &h, 2));
	assert_false(hollow_has_late(txn, &h, 3));
	h.seq = 3;
	assert_false(hollow_has_late(txn, &h, 2));
	h.seq = 4;
	h.from = "gp";
	assert_false(hollow_has_late(txn, &h, 2));
	h.from = "ozd";
	hollow_drop_late(txn, &late);
	assert_false(hollow_has_late(txn, &h, 2));
	hollow_count(txn, &threads, &n);
	assert_true(threads == 1 && n == 1);
	txn_abort(txn);
	paper_down(p);
}

/* A damaged row is neither a thread nor a message on its way. */
static void
damaged_is_nothing(void **state)
{
	uint8_t key[THREAD_LEN + 9] = { 1 };
	struct hollow h;
	struct late late;

	(void)state;
	assert_false(hollow_read(SPAN(key, THREAD_LEN), SPAN_LIT("\1\3oz"), &h));
	assert_false(hollow_read(SPAN(key, THREAD_LEN - 1), SPAN_LIT("\1"), &h));
	assert_false(hollow_read_late(SPAN(key, sizeof(key)), SPAN_LIT("short"), &late));
}

/* The stages that were noted of a thread are told once, in our system's order, when it is back; of a lost one they are forgotten. */
static void
stages_are_told(void **state)
{
	struct outbound o = { .class = CLASS_DATA, .thread = lost.id, .id = { { 9 } }, .is_accepted = true };

	(void)state;
	for (int is_told = 0; is_told < 2; is_told++) {
		struct paper *p = paper_up();
		struct adapter *a = p->party[0].desk.adapter;
		struct txn *txn = store_write(p->party[0].desk.store);
		uint64_t before = txn_count(txn, TABLE_INBOX);

		outbox_restore(txn, p->mem, &o);
		hollow_note_stage(txn, &o, STAGE_REGISTERED, OK);
		hollow_note_stage(txn, &o, STAGE_REFUSED, ERR_SYSTEM_REFUSED);
		assert_int_equal(hollow_tell(a, txn, &lost, is_told != 0), OK);
		assert_int_equal(txn_count(txn, TABLE_INBOX), before + (is_told ? 2 : 0));
		assert_int_equal(hollow_tell(a, txn, &lost, true), OK);
		assert_int_equal(txn_count(txn, TABLE_INBOX), before + (is_told ? 2 : 0));
		txn_abort(txn);
		paper_down(p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thread_returns), cmocka_unit_test(late_is_a_gap), cmocka_unit_test(damaged_is_nothing),
		cmocka_unit_test(stages_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
