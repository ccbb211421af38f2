/* SPDX-License-Identifier: EUPL-1.2 */
/* hub_desk - a hub core on a desk: memory journal, commits when the test says so, the frames it sends kept decoded by
 * connection. Connection i + 1 is agency i of the world. Header-only.
 */
#ifndef SUPPORT_HUB_DESK_H
#define SUPPORT_HUB_DESK_H

#include "hub/hub.h"
#include "tests/support/hub_world.h"

#define DESK_FRAMES 256

struct desk {
	struct world world;
	struct journal_disk *disk;
	struct rowkey *keys;
	struct journal *journal;
	struct hub *hub;
	struct batch *batch;		/* handed out; NULL: none */
	unsigned commits;
	int64_t now_ms;
	struct { uint64_t conn; struct frame f; } sent[DESK_FRAMES];
	size_t n_sent;
	bool is_busy;			/* sends answer ERR_BUSY */
	uint64_t busy_conn;		/* sends to it do; 0: to none */
	size_t n_refused;		/* how often one did */
	uint64_t epoch[WORLD_AGENCIES];
	unsigned told[N_LOG_EVENTS];	/* how often each was logged */
};

static inline enum err
desk_do_send(void *arg, uint64_t conn, struct span frame)
{
	struct desk *d = arg;
	struct why why;

	if (d->is_busy || (d->busy_conn != 0 && conn == d->busy_conn)) {
		d->n_refused++;
		return ERR_BUSY;
	}
	assert(d->n_sent < DESK_FRAMES);
	frame = arena_span(d->world.mem, frame);
	d->sent[d->n_sent].conn = conn;
	assert(frame_decode(frame, d->world.mem, &d->sent[d->n_sent].f, &why) == OK);
	d->n_sent++;
	return OK;
}

static inline void
desk_do_commit(void *arg, struct batch *batch)
{
	struct desk *d = arg;

	assert(d->batch == NULL);
	d->batch = batch;
	d->commits++;
}

static inline void
desk_do_log(void *arg, enum log_event event, const char *line)
{
	((struct desk *)arg)->told[event]++;
	(void)line;
}

static inline void
desk_do_random(void *arg, void *to, size_t n)
{
	struct desk *d = arg;

	world_fill(&d->world, to, n);
}

/* The commit under way is done, and so are those that follow from it. */
static inline void
desk_commit(struct desk *d)
{
	while (d->batch) {
		struct batch *b = d->batch;

		assert(journal_commit(d->journal, b) == OK);
		d->batch = NULL;
		assert(hub_on_commit(d->hub, b, OK, d->now_ms) == OK);
		hub_flush(d->hub, d->now_ms);
	}
}

static inline void
desk_open(struct desk *d)
{
	struct journal_options journal = { .origin = WORLD_ORIGIN, .log = d->world.log, .keys = d->keys };
	struct hub_options hub = {
		.config = &d->world.config, .version = "desk", .now_ms = d->now_ms,
		.doer = { d, desk_do_send, desk_do_commit, desk_do_log, desk_do_random }, .notice_key = d->world.notice,
	};
	struct why why;
	enum err e;

	assert(journal_open_mem(&journal, d->disk, &d->journal, &why) == OK);
	hub.journal = d->journal;
	assert(hub_new(&hub, &d->hub, &why) == OK);
	assert(hub_put_directory(d->hub, &d->world.d, d->world.note, d->now_ms, &why) == OK);
	for (size_t i = 0; i < WORLD_AGENCIES; i++) {
		e = hub_put_sheet(d->hub, d->world.sheets[i], d->now_ms, &why);
		assert(e == OK);
	}
	hub_flush(d->hub, d->now_ms);
	desk_commit(d);
}

static inline void
desk_init(struct desk *d, uint64_t seed)
{
	struct why why;

	memset(d, 0, sizeof(*d));
	world_init(&d->world, seed);
	d->now_ms = WORLD_T0;
	d->disk = journal_disk_new();
	assert(rowkey_open(NULL, false, &d->keys, &why) == OK);
	desk_open(d);
}

static inline void
desk_close(struct desk *d)
{
	hub_free(d->hub);
	journal_crash(d->journal);
	d->batch = NULL;
}

static inline void
desk_done(struct desk *d)
{
	desk_close(d);
	journal_disk_free(d->disk);
	rowkey_close(d->keys);
	world_done(&d->world);
}

/* A frame from agency i's connection, and the flush after it; the commit is the test's. */
static inline void
desk_frame(struct desk *d, size_t i, struct frame *f)
{
	struct span bytes;

	if (f->kind != FRAME_HELLO && f->epoch == 0)
		f->epoch = d->epoch[i];
	assert(frame_encode(f, d->world.mem, &bytes) == OK);
	hub_on_frame(d->hub, i + 1, world_ids[i], bytes, d->now_ms);
	hub_flush(d->hub, d->now_ms);
}

/* The first frame of that kind to agency i that has not been looked at; NULL: none. */
static inline const struct frame *
desk_sent(struct desk *d, size_t i, enum frame_kind kind)
{
	for (size_t n = 0; n < d->n_sent; n++)
		if (d->sent[n].conn == i + 1 && d->sent[n].f.kind == kind) {
			d->sent[n].conn = 0;
			return &d->sent[n].f;
		}
	return NULL;
}

static inline void
desk_hello(struct desk *d, size_t i, uint64_t credit)
{
	struct frame f = { .kind = FRAME_HELLO };

	f.hello = (struct hello){ .agency = world_ids[i], .credit = { credit, 64 << 20 }, .software = "desk" };
	world_fill(&d->world, f.hello.session, sizeof(f.hello.session));
	desk_frame(d, i, &f);
	desk_commit(d);
	d->epoch[i] = desk_sent(d, i, FRAME_WELCOME)->epoch;
}

static inline void
desk_submit(struct desk *d, size_t i, struct span envelope)
{
	struct frame f = { .kind = FRAME_SUBMIT, .submit = { &envelope, 1 } };

	desk_frame(d, i, &f);
	desk_commit(d);
}

static inline void
desk_take(struct desk *d, size_t i, uint64_t no)
{
	struct frame f = { .kind = FRAME_TAKEN, .taken = { &no, 1 } };

	desk_frame(d, i, &f);
	desk_commit(d);
}

/* Agency i takes all that is delivered to it, until nothing more comes. */
static inline void
desk_take_all(struct desk *d, size_t i)
{
	const struct frame *f;

	while ((f = desk_sent(d, i, FRAME_DELIVER)) != NULL)
		for (size_t n = 0; n < f->deliver.n; n++)
			desk_take(d, i, f->deliver.items[n].queue_no);
}

/* What the submitter hears: OK if it was accepted, else the code it was refused with. */
static inline enum err
desk_answer(struct desk *d, size_t i)
{
	const struct frame *f = desk_sent(d, i, FRAME_ACCEPTED);

	if (f)
		return OK;
	f = desk_sent(d, i, FRAME_REFUSED);
	assert(f);
	return f->refused.items[0].code;
}

#endif
