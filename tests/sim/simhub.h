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
};

struct simhub *simhub_new(struct world *world, struct lossy *wire);
void simhub_free(struct simhub *s);
void simhub_set_faults(struct simhub *s, const struct simhub_faults *faults);
void simhub_crash(struct simhub *s);		/* and start again a little later */
unsigned simhub_starts(const struct simhub *s);

/* A new connection of agency `id`; 0: the hub is down. */
uint64_t simhub_connect(struct simhub *s, const char *id, void *agent, simhub_frame_fn *on_frame, simhub_down_fn *on_down);
void simhub_disconnect(struct simhub *s, uint64_t conn);
void simhub_send(struct simhub *s, uint64_t conn, struct span frame);

struct journal *simhub_journal(struct simhub *s);	/* NULL while it is down */
struct hub *simhub_core(struct simhub *s);		/* NULL while it is down */

#endif
