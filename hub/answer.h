/* SPDX-License-Identifier: EUPL-1.2 */
/* answer - what the sender of a SUBMIT hears: ACCEPTED with its proof, REFUSED with its reason. */
#ifndef HUB_ANSWER_H
#define HUB_ANSWER_H

#include "hub/state.h"

/* One frame's immediate answers: refusals, and duplicates of what is durable already. Room for n of each, in hub->mem. */
struct replies {
	struct refused_item *refused;
	size_t n_refused;
	struct answer *again;
	size_t n_again;
};

/* What does not hold in the event's memory is dropped: its sender tries again. */
void answer_init(struct hub *hub, struct replies *r, size_t n);
void answer_refuse(struct hub *hub, struct replies *r, const struct envelope *e, enum err code, const struct why *why);
void answer_again(struct replies *r, const struct answer *a);
void answer_send(struct hub *hub, struct party *p, const struct replies *r);
/* Of the round whose commit is done: to each sender's session of now, if it has one. */
void answer_round(struct hub *hub, const struct round *r);
/* Leaf, salt and detail of an entry that is durable, from the batch just committed or from the journal. */
enum err answer_entry(struct hub *hub, uint64_t leaf, struct journal_entry *ret_entry) MUST_USE;
/* The checkpoint of now for a session, proven from the one that it was sent last; false: not now. What was sent with it is
 * noted when the frame is out, and only then. */
bool answer_growth(struct hub *hub, const struct party *p, struct growth *ret_growth) MUST_USE;
void answer_shown(struct hub *hub, struct party *p);
struct span answer_checkpoint(const struct hub *hub);

#endif
