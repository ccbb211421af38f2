/* SPDX-License-Identifier: EUPL-1.2 */
/* small - see small.h. Chance is constant: nothing that the hub draws decides what may follow. */
#include "tests/sim/small.h"

#include "hub/state.h"
#include "proto/frame.h"
#include "tests/sim/trouble.h"

#define LONG_MS (11 * CLOCK_SECOND)	/* longer than the hub waits for TAKEN, and a tick */

/* -- ways -- */

void
small_put(struct small_way *way, struct span frame)
{
	uint8_t *copy = malloc(frame.n);

	assert(copy && way->n < SMALL_FRAMES);
	memcpy(copy, frame.p, frame.n);
	way->frames[way->n++] = SPAN(copy, frame.n);
}

struct span
small_take(struct small_way *way)
{
	struct span frame = way->frames[0];

	assert(way->n > 0);
	memmove(&way->frames[0], &way->frames[1], --way->n * sizeof(frame));
	return frame;
}

void
small_drop(struct span frame)
{
	free((void *)(uintptr_t)frame.p);
}

/* -- the hub's effects -- */

/* What the least adapter would not look at is not sent: CREDIT (it has plenty), DIRECTORY (it has the newest). */
static enum err
do_send(void *arg, uint64_t conn, struct span bytes)
{
	struct small *s = arg;
	size_t i = (conn - 1) % SMALL_AGENTS;
	struct frame f;
	struct why why;
	enum err e;

	arena_reset(s->mem);
	e = frame_decode(bytes, s->mem, &f, &why);
	assert(e == OK);
	if (s->agents[i].conn == conn && f.kind != FRAME_CREDIT && f.kind != FRAME_DIRECTORY)
		small_put(&s->down[i], bytes);
	return s->agents[i].conn == conn ? OK : ERR_PEER_DOWN;
}

static void
do_commit(void *arg, struct batch *batch)
{
	struct small *s = arg;

	assert(s->commit == COMMIT_NONE);
	s->batch = batch;
	s->commit = COMMIT_WAITS;
}

static void
do_log(void *arg, enum log_event event, const char *line)
{
	(void)arg;
	if (getenv("SIM_LOG"))
		fprintf(stderr, "%s %s\n", log_event_name(event), line);
}

static void
do_random(void *arg, void *to, size_t n)
{
	(void)arg;
	memset(to, 7, n);
}

static void
start(struct small *s)
{
	struct journal_options journal = { .origin = WORLD_ORIGIN, .log = s->world.log, .keys = s->keys };
	struct hub_options options = {
		.config = &s->world.config, .version = "small", .now_ms = s->now_ms, .notice_key = s->world.notice,
		.doer = { s, do_send, do_commit, do_log, do_random },
	};
	struct why why = { .where = "" };
	enum err e;

	e = journal_open_mem(&journal, s->disk, &s->journal, &why);
	assert(e == OK);
	logwatch_follow(s->log, s->journal);
	options.journal = s->journal;
	e = hub_new(&options, &s->hub, &why);
	assert(e == OK);
	hub_log_service(s->hub, LEAF_START, s->now_ms);
	e = hub_put_directory(s->hub, &s->world.d, s->world.note, s->now_ms, &why);
	assert(e == OK);
	for (size_t i = 0; i < WORLD_AGENCIES; i++) {
		e = hub_put_sheet(s->hub, s->world.sheets[i], s->now_ms, &why);
		assert(e == OK || e == ERR_STALE);
	}
	hub_flush(s->hub, s->now_ms);
}

void
small_commit(struct small *s)
{
	enum err e = journal_commit(s->journal, s->batch);

	assert(e == OK);
	logwatch_follow(s->log, s->journal);
	s->commit = COMMIT_DURABLE;
}

void
small_told(struct small *s)
{
	enum err e;

	s->commit = COMMIT_NONE;
	e = hub_on_commit(s->hub, s->batch, OK, s->now_ms);
	assert(e == OK);
	hub_flush(s->hub, s->now_ms);
}

void
small_hub_hears(struct small *s, size_t from)
{
	struct span bytes = small_take(&s->up[from]);

	hub_on_frame(s->hub, s->agents[from].conn, world_ids[from], bytes, s->now_ms);
	hub_flush(s->hub, s->now_ms);
	small_drop(bytes);
}

void
small_crash(struct small *s)
{
	hub_free(s->hub);
	journal_crash(s->journal);
	s->commit = COMMIT_NONE;
	s->crashes--;
	for (size_t i = 0; i < SMALL_AGENTS; i++) {
		while (s->up[i].n > 0)
			small_drop(small_take(&s->up[i]));
		while (s->down[i].n > 0)
			small_drop(small_take(&s->down[i]));
		least_falls(s, i);
	}
	start(s);
}

void
small_timeout(struct small *s)
{
	s->now_ms += LONG_MS;
	s->timeouts++;
	(void)hub_on_tick(s->hub, s->now_ms);
	hub_flush(s->hub, s->now_ms);
	for (size_t i = 0; i < SMALL_AGENTS; i++) {
		memset(s->agents[i].is_sent, 0, sizeof(s->agents[i].is_sent));
		if (s->agents[i].is_greeting)
			least_greet(s, i);	/* the same HELLO again */
	}
}

bool
small_is_still(const struct small *s)
{
	for (size_t i = 0; i < SMALL_AGENTS; i++)
		if (s->up[i].n > 0 || s->down[i].n > 0)
			return false;
	return s->commit == COMMIT_NONE;
}

/* -- the print -- */

static uint64_t
mix(uint64_t h, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001b3);
	h ^= h >> 31;
	return h * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t
mix_number(uint64_t h, uint64_t number)
{
	return mix(h, &number, sizeof(number));
}

/* The rows of a batch count as a set: the last word on a key is all that is written. */
static uint64_t
print_round(const struct round *r)
{
	const struct batch *b = r->batch;
	uint64_t h = mix_number(b->first, b->n_entries + 1000 * r->is_awaited), set = 0;

	for (size_t i = 0; i < b->n_entries; i++) {
		h = mix_number(h, b->entries[i].type + 100 * b->entries[i].aux);
		h = mix(h, b->entries[i].detail.p, b->entries[i].detail.n);
	}
	for (size_t i = 0; i < b->n_rows; i++) {
		const struct row *row = b->rows[i];

		set += mix(mix(mix_number(row->table, row->is_del), row->key.p, row->key.n), row->value.p, row->is_del ? 0 : row->value.n);
	}
	h = mix_number(h, set);
	for (size_t i = 0; i < r->n_answers; i++)
		h = mix(mix_number(h, r->answers[i].leaf + 1000 * r->answers[i].code), r->answers[i].to->id, strlen(r->answers[i].to->id));
	return mix_number(h, r->n_answers + 100 * r->n_rewinds);
}

static uint64_t
print_party(const struct hub *hub, const struct party *p, struct arena *mem)
{
	const struct session *s = &p->session;
	const uint64_t numbers[] = {
		s->state, s->conn, s->epoch, s->opening_in == NULL ? 0 : s->opening_in == hub->forming ? 1 : 2, s->pin_size,
		s->shown.size, s->shown.n > 0, s->directory_version, s->sheets_seen, s->granted.messages, s->sent.messages,
		s->sent.bytes, s->cursor[0], s->cursor[1], s->top_no, s->n_inflight, s->inflight_bytes, (uint64_t)s->moved_ms,
		s->n_ahead, (uint64_t)s->passed_ms, s->is_blocked, s->came.messages, s->done.messages, s->told.messages, p->is_dirty,
		(uint64_t)p->sheet_ms,
	};
	struct span row = row_agency(&p->row, mem);
	uint64_t h = mix(mix(mix(1, p->id, strlen(p->id)), numbers, sizeof(numbers)), s->id, sizeof(s->id));

	for (size_t i = 0; i < s->n_inflight; i++) {
		const struct inflight *f = &p->inflight[(s->inflight_begin + i) % INFLIGHT_MAX];

		h = mix_number(h, f->no * 8 + f->is_taken * 4 + f->is_dropped * 2 + f->lane);
	}
	return mix(h, row.p, row.n);
}

static uint64_t
print_disk(struct small *s)
{
	struct journal_view *v = journal_view(s->journal);
	uint64_t h = mix_number(3, journal_size(v));
	uint8_t leaf[LEAF_LEN];
	struct journal_walk walk;
	enum err e;
	bool more;

	for (uint64_t i = 0; i < journal_size(v); i++)
		if (journal_leaf(v, i, leaf))
			h = mix(h, leaf, sizeof(leaf));
	for (unsigned t = 0; t < N_BATCH_TABLES; t++) {
		for (more = journal_walk_from(v, (enum batch_table)t, SPAN_LIT("\0"), &walk); more; more = journal_walk_next(&walk))
			h = mix(mix(mix_number(h, t), walk.key.p, walk.key.n), walk.value.p, walk.value.n);
		journal_walk_end(&walk);
	}
	e = journal_view_end(v);
	assert(e == OK);
	return h;
}

uint64_t
small_print(struct small *s)
{
	const struct hub *hub = s->hub;
	const uint64_t numbers[] = {
		s->commit, (uint64_t)s->now_ms, s->crashes, s->losses, hub->size, hub->seconds, (uint64_t)hub->waiting_ms,
		(uint64_t)hub->beat_ms, hub->committing != NULL, hub->n_parties,
	};
	uint64_t h = mix(print_disk(s), numbers, sizeof(numbers));

	arena_reset(s->mem);
	h = mix_number(h, print_round(hub->forming));
	if (hub->committing)
		h = mix_number(h, print_round(hub->committing));
	for (size_t i = 0; i < hub->n_parties; i++)
		h = mix_number(h, print_party(hub, hub->parties[i], s->mem));
	for (size_t i = 0; i < SMALL_AGENTS; i++) {
		const struct small_agent *a = &s->agents[i];

		h = mix(mix_number(h, a->pin_size), a->is_accepted, sizeof(a->is_accepted));
		h = mix(mix(h, a->inbox, sizeof(a->inbox)), a->order, sizeof(a->order));
		h = mix_number(mix_number(mix_number(h, a->conn), a->n_sessions), a->epoch * 2 + a->is_greeting);
		h = mix(h, a->is_sent, sizeof(a->is_sent));
		for (size_t k = 0; k < s->up[i].n; k++)
			h = mix(mix_number(h, 11), s->up[i].frames[k].p, s->up[i].frames[k].n);
		for (size_t k = 0; k < s->down[i].n; k++)
			h = mix(mix_number(h, 12), s->down[i].frames[k].p, s->down[i].frames[k].n);
	}
	return h;
}

/* A locked key costs four mappings of the process, and each copy of it has to copy them: nobody needs these again. */
static void
forget_keys(struct world *w)
{
	for (size_t i = 0; i < WORLD_AGENCIES; i++) {
		key_free(w->signing[i]);
		key_free(w->sealing[i]);
		key_free(w->transport[i]);
		key_free(w->witness[i]);
	}
	for (size_t i = 0; i < WORLD_AUDITORS; i++)
		key_free(w->auditor[i]);
	key_free(w->curve);
	key_free(w->registrar);
}

/* -- the beginning: all are greeted, nothing is written -- */

static void
write_message(struct small *s, size_t m, size_t from, size_t to, size_t also, uint64_t seq)
{
	struct small_message *msg = &s->messages[m];
	struct envelope env;
	struct header h;

	msg->from = from;
	msg->seq = seq;
	msg->thread = (struct thread_id){ { (uint8_t)(1 + from) } };
	world_header(&s->world, from, to, &msg->thread, seq, s->now_ms, &h);
	if (also != to) {
		h.to[h.n_to++] = world_ids[also];
		h.wraps[1] = h.wraps[0];
		h.wraps[1].agency = world_ids[also];
		key_id_of(KEY_SEALING, key_public(s->world.sealing[also]), &h.wraps[1].key);
		h.n_wraps = 2;
	}
	msg->bytes = world_envelope(&s->world, from, &h, 100, &env);
	msg->id = h.id;
}

void
small_init(struct small *s, unsigned crashes, unsigned losses, bool has_all)
{
	struct why why;
	enum err e;

	memset(s, 0, sizeof(*s));
	s->now_ms = WORLD_T0;
	s->crashes = crashes;
	s->losses = losses;
	s->is_lossless = losses == 0;
	world_init(&s->world, 1);
	s->mem = arena_new((size_t)16 << 20);
	s->log = logwatch_new();
	s->disk = journal_disk_new();
	e = rowkey_open(NULL, false, &s->keys, &why);
	assert(e == OK && s->mem && s->disk);
	write_message(s, 0, 0, 2, 2, 1);	/* two of a thread, to one recipient */
	if (has_all)
		write_message(s, 1, 0, 2, 2, 2);
	write_message(s, 2, 1, 2, 3, 1);	/* one to both */
	forget_keys(&s->world);
	start(s);
	for (size_t i = 0; i < SMALL_AGENTS; i++)
		least_greet(s, i);
	while (!small_is_still(s)) {
		for (size_t i = 0; i < SMALL_AGENTS; i++) {
			while (s->up[i].n > 0)
				small_hub_hears(s, i);
			while (s->down[i].n > 0)
				least_hears(s, i);
		}
		if (s->commit == COMMIT_WAITS)
			small_commit(s);
		if (s->commit == COMMIT_DURABLE)
			small_told(s);
	}
}
