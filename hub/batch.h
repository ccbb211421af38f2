/* SPDX-License-Identifier: EUPL-1.2 */
/* batch - what is to become durable together, as a value: log entries, and rows to put or delete.
 *
 * Filled by the core, handed to journal_commit (perhaps in another thread, which owns it until it gives it back), then read
 * again for what the commit filled in. It is also the overlay: what it holds is found by key before it is on disk.
 * All its memory is one arena; a full arena is sticky (batch_is_full) and such a batch is never committed.
 */
#ifndef HUB_BATCH_H
#define HUB_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/base/bytes.h"
#include "proto/leaf.h"
#include "proto/merkle.h"

/* Tables that the core names its rows in. Keys and values are hub/rows.h's. */
enum batch_table {
	TABLE_IDS,		/* message id, sender -> hash, leaf, recipients */
	TABLE_QUEUE,		/* agency, lane, queue number -> leaf */
	TABLE_THREADS,		/* thread -> participants and their seqs */
	TABLE_STAGES,		/* submit leaf, recipient -> what came of it */
	TABLE_AGENCIES,		/* agency -> next queue number, session epoch, counters */
	TABLE_CLOCKS,		/* recipient, what it owes, submit leaf -> since when, and by when */
	TABLE_DIRECTORY,	/* version -> serialised directory, its note */
	TABLE_SHEETS,		/* agency -> the newest key sheet */
	TABLE_DUE,		/* lane, moment, submit leaf, place -> what is due then, and for whom */
	TABLE_PARTY,		/* agency, all or open, submit leaf -> who is party to the message, and its clocks */
	TABLE_SHARES,		/* recipient, sender -> how much of the queue is of this sender */
	TABLE_DEAD,		/* recipient, leaf of its refusal -> what it refused for good */
	TABLE_OFFERS,		/* agency, service -> leaf of its newest announcement */
	TABLE_BULLETIN,		/* leaf of an announcement that is the newest of its service -> nothing */
	N_BATCH_TABLES
};

struct entry {
	enum leaf_type type;
	enum retention retention;
	uint64_t seconds, aux;
	uint8_t salt[LEAF_SALT_LEN];
	struct span detail;
	/* the envelope's bytes are head, seam, body in a row: the seam is what frames the body and means nothing without it */
	struct span head, seam, body;
	uint8_t leaf[LEAF_LEN];		/* filled in by the commit */
};

struct row {
	enum batch_table table;
	bool is_del;
	struct span key, value;
	struct row *next;		/* in its bucket */
};

struct batch {
	struct arena *mem;
	uint64_t first;			/* index of entries[0]: the size of the tree before */
	struct entry *entries;
	size_t n_entries, cap_entries;
	struct row **rows;
	size_t n_rows, cap_rows;
	struct row **buckets;
	size_t n_buckets;		/* a power of two */
	size_t bytes;			/* of bodies and heads */

	/* what the commit gives back */
	uint64_t size;
	struct hash root;
	struct span checkpoint;		/* signed note; in `mem` */
	uint64_t room;			/* what can still be written; 0: unknown */
};

struct batch *batch_new(size_t cap);	/* NULL only without memory */
void batch_free(struct batch *b);	/* NULL is fine */
void batch_reset(struct batch *b, uint64_t first);
bool batch_is_empty(const struct batch *b);
bool batch_is_full(const struct batch *b);	/* memory ran out: nothing more may be said of it */

/* An empty entry to fill in (its spans must live in b->mem), and its index in the tree; NULL when full. */
struct entry *batch_entry(struct batch *b, uint64_t *ret_index);
/* Key and value are copied. The last word on a key counts. */
void batch_put(struct batch *b, enum batch_table table, struct span key, struct span value);
void batch_del(struct batch *b, enum batch_table table, struct span key);
/* What this batch says of the key; NULL: nothing. */
const struct row *batch_find(const struct batch *b, enum batch_table table, struct span key);

#endif
