/* SPDX-License-Identifier: EUPL-1.2 */
/* turnover - sealing keys turn over by key sheet: a new one when the newest is old enough or when it is asked for, and an old
 * private half destroyed once nothing can need it any more.
 *
 * Decided from what is durable alone (keychest, store, the hub's echo of our own sheet), one durable step at a time: whatever dies
 * between two steps, the next start goes on from there with a working set. Called by adapter.c at the tick, and by control.c.
 */
#ifndef ADAPTER_TURNOVER_H
#define ADAPTER_TURNOVER_H

#include "adapters/core/core.h"

#define TURNOVER_OVERLAP_MS (14 * CLOCK_DAY)	/* how long a key is sealed to after a newer one is named */
#define TURNOVER_SETTLE_MS CLOCK_HOUR		/* after its end, before it may be destroyed: clocks differ, and what is under way comes */

/* What is opened with: all private halves at hand. */
struct open_keys turnover_keys(const struct adapter *a);
/* Do what is due, and bring the hub a new sheet. Only the store's failures are given back; others are told, and tried again. */
enum err turnover_run(struct adapter *a) MUST_USE;
/* A new key at once, named by a new sheet. ERR_FULL, ERR_KEYFILE: the old ones stay as they are. */
enum err turnover_now(struct adapter *a, struct why *why) MUST_USE;
/* One durable step of what is due; false in *ret_moved: nothing is. For turnover_run, and for tests that die in between. */
enum err turnover_step(struct adapter *a, bool *ret_moved, struct why *why) MUST_USE;
/* The hub's statement shows that all that was submitted to this agency before then has ended. */
void turnover_clear(struct txn *txn, int64_t before_ms);

#endif
