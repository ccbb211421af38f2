/* SPDX-License-Identifier: EUPL-1.2 */
/* upload - a whole file of our system on its way in: cut and closed while it comes.
 *
 * All or nothing: until its last byte has come and its hash is right nothing of it is sent, and what is staged is forgotten when it
 * breaks off or the process dies. Done when all of it and the first part's message are durable; the others are sendoff's. Used by the
 * HTTP door through door.h, and by enclose.c for files that lie beside a table.
 */
#ifndef ADAPTER_UPLOAD_H
#define ADAPTER_UPLOAD_H

#include "adapters/core/core.h"
#include "adapters/core/filebook.h"
#include "adapters/core/sendoff.h"

#define UPLOADS_MAX 4			/* coming in at once */
#define UPLOAD_THREAD_MAX 8		/* of one thread that are not all sent yet */
#define UPLOAD_WAITING_MAX ((uint64_t)256 * 1024 * 1024)	/* bytes of files that are not all sent yet */

/* A file that is about to come. Its texts are copied. */
struct upload_offer {
	const char *number;		/* of its referral or conference */
	uint64_t length;		/* 0: not known */
	struct sendoff_said said;	/* of att_id and category what is not said is given */
	const char *digest;		/* as a header says it; NULL: not said */
	const char *key;		/* the same again is the same file; NULL: none */
	bool is_key_of_bytes;		/* under `key` any bytes may come: the same bytes are the same file */
	struct span native;		/* noted with it in the table of what our system said before (intake.h); empty: nothing is */
	struct hash native_said;
};

void upload_sweep(struct adapter *a);		/* at the start: what was coming in when the process before ended */
/* Refused for what is said of it, or for now. *ret_upload is to get its bytes, and then upload_end or adapter_upload_drop. */
enum err upload_begin(struct adapter *a, const struct upload_offer *offer, struct upload **ret_upload, struct why *why) MUST_USE;
/* All of it has come: durable when OK, and the upload is gone. *ret_is_had: it was sent before, and is that file. After an error nothing is
 * left of it, but the upload is to be dropped. */
enum err upload_end(struct upload *u, struct file *ret_file, bool *ret_is_had, struct why *why) MUST_USE;

#endif
