/* SPDX-License-Identifier: EUPL-1.2 */
/* sim_model - every order in which two senders, two recipients and three messages can be submitted, committed, delivered, taken and
 * resumed, with at most one crash of the hub and two lost frames: all of them, none drawn by lot.
 *
 *	sim_model [CRASHES [LOSSES [2 or 3 messages [doubt]]]]
 *
 * In each end all messages have been accepted, and are in each recipient's inbox once and in order.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/explore.h"
#include "tests/sim/remember.h"
#include "tests/sim/rewind.h"
#include "tests/sim/small.h"
#include "tests/sim/trouble.h"

#define WORKERS 2

enum { ACT_SUBMIT, ACT_HUB_HEARS = 4, ACT_HEARS = 8, ACT_LOSE_UP = 12, ACT_LOSE_DOWN = 16, ACT_RESUME = 20, ACT_COMMIT = 24, ACT_TOLD,
       ACT_CRASH, ACT_TIMEOUT };

static size_t
n_messages(const struct small *s)
{
	return s->messages[1].bytes.n > 0 ? 3 : 2;
}

/* All accepted, all in the inboxes. */
static bool
is_done(const struct small *s)
{
	const struct small_agent *a = s->agents;

	for (size_t m = 0; m < SMALL_MESSAGES; m++)
		if (s->messages[m].bytes.n > 0 && (!a[s->messages[m].from].is_accepted[m] || !a[2].inbox[m]))
			return false;
	return a[3].inbox[2] && hub_is_idle(s->hub);
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

/* An action and what can happen instead of it, so that whoever depends on it is tried, too: the frame is lost; or the agent says
 * something before it hears that. */
static size_t
put_hears(const struct small *s, unsigned i, unsigned actions[EXPLORE_ACTIONS])
{
	bool is_something = least_effect(s, i) != LEAST_NOTHING;
	size_t n = 0;

	actions[n++] = ACT_HEARS + i;
	if (s->losses > 0 && is_something)
		actions[n++] = ACT_LOSE_DOWN + i;
	if (is_something && least_has_more(s, i))
		actions[n++] = ACT_SUBMIT + i;
	return n;
}

/* Some actions commute with all that others do, and happen in every order sooner or later, so that it is enough to let them happen
 * first. With a crash left that is so only of those that a crash undoes: then it is all the same whether it comes before or after
 * them.
 *
 *	the hub is told of a commit	until then it reads what was committed from the batch itself (state.h)
 *	an agent greets anew		only its own connection knows of it
 *	an agent hears a frame		it depends on its own next SUBMIT, and on the loss of that frame; undone unless it keeps something
 *	an agent submits		where nothing that is lost can make it begin anew
 *	the hub hears a TAKEN		with no crash left: it ends rows of that agency alone, and nobody waits for their commit
 *
 * What they depend on besides is tried, too. 0: none of these.
 */
static size_t
list_of_one(const struct small *s, unsigned actions[EXPLORE_ACTIONS])
{
	size_t n = 0;

	if (s->commit == COMMIT_DURABLE) {
		actions[0] = ACT_TOLD;
		return 1;
	}
	for (unsigned i = 0; i < SMALL_AGENTS; i++) {
		if (s->agents[i].epoch == 0 && !s->agents[i].is_greeting) {
			actions[0] = ACT_RESUME + i;
			return 1;
		}
		if (s->down[i].n > 0 && (s->crashes == 0 || least_effect(s, i) != LEAST_KEEPS))
			return put_hears(s, i, actions);
		if (s->losses == 0 && least_has_more(s, i) && least_is_sure(s, i)) {
			actions[0] = ACT_SUBMIT + i;
			return 1;
		}
		if (s->crashes > 0 || s->up[i].n == 0 || s->up[i].frames[0].kind != FRAME_TAKEN)
			continue;
		actions[n++] = ACT_HUB_HEARS + i;
		if (s->losses > 0)
			actions[n++] = ACT_LOSE_UP + i;
		return n;
	}
	return 0;
}

static size_t
list_all(const struct small *s, unsigned actions[EXPLORE_ACTIONS])
{
	size_t n = 0;

	for (unsigned i = 0; i < SMALL_AGENTS; i++) {
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
	if (n == 0 && !(is_done(s) && queued(s) == 0))
		actions[n++] = ACT_TIMEOUT;
	return n;
}

/* Would a crash leave nothing of it? Then the crash after it is the crash before it. A loss counts, and so is not one of them. */
static bool
is_undone(const struct small *s, unsigned action)
{
	if (action >= ACT_HEARS && action < ACT_LOSE_UP)
		return least_effect(s, action - ACT_HEARS) != LEAST_KEEPS;
	return action != ACT_COMMIT && (action < ACT_LOSE_UP || action >= ACT_RESUME);
}

static size_t
list(void *arg, unsigned actions[EXPLORE_ACTIONS])
{
	struct small *s = arg;
	size_t n = list_of_one(s, actions);

	if (n == 0)
		n = list_all(s, actions);
	for (size_t k = 0; k < n; k++)
		if (is_undone(s, actions[k]))
			return n;
	if (s->crashes > 0)
		actions[n++] = ACT_CRASH;
	return n;
}

static void check_end(void *arg);

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
		if (small_is_still(s) && is_done(s) && queued(s) == 0)
			check_end(s);	/* it was the end without this */
		small_crash(s);
	} else if (action == ACT_TIMEOUT) {
		small_timeout(s);
	} else if (action >= ACT_RESUME) {
		least_greet(s, i);
	} else if (action >= ACT_LOSE_UP) {
		s->losses--;
		small_drop(action >= ACT_LOSE_DOWN ? &s->down[i] : &s->up[i]);
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
	return alike_print(arg);
}

static void
check_end(void *arg)
{
	struct small *s = arg;

	if (!is_done(s) || queued(s) > 0 || logwatch_count(s->log, LEAF_SUBMIT) != n_messages(s)) {
		explore_tell_way();
		trouble_found(WRONG_LOST, "I1, I6: not each message once");
	}
	logwatch_reread(s->log, s->journal);
}

int
main(int argc, char **argv)
{
	unsigned crashes = argc > 1 ? (unsigned)atoi(argv[1]) : 1, losses = argc > 2 ? (unsigned)atoi(argv[2]) : 2;
	struct small *s = malloc(sizeof(*s));
	struct explore_system system = { .arg = s, .list = list, .act = act, .print = print, .check_end = check_end, .name = name };
	struct explore_sums sums;

	assert(s);
	if (rewind_can()) {
		system.take = rewind_take;
		system.back = rewind_back;
		system.drop = rewind_drop;
		system.is_doubting = argc > 4;
	}
	remember_open();
	small_init(s, crashes, losses, argc < 4 || atoi(argv[3]) == SMALL_MESSAGES);
	rewind_seal();
	if (!explore_all(&system, WORKERS, &sums))
		return 1;
	printf("states %llu transitions %llu ends %llu depth %u interleavings %.4Lg\n", (unsigned long long)sums.states,
	       (unsigned long long)sums.transitions, (unsigned long long)sums.ends, sums.depth, sums.interleavings);
	return 0;
}
