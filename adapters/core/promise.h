/* SPDX-License-Identifier: EUPL-1.2 */
/* promise - the commitments of a conference, as its thread has said them: who owes what by when, and how it stands.
 *
 * A row has no words of the commitment: those lie closed among the conference's papers, the last of each sort. All functions work
 * inside the caller's transaction.
 */
#ifndef ADAPTER_PROMISE_H
#define ADAPTER_PROMISE_H

#include "adapters/core/core.h"
#include "proto/council.h"

#define PROMISES_MAX 64			/* of one conference */
#define PROMISE_ESCALATE_DAYS 3		/* working days that a commitment may be overdue before its coordinator reports it further up */

struct promise_row {
	char id[NUMBER_LEN];
	char owner[AGENCY_ID_MAX + 1];
	struct msgid message;		/* of the version that stands, by its first id */
	int64_t due_ms;			/* its due day's end */
	int64_t since_ms;		/* of the last change */
	char asked_due[11];		/* the date that its owner wishes for instead; empty: none */
	struct promise said;
};

extern const struct promise_view promise_all;	/* the view of who has seen everything */

bool promise_find(struct txn *txn, const struct thread_id *thread, const char *id, struct promise_row *ret_row);
/* By id; start with ret_row->id empty. */
bool promise_next(struct txn *txn, const struct thread_id *thread, struct promise_row *row);
void promise_put(struct txn *txn, struct arena *mem, const struct thread_id *thread, const struct promise_row *row);
size_t promise_count(struct txn *txn, const struct thread_id *thread);
/* No commitment of the conference is open for who had seen `coordinator` of its coordinator, and of each owner what `seen` says. */
bool promise_are_ended(struct txn *txn, const struct thread_id *thread, uint64_t coordinator,
		       uint64_t (*seen)(const void *arg, const char *owner), const void *arg);
int64_t promise_due(const char *date);			/* the end of that day in Bulgaria. Pure */

/* The papers: each version of a commitment, its last update, a member's answer, the decision. `name`: whose, or of what. */
enum paper_kind { PAPER_VERSION = 'v', PAPER_UPDATE = 'u', PAPER_ANSWER = 'r', PAPER_DECISION = 'd' };
const char *promise_version_name(struct arena *mem, const char *id, uint32_t version);	/* of PAPER_VERSION */
enum err promise_keep_paper(struct adapter *a, struct txn *txn, const struct thread_id *thread, enum paper_kind what, const char *name,
			    const struct record *record) MUST_USE;
/* OK and *ret_record NULL: there is none. */
enum err promise_paper(struct adapter *a, struct txn *txn, const struct thread_id *thread, enum paper_kind what, const char *name,
		       struct arena *mem, struct record **ret_record) MUST_USE;
/* Each paper of the conference is kept as `change` leaves it. */
enum err promise_change_papers(struct adapter *a, struct txn *txn, const struct thread_id *thread, void (*change)(struct record *paper)) MUST_USE;

#endif
