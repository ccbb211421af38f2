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
#define STATES_MAX 32	/* wire numbers of states are below it */

/* A referral that its agency wants to see the preview of first (preview.h). */
enum hold { HOLD_NONE, HOLD_PREVIEW, HOLD_DECLINED };

struct thread_party {
	char agency[AGENCY_ID_MAX + 1];
	uint64_t taken;			/* the last seq of it that came here */
	uint64_t basis;			/* our seq that it said it had seen last */
	uint64_t known;			/* given back after a lost disk: what it sent up to here, or before, the thread holds already; 0: never */
};

struct thread {
	struct thread_id id;
	enum topic topic;		/* what it is about; a referral unless said */
	bool is_initiator;		/* what began it is ours */
	struct thread_party others[ENVELOPE_TO_MAX];	/* the first one began the thread, unless we did */
	size_t n_others;
	enum state state;		/* of a referral */
	uint8_t undone[STATES_MAX];	/* by state: a step that led there was taken back after others had built on it; where it came from, 0: none */
	uint8_t beside[STATES_MAX];	/* by state: where the other side's step led at the same time, which it overrode; 0: nowhere */
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

void casebook_cancel(struct thread *t);		/* what began it is taken back. Pure */
void casebook_step(struct thread *t, enum state to);	/* a step leads it there. Pure */
void casebook_step_beside(struct thread *t, enum state to);	/* one whose author had not seen the last here: both sides end alike. Pure */
/* A step is taken back. Where others have been taken since, the state stays until they are taken back as well; then it goes back beyond
 * this one, too: in whichever order steps are taken back, both sides end alike. What overrode a step of the other side leaves that one. Pure. */
void casebook_undo(struct thread *t, enum state from, enum state to);
const char *casebook_state(const struct thread *t);	/* as agencies' systems read it, whatever the topic. Pure */

bool casebook_find(struct txn *txn, const struct thread_id *id, struct thread *ret_thread);
/* By referral_id of ours, referral_id of theirs, or case number of ours, in this order. `other` NULL: any sender, if only one
 * uses the number. A case number given to two referrals finds none. */
bool casebook_by_number(struct txn *txn, const char *number, const char *other, struct thread *ret_thread);
/* The next thread of a case after the one of that id, by rising id; all zeroes: the first. */
bool casebook_of_case(struct txn *txn, const uint8_t case_id[16], const struct thread_id *after, struct thread *ret_thread);
/* The first thread of ours in a group of parallel referrals; and one that joins it. */
bool casebook_of_group(struct txn *txn, const char *group_id, struct thread *ret_thread);
void casebook_join_group(struct txn *txn, const char *group_id, const struct thread *t);
bool casebook_is_used(struct txn *txn, const char *referral_id, const char *by);	/* as a referral_id of `by`; NULL: ours */
void casebook_put(struct txn *txn, struct arena *mem, const struct thread *t);	/* with its numbers */

#endif
