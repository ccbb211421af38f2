/* SPDX-License-Identifier: EUPL-1.2 */
/* agent_book - what an agent has on its disk: what it wrote and how far that came, what it took, and its place in each thread.
 *
 * Promises of the hub that need no more than this are asserted here: nothing is registered twice by one, no receipt is for something
 * else, no notice comes twice. Called by agent.c alone.
 */
#ifndef SIM_AGENT_BOOK_H
#define SIM_AGENT_BOOK_H

#include "tests/sim/agent.h"

#define MESSAGES_MAX 4096
#define THREADS_MAX 256

struct sent {
	struct span bytes;
	struct msgid id;
	struct hash hash;
	bool is_receipt, is_accepted, is_registered;	/* registered: by all */
	size_t n_to;
	char by[2][AGENCY_ID_MAX + 1];	/* who has registered it */
	uint64_t leaf;
	int64_t tried_ms;
};
struct got { struct msgid id; char from[AGENCY_ID_MAX + 1]; };
struct place { struct thread_id thread; char from[AGENCY_ID_MAX + 1]; uint64_t seq; };

struct agent_book {
	struct world *world;
	size_t place;
	struct sent sent[MESSAGES_MAX];
	size_t n_sent;
	struct got taken[MESSAGES_MAX];
	size_t n_taken, twice;
	struct told told[MESSAGES_MAX];
	size_t n_told;
	struct place places[THREADS_MAX];	/* the last seq of each sender in each thread, own ones included */
	size_t n_places;
};

/* The next seq of our own in a thread, used up by this. */
uint64_t agent_book_next(struct agent_book *b, const struct thread_id *thread);
void agent_book_keep(struct agent_book *b, const struct header *h, size_t body_n);
void agent_book_accepted(struct agent_book *b, const struct msgid *id, uint64_t leaf);

enum taking { TAKING_MISSING /* one before it: it must come once more */, TAKING_AGAIN, TAKING_NEW };
enum taking agent_book_take(struct agent_book *b, const struct envelope *e, struct arena *mem);
bool agent_book_has(const struct agent_book *b, const struct msgid *id, const char *from);

#endif
