/* SPDX-License-Identifier: EUPL-1.2 */
/* A view gives rows in order, nodes that fit and entries opened; what is not there is absent and no error. */
#include "tests/unit/hub/journal_place.h"

/* Rows are put, replaced, deleted and walked in the order of their keys. */
static void
rows_return(void **state)
{
	struct place *p = *state;
	struct journal_walk w;
	struct journal_view *v;

	batch_reset(p->b, 0);
	batch_put(p->b, TABLE_QUEUE, SPAN_LIT("b"), SPAN_LIT("2"));
	batch_put(p->b, TABLE_QUEUE, SPAN_LIT("a"), SPAN_LIT("1"));
	batch_put(p->b, TABLE_QUEUE, SPAN_LIT("a"), SPAN_LIT("11"));
	batch_put(p->b, TABLE_IDS, SPAN_LIT("a"), SPAN_LIT("x"));
	assert_true(span_eq(batch_find(p->b, TABLE_QUEUE, SPAN_LIT("a"))->value, SPAN_LIT("11")));
	place_commit(p);
	v = journal_view(p->j);
	assert_true(journal_walk_from(v, TABLE_QUEUE, SPAN_LIT("\0"), &w));
	assert_true(span_eq(w.key, SPAN_LIT("a")) && span_eq(w.value, SPAN_LIT("11")));
	assert_true(journal_walk_next(&w) && span_eq(w.key, SPAN_LIT("b")));
	assert_false(journal_walk_next(&w));
	journal_walk_end(&w);
	assert_int_equal(journal_view_end(v), OK);
	batch_reset(p->b, 0);
	batch_del(p->b, TABLE_QUEUE, SPAN_LIT("a"));
	place_commit(p);
	v = journal_view(p->j);
	assert_null(journal_get(v, TABLE_QUEUE, SPAN_LIT("a")).p);
	assert_true(span_eq(journal_get(v, TABLE_IDS, SPAN_LIT("a")), SPAN_LIT("x")));
	assert_int_equal(journal_view_end(v), OK);
}

/* A walk begins at the first key that is not smaller, or at the last; an empty table has none. */
static void
walk_places(void **state)
{
	struct place *p = *state;
	struct journal_walk w;
	struct journal_view *v;

	batch_reset(p->b, 0);
	batch_put(p->b, TABLE_QUEUE, SPAN_LIT("b"), SPAN_LIT("2"));
	batch_put(p->b, TABLE_QUEUE, SPAN_LIT("d"), SPAN_LIT("4"));
	place_commit(p);
	v = journal_view(p->j);
	assert_true(journal_walk_from(v, TABLE_QUEUE, SPAN_LIT("c"), &w) && span_eq(w.value, SPAN_LIT("4")));
	journal_walk_end(&w);
	assert_false(journal_walk_from(v, TABLE_QUEUE, SPAN_LIT("e"), &w));
	journal_walk_end(&w);
	assert_true(journal_walk_last(v, TABLE_QUEUE, &w) && span_eq(w.key, SPAN_LIT("d")));
	journal_walk_end(&w);
	assert_false(journal_walk_last(v, TABLE_IDS, &w));
	assert_false(journal_walk_next(&w));
	journal_walk_end(&w);
	assert_int_equal(journal_view_end(v), OK);
}

/* Before the first commit everything is empty. */
static void
nothing_yet(void **state)
{
	struct place *p = *state;
	struct journal_view *v = journal_view(p->j);
	struct journal_entry entry;
	uint8_t leaf[LEAF_LEN];
	struct hash hash;
	uint64_t size = 7;

	assert_int_equal(journal_size(v), 0);
	assert_null(journal_checkpoint(v, &size).p);
	assert_int_equal(size, 0);
	assert_false(journal_leaf(v, 0, leaf));
	assert_false(journal_node(v, 0, 0, &hash));
	assert_false(journal_node(v, 1, 0, &hash));
	assert_int_equal(journal_entry(v, 0, p->mem, &entry), ERR_NOTFOUND);
	assert_null(journal_get(v, TABLE_IDS, SPAN_LIT("x")).p);
	assert_int_equal(journal_view_end(v), OK);
}

/* The nodes that are stored are the hashes of those below. */
static void
nodes_fit(void **state)
{
	struct place *p = *state;
	struct hash left, right, both, made;
	struct journal_view *v;

	place_add_many(p, 9);
	v = journal_view(p->j);
	for (unsigned level = 1; level <= 3; level++) {
		for (uint64_t i = 0; i < UINT64_C(9) >> level; i++) {
			assert_true(journal_node(v, level, i, &both));
			assert_true(journal_node(v, level - 1, 2 * i, &left));
			assert_true(journal_node(v, level - 1, 2 * i + 1, &right));
			merkle_node(&left, &right, &made);
			assert_true(hash_eq(&made, &both));
		}
	}
	assert_false(journal_node(v, 4, 0, &both));
	assert_int_equal(journal_view_end(v), OK);
}

/* An entry that does not fit the memory given is told, and opens in a larger one. */
static void
small_memory(void **state)
{
	struct place *p = *state;
	struct arena *small = arena_new(64);
	struct journal_entry entry;
	struct journal_view *v;

	place_add_many(p, 2);
	v = journal_view(p->j);
	assert_int_equal(journal_entry(v, 1, small, &entry), ERR_TOOBIG);
	assert_int_equal(journal_entry(v, 1, p->mem, &entry), OK);
	assert_true(span_eq(entry.detail, SPAN_LIT("detail")));
	assert_int_equal(journal_view_end(v), OK);
	arena_free(small);
}

/* A detail is read by itself: the same leaf, salt and detail as the whole entry, and nothing of head and body. */
static void
detail_alone(void **state)
{
	struct place *p = *state;
	struct journal_entry whole, entry;
	struct journal_view *v;

	place_add_many(p, 3);
	v = journal_view(p->j);
	assert_int_equal(journal_entry(v, 2, p->mem, &whole), OK);
	assert_int_equal(journal_detail(v, 2, p->mem, &entry), OK);
	assert_true(entry.has_detail && span_eq(entry.detail, whole.detail));
	assert_memory_equal(entry.leaf, whole.leaf, LEAF_LEN);
	assert_memory_equal(entry.salt, whole.salt, LEAF_SALT_LEN);
	assert_true(whole.head.p != NULL && entry.head.p == NULL && entry.envelope.p == NULL && entry.body.p == NULL);
	assert_int_equal(journal_detail(v, 3, p->mem, &entry), ERR_NOTFOUND);
	assert_int_equal(journal_view_end(v), OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_BOTH(rows_return), PLACE_BOTH(walk_places), PLACE_BOTH(nothing_yet), PLACE_BOTH(nodes_fit),
		PLACE_BOTH(small_memory), PLACE_BOTH(detail_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
