/* SPDX-License-Identifier: EUPL-1.2 */
/* journal_back - what a journal stands on: ordered tables of bytes with one writer and many snapshots.
 *
 * Seen by journal.c and the implementations only. Errors are sticky in a transaction and told at its end.
 */
#ifndef HUB_JOURNAL_BACK_H
#define HUB_JOURNAL_BACK_H

#include "hub/journal.h"

/* The journal's own tables follow the core's. */
enum {
	TABLE_LEAVES = N_BATCH_TABLES,	/* index -> leaf */
	TABLE_DETAILS,			/* index -> sealed salt and detail */
	TABLE_HEADS,			/* index -> sealed seam and head */
	TABLE_BODIES,			/* index -> sealed body */
	TABLE_ROWKEYS,			/* index -> wrapped keys of the three */
	TABLE_NODES,			/* level, index -> hash, from level 1 on */
	TABLE_CHECKPOINTS,		/* size -> signed note */
	TABLE_META,			/* "size", "epoch", "origin" */
	N_TABLES
};

struct journal_back {
	void *(*read)(void *back);
	struct span (*get)(void *txn, unsigned table, struct span key);
	/* Walks: place at the first key >= from, or at the last key; NULL: no such row. */
	void *(*walk_from)(void *txn, unsigned table, struct span from, struct span *ret_key, struct span *ret_value);
	void *(*walk_last)(void *txn, unsigned table, struct span *ret_key, struct span *ret_value);
	bool (*walk_next)(void *walk, struct span *ret_key, struct span *ret_value);
	void (*walk_end)(void *walk);
	enum err (*read_end)(void *txn);

	void *(*write)(void *back);	/* get works in it too */
	void (*put)(void *txn, unsigned table, struct span key, struct span value);
	void (*del)(void *txn, unsigned table, struct span key);
	enum err (*commit)(void *txn);
	void (*abort)(void *txn);

	uint64_t (*room)(void *back);
	void (*close)(void *back);
};

/* Make a journal of a backend that is open; takes `back` over, also when it fails. */
enum err journal_new(const struct journal_options *options, const struct journal_back *ops, void *back,
		     struct journal **ret_journal, struct why *why) MUST_USE;

#endif
