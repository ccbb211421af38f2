/* SPDX-License-Identifier: EUPL-1.2 */
/* filebook - files that came or go in parts: which messages they consist of, and how far they are. Rows, in the caller's transaction.
 *
 * What is in clear are ids, sizes, hashes and states; names and bytes are closed, and the caller's. A file that came in a single
 * part is a message like any other and has no row.
 */
#ifndef ADAPTER_FILEBOOK_H
#define ADAPTER_FILEBOOK_H

#include "adapters/core/whole.h"
#include "proto/base/store.h"
#include "proto/directory.h"
#include "proto/envelope.h"

enum file_state {
	FILE_COMING = 1,	/* from our system, not all of it is here */
	FILE_SENDING,		/* all of it is here and durable, its parts go out one by one */
	FILE_SENT,		/* all parts are messages */
	FILE_GATHERING,		/* from another agency, parts are missing */
	FILE_WHOLE,		/* all are here, and it is what its hash says */
	FILE_FAILED,		/* `code` says why */
};

struct file {
	uint64_t number;		/* given by filebook_add */
	enum file_state state;
	bool is_ours;			/* our system gave it */
	struct thread_id thread;
	char from[AGENCY_ID_MAX + 1];	/* of another agency; "" of ours */
	struct hash name;		/* of (from, att_id); of ours: of the Idempotency-Key, all zero without one */
	struct hash said;		/* what all of its parts say alike (whole_said) */
	struct whole whole;		/* its parts by outbox seq (ours) or inbox cursor */
	uint64_t face;			/* of one that came whole: the entry that stands for it, the one that completed it */
	enum err code;			/* of FILE_FAILED */
	int64_t began_ms, changed_ms;
};

void filebook_add(struct txn *txn, struct arena *mem, struct file *f);
void filebook_put(struct txn *txn, struct arena *mem, const struct file *f);
/* As if it had never been; what is staged for it goes as well. */
void filebook_forget(struct txn *txn, const struct file *f);
bool filebook_get(struct txn *txn, uint64_t number, struct file *ret_file);
/* By (is_ours, thread, name): one that came by its sender and att_id, ours by their key (which knows no thread: all zero). */
bool filebook_named(struct txn *txn, bool is_ours, const struct thread_id *thread, const struct hash *name, struct file *ret_file);
void filebook_name(struct txn *txn, const struct file *f);		/* from now on found by it */
/* By (is_ours, thread, name of sender and att_id), of a file in one part as well: the message in the outbox or inbox that said it first; 0: none.
 * What it says of the file is in its record alone, and goes with it. */
uint64_t filebook_first(struct txn *txn, bool is_ours, const struct thread_id *thread, const struct hash *name);
void filebook_put_first(struct txn *txn, bool is_ours, const struct thread_id *thread, const struct hash *name, uint64_t at);
/* The file that the message in the outbox (is_ours) or inbox at `at` is a part of. */
bool filebook_of(struct txn *txn, bool is_ours, uint64_t at, struct file *ret_file);
void filebook_join(struct txn *txn, const struct file *f, uint64_t at);	/* it is one */
/* Is it a part of a file from another agency, and not the one that stands for it? */
bool filebook_is_hidden(struct txn *txn, uint64_t cursor);
/* The next one after `after` that is neither sent, nor whole, nor failed. */
bool filebook_next_open(struct txn *txn, uint64_t after, struct file *ret_file);

/* -- what waits of ours, closed -- */
struct file_place { uint8_t b[9]; };
struct span filebook_place(uint64_t number, unsigned part, struct file_place *place);	/* part 0: what is said of the whole */
void filebook_stage(struct txn *txn, uint64_t number, unsigned part, struct span closed);
struct span filebook_staged(struct txn *txn, uint64_t number, unsigned part);		/* borrowed; SPAN_NONE */
void filebook_unstage(struct txn *txn, uint64_t number, unsigned part);

#endif
