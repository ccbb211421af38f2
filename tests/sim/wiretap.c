/* SPDX-License-Identifier: EUPL-1.2 */
/* wiretap - see wiretap.h. A session is what a HELLO with a new id begins. */
#include "tests/sim/wiretap.h"

#include <string.h>

#include "proto/frame.h"
#include "proto/note.h"
#include "tests/sim/trouble.h"

#define NUMBERS_MAX 8192
#define IDS_MAX 4096
#define KEPT_MAX 16384

/* One direction of one agency's session: what is granted, and the different things that came under it. */
struct flow { uint64_t granted, came; };

struct line {
	uint8_t session[16];
	uint64_t no, epoch;		/* of the session, counted here; as its WELCOME says, 0 before it */
	struct flow out, in;		/* from the hub, to the hub */
	uint64_t leaf_of[NUMBERS_MAX];	/* by queue number: leaf + 1 */
	uint64_t sent_in[NUMBERS_MAX];	/* session it was sent in last; 0 when it counts as not sent */
	bool is_taken[NUMBERS_MAX];	/* as the hub has heard */
	uint64_t top;
	struct { struct msgid id; uint64_t in; } submitted[IDS_MAX];
	size_t n_submitted;
	size_t kept_n;			/* its last SUBMIT */
	uint8_t kept[KEPT_MAX];
};

struct wiretap {
	const struct world *world;
	const struct logwatch *log;
	struct arena *mem;
	struct line lines[WORLD_AGENCIES];
	struct { size_t n; uint8_t bytes[2048]; struct checkpoint c; } last;	/* the note opened last: mostly the next one too */
};

struct wiretap *
wiretap_new(const struct world *world, const struct logwatch *log)
{
	struct wiretap *t = calloc(1, sizeof(*t));

	assert(t);
	t->world = world;
	t->log = log;
	t->mem = arena_new((size_t)64 << 20);
	assert(t->mem);
	return t;
}

void
wiretap_free(struct wiretap *t)
{
	arena_free(t->mem);
	free(t);
}

static struct line *
line_of(struct wiretap *t, const char *agency)
{
	size_t i = 0;

	while (strcmp(world_ids[i], agency) != 0)
		i++;
	return &t->lines[i];
}

/* I12, I13: the tree of this size has this root. */
static void
check_checkpoint(struct wiretap *t, struct span note)
{
	struct note_verifier log = { .name = WORLD_ORIGIN, .pub = t->world->d.log };
	const struct hash *root;

	if (note.n == t->last.n && memcmp(note.p, t->last.bytes, note.n) == 0)
		return;
	if (checkpoint_open(note, &log, t->mem, &t->last.c) != OK || note.n > sizeof(t->last.bytes))
		trouble_found(WRONG_OTHER, "I12: a checkpoint that the log did not sign");
	memcpy(t->last.bytes, note.p, note.n);
	t->last.n = note.n;
	if ((root = logwatch_root(t->log, t->last.c.size)) == NULL)
		trouble_found(WRONG_OTHER, "I2: a checkpoint of %llu leaves, %llu are durable", (unsigned long long)t->last.c.size,
			  (unsigned long long)logwatch_size(t->log));
	if (!hash_eq(root, &t->last.c.root))
		trouble_found(WRONG_OTHER, "I13: another root at size %llu", (unsigned long long)t->last.c.size);
}

static const struct logged *
durable(struct wiretap *t, struct span bytes, uint64_t *ret_index)
{
	const struct logged *l;
	struct leaf leaf;
	struct hash hash;

	if (leaf_decode(bytes, &leaf) != OK)
		trouble_found(WRONG_OTHER, "a leaf that is none");
	if ((l = logwatch_at(t->log, leaf.seq)) == NULL)
		trouble_found(WRONG_LOST, "I2: leaf %llu left the hub before it was durable", (unsigned long long)leaf.seq);
	leaf_hash(bytes.p, &hash);
	if (!hash_eq(&hash, &l->leaf))
		trouble_found(WRONG_OTHER, "I4: another leaf at %llu", (unsigned long long)leaf.seq);
	*ret_index = leaf.seq;
	return l;
}

static void
see_accepted(struct wiretap *t, const char *agency, const struct accepted *a)
{
	uint64_t index;

	check_checkpoint(t, a->growth.checkpoint);
	for (size_t r = 0; r < a->n_runs; r++)
		for (size_t i = 0; i < a->runs[r].n; i++) {
			const struct accepted_item *item = &a->runs[r].items[i];
			const struct logged *l = durable(t, item->leaf, &index);

			if (!msgid_eq(&l->id, &item->id) || strcmp(l->from, agency) != 0)
				trouble_found(WRONG_OTHER, "I9: %s is told that a message of %s was accepted", agency, l->from);
		}
}

/* The hub sends again: what it has not heard of as taken counts anew, so that an EMERGENCY of meanwhile may go before it. */
static void
count_anew(struct line *line)
{
	for (uint64_t no = 1; no <= line->top; no++)
		if (line->sent_in[no] == line->no && !line->is_taken[no]) {
			line->sent_in[no] = 0;
			line->out.came--;
		}
}

static void
see_deliver(struct wiretap *t, const char *agency, const struct deliver *d)
{
	struct line *line = line_of(t, agency);
	struct envelope env;
	struct why why;
	uint64_t index;

	check_checkpoint(t, d->growth.checkpoint);
	for (size_t i = 0; i < d->n; i++) {
		const struct deliver_item *item = &d->items[i];
		const struct logged *l = durable(t, item->leaf, &index);
		uint64_t no = item->queue_no;

		if (l->n_to > 0 && !logwatch_is_to(l, agency))
			trouble_found(WRONG_OTHER, "I3: %s gets what is not for it", agency);
		if (envelope_decode(item->envelope, t->mem, &env, &why) != OK || !hash_eq(&env.hash, &l->hash) ||
		    strcmp(env.header.from, l->from) != 0)
			trouble_found(WRONG_OTHER, "I4: %s gets other bytes than were accepted", agency);
		assert(no > 0 && no < NUMBERS_MAX);
		if (line->leaf_of[no] != 0 && line->leaf_of[no] != index + 1)
			trouble_found(WRONG_OTHER, "I7: %s got number %llu for another message", agency, (unsigned long long)no);
		line->leaf_of[no] = index + 1;
		line->top = no > line->top ? no : line->top;
		if (line->sent_in[no] == line->no && !line->is_taken[no])
			count_anew(line);
		line->out.came += line->sent_in[no] != line->no;
		line->sent_in[no] = line->no;
	}
	if (line->out.came > line->out.granted)
		trouble_found(WRONG_OTHER, "I24: %s granted %llu messages and got %llu", agency, (unsigned long long)line->out.granted,
			  (unsigned long long)line->out.came);
}

void
wiretap_on_sent(struct wiretap *t, const char *agency, struct span bytes)
{
	struct line *line = line_of(t, agency);
	struct frame f;
	struct why why;

	arena_reset(t->mem);
	if (frame_decode(bytes, t->mem, &f, &why) != OK)
		trouble_found(WRONG_OTHER, "the hub sent what is no frame");
	if (f.kind == FRAME_WELCOME) {
		check_checkpoint(t, f.welcome.checkpoint);
		line->epoch = f.epoch;
		line->in.granted = f.welcome.credit.messages > line->in.granted ? f.welcome.credit.messages : line->in.granted;
	} else if (f.kind == FRAME_CREDIT) {
		line->in.granted = f.credit.messages > line->in.granted ? f.credit.messages : line->in.granted;
	} else if (f.kind == FRAME_ACCEPTED) {
		see_accepted(t, agency, &f.accepted);
	} else if (f.kind == FRAME_DELIVER) {
		see_deliver(t, agency, &f.deliver);
	}
}

static void
see_submit(struct wiretap *t, const char *agency, const struct submit *s)
{
	struct line *line = line_of(t, agency);
	struct envelope env;
	struct why why;

	for (size_t i = 0; i < s->n; i++) {
		size_t k = 0;

		if (envelope_decode(s->envelopes[i], t->mem, &env, &why) != OK || strcmp(env.header.from, agency) != 0)
			continue;	/* the hub's to refuse */
		while (k < line->n_submitted && !msgid_eq(&line->submitted[k].id, &env.header.id))
			k++;
		if (k == line->n_submitted) {
			assert(k < IDS_MAX);
			line->submitted[line->n_submitted++].id = env.header.id;
		}
		line->in.came += line->submitted[k].in != line->no;
		line->submitted[k].in = line->no;
	}
	if (line->in.came > line->in.granted)
		trouble_found(WRONG_OTHER, "I24: %s may send %llu messages and sent %llu", agency,
			      (unsigned long long)line->in.granted, (unsigned long long)line->in.came);
}

void
wiretap_on_came(struct wiretap *t, const char *agency, struct span bytes)
{
	struct line *line = line_of(t, agency);
	struct frame f;
	struct why why;

	arena_reset(t->mem);
	if (frame_decode(bytes, t->mem, &f, &why) != OK)
		return;
	if (f.kind == FRAME_HELLO && strcmp(f.hello.agency, agency) == 0 &&
	    memcmp(f.hello.session, line->session, sizeof(line->session)) != 0) {
		memcpy(line->session, f.hello.session, sizeof(line->session));
		line->no++;
		line->epoch = 0;
		line->out = (struct flow){ f.hello.credit.messages, 0 };
		line->in = (struct flow){ 0, 0 };
	} else if (f.epoch != line->epoch) {
		return;		/* of an older session: the hub ignores it */
	} else if (f.kind == FRAME_CREDIT) {
		line->out.granted = f.credit.messages > line->out.granted ? f.credit.messages : line->out.granted;
	} else if (f.kind == FRAME_TAKEN) {
		for (size_t i = 0; i < f.taken.n; i++)
			if (f.taken.queue_nos[i] < NUMBERS_MAX)
				line->is_taken[f.taken.queue_nos[i]] |= line->sent_in[f.taken.queue_nos[i]] == line->no;
	} else if (f.kind == FRAME_SUBMIT) {
		if (bytes.n <= KEPT_MAX)
			memcpy(line->kept, bytes.p, line->kept_n = bytes.n);
		see_submit(t, agency, &f.submit);
	}
}

struct span
wiretap_submit(struct wiretap *t, const char *agency, const char *other, struct arena *mem)
{
	const struct line *line = line_of(t, agency);
	struct span bytes = SPAN_NONE;
	struct frame f;
	struct why why;

	if (line->kept_n == 0 || frame_decode(SPAN(line->kept, line->kept_n), mem, &f, &why) != OK)
		return SPAN_NONE;
	f.epoch = line_of(t, other)->epoch;
	return frame_encode(&f, mem, &bytes) == OK ? bytes : SPAN_NONE;
}

/* What was superseded or taken back before its turn came leaves its number unused, and a leaf that says so. */
static uint64_t
ended_before(const struct wiretap *t, const char *agency)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < logwatch_size(t->log); i++) {
		const struct logged *l = logwatch_at(t->log, i);

		n += (l->type == LEAF_SUPERSEDED || l->type == LEAF_WITHDRAWN) && logwatch_is_to(l, agency);
	}
	return n;
}

void
wiretap_check_numbers(const struct wiretap *t)
{
	for (size_t i = 0; i < WORLD_AGENCIES; i++) {
		uint64_t unused = 0, ended = ended_before(t, world_ids[i]);

		for (uint64_t no = 1; no < t->lines[i].top; no++)
			if (t->lines[i].leaf_of[no] == 0 && ++unused > ended)
				trouble_found(WRONG_LOST, "I7: %s never got number %llu", world_ids[i], (unsigned long long)no);
	}
}
