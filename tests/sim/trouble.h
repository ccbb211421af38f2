/* SPDX-License-Identifier: EUPL-1.2 */
/* trouble - how a simulation ends that found something: seed, step and what was wrong, and no further step. */
#ifndef SIM_TROUBLE_H
#define SIM_TROUBLE_H

#include <stdint.h>

#include "proto/base/err.h"

enum wrong { WRONG_LOST, WRONG_DOUBLED, WRONG_DISORDERED, WRONG_OTHER, N_WRONGS };

void trouble_at(uint64_t seed, uint64_t step);	/* where the simulation stands; the first call makes assert() say it too */
/* "seed 7 step 341: doubled: I6: ..." and exit 1. */
_Noreturn void trouble_found(enum wrong wrong, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
