/* SPDX-License-Identifier: EUPL-1.2 */
/* judgement - may this record be said in its thread, by whom, now? And how the thread stands after it.
 *
 * Both sides judge alike, also where they acted at once: that is what keeps their states one. Called by arrival.
 */
#ifndef ADAPTER_JUDGEMENT_H
#define ADAPTER_JUDGEMENT_H

#include "adapters/core/core.h"

/* The thread as it stands after the record, in *ret_thread; nothing is written. ERR_RESEAL: it waits for another that was asked for;
 * ERR_ORDER: one before it is missing; else why it may not be said. */
enum err judgement_pass(struct adapter *a, struct txn *txn, const struct envelope *env, const struct record *record,
			struct thread *ret_thread, struct why *why) MUST_USE;

#endif
