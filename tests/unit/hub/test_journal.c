/* SPDX-License-Identifier: EUPL-1.2 */
/* One conformance suite over both journals: LMDB in a temporary folder, and memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "hub/journal.h"
#include "proto/note.h"

#define ORIGIN "hub.example/log"

struct place {
	bool is_lmdb;
	char dir[64];
	struct journal_disk *disk;
	struct rowkey *keys;
	struct key *log;
	struct journal *j;
	struct batch *b;
	struct arena *mem;
	uint64_t size;
};

static void
open_it(struct place *p)
{
	struct journal_options o = { .origin = ORIGIN, .log = p->log, .keys = p->keys };
	struct why why;

	if (p->is_lmdb)
		assert_int_equal(journal_open_lmdb(&o, p->dir, 64 << 20, &p->j, &why), OK);
	else
		assert_int_equal(journal_open_mem(&o, p->disk, &p->j, &why), OK);
}

static int
set_up(void **state, bool is_lmdb)
{
	static const uint8_t seed[KEY_LEN] = { 5 };
	struct place *p = calloc(1, sizeof(*p));
	struct why why;

	*p = (struct place){ .is_lmdb = is_lmdb, .dir = "/tmp/nasoka-journal-XXXXXX" };
	assert_non_null(mkdtemp(p->dir));
	p->disk = journal_disk_new();
	p->b = batch_new(8 << 20);
	p->mem = arena_new(8 << 20);
	assert_int_equal(rowkey_open(NULL, false, &p->keys, &why), OK);
	assert_int_equal(key_from_seed(KEY_LOG, seed, &p->log), OK);
	open_it(p);
	*state = p;
	return 0;
}

static int
set_up_lmdb(void **state)
{
	return set_up(state, true);
}

static int
set_up_mem(void **state)
{
	return set_up(state, false);
}

static int
tear_down(void **state)
{
	struct place *p = *state;
	char command[96];

	journal_close(p->j);
	journal_disk_free(p->disk);
	rowkey_close(p->keys);
	key_free(p->log);
	batch_free(p->b);
	arena_free(p->mem);
	snprintf(command, sizeof(command), "rm -rf %s", p->dir);
	assert_int_equal(system(command), 0);
	free(p);
	return 0;
}

static void
add(struct place *p, const char *detail, const char *head, const char *body)
{
	struct entry *e;
	uint64_t index;

	e = batch_entry(p->b, &index);
	assert_non_null(e);
	e->type = LEAF_SUBMIT;
	e->retention = RETAIN_MESSAGE;
	e->seconds = 1772445600;
	memset(e->salt, (int)index, sizeof(e->salt));
	e->detail = span_str(detail);
	e->head = span_str(head);
	e->body = span_str(body);
	e->seam = body ? SPAN_LIT("\x1a\x04") : SPAN_NONE;
}

static void
commit(struct place *p)
{
	assert_int_equal(journal_commit(p->j, p->b), OK);
	p->size = p->b->size;
}

static void
add_many(struct place *p, unsigned n)
{
	batch_reset(p->b, p->size);
	for (unsigned i = 0; i < n; i++)
		add(p, "detail", "head", "body");
	commit(p);
}

/* What was committed is read back as it was, opened. */
static void
entry_returns(void **state)
{
	struct place *p = *state;
	struct journal_entry e;
	struct journal_view *v;

	batch_reset(p->b, 0);
	add(p, "a detail", "a head", "body");
	add(p, "another", NULL, NULL);
	commit(p);
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
	commit(p);
	v = journal_view(p->j);
	assert_true(journal_walk_from(v, TABLE_QUEUE, SPAN_LIT("\0"), &w));
	assert_true(span_eq(w.key, SPAN_LIT("a")) && span_eq(w.value, SPAN_LIT("11")));
	assert_true(journal_walk_next(&w) && span_eq(w.key, SPAN_LIT("b")));
	assert_false(journal_walk_next(&w));
	journal_walk_end(&w);
	assert_int_equal(journal_view_end(v), OK);
	batch_reset(p->b, 0);
	batch_del(p->b, TABLE_QUEUE, SPAN_LIT("a"));
	commit(p);
	v = journal_view(p->j);
	assert_null(journal_get(v, TABLE_QUEUE, SPAN_LIT("a")).p);
	assert_true(span_eq(journal_get(v, TABLE_IDS, SPAN_LIT("a")), SPAN_LIT("x")));
	assert_int_equal(journal_view_end(v), OK);
}

/* Every leaf is included under the signed checkpoint, and every checkpoint is consistent with those before. */
static void
proofs_verify(void **state)
{
	struct place *p = *state;
	struct note_verifier log = { .name = ORIGIN, .pub = *key_public(p->log) };
	struct hash path[MERKLE_PATH_MAX], before, leaf;
	uint8_t bytes[LEAF_LEN];
	struct checkpoint c;
	size_t n;

	for (unsigned round = 1; round <= 6; round++) {
		uint64_t old = p->size;
		struct journal_view *v;

		add_many(p, round * 3);
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

	add_many(p, 5);
	first = arena_span(p->mem, p->b->checkpoint);
	journal_crash(p->j);
	open_it(p);
	v = journal_view(p->j);
	assert_int_equal(journal_size(v), 5);
	assert_int_equal(journal_view_end(v), OK);
	note = journal_last_checkpoint(p->j, &size);
	assert_int_equal(size, 5);
	assert_true(span_eq(note, first));
	add_many(p, 2);
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

	add_many(p, 1);
	add_many(p, 2);
	journal_close(p->j);
	open_it(p);
	v = journal_view(p->j);
	assert_non_null(journal_checkpoint(v, &size).p);
	assert_int_equal(size, 3);
	for (bool more = journal_walk_checkpoints(v, 1, &w); more; more = journal_walk_next(&w))
		n++;
	journal_walk_end(&w);
	assert_int_equal(n, 2);
	assert_string_equal(journal_origin(v), ORIGIN);
	assert_int_equal(journal_view_end(v), OK);
}

/* A checkpoint outside that is ahead of the store, or of another history, shows that the store is not the one it was. */
static void
outside_checks(void **state)
{
	struct place *p = *state;
	struct note_signer signer = { .name = ORIGIN, .key = p->log };
	struct checkpoint c = { .origin = ORIGIN, .size = 9 };
	struct span note;
	struct why why;

	add_many(p, 4);
	assert_int_equal(journal_check_outside(p->j, p->b->checkpoint, &why), OK);
	assert_int_equal(checkpoint_sign(&c, &signer, p->mem, &note), OK);
	assert_int_equal(journal_check_outside(p->j, note, &why), ERR_TAMPERED);
	c.size = 3;
	assert_int_equal(checkpoint_sign(&c, &signer, p->mem, &note), OK);
	assert_int_equal(journal_check_outside(p->j, note, &why), ERR_TAMPERED);
	assert_int_not_equal(journal_check_outside(p->j, SPAN_LIT("nonsense\n"), &why), OK);
}

/* The memory disk loses all of a failed commit or none of it; LMDB's own faults are tested with the store. */
static void
mem_commit_fails(void **state)
{
	struct place *p = *state;

	for (int lost = 0; lost < 2; lost++) {
		uint64_t size = p->size;

		batch_reset(p->b, size);
		add(p, "x", NULL, NULL);
		journal_disk_fail(p->disk, true, lost);
		assert_int_equal(journal_commit(p->j, p->b), ERR_STORE);
		journal_disk_fail(p->disk, false, false);
		journal_crash(p->j);
		open_it(p);
		(void)journal_last_checkpoint(p->j, &p->size);
		assert_int_equal(p->size, lost ? size : size + 1);
	}
}

/* A writer that has been taken over from commits no more. */
static void
mem_fences(void **state)
{
	struct place *p = *state;
	struct journal *old = p->j;

	open_it(p);
	add_many(p, 1);
	batch_reset(p->b, 0);
	add(p, "late", NULL, NULL);
	assert_int_equal(journal_commit(old, p->b), ERR_STORE);
	journal_crash(old);
}

/* An auditor reads a store without being able to change it; without the month keys it sees leaves and nothing more. */
static void
lmdb_read_only(void **state)
{
	struct place *p = *state;
	struct journal_options o = { .read_only = true };
	struct journal_entry e;
	struct journal_view *v;
	struct journal *j;
	struct why why;

	add_many(p, 3);
	journal_close(p->j);
	assert_int_equal(journal_open_lmdb(&o, p->dir, 64 << 20, &j, &why), OK);
	v = journal_view(j);
	assert_string_equal(journal_origin(v), ORIGIN);
	assert_int_equal(journal_entry(v, 2, p->mem, &e), OK);
	assert_false(e.has_detail);
	assert_int_equal(e.leaf[0], 'N');
	assert_int_equal(journal_view_end(v), OK);
	journal_close(j);
	o.keys = p->keys;
	assert_int_equal(journal_open_lmdb(&o, p->dir, 64 << 20, &j, &why), OK);
	v = journal_view(j);
	assert_int_equal(journal_entry(v, 2, p->mem, &e), OK);
	assert_true(e.has_detail && span_eq(e.body, SPAN_LIT("body")));
	assert_int_equal(journal_view_end(v), OK);
	journal_close(j);
	open_it(p);
}

/* No text of an entry stands in the store's files as it is. */
static void
lmdb_is_sealed(void **state)
{
	struct place *p = *state;
	char command[160];

	batch_reset(p->b, 0);
	add(p, "MARKER-detail-8c1", "MARKER-head-8c1", "MARKER-body-8c1");
	commit(p);
	snprintf(command, sizeof(command), "grep -rq MARKER %s", p->dir);
	assert_int_not_equal(system(command), 0);
}

#define BOTH(test) \
	{ #test " (lmdb)", test, set_up_lmdb, tear_down, NULL }, { #test " (mem)", test, set_up_mem, tear_down, NULL }

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(entry_returns), BOTH(rows_return), BOTH(proofs_verify), BOTH(crash_keeps_commits),
		BOTH(checkpoints_are_kept), BOTH(outside_checks),
		cmocka_unit_test_setup_teardown(mem_commit_fails, set_up_mem, tear_down),
		cmocka_unit_test_setup_teardown(mem_fences, set_up_mem, tear_down),
		cmocka_unit_test_setup_teardown(lmdb_read_only, set_up_lmdb, tear_down),
		cmocka_unit_test_setup_teardown(lmdb_is_sealed, set_up_lmdb, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
