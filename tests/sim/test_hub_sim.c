/* SPDX-License-Identifier: EUPL-1.2 */
/* The hub in virtual time: whatever the network and the disk do, nothing accepted is lost, nothing is taken twice, every thread
 * is in order, every proof verifies. A seed is printed when it fails; SIM_SEED runs one alone, SIM_SEEDS says how many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/sim/agent.h"

#define THREADS 10
#define TRIOS 3			/* of them */
#define MESSAGES 60
#define TROUBLE_MS (120 * CLOCK_SECOND)
#define PEACE_MS (600 * CLOCK_SECOND)

struct trial {
	struct world world;
	struct lossy *wire;
	struct simhub *hub;
	struct agent *agents[WORLD_AGENCIES];
};

struct trouble { struct lossy_faults wire; struct simhub_faults hub; unsigned lines; /* broken, in a thousand steps */ };

static void
trial_init(struct trial *r, uint64_t seed)
{
	world_init(&r->world, seed);
	r->wire = lossy_new(seed ^ 0x5eed, WORLD_T0);
	r->hub = simhub_new(&r->world, r->wire);
	for (size_t i = 0; i < WORLD_AGENCIES; i++)
		r->agents[i] = agent_new(&r->world, r->wire, r->hub, i);
}

static void
trial_done(struct trial *r)
{
	for (size_t i = 0; i < WORLD_AGENCIES; i++)
		agent_free(r->agents[i]);
	simhub_free(r->hub);
	lossy_free(r->wire);
	world_done(&r->world);
}

/* Messages of a few threads between two agencies each, both ways, and some among three, spread over the time of trouble. */
static void
trial_trouble(struct trial *r, const struct trouble *t)
{
	struct thread_id threads[THREADS];
	int64_t end = lossy_now(r->wire) + TROUBLE_MS;
	unsigned written = 0;

	for (size_t i = 0; i < THREADS; i++)
		world_fill(&r->world, threads[i].b, THREAD_LEN);
	lossy_set_faults(r->wire, &t->wire);
	simhub_set_faults(r->hub, &t->hub);
	while (lossy_step(r->wire, end) || lossy_now(r->wire) < end) {
		if (written < MESSAGES && lossy_chance(r->wire, 60)) {
			size_t thread = lossy_random(r->wire) % THREADS, a = thread % WORLD_AGENCIES;
			size_t b = (a + 1 + thread / WORLD_AGENCIES) % WORLD_AGENCIES;
			bool back = lossy_chance(r->wire, 400);

			if (thread < TRIOS) {	/* a thread of three: each of them to the other two */
				size_t trio[3] = { a, b, (b + 1) % WORLD_AGENCIES }, who = lossy_random(r->wire) % 3;

				agent_write_two(r->agents[trio[who]], trio[(who + 1) % 3], trio[(who + 2) % 3], &threads[thread],
						PRIORITY_ROUTINE, 1 + lossy_random(r->wire) % 3000);
				written++;
				continue;
			}
			agent_write(r->agents[back ? b : a], back ? a : b, &threads[thread],
				    lossy_chance(r->wire, 150) ? PRIORITY_EMERGENCY : PRIORITY_ROUTINE,
				    1 + lossy_random(r->wire) % 3000);
			written++;
		}
		if (lossy_chance(r->wire, t->lines))
			agent_drop_line(r->agents[lossy_random(r->wire) % WORLD_AGENCIES]);
	}
}

static void
check_agency(void *arg, const struct hub_agency *a)
{
	(void)arg;
	assert_int_equal(a->queued, 0);
	assert_int_equal(a->queued_bytes, 0);
	assert_int_equal(a->unregistered, 0);
}

static void
trial_check(struct trial *r)
{
	static const struct lossy_faults calm = { .delay_ms = 1 };
	int64_t end = lossy_now(r->wire) + PEACE_MS;
	struct agent_count c;
	struct journal_view *v;

	lossy_set_faults(r->wire, &calm);
	simhub_set_faults(r->hub, &(struct simhub_faults){ 0 });
	while (lossy_step(r->wire, end))
		;
	v = journal_view(simhub_journal(r->hub));
	for (size_t i = 0; i < WORLD_AGENCIES; i++) {
		agent_get_count(r->agents[i], &c);
		assert_int_equal(c.accepted, c.written);
		assert_int_equal(c.registered, c.written);
		assert_int_equal(c.receipts_open, 0);
		assert_true(c.statements > 0);
		agent_check_journal(r->agents[i], v);
	}
	assert_int_equal(journal_view_end(v), OK);
	assert_int_equal(hub_each_agency(simhub_core(r->hub), lossy_now(r->wire), check_agency, NULL), OK);
}

static void
trial_seeds(const struct trouble *t, unsigned seeds)
{
	const char *one = getenv("SIM_SEED"), *many = getenv("SIM_SEEDS");
	unsigned first = one ? (unsigned)atoi(one) : 1, n = one ? 1 : many ? (unsigned)atoi(many) : seeds;

	for (unsigned seed = first; seed < first + n; seed++) {
		struct trial r;

		print_message("seed %u\n", seed);
		trial_init(&r, seed);
		trial_trouble(&r, t);
		trial_check(&r);
		trial_done(&r);
	}
}

/* On a good day every message is accepted, delivered and registered, and its sender hears of it. */
static void
hub_calm(void **state)
{
	(void)state;
	trial_seeds(&(struct trouble){ .wire = { .delay_ms = 2 } }, 2);
}

/* A network that drops, doubles, delays and reorders costs time and nothing else. */
static void
hub_bad_network(void **state)
{
	(void)state;
	trial_seeds(&(struct trouble){ .wire = { .drop = 80, .twice = 80, .delay_ms = 5, .jitter_ms = 200 }, .lines = 5 }, 6);
}

/* A hub that dies at any point of a commit loses nothing that it has accepted. */
static void
hub_crashes(void **state)
{
	(void)state;
	trial_seeds(&(struct trouble){ .wire = { .delay_ms = 2, .jitter_ms = 3 }, .hub = { .crash = 60 } }, 6);
}

/* A commit that fails is answered by nobody, and the retry finds out what became of it. */
static void
hub_disk_errors(void **state)
{
	(void)state;
	trial_seeds(&(struct trouble){ .wire = { .delay_ms = 2 }, .hub = { .io_error = 60 } }, 6);
}

/* All of it together. */
static void
hub_everything(void **state)
{
	(void)state;
	trial_seeds(&(struct trouble){ .wire = { .drop = 40, .twice = 40, .delay_ms = 3, .jitter_ms = 100 },
				     .hub = { .crash = 30, .io_error = 30 }, .lines = 3 }, 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hub_calm), cmocka_unit_test(hub_bad_network), cmocka_unit_test(hub_crashes),
		cmocka_unit_test(hub_disk_errors), cmocka_unit_test(hub_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
