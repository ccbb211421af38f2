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
	char other[AGENCY_ID_MAX + 1];
	enum priority priority;
	bool is_needed;			/* its state is to be asked for */
	bool is_shared;			/* by more than two agencies: nobody can give it back */
	uint64_t my_seq;		/* last that the hub has of us */
	struct msgid mine, theirs;	/* what began each side, by its newest id; zero: unknown */
	unsigned theirs_bits;		/* stages of the latter */
	struct msgid request;		/* what we asked with; zero: not yet */
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

/* A stage of ours in a thread that is missing: told when it is back. */
void hollow_note_stage(struct txn *txn, const struct outbound *o, enum stage stage, enum err code);
/* What was noted of a thread goes: told to our system, or forgotten. */
enum err hollow_tell(struct adapter *a, struct txn *txn, const struct hollow *h, bool is_told) MUST_USE;

void hollow_keep_late(struct txn *txn, struct arena *mem, const struct standing *s);
bool hollow_read_late(struct span key, struct span row, struct late *late);	/* in a walk: is the row such a message? */
void hollow_drop_late(struct txn *txn, const struct late *late);
bool hollow_has_late(struct txn *txn, const struct header *h, uint64_t last);	/* of h's sender, between `last` and h's seq */

void hollow_count(struct txn *txn, uint64_t *ret_threads, uint64_t *ret_late);

#endif
