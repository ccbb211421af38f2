/* SPDX-License-Identifier: EUPL-1.2 */
/* explore - the table of states and the list of transitions are shared memory; the orders are counted at the end, as the paths
 * of a graph without circles (what has happened only grows).
 */
#include "tests/sim/explore.h"

#include <assert.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATES_MAX (1u << 24)
#define EDGES_MAX (1u << 26)
#define PROGRESS 20000

struct shared {
	_Atomic uint64_t prints[2 * STATES_MAX];	/* open addressing; 0: free */
	_Atomic uint32_t number[2 * STATES_MAX];	/* of the state in this slot, from 1 */
	struct { uint32_t from, to; } edges[EDGES_MAX];
	_Atomic uint32_t n_states, n_edges, n_ends, depth;
	_Atomic int running;
	_Atomic bool has_failed;
	bool is_end[STATES_MAX];
};

static struct shared *shared;
static const struct explore_system *sys;
static unsigned way[EXPLORE_DEPTH], n_way, n_workers;

void
explore_tell_way(void)
{
	for (unsigned i = 0; i < n_way; i++)
		fprintf(stderr, "%s%s", i ? ", " : "way: ", sys->name(way[i]));
	fputc('\n', stderr);
}

/* True: nobody has been there. */
static bool
enter(uint64_t print, uint32_t *ret_number)
{
	uint64_t free_slot;
	size_t i = print % (2 * (size_t)STATES_MAX);

	print += print == 0;
	for (;; i = (i + 1) % (2 * (size_t)STATES_MAX)) {
		free_slot = 0;
		if (atomic_compare_exchange_strong(&shared->prints[i], &free_slot, print)) {
			*ret_number = atomic_fetch_add(&shared->n_states, 1) + 1;
			assert(*ret_number < STATES_MAX);
			atomic_store(&shared->number[i], *ret_number);
			if (*ret_number % PROGRESS == 0)
				fprintf(stderr, "%u states, %u transitions\n", *ret_number, atomic_load(&shared->n_edges));
			return true;
		}
		if (free_slot == print) {
			while ((*ret_number = atomic_load(&shared->number[i])) == 0)
				;	/* the other process is just about to say it */
			return false;
		}
	}
}

static void visit(uint32_t state);

/* In a process of its own: what follows this action. */
static void
follow(uint32_t from, unsigned action)
{
	uint32_t to, edge;
	bool is_new;

	if (n_way == EXPLORE_DEPTH) {
		fprintf(stderr, "it never ends\n");
		explore_tell_way();
		_exit(1);
	}
	way[n_way++] = action;
	if (n_way > atomic_load(&shared->depth))
		atomic_store(&shared->depth, n_way);
	sys->act(sys->arg, action);
	is_new = enter(sys->print(sys->arg), &to);
	edge = atomic_fetch_add(&shared->n_edges, 1);
	assert(edge < EDGES_MAX);
	shared->edges[edge].from = from;
	shared->edges[edge].to = to;
	if (is_new)
		visit(to);
}

static void
await(void)
{
	int status;

	if (wait(&status) < 0 || status != 0)
		atomic_store(&shared->has_failed, true);
}

/* One more process, where fewer than the workers run: true. It gives its place back when it ends. */
static bool
may_run_beside(void)
{
	int running = atomic_load(&shared->running);

	return running < (int)n_workers && atomic_compare_exchange_strong(&shared->running, &running, running + 1);
}

static void
visit(uint32_t state)
{
	unsigned actions[EXPLORE_ACTIONS], beside = 0;
	size_t n = sys->list(sys->arg, actions);

	if (n == 0) {
		sys->check_end(sys->arg);
		shared->is_end[state] = true;
		atomic_fetch_add(&shared->n_ends, 1);
		return;
	}
	for (size_t i = 0; i < n && !atomic_load(&shared->has_failed); i++) {
		bool is_beside;
		pid_t child;

		if (i + 1 == n && beside == 0) {
			follow(state, actions[i]);	/* the last one needs no copy */
			return;
		}
		is_beside = may_run_beside();
		if ((child = fork()) == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);	/* who is stopped leaves nobody behind */
			follow(state, actions[i]);
			if (is_beside)
				atomic_fetch_sub(&shared->running, 1);
			_exit(atomic_load(&shared->has_failed));
		}
		assert(child > 0);
		if (is_beside)
			beside++;
		else
			await();
	}
	if (beside > 0)
		atomic_fetch_sub(&shared->running, 1);
	for (unsigned i = 0; i < beside; i++)
		await();
	if (beside > 0)
		atomic_fetch_add(&shared->running, 1);
}

/* How many ways lead from the first state to an end. */
static long double
count_ways(void)
{
	uint32_t n = shared->n_states, n_edges = shared->n_edges, n_ready = 0;
	long double *ways = calloc(n + 1u, sizeof(*ways)), sum;
	uint32_t *left = calloc(n + 1u, sizeof(*left)), *ready = calloc(n + 1u, sizeof(*ready));
	uint32_t *first = calloc(n + 2u, sizeof(*first)), *into = calloc(n_edges + 1u, sizeof(*into));

	assert(ways && left && ready && first && into);
	for (uint32_t i = 0; i < n_edges; i++) {
		left[shared->edges[i].from]++;
		first[shared->edges[i].to + 1]++;
	}
	for (uint32_t i = 1; i <= n + 1; i++)
		first[i] += first[i - 1];
	for (uint32_t i = 0; i < n_edges; i++)
		into[first[shared->edges[i].to]++] = shared->edges[i].from;
	for (uint32_t i = n + 1; i > 0; i--)
		first[i] = first[i - 1];
	for (uint32_t i = 1; i <= n; i++)
		if (shared->is_end[i]) {
			ways[i] = 1;
			ready[n_ready++] = i;
		}
	for (uint32_t i = 0; i < n_ready; i++)
		for (uint32_t k = first[ready[i]]; k < first[ready[i] + 1]; k++) {
			ways[into[k]] += ways[ready[i]];
			if (--left[into[k]] == 0)
				ready[n_ready++] = into[k];
		}
	assert(n_ready == n);	/* no circle, and from each state an end is reached */
	sum = ways[1];
	free(ways);
	free(left);
	free(ready);
	free(first);
	free(into);
	return sum;
}

bool
explore_all(const struct explore_system *system, unsigned workers, struct explore_sums *ret_sums)
{
	uint32_t state;
	pid_t child;

	sys = system;
	n_workers = workers;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert(shared != MAP_FAILED);
	atomic_store(&shared->running, 1);
	(void)enter(sys->print(sys->arg), &state);
	fflush(NULL);
	if ((child = fork()) == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		visit(state);
		_exit(atomic_load(&shared->has_failed));
	}
	assert(child > 0);
	await();
	if (atomic_load(&shared->has_failed))
		return false;
	*ret_sums = (struct explore_sums){ shared->n_states, shared->n_edges, shared->n_ends, shared->depth, count_ways() };
	munmap(shared, sizeof(*shared));
	return true;
}
