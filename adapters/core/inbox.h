/* SPDX-License-Identifier: EUPL-1.2 */
/* inbox - what came for this agency, each once, in order of arrival, and what its own system made of it.
 *
 * A cursor numbers the entries; agencies' systems poll by it. An entry is a record that another agency sent, or a stage of
 * one of our own messages. Egress rows are the entries still to be handed to the agency's system.
 */
#ifndef ADAPTER_INBOX_H
#define ADAPTER_INBOX_H

#include "proto/base/store.h"
#include "proto/directory.h"
#include "proto/envelope.h"

#define INBOX_CASE_LEN 65

enum inbound_state {
	INBOUND_NEW = 1, INBOUND_TAKEN /* handed over, not registered */, INBOUND_REGISTERED, INBOUND_REFUSED,
	INBOUND_WITHDRAWN /* by its sender, before it was registered */, INBOUND_ERASED /* its record is gone, as a family wished */
};

struct inbound {
	uint64_t cursor;		/* given by inbox_add */
	bool is_stage;			/* a stage of ours, not a record */
	struct msgid id;		/* of the message that came, the newest; for a stage, of ours that it is about */
	struct msgid first;		/* what our system knows it by, for ever; zero when it is added: `id` */
	struct hash hash;
	char from[AGENCY_ID_MAX + 1];
	struct thread_id thread;
	enum priority priority;
	enum stage stage;		/* with is_stage */
	enum err code;			/* with STAGE_REFUSED */
	enum inbound_state state;
	char case_no[INBOX_CASE_LEN];
	int64_t at_ms;			/* when it was committed here */
	int64_t registered_ms;
};

void inbox_add(struct txn *txn, struct arena *mem, struct inbound *in, struct span closed);	/* closed record; SPAN_NONE for a stage */
bool inbox_get(struct txn *txn, uint64_t cursor, struct inbound *ret_in);
bool inbox_next(struct txn *txn, uint64_t after, struct inbound *ret_in);	/* the first entry past `after` */
uint64_t inbox_newest(struct txn *txn);						/* the last cursor; 0: empty */
struct span inbox_record(struct txn *txn, uint64_t cursor);			/* closed, borrowed */
void inbox_erase(struct txn *txn, struct arena *mem, struct inbound *in);	/* its record is gone; that it came stays */
void inbox_put(struct txn *txn, struct arena *mem, const struct inbound *in);
/* The oldest record that is neither registered nor refused, taken by our system or not; false: there is none. */
bool inbox_unregistered(struct txn *txn, struct inbound *ret_in);
/* The next such record past `after`. */
bool inbox_unregistered_next(struct txn *txn, uint64_t after, struct inbound *ret_in);
/* Has (from, id) come before? */
bool inbox_seen(struct txn *txn, const char *from, const struct msgid *id, uint64_t *ret_cursor, struct hash *ret_hash);
/* Note (from, id) as come without an entry (cursor 0): refused for good. */
void inbox_note(struct txn *txn, const char *from, const struct msgid *id, uint64_t cursor, const struct hash *hash);
/* Is the message of that id, or what it was before it was sealed again, in the inbox? */
bool inbox_find(struct txn *txn, const char *from, const struct msgid *id, struct inbound *ret_in);
/* The same entry came under another id: both lead to it, receipts go for the newer. */
void inbox_again(struct txn *txn, struct arena *mem, struct inbound *in, const struct msgid *id, const struct hash *hash);
bool inbox_by_id(struct txn *txn, const struct msgid *id, struct inbound *ret_in);	/* a record of any sender */

/* -- egress -- */
struct due {
	uint64_t cursor;
	int64_t due_ms;
	uint32_t tries;			/* that failed */
	uint32_t strikes;		/* of them: its own fault, not its system's (circuit.h) */
	uint64_t took;			/* what its door's circuit had taken at the last failure */
	enum err code;			/* of that failure */
	bool is_parked;			/* not tried any more until an operator says so; holds up its own thread */
};
bool egress_get(struct txn *txn, uint64_t cursor, struct due *ret_d);
void egress_put(struct txn *txn, const struct due *d);
void egress_del(struct txn *txn, uint64_t cursor);
bool egress_next(struct txn *txn, uint64_t after, struct due *ret_d);	/* by cursor */

#endif
