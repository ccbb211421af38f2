/* SPDX-License-Identifier: EUPL-1.2 */
/* halt - what is queued and rests on a consent that is withdrawn does not leave any more.
 *
 * Stopped is what the hub was never shown (outbox_waits): nobody has it, so its seqs are given anew. What it may have is under way, comes before the
 * change of consent in its thread's order, and is destroyed with the rest. Each that is stopped ends as refused, with ERR_CONSENT_ENDED, and is told to
 * our system and to operators. All inside the caller's transaction.
 */
#ifndef ADAPTER_HALT_H
#define ADAPTER_HALT_H

#include "adapters/core/core.h"
#include "proto/record.h"

/* compose_data; but before a change of consent (or the answer that all is shredded) is sealed, what it stops in `t` is, and is not counted in its seq.
 * A thread that never left is stopped whole: then nobody is to be told, and the change ends at once, withdrawn. After an error nothing is written. */
enum err halt_say(struct adapter *a, struct txn *txn, struct thread *t, struct record *record, struct outbound *ret_o,
		  struct why *why) MUST_USE;
/* The other side has said it in `t`, which is in the store and is read from there anew. */
enum err halt_heard(struct adapter *a, struct txn *txn, struct thread *t, const struct consent_change *change) MUST_USE;

#endif
