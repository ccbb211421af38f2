/* SPDX-License-Identifier: EUPL-1.2 */
/* explore - every order of what may happen to a small system, complete: depth first, and no state twice. States are told apart by a
 * 64-bit print of all that decides what may follow; those that only one thing can follow are gone through, and not counted. For each
 * choice the system is put back as it was, or, where it cannot be (take NULL) and where another worker is free, is a copy of the
 * process (fork). With `is_doubting` the print itself is under test: each time that a state is come to, what can follow it must be
 * what could follow it the first time.
 */
#ifndef SIM_EXPLORE_H
#define SIM_EXPLORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPLORE_ACTIONS 32		/* that a system may have */
#define EXPLORE_DEPTH 256		/* more is a run that never ends */

struct explore_system {
	void *arg;
	size_t (*list)(void *arg, unsigned actions[EXPLORE_ACTIONS]);	/* what may happen now; none: the end */
	void (*act)(void *arg, unsigned action);
	uint64_t (*print)(void *arg);
	void (*check_end)(void *arg);
	const char *(*name)(unsigned action);
	void (*take)(void);		/* keep it as it is, on top of what is kept; NULL: it cannot be put back */
	void (*back)(void);		/* as it was when it was kept last */
	void (*drop)(void);		/* what was kept last */
	bool is_doubting;		/* only with take */
};

struct explore_sums { uint64_t states, transitions, ends; unsigned depth; long double interleavings; };

/* False: something was found, and is told with the way to it. `workers` processes at a time. */
bool explore_all(const struct explore_system *system, unsigned workers, struct explore_sums *ret_sums);
void explore_tell_way(void);		/* of this process, on the error output */

#endif
