/* SPDX-License-Identifier: EUPL-1.2 */
/* notice - the body of a NOTICE: which clock of a message has come to what, at one recipient. PROTOCOL.md 3.4.
 *
 * Clear, canonical, and signed as its envelope is, with the hub's notice key. Each (message, recipient, fact) is said once.
 * Pure. The hub makes them from its clocks; adapters read them and tell their people.
 */
#ifndef PROTO_NOTICE_H
#define PROTO_NOTICE_H

#include "proto/envelope.h"

#define NOTICE_BODY_MAX 512

enum notice_fact {
	NOTICE_HALF_TIME = 1,		/* half of the time to registered_by has passed */
	NOTICE_LATE_REGISTERED,		/* registered_by has passed */
	NOTICE_LATE_RESPONSE,		/* respond_by has passed */
	NOTICE_EXPIRING,		/* expires is near */
	NOTICE_EXPIRED,			/* expires has passed; the message stands all the same */
};

struct notice {
	enum notice_fact fact;
	struct msgid about;		/* the message */
	struct hash env_hash;		/* its */
	const char *from, *to;		/* its sender, and the one recipient that this is about */
	struct thread_id thread;
	enum priority priority;
	int64_t submitted_ms;		/* the hub's clock, as is at_ms */
	int64_t due_ms;			/* the clock that this is about */
	int64_t at_ms;
	unsigned stages;		/* bit 1 << stage: what that recipient has said */
	uint64_t leaf;			/* index of the submit */
};

/* What notice_decode would refuse is ERR_FORMAT here too; ERR_TOOBIG: the arena is full. */
enum err notice_encode(const struct notice *n, struct arena *mem, struct span *ret_bytes) MUST_USE;
/* ERR_FORMAT with the field in why->where; ERR_TOOBIG. Texts live in `mem`. */
enum err notice_decode(struct span bytes, struct arena *mem, struct notice *ret_notice, struct why *why) MUST_USE;
const char *notice_fact_name(enum notice_fact fact);	/* "half-time", "late", "no-answer", "expiring", "expired"; "?" */

#endif
