/* SPDX-License-Identifier: EUPL-1.2 */
/* sequence - a message's place in its thread: is it the next one of its sender, has what it builds on come, does it go to all?
 *
 * Asked before anything is believed of what a message says. Called by arrival, judgement and thread_state.
 */
#ifndef ADAPTER_SEQUENCE_H
#define ADAPTER_SEQUENCE_H

#include "adapters/core/core.h"

/* Each message of a thread goes to all of its other parties, or seqs would not be whole; the hub's word alone is not believed.
 * ERR_UNKNOWN_THREAD: its sender is none of them. ERR_INCONSISTENT. */
enum err sequence_check_circle(struct adapter *a, struct thread *t, const struct header *h, struct why *why) MUST_USE;
/* The sender's place in its thread. ERR_INCONSISTENT: used before; ERR_RESEAL: one before it was asked for; ERR_ORDER: one before it
 * is missing. */
enum err sequence_check(struct adapter *a, struct txn *txn, const struct header *h, struct why *why) MUST_USE;
/* What is refused has its place all the same, so that its thread goes on. */
void sequence_use(struct adapter *a, struct txn *txn, const struct header *h);

#endif
