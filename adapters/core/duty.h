/* SPDX-License-Identifier: EUPL-1.2 */
/* duty - what somebody has to do by when: one row for each message and recipient, with what was said about its clocks.
 *
 * Rows of messages that this agency sent or got begin with the message and are kept by our own clock, so that what is late is seen
 * here while the hub is silent. What the hub says (notices) is noted in the same row; about threads that we are not party to (a
 * coordinator hears of them) the notice makes the row. Each fact is said once for a row, whoever says it first.
 * All functions work inside the caller's transaction; nothing here tells anybody.
 */
#ifndef ADAPTER_DUTY_H
#define ADAPTER_DUTY_H

#include "adapters/core/closing.h"
#include "proto/base/store.h"
#include "proto/notice.h"

#define DUTY_SILENT (NOTICE_EXPIRED + 1)	/* ours alone: our own system has not confirmed for registered_timeout */
#define DUTY_OVERDUE (DUTY_SILENT + 1)		/* ours alone: a commitment is not kept when it was due */
#define DUTY_ESCALATED (DUTY_OVERDUE + 1)	/* and still not some days later: the coordinator goes further up */
#define DUTY_UNREVIEWED (DUTY_ESCALATED + 1)	/* ours alone: a waiting list, or what rests, was not looked at on its day */
#define DUTY_ACKNOWLEDGED (DUTY_UNREVIEWED + 1)	/* ours alone: nobody answered an outcome, so this adapter acknowledges it */
#define DUTY_UNASSESSED (DUTY_ACKNOWLEDGED + 1)	/* ours alone: an assessment that was asked for has not come by its day */
#define DUTY_FACTS (DUTY_UNASSESSED + 1)	/* facts count from 1 */
#define DUTY_FORGET_DAYS 30			/* a row about which something was said, after its end; a row of others, after the last fact */

struct said { int64_t at_ms, due_ms; bool is_hubs; };	/* at_ms 0: not said */

#define DUTY_ANSWERS 4		/* that may be taken back or refused still: more of them, and one will stand */

struct duty {
	uint64_t no;			/* its place; given by the first duty_put */
	struct msgid about;
	struct thread_id thread;
	char from[AGENCY_ID_MAX + 1], to[AGENCY_ID_MAX + 1];
	enum priority priority;
	enum ask ask;
	int64_t created_ms, registered_by_ms, respond_by_ms, expires_ms;	/* 0: no such clock */
	int64_t silent_ms;		/* when our own system is said to be silent; 0: never */
	int64_t promised_ms, escalate_ms;	/* a commitment of `to`; 0: none */
	bool is_kept;			/* it has ended, or another version stands */
	int upkeep;			/* what it asks for by upkeep_ms: DUTY_UNREVIEWED, DUTY_ACKNOWLEDGED, DUTY_UNASSESSED; 0: nothing (upkeep.h) */
	int64_t upkeep_ms;
	bool is_kept_up;
	struct msgid keepers[DUTY_ANSWERS];	/* steps that ended this and may be taken back or refused still */
	unsigned n_keepers;		/* 0 where it is kept up: it stays so */
	bool is_ours;			/* this agency is its sender or its recipient, and has the message */
	bool is_registered, is_answered;	/* the clock stands */
	struct msgid answers[DUTY_ANSWERS];	/* that stopped the answer's clock and may be taken back or refused still, by their first ids */
	unsigned n_answers;		/* 0 where it is answered: it stays so */
	int64_t settled_ms;		/* nothing is owed any more; 0: something is */
	unsigned stages;		/* as the hub said last; bit 1 << stage */
	struct said said[DUTY_FACTS];
	unsigned unmailed;		/* facts, bit 1 << fact, that an immediate mail is still owed for */
	unsigned digested;		/* facts that a digest has told */
	int64_t due_ms;			/* of its row in the index of what comes next; duty_put keeps it */
};

bool duty_get(struct txn *txn, uint64_t no, struct duty *ret_duty);
bool duty_find(struct txn *txn, const struct thread_id *thread, const struct msgid *about, const char *to, struct duty *ret_duty);
bool duty_next(struct txn *txn, uint64_t after, struct duty *ret_duty);	/* by place */
/* The duties of a thread, one after the other; start with *state zeroed. */
struct duty_at { uint8_t key[THREAD_LEN + MSGID_LEN + AGENCY_ID_MAX]; size_t n; };
bool duty_of_thread(struct txn *txn, const struct thread_id *thread, struct duty_at *state, struct duty *ret_duty);
/* Write it, settle it if nothing is owed any more, and note when to look again. A settled one about which nothing was said is
 * gone: no is 0 then. */
void duty_put(struct txn *txn, struct arena *mem, struct duty *d, int64_t now_ms);
void duty_del(struct txn *txn, struct duty *d);
/* The place of a row that is due by now; false: none. */
bool duty_due(struct txn *txn, int64_t now_ms, uint64_t *ret_no);
/* What our own clock says of it now: notes the facts, and gives those that are new. Pure. */
unsigned duty_turn(struct duty *d, int64_t now_ms);
bool duty_is_over(const struct duty *d, int64_t now_ms);	/* to be forgotten. Pure */
bool duty_holds(const struct duty *d, int fact);	/* what it warns of is still owed. Pure */
/* The gravest fact that still holds; 0: none. Pure. */
int duty_fact(const struct duty *d);
bool duty_owes(const struct duty *d);		/* is anything owed now? One that is not settled may only wait to see its answer stand. Pure */
const char *duty_fact_name(int fact);		/* as notice_fact_name, and those of ours: "silent" */

/* -- what happens to messages -- */
void duty_registered(struct txn *txn, struct arena *mem, const struct thread_id *thread, const struct msgid *about, const char *to,
		     int64_t now_ms);
/* Refused, withdrawn, superseded: nobody owes anything for it. */
void duty_ended(struct txn *txn, struct arena *mem, const struct thread_id *thread, const struct msgid *about, const char *to,
		int64_t now_ms);
/* A message `answer` `by` somebody of this thread closes another: at `by`, or everywhere if it is its own. */
void duty_answered(struct txn *txn, struct arena *mem, const struct thread_id *thread, const struct msgid *about, const char *by,
		   const struct msgid *answer, int64_t now_ms);
/* `by`, an agency that it went to, has registered `answer`: what it closed or ended between the two stays so. NULL: all of it. */
void duty_answer_stands(struct txn *txn, struct arena *mem, const struct thread_id *thread, const struct msgid *answer, const char *by,
			int64_t now_ms);
/* `by` has refused it, or (NULL) it was taken back: what nothing else closes or ends is owed again, and late at once if its day has passed. */
void duty_answer_gone(struct txn *txn, struct arena *mem, const struct thread_id *thread, const struct msgid *answer, const char *by,
		      int64_t now_ms);
/* The messages whose clock the step of `by` stops, in this thread, are added to those that are there, each once. */
void duty_closes(struct txn *txn, const struct thread_id *thread, const char *transition, enum actor actor, const char *by,
		 struct msgid ret_closes[ENVELOPE_CLOSES_MAX], size_t *ret_n);
/* `promise` (thread, about, from, to, priority, created_ms) is owed by promised_ms; with its row's other clocks, if it has one. */
void duty_promised(struct txn *txn, struct arena *mem, const struct duty *promise, int64_t now_ms);
/* The same of what a step asks for: `asked` (thread, about, from, to, priority, created_ms), its upkeep and upkeep_ms; and, where it is
 * ended already, what ended it. */
void duty_keep_up(struct txn *txn, struct arena *mem, const struct duty *asked, int64_t now_ms);
/* The step `step` ends what `d` asks for, until it is gone itself (duty_answer_gone). */
void duty_kept_up(struct txn *txn, struct arena *mem, struct duty *d, const struct msgid *step, int64_t now_ms);
void duty_kept(struct txn *txn, struct arena *mem, const struct thread_id *thread, const struct msgid *about, const char *to,
	       int64_t now_ms);

#endif
