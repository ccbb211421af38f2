/* SPDX-License-Identifier: EUPL-1.2 */
/* One conformance suite over both journals: LMDB in a temporary folder, and memory. */
#include "tests/unit/hub/journal_place.h"

#include "proto/note.h"

/* What was committed is read back as it was, opened. */
static void
entry_returns(void **state)
{
	struct place *p = *state;
	struct journal_entry e;
	struct journal_view *v;

	batch_reset(p->b, 0);
	place_add(p, "a detail", "a head", "body");
	place_add(p, "another", NULL, NULL);
	place_commit(p);
	v = journal_view(p->j);
	assert_int_equal(journal_size(v), 2);
	assert_int_equal(journal_entry(v, 0, p->mem, &e), OK);
	assert_true(e.has_detail && span_eq(e.detail, SPAN_LIT("a detail")));
	assert_true(span_eq(e.head, SPAN_LIT("a head")) && span_eq(e.body, SPAN_LIT("body")));
	assert_true(span_eq(e.envelope, SPAN_LIT("a head\x1a\x04" "body")));
	assert_int_equal(journal_entry(v, 1, p->mem, &e), OK);
	assert_true(e.has_detail && e.envelope.p == NULL && e.head.p == NULL);
	assert_int_equal(journal_entry(v, 2, p->mem, &e), ERR_NOTFOUND);
	assert_int_equal(journal_view_end(v), OK);
}

/* Every leaf is included under the signed checkpoint, and every checkpoint is consistent with those before. */
static void
proofs_verify(void **state)
{
	struct place *p = *state;
	struct note_verifier log = { .name = PLACE_ORIGIN, .pub = *key_public(p->log) };
	struct hash path[MERKLE_PATH_MAX], before, leaf;
	uint8_t bytes[LEAF_LEN];
	struct checkpoint c;
	size_t n;

	for (unsigned round = 1; round <= 6; round++) {
		uint64_t old = p->size;
		struct journal_view *v;

		place_add_many(p, round * 3);
		assert_int_equal(checkpoint_open(p->b->checkpoint, &log, p->mem, &c), OK);
		assert_int_equal(c.size, p->size);
		v = journal_view(p->j);
		for (uint64_t i = 0; i < c.size; i++) {
			assert_true(journal_leaf(v, i, bytes));
			leaf_hash(bytes, &leaf);
			assert_true(merkle_inclusion(i, c.size, journal_node, v, path, &n));
			assert_true(merkle_check_inclusion(&leaf, i, c.size, path, n, &c.root));
		}
		if (old > 0) {
			assert_true(merkle_consistency(old, c.size, journal_node, v, path, &n));
			assert_true(merkle_check_consistency(old, &before, c.size, &c.root, path, n));
		}
		before = c.root;
		assert_int_equal(journal_view_end(v), OK);
	}
}

/* After a crash the journal is as its last commit left it, and signs the same checkpoint for the same size. */
static void
crash_keeps_commits(void **state)
{
	struct place *p = *state;
	struct journal_view *v;
	struct span note, first;
	uint64_t size;

	place_add_many(p, 5);
	first = arena_span(p->mem, p->b->checkpoint);
	journal_crash(p->j);
	place_open(p);
	v = journal_view(p->j);
	assert_int_equal(journal_size(v), 5);
	assert_int_equal(journal_view_end(v), OK);
	note = journal_last_checkpoint(p->j, &size);
	assert_int_equal(size, 5);
	assert_true(span_eq(note, first));
	place_add_many(p, 2);
	assert_int_equal(p->size, 7);
}

/* A good end leaves the last checkpoint in the store; all of them can be walked, oldest first. */
static void
checkpoints_are_kept(void **state)
{
	struct place *p = *state;
	struct journal_view *v;
	struct journal_walk w;
	uint64_t size;
	unsigned n = 0;

	place_add_many(p, 1);
	place_add_many(p, 2);
	journal_close(p->j);
	place_open(p);
	v = journal_view(p->j);
	assert_non_null(journal_checkpoint(v, &size).p);
	assert_int_equal(size, 3);
	for (bool more = journal_walk_checkpoints(v, 1, &w); more; more = journal_walk_next(&w))
		n++;
	journal_walk_end(&w);
	assert_int_equal(n, 2);
	assert_string_equal(journal_origin(v), PLACE_ORIGIN);
	assert_int_equal(journal_view_end(v), OK);
}

/* A checkpoint outside that is ahead of the store, or of another history, shows that the store is not the one it was. */
static void
outside_checks(void **state)
{
	struct place *p = *state;
	struct note_signer signer = { .name = PLACE_ORIGIN, .key = p->log };
	struct checkpoint c = { .origin = PLACE_ORIGIN, .size = 9 };
	struct span note;
	struct why why;

	place_add_many(p, 4);
	assert_int_equal(journal_check_outside(p->j, p->b->checkpoint, &why), OK);
	assert_int_equal(checkpoint_sign(&c, &signer, p->mem, &note), OK);
	assert_int_equal(journal_check_outside(p->j, note, &why), ERR_TAMPERED);
	c.size = 3;
	assert_int_equal(checkpoint_sign(&c, &signer, p->mem, &note), OK);
	assert_int_equal(journal_check_outside(p->j, note, &why), ERR_TAMPERED);
	assert_int_not_equal(journal_check_outside(p->j, SPAN_LIT("nonsense\n"), &why), OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_BOTH(entry_returns), PLACE_BOTH(proofs_verify), PLACE_BOTH(crash_keeps_commits),
		PLACE_BOTH(checkpoints_are_kept), PLACE_BOTH(outside_checks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
