/* SPDX-License-Identifier: EUPL-1.2 */
/* nhis_out - what the writers of НЗИС messages share: the frame around their contents, and values. Seen by nhis_*.c only. */
#ifndef HEALTH_NHIS_OUT_H
#define HEALTH_NHIS_OUT_H

#include "adapters/health/nhis.h"

struct nhis_header {
	const char *sender, *sender_id;		/* CL018 code and number; NULL: this adapter */
	const char *recipient, *recipient_id;	/* NULL: left out */
	const char *message_id, *type;		/* "R002" */
	int64_t created_ms;
};

void nhis_put(struct buf *b, const char *name, const char *value);	/* <nhis:name value="..."/>; NULL: nothing */
void nhis_begin(struct buf *b, const char *name);
void nhis_end(struct buf *b, const char *name);
void nhis_put_header(struct buf *b, const struct nhis_header *h);	/* the document's head, up to within `contents` */
/* <nhis:error> with the code, the reason and what to do, in Bulgarian; `place` may be NULL. */
void nhis_put_error(struct buf *b, enum err e, const char *place, const struct why *why);
/* Close the document and give it. ERR_TOOBIG when the arena is full. */
enum err nhis_finish(struct buf *b, unsigned status, struct native *ret_native) MUST_USE;

#endif
