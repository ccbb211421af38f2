/* SPDX-License-Identifier: EUPL-1.2 */
/* explore - the table of states and the list of transitions are shared memory; the orders are counted at the end, as the paths
 * of a graph without circles (what has happened only grows).
 */
#include "tests/sim/explore.h"

#include <assert.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATES_MAX (1u << 24)
#define EDGES_MAX (1u << 26)
#define PROGRESS 100000

struct shared {
	_Atomic uint64_t prints[2 * STATES_MAX];	/* open addressing; 0: free */
	_Atomic uint32_t number[2 * STATES_MAX];	/* of the state in this slot, from 1 */
	struct { uint32_t from, to; } edges[EDGES_MAX];
	_Atomic uint32_t n_states, n_edges, n_ends, depth;
	_Atomic int running;
	_Atomic bool has_failed;
	bool is_end[STATES_MAX];
	_Atomic uint64_t followers[STATES_MAX];		/* where it is doubted: the sum of all that can follow; 0: not known yet */
};

static struct shared *shared;
static const struct explore_system *sys;
static unsigned way[EXPLORE_DEPTH], n_way, n_workers, order;	/* order: which of the workers this is */

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

static void
step(unsigned action)
{
	if (n_way == EXPLORE_DEPTH) {
		fprintf(stderr, "it never ends\n");
		explore_tell_way();
		_exit(1);
	}
	way[n_way++] = action;
	if (n_way > atomic_load(&shared->depth))
		atomic_store(&shared->depth, n_way);
	sys->act(sys->arg, action);
}

/* And what follows it by itself. */
static void
step_on(unsigned action)
{
	unsigned actions[EXPLORE_ACTIONS];

	step(action);
	while (sys->list(sys->arg, actions) == 1)
		step(actions[0]);
}

static void
doubt(uint32_t state)
{
	unsigned actions[EXPLORE_ACTIONS], n_before = n_way;
	size_t n = sys->list(sys->arg, actions);
	uint64_t sum = 1, known = 0;

	for (size_t i = 0; i < n; i++) {
		sys->take();
		step_on(actions[i]);
		sum += (sys->print(sys->arg) + actions[i]) * UINT64_C(0x9e3779b97f4a7c15);
		sys->back();
		sys->drop();
		n_way = n_before;
	}
	if (atomic_compare_exchange_strong(&shared->followers[state], &known, sum) || known == sum)
		return;
	fprintf(stderr, "wrong: a state that was held for the same as another is not\n");
	explore_tell_way();
	_exit(1);
}

/* This action, and all that follows. */
static void
follow(uint32_t from, unsigned action)
{
	unsigned n_begin = n_way;
	uint32_t to, edge;
	bool is_new;

	step_on(action);
	is_new = enter(sys->print(sys->arg), &to);
	if (sys->is_doubting)
		doubt(to);
	if (n_begin > 0 || order == 0) {	/* all workers begin in the first state, which is told of once */
		edge = atomic_fetch_add(&shared->n_edges, 1);
		assert(edge < EDGES_MAX);
		shared->edges[edge].from = from;
		shared->edges[edge].to = to;
	}
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

/* Where the system can be put back: one choice after the other, the second worker from the other end. What another worker has
 * entered it follows to its end.
 */
static void
visit_here(uint32_t state, const unsigned *actions, size_t n)
{
	unsigned n_before = n_way;

	if (n > 1)
		sys->take();
	for (size_t i = 0; i < n && !atomic_load(&shared->has_failed); i++) {
		follow(state, actions[order % 2 ? n - 1 - i : i]);
		if (n > 1)
			sys->back();
		n_way = n_before;
	}
	if (n > 1)
		sys->drop();
}

/* Where it cannot: a process for each choice, beside this one while fewer than the workers run. */
static void
visit_apart(uint32_t state, const unsigned *actions, size_t n)
{
	unsigned beside = 0;

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

static void
visit(uint32_t state)
{
	unsigned actions[EXPLORE_ACTIONS];
	size_t n = sys->list(sys->arg, actions);

	if (n == 0) {
		sys->check_end(sys->arg);
		shared->is_end[state] = true;
		atomic_fetch_add(&shared->n_ends, 1);
	} else if (sys->take) {
		visit_here(state, actions, n);
	} else {
		visit_apart(state, actions, n);
	}
}

/* Zero. Not of the heap: that of a system that is put back (rewind.h) has no room for tables of millions. */
static void *
table(size_t n, size_t each)
{
	void *p = mmap(NULL, n * each, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert(p != MAP_FAILED);
	return p;
}

/* How many ways lead from the first state to an end; 0: not all lead to one. */
static long double
count_ways(void)
{
	uint32_t n = shared->n_states, n_edges = shared->n_edges, n_ready = 0;
	long double *ways = table(n + 1u, sizeof(*ways)), sum;
	uint32_t *left = table(n + 1u, sizeof(*left)), *ready = table(n + 1u, sizeof(*ready));
	uint32_t *first = table(n + 2u, sizeof(*first)), *into = table(n_edges + 1u, sizeof(*into));

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
	sum = n_ready == n ? ways[1] : 0;	/* else there is a circle */
	munmap(ways, (n + 1u) * sizeof(*ways));
	munmap(left, (n + 1u) * sizeof(*left));
	munmap(ready, (n + 1u) * sizeof(*ready));
	munmap(first, (n + 2u) * sizeof(*first));
	munmap(into, (n_edges + 1u) * sizeof(*into));
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
	for (order = 0; order < (sys->take ? workers : 1); order++) {
		if ((child = fork()) == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			visit(state);
			_exit(atomic_load(&shared->has_failed));
		}
		assert(child > 0);
	}
	for (; order > 0; order--)
		await();
	if (atomic_load(&shared->has_failed))
		return false;
	*ret_sums = (struct explore_sums){ shared->n_states, shared->n_edges, shared->n_ends, shared->depth, count_ways() };
	munmap(shared, sizeof(*shared));
	if (ret_sums->interleavings < 1)
		fprintf(stderr, "wrong: it may go on in a circle and never end\n");
	return ret_sums->interleavings >= 1;
}
