/* SPDX-License-Identifier: EUPL-1.2 */
/* casebook - the threads that this agency is party to: whose referral, in which state, under which numbers.
 *
 * A thread is found by its id or by the numbers that agencies' systems know it by: the initiator's referral_id, our own case
 * number. Rows live in the store; all functions work inside the caller's transaction.
 */
#ifndef ADAPTER_CASEBOOK_H
#define ADAPTER_CASEBOOK_H

#include "proto/base/store.h"
#include "proto/directory.h"
#include "proto/envelope.h"
#include "proto/lifecycle.h"

#define NUMBER_LEN 65	/* 64 bytes and NUL */

struct thread {
	struct thread_id id;
	bool is_initiator;		/* the referral is ours */
	char other[AGENCY_ID_MAX + 1];	/* the other agency */
	enum state state;
	enum priority priority;
	uint64_t my_seq, their_seq;	/* last used, last taken */
	uint64_t basis;			/* our seq that the other side said it had seen last */
	uint64_t place;			/* outbox seq or inbox cursor of the referral */
	struct msgid referral;		/* its message id */
	char referral_id[NUMBER_LEN];	/* the initiator's number */
	char case_no[NUMBER_LEN];	/* our system's number; empty before registered */
	char external_no[NUMBER_LEN];	/* the other side's; empty when unknown */
	uint8_t case_id[16];
	int64_t queued_ms, stored_ms, delivered_ms, registered_ms, seen_ms, refused_ms;	/* of the referral; 0: not yet */
	enum err refused;
	bool is_seen_sent;		/* we told the initiator that a person has it */
};

bool casebook_find(struct txn *txn, const struct thread_id *id, struct thread *ret_thread);
/* By referral_id of ours, referral_id of theirs, or case number of ours, in this order. `other` NULL: any sender, if only one
 * uses the number. A case number given to two referrals finds none. */
bool casebook_by_number(struct txn *txn, const char *number, const char *other, struct thread *ret_thread);
bool casebook_is_used(struct txn *txn, const char *referral_id, const char *by);	/* as a referral_id of `by`; NULL: ours */
void casebook_put(struct txn *txn, struct arena *mem, const struct thread *t);	/* with its numbers */

#endif
