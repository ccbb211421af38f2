/* SPDX-License-Identifier: EUPL-1.2 */
/* rebuild - an adapter whose store is new, because its disk was lost, gets from the hub's statement which messages there are and how
 * far they came, from their senders what nobody has registered, and from another party of each thread what it was about
 * (PROTOCOL.md 5, "A lost disk").
 *
 * A thread that is missing is hollow (hollow.h) until it is back: numbers, no content. Nothing that comes in it is refused until
 * then; it is asked for once more.
 */
#ifndef ADAPTER_REBUILD_H
#define ADAPTER_REBUILD_H

#include "adapters/core/hollow.h"

enum rebuild_state { REBUILD_NONE, REBUILD_ASKING /* a new store: what does the hub know? */, REBUILD_RUNNING };

struct rebuilt {
	enum rebuild_state state;
	int64_t begun_ms, done_ms;	/* 0: not */
	uint64_t threads, messages, own;	/* missing at first; own: messages of ours, known by their stages again */
	uint64_t lost;			/* threads that nobody could give back */
	uint64_t threads_missing, messages_missing;	/* now */
};

/* A store in which there never was a session: it is new, or came in place of a lost one. Called once, before the first event. */
enum err rebuild_begin(struct adapter *a) MUST_USE;
void rebuild_settle(struct store *store);	/* for tests: this store is what it is */
/* The row; what is missing now is 0 in it. For inventory.c. */
void rebuild_get(struct txn *txn, struct rebuilt *ret_r);
void rebuild_put(struct txn *txn, const struct rebuilt *r);
void rebuild_view(struct txn *txn, struct rebuilt *ret_r);	/* with what is missing now */

/* Ask for what is due: thread-states, and what should have come and has not. At the tick. */
enum err rebuild_tick(struct adapter *a) MUST_USE;

/* -- for those who decide about messages -- */
/* Is a message of this place to be asked for once more, since what it belongs to is missing? */
bool rebuild_holds(struct txn *txn, const struct header *h, const struct record *record);
/* Is one of `from`, between `last`, which came last, and `seq`, still on its way? */
bool rebuild_has_gap(struct txn *txn, const struct thread_id *thread, const char *from, uint64_t last, uint64_t seq);
/* The thread is back (`is_lost`: nobody has it): its row goes, and what was to be told of it is told. */
enum err rebuild_end(struct adapter *a, struct txn *txn, const struct hollow *h, bool is_lost) MUST_USE;
/* Our question was refused by one of those whom it went to, who has not the thread: the next one is asked, if there is any. */
enum err rebuild_refused(struct adapter *a, struct txn *txn, const struct outbound *o) MUST_USE;
/* What `from`, one of several others, told of the thread cannot be so: as if it had it not. */
void rebuild_disbelieve(struct adapter *a, struct txn *txn, struct hollow *h, const char *from);
/* It is to be sealed again and is not here any more: its recipient must not wait for it, so it is taken back. */
enum err rebuild_cannot_seal(struct adapter *a, struct txn *txn, struct outbound *o) MUST_USE;
/* What our system names is unknown here: for now, while anything is missing, else `e`. */
enum err rebuild_unknown(struct txn *txn, enum err e, struct why *why);

#endif
