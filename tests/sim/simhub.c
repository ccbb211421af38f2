/* SPDX-License-Identifier: EUPL-1.2 */
/* simhub - does the core's effects in virtual time, and checks of each checkpoint that its size never had another root. */
#include "tests/sim/simhub.h"

#define CONNS_MAX 16384
#define SIZES_MAX (1u << 16)
#define RESTART_MS 300
#define COMMIT_MS 4

struct conn { const char *id; void *agent; simhub_frame_fn *on_frame; simhub_down_fn *on_down; bool is_up; };

struct simhub {
	struct world *world;
	struct lossy *wire;
	struct journal_disk *disk;
	struct rowkey *keys;
	struct journal *journal;
	struct hub *hub;		/* NULL: down */
	struct simhub_faults faults;
	int64_t tick_ms;		/* between two ticks, at least */
	unsigned starts;		/* also the generation: late events of the dead are nothing */
	struct batch *batch;		/* under way */
	enum err result;
	struct conn conns[CONNS_MAX];
	size_t n_conns;
	struct { bool is_set; struct hash root; } roots[SIZES_MAX];	/* I13 */
	struct simhub_eyes eyes;
	int64_t paused_ms, skew_ms;	/* until when; how far ahead its clock is */
	struct { const char *id; int64_t until_ms; } cuts[WORLD_AGENCIES];
};

static void start(void *arg, uint64_t tag, struct span bytes);

/* -- its clock, its pauses, its lines -- */

static int64_t
hub_now(const struct simhub *s)
{
	return lossy_now(s->wire) + s->skew_ms;
}

/* True: it is stopped, and the event comes again when it goes on, in its turn. */
static bool
is_paused(struct simhub *s, lossy_fn *fn, uint64_t tag, struct span bytes)
{
	int64_t wait = s->paused_ms - lossy_now(s->wire);

	if (wait <= 0)
		return false;
	lossy_at(s->wire, wait, fn, s, tag, bytes);
	return true;
}

static bool
is_cut(const struct simhub *s, const char *id)
{
	for (size_t i = 0; i < WORLD_AGENCIES; i++)
		if (s->cuts[i].id && s->cuts[i].until_ms > lossy_now(s->wire) && strcmp(s->cuts[i].id, id) == 0)
			return true;
	return false;
}

/* -- effects -- */

static void
deliver_to_agent(void *arg, uint64_t conn, struct span frame)
{
	struct simhub *s = arg;
	struct conn *c = &s->conns[conn];

	if (c->is_up && !is_cut(s, c->id))
		c->on_frame(c->agent, conn, frame);
}

static enum err
do_send(void *arg, uint64_t conn, struct span frame)
{
	struct simhub *s = arg;

	if (!s->conns[conn].is_up)
		return ERR_PEER_DOWN;
	if (!s->faults.is_calm && lossy_chance(s->wire, 10))
		return ERR_BUSY;
	if (s->eyes.on_sent)
		s->eyes.on_sent(s->eyes.arg, s->conns[conn].id, frame);
	lossy_send(s->wire, deliver_to_agent, s, conn, frame);
	return OK;
}

static void
after_commit(void *arg, uint64_t tag, struct span bytes)
{
	struct simhub *s = arg;
	struct batch *b = s->batch;
	enum err e;

	if (tag != s->starts || s->hub == NULL || is_paused(s, after_commit, tag, bytes))
		return;
	s->batch = NULL;
	if ((e = hub_on_commit(s->hub, b, s->result, hub_now(s))) != OK) {
		simhub_crash(s);
		return;
	}
	hub_flush(s->hub, hub_now(s));
}

static void
commit(void *arg, uint64_t tag, struct span bytes)
{
	struct simhub *s = arg;
	bool fails, dies = lossy_chance(s->wire, s->faults.crash), before = lossy_chance(s->wire, 500);

	(void)bytes;
	if (tag != s->starts || s->hub == NULL)
		return;
	if (dies && before) {
		simhub_crash(s);
		return;
	}
	fails = lossy_chance(s->wire, s->faults.io_error);
	journal_disk_fail(s->disk, fails, lossy_chance(s->wire, 500));
	s->result = journal_commit(s->journal, s->batch);
	journal_disk_fail(s->disk, false, false);
	if (s->result == OK) {
		assert(s->batch->size < SIZES_MAX);
		assert(!s->roots[s->batch->size].is_set || hash_eq(&s->roots[s->batch->size].root, &s->batch->root));
		s->roots[s->batch->size].is_set = true;
		s->roots[s->batch->size].root = s->batch->root;
		if (s->eyes.on_durable)
			s->eyes.on_durable(s->eyes.arg, s->journal);
	}
	if (dies)
		simhub_crash(s);
	else
		lossy_at(s->wire, 1, after_commit, s, s->starts, SPAN_NONE);
}

static void
do_commit(void *arg, struct batch *batch)
{
	struct simhub *s = arg;

	assert(s->batch == NULL);
	s->batch = batch;
	lossy_at(s->wire, 1 + (int64_t)(lossy_random(s->wire) % COMMIT_MS), commit, s, s->starts, SPAN_NONE);
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
	struct simhub *s = arg;
	uint8_t *p = to;

	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)lossy_random(s->wire);
}

/* -- life -- */

static void
tick(void *arg, uint64_t tag, struct span bytes)
{
	struct simhub *s = arg;
	int64_t next;

	if (tag != s->starts || s->hub == NULL || is_paused(s, tick, tag, bytes))
		return;
	next = hub_on_tick(s->hub, hub_now(s));
	hub_flush(s->hub, hub_now(s));
	lossy_at(s->wire, next > s->tick_ms ? next : s->tick_ms, tick, s, s->starts, SPAN_NONE);
}

static void
start(void *arg, uint64_t tag, struct span bytes)
{
	struct simhub *s = arg;
	struct journal_options journal = { .origin = WORLD_ORIGIN, .log = s->world->log, .keys = s->keys };
	struct hub_options hub = {
		.config = &s->world->config, .version = "sim", .now_ms = hub_now(s),
		.doer = { s, do_send, do_commit, do_log, do_random }, .notice_key = s->world->notice,
	};
	struct why why = { .where = "" };
	enum err e;

	(void)bytes;
	if (tag != s->starts || s->hub)
		return;
	s->starts++;
	e = journal_open_mem(&journal, s->disk, &s->journal, &why);
	assert(e == OK);
	if (s->eyes.on_durable)
		s->eyes.on_durable(s->eyes.arg, s->journal);
	hub.journal = s->journal;
	e = hub_new(&hub, &s->hub, &why);
	assert(e == OK);
	hub_log_service(s->hub, LEAF_START, hub_now(s));
	e = hub_put_directory(s->hub, &s->world->d, s->world->note, hub_now(s), &why);
	assert(e == OK);
	for (size_t i = 0; i < WORLD_AGENCIES; i++) {
		e = hub_put_sheet(s->hub, s->world->sheets[i], hub_now(s), &why);
		assert(e == OK || e == ERR_STALE);
	}
	hub_flush(s->hub, hub_now(s));
	lossy_at(s->wire, 100, tick, s, s->starts, SPAN_NONE);
}

struct simhub *
simhub_new(struct world *world, struct lossy *wire)
{
	return simhub_new_seen(world, wire, &(struct simhub_eyes){ .arg = NULL });
}

struct simhub *
simhub_new_seen(struct world *world, struct lossy *wire, const struct simhub_eyes *eyes)
{
	struct simhub *s = calloc(1, sizeof(*s));
	struct why why;
	enum err e;

	assert(s);
	s->world = world;
	s->wire = wire;
	s->eyes = *eyes;
	s->disk = journal_disk_new();
	s->n_conns = 1;		/* 0 is no connection */
	e = rowkey_open(NULL, false, &s->keys, &why);
	assert(e == OK && s->disk);
	start(s, 0, SPAN_NONE);
	return s;
}

void
simhub_free(struct simhub *s)
{
	hub_free(s->hub);
	journal_crash(s->journal);
	journal_disk_free(s->disk);
	rowkey_close(s->keys);
	free(s);
}

void
simhub_set_faults(struct simhub *s, const struct simhub_faults *faults)
{
	s->faults = *faults;
}

void
simhub_set_tick(struct simhub *s, int64_t ms)
{
	s->tick_ms = ms;
}

void
simhub_crash(struct simhub *s)
{
	simhub_crash_for(s, RESTART_MS);
}

void
simhub_crash_for(struct simhub *s, int64_t ms)
{
	if (s->hub == NULL)
		return;
	hub_free(s->hub);
	journal_crash(s->journal);
	s->hub = NULL;
	s->journal = NULL;
	s->batch = NULL;
	s->paused_ms = 0;
	if (s->eyes.on_crash)
		s->eyes.on_crash(s->eyes.arg);
	for (size_t i = 1; i < s->n_conns; i++) {
		if (!s->conns[i].is_up)
			continue;
		s->conns[i].is_up = false;
		s->conns[i].on_down(s->conns[i].agent, i);
	}
	lossy_at(s->wire, ms, start, s, s->starts, SPAN_NONE);
}

unsigned
simhub_starts(const struct simhub *s)
{
	return s->starts;
}

void
simhub_pause(struct simhub *s, int64_t ms)
{
	s->paused_ms = lossy_now(s->wire) + ms;
}

void
simhub_set_skew(struct simhub *s, int64_t ms)
{
	s->skew_ms = ms;
}

void
simhub_cut(struct simhub *s, const char *id, int64_t ms)
{
	for (size_t i = 0; i < WORLD_AGENCIES; i++)
		if (s->cuts[i].id == NULL || strcmp(s->cuts[i].id, id) == 0) {
			s->cuts[i].id = id;
			s->cuts[i].until_ms = lossy_now(s->wire) + ms;
			return;
		}
}

uint64_t
simhub_connect(struct simhub *s, const char *id, void *agent, simhub_frame_fn *on_frame, simhub_down_fn *on_down)
{
	if (s->hub == NULL || is_cut(s, id))
		return 0;
	assert(s->n_conns < CONNS_MAX);
	s->conns[s->n_conns] = (struct conn){ id, agent, on_frame, on_down, true };
	return s->n_conns++;
}

void
simhub_disconnect(struct simhub *s, uint64_t conn)
{
	s->conns[conn].is_up = false;	/* the hub finds out when it sends, as with the real socket */
}

static void
deliver_to_hub(void *arg, uint64_t conn, struct span frame)
{
	struct simhub *s = arg;

	if (s->hub == NULL || !s->conns[conn].is_up || is_cut(s, s->conns[conn].id) ||
	    is_paused(s, deliver_to_hub, conn, frame))
		return;
	if (s->eyes.on_came)
		s->eyes.on_came(s->eyes.arg, s->conns[conn].id, frame);
	hub_on_frame(s->hub, conn, s->conns[conn].id, frame, hub_now(s));
	hub_flush(s->hub, hub_now(s));
}

void
simhub_send(struct simhub *s, uint64_t conn, struct span frame)
{
	lossy_send(s->wire, deliver_to_hub, s, conn, frame);
}

struct journal *
simhub_journal(struct simhub *s)
{
	return s->journal;
}

struct hub *
simhub_core(struct simhub *s)
{
	return s->hub;
}
