/* SPDX-License-Identifier: EUPL-1.2 */
/* arrival - what the hub delivers: its place in the log checked, opened, judged, and put into the inbox, or refused with a
 * sealed reason.
 */
#ifndef ADAPTER_ARRIVAL_H
#define ADAPTER_ARRIVAL_H

#include "adapters/core/core.h"

/* Decide about one delivered item and write what follows into `txn`; a->mem is given back at its begin. OK: durable with the
 * commit (taken, or refused for good, or had before). Anything else: not taken, nothing written, the session ends; ERR_STALE: our
 * directory is older; ERR_ORDER: one before it in its thread is missing; ERR_INCONSISTENT: the hub's proof is wrong. */
enum err arrival_item(struct adapter *a, struct txn *txn, const struct deliver_item *item, const struct checkpoint *cp,
		      struct why *why) MUST_USE;
/* Each message of a thread goes to all of its other parties, or seqs would not be whole; the hub's word alone is not believed.
 * ERR_UNKNOWN_THREAD: its sender is none of them. ERR_INCONSISTENT. */
enum err arrival_check_circle(struct adapter *a, struct thread *t, const struct header *h, struct why *why) MUST_USE;
/* The sender's place in its thread. ERR_RESEAL: one before it was asked for; ERR_ORDER: one before it is missing. */
enum err arrival_check_order(struct adapter *a, struct txn *txn, const struct header *h, struct why *why) MUST_USE;

#endif
