/* SPDX-License-Identifier: EUPL-1.2 */
/* logwatch - a second reader of the hub's log: follows every commit and keeps its own tree, so that nothing that was once durable
 * can change, go or come twice without being noticed (I1, I7, I8, I12, I13).
 *
 * What is wrong is told by trouble_found() (trouble.h), which does not return.
 */
#ifndef SIM_LOGWATCH_H
#define SIM_LOGWATCH_H

#include "hub/journal.h"

struct logwatch;

struct logged {
	enum leaf_type type;
	struct msgid id, about;
	struct hash hash, leaf;		/* of the envelope, of the leaf */
	uint64_t aux, thread_seq;
	struct thread_id thread;
	char from[AGENCY_ID_MAX + 1], to[4][AGENCY_ID_MAX + 1];
	size_t n_to;
	unsigned ended;			/* SUBMIT: at so many recipients */
};

struct logwatch *logwatch_new(void);
void logwatch_free(struct logwatch *w);
/* What is new in the journal, checked; the tree's root as the journal has it. */
void logwatch_follow(struct logwatch *w, struct journal *j);
/* Everything once more, from the first leaf: nothing of it has changed, each queue row has its leaf. */
void logwatch_reread(struct logwatch *w, struct journal *j);
uint64_t logwatch_size(const struct logwatch *w);		/* durable leaves */
const struct logged *logwatch_at(const struct logwatch *w, uint64_t index);	/* NULL: not durable */
const struct hash *logwatch_root(const struct logwatch *w, uint64_t size);	/* NULL: beyond what is durable */
bool logwatch_is_to(const struct logged *l, const char *agency);
uint64_t logwatch_count(const struct logwatch *w, enum leaf_type type);

#endif
