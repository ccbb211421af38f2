/* SPDX-License-Identifier: EUPL-1.2 */
/* office - an agency: a real adapter in its process, on its line to a simulated hub. What its system does, and what is looked at on the
 * way, is its owner's. Its disk (desk) survives the process; the line does not.
 */
#ifndef SIM_OFFICE_H
#define SIM_OFFICE_H

#include "tests/sim/simhub.h"
#include "tests/support/adapter_desk.h"

struct office {
	struct lossy *wire;
	struct simhub *hub;
	struct adesk desk;
	unsigned life;			/* events of an earlier life are nothing */
	uint64_t conn;			/* 0: no line */
	/* its owner's, set after office_init; NULL: nothing of it */
	bool (*is_cut)(struct office *o);	/* this frame does not go out */
	void (*on_frame)(struct office *o, struct span frame);	/* what the adapter is about to get */
	void (*on_tell)(struct office *o, const char *text);	/* a line of its log */
	void *arg;
};

/* `hand` takes what goes to the agency's system; its argument is the office. The process does not run yet. */
void office_init(struct office *o, struct world *world, size_t place, struct lossy *wire, struct simhub *hub,
		 enum err (*hand)(void *office, const struct handover *h));
void office_done(struct office *o);

void office_start(struct office *o);		/* not if it runs */
void office_stop(struct office *o);		/* dies, and its line with it; not if it does not run */
/* Stops, and starts again `ms` later, if nobody has started it before. */
void office_restart(struct office *o, int64_t ms);
void office_drop_line(struct office *o);	/* it notices at once */

#endif
