/* SPDX-License-Identifier: EUPL-1.2 */
/* assess - the day by which the assessment comes that a referral asks for (PROTOCOL.md 7, "Clocks of adapters alone").
 *
 * One clock at both sides, counted from the referral and owed by its recipient, whatever it says meanwhile: it stands in the row of the
 * referral's message, and of an expired one that is taken late in the row of that step (T33). The recipient's assessment ends it, and so does
 * what ends the referral, until that is taken back or refused (duty_answer_gone). Called by notices.c and upkeep.c, in their transactions.
 */
#ifndef ADAPTER_ASSESS_H
#define ADAPTER_ASSESS_H

#include "adapters/core/core.h"
#include "adapters/core/duty.h"

/* What `record` asks for by itself, into the row `d` of its message; nothing, where it asks for none. */
void assess_begin(const struct adapter *a, const struct record *record, struct duty *d);
/* The recipient's assessment was said or heard in that thread: `first` is its message. */
void assess_given(struct adapter *a, struct txn *txn, const struct thread_id *thread, const struct msgid *first);
/* The step `s` was, in `t`, which stands in its new state: `first` is its message. */
enum err assess_step(struct adapter *a, struct txn *txn, const struct thread *t, const struct status *s, const struct msgid *first) MUST_USE;

#endif
