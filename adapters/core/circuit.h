/* SPDX-License-Identifier: EUPL-1.2 */
/* circuit - is a system that we hand things to down, or is it one message that it will not have? Pure.
 *
 * When several different entries failed in a row, with nothing taken between them, the system counts as down: the circuit is
 * open. Then one try is made after a growing wait, and what fails meanwhile is held against nobody. Only a failure between two
 * successes is the message's own (adapters/core/DESIGN.md, "Parking").
 */
#ifndef ADAPTER_CIRCUIT_H
#define ADAPTER_CIRCUIT_H

#include <stdbool.h>
#include <stdint.h>

#define CIRCUIT_OPENS_AT 3		/* different entries that failed in a row: one bad message shuts no door */
#define CIRCUIT_WAIT_MAX INT64_C(10000)	/* ms between tries while open: who is back gets all within half a minute */

struct circuit {
	uint64_t began;		/* what `took` was when this process started: less is of an earlier one */
	uint64_t took;		/* grows with each success, across restarts as well: it begins at the clock's milliseconds */
	uint64_t failed[CIRCUIT_OPENS_AT];	/* which entries, since the last success */
	unsigned n_failed;
	unsigned waits;		/* tries that failed while open */
	int64_t until_ms;	/* while open: when one may be tried */
};

bool circuit_is_open(const struct circuit *c);
void circuit_took(struct circuit *c);
/* The waits between tries double from `min_ms` to `max_ms`, or to CIRCUIT_WAIT_MAX where that is less. */
void circuit_failed(struct circuit *c, uint64_t entry, int64_t now_ms, int64_t min_ms, int64_t max_ms);

#endif
