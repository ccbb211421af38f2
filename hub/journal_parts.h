/* SPDX-License-Identifier: EUPL-1.2 */
/* journal_parts - what journal.c and journal_read.c share: the journal itself, a view, and the keys of its tables. */
#ifndef HUB_JOURNAL_PARTS_H
#define HUB_JOURNAL_PARTS_H

#include "hub/journal_back.h"
#include "proto/note.h"

#define NODE_KEY_LEN 9

struct journal {
	const struct journal_back *ops;
	void *back;
	const char *origin;
	char *stored_origin;
	const struct key *log;
	struct rowkey *keys;
	bool read_only;
	uint64_t epoch;
	struct frontier frontier;
	struct arena *scratch;		/* the committing thread's */
	struct {			/* the last signed one, until it is written */
		uint64_t size;
		uint8_t note[2048];
		size_t n;
		bool is_stored;
	} checkpoint;
};

struct journal_view {
	struct journal *j;
	void *txn;
	enum err e;
};

static inline void
journal_put_u64(uint8_t to[8], uint64_t v)
{
	for (int i = 0; i < 8; i++)
		to[i] = (uint8_t)(v >> (56 - 8 * i));
}

static inline uint64_t
journal_get_u64(struct span s)
{
	struct cursor c;
	uint64_t v;

	cursor_init(&c, s);
	v = cursor_u64(&c);
	return cursor_end(&c) == OK ? v : 0;
}

static inline struct span
journal_node_key(unsigned level, uint64_t index, uint8_t to[NODE_KEY_LEN])
{
	to[0] = (uint8_t)level;
	journal_put_u64(to + 1, index);
	return SPAN(to, NODE_KEY_LEN);
}

#endif
