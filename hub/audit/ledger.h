/* SPDX-License-Identifier: EUPL-1.2 */
/* ledger - what the log has said so far: messages, what became of each at each recipient, threads. The log's state machine.
 *
 * Fed with leaves and their details in order; it needs no envelope. What breaks a rule is told, and taken as far as it makes
 * sense, so that one fault does not hide the next. Called by the checker (which judges) and the history (which shows).
 */
#ifndef AUDIT_LEDGER_H
#define AUDIT_LEDGER_H

#include "proto/leaf.h"

struct ledger;

struct ledger_party {
	const char *agency;
	uint16_t stages;			/* a bit each: 1 << enum stage; LEDGER_ENDED beside them */
	uint8_t notices;			/* a bit each: 1 << enum notice_fact; put by who reads the notices */
	int64_t at_ms[STAGE_RESEAL + 1];	/* the hub's clock */
	uint64_t leaves[STAGE_RESEAL + 1];
};
#define LEDGER_ENDED 0x8000u			/* superseded or dead: by another leaf than a receipt */
/* Registered, refused, withdrawn or one of those. */
#define LEDGER_ENDS (1u << STAGE_REGISTERED | 1u << STAGE_REFUSED | 1u << STAGE_WITHDRAWN | LEDGER_ENDED)

struct ledger_message {
	struct msgid id;
	const char *from;
	struct hash env_hash;
	struct thread_id thread;
	uint64_t seq, leaf;
	int64_t at_ms;				/* STORED */
	bool is_receipt;
	struct msgid superseded_by;		/* zero: not */
	uint64_t superseded_leaf;
	struct ledger_party *to;
	size_t n_to;
	void *tag;				/* the caller's; NULL at first */
};

/* What a leaf was about. */
struct ledger_event {
	struct ledger_message *message;		/* the submit, or what a receipt or an end is about; NULL: neither */
	struct ledger_party *party;		/* whose receipt; NULL: none */
};

struct ledger *ledger_new(void);		/* NULL only without memory */
void ledger_free(struct ledger *l);

/* The stage that a receipt's leaf stands for; STAGE_NONE: it is no receipt's. */
enum stage ledger_stage(enum leaf_type type);
/* ERR_TAMPERED: a rule is broken, `why` says which. ERR_NOMEM. */
enum err ledger_take(struct ledger *l, const struct leaf *leaf, const struct detail *d, struct ledger_event *ret_event,
		     struct why *why) MUST_USE;
/* A leaf whose detail is erased: what refers to it later is taken on trust. */
enum err ledger_skip(struct ledger *l, uint64_t leaf) MUST_USE;

struct ledger_message *ledger_find(struct ledger *l, const struct msgid *id, const char *from);	/* from NULL: of anybody */
struct ledger_party *ledger_party(struct ledger_message *m, const char *agency);	/* NULL: no recipient */
struct ledger_message *ledger_at(struct ledger *l, uint64_t leaf);	/* NULL: none */
/* DATA messages in the order of their leaves; NULL at the end. */
struct ledger_message *ledger_message(struct ledger *l, size_t i);
/* At the end of the log: a message that was superseded by one that never came; NULL: none. */
const struct ledger_message *ledger_dangling(struct ledger *l);

#endif
