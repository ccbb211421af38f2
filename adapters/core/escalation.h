/* SPDX-License-Identifier: EUPL-1.2 */
/* escalation - a commitment that is not kept for long goes from its coordinator to that of the oblast. */
#ifndef ADAPTER_ESCALATION_H
#define ADAPTER_ESCALATION_H

#include "adapters/core/core.h"
#include "adapters/core/duty.h"

/* A commitment that we coordinate is still not kept, `d` says: the oblast's coordinator is to be told, if the directory names one. */
enum err escalation_due(struct adapter *a, struct txn *txn, const struct duty *d) MUST_USE;
/* Tell it: `record`, about a commitment of conference `t`, in a thread of its own. */
enum err escalation_report(struct adapter *a, struct txn *txn, const struct thread *t, struct record *record, struct why *why) MUST_USE;

#endif
