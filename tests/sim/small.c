/* SPDX-License-Identifier: EUPL-1.2 */
/* small - see small.h. Chance is constant: nothing that the hub draws decides what may follow. */
#include "tests/sim/small.h"

#include "tests/sim/trouble.h"

#define LONG_MS (11 * CLOCK_SECOND)	/* longer than the hub waits for TAKEN, and a tick */

/* -- ways -- */

void
small_put(struct small_way *way, const struct small_frame *frame)
{
	uint8_t *copy = malloc(frame->bytes.n);

	assert(copy && way->n < SMALL_FRAMES);
	memcpy(copy, frame->bytes.p, frame->bytes.n);
	way->frames[way->n] = *frame;
	way->frames[way->n++].bytes.p = copy;
}

void
small_drop(struct small_way *way)
{
	assert(way->n > 0);
	free((void *)(uintptr_t)way->frames[0].bytes.p);
	memmove(&way->frames[0], &way->frames[1], --way->n * sizeof(way->frames[0]));
}

size_t
small_find(const struct small *s, const struct msgid *id)
{
	size_t m = 0;

	while (m < SMALL_MESSAGES && (s->messages[m].bytes.n == 0 || !msgid_eq(&s->messages[m].id, id)))
		m++;
	return m;
}

/* -- the hub's effects -- */

/* What the least adapter would not look at is not sent: CREDIT (it has plenty), DIRECTORY (it has the newest). */
static enum err
do_send(void *arg, uint64_t conn, struct span bytes)
{
	struct small *s = arg;
	size_t i = (conn - 1) % SMALL_AGENTS;
	struct small_frame frame;

	if (s->agents[i].conn != conn)
		return ERR_PEER_DOWN;
	least_reads(s, i, bytes, &frame);
	if (frame.kind != FRAME_CREDIT && frame.kind != FRAME_DIRECTORY)
		small_put(&s->down[i], &frame);
	return OK;
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

	s->starts++;
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
	hub_on_frame(s->hub, s->agents[from].conn, world_ids[from], s->up[from].frames[0].bytes, s->now_ms);
	hub_flush(s->hub, s->now_ms);
	small_drop(&s->up[from]);
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
			small_drop(&s->up[i]);
		while (s->down[i].n > 0)
			small_drop(&s->down[i]);
		least_falls(s, i);
	}
	start(s);
}

void
small_timeout(struct small *s)
{
	s->now_ms += LONG_MS;
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
