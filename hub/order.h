/* SPDX-License-Identifier: EUPL-1.2 */
/* order - a thread's participants, fixed by its first message, and the strict sequence of each; superseded messages. */
#ifndef HUB_ORDER_H
#define HUB_ORDER_H

#include "hub/state.h"

struct order {
	struct thread_row thread;		/* as it will be */
	size_t from;				/* the sender's place in it */
	bool supersedes;
	struct id_row old;			/* with `supersedes`: the message that ends, */
	struct clock_row clocks[ENVELOPE_TO_MAX];	/* what its recipients still owe, */
	uint16_t stages[ENVELOPE_TO_MAX];	/* and what was said of it: they pass on */
};

/* ERR_ORDER: one before it is missing, or one that its sender says it has seen (try again). ERR_STALE: its place is taken.
 * ERR_UNKNOWN_THREAD: other participants. ERR_NOTFOUND, ERR_CONFLICT: what it supersedes is not there, is another message, or has
 * ended at all recipients. Changes nothing. */
enum err order_check(struct hub *hub, const struct header *h, struct order *ret_order, struct why *why) MUST_USE;
/* The old message ends here, where it had not: its leaf, its stages, its place in queues that it has not left. Before the new one's
 * leaf. */
enum err order_end_old(struct hub *hub, const struct envelope *e, struct order *o) MUST_USE;
/* Once the queue numbers are known. */
void order_put(struct hub *hub, const struct header *h, const struct order *o);

#endif
