/* SPDX-License-Identifier: EUPL-1.2 */
/* thread_state - two adapters about a thread that one of them has lost: the question, the answer, and the thread made of it
 * (PROTOCOL.md 7, "Thread states"). Agencies' systems never see either.
 */
#ifndef ADAPTER_THREAD_STATE_H
#define ADAPTER_THREAD_STATE_H

#include "adapters/core/rebuild.h"

/* Into the outbox. ERR_BUSY: the other agency's keys are not at hand yet. */
enum err thread_state_ask(struct adapter *a, struct txn *txn, const struct hollow *h, struct outbound *ret_o, struct why *why) MUST_USE;
/* A record with such a body came, opened and verified. OK: taken, with its receipts. ERR_RESEAL: not in its turn. A REJECT verdict: to be
 * refused; of an answer that is not believed the thread's row says so in `txn` (rebuild_disbelieve), and nothing else is written. */
enum err thread_state_take(struct adapter *a, struct txn *txn, const struct envelope *env, const struct record *record,
			   struct why *why) MUST_USE;

#endif
