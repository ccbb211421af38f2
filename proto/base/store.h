/* SPDX-License-Identifier: EUPL-1.2 */
/* store - ordered tables of bytes that survive (LMDB; its header is included by store.c only).
 *
 * Keys of 1 to 511 bytes in memcmp order, values of any size. A transaction's error is sticky: do all the steps, look once
 * at the commit. Durable means: fdatasync done. No WRITEMAP, NOSYNC, DUPSORT or nested transactions.
 * If a commit fails the process must stop without answering (ERR_STORE is FATAL): the bytes may be on disk.
 * Spans read from a transaction live until its next write or its end.
 */
#ifndef BASE_STORE_H
#define BASE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"

struct store;
struct txn;

struct store_options {
	const char *path;		/* a directory; made with mode 0700 if missing */
	const char *const *tables;	/* names, NULL-terminated; a table is named by its index */
	size_t map_bytes;		/* the map's size: the most that the store can hold */
	uint32_t schema;		/* refuse (ERR_VERSION) a store of another schema */
	bool read_only;
};

enum err store_open(const struct store_options *options, struct store **ret_store, struct why *why) MUST_USE;
void store_close(struct store *store);
/* Bytes that can still be written: the smaller of the map's rest and the disk's. */
uint64_t store_room(struct store *store);
/* A hot, compacted copy into directory `path`. */
enum err store_copy(struct store *store, const char *path) MUST_USE;

struct txn *store_read(struct store *store);		/* never NULL; a failure is sticky in it */
struct txn *store_write(struct store *store);		/* one at a time; waits for the other thread's */
enum err txn_commit(struct txn *txn) MUST_USE;		/* ends it, durable when OK; the first sticky error otherwise */
void txn_abort(struct txn *txn);			/* ends it; NULL is fine */
enum err txn_error(const struct txn *txn);		/* the sticky error so far */

struct span txn_get(struct txn *txn, unsigned table, struct span key);	/* SPAN_NONE if there is none */
void txn_put(struct txn *txn, unsigned table, struct span key, struct span value);
void txn_put_new(struct txn *txn, unsigned table, struct span key, struct span value);	/* ERR_EXISTS is sticky */
void txn_del(struct txn *txn, unsigned table, struct span key);		/* none there is fine */
uint64_t txn_count(struct txn *txn, unsigned table);

/* Walk a table: place at the first key >= `from` (or the last key < it, backwards), then step. False at the end. */
struct walk { void *impl; struct span key, value; };
bool walk_from(struct txn *txn, unsigned table, struct span from, struct walk *ret_walk);
bool walk_next(struct walk *walk);
bool walk_before(struct txn *txn, unsigned table, struct span before, struct walk *ret_walk);	/* SPAN_NONE: the last key */
bool walk_prev(struct walk *walk);
void walk_end(struct walk *walk);		/* always, also after false */

#endif
