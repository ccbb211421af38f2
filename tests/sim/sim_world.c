/* SPDX-License-Identifier: EUPL-1.2 */
/* sim_world - a town under all faults at once, seed after seed; each seed has a climate of its own.
 *
 *	sim_world SEED [STEPS]		one run; prints the digest of all that passed
 *	sim_world --seeds N [--from SEED] [--every K] [--steps STEPS] [--state FILE]
 *
 * With a state file a long run goes on where it was stopped. Exit 1: "seed 7 step 341: doubled: ..." on the error output.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/town.h"

#define STEPS 10000
#define SETTLE_MS (30 * CLOCK_SECOND)

struct sums { unsigned long long seeds, steps, accepted, handed, again, crashes, back, turned; };

/* Each kind of fault is there in two seeds of three, more or less often. */
static unsigned
some(uint64_t *random, unsigned max)
{
	uint64_t z = *random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	z ^= z >> 31;
	return z % 3 == 0 ? 0 : (unsigned)(z / 3 % max + 1);
}

static void
draw_climate(uint64_t seed, struct climate *c)
{
	uint64_t r = seed;

	*c = (struct climate){ .load = 30 };
	c->wire = (struct lossy_faults){ some(&r, 80), some(&r, 80), 1 + (int64_t)some(&r, 20), (int64_t)some(&r, 200) };
	c->hub = (struct simhub_faults){ .crash = some(&r, 40), .io_error = some(&r, 40) };
	c->lines = some(&r, 30);
	c->cuts = some(&r, 15);
	c->pauses = some(&r, 15);
	c->jumps = some(&r, 15);
	c->hub_dies = some(&r, 15);
	c->adapter_dies = some(&r, 30);
	c->commit_dies = some(&r, 20);
	c->commit_full = some(&r, 20);
	c->systems = some(&r, 60);
	c->poison = some(&r, 100);
	c->strangers = some(&r, 30);
	c->takebacks = some(&r, 150);
	c->turns = some(&r, 10);
	c->losses = some(&r, 10);
}

static uint64_t
run(uint64_t seed, uint64_t steps, struct sums *sums)
{
	struct town *t = malloc(sizeof(*t));
	struct climate climate;
	uint64_t digest;

	assert(t);
	draw_climate(seed, &climate);
	town_init(t, seed, &climate);
	while (t->step < steps)
		(void)town_step(t, lossy_now(t->wire) + CLOCK_DAY);
	town_settle(t, SETTLE_MS);
	town_check_end(t);
	digest = t->digest;
	sums->seeds++;
	sums->steps += t->step;
	for (size_t i = 0; i < t->n_inputs; i++) {
		sums->accepted += t->inputs[i].is_told;
		sums->back += hearing_is_back(&t->inputs[i]);
	}
	sums->handed += t->handed;
	sums->again += t->again;
	sums->crashes += t->crashes;
	sums->turned += t->turned;
	town_done(t);
	free(t);
	return digest;
}

/* -- the state file: the next seed and the sums so far -- */

static void
load_state(const char *path, uint64_t *seed, struct sums *s)
{
	FILE *f = path ? fopen(path, "r") : NULL;
	unsigned long long next;

	if (f == NULL)
		return;
	if (fscanf(f, "next %llu seeds %llu steps %llu accepted %llu handed %llu again %llu crashes %llu back %llu turned %llu",
		   &next, &s->seeds, &s->steps, &s->accepted, &s->handed, &s->again, &s->crashes, &s->back, &s->turned) == 9)
		*seed = next;
	fclose(f);
}

static void
print(FILE *f, const struct sums *s)
{
	fprintf(f, "seeds %llu steps %llu accepted %llu handed %llu again %llu crashes %llu back %llu turned %llu\n", s->seeds, s->steps,
		s->accepted, s->handed, s->again, s->crashes, s->back, s->turned);
}

static void
save_state(const char *path, uint64_t next, const struct sums *s)
{
	FILE *f = path ? fopen(path, "w") : NULL;

	if (f == NULL)
		return;
	fprintf(f, "next %llu ", (unsigned long long)next);
	print(f, s);
	fclose(f);
}

static uint64_t
number_after(int argc, char **argv, const char *option, uint64_t otherwise)
{
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], option) == 0)
			return strtoull(argv[i + 1], NULL, 10);
	return otherwise;
}

static const char *
text_after(int argc, char **argv, const char *option)
{
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], option) == 0)
			return argv[i + 1];
	return NULL;
}

int
main(int argc, char **argv)
{
	uint64_t from = number_after(argc, argv, "--from", 1), steps = number_after(argc, argv, "--steps", STEPS);
	uint64_t seeds = number_after(argc, argv, "--seeds", 0), every = number_after(argc, argv, "--every", 1);
	const char *state = text_after(argc, argv, "--state");
	uint64_t seed = from;
	struct sums sums = { 0 };

	if (seeds == 0) {
		if (argc < 2 || (seed = strtoull(argv[1], NULL, 10)) == 0) {
			fprintf(stderr, "usage: sim_world SEED [STEPS]\n");
			fprintf(stderr, "       sim_world --seeds N [--from SEED] [--every K] [--steps N] [--state FILE]\n");
			return 2;
		}
		printf("digest %016llx\n",
		       (unsigned long long)run(seed, argc > 2 ? strtoull(argv[2], NULL, 10) : STEPS, &sums));
	} else {
		load_state(state, &seed, &sums);
		for (; (seed - from) / every < seeds; seed += every) {
			(void)run(seed, steps, &sums);
			save_state(state, seed + every, &sums);
			printf("# seed %llu\n", (unsigned long long)seed);
			fflush(stdout);
		}
	}
	print(stdout, &sums);
	return 0;
}
