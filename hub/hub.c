/* SPDX-License-Identifier: EUPL-1.2 */
/* hub - the straight line of a message through the broker, as calls in order:
 *
 *	hub_on_frame	ingest_submit: decode, who is it really, duplicate, signature, policy, order -> the forming batch
 *	hub_flush	the batch goes to the commit; the next one forms meanwhile
 *	hub_on_commit	answer_round: ACCEPTED with its proof; delivery_pump: DELIVER within credit, with the leaf's proof
 *	hub_on_frame	delivery_on_taken: the row goes; receipts come as SUBMIT, and leave by the same line
 *
 * Only hub_on_commit lets anything out that stands for something durable.
 */
#include "hub/hub.h"

#include <assert.h>
#include <stdlib.h>

#include "hub/answer.h"
#include "hub/bulletin.h"
#include "hub/delivery.h"
#include "hub/ingest.h"
#include "hub/greeting.h"
#include "hub/notifier.h"
#include "hub/quota.h"
#include "hub/state.h"
#include "hub/statement.h"
#include "proto/base/bug.h"

#define EVENT_ARENA ((size_t)64 << 20)
#define BATCH_ARENA ((size_t)96 << 20)
#define BATCH_BYTES ((size_t)16 << 20)		/* a batch that holds as much takes no further frame */
#define BATCH_ENTRIES 4096
#define WAIT_MS CLOCK_SECOND			/* rows that nobody waits for go with others, or alone after this, at a tick at the latest */

/* -- the line -- */

static void
on_frame(struct hub *hub, struct party *p, uint64_t conn, const struct frame *f)
{
	if (f->kind == FRAME_HELLO) {
		if (strcmp(f->hello.agency, p->id) == 0)
			greeting_on_hello(hub, conn, p, &f->hello);
		else
			state_log(hub, LOG_PEER_FRAME, "agency=%s code=%s", p->id, err_code(ERR_NOT_YOU));
		return;
	}
	if (p->session.state != SESSION_UP || p->session.conn != conn || (f->epoch != p->session.epoch && !bug(BUG_OLD_EPOCH_HEARD)))
		return;		/* of a session that is over */
	p->session.is_blocked = false;
	switch (f->kind) {
	case FRAME_SUBMIT:
		ingest_submit(hub, p, &f->submit);
		return;
	case FRAME_TAKEN:
		delivery_on_taken(hub, p, &f->taken);
		return;
	case FRAME_CREDIT:
		delivery_on_credit(p, &f->credit);
		return;
	case FRAME_STATEMENT_ASK:
		statement_on_ask(hub, p, &f->statement_ask);
		return;
	case FRAME_HELLO:
	case FRAME_WELCOME:
	case FRAME_DIRECTORY:
	case FRAME_ACCEPTED:
	case FRAME_REFUSED:
	case FRAME_DELIVER:
	case FRAME_STATEMENT:
	case FRAME_ANNOUNCED:
		break;
	}
	state_log(hub, LOG_PEER_FRAME, "agency=%s code=%s", p->id, err_code(ERR_FORMAT));
}

/* What the event has moved: queues that may be sent on, credit to be granted. A frame each in turn, so that nobody waits for
 * all that another has waiting. Each turn has the event's whole memory: what came before it has been sent.
 */
static void
pump(struct hub *hub)
{
	struct party *p;
	bool is_more;

	while ((p = hub->touched) != NULL) {
		if ((hub->touched = p->next_touched) == NULL)
			hub->touched_end = &hub->touched;
		p->is_touched = false;
		arena_reset(hub->mem);
		is_more = delivery_pump(hub, p);
		if (bulletin_pump(hub, p) || is_more)
			state_touch(p, false);
		else
			greeting_send_credit(hub, p, false);
	}
}

void
hub_on_frame(struct hub *hub, uint64_t conn, const char *agency, struct span bytes, int64_t now_ms)
{
	struct why why = { .where = "" };
	struct party *p;
	struct frame f;
	enum err e;

	state_begin(hub, now_ms);
	if (hub_directory(hub) == NULL || directory_find(hub_directory(hub), agency) == NULL)
		state_log(hub, LOG_PEER_FRAME, "agency=%s code=%s", agency, err_code(ERR_UNKNOWN_AGENCY));
	else if ((e = frame_decode(bytes, hub->mem, &f, &why)) != OK)
		state_log(hub, LOG_PEER_FRAME, "agency=%s code=%s", agency, err_code(e));
	else if ((p = state_party(hub, agency)) != NULL)
		on_frame(hub, p, conn, &f);
	pump(hub);
	state_end(hub);
}

static void
round_reset(struct round *r, uint64_t first)
{
	struct batch *b = r->batch;

	batch_reset(b, first);
	*r = (struct round){ .batch = b };
}

/* TAKEN alone is worth no commit: the receipt that mostly follows would have to wait for its end. What is lost of it with the
 * process is delivered once more. */
static bool
may_wait(struct hub *hub, int64_t now_ms)
{
	const struct round *r = hub->forming;

	if (r->batch->n_entries > 0 || r->is_awaited || (hub->dirty == NULL && r->batch->n_rows == 0)) {
		hub->waiting_ms = 0;
		return false;
	}
	if (hub->waiting_ms == 0 || now_ms < hub->waiting_ms)
		hub->waiting_ms = now_ms;
	return now_ms - hub->waiting_ms < WAIT_MS;
}

void
hub_flush(struct hub *hub, int64_t now_ms)
{
	struct round *next;

	if (hub->committing || may_wait(hub, now_ms))
		return;
	hub->waiting_ms = 0;
	state_begin(hub, now_ms);
	state_write_parties(hub);
	state_end(hub);
	if (batch_is_empty(hub->forming->batch))
		return;
	assert(!batch_is_full(hub->forming->batch));	/* hub_may_take keeps it far from that */
	hub->committing = hub->forming;
	next = hub->committing == &hub->rounds[0] ? &hub->rounds[1] : &hub->rounds[0];
	round_reset(next, hub->committing->batch->first + hub->committing->batch->n_entries);
	hub->forming = next;
	hub->doer.commit(hub->doer.arg, hub->committing->batch);
}

static void
keep_checkpoint(struct hub *hub, uint64_t size, const struct hash *root, struct span note)
{
	assert(note.n <= sizeof(hub->checkpoint));
	if (size != hub->size || hub->checkpoint_n == 0)
		hub->checkpoint_ms = hub->now_ms;
	hub->size = size;
	hub->root = *root;
	memcpy(hub->checkpoint, note.p, note.n);
	hub->checkpoint_n = note.n;
}

enum err
hub_on_commit(struct hub *hub, struct batch *batch, enum err e, int64_t now_ms)
{
	struct round *r = hub->committing;

	assert(r && r->batch == batch);
	if (e != OK) {
		state_log(hub, LOG_FATAL, "code=%s what=commit why=\"%s\"", err_code(e), err_text(e, LANG_EN));
		return e;	/* it may be on the disk or not: nobody gets an answer (PROTOCOL.md 5) */
	}
	state_begin(hub, now_ms);
	keep_checkpoint(hub, batch->size, &batch->root, batch->checkpoint);
	hub->room = batch->room;
	hub->done = batch;
	for (size_t i = 0; i < hub->n_parties; i++)
		if (hub->parties[i]->session.opening_in == r)
			greeting_open(hub, hub->parties[i]);
	answer_round(hub, r);
	for (size_t i = 0; i < hub->n_parties; i++)
		greeting_send_directory(hub, hub->parties[i]);
	for (size_t i = 0; i < r->n_rewinds; i++)
		if (r->rewinds[i].party->session.cursor[LANE_EMERGENCY] >= r->rewinds[i].no)
			r->rewinds[i].party->session.cursor[LANE_EMERGENCY] = r->rewinds[i].no - 1;
	/* what was queued in this round may go only now; the touch of its ingest was used up before */
	for (size_t i = 0; i < hub->n_parties; i++)
		if (hub->parties[i]->row.queued > 0 || bulletin_is_due(hub, hub->parties[i]))
			state_touch(hub->parties[i], false);
	pump(hub);
	hub->done = NULL;
	hub->committing = NULL;
	state_end(hub);
	return OK;
}

/* Every heartbeat, however often the clocks make the hub tick. */
static void
beat(struct hub *hub)
{
	for (size_t i = 0; i < hub->n_parties; i++) {
		struct party *p = hub->parties[i];

		if (delivery_is_stalled(p, hub->now_ms))
			delivery_restart(p);
		p->session.is_blocked = false;
		state_touch(p, false);
		greeting_send_credit(hub, p, true);	/* also finds out who is gone */
	}
	hub->beat_ms = hub->now_ms;
}

int64_t
hub_on_tick(struct hub *hub, int64_t now_ms)
{
	int64_t since = now_ms - hub->beat_ms, beat_ms = hub->config->transport.heartbeat_ms, next, page;

	state_begin(hub, now_ms);
	next = notifier_tick(hub);
	page = statement_tick(hub);
	next = page < next ? page : next;
	if (since < 0 || since >= beat_ms) {	/* below zero: the clock was put back */
		beat(hub);
		since = 0;
	}
	pump(hub);
	state_end(hub);
	return next < beat_ms - since ? next : beat_ms - since;
}

void
hub_on_peer_down(struct hub *hub, uint64_t conn, int64_t now_ms)
{
	hub->now_ms = now_ms;
	for (size_t i = 0; i < hub->n_parties; i++) {
		struct session *s = &hub->parties[i]->session;

		if (s->state == SESSION_NONE || s->conn != conn)
			continue;
		state_log(hub, LOG_PEER_DOWN, "agency=%s", hub->parties[i]->id);
		memset(s, 0, sizeof(*s));
	}
}

bool
hub_may_take(const struct hub *hub)
{
	const struct batch *b = hub->forming->batch;

	return b->bytes < BATCH_BYTES && b->n_entries < BATCH_ENTRIES && arena_left(b->mem) > BATCH_ROOM;
}

bool
hub_is_idle(const struct hub *hub)
{
	return hub->committing == NULL && batch_is_empty(hub->forming->batch) && hub->dirty == NULL;
}

/* Told when it turns, not at each message that waits for it. */
static void
look_at_room(struct hub *hub)
{
	bool is_low = quota_is_disk_low(hub, CLASS_DATA, PRIORITY_ROUTINE);

	if (is_low == hub->is_disk_low)
		return;
	hub->is_disk_low = is_low;
	state_log(hub, is_low ? LOG_DISK_LOW : LOG_DISK_FREE, "room=%llu of=%llu", (unsigned long long)hub->room,
		  (unsigned long long)hub->total);
}

void
hub_set_room(struct hub *hub, uint64_t room, uint64_t total)
{
	hub->room = room;
	hub->total = total;
	look_at_room(hub);
}

/* -- life -- */

static enum err
load_directories(struct hub *hub, struct journal_view *v, struct why *why)
{
	struct journal_walk walk;
	struct directory_row row;
	enum err e = OK;
	bool more;

	for (more = journal_walk_from(v, TABLE_DIRECTORY, SPAN_LIT("\0"), &walk); more && e == OK;
	     more = journal_walk_next(&walk))
		if ((e = row_decode_directory(walk.value, &row)) == OK &&
		    (e = roster_put_directory(hub->roster, row.bytes, row.note, row.since_ms, why)) == OK)
			hub->directory_leaf = row.leaf;
	journal_walk_end(&walk);
	return e;
}

static enum err
load_sheets(struct hub *hub, struct journal_view *v)
{
	struct journal_walk walk;
	struct sheet_row row;
	struct why why;
	enum err e = OK;
	bool more;

	for (more = journal_walk_from(v, TABLE_SHEETS, SPAN_LIT("\0"), &walk); more && e == OK; more = journal_walk_next(&walk))
		if ((e = row_decode_sheet(walk.value, &row)) == OK &&
		    roster_put_sheet(hub->roster, row.bytes, row.leaf, &why) != OK)
			continue;	/* of an agency that has left, or has another signing key now */
	journal_walk_end(&walk);
	return e;
}

/* By the agencies' counters: there are as many rows as agencies, however long the log. */
static enum err
count_recovered(struct journal_view *v, struct hub_recovered *r)
{
	struct journal_walk walk;
	struct agency_row row;
	enum err e = OK;
	bool more;

	for (more = journal_walk_from(v, TABLE_AGENCIES, SPAN_LIT("\0"), &walk); more && e == OK; more = journal_walk_next(&walk))
		if ((e = row_decode_agency(walk.value, &row)) == OK) {
			r->queued += row.queued;
			r->unregistered += row.unregistered;
		}
	journal_walk_end(&walk);
	return e;
}

static enum err
load(struct hub *hub, struct why *why)
{
	struct journal_view *v = journal_view(hub->journal);
	uint8_t bytes[LEAF_LEN];
	struct leaf leaf;
	struct hash root;
	uint64_t size;
	struct span note = journal_last_checkpoint(hub->journal, &size);
	enum err e;

	if (!merkle_root(size, journal_node, v, &root))
		e = ERR_CORRUPT;
	else if ((e = load_directories(hub, v, why)) == OK)
		e = load_sheets(hub, v);
	if (e == OK && size > 0) {
		if (!journal_leaf(v, size - 1, bytes) || leaf_decode(SPAN(bytes, LEAF_LEN), &leaf) != OK) {
			e = ERR_CORRUPT;
		} else {
			hub->seconds = leaf.seconds;
			hub->recovered.last = leaf.type == LEAF_STOP ? HUB_LAST_CLEAN : HUB_LAST_CRASH;
			hub->recovered.last_ms = (int64_t)hub->seconds * CLOCK_SECOND;
		}
	}
	if (e == OK)
		e = bulletin_load(hub, v);
	if (e == OK)
		e = count_recovered(v, &hub->recovered);
	hub->recovered.size = size;
	(void)journal_checkpoint(v, &hub->recovered.checkpoint);
	if (e == OK)
		keep_checkpoint(hub, size, &root, note);
	if (journal_view_end(v) != OK && e == OK)
		e = ERR_STORE;
	return e;
}

enum err
hub_new(const struct hub_options *options, struct hub **ret_hub, struct why *why)
{
	struct hub *hub = calloc(1, sizeof(*hub));
	enum err e = ERR_NOMEM;

	if (hub == NULL)
		return e;
	hub->config = options->config;
	hub->journal = options->journal;
	hub->doer = options->doer;
	hub->notice_key = options->notice_key;
	hub->version = options->version;
	hub->now_ms = options->now_ms;
	hub->touched_end = &hub->touched;
	hub->mem = arena_new(EVENT_ARENA);
	hub->roster = roster_new();
	hub->rounds[0].batch = batch_new(BATCH_ARENA);
	hub->rounds[1].batch = batch_new(BATCH_ARENA);
	if (hub->mem == NULL || hub->roster == NULL || hub->rounds[0].batch == NULL || hub->rounds[1].batch == NULL)
		goto out;
	if ((e = load(hub, why)) != OK)
		goto out;
	hub->forming = &hub->rounds[0];
	round_reset(hub->forming, hub->size);
out:
	if (e != OK)
		hub_free(hub);
	else
		*ret_hub = hub;
	return e;
}

void
hub_free(struct hub *hub)
{
	if (hub == NULL)
		return;
	for (size_t i = 0; i < hub->n_parties; i++) {
		free(hub->parties[i]->inflight);
		free(hub->parties[i]);
	}
	free(hub->parties);
	batch_free(hub->rounds[0].batch);
	batch_free(hub->rounds[1].batch);
	roster_free(hub->roster);
	arena_free(hub->mem);
	free(hub);
}
