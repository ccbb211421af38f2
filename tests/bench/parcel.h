/* SPDX-License-Identifier: EUPL-1.2 */
/* parcel - a sealed message that a bench sends: made before the clock starts, signed when it is submitted. */
#ifndef BENCH_PARCEL_H
#define BENCH_PARCEL_H

#include "tests/bench/enrolled.h"

#define PARCEL_THREAD_MESSAGES 4	/* a referral and three that follow it */

struct parcel {
	struct msgid id;
	struct hash hash;
	struct span header, body;
	int64_t sent_ns, accepted_ns, acknowledged_ns;
	bool is_delivered, is_acknowledged;
};

/* An id that tells its own place in the sender's list. */
void parcel_id(int64_t now_ms, uint32_t place, struct msgid *ret_id);
uint32_t parcel_place(const struct msgid *id);

/* A record of about `bytes` bytes (a referral of a synthetic child), sealed from one agency to another. `place` counts from 0 and
 * gives thread and seq. What it holds lives in `mem`. */
void parcel_seal(const struct enrolled *en, const char *from, const char *to, const struct key *signing, uint32_t place, size_t bytes,
		 struct arena *mem, struct parcel *ret_parcel);
/* "delivered" for an envelope that came. */
void parcel_receipt(const struct enrolled *en, const char *from, const struct envelope *about, const struct key *signing, uint32_t place,
		    struct arena *mem, struct parcel *ret_parcel);

int64_t parcel_now_ns(void);

#endif
