/* SPDX-License-Identifier: EUPL-1.2 */
/* hollow - what is known of a thread that a lost disk took: numbers, no content. A row each for the thread, for what is on its way in it,
 * and for what our system is to be told of it. rebuild.c makes them from the hub's statement, and ends them.
 */
#ifndef ADAPTER_HOLLOW_H
#define ADAPTER_HOLLOW_H

#include "adapters/core/core.h"
#include "proto/standing.h"

struct hollow {
	struct thread_id id;
	char others[ENVELOPE_TO_MAX][AGENCY_ID_MAX + 1];	/* in the order in which they are asked: who began it first, if not we */
	size_t n_others;
	bool is_begun_here;		/* by a message of ours */
	enum priority priority;
	bool is_needed;			/* its state is to be asked for */
	uint64_t my_seq;		/* last that the hub has of us */
	struct msgid mine, theirs;	/* our first message, and what began the thread if we did not, by the newest id; zero: unknown */
	unsigned theirs_bits;		/* stages of the latter */
	uint64_t asked_seq;		/* of our first question; 0: not yet */
	int64_t asked_ms;		/* of the last one */
	unsigned asked, without;	/* of others, 1 << place: asked already; have said that they do not have it */
};

/* A message to us that the hub has not heard to be delivered. */
struct late {
	struct thread_id thread;
	uint64_t leaf, seq;
	struct msgid id;
	struct hash hash;
	enum priority priority;
	char from[AGENCY_ID_MAX + 1];
};

bool hollow_find(struct txn *txn, const struct thread_id *thread, struct hollow *ret_h);	/* is it missing? */
void hollow_put(struct txn *txn, struct arena *mem, const struct hollow *h);
void hollow_del(struct txn *txn, const struct thread_id *thread);
bool hollow_read(struct span key, struct span row, struct hollow *h);	/* in a walk: is the row a thread? */

/* The place of that agency among the others; -1: it is none. Pure. */
int hollow_party(const struct hollow *h, const char *agency);
/* Who is asked next: who has not been, by place; -1: nobody. Pure. */
int hollow_next(const struct hollow *h);
bool hollow_is_lost(const struct hollow *h);	/* all have been asked, and have it not. Pure */

/* A stage of ours in a thread that is missing, said by `from` (us: by the hub): told when it is back. */
void hollow_note_stage(struct txn *txn, const struct outbound *o, const char *from, enum stage stage, enum err code);
/* What was noted of a thread goes: told to our system, or forgotten. */
enum err hollow_tell(struct adapter *a, struct txn *txn, const struct hollow *h, bool is_told) MUST_USE;

void hollow_keep_late(struct txn *txn, struct arena *mem, const struct standing *s);
bool hollow_read_late(struct span key, struct span row, struct late *late);	/* in a walk: is the row such a message? */
void hollow_drop_late(struct txn *txn, const struct late *late);
/* One of `from`, between `last` and `seq`. */
bool hollow_has_late(struct txn *txn, const struct thread_id *thread, const char *from, uint64_t last, uint64_t seq);

void hollow_count(struct txn *txn, uint64_t *ret_threads, uint64_t *ret_late);

#endif
