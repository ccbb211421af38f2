/* SPDX-License-Identifier: EUPL-1.2 */
/* upkeep - what the state of a referral asks for as time goes by: a waiting list, or a service that rests, is looked at again, an outcome is
 * acknowledged.
 *
 * These are clocks of the adapters alone: the hub sees no state. The clock of a waiting list, or of what rests, stands in the row of the step that
 * brought it there (T08, T10, T17), at both sides; that of an outcome in the row of the step that brought it (T06, T19, T22 to T24), at
 * its initiator only, who acknowledges it (T31) and for whom this adapter does so when nobody has. (An assessment: assess.h.)
 */
#ifndef ADAPTER_UPKEEP_H
#define ADAPTER_UPKEEP_H

#include "adapters/core/core.h"
#include "adapters/core/duty.h"

/* A waiting list of ours that names no day on which it is looked at again gets one, told as assumed. */
enum err upkeep_complete(struct adapter *a, struct record *record, struct why *why) MUST_USE;
/* `record` was said or heard in thread `t`, which stands in its new state: `first` is its message. Other records change nothing. */
enum err upkeep_note(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record, const struct msgid *first) MUST_USE;
/* Nobody has acknowledged the outcome that `d` is about: it is done as an errand. */
enum err upkeep_due(struct adapter *a, struct txn *txn, const struct duty *d) MUST_USE;
/* Is that still to be said in `t`? A person may have been first since. */
bool upkeep_is_owed(struct txn *txn, const struct thread *t);

#endif
