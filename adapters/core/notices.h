/* SPDX-License-Identifier: EUPL-1.2 */
/* notices - what the hub says of clocks is verified and noted; what our own clock finds is noted the same way. Either is told to
 * operators once, and by mail where the configuration wants it.
 */
#ifndef ADAPTER_NOTICES_H
#define ADAPTER_NOTICES_H

#include "adapters/core/core.h"
#include "adapters/core/duty.h"

/* A NOTICE whose place in the log is proven. OK: noted, had before, or of no use and told to the operator; all of that is durable
 * with the commit. ERR_STALE: it names a newer directory than ours. */
enum err notices_take(struct adapter *a, struct txn *txn, const struct envelope *env, struct why *why) MUST_USE;
/* A message of ours goes out, or one for us is taken: its clocks run from now on. `first`: the id that it had before it was made
 * again. */
void notices_watch(struct adapter *a, struct txn *txn, const struct header *h, const struct msgid *first, const struct record *record,
		   bool is_initiator);
/* Our own clock: what has become late since the last tick. */
enum err notices_tick(struct adapter *a, int64_t now_ms) MUST_USE;

#endif
