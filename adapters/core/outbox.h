/* SPDX-License-Identifier: EUPL-1.2 */
/* outbox - what this agency sends: sealed, durable, in order, and how far each message came.
 *
 * A row is never removed before its message is registered or refused; the hub and the outbox both hold it until then. Pending is
 * what the hub has not stored yet; EMERGENCY before URGENT before ROUTINE, first in first out within each. A thread has one
 * priority, so this never reorders a thread.
 */
#ifndef ADAPTER_OUTBOX_H
#define ADAPTER_OUTBOX_H

#include "proto/base/store.h"
#include "proto/envelope.h"

struct outbound {
	uint64_t seq;			/* its place; given by outbox_add */
	struct msgid id;
	enum envelope_class class;
	enum priority priority;
	struct thread_id thread;
	uint64_t thread_seq;
	struct msgid in_reply_to;	/* receipts */
	enum stage receipt;		/* receipts: which stage they tell */
	struct hash hash;
	enum stage stage;		/* how far it came */
	enum err refused;		/* with STAGE_REFUSED */
	uint64_t leaf;			/* index in the log, once stored */
	int64_t queued_ms, stored_ms, delivered_ms, registered_ms, seen_ms, refused_ms;
};

/* Add with its sealed parts and the record (closed; SPAN_NONE for receipts). Sets o->seq; pending from now on. */
void outbox_add(struct txn *txn, struct arena *mem, struct outbound *o, struct span header, struct span body, struct span closed);
bool outbox_get(struct txn *txn, uint64_t seq, struct outbound *ret_o);
bool outbox_find(struct txn *txn, const struct msgid *id, struct outbound *ret_o);
bool outbox_sealed(struct txn *txn, uint64_t seq, struct span *ret_header, struct span *ret_body);	/* borrowed from txn */
void outbox_put(struct txn *txn, struct arena *mem, const struct outbound *o);
void outbox_settle(struct txn *txn, const struct outbound *o);		/* no longer pending */
/* Step through what is pending, most urgent first. Start with *state zeroed. */
struct pending_at { uint8_t urgency; uint64_t seq; bool is_begun; };
bool outbox_next_pending(struct txn *txn, struct pending_at *state, uint64_t *ret_seq);
uint64_t outbox_count_pending(struct txn *txn);

#endif
