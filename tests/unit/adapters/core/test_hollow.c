/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/hollow.h"
#include "tests/support/paper_hub.h"

static const struct hollow lost = {
	.id = { { 1 } }, .others = { "ozd", "cop" }, .n_others = 2, .priority = PRIORITY_URGENT, .is_needed = true, .my_seq = 7,
	.mine = { { 2 } }, .theirs = { { 3 } }, .theirs_bits = 1u << STAGE_REGISTERED, .asked_seq = 6, .asked_ms = 99, .asked = 3, .without = 2,
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
	next.is_begun_here = true;
	hollow_put(txn, p->mem, &lost);
	hollow_put(txn, p->mem, &next);
	assert_true(hollow_find(txn, &lost.id, &got));
	assert_memory_equal(got.id.b, lost.id.b, THREAD_LEN);
	assert_string_equal(got.others[0], "ozd");
	assert_string_equal(got.others[1], "cop");
	assert_true(got.priority == PRIORITY_URGENT && got.is_needed && !got.is_begun_here && got.my_seq == 7 && got.n_others == 2 &&
		    got.theirs_bits == 1u << STAGE_REGISTERED);
	assert_true(got.asked_seq == 6 && got.asked_ms == 99 && got.asked == 3 && got.without == 2);
	assert_true(msgid_eq(&got.mine, &lost.mine) && msgid_eq(&got.theirs, &lost.theirs));
	hollow_del(txn, &lost.id);
	assert_false(hollow_find(txn, &lost.id, &got));
	assert_true(hollow_find(txn, &next.id, &got) && got.is_begun_here);
	txn_abort(txn);
	paper_down(p);
}

/* What is on its way is a gap for its own sender's later messages alone, until it is dropped; two senders may be at one seq. */
static void
late_is_a_gap(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct late late = { .thread = lost.id, .leaf = 30 };
	uint64_t threads, n;

	(void)state;
	hollow_put(txn, p->mem, &lost);
	keep_late(p, txn, "ozd", 30, 3);
	keep_late(p, txn, "cop", 31, 3);
	hollow_count(txn, &threads, &n);
	assert_true(threads == 1 && n == 2);
	assert_true(hollow_has_late(txn, &lost.id, "ozd", 2, 4));
	assert_false(hollow_has_late(txn, &lost.id, "ozd", 3, 4));
	assert_false(hollow_has_late(txn, &lost.id, "ozd", 2, 3));
	assert_false(hollow_has_late(txn, &lost.id, "gp", 2, 4));
	hollow_drop_late(txn, &late);
	assert_false(hollow_has_late(txn, &lost.id, "ozd", 2, 4));
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

/* Who is asked next is who has not been, in order; a thread is lost only when all have said that they have it not. */
static void
all_are_asked_in_turn(void **state)
{
	struct hollow h = { .others = { "a", "b", "c" }, .n_others = 3 };

	(void)state;
	assert_int_equal(hollow_party(&h, "c"), 2);
	assert_int_equal(hollow_party(&h, "d"), -1);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(hollow_next(&h), (int)i);
		assert_false(hollow_is_lost(&h));
		h.asked |= 1u << i;
	}
	assert_int_equal(hollow_next(&h), -1);
	assert_false(hollow_is_lost(&h));	/* three may still answer */
	h.without = 1u << 0 | 1u << 2;
	assert_false(hollow_is_lost(&h));
	h.without |= 1u << 1;
	assert_true(hollow_is_lost(&h));
	h = (struct hollow){ .n_others = 2, .without = 1u };	/* said it without being asked */
	assert_int_equal(hollow_next(&h), 1);
}

/* The stages that were noted of a thread are told once, by whom they were said, in our system's order, when it is back; of a lost one they
 * are forgotten. */
static void
stages_are_told(void **state)
{
	struct outbound o = { .class = CLASS_DATA, .thread = lost.id, .id = { { 9 } }, .is_accepted = true, .n_to = 2,
			      .to = { { .agency = "ozd" }, { .agency = "cop" } } };
	static const char *const said_by[] = { "cop", "ozd", "gp-ivanova" };
	struct inbound in = { .cursor = 0 };

	(void)state;
	for (int is_told = 0; is_told < 2; is_told++) {
		struct paper *p = paper_up();
		struct adapter *a = p->party[0].desk.adapter;
		struct txn *txn = store_write(p->party[0].desk.store);
		uint64_t before = txn_count(txn, TABLE_INBOX);

		outbox_restore(txn, p->mem, &o);
		hollow_note_stage(txn, &o, "cop", STAGE_REGISTERED, OK);
		hollow_note_stage(txn, &o, "ozd", STAGE_REFUSED, ERR_SYSTEM_REFUSED);
		hollow_note_stage(txn, &o, "ozd", STAGE_REFUSED, ERR_SYSTEM_REFUSED);
		hollow_note_stage(txn, &o, a->p.config->agency, STAGE_WITHDRAWN, OK);
		assert_int_equal(hollow_tell(a, txn, &lost, is_told != 0), OK);
		assert_int_equal(txn_count(txn, TABLE_INBOX), before + (is_told ? 3 : 0));
		assert_int_equal(hollow_tell(a, txn, &lost, true), OK);
		assert_int_equal(txn_count(txn, TABLE_INBOX), before + (is_told ? 3 : 0));
		in.cursor = 0;
		for (size_t i = 0; is_told && i < 3; i++) {
			assert_true(inbox_next(txn, in.cursor, &in));
			assert_string_equal(in.from, said_by[i]);
			assert_int_equal(in.stage, i == 0 ? STAGE_REGISTERED : i == 1 ? STAGE_REFUSED : STAGE_WITHDRAWN);
		}
		txn_abort(txn);
		paper_down(p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thread_returns), cmocka_unit_test(late_is_a_gap), cmocka_unit_test(damaged_is_nothing),
		cmocka_unit_test(all_are_asked_in_turn), cmocka_unit_test(stages_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
