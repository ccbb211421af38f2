/* SPDX-License-Identifier: EUPL-1.2 */
/* simhub - a real hub core over the memory journal in virtual time: commits take time, fail, and the process dies when told.
 *
 * Agents connect to it as adapters do to the ROUTER: a connection has a number, and ends when either side says so.
 */
#ifndef SIM_SIMHUB_H
#define SIM_SIMHUB_H

#include "hub/hub.h"
#include "tests/sim/lossy.h"
#include "tests/support/hub_world.h"

struct simhub;

typedef void simhub_frame_fn(void *agent, uint64_t conn, struct span frame);
typedef void simhub_down_fn(void *agent, uint64_t conn);

struct simhub_faults {
	unsigned crash;			/* in a thousand commits: the process dies before, during or after */
	unsigned io_error;		/* in a thousand commits: the commit fails, with or without its bytes on the disk */
	bool is_calm;			/* else one socket in a hundred is full when something is sent */
};

/* What is told of all that the hub does; NULL where nobody looks. */
struct simhub_eyes {
	void *arg;
	void (*on_sent)(void *arg, const char *agency, struct span frame);	/* by the hub, on its way or lost on it */
	void (*on_came)(void *arg, const char *agency, struct span frame);	/* to the hub, just before it sees it */
	void (*on_durable)(void *arg, struct journal *journal);		/* a commit has succeeded, or it has been opened */
	void (*on_crash)(void *arg);
};

struct simhub *simhub_new(struct world *world, struct lossy *wire);
/* The same, looked at from its first start. */
struct simhub *simhub_new_seen(struct world *world, struct lossy *wire, const struct simhub_eyes *eyes);
void simhub_free(struct simhub *s);
void simhub_set_faults(struct simhub *s, const struct simhub_faults *faults);
void simhub_crash(struct simhub *s);		/* and start again a little later */
void simhub_crash_for(struct simhub *s, int64_t ms);	/* and start again after that */
void simhub_set_tick(struct simhub *s, int64_t ms);	/* no more often than this: for runs over weeks */
unsigned simhub_starts(const struct simhub *s);
void simhub_pause(struct simhub *s, int64_t ms);		/* stopped, and goes on later with all that has come */
void simhub_set_skew(struct simhub *s, int64_t ms);	/* its clock is so much ahead of the true time */
void simhub_cut(struct simhub *s, const char *id, int64_t ms);	/* nothing passes between the hub and this agency */

/* A new connection of agency `id`; 0: the hub is down. */
uint64_t simhub_connect(struct simhub *s, const char *id, void *agent, simhub_frame_fn *on_frame, simhub_down_fn *on_down);
void simhub_disconnect(struct simhub *s, uint64_t conn);
void simhub_send(struct simhub *s, uint64_t conn, struct span frame);

struct journal *simhub_journal(struct simhub *s);	/* NULL while it is down */
struct hub *simhub_core(struct simhub *s);		/* NULL while it is down */

#endif
