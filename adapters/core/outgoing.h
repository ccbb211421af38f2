/* SPDX-License-Identifier: EUPL-1.2 */
/* outgoing - an entry of the inbox, or of what was sent, as sectors translate it for the agency's own system (sector.h). */
#ifndef ADAPTER_OUTGOING_H
#define ADAPTER_OUTGOING_H

#include "adapters/core/core.h"

/* The whole of an entry: its record, its thread's referral and numbers. Of a thread that is held, its preview; of what was taken back, that it
 * is cancelled. ERR_HELD: nobody may see it yet; ERR_TOOBIG: more than `mem` holds. */
enum err outgoing_of(struct adapter *a, struct txn *txn, const struct inbound *entry, struct arena *mem, struct outgoing *ret_out) MUST_USE;

#endif
