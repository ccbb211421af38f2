/* SPDX-License-Identifier: EUPL-1.2 */
/* follow - a record of ours that goes on in a thread: its thread, its step, its answer's time; checked and sealed. */
#ifndef ADAPTER_FOLLOW_H
#define ADAPTER_FOLLOW_H

#include "adapters/core/core.h"

/* The thread that the record names, by the initiator's number or our own case number. ERR_REQUIRED, ERR_UNKNOWN_REFERRAL. */
enum err follow_find(struct txn *txn, const struct record *record, struct thread *ret_thread, struct why *why) MUST_USE;
/* Say `record` in thread `t`; *ret_first is the record that began it. All checks come before the first write: after an error
 * nothing is written, unless it is fatal. ERR_DUPLICATE: a file that was sent before in the thread, as *ret_o. */
enum err follow_say(struct adapter *a, struct txn *txn, struct thread *t, struct record *record, struct record **ret_first,
		    struct outbound *ret_o, struct why *why) MUST_USE;

/* Whoever decides about what came here has it open: who began the thread is told so once. The caller puts `t`. */
enum err follow_seen(struct adapter *a, struct txn *txn, struct thread *t, struct why *why) MUST_USE;

#endif
