/* SPDX-License-Identifier: EUPL-1.2 */
/* casebook_step - the state of a thread is what its steps make of the state before them. One that is undone has never been: so both sides, which
 * take and undo steps in different orders, end alike. Declared in casebook.h.
 */
#include "adapters/core/casebook.h"

#include <string.h>

void
casebook_begin(struct thread *t, enum state state)
{
	t->state = t->base = state;
	t->n_steps = 0;
	t->before = (struct lifecycle_past){ 0 };
}

void
casebook_cancel(struct thread *t)
{
	casebook_begin(t, STATE_CANCELLED);
	t->conference = t->topic == TOPIC_CONFERENCE ? CONFERENCE_CANCELLED : CONFERENCE_NONE;
	t->ended_seq = 1;
}

/* Where a step leads from a state: two that were taken at once are resolved. */
static enum state
state_after(enum state now, const struct thread_step *step)
{
	return step->is_beside && step->from != now ? lifecycle_resolve(now, step->to) : step->to;
}

/* All of them anew: what is missing among them has never been. */
static void
replay(struct thread *t)
{
	t->state = t->base;
	for (size_t i = 0; i < t->n_steps; i++)
		t->state = state_after(t->state, &t->steps[i]);
}

static void
drop_step(struct thread *t, size_t at)
{
	memmove(&t->steps[at], &t->steps[at + 1], (--t->n_steps - at) * sizeof(t->steps[0]));
}

static void
count_no_show(struct lifecycle_past *past, const struct thread_step *step)
{
	if (step->is_no_show && past->no_shows < LIFECYCLE_NO_SHOWS)
		past->no_shows++;
}

void
casebook_step(struct thread *t, const struct thread_step *step)
{
	if (t->n_steps == THREAD_STEPS_MAX) {
		t->base = state_after(t->base, &t->steps[0]);
		count_no_show(&t->before, &t->steps[0]);
		drop_step(t, 0);
	}
	t->steps[t->n_steps++] = *step;
	t->state = state_after(t->state, step);
}

void
casebook_name_step(struct thread *t, const struct msgid *id, const struct msgid *first)
{
	for (size_t i = 0; i < t->n_steps; i++)
		if (msgid_eq(&t->steps[i].id, id))
			t->steps[i].id = *first;
}

bool
casebook_undo(struct thread *t, const struct msgid *id)
{
	size_t i = 0;

	while (i < t->n_steps && !msgid_eq(&t->steps[i].id, id))
		i++;
	if (i == t->n_steps)
		return false;
	drop_step(t, i);
	replay(t);
	return true;
}

bool
casebook_undo_before(struct thread *t, enum state from, enum state to)
{
	if (t->base != to)
		return false;
	t->base = from;
	replay(t);
	return true;
}

struct lifecycle_past
casebook_past(const struct thread *t)
{
	struct lifecycle_past past = t->before;

	for (size_t i = 0; i < t->n_steps; i++)
		count_no_show(&past, &t->steps[i]);
	return past;
}

const struct thread_step *
casebook_last_step(const struct thread *t)
{
	size_t i = t->n_steps;

	while (i > 0 && t->steps[i - 1].to != t->state)
		i--;
	return i > 0 ? &t->steps[i - 1] : NULL;
}
