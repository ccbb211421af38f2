/* SPDX-License-Identifier: EUPL-1.2 */
/* outbox - what this agency sends: sealed, durable, in order, and how far each message came at each of its recipients.
 *
 * A row is never removed before its message is registered or refused by all; the hub and the outbox both hold it until then. Pending is
 * what the hub has not stored yet; EMERGENCY before URGENT before ROUTINE, first in first out within each. A thread has one
 * priority, so this never reorders a thread.
 */
#ifndef ADAPTER_OUTBOX_H
#define ADAPTER_OUTBOX_H

#include "proto/base/store.h"
#include "proto/envelope.h"

struct outbound_to {
	char agency[AGENCY_ID_MAX + 1];
	enum stage stage;		/* how far it came there */
	enum err refused;		/* with STAGE_REFUSED */
	int64_t delivered_ms, registered_ms, seen_ms, refused_ms;
};

struct outbound {
	uint64_t seq;			/* its place; given by outbox_add */
	struct msgid id;		/* on the wire; changes when it is sealed again */
	struct msgid first;		/* what our system knows it by, for ever */
	struct msgid replaces;		/* the one of it that the hub stored last; zero: none, or `id` itself */
	bool is_accepted;		/* the hub has it under `id` */
	uint32_t again;			/* how often it was sealed again */
	enum envelope_class class;
	enum priority priority;
	struct thread_id thread;
	uint64_t thread_seq;
	struct msgid in_reply_to;	/* receipts */
	enum stage receipt;		/* receipts: which stage they tell */
	struct hash hash;
	struct outbound_to to[ENVELOPE_TO_MAX];
	size_t n_to;
	uint64_t leaf;			/* index in the log, once stored */
	int64_t queued_ms, stored_ms;
	/* Of all recipients together, from `to`; outbox_note keeps them. */
	enum stage stage;		/* where it came least far; of those that have not refused it, if there are any */
	enum err refused;		/* by the first that did */
	int64_t delivered_ms, registered_ms, seen_ms;	/* when all but those that refused it had said so */
	int64_t refused_ms;		/* the first */
	bool is_own;			/* between adapters (thread-state): our system knows nothing of it */
	int64_t withdrawn_ms;		/* when we asked for it; STAGE_WITHDRAWN says that it came so */
};

/* Its recipient `from` (NULL: the hub, about all of them) has said `stage`. Pure. Stages may overtake one another: each is noted,
 * none goes back. */
void outbox_note(struct outbound *o, const char *from, enum stage stage, enum err code, int64_t at_ms);
struct outbound_to *outbox_to(struct outbound *o, const char *agency);	/* NULL: none of its recipients. Pure */
/* Registered, refused or taken back at all recipients; one of them. Pure. */
bool outbox_has_ended(const struct outbound *o);
bool outbox_is_end(const struct outbound_to *to);

/* Add with its sealed parts and the record or a receipt's detail (closed; SPAN_NONE: none). Sets o->seq and o->first; pending from
 * now on. */
void outbox_add(struct txn *txn, struct arena *mem, struct outbound *o, struct span header, struct span body, struct span closed);
bool outbox_newest(struct txn *txn, struct outbound *ret_o);	/* what was added last; false: nothing ever was */
/* What the hub says that we sent before our disk was lost: accepted, and without its sealed parts and record. Sets o->seq. */
void outbox_restore(struct txn *txn, struct arena *mem, struct outbound *o);
bool outbox_has_record(struct txn *txn, const struct outbound *o);	/* false: restored */
bool outbox_get(struct txn *txn, uint64_t seq, struct outbound *ret_o);
/* By any id that it ever had; *ret_hash (or NULL) is what went under that one. */
bool outbox_find(struct txn *txn, const struct msgid *id, struct outbound *ret_o);
bool outbox_find_as(struct txn *txn, const struct msgid *id, struct outbound *ret_o, struct hash *ret_hash);
bool outbox_sealed(struct txn *txn, uint64_t seq, struct span *ret_header, struct span *ret_body);	/* borrowed from txn */
void outbox_put(struct txn *txn, struct arena *mem, const struct outbound *o);
void outbox_settle(struct txn *txn, const struct outbound *o);		/* no longer pending */
/* Of what is pending: the hub has not been shown it yet, and surely does not have it; and that it is to be shown now. What was not said to wait may
 * be under way. */
void outbox_wait(struct txn *txn, const struct outbound *o);
bool outbox_waits(struct txn *txn, const struct outbound *o);
void outbox_show(struct txn *txn, const struct outbound *o);
/* Does what is pending before it, of its priority, wait? */
bool outbox_waits_before(struct txn *txn, const struct outbound *o);
/* It is to be sealed again, at `due_ms` at the earliest: not pending until then. */
void outbox_wish(struct txn *txn, const struct outbound *o, int64_t due_ms);
bool outbox_next_wish(struct txn *txn, uint64_t after, uint64_t *ret_seq, int64_t *ret_due_ms);	/* by seq */
void outbox_no_wish(struct txn *txn, uint64_t seq);
/* Sealed again: what was under o->id goes under `id` from now on, pending, in its old place. */
void outbox_renew(struct txn *txn, struct arena *mem, struct outbound *o, const struct msgid *id, const struct hash *hash,
		  struct span header, struct span body);
/* Step through what is pending, most urgent first. Start with *state zeroed. */
struct pending_at { uint8_t urgency; uint64_t seq; bool is_begun; };
bool outbox_next_pending(struct txn *txn, struct pending_at *state, uint64_t *ret_seq);
uint64_t outbox_count_pending(struct txn *txn);

#endif
