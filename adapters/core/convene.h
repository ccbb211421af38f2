/* SPDX-License-Identifier: EUPL-1.2 */
/* convene - what our own system says at a conference: the invitation that begins its thread, and what goes on in it. */
#ifndef ADAPTER_CONVENE_H
#define ADAPTER_CONVENE_H

#include "adapters/core/core.h"

/* An invitation of ours begins a thread: as begin_thread. What goes on in it: as follow_say. */
enum err convene_call(struct adapter *a, struct txn *txn, struct intake_item *item, struct outbound *ret_o) MUST_USE;
enum err convene_say(struct adapter *a, struct txn *txn, struct thread *t, struct record *record, struct record **ret_first,
		     struct outbound *ret_o, struct why *why) MUST_USE;

#endif
