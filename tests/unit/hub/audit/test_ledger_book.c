/* SPDX-License-Identifier: EUPL-1.2 */
/* ledger_book - what was put is found again, by id, by leaf and in its order, however much there is */
#include "tests/unit/proto/trust_world.h"
#include "hub/audit/ledger_parts.h"

#define MANY 3000

static struct detail
detail_of(unsigned n, const char *from)
{
	uint8_t random[10] = { [8] = (uint8_t)n, [9] = (uint8_t)(n >> 8) };
	struct detail d = { .from = from, .to = { "ozd", "school" }, .n_to = 2, .thread_seq = 1, .at_ms = WORLD_NOW + n };

	msgid_make(WORLD_NOW, random, &d.id);
	d.thread.b[0] = (uint8_t)n;
	d.thread.b[1] = (uint8_t)(n >> 8);
	return d;
}

/* Thousands of messages at every third leaf: each by its id and sender, by its leaf, and in order; others are not there. */
static void
messages_are_found(void **state)
{
	struct ledger *l = ledger_new();
	struct ledger_message *m;
	struct detail d;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		struct leaf leaf = { .type = i % 2 ? LEAF_DELIVERED : LEAF_SUBMIT, .seq = 3 * i };

		d = detail_of(i, i % 5 ? "gp" : "hospital");
		assert_int_equal(ledger_record(l, &leaf, &d, &m), OK);
		assert_true(m->is_receipt == (i % 2 == 1) && m->n_to == (i % 2 ? 0 : 2));
	}
	for (unsigned i = 0; i < MANY; i++) {
		d = detail_of(i, "gp");
		m = ledger_find(l, &d.id, NULL);
		assert_true(m && m->leaf == 3 * i && m->at_ms == WORLD_NOW + i);
		assert_ptr_equal(ledger_at(l, 3 * i), m);
		assert_null(ledger_at(l, 3 * i + 1));
		assert_true((ledger_find(l, &d.id, "gp") != NULL) == (i % 5 != 0));
		if (i % 2 == 0)
			assert_ptr_equal(ledger_message(l, i / 2), m);
	}
	assert_null(ledger_message(l, MANY / 2));
	assert_ptr_equal(ledger_at(l, 0)->to[0].agency, ledger_at(l, 6)->to[0].agency);	/* one copy of a name */
	assert_non_null(ledger_party(ledger_at(l, 0), "school"));
	assert_null(ledger_party(ledger_at(l, 0), "gp"));
	ledger_free(l);
}

/* A thread is made with its first message's parties, found again by the next, and seats nobody else. */
static void
threads_are_found(void **state)
{
	struct ledger *l = ledger_new();
	struct thread *first, *again, *other;
	struct detail d = detail_of(1, "gp"), e = detail_of(2, "gp");

	(void)state;
	assert_int_equal(ledger_thread(l, &d, &first), OK);
	assert_int_equal(first->n, 3);
	d.from = "ozd";
	assert_int_equal(ledger_thread(l, &d, &again), OK);
	assert_ptr_equal(again, first);
	assert_int_equal(ledger_thread(l, &e, &other), OK);
	assert_ptr_not_equal(other, first);
	assert_non_null(ledger_seat(first, "gp"));
	assert_non_null(ledger_seat(first, "school"));
	assert_null(ledger_seat(first, "hospital"));
	ledger_free(l);
}

/* Leaves whose details are erased are remembered as such, and no others. */
static void
skipped_are_known(void **state)
{
	struct ledger *l = ledger_new();

	(void)state;
	for (uint64_t i = 0; i < 100; i += 7)
		assert_int_equal(ledger_skip(l, i), OK);
	for (uint64_t i = 0; i < 100; i++)
		assert_true(ledger_is_skipped(l, i) == (i % 7 == 0));
	ledger_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_found), cmocka_unit_test(threads_are_found), cmocka_unit_test(skipped_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
