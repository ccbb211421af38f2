/* SPDX-License-Identifier: EUPL-1.2 */
/* upload - a whole file of our system on its way out: cut and closed while it comes in, then a message for each part.
 *
 * All or nothing: until its last byte has come and its hash is right nothing of it is sent, and what is staged is forgotten when it
 * breaks off or the process dies. Answered when all of it and the first part's message are durable; the tick makes the others, each
 * in a transaction of its own, also in the next run of the process. Used by the HTTP door through door.h, and by adapter.c.
 */
#ifndef ADAPTER_UPLOAD_H
#define ADAPTER_UPLOAD_H

#include "adapters/core/core.h"
#include "adapters/core/filebook.h"

#define UPLOADS_MAX 4			/* coming in at once */
#define UPLOAD_THREAD_MAX 8		/* of one thread that are not all sent yet */
#define UPLOAD_WAITING_MAX ((uint64_t)256 * 1024 * 1024)	/* bytes of files that are not all sent yet */

/* What our system said of a file. */
struct upload_said {
	const char *att_id, *filename, *media_type, *category, *confidentiality, *retain_until;
};

void upload_sweep(struct adapter *a);		/* at the start: what was coming in when the process before ended */
/* The tick: some parts become messages. *ret_more: others wait, and nothing hinders them. */
enum err upload_run(struct adapter *a, bool *ret_more) MUST_USE;
/* What is said of a file of ours, opened into `mem`. */
enum err upload_open_said(struct adapter *a, struct txn *txn, uint64_t number, struct arena *mem, struct upload_said *ret_said) MUST_USE;
/* Recipient `from` (or the hub, as our own agency) has said `stage` of message `o`. False: it is a part of a file of which that is no
 * news of the whole. Else *ret_about is what our system knows it by: the message itself, or that of the file's first part. */
bool upload_is_news(struct adapter *a, struct txn *txn, const struct outbound *o, const char *from, enum stage stage, struct outbound *ret_about);

#endif
