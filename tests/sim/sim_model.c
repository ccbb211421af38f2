/* SPDX-License-Identifier: EUPL-1.2 */
/* sim_model - every order in which two senders, two recipients and three messages can be submitted, committed, delivered, taken and
 * resumed, with at most one crash of the hub and two lost frames: all of them, none drawn by lot.
 *
 *	sim_model [CRASHES [LOSSES [2 or 3 messages]]]
 *
 * In each end all messages have been accepted, and are in each recipient's inbox once and in order.
 */
#include <stdio.h>
#include <stdlib.h>

#include "proto/frame.h"
#include "tests/sim/explore.h"
#include "tests/sim/small.h"
#include "tests/sim/trouble.h"

#define WORKERS 2

enum { ACT_SUBMIT, ACT_HUB_HEARS = 4, ACT_HEARS = 8, ACT_LOSE_UP = 12, ACT_LOSE_DOWN = 16, ACT_RESUME = 20, ACT_COMMIT = 24, ACT_TOLD,
       ACT_CRASH, ACT_TIMEOUT };

static bool
is_done(const struct small *s)
{
	const struct small_agent *a = s->agents;

	for (size_t m = 0; m < SMALL_MESSAGES; m++)
		if (s->messages[m].bytes.n > 0 && (!a[s->messages[m].from].is_accepted[m] || a[2].inbox[m] == 0))
			return false;
	return a[3].inbox[2] > 0 && hub_is_idle(s->hub);
}

static void
add_queued(void *arg, const struct hub_agency *a)
{
	*(uint64_t *)arg += a->queued;
}

static uint64_t
queued(const struct small *s)
{
	uint64_t n = 0;
	enum err e = hub_each_agency(s->hub, s->now_ms, add_queued, &n);

	assert(e == OK);
	return n;
}

/* Is the first frame to the hub a TAKEN? */
static bool
is_taken_next(const struct small *s, size_t i)
{
	struct frame f;
	struct why why;

	arena_reset(s->mem);
	return s->up[i].n > 0 && frame_decode(s->up[i].frames[0], s->mem, &f, &why) == OK && f.kind == FRAME_TAKEN;
}

/* Once no crash is left, these commute with all that others do, and happen in every order sooner or later, so that it is enough
 * to let them happen first:
 *
 *	an agent greets anew		only its own connection knows of it
 *	an agent hears a frame		it depends on its own next SUBMIT, and on the loss of that frame
 *	the hub hears a TAKEN		it ends rows of that agency alone, and nobody waits for their commit
 *	the hub is told of a commit	until then it reads what was committed from the batch itself (state.h)
 *	an agent submits		where no frame can be lost: then nothing that it hears makes it begin anew
 *
 * What they depend on besides is tried, too. 0: none of these.
 */
static size_t
list_of_one(const struct small *s, unsigned actions[EXPLORE_ACTIONS])
{
	size_t n = 0;

	if (s->crashes == 0 && s->commit == COMMIT_DURABLE) {
		actions[0] = ACT_TOLD;
		return 1;
	}
	for (unsigned i = 0; i < SMALL_AGENTS && s->crashes == 0; i++) {
		const struct small_agent *a = &s->agents[i];

		if (a->epoch == 0 && !a->is_greeting) {
			actions[0] = ACT_RESUME + i;
			return 1;
		}
		if (is_taken_next(s, i)) {
			actions[n++] = ACT_HUB_HEARS + i;
			if (s->losses > 0)
				actions[n++] = ACT_LOSE_UP + i;
			return n;
		}
		if (s->down[i].n == 0)
			continue;
		actions[n++] = ACT_HEARS + i;
		if (s->losses > 0)
			actions[n++] = ACT_LOSE_DOWN + i;
		if (least_has_more(s, i))
			actions[n++] = ACT_SUBMIT + i;
		return n;
	}
	for (unsigned i = 0; i < SMALL_AGENTS && s->crashes == 0 && s->is_lossless; i++)
		if (least_has_more(s, i)) {
			actions[0] = ACT_SUBMIT + i;
			return 1;
		}
	return 0;
}

static size_t
list(void *arg, unsigned actions[EXPLORE_ACTIONS])
{
	struct small *s = arg;
	size_t n = list_of_one(s, actions);

	if (n > 0)
		return n;
	for (unsigned i = 0; i < SMALL_AGENTS; i++) {
		const struct small_agent *a = &s->agents[i];

		if (a->epoch == 0 && !a->is_greeting)
			actions[n++] = ACT_RESUME + i;
		if (least_has_more(s, i))
			actions[n++] = ACT_SUBMIT + i;
		if (s->up[i].n > 0)
			actions[n++] = ACT_HUB_HEARS + i;
		if (s->down[i].n > 0)
			actions[n++] = ACT_HEARS + i;
		if (s->up[i].n > 0 && s->losses > 0)
			actions[n++] = ACT_LOSE_UP + i;
		if (s->down[i].n > 0 && s->losses > 0)
			actions[n++] = ACT_LOSE_DOWN + i;
	}
	if (s->commit == COMMIT_WAITS)
		actions[n++] = ACT_COMMIT;
	if (s->commit == COMMIT_DURABLE)
		actions[n++] = ACT_TOLD;
	if (s->crashes > 0 && !(n == 0 && is_done(s)))
		actions[n++] = ACT_CRASH;
	if (small_is_still(s) && (n == 0 || actions[0] == ACT_CRASH) && !(is_done(s) && queued(s) == 0))
		actions[n++] = ACT_TIMEOUT;
	return n;
}

static void
act(void *arg, unsigned action)
{
	struct small *s = arg;
	size_t i = action % SMALL_AGENTS;

	if (action == ACT_COMMIT) {
		small_commit(s);
	} else if (action == ACT_TOLD) {
		small_told(s);
	} else if (action == ACT_CRASH) {
		small_crash(s);
	} else if (action == ACT_TIMEOUT) {
		small_timeout(s);
	} else if (action >= ACT_RESUME) {
		least_greet(s, i);
	} else if (action >= ACT_LOSE_UP) {
		s->losses--;
		small_drop(small_take(action >= ACT_LOSE_DOWN ? &s->down[i] : &s->up[i]));
	} else if (action >= ACT_HEARS) {
		least_hears(s, i);
	} else if (action >= ACT_HUB_HEARS) {
		small_hub_hears(s, i);
	} else {
		least_submit(s, i);
	}
}

static const char *
name(unsigned action)
{
	static const char *const verbs[] = { "submit", "hub hears", "hears", "lost to the hub", "lost from the hub", "resume" };
	static const char *const others[] = { "commit", "told", "crash", "timeout" };
	static char text[40];

	if (action >= ACT_COMMIT)
		return others[action - ACT_COMMIT];
	snprintf(text, sizeof(text), "%s %u", verbs[action / SMALL_AGENTS], action % SMALL_AGENTS);
	return text;
}

static uint64_t
print(void *arg)
{
	return small_print(arg);
}

static void
check_end(void *arg)
{
	struct small *s = arg;
	const struct small_agent *r = &s->agents[2];
	size_t first = 0, second = r->n_inbox, n = s->messages[1].bytes.n > 0 ? 3 : 2;

	for (size_t i = 0; i < r->n_inbox; i++) {
		first = r->order[i] == 0 ? i : first;
		second = r->order[i] == 1 ? i : second;
	}
	if (!is_done(s) || queued(s) > 0 || r->n_inbox != n || s->agents[3].n_inbox != 1 || logwatch_count(s->log, LEAF_SUBMIT) != n) {
		explore_tell_way();
		trouble_found(WRONG_LOST, "I1, I6: not each message once");
	}
	if (first > second) {
		explore_tell_way();
		trouble_found(WRONG_DISORDERED, "I5: the second message came first");
	}
	logwatch_reread(s->log, s->journal);
}

int
main(int argc, char **argv)
{
	unsigned crashes = argc > 1 ? (unsigned)atoi(argv[1]) : 1, losses = argc > 2 ? (unsigned)atoi(argv[2]) : 2;
	struct small *s = malloc(sizeof(*s));
	struct explore_system system = { s, list, act, print, check_end, name };
	struct explore_sums sums;

	assert(s);
	small_init(s, crashes, losses, argc < 4 || atoi(argv[3]) == SMALL_MESSAGES);
	if (!explore_all(&system, WORKERS, &sums))
		return 1;
	printf("states %llu transitions %llu ends %llu depth %u interleavings %.4Lg\n", (unsigned long long)sums.states,
	       (unsigned long long)sums.transitions, (unsigned long long)sums.ends, sums.depth, sums.interleavings);
	return 0;
}
