/* SPDX-License-Identifier: EUPL-1.2 */
/* journal_place - a journal in a temporary folder or in memory, with a batch to fill: for the tests of the journal's files. */
#ifndef TEST_JOURNAL_PLACE_H
#define TEST_JOURNAL_PLACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "hub/journal.h"

#define PLACE_ORIGIN "hub.example/log"
#define PLACE_BOTH(test) \
	{ #test " (lmdb)", test, place_lmdb, place_tear_down, NULL }, { #test " (mem)", test, place_mem, place_tear_down, NULL }

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

static inline void
place_open(struct place *p)
{
	struct journal_options o = { .origin = PLACE_ORIGIN, .log = p->log, .keys = p->keys };
	struct why why;

	if (p->is_lmdb)
		assert_int_equal(journal_open_lmdb(&o, p->dir, 64 << 20, &p->j, &why), OK);
	else
		assert_int_equal(journal_open_mem(&o, p->disk, &p->j, &why), OK);
}

static inline int
place_set_up(void **state, bool is_lmdb)
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
	place_open(p);
	*state = p;
	return 0;
}

static inline int
place_lmdb(void **state)
{
	return place_set_up(state, true);
}

static inline int
place_mem(void **state)
{
	return place_set_up(state, false);
}

static inline int
place_tear_down(void **state)
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

static inline void
place_add(struct place *p, const char *detail, const char *head, const char *body)
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

static inline void
place_commit(struct place *p)
{
	assert_int_equal(journal_commit(p->j, p->b), OK);
	p->size = p->b->size;
}

static inline void
place_add_many(struct place *p, unsigned n)
{
	batch_reset(p->b, p->size);
	for (unsigned i = 0; i < n; i++)
		place_add(p, "detail", "head", "body");
	place_commit(p);
}

#endif
