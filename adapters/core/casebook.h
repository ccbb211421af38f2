/* SPDX-License-Identifier: EUPL-1.2 */
/* casebook - the threads that this agency is party to: with whom, whose referral, in which state, under which numbers.
 *
 * The parties of a thread are fixed by its first message: two for a referral, up to 17 for a conference.
 * A thread is found by its id or by the numbers that agencies' systems know it by: the initiator's referral_id, our own case
 * number. Rows live in the store; all functions work inside the caller's transaction.
 */
#ifndef ADAPTER_CASEBOOK_H
#define ADAPTER_CASEBOOK_H

#include "proto/base/store.h"
#include "proto/council.h"
#include "proto/directory.h"
#include "proto/envelope.h"
#include "proto/kind.h"

#define NUMBER_LEN 65	/* 64 bytes and NUL */
#define THREAD_STEPS_MAX 32	/* of a thread that may be taken back or refused still: of more of them the oldest stand */

/* What keeps a thread from going on as any other: its agency wants to see the preview first, or has declined it there (preview.h); the consent that
 * it rests on was withdrawn whole, and (at who got it) what came is shredded (scope.h). */
enum hold { HOLD_NONE, HOLD_PREVIEW, HOLD_DECLINED, HOLD_WITHDRAWN, HOLD_SHREDDED };

struct thread_party {
	char agency[AGENCY_ID_MAX + 1];
	uint64_t taken;			/* the last seq of it that came here */
	uint64_t basis;			/* our seq that it said it had seen last */
	uint64_t known;			/* given back after a lost disk: what it sent up to here, or before, the thread holds already; 0: never */
};

/* A step as it was taken here: the agency's own when it is said, another's when it comes. */
struct thread_step {
	struct msgid id;		/* the first id of its message: the same at both sides */
	enum state from, to;
	bool is_ours;
	bool is_beside;			/* its author had not seen our last */
	bool is_no_show;
};

struct thread {
	struct thread_id id;
	enum topic topic;		/* what it is about; a referral unless said */
	bool is_initiator;		/* what began it is ours */
	struct thread_party others[ENVELOPE_TO_MAX];	/* the first one began the thread, unless we did */
	size_t n_others;
	enum state state;		/* of a referral or a transfer: what its steps make of `base`; set with them */
	enum state base;		/* before the first of them */
	struct thread_step steps[THREAD_STEPS_MAX];	/* in the order in which they were taken here */
	size_t n_steps;
	struct lifecycle_past before;	/* the no-shows among the steps that stand in `base`; is_handed_on: whenever it was said */
	enum conference_state conference;	/* of a conference, and the seqs of its coordinator that brought it there; 0: not yet */
	uint64_t decided_seq, ended_seq;
	enum priority priority;
	uint64_t my_seq;		/* last used */
	uint64_t place;			/* outbox seq or inbox cursor of the referral */
	struct msgid referral;		/* its message id */
	char referral_id[NUMBER_LEN];	/* the initiator's number */
	char case_no[NUMBER_LEN];	/* our system's number; empty before registered */
	char external_no[NUMBER_LEN];	/* the other side's; empty when unknown */
	uint8_t case_id[16];
	int64_t queued_ms, stored_ms, delivered_ms, registered_ms, seen_ms, refused_ms;	/* of the referral; 0: not yet */
	enum err refused;
	bool is_seen_sent;		/* we told the initiator that a person has it */
	int64_t changed_ms;		/* when its state changed last, or a message came or went */
	bool is_step_ours;
	uint64_t step;			/* outbox seq or inbox cursor of the step that brought it into its state; 0: none */
	enum hold hold;
};

/* The other party of that name; NULL: it is none. Pure. */
struct thread_party *casebook_party(struct thread *t, const char *agency);
/* One more, if it is none yet. Pure; ERR_TOOMANY. */
enum err casebook_join(struct thread *t, const char *agency) MUST_USE;
/* The key of one agency's message in a thread, for tables of such places; seq 0: of the agency alone. In `place`. */
struct thread_place { uint8_t b[THREAD_LEN + 1 + AGENCY_ID_MAX + 8]; };
struct span casebook_place(const struct thread_id *thread, const char *agency, uint64_t seq, struct thread_place *place);

void casebook_cancel(struct thread *t);		/* what began it is taken back, and its steps with it. Pure */
void casebook_begin(struct thread *t, enum state state);	/* it stands there, without a step. Pure */
/* One more step. Of one `beside` another, whose author had not seen the last of ours, the two states are resolved; both sides end alike. Pure. */
void casebook_step(struct thread *t, const struct thread_step *step);
void casebook_name_step(struct thread *t, const struct msgid *id, const struct msgid *first);	/* its message's first id is another. Pure */
/* It was taken back or refused: the thread stands as if it had never been, and what was taken since stays. So it does not matter in which order
 * several are undone. False: it is not among the steps. Pure. */
bool casebook_undo(struct thread *t, const struct msgid *id);
/* The same of one that is in the state before them, of a thread that was given back after a lost disk. False: another led there. Pure. */
bool casebook_undo_before(struct thread *t, enum state from, enum state to);
struct lifecycle_past casebook_past(const struct thread *t);	/* what has gone before, and is not undone. Pure */
/* The step that the state rests on; NULL: none that is known. Pure. */
const struct thread_step *casebook_last_step(const struct thread *t);
const char *casebook_state(const struct thread *t);	/* as agencies' systems read it, whatever the topic. Pure */

bool casebook_find(struct txn *txn, const struct thread_id *id, struct thread *ret_thread);
/* By referral_id of ours, referral_id of theirs, or case number of ours, in this order. `other` NULL: any sender, if only one
 * uses the number. A case number given to two referrals finds none. */
bool casebook_by_number(struct txn *txn, const char *number, const char *other, struct thread *ret_thread);
/* Of those the ones that are ours, or another's, alone: who says what only one side can say means that one. */
bool casebook_ours(struct txn *txn, const char *number, struct thread *ret_thread);
bool casebook_theirs(struct txn *txn, const char *number, const char *other, struct thread *ret_thread);
/* Does it name one of ours and another's, two agencies that count alike? */
bool casebook_is_of_two(struct txn *txn, const char *number);
/* The next thread of a case after the one of that id, by rising id; all zeroes: the first. */
bool casebook_of_case(struct txn *txn, const uint8_t case_id[16], const struct thread_id *after, struct thread *ret_thread);
/* The first thread of ours in a group of parallel referrals; and one that joins it. */
bool casebook_of_group(struct txn *txn, const char *group_id, struct thread *ret_thread);
void casebook_join_group(struct txn *txn, const char *group_id, const struct thread *t);
bool casebook_is_used(struct txn *txn, const char *referral_id, const char *by);	/* as a referral_id of `by`; NULL: ours */
void casebook_put(struct txn *txn, struct arena *mem, const struct thread *t);	/* with its numbers */

#endif
