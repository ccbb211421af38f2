/* SPDX-License-Identifier: EUPL-1.2 */
/* begin - a record of ours that begins a thread: its parties, its number, its deadlines; checked, sealed, kept as the thread's first. */
#ifndef ADAPTER_BEGIN_H
#define ADAPTER_BEGIN_H

#include "adapters/core/core.h"

/* As intake_item takes it; item->referral becomes the record. After an error nothing is written, unless it is fatal. */
enum err begin_thread(struct adapter *a, struct txn *txn, struct intake_item *item, struct outbound *ret_o) MUST_USE;

/* Its last part: sealed to the parties that have joined `t`, under a number that we have not used, and kept as what its thread began with. */
enum err begin_open(struct adapter *a, struct txn *txn, struct intake_item *item, struct thread *t, const char *number,
		    struct outbound *ret_o) MUST_USE;

#endif
