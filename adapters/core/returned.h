/* SPDX-License-Identifier: EUPL-1.2 */
/* returned - messages of ours that ended in a refusal for good, by the hub or their recipient: they lie here until an operator or
 * the agency's system has looked at them, and can be sent once more.
 */
#ifndef ADAPTER_RETURNED_H
#define ADAPTER_RETURNED_H

#include "adapters/core/core.h"

struct dead {
	char id[MSGID_TEXT_LEN];
	const char *to, *referral_id;
	enum err code;
	int64_t queued_ms, refused_ms;
};

void returned_put(struct txn *txn, const struct outbound *o);	/* it is refused */
uint64_t returned_count(struct txn *txn);
/* Oldest first, at most `max`. */
void returned_each(struct adapter *a, size_t max, void (*each)(void *arg, const struct dead *d), void *arg);
/* The same record goes again, as a new message: a referral in a new thread under its old number, a step as the next of its thread,
 * if its state still allows it. ERR_NOTFOUND; ERR_BAD_TRANSITION. `ret_id`: the new message's. Committed, and submitted. */
enum err returned_resend(struct adapter *a, const char *id, char ret_id[static MSGID_TEXT_LEN], struct why *why) MUST_USE;
enum err returned_drop(struct adapter *a, const char *id, struct why *why) MUST_USE;	/* it has been seen to */

#endif
