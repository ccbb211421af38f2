/* SPDX-License-Identifier: EUPL-1.2 */
/* agent - a scripted adapter: keeps what it sends until it is accepted, checks every proof, takes each message once and in
 * order, confirms delivered and registered. Its tables are durable; its connection is not.
 */
#ifndef SIM_AGENT_H
#define SIM_AGENT_H

#include "proto/notice.h"
#include "tests/sim/simhub.h"

struct agent;

struct agent *agent_new(struct world *world, struct lossy *wire, struct simhub *hub, size_t place);
void agent_free(struct agent *a);
/* Write one message to agency `to` in `thread`, the next of its sequence there. To a second one as well: a thread of three. */
void agent_write(struct agent *a, size_t to, const struct thread_id *thread, enum priority priority, size_t body_n);
void agent_write_two(struct agent *a, size_t to, size_t also, const struct thread_id *thread, enum priority priority, size_t body_n);
/* The same in two steps, for headers that have more in them: the next of the sequence is used up by the first. */
void agent_prepare(struct agent *a, size_t to, const struct thread_id *thread, enum priority priority, struct header *ret_header);
void agent_keep(struct agent *a, const struct header *h, size_t body_n);
void agent_drop_line(struct agent *a);		/* the connection breaks */

/* How long it takes until it says of a message that it is delivered, registered or refused: ms, below zero never. Without one it says the
 * first two at once. And how often it looks whether there is something to send. */
typedef int64_t agent_pace_fn(void *arg, const struct header *h, enum stage stage);
void agent_set_pace(struct agent *a, agent_pace_fn *pace, void *arg);
void agent_set_beat(struct agent *a, int64_t ms);
bool agent_has(const struct agent *a, const struct msgid *id, const char *from);	/* taken */
/* The notices that it has taken: each is signed by the hub's notice key, and concerns it, and came once. */
struct told { struct msgid about; char to[AGENCY_ID_MAX + 1]; enum notice_fact fact; };
size_t agent_told(const struct agent *a, const struct told **ret_told);

struct agent_count {
	size_t written, accepted, registered;	/* own messages: all, durable at the hub, registered by their recipient */
	size_t taken, twice;			/* messages of others: in the inbox; came again */
	size_t receipts_open;			/* own receipts that the hub has not accepted */
	size_t statements;			/* taken whole, and right about every message of its own */
};
void agent_get_count(const struct agent *a, struct agent_count *ret_count);
/* Every ACCEPTED id is in the journal at the leaf that it was accepted with. */
void agent_check_journal(const struct agent *a, struct journal_view *v);

#endif
