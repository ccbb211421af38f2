/* SPDX-License-Identifier: EUPL-1.2 */
/* compose - a record or a receipt becomes a sealed message in the outbox. */
#ifndef ADAPTER_COMPOSE_H
#define ADAPTER_COMPOSE_H

#include "adapters/core/core.h"

/* At the start: ids go on where the outbox ends. */
void compose_load(struct adapter *a);
/* Seal `record` to the thread's other parties and add it to the outbox, with its deadlines and the messages that it closes; its
 * clocks run from then on. Uses up my_seq of `t`, which the caller puts back. What goes between adapters (a thread-state) has one
 * clock, and nobody waits for it here. ERR_BUSY: the other agency's keys are not at hand yet. After an error nothing is written. */
enum err compose_data(struct adapter *a, struct txn *txn, struct thread *t, const struct record *record, struct outbound *ret_o,
		      struct why *why) MUST_USE;

/* Are the keys at hand that a message of thread `t` is sealed with? ERR_BUSY: not all of them. Writes nothing. */
enum err compose_may(struct adapter *a, const struct thread *t, struct why *why) MUST_USE;

struct receipt_of {
	const char *to;				/* the original sender */
	struct msgid in_reply_to;
	struct hash received;			/* its env_hash */
	struct thread_id thread;
	enum priority priority;
	enum stage stage;
	enum refusal refusal;			/* with STAGE_REFUSED */
	const struct receipt_detail *detail;	/* NULL: none */
};
/* One about what came, as its envelope or its entry says it; the caller adds refusal and detail. */
struct receipt_of compose_about(const struct envelope *env, enum stage stage);
struct receipt_of compose_about_entry(const struct inbound *in, enum stage stage);
/* `txn` NULL: would it be made now? Writes nothing, for who must know before it writes something else. */
enum err compose_receipt(struct adapter *a, struct txn *txn, const struct receipt_of *r, struct why *why) MUST_USE;

/* Seal a message of the outbox again, to the keys and under the directory of now, with a new id; it is pending again. Its place,
 * its record and its clocks stay. ERR_BUSY as above; ERR_CORRUPT: what it was made of is not there. */
enum err compose_again(struct adapter *a, struct txn *txn, struct outbound *o, struct why *why) MUST_USE;
/* Does it close a message under an id that this has lost since, made again before the hub ever stored it? Then the hub cannot know it. */
bool compose_names_old(struct adapter *a, struct txn *txn, const struct outbound *o);
/* Take back `message` of ours, as it was sealed (withdrawal.h). */
enum err compose_withdrawal(struct adapter *a, struct txn *txn, const struct outbound *message, struct why *why) MUST_USE;

/* An announcement of ours: its body in the clear, created at `created_ms`, signed by the session. */
enum err compose_announcement(struct adapter *a, struct txn *txn, int64_t created_ms, struct span body, struct outbound *ret_o,
			      struct why *why) MUST_USE;

/* The record of a message of ours. ERR_NOTFOUND: it was lost with the disk. */
enum err compose_sent(struct adapter *a, struct txn *txn, const struct outbound *o, struct record **ret_record) MUST_USE;
/* The record that began a thread; of one that is held, what may be shown of it. */
enum err compose_referral(struct adapter *a, struct txn *txn, const struct thread_id *thread, struct record **ret_record) MUST_USE;
/* A record or other bytes closed for our own disk, bound to a table and key; and opened again. */
enum err compose_close(struct adapter *a, const char *table, struct span key, struct span plain, struct span *ret_closed) MUST_USE;
enum err compose_open_bytes(struct adapter *a, const char *table, struct span key, struct span closed, struct arena *mem,
			    struct span *ret_plain) MUST_USE;
enum err compose_open(struct adapter *a, const char *table, struct span key, struct span closed, struct arena *mem,
		      struct record **ret_record) MUST_USE;

#endif
