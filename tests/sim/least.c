/* SPDX-License-Identifier: EUPL-1.2 */
/* least - the least adapter of small.h. What it finds wrong is the hub's fault. */
#include "proto/frame.h"
#include "proto/note.h"
#include "tests/sim/explore.h"
#include "tests/sim/small.h"
#include "tests/sim/trouble.h"

#define wrong(...) (explore_tell_way(), trouble_found(__VA_ARGS__))

static void
send_frame(struct small *s, size_t i, const struct frame *f)
{
	struct span bytes;
	enum err e = frame_encode(f, s->mem, &bytes);

	assert(e == OK);
	small_put(&s->up[i], bytes);
}

void
least_greet(struct small *s, size_t i)
{
	struct small_agent *a = &s->agents[i];
	struct frame f = { .kind = FRAME_HELLO };

	arena_reset(s->mem);
	if (a->conn == 0)
		a->conn = 1 + i + (size_t)SMALL_AGENTS * (1 + s->timeouts + (2 - s->crashes));
	if (!a->is_greeting)
		a->n_sessions++;
	a->is_greeting = true;
	a->epoch = 0;
	memset(a->is_sent, 0, sizeof(a->is_sent));
	f.hello = (struct hello){
		.agency = world_ids[i], .pin_size = a->pin_size, .pin_root = a->pin_root, .software = "least",
		.directory_version = s->world.d.version, .sheets_seen = 1000, .credit = { 1000, 64 << 20 },
	};
	f.hello.session[0] = (uint8_t)i;
	f.hello.session[1] = (uint8_t)a->n_sessions;
	send_frame(s, i, &f);
}

static size_t
next_message(const struct small *s, size_t i)
{
	size_t m = 0;

	while (m < SMALL_MESSAGES && (s->messages[m].from != i || s->messages[m].bytes.n == 0 || s->agents[i].is_accepted[m] || s->agents[i].is_sent[m]))
		m++;
	return m;
}

bool
least_has_more(const struct small *s, size_t i)
{
	return s->agents[i].epoch != 0 && next_message(s, i) < SMALL_MESSAGES;
}

void
least_submit(struct small *s, size_t i)
{
	size_t m = next_message(s, i);
	struct frame f = { .kind = FRAME_SUBMIT, .epoch = s->agents[i].epoch, .submit = { &s->messages[m].bytes, 1 } };

	arena_reset(s->mem);
	s->agents[i].is_sent[m] = true;
	send_frame(s, i, &f);
}

/* Something before it is missing: greeted anew, on the same connection. */
static void
begin_anew(struct small *s, size_t i)
{
	struct small_agent *a = &s->agents[i];

	a->epoch = 0;
	a->is_greeting = false;
	a->pin_root = (struct hash){ { 0 } };
	a->pin_size = 0;	/* each root is compared with the log's own, so that nothing is lost with it */
	memset(a->is_sent, 0, sizeof(a->is_sent));
}

void
least_falls(struct small *s, size_t i)
{
	struct small_agent *a = &s->agents[i];

	a->conn = 0;
	begin_anew(s, i);
}

/* False: it does not continue what was seen before. */
static bool
moves_pin(struct small *s, size_t i, const struct growth *g, struct checkpoint *c)
{
	struct note_verifier log = { .name = WORLD_ORIGIN, .pub = s->world.d.log };
	struct small_agent *a = &s->agents[i];
	const struct hash *root;

	if (g->since != a->pin_size) {
		if (g->since > a->pin_size)
			begin_anew(s, i);
		return false;
	}
	if (checkpoint_open(g->checkpoint, &log, s->mem, c) != OK || (root = logwatch_root(s->log, c->size)) == NULL ||
	    !hash_eq(root, &c->root))
		wrong(WRONG_OTHER, "I2, I13: a checkpoint of what is not durable");
	if (a->pin_size > 0 && !merkle_check_consistency(a->pin_size, &a->pin_root, c->size, &c->root, g->path, g->n_path))
		wrong(WRONG_OTHER, "I12: a checkpoint that does not continue the last one");
	a->pin_size = c->size;
	a->pin_root = c->root;
	return true;
}

static void
on_accepted(struct small *s, size_t i, const struct accepted *acc)
{
	struct small_agent *a = &s->agents[i];
	struct checkpoint c;

	if (!moves_pin(s, i, &acc->growth, &c))
		return;
	for (size_t r = 0; r < acc->n_runs; r++)
		for (size_t k = 0; k < acc->runs[r].n; k++) {
			uint64_t index = acc->runs[r].begin + k;
			const struct logged *l = logwatch_at(s->log, index);

			for (size_t m = 0; m < SMALL_MESSAGES; m++) {
				if (!msgid_eq(&s->messages[m].id, &acc->runs[r].items[k].id))
					continue;
				if (s->messages[m].from != i || l == NULL || !msgid_eq(&l->id, &s->messages[m].id))
					wrong(WRONG_LOST, "I1, I2: accepted, and not in the log");
				if (a->is_accepted[m] && a->leaf[m] != index)
					wrong(WRONG_DOUBLED, "I6: accepted at two leaves");
				a->is_accepted[m] = true;
				a->leaf[m] = index;
			}
		}
}

/* True: it is in the inbox, now or before. */
static bool
enter(struct small *s, size_t i, const struct envelope *env)
{
	struct small_agent *a = &s->agents[i];
	size_t m = 0;

	while (m < SMALL_MESSAGES && !msgid_eq(&s->messages[m].id, &env->header.id))
		m++;
	if (m == SMALL_MESSAGES)
		wrong(WRONG_OTHER, "I3: a message that nobody wrote");
	for (size_t o = 0; o < m; o++)	/* I5: what its sender wrote before in this thread */
		if (s->messages[o].from == s->messages[m].from && s->messages[o].seq < s->messages[m].seq && a->inbox[o] == 0)
			return false;
	if (a->inbox[m]++ == 0)
		a->order[a->n_inbox++] = (unsigned)m;
	else
		a->inbox[m] = 1;	/* had before: nothing changes */
	return true;
}

static void
on_deliver(struct small *s, size_t i, const struct deliver *d)
{
	struct frame f = { .kind = FRAME_TAKEN, .epoch = s->agents[i].epoch };
	uint64_t nos[SMALL_MESSAGES];
	struct checkpoint c;
	struct envelope env;
	struct why why;

	if (!moves_pin(s, i, &d->growth, &c))
		return;
	f.taken.queue_nos = nos;
	for (size_t k = 0; k < d->n; k++) {
		bool is_to_us = false, is_same = false;

		if (envelope_decode(d->items[k].envelope, s->mem, &env, &why) != OK)
			wrong(WRONG_OTHER, "I4: what is delivered is no envelope");
		for (size_t t = 0; t < env.header.n_to; t++)
			is_to_us |= strcmp(env.header.to[t], world_ids[i]) == 0;
		for (size_t m = 0; m < SMALL_MESSAGES; m++)
			is_same |= span_eq(s->messages[m].bytes, d->items[k].envelope);
		if (!is_to_us || !is_same)
			wrong(WRONG_OTHER, "I3, I4: delivered to another, or changed");
		if (!enter(s, i, &env)) {
			begin_anew(s, i);
			return;
		}
		assert(f.taken.n < SMALL_MESSAGES);
		nos[f.taken.n++] = d->items[k].queue_no;
	}
	send_frame(s, i, &f);
}

static void
on_welcome(struct small *s, size_t i, uint64_t epoch, const struct welcome *w)
{
	struct small_agent *a = &s->agents[i];
	struct growth g = { .checkpoint = w->checkpoint, .since = a->pin_size, .path = (struct hash *)(uintptr_t)w->path,
			    .n_path = w->n_path };
	struct checkpoint c;

	if (!a->is_greeting || w->session[0] != i || w->session[1] != (uint8_t)a->n_sessions)
		return;
	if (!moves_pin(s, i, &g, &c))
		return;
	a->is_greeting = false;
	a->epoch = epoch;
}

void
least_hears(struct small *s, size_t i)
{
	struct span bytes = small_take(&s->down[i]);
	struct frame f;
	struct why why;

	arena_reset(s->mem);
	if (frame_decode(bytes, s->mem, &f, &why) != OK)
		wrong(WRONG_OTHER, "no frame");
	if (f.kind == FRAME_WELCOME)
		on_welcome(s, i, f.epoch, &f.welcome);
	else if (s->agents[i].epoch == 0 || f.epoch != s->agents[i].epoch)
		;	/* of another session */
	else if (f.kind == FRAME_ACCEPTED)
		on_accepted(s, i, &f.accepted);
	else if (f.kind == FRAME_DELIVER)
		on_deliver(s, i, &f.deliver);
	else if (f.kind == FRAME_REFUSED && err_verdict(f.refused.items[0].code) != VERDICT_RETRY)
		wrong(WRONG_LOST, "refused: %s", err_name(f.refused.items[0].code));
	small_drop(bytes);
}
