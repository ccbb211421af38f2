/* SPDX-License-Identifier: EUPL-1.2 */
/* parking - the entries that the agency's system would not take, time and again, while it took others: an operator looks at
 * them, lets them be tried anew, or refuses them to their senders.
 */
#ifndef ADAPTER_PARKING_H
#define ADAPTER_PARKING_H

#include "adapters/core/core.h"

struct parked {
	uint64_t cursor;
	char id[MSGID_TEXT_LEN];	/* of the message; for a stage, of ours that it is about */
	const char *from;
	bool is_stage;
	uint32_t tries;
	enum err code;			/* of the last failure */
	int64_t at_ms;			/* when it came */
};

uint64_t parking_count(struct txn *txn);
/* Oldest first, at most `max`. Gives how many there are in all. */
uint64_t parking_each(struct adapter *a, size_t max, void (*each)(void *arg, const struct parked *p), void *arg);
/* Tried again at the next tick, with all its tries forgotten. `id` NULL: all that are parked. ERR_NOTFOUND. */
enum err parking_requeue(struct adapter *a, const char *id, size_t *ret_n, struct why *why) MUST_USE;
/* Refused for good: its sender gets the reason, the thread goes on. A stage is dropped: nobody waits for an answer to it. */
enum err parking_refuse(struct adapter *a, const char *id, const char *reason, struct why *why) MUST_USE;

#endif
