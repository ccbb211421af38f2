/* SPDX-License-Identifier: EUPL-1.2 */
/* sendoff - a file of ours that is staged whole goes out: what is said of it, a message for each of its parts, and how far they came.
 *
 * The first part becomes a message in the transaction that completes the file (upload.c); the tick makes the others, each in a
 * transaction of its own, also in the next run of the process. Called by upload, adapter, progress and file_view.
 */
#ifndef ADAPTER_SENDOFF_H
#define ADAPTER_SENDOFF_H

#include "adapters/core/core.h"
#include "adapters/core/filebook.h"

/* What our system said of a file. NULL: not said. */
struct sendoff_said {
	const char *att_id, *filename, *media_type, *category, *confidentiality, *retain_until;
	const char *source;		/* "http", "csv": how it came to us */
};

/* It lies closed beside the parts, in the caller's transaction. */
enum err sendoff_close_said(struct adapter *a, struct txn *txn, uint64_t number, const struct sendoff_said *said) MUST_USE;
enum err sendoff_open_said(struct adapter *a, struct txn *txn, uint64_t number, struct arena *mem, struct sendoff_said *ret_said) MUST_USE;
/* The first part that is no message yet becomes one, and `f` has it. Not OK: nothing is written, unless it is fatal. */
enum err sendoff_next(struct adapter *a, struct txn *txn, struct file *f, struct why *why) MUST_USE;
/* The tick: some parts become messages. *ret_more: others wait, and nothing hinders them. */
enum err sendoff_run(struct adapter *a, bool *ret_more) MUST_USE;
/* Recipient `from` (or the hub, as our own agency) has said `stage` of message `o`. False: it is a part of a file of which that is no
 * news of the whole. Else *ret_about is what our system knows it by: the message itself, or that of the file's first part. */
bool sendoff_is_news(struct adapter *a, struct txn *txn, const struct outbound *o, const char *from, enum stage stage, struct outbound *ret_about);

#endif
