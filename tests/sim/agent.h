/* SPDX-License-Identifier: EUPL-1.2 */
/* agent - a scripted adapter: keeps what it sends until it is accepted, checks every proof, takes each message once and in
 * order, confirms delivered and registered. Its tables are durable; its connection is not.
 */
#ifndef SIM_AGENT_H
#define SIM_AGENT_H

#include "tests/sim/simhub.h"

struct agent;

struct agent *agent_new(struct world *world, struct lossy *wire, struct simhub *hub, size_t place);
void agent_free(struct agent *a);
/* Write one message to agency `to` in `thread`, the next of its sequence there. */
void agent_write(struct agent *a, size_t to, const struct thread_id *thread, enum priority priority, size_t body_n);
void agent_drop_line(struct agent *a);		/* the connection breaks */

struct agent_count {
	size_t written, accepted, registered;	/* own messages: all, durable at the hub, registered by their recipient */
	size_t taken, twice;			/* messages of others: in the inbox; came again */
	size_t receipts_open;			/* own receipts that the hub has not accepted */
};
void agent_get_count(const struct agent *a, struct agent_count *ret_count);
/* Every ACCEPTED id is in the journal at the leaf that it was accepted with. */
void agent_check_journal(const struct agent *a, struct journal_view *v);

#endif
