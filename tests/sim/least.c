/* SPDX-License-Identifier: EUPL-1.2 */
/* least - the least adapter of small.h. What it finds wrong is the hub's fault, whatever was lost. */
#include "hub/rows.h"
#include "proto/leaf.h"
#include "proto/note.h"
#include "tests/sim/explore.h"
#include "tests/sim/small.h"
#include "tests/sim/trouble.h"

#define wrong(...) (explore_tell_way(), trouble_found(__VA_ARGS__))

static void
send_frame(struct small *s, size_t i, const struct frame *f, struct small_frame *says)
{
	enum err e = frame_encode(f, s->mem, &says->bytes);

	assert(e == OK);
	says->kind = f->kind;
	says->epoch = f->epoch;
	small_put(&s->up[i], says);
}

void
least_greet(struct small *s, size_t i)
{
	struct small_agent *a = &s->agents[i];
	struct frame f = { .kind = FRAME_HELLO };
	struct small_frame says = { .kind = FRAME_HELLO };

	arena_reset(s->mem);
	if (a->conn == 0)
		a->conn = 1 + i + (size_t)SMALL_AGENTS * s->starts;
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
	f.hello.session[1] = says.session = (uint8_t)a->n_sessions;
	send_frame(s, i, &f, &says);
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
	struct small_frame says = { .messages = 1u << m };

	arena_reset(s->mem);
	s->agents[i].is_sent[m] = true;
	send_frame(s, i, &f, &says);
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
	a->n_sessions = 0;	/* the hub has forgotten them all */
	begin_anew(s, i);
}

/* -- what the hub says, as it says it: all of it is true, whoever hears it -- */

static void
read_growth(struct small *s, const struct growth *g, struct small_frame *says)
{
	struct note_verifier log = { .name = WORLD_ORIGIN, .pub = s->world.d.log };
	const struct hash *root, *before = logwatch_root(s->log, g->since);
	struct checkpoint c;

	if (checkpoint_open(g->checkpoint, &log, s->mem, &c) != OK || (root = logwatch_root(s->log, c.size)) == NULL ||
	    !hash_eq(root, &c.root))
		wrong(WRONG_OTHER, "I2, I13: a checkpoint of what is not durable");
	if (g->since > 0 && (before == NULL || !merkle_check_consistency(g->since, before, c.size, &c.root, g->path, g->n_path)))
		wrong(WRONG_OTHER, "I12: a checkpoint that does not continue the last one");
	says->since = g->since;
	says->size = c.size;
}

static uint64_t
durable_epoch(const struct small *s, size_t i)
{
	struct journal_view *v = journal_view(s->journal);
	struct agency_row row = { .epoch = 0 };
	struct row_key key;
	struct span value = journal_get(v, TABLE_AGENCIES, row_key_agency(world_ids[i], &key));
	enum err e = value.p ? row_decode_agency(value, &row) : OK;

	assert(e == OK);
	e = journal_view_end(v);
	assert(e == OK);
	return row.epoch;
}

static void
read_accepted(struct small *s, size_t i, const struct accepted *acc, struct small_frame *says)
{
	read_growth(s, &acc->growth, says);
	for (size_t r = 0; r < acc->n_runs; r++) {
		struct hash leaves[SMALL_MESSAGES];

		for (size_t k = 0; k < acc->runs[r].n; k++) {
			const struct logged *l = logwatch_at(s->log, acc->runs[r].begin + k);
			size_t m = small_find(s, &acc->runs[r].items[k].id);

			if (m == SMALL_MESSAGES || s->messages[m].from != i || l == NULL || !msgid_eq(&l->id, &s->messages[m].id))
				wrong(WRONG_LOST, "I1, I2: accepted, and not in the log");
			assert(k < SMALL_MESSAGES);
			leaves[k] = l->leaf;
			says->messages |= 1u << m;
		}
		if (!merkle_check_range(leaves, acc->runs[r].begin, acc->runs[r].begin + acc->runs[r].n, says->size, acc->runs[r].path,
					acc->runs[r].n_path, logwatch_root(s->log, says->size)))
			wrong(WRONG_OTHER, "I2: accepted without a proof");
	}
}

/* I5: is what its sender wrote before in this thread neither here, nor among those? */
static bool
is_before_its_time(const struct small *s, size_t i, size_t m, unsigned said)
{
	for (size_t o = 0; o < SMALL_MESSAGES; o++)
		if (s->messages[o].bytes.n > 0 && s->messages[o].from == s->messages[m].from &&
		    s->messages[o].seq < s->messages[m].seq && !s->agents[i].inbox[o] && !(said & 1u << o))
			return true;
	return false;
}

static void
read_deliver(struct small *s, size_t i, const struct deliver *d, struct small_frame *says)
{
	struct small_agent *a = &s->agents[i];

	read_growth(s, &d->growth, says);
	for (size_t k = 0; k < d->n; k++) {
		const struct deliver_item *item = &d->items[k];
		struct envelope env;
		struct leaf leaf;
		struct hash hash;
		struct why why;
		bool is_to_us = false;
		size_t m;

		if (envelope_decode(item->envelope, s->mem, &env, &why) != OK || leaf_decode(item->leaf, &leaf) != OK)
			wrong(WRONG_OTHER, "I4: what is delivered is no envelope, or has no leaf");
		for (size_t t = 0; t < env.header.n_to; t++)
			is_to_us |= strcmp(env.header.to[t], world_ids[i]) == 0;
		if ((m = small_find(s, &env.header.id)) == SMALL_MESSAGES)
			wrong(WRONG_OTHER, "I3: a message that nobody wrote");
		if (!is_to_us || !span_eq(s->messages[m].bytes, item->envelope))
			wrong(WRONG_OTHER, "I3, I4: delivered to another, or changed");
		leaf_hash(item->leaf.p, &hash);
		if (!merkle_check_inclusion(&hash, leaf.seq, says->size, item->path, item->n_path, logwatch_root(s->log, says->size)))
			wrong(WRONG_OTHER, "I2: delivered without a proof");
		a->said |= 1u << m;
		if (is_before_its_time(s, i, m, a->said))
			wrong(WRONG_DISORDERED, "I5: delivered before what came before it in its thread");
		says->messages |= 1u << m;
		says->detail = alike_mix(alike_mix(says->detail, m), item->queue_no);
	}
}

static void
read_refused(struct small *s, const struct refused *r, struct small_frame *says)
{
	for (size_t k = 0; k < r->n; k++) {
		if (err_verdict(r->items[k].code) != VERDICT_RETRY)
			wrong(WRONG_LOST, "refused: %s", err_name(r->items[k].code));
		says->detail = alike_mix(alike_mix(says->detail, small_find(s, &r->items[k].id)), r->items[k].code);
	}
}

void
least_reads(struct small *s, size_t i, struct span bytes, struct small_frame *ret_frame)
{
	struct growth g = { .since = 0 };
	struct frame f;
	struct why why;

	arena_reset(s->mem);
	if (frame_decode(bytes, s->mem, &f, &why) != OK)
		wrong(WRONG_OTHER, "no frame");
	*ret_frame = (struct small_frame){ .bytes = bytes, .kind = f.kind, .epoch = f.epoch };
	if (f.kind == FRAME_ACCEPTED) {
		read_accepted(s, i, &f.accepted, ret_frame);
	} else if (f.kind == FRAME_DELIVER) {
		read_deliver(s, i, &f.deliver, ret_frame);
	} else if (f.kind == FRAME_REFUSED) {
		read_refused(s, &f.refused, ret_frame);
	} else if (f.kind == FRAME_WELCOME) {
		if (durable_epoch(s, i) < f.epoch)
			wrong(WRONG_OTHER, "I2: a session before its epoch is durable");
		g.checkpoint = f.welcome.checkpoint;	/* its pin was 0: nothing to continue */
		read_growth(s, &g, ret_frame);
		ret_frame->session = f.welcome.session[1];
		s->agents[i].said = 0;
		assert(f.welcome.session[0] == i);
	} else {
		assert(f.kind == FRAME_CREDIT || f.kind == FRAME_DIRECTORY);
	}
}

/* -- what it makes of it -- */

/* Is it of this session? A WELCOME: the one that is waited for? */
static bool
is_ours(const struct small_agent *a, const struct small_frame *f)
{
	if (f->kind == FRAME_WELCOME)
		return a->is_greeting && f->session == (uint8_t)a->n_sessions;
	return a->epoch != 0 && f->epoch == a->epoch;
}

enum least_effect
least_effect(const struct small *s, size_t i)
{
	const struct small_agent *a = &s->agents[i];
	const struct small_frame *f = &s->down[i].frames[0];

	if (!is_ours(a, f) || f->kind == FRAME_REFUSED || (f->kind != FRAME_WELCOME && f->since < a->pin_size))
		return LEAST_NOTHING;
	if (f->kind == FRAME_WELCOME || f->since > a->pin_size)
		return LEAST_FORGETS;
	for (size_t m = 0; m < SMALL_MESSAGES; m++)
		if ((f->messages & 1u << m) && !(f->kind == FRAME_ACCEPTED ? a->is_accepted[m] : a->inbox[m]))
			return LEAST_KEEPS;
	return LEAST_FORGETS;
}

/* All that is under way continues what it has seen, up to what the hub has shown it last. */
bool
least_is_sure(const struct small *s, size_t i)
{
	const struct small_agent *a = &s->agents[i];
	uint64_t at = a->pin_size;

	for (size_t k = 0; k < s->down[i].n; k++) {
		const struct small_frame *f = &s->down[i].frames[k];

		if (!is_ours(a, f) || f->kind == FRAME_REFUSED)
			continue;
		if (f->since > at)
			return false;
		at = f->since == at ? f->size : at;
	}
	return a->epoch != 0 && at == alike_shown(s, i);
}

/* False: it does not continue what was seen before. */
static bool
moves_pin(struct small *s, size_t i, const struct small_frame *f)
{
	struct small_agent *a = &s->agents[i];

	if (f->since > a->pin_size)
		begin_anew(s, i);
	if (f->since != a->pin_size)
		return false;
	a->pin_size = f->size;
	a->pin_root = *logwatch_root(s->log, f->size);
	return true;
}

static void
on_accepted(struct small *s, size_t i, const struct accepted *acc)
{
	struct small_agent *a = &s->agents[i];

	for (size_t r = 0; r < acc->n_runs; r++)
		for (size_t k = 0; k < acc->runs[r].n; k++) {
			uint64_t index = acc->runs[r].begin + k;
			size_t m = small_find(s, &acc->runs[r].items[k].id);

			if (a->is_accepted[m] && a->leaf[m] != index)
				wrong(WRONG_DOUBLED, "I6: accepted at two leaves");
			a->is_accepted[m] = true;
			a->leaf[m] = index;
		}
}

static void
on_deliver(struct small *s, size_t i, const struct deliver *d)
{
	struct small_agent *a = &s->agents[i];
	struct frame f = { .kind = FRAME_TAKEN, .epoch = a->epoch };
	struct small_frame says = { .messages = 0 };
	uint64_t nos[SMALL_MESSAGES];
	struct envelope env;
	struct why why;

	f.taken.queue_nos = nos;
	for (size_t k = 0; k < d->n; k++) {
		enum err e = envelope_decode(d->items[k].envelope, s->mem, &env, &why);
		size_t m = small_find(s, &env.header.id);

		assert(e == OK);
		if (is_before_its_time(s, i, m, 0)) {	/* a frame was lost between two checkpoints of one size */
			begin_anew(s, i);
			return;
		}
		a->inbox[m] = true;	/* or had before: nothing changes */
		assert(f.taken.n < SMALL_MESSAGES);
		nos[f.taken.n++] = d->items[k].queue_no;
		says.messages |= 1u << m;
		says.detail = alike_mix(says.detail, d->items[k].queue_no);
	}
	send_frame(s, i, &f, &says);
}

void
least_hears(struct small *s, size_t i)
{
	struct small_agent *a = &s->agents[i];
	const struct small_frame *way = &s->down[i].frames[0];
	struct frame f;
	struct why why;
	enum err e;

	arena_reset(s->mem);
	if (is_ours(a, way) && way->kind != FRAME_REFUSED && moves_pin(s, i, way)) {
		e = frame_decode(way->bytes, s->mem, &f, &why);
		assert(e == OK);
		if (f.kind == FRAME_WELCOME) {
			a->is_greeting = false;
			a->epoch = f.epoch;
		} else if (f.kind == FRAME_ACCEPTED) {
			on_accepted(s, i, &f.accepted);
		} else {
			on_deliver(s, i, &f.deliver);
		}
	}
	small_drop(&s->down[i]);
}
