/* SPDX-License-Identifier: EUPL-1.2 */
/* history - the log's events about messages in their order, with latencies and, for one auditor, what their capsules say.
 *
 * It shows what stands there; whether it is to be believed is the checker's affair. Called by replay and show.
 */
#ifndef AUDIT_HISTORY_H
#define AUDIT_HISTORY_H

#include "hub/audit/ledger.h"
#include "hub/audit/source.h"
#include "proto/seal.h"

/* What the auditor's own box of a message gave. */
enum history_share { SHARE_UNKNOWN /* no key, or no header */, SHARE_GOOD, SHARE_FALSE /* a cheating sender */, SHARE_UNREADABLE };

struct history_told {
	enum history_share share;
	struct capsule capsule;		/* of SHARE_GOOD and SHARE_FALSE */
};

struct history_row {
	struct leaf leaf;
	struct detail detail;		/* lives until the next row */
	bool is_erased;			/* the detail is gone */
	const struct ledger_message *message;	/* NULL: not about a message */
	const struct ledger_party *party;
	const struct history_told *told;	/* of the message; NULL: nothing known */
	int64_t latency_ms;		/* since the message was stored; -1: none */
	bool is_odd;			/* breaks a rule: verify tells which */
};

struct history_filter {
	const struct thread_id *thread;	/* NULL: all */
	const char *agency;		/* sender, recipient or actor */
	const char *kind, *state;	/* of the capsule: need the key */
	int64_t from_ms, to_ms;		/* of the event, [from, to); 0: open */
	const struct msgid *id;		/* message or receipt */
	bool all;			/* also what is about no message: start, directory ... */
};

/* Calls `each` for every row that passes. `auditor` NULL: no capsules. ERR_CORRUPT and the like: `why` names the place. */
enum err history_run(struct source *s, const struct key *auditor, const struct history_filter *filter,
		     enum err (*each)(void *arg, const struct history_row *row), void *arg, struct why *why) MUST_USE;

#endif
