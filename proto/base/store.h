/* SPDX-License-Identifier: EUPL-1.2 */
/* store - ordered tables of bytes that survive (LMDB; its header is known to store.c, store_room.c and txn.c).
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

/* One process opens a store once (the second closing would drop the first one's file locks); other processes may have it
 * open at the same time. A key is 1 to STORE_KEY_MAX bytes: longer is ERR_TOOBIG when written and absent when read.
 */
#define STORE_KEY_MAX 511

struct store_options {
	const char *path;		/* a directory; made with mode 0700 if missing */
	const char *const *tables;	/* names, NULL-terminated; a table is named by its index */
	size_t map_bytes;		/* the map's size: the most that the store can hold */
	uint32_t schema;		/* refuse (ERR_VERSION) a store of another schema */
	bool read_only;
};

enum err store_open(const struct store_options *options, struct store **ret_store, struct why *why) MUST_USE;
void store_close(struct store *store);
/* Bytes that can still be written: the smaller of the map's rest (free pages counted) and the disk's; 0 if unknown, so
 * 1 of a store that has no room at all. Pages
 * are what is counted, a value above 2 KB needs its pages in a row, and a batch copies the pages that it touches: ask for
 * twice a batch's bytes, and hold an eighth of the map to be full.
 */
uint64_t store_room(struct store *store);
/* A hot, compacted copy into directory `path`, made if missing; ERR_EXISTS if a store is there, ERR_NOTFOUND if the
 * folder above is missing. Durable when OK. */
enum err store_copy(struct store *store, const char *path) MUST_USE;

/* A read transaction sees the store as it was at its begin; many may stand, beside a writing one, and any one thread at
 * a time may use it. Too many of them: ERR_BUSY. A long one keeps pages from being used again.
 */
struct txn *store_read(struct store *store);		/* never NULL; a failure is sticky in it */
/* One at a time: waits for the other thread's or process's. It is ended by the thread that began it. Never two in one
 * thread. ERR_FULL in it means that nothing of it was written.
 */
struct txn *store_write(struct store *store);		/* never NULL either */
enum err txn_commit(struct txn *txn) MUST_USE;		/* ends it, durable when OK; the first sticky error otherwise */
void txn_abort(struct txn *txn);			/* ends it; NULL is fine */
enum err txn_error(const struct txn *txn);		/* the sticky error so far */

/* A value read and then put into the same transaction is copied first. */
struct span txn_get(struct txn *txn, unsigned table, struct span key);	/* SPAN_NONE if there is none */
void txn_put(struct txn *txn, unsigned table, struct span key, struct span value);
void txn_put_new(struct txn *txn, unsigned table, struct span key, struct span value);	/* ERR_EXISTS is sticky */
void txn_del(struct txn *txn, unsigned table, struct span key);		/* none there is fine */
uint64_t txn_count(struct txn *txn, unsigned table);

/* Walk a table: place at the first key >= `from` (SPAN_NONE: the first), or at the last key < `before`, then step. False
 * at the end and after an error, which is sticky in the transaction. Deleting the key that the walk stands on is fine
 * (key and value are gone then, the next step goes on behind it). walk_end before the transaction's end.
 */
struct walk { void *impl; struct txn *txn; struct span key, value; };
bool walk_from(struct txn *txn, unsigned table, struct span from, struct walk *ret_walk);
bool walk_next(struct walk *walk);
bool walk_before(struct txn *txn, unsigned table, struct span before, struct walk *ret_walk);	/* SPAN_NONE: the last key */
bool walk_prev(struct walk *walk);
void walk_end(struct walk *walk);		/* always, also after false */

/* For tests: `before_sync` is called by txn_commit of a writing transaction when all its steps are done and nothing is on
 * disk yet. Its error makes the commit fail with just that error; it may also wait, as a slow disk does. NULL: none.
 */
void store_set_fault(struct store *store, enum err (*before_sync)(void *arg), void *arg);

#endif
