/* SPDX-License-Identifier: EUPL-1.2 */
/* erasure - what a family wants gone is gone from this adapter's store: what came in a thread, and the words that it began with.
 *
 * What must stay for the thread to be understood stays: its numbers, parties, states, the places and hashes of what came. All functions work
 * inside the caller's transaction. Called by casework.c and preview.c.
 */
#ifndef ADAPTER_ERASURE_H
#define ADAPTER_ERASURE_H

#include "adapters/core/core.h"

/* What began the thread, a referral, an invitation or an offer of transfer, becomes an empty one: nothing of the person. */
enum err erasure_hollow(struct adapter *a, struct txn *txn, const struct thread *t) MUST_USE;
/* The same, and what else came in it is gone; of a conference the words among its papers, too. OK: a thread that is our own stays. */
enum err erasure_of(struct adapter *a, struct txn *txn, struct thread *t) MUST_USE;

#endif
