/* SPDX-License-Identifier: EUPL-1.2 */
/* sim_outage - one party of the town is away for 24 virtual hours, the others go on: what is said meanwhile arrives when it is back,
 * in order, once.
 *
 *	sim_outage NUMBER...	0: the hub; 1 to 3: an agency's adapter; 4 to 6: an agency's system
 *
 * A line a party: what was accepted, how much of it during the outage, and how many seconds after it the last of it had arrived.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/town.h"

#define BUREAUS 3
#define CALM_MS (10 * CLOCK_MINUTE)
#define SETTLE_MS (30 * CLOCK_SECOND)

static void
leave(struct town *t, unsigned party)
{
	if (party == 0)
		simhub_crash_for(t->hub, CLOCK_DAY);
	else if (party <= BUREAUS)
		bureau_die(&t->bureaus[party - 1], CLOCK_DAY);
	else
		t->bureaus[party - 1 - BUREAUS].mood = MOOD_DOWN;
}

static void
run_until(struct town *t, int64_t end)
{
	while (lossy_now(t->wire) < end)
		(void)town_step(t, end);
}

static unsigned
accepted(const struct town *t)
{
	unsigned n = 0;

	for (size_t i = 0; i < t->n_inputs; i++)
		n += t->inputs[i].is_told;
	return n;
}

static void
outage(unsigned party)
{
	static const struct climate calm = { .wire = { .delay_ms = 5, .jitter_ms = 3 }, .load = 2 };
	struct town *t = malloc(sizeof(*t));
	unsigned before, meanwhile;
	int64_t begun;

	assert(t);
	town_init(t, 2 * party + 2, &calm);	/* an even seed has three bureaus */
	assert(t->n_bureaus == BUREAUS);
	run_until(t, lossy_now(t->wire) + CALM_MS);
	before = accepted(t);
	leave(t, party);
	run_until(t, lossy_now(t->wire) + CLOCK_DAY);
	meanwhile = accepted(t) - before;
	begun = lossy_now(t->wire);
	town_settle(t, SETTLE_MS);
	town_check_end(t);
	printf("party %u accepted %u meanwhile %u again %llu settled_s %lld steps %llu\n", party, accepted(t), meanwhile,
	       (unsigned long long)t->again, (long long)((lossy_now(t->wire) - begun) / CLOCK_SECOND),
	       (unsigned long long)t->step);
	fflush(stdout);
	town_done(t);
	free(t);
}

int
main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: sim_outage NUMBER... (0 the hub, 1-3 an adapter, 4-6 an agency's system)\n");
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		unsigned party = (unsigned)atoi(argv[i]);

		assert(party <= 2 * BUREAUS);
		outage(party);
	}
	return 0;
}
