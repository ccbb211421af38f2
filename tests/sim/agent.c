/* SPDX-License-Identifier: EUPL-1.2 */
/* agent - see agent.h; every assertion here is a promise of the hub. */
#include "tests/sim/agent.h"

#include "proto/frame.h"
#include "proto/notice.h"
#include "proto/standing.h"

#define MESSAGES_MAX 4096
#define THREADS_MAX 256
#define RETRY_MS 3000
#define BEAT_MS 500
#define WINDOW 32
#define SUBMIT_MAX 8
#define RESERVE_PART 10
#define ASK_BEATS 40			/* a statement now and then */

struct sent {
	struct span bytes;
	struct msgid id;
	struct hash hash;
	bool is_receipt, is_accepted, is_registered;	/* registered: by all */
	size_t n_to;
	char by[2][AGENCY_ID_MAX + 1];	/* who has registered it */
	uint64_t leaf;
	int64_t tried_ms;
};
struct got { struct msgid id; char from[AGENCY_ID_MAX + 1]; };
struct stand { uint64_t leaf; struct msgid id; bool is_mine, is_registered; };	/* a row of the statement under way */
struct place { struct thread_id thread; char from[AGENCY_ID_MAX + 1]; uint64_t seq; };

struct agent {
	struct world *world;
	struct lossy *wire;
	struct simhub *hub;
	size_t place;
	struct arena *mem;			/* of one frame */
	/* durable */
	struct sent sent[MESSAGES_MAX];
	size_t n_sent;
	struct got taken[MESSAGES_MAX];
	size_t n_taken, twice;
	struct told told[MESSAGES_MAX];
	size_t n_told;
	struct place places[THREADS_MAX];	/* the last seq of each sender in each thread, own ones included */
	size_t n_places;
	uint64_t pin_size;
	struct hash pin_root;
	agent_pace_fn *pace;
	void *pace_arg;
	int64_t beat_ms;
	/* the statement asked for last */
	struct standing_sum sum;
	struct stand stands[MESSAGES_MAX];
	size_t n_stands, statements;
	bool is_asking;
	int64_t asked_ms;
	/* of the connection */
	uint64_t conn, epoch;
	uint8_t session[16];
	bool is_up;
	int64_t hello_ms;
	struct credit granted, used, received;
	uint64_t reserve;		/* messages of it that are for EMERGENCY */
};

static struct place *
place_of(struct agent *a, const struct thread_id *thread, const char *from)
{
	struct place *p;

	for (size_t i = 0; i < a->n_places; i++) {
		p = &a->places[i];
		if (memcmp(p->thread.b, thread->b, THREAD_LEN) == 0 && strcmp(p->from, from) == 0)
			return p;
	}
	assert(a->n_places < THREADS_MAX);
	p = &a->places[a->n_places++];
	p->thread = *thread;
	snprintf(p->from, sizeof(p->from), "%s", from);
	return p;
}

void
agent_keep(struct agent *a, const struct header *h, size_t body_n)
{
	struct sent *s = &a->sent[a->n_sent++];
	struct envelope env;

	assert(a->n_sent < MESSAGES_MAX);
	*s = (struct sent){ .id = h->id, .is_receipt = h->class == CLASS_RECEIPT, .n_to = h->n_to };
	s->bytes = world_envelope(a->world, a->place, h, body_n, &env);
	s->hash = env.hash;
}

void
agent_prepare(struct agent *a, size_t to, const struct thread_id *thread, enum priority priority, struct header *ret_header)
{
	struct place *p = place_of(a, thread, world_ids[a->place]);

	world_header(a->world, a->place, to, thread, ++p->seq, lossy_now(a->wire), ret_header);
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
	for (size_t i = 0; i < a->n_sent && f.submit.n < SUBMIT_MAX; i++) {
		struct sent *s = &a->sent[i];

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

/* The next page, or a new statement where the last one is done or has not been answered. */
static void
ask(struct agent *a)
{
	struct frame f = { .kind = FRAME_STATEMENT_ASK, .epoch = a->epoch };

	if (!a->is_asking || lossy_now(a->wire) - a->asked_ms > RETRY_MS) {
		a->is_asking = true;
		a->n_stands = 0;
		a->sum = (struct standing_sum){ .agency = world_ids[a->place], .since = lossy_chance(a->wire, 500) ? 0 : a->pin_size / 2 };
		for (size_t i = 0; i < sizeof(a->sum.ask); i++)
			a->sum.ask[i] = (uint8_t)lossy_random(a->wire);
	}
	a->asked_ms = lossy_now(a->wire);
	memcpy(f.statement_ask.ask, a->sum.ask, sizeof(a->sum.ask));
	f.statement_ask.since = a->sum.since;
	f.statement_ask.after = a->sum.after;
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
	if (a->is_up && lossy_now(a->wire) - a->asked_ms > (a->is_asking ? RETRY_MS : ASK_BEATS * a->beat_ms))
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
	for (size_t i = 0; i < a->n_sent; i++)
		a->sent[i].tried_ms = 0;
	a->is_up = true;
	a->is_asking = false;
	a->epoch = epoch;
	a->granted = w->credit;
	a->reserve = w->credit.messages / RESERVE_PART;
}

static void
accept_item(struct agent *a, const struct accepted_item *item, uint64_t index, struct hash *ret_leaf)
{
	struct leaf leaf;
	struct hash detail;
	bool is_known = false;
	enum err e = leaf_decode(item->leaf, &leaf);

	assert(e == OK && leaf.seq == index);
	detail_hash(item->salt.p, item->detail, &detail);
	assert(hash_eq(&detail, &leaf.detail));
	leaf_hash(item->leaf.p, ret_leaf);
	for (size_t i = 0; i < a->n_sent; i++) {
		struct sent *s = &a->sent[i];

		if (!msgid_eq(&s->id, &item->id))
			continue;
		assert(!s->is_accepted || s->leaf == index);	/* the same ACCEPTED again */
		s->is_accepted = is_known = true;
		s->leaf = index;
	}
	assert(is_known);
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

bool
agent_has(const struct agent *a, const struct msgid *id, const char *from)
{
	for (size_t i = 0; i < a->n_taken; i++)
		if (msgid_eq(&a->taken[i].id, id) && strcmp(a->taken[i].from, from) == 0)
			return true;
	return false;
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
	for (enum stage stage = STAGE_DELIVERED; stage <= STAGE_REGISTERED; stage++) {
		int64_t ms = a->pace ? a->pace(a->pace_arg, &e->header, stage) : 0;

		if (ms == 0)
			say_stage(a, e, stage);
		else if (ms > 0)
			lossy_at(a->wire, ms, say_later, a, (uint64_t)stage, envelope);
	}
}

/* By each recipient once; registered when by all of them. */
static void
note_registered(struct sent *s, const char *from)
{
	size_t n = 0;

	while (s->by[n][0] != '\0') {
		assert(strcmp(s->by[n], from) != 0);
		n++;
	}
	assert(n < s->n_to);
	snprintf(s->by[n], sizeof(s->by[n]), "%s", from);
	s->is_registered = n + 1 == s->n_to;
}

static void
take_receipt(struct agent *a, const struct header *h)
{
	for (size_t i = 0; i < a->n_sent; i++)
		if (msgid_eq(&a->sent[i].id, &h->in_reply_to)) {
			assert(hash_eq(&a->sent[i].hash, &h->received));
			if (h->stage == STAGE_REGISTERED)
				note_registered(&a->sent[i], h->from);
		}
}

static bool
is_in(const struct header *h, const char *agency)
{
	for (size_t i = 0; i < h->n_to; i++)
		if (strcmp(h->to[i], agency) == 0)
			return true;
	return false;
}

/* What is said of a deadline concerns its two agencies and one more, and is said once. */
static void
take_notice(struct agent *a, const struct envelope *e)
{
	const struct header *h = &e->header;
	struct notice n;
	struct why why;

	assert(notice_decode(e->body, a->mem, &n, &why) == OK);
	assert(msgid_eq(&n.about, &h->in_reply_to) && is_in(h, n.from) && is_in(h, n.to) && h->n_to <= 3);
	for (size_t i = 0; i < a->n_told; i++)
		assert(!msgid_eq(&a->told[i].about, &n.about) || a->told[i].fact != n.fact || strcmp(a->told[i].to, n.to) != 0);
	assert(a->n_told < MESSAGES_MAX);
	a->told[a->n_told].about = n.about;
	a->told[a->n_told].fact = n.fact;
	snprintf(a->told[a->n_told++].to, AGENCY_ID_MAX + 1, "%s", n.to);
}

/* True: it is in the inbox (again, or for the first time). False: one before it is missing, it must come once more. */
static bool
take(struct agent *a, const struct envelope *e, struct span envelope)
{
	const struct header *h = &e->header;
	struct place *p;

	assert(is_in(h, world_ids[a->place]) && (h->n_to <= 2 || h->class == CLASS_NOTICE));	/* I3 */
	if (agent_has(a, &h->id, h->from)) {
		a->twice++;
		return true;
	}
	if (h->class == CLASS_NOTICE) {
		take_notice(a, e);
	} else if (h->class == CLASS_RECEIPT) {
		take_receipt(a, h);
	} else {
		p = place_of(a, &h->thread, h->from);
		if (h->seq != p->seq + 1)
			return false;
		p->seq = h->seq;
		confirm(a, e, envelope);
	}
	assert(a->n_taken < MESSAGES_MAX);
	a->taken[a->n_taken].id = h->id;
	snprintf(a->taken[a->n_taken++].from, AGENCY_ID_MAX + 1, "%s", h->from);
	return true;
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

	if (!continues(a, &d->growth, &c))
		return;
	f.taken.queue_nos = nos;
	for (size_t i = 0; i < d->n; i++) {
		check_item(a, &d->items[i], &c, &env);
		a->received.messages++;
		a->received.bytes += d->items[i].envelope.n;
		if (take(a, &env, d->items[i].envelope))
			nos[f.taken.n++] = d->items[i].queue_no;
	}
	if (f.taken.n > 0)
		send_frame(a, &f);
	f = (struct frame){ .kind = FRAME_CREDIT, .epoch = a->epoch };
	f.credit = (struct credit){ a->received.messages + WINDOW, a->received.bytes + (1 << 20) };
	send_frame(a, &f);
}

static const struct stand *
stand_of(const struct agent *a, uint64_t leaf)
{
	for (size_t i = 0; i < a->n_stands; i++)
		if (a->stands[i].leaf == leaf)
			return &a->stands[i];
	return NULL;
}

/* What was accepted is in the statement, at its leaf, with each stage that its sender was told; left out is only what is older than
 * `since` and has ended. */
static void
check_statement(struct agent *a, const struct standing_head *head)
{
	size_t mine = 0;

	for (size_t i = 0; i < a->n_stands; i++)
		mine += a->stands[i].is_mine;
	for (size_t i = 0; i < a->n_sent; i++) {
		const struct sent *s = &a->sent[i];
		const struct stand *stand = s->is_receipt || !s->is_accepted ? NULL : stand_of(a, s->leaf);

		if (s->is_receipt || !s->is_accepted || s->leaf >= head->size)
			continue;
		if (stand == NULL) {
			assert(s->leaf < head->since);
			continue;
		}
		assert(msgid_eq(&stand->id, &s->id) && stand->is_mine && (stand->is_registered || !s->is_registered));
		mine--;
	}
	/* what remains was accepted, and its answer is still on the way */
	for (size_t i = 0; i < a->n_sent; i++)
		mine -= !a->sent[i].is_accepted && !a->sent[i].is_receipt && mine > 0;
	assert(mine == 0);
	a->statements++;
}

static void
on_statement(struct agent *a, const struct statement *s)
{
	struct standing_head head;
	struct standing *rows;
	struct checkpoint c;
	bool is_whole;
	enum err e;

	if (!continues(a, &s->growth, &c) || !a->is_asking || !standing_is_next(&a->sum, s))
		return;
	e = standing_page(&a->sum, s, &c, &a->world->d.notice, a->mem, &rows, &is_whole, &head, NULL);
	assert(e == OK);
	for (size_t i = 0; i < s->n; i++) {
		bool is_registered = true;

		assert(a->n_stands < MESSAGES_MAX);
		for (size_t k = 0; k < rows[i].n_to; k++)
			is_registered = is_registered && (rows[i].stages[k] & 1u << STAGE_REGISTERED) != 0;
		a->stands[a->n_stands++] = (struct stand){
			rows[i].leaf, rows[i].id, strcmp(rows[i].from, world_ids[a->place]) == 0, is_registered,
		};
	}
	if (!is_whole) {
		ask(a);
		return;
	}
	check_statement(a, &head);
	a->is_asking = false;
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

size_t
agent_told(const struct agent *a, const struct told **ret_told)
{
	*ret_told = a->told;
	return a->n_told;
}

void
agent_get_count(const struct agent *a, struct agent_count *ret_count)
{
	*ret_count = (struct agent_count){ .taken = a->n_taken, .twice = a->twice, .statements = a->statements };
	for (size_t i = 0; i < a->n_sent; i++) {
		const struct sent *s = &a->sent[i];

		ret_count->written += !s->is_receipt;
		ret_count->accepted += !s->is_receipt && s->is_accepted;
		ret_count->registered += s->is_registered;
		ret_count->receipts_open += s->is_receipt && !s->is_accepted;
	}
}

void
agent_check_journal(const struct agent *a, struct journal_view *v)
{
	for (size_t i = 0; i < a->n_sent; i++) {
		const struct sent *s = &a->sent[i];
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
