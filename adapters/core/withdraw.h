/* SPDX-License-Identifier: EUPL-1.2 */
/* withdraw - a message is taken back by its own sender before it was registered (PROTOCOL.md 5): what both sides do. */
#ifndef ADAPTER_WITHDRAW_H
#define ADAPTER_WITHDRAW_H

#include "adapters/core/core.h"

/* Ask for it: `ref` is a message id of ours, or the number of a referral of ours. The stage "withdrawn" comes to our system when the
 * hub has ended the message. Asked again: nothing more. ERR_NOTFOUND, ERR_CONFLICT: it has ended. Committed, and submitted. */
enum err withdraw_ask(struct adapter *a, const char *ref, struct why *why) MUST_USE;
/* The hub has stored our withdrawal `o`: the message has ended, its referral is cancelled, its step undone. */
enum err withdraw_stored(struct adapter *a, struct txn *txn, const struct outbound *o, int64_t at_ms) MUST_USE;
/* The hub will not have our withdrawal `o`. Early: it does not know the message yet, so the same goes again later. Where the message
 * was sealed again since, another withdrawal is made; `o` itself is at its end then, as in all other cases. */
enum err withdraw_refused(struct adapter *a, struct txn *txn, const struct outbound *o, enum err code, bool *ret_is_early) MUST_USE;
/* One that came, verified: what the agency's system has not registered is not handed over, and taken back where it may have it. */
enum err withdraw_taken(struct adapter *a, struct txn *txn, const struct envelope *env) MUST_USE;
/* A seq of `from` that comes no more: it has ended. */
void withdraw_use(struct txn *txn, const struct thread_id *thread, const char *from, uint64_t seq);
/* Seqs of `from` that a withdrawal has used up without their messages: the last of them that follow `last` in a row. */
uint64_t withdraw_past(struct txn *txn, const struct thread_id *thread, const char *from, uint64_t last);

#endif
