/* SPDX-License-Identifier: EUPL-1.2 */
/* trouble - see trouble.h. */
#include "tests/sim/trouble.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t at_seed, at_step;

static void
on_abort(int number)
{
	(void)number;
	fprintf(stderr, "seed %llu step %llu: an assertion does not hold\n", (unsigned long long)at_seed,
		(unsigned long long)at_step);
	_Exit(1);
}

void
trouble_at(uint64_t seed, uint64_t step)
{
	if (at_seed == 0)
		(void)signal(SIGABRT, on_abort);
	at_seed = seed;
	at_step = step;
}

void
trouble_found(enum wrong wrong, const char *fmt, ...)
{
	static const char *const names[N_WRONGS] = { "lost", "doubled", "disordered", "wrong" };
	va_list args;

	fprintf(stderr, "seed %llu step %llu: %s: ", (unsigned long long)at_seed, (unsigned long long)at_step, names[wrong]);
	va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	fflush(stdout);
	_Exit(1);
}
