/* SPDX-License-Identifier: EUPL-1.2 */
/* agent - see agent.h; the line to the hub and what is said on it. Every assertion here is a promise of the hub. */
#include "tests/sim/agent.h"

#include "proto/frame.h"
#include "tests/sim/agent_book.h"
#include "tests/sim/agent_statement.h"

#define RETRY_MS 3000
#define BEAT_MS 500
#define WINDOW 32
#define SUBMIT_MAX 8
#define RESERVE_PART 10
#define ASK_BEATS 40			/* a statement now and then */

struct agent {
	struct world *world;
	struct lossy *wire;
	struct simhub *hub;
	size_t place;
	struct arena *mem;			/* of one frame */
	/* durable */
	struct agent_book book;
	uint64_t pin_size;
	struct hash pin_root;
	agent_pace_fn *pace;
	void *pace_arg;
	int64_t beat_ms;
	struct agent_statement statement;	/* the one asked for last */
	/* of the connection */
	uint64_t conn, epoch;
	uint8_t session[16];
	bool is_up;
	int64_t hello_ms;
	struct credit granted, used, received;
	uint64_t reserve;		/* messages of it that are for EMERGENCY */
};

/* -- writing -- */

void
agent_keep(struct agent *a, const struct header *h, size_t body_n)
{
	agent_book_keep(&a->book, h, body_n);
}

void
agent_prepare(struct agent *a, size_t to, const struct thread_id *thread, enum priority priority, struct header *ret_header)
{
	world_header(a->world, a->place, to, thread, agent_book_next(&a->book, thread), lossy_now(a->wire), ret_header);
	ret_header->priority = priority;
}

void
agent_write(struct agent *a, size_t to, const struct thread_id *thread, enum priority priority, size_t body_n)
{
	struct header h;

	agent_prepare(a, to, thread, priority, &h);
	agent_keep(a, &h, body_n);
}

void
agent_write_two(struct agent *a, size_t to, size_t also, const struct thread_id *thread, enum priority priority, size_t body_n)
{
	struct header h;

	agent_prepare(a, to, thread, priority, &h);
	h.to[h.n_to++] = world_ids[also];
	h.wraps[1] = h.wraps[0];
	h.wraps[1].agency = world_ids[also];
	key_id_of(KEY_SEALING, key_public(a->world->sealing[also]), &h.wraps[1].key);
	h.n_wraps = 2;
	agent_keep(a, &h, body_n);
}

/* -- out -- */

static void
send_frame(struct agent *a, const struct frame *f)
{
	struct span bytes;
	enum err e = frame_encode(f, a->mem, &bytes);

	assert(e == OK);
	simhub_send(a->hub, a->conn, bytes);
}

static void on_frame(void *arg, uint64_t conn, struct span bytes);
static void on_down(void *arg, uint64_t conn);

static void
say_hello(struct agent *a)
{
	struct frame f = { .kind = FRAME_HELLO };

	f.hello = (struct hello){
		.agency = world_ids[a->place], .pin_size = a->pin_size, .pin_root = a->pin_root,
		.directory_version = a->world->d.version, .credit = { WINDOW, 1 << 20 }, .software = "sim",
		.sheet = a->world->sheets[a->place],
	};
	memcpy(f.hello.session, a->session, sizeof(a->session));
	send_frame(a, &f);
	a->hello_ms = lossy_now(a->wire);
}

static void
reach(struct agent *a)
{
	a->is_up = false;
	a->conn = simhub_connect(a->hub, world_ids[a->place], a, on_frame, on_down);
	if (a->conn == 0)
		return;
	for (size_t i = 0; i < sizeof(a->session); i++)
		a->session[i] = (uint8_t)lossy_random(a->wire);
	a->used = a->received = (struct credit){ 0 };
	say_hello(a);
}

/* The last part is left to EMERGENCY, whatever this one sends. */
static bool
is_spent(const struct agent *a)
{
	return a->used.messages + a->reserve >= a->granted.messages;
}

static void
submit(struct agent *a)
{
	struct frame f = { .kind = FRAME_SUBMIT, .epoch = a->epoch };
	struct span envelopes[SUBMIT_MAX];

	f.submit.envelopes = envelopes;
	for (size_t i = 0; i < a->book.n_sent && f.submit.n < SUBMIT_MAX; i++) {
		struct sent *s = &a->book.sent[i];

		if (s->is_accepted || (s->tried_ms != 0 && lossy_now(a->wire) - s->tried_ms < RETRY_MS))
			continue;
		if (is_spent(a))
			break;
		a->used.messages++;
		s->tried_ms = lossy_now(a->wire);
		envelopes[f.submit.n++] = s->bytes;
	}
	if (f.submit.n > 0)
		send_frame(a, &f);
}

static void
ask(struct agent *a)
{
	struct frame f = { .kind = FRAME_STATEMENT_ASK, .epoch = a->epoch };

	agent_statement_ask(&a->statement, a->wire, world_ids[a->place], a->pin_size, RETRY_MS, &f);
	send_frame(a, &f);
}

static void
beat(void *arg, uint64_t tag, struct span bytes)
{
	struct agent *a = arg;

	(void)tag;
	(void)bytes;
	arena_reset(a->mem);
	if (a->conn == 0)
		reach(a);
	else if (!a->is_up && lossy_now(a->wire) - a->hello_ms > RETRY_MS)
		say_hello(a);
	else if (a->is_up && is_spent(a) && lossy_chance(a->wire, 100))
		agent_drop_line(a);	/* what was lost on the way used up the credit: a new session */
	else if (a->is_up)
		submit(a);
	if (a->is_up && lossy_now(a->wire) - a->statement.asked_ms > (a->statement.is_asking ? RETRY_MS : ASK_BEATS * a->beat_ms))
		ask(a);
	lossy_at(a->wire, a->beat_ms, beat, a, 0, SPAN_NONE);
}

/* -- in -- */

static void
open_checkpoint(struct agent *a, struct span note, struct checkpoint *c)
{
	struct note_verifier log = { .name = WORLD_ORIGIN, .pub = a->world->d.log };
	enum err e = checkpoint_open(note, &log, a->mem, c);

	assert(e == OK);
}

static void
on_welcome(struct agent *a, uint64_t epoch, const struct welcome *w)
{
	struct checkpoint c;

	if (a->is_up || memcmp(w->session, a->session, sizeof(a->session)) != 0)
		return;		/* of another session, or once more */
	open_checkpoint(a, w->checkpoint, &c);
	assert(c.size >= a->pin_size);		/* the log never goes back */
	if (a->pin_size > 0)
		assert(merkle_check_consistency(a->pin_size, &a->pin_root, c.size, &c.root, w->path, w->n_path));
	a->pin_size = c.size;
	a->pin_root = c.root;
	for (size_t i = 0; i < a->book.n_sent; i++)
		a->book.sent[i].tried_ms = 0;
	a->is_up = true;
	a->statement.is_asking = false;
	a->epoch = epoch;
	a->granted = w->credit;
	a->reserve = w->credit.messages / RESERVE_PART;
}

static void
accept_item(struct agent *a, const struct accepted_item *item, uint64_t index, struct hash *ret_leaf)
{
	struct leaf leaf;
	struct hash detail;
	enum err e = leaf_decode(item->leaf, &leaf);

	assert(e == OK && leaf.seq == index);
	detail_hash(item->salt.p, item->detail, &detail);
	assert(hash_eq(&detail, &leaf.detail));
	leaf_hash(item->leaf.p, ret_leaf);
	agent_book_accepted(&a->book, &item->id, index);
}

/* True: the next checkpoint, and it continues the last one. False: the frame came before, or one before it is missing, and then
 * the line is dropped: the greeting proves what was missed.
 */
static bool
continues(struct agent *a, const struct growth *g, struct checkpoint *c)
{
	if (g->since > a->pin_size)
		agent_drop_line(a);
	if (g->since != a->pin_size)
		return false;
	open_checkpoint(a, g->checkpoint, c);
	assert(merkle_check_consistency(a->pin_size, &a->pin_root, c->size, &c->root, g->path, g->n_path));
	a->pin_size = c->size;
	a->pin_root = c->root;
	return true;
}

static void
on_accepted(struct agent *a, const struct accepted *acc)
{
	struct checkpoint c;

	if (!continues(a, &acc->growth, &c))
		return;
	for (size_t i = 0; i < acc->n_runs; i++) {
		const struct run *run = &acc->runs[i];
		struct hash *leaves = arena_array(a->mem, run->n, sizeof(*leaves));

		for (size_t k = 0; k < run->n; k++)
			accept_item(a, &run->items[k], run->begin + k, &leaves[k]);
		assert(merkle_check_range(leaves, run->begin, run->begin + run->n, c.size, run->path, run->n_path, &c.root));
	}
}

static void
on_refused(struct agent *a, const struct refused *r)
{
	for (size_t i = 0; i < r->n; i++) {
		if (err_verdict(r->items[i].code) == VERDICT_RETRY)
			continue;
		fprintf(stderr, "%s refused: %s %s\n", world_ids[a->place], err_name(r->items[i].code), r->items[i].text);
		abort();		/* nothing here is to be refused for good */
	}
}

static void
say_stage(struct agent *a, const struct envelope *e, enum stage stage)
{
	struct header h;

	world_receipt(a->world, a->place, e, stage, lossy_now(a->wire), &h);
	agent_keep(a, &h, 0);
}

static void
say_later(void *arg, uint64_t stage, struct span envelope)
{
	struct agent *a = arg;
	struct envelope e;
	struct why why;

	arena_reset(a->mem);
	assert(envelope_decode(envelope, a->mem, &e, &why) == OK);
	say_stage(a, &e, (enum stage)stage);
}

static void
confirm(struct agent *a, const struct envelope *e, struct span envelope)
{
	static const enum stage stages[] = { STAGE_DELIVERED, STAGE_REGISTERED, STAGE_REFUSED };

	for (size_t i = 0; i < (a->pace ? 3 : 2); i++) {
		int64_t ms = a->pace ? a->pace(a->pace_arg, &e->header, stages[i]) : 0;

		if (ms == 0)
			say_stage(a, e, stages[i]);
		else if (ms > 0)
			lossy_at(a->wire, ms, say_later, a, (uint64_t)stages[i], envelope);
	}
}

static void
check_item(struct agent *a, const struct deliver_item *item, const struct checkpoint *c, struct envelope *env)
{
	struct hash hash, detail_sum;
	struct detail detail;
	struct leaf leaf;
	struct why why;

	assert(envelope_decode(item->envelope, a->mem, env, &why) == OK);
	assert(envelope_is_signed(env, env->header.class == CLASS_NOTICE ? &a->world->d.notice :
				  &directory_find(&a->world->d, env->header.from)->signing));
	assert(leaf_decode(item->leaf, &leaf) == OK);
	leaf_hash(item->leaf.p, &hash);
	assert(merkle_check_inclusion(&hash, leaf.seq, c->size, item->path, item->n_path, &c->root));
	detail_hash(item->salt.p, item->detail, &detail_sum);
	assert(hash_eq(&detail_sum, &leaf.detail));
	assert(detail_decode(item->detail, a->mem, &detail) == OK);
	assert(msgid_eq(&detail.id, &env->header.id) && hash_eq(&detail.env_hash, &env->hash));
}

static void
on_deliver(struct agent *a, const struct deliver *d)
{
	struct frame f = { .kind = FRAME_TAKEN, .epoch = a->epoch };
	uint64_t *nos = arena_array(a->mem, d->n, sizeof(*nos));
	struct envelope env;
	struct checkpoint c;
	enum taking taking;

	if (!continues(a, &d->growth, &c))
		return;
	f.taken.queue_nos = nos;
	for (size_t i = 0; i < d->n; i++) {
		check_item(a, &d->items[i], &c, &env);
		a->received.messages++;
		a->received.bytes += d->items[i].envelope.n;
		taking = agent_book_take(&a->book, &env, a->mem);
		if (taking == TAKING_NEW && env.header.class == CLASS_DATA)
			confirm(a, &env, d->items[i].envelope);
		if (taking != TAKING_MISSING)
			nos[f.taken.n++] = d->items[i].queue_no;
	}
	if (f.taken.n > 0)
		send_frame(a, &f);
	f = (struct frame){ .kind = FRAME_CREDIT, .epoch = a->epoch };
	f.credit = (struct credit){ a->received.messages + WINDOW, a->received.bytes + (1 << 20) };
	send_frame(a, &f);
}

static void
on_statement(struct agent *a, const struct statement *s)
{
	struct checkpoint c;

	if (continues(a, &s->growth, &c) && agent_statement_take(&a->statement, &a->book, s, &c, a->mem))
		ask(a);
}

static void
on_frame(void *arg, uint64_t conn, struct span bytes)
{
	struct agent *a = arg;
	struct why why;
	struct frame f;
	enum err e;

	if (conn != a->conn)
		return;
	arena_reset(a->mem);
	e = frame_decode(bytes, a->mem, &f, &why);
	assert(e == OK);
	if (f.kind == FRAME_WELCOME) {
		on_welcome(a, f.epoch, &f.welcome);
		return;
	}
	if (!a->is_up || f.epoch != a->epoch)
		return;
	if (f.kind == FRAME_ACCEPTED)
		on_accepted(a, &f.accepted);
	else if (f.kind == FRAME_REFUSED)
		on_refused(a, &f.refused);
	else if (f.kind == FRAME_DELIVER)
		on_deliver(a, &f.deliver);
	else if (f.kind == FRAME_STATEMENT)
		on_statement(a, &f.statement);
	else if (f.kind == FRAME_CREDIT && f.credit.messages > a->granted.messages)
		a->granted = f.credit;
	else
		assert(f.kind == FRAME_CREDIT || f.kind == FRAME_DIRECTORY);
}

static void
on_down(void *arg, uint64_t conn)
{
	struct agent *a = arg;

	if (conn != a->conn)
		return;
	a->conn = 0;
	a->is_up = false;
}

void
agent_drop_line(struct agent *a)
{
	if (a->conn)
		simhub_disconnect(a->hub, a->conn);
	on_down(a, a->conn);
}

/* -- life -- */

struct agent *
agent_new(struct world *world, struct lossy *wire, struct simhub *hub, size_t place)
{
	struct agent *a = calloc(1, sizeof(*a));

	assert(a);
	a->world = world;
	a->wire = wire;
	a->hub = hub;
	a->place = place;
	a->book.world = world;
	a->book.place = place;
	a->beat_ms = BEAT_MS;
	a->mem = arena_new((size_t)64 << 20);
	assert(a->mem);
	lossy_at(wire, (int64_t)place * 7, beat, a, 0, SPAN_NONE);
	return a;
}

void
agent_free(struct agent *a)
{
	arena_free(a->mem);
	free(a);
}

void
agent_set_pace(struct agent *a, agent_pace_fn *pace, void *arg)
{
	a->pace = pace;
	a->pace_arg = arg;
}

void
agent_set_beat(struct agent *a, int64_t ms)
{
	a->beat_ms = ms;
}

/* -- what came of it -- */

bool
agent_has(const struct agent *a, const struct msgid *id, const char *from)
{
	return agent_book_has(&a->book, id, from);
}

size_t
agent_told(const struct agent *a, const struct told **ret_told)
{
	*ret_told = a->book.told;
	return a->book.n_told;
}

void
agent_get_count(const struct agent *a, struct agent_count *ret_count)
{
	*ret_count = (struct agent_count){ .taken = a->book.n_taken, .twice = a->book.twice, .statements = a->statement.whole };
	for (size_t i = 0; i < a->book.n_sent; i++) {
		const struct sent *s = &a->book.sent[i];

		ret_count->written += !s->is_receipt;
		ret_count->accepted += !s->is_receipt && s->is_accepted;
		ret_count->registered += s->is_registered;
		ret_count->receipts_open += s->is_receipt && !s->is_accepted;
	}
}

void
agent_check_journal(const struct agent *a, struct journal_view *v)
{
	for (size_t i = 0; i < a->book.n_sent; i++) {
		const struct sent *s = &a->book.sent[i];
		struct journal_entry entry;
		struct detail d;

		if (!s->is_accepted)
			continue;
		arena_reset(a->mem);
		assert(journal_entry(v, s->leaf, a->mem, &entry) == OK && entry.has_detail);
		assert(detail_decode(entry.detail, a->mem, &d) == OK);
		assert(msgid_eq(&d.id, &s->id) && hash_eq(&d.env_hash, &s->hash));
		assert(span_eq(entry.envelope, s->bytes));	/* I4 */
	}
}
