/* SPDX-License-Identifier: EUPL-1.2 */
/* delivery - see PROTOCOL.md 5. A row moves from a lane to the one before it only with an EMERGENCY of its thread. */
#include "hub/delivery.h"

#include <stdlib.h>

#include "hub/answer.h"
#include "hub/quota.h"
#include "proto/base/bug.h"

#define FRAME_BYTES (1u << 20)		/* a frame is closed when it holds as much */
#define FRAME_MESSAGES 256
#define STALL_MS (10 * CLOCK_SECOND)	/* from both sides: the clock may have gone back */
#define BRING_MAX 64			/* of its thread that an EMERGENCY takes along */

/* -- in -- */

static struct inflight *
at(const struct party *p, size_t i)
{
	return &p->inflight[(p->session.inflight_begin + i) % INFLIGHT_MAX];
}

static struct inflight *
find_inflight(const struct party *p, uint64_t no)
{
	for (size_t i = 0; i < p->session.n_inflight; i++)
		if (at(p, i)->no == no && !at(p, i)->is_taken)
			return at(p, i);
	return NULL;
}

/* Is what waits of its thread so much that one EMERGENCY must not move it? Then it waits in its turn: nobody has so urgent a
 * thread, and an event and its batch are bounded.
 */
static bool
is_long(struct hub *hub, const struct party *p, uint64_t no)
{
	struct queue_row row;
	struct row_key key;
	struct span value;

	for (size_t n = 0; no != 0 && n <= BRING_MAX; n++) {
		value = state_get(hub, TABLE_QUEUE, row_key_queue(p->id, LANE_OTHER, no, &key));
		if (value.p == NULL || row_decode_queue(value, &row) != OK)
			return false;
		no = row.before;
	}
	return no != 0;
}

/* What waits of the same thread before an EMERGENCY goes with it. */
static enum err
bring_along(struct hub *hub, struct party *p, uint64_t no)
{
	struct queue_row row;
	struct row_key key, to;
	struct inflight *sent;
	struct span value;
	enum err e;

	while (no != 0) {
		value = state_get(hub, TABLE_QUEUE, row_key_queue(p->id, LANE_OTHER, no, &key));
		if (value.p == NULL)
			return OK;	/* taken, or in the first lane: then all before it are, too */
		if (row_decode_queue(value, &row) != OK)
			return ERR_CORRUPT;
		state_put(hub, TABLE_QUEUE, row_key_queue(p->id, LANE_EMERGENCY, no, &to), value);
		state_del(hub, TABLE_QUEUE, row_key_queue(p->id, LANE_OTHER, no, &key));
		if ((sent = find_inflight(p, no)) != NULL)
			sent->lane = LANE_EMERGENCY;
		else if ((e = state_rewind(hub, p, no)) != OK)
			return e;
		no = row.before;
	}
	return OK;
}

static uint64_t *
last_no(struct thread_row *t, const char *agency)
{
	for (size_t i = 0; t && i < t->n; i++)
		if (strcmp(t->at[i].agency, agency) == 0)
			return &t->at[i].last_no;
	return NULL;
}

/* A withdrawal goes with the urgent ones: each message that is not handed over for it is one less to undo. */
static bool
is_first(const struct header *h)
{
	return h->priority == PRIORITY_EMERGENCY || (h->class == CLASS_RECEIPT && h->stage == STAGE_WITHDRAWN);
}

enum err
delivery_put(struct hub *hub, const struct header *h, uint64_t leaf, size_t bytes, struct thread_row *thread)
{
	struct queue_row row = { .leaf = leaf, .bytes = (uint32_t)bytes, .at_ms = hub->now_ms, .thread = h->thread };
	/* a withdrawal counts as what it takes back did: else who sends and takes back fills a queue outside of its share */
	struct party *from = h->class == CLASS_DATA || h->stage == STAGE_WITHDRAWN ? state_party(hub, h->from) : NULL;
	struct row_key key;
	enum lane lane;
	enum err e;

	if (from)
		memcpy(row.from, from->id, sizeof(row.from));

	for (size_t i = 0; i < h->n_to; i++) {
		struct party *p = state_party(hub, h->to[i]);
		uint64_t *last = last_no(thread, h->to[i]);

		if (p == NULL)
			return ERR_STORE;
		if (bug(BUG_HALF_THE_QUEUES) && i > 0 && i >= h->n_to / 2)
			break;
		row.before = last ? *last : 0;
		lane = is_first(h) && !bug(BUG_EMERGENCY_WAITS) && !is_long(hub, p, row.before) ? LANE_EMERGENCY : LANE_OTHER;
		if (lane == LANE_EMERGENCY && (e = bring_along(hub, p, row.before)) != OK)
			return e;
		p->row.last_no++;
		quota_add(hub, p, from, bytes);
		state_put(hub, TABLE_QUEUE, row_key_queue(p->id, lane, p->row.last_no, &key), row_queue(&row, hub->mem));
		if (last)
			*last = p->row.last_no;
		state_touch(p, true);
	}
	return OK;
}

/* Numbers and leaves of a lane rise together, so a leaf is found as in a sorted list. 0: the lane has none. */
static uint64_t
find_in_lane(struct hub *hub, const struct party *p, enum lane lane, uint64_t leaf)
{
	uint64_t low = 1, high = p->row.last_no, no, found = 0;
	struct journal_walk walk;
	struct queue_row row;
	struct row_key key;
	bool more;

	while (low <= high && found == 0) {
		uint64_t mid = low + (high - low) / 2;

		more = journal_walk_from(state_view(hub), TABLE_QUEUE, row_key_queue(p->id, lane, mid, &key), &walk);
		if (!more || !row_queue_no(walk.key, p->id, lane, &no) || row_decode_queue(walk.value, &row) != OK || row.leaf > leaf)
			high = mid - 1;
		else if (row.leaf < leaf)
			low = no + 1;
		else
			found = no;
		journal_walk_end(&walk);
	}
	return found;
}

/* Of a message that is not in the journal yet: among the rows of the batches. */
static uint64_t
find_in_batch(const struct batch *b, const struct party *p, uint64_t leaf)
{
	struct queue_row row;
	uint64_t no;

	for (size_t i = 0; i < b->n_rows; i++) {
		const struct row *r = b->rows[i];

		if (r->table == TABLE_QUEUE && !r->is_del &&
		    (row_queue_no(r->key, p->id, LANE_OTHER, &no) || row_queue_no(r->key, p->id, LANE_EMERGENCY, &no)) &&
		    row_decode_queue(r->value, &row) == OK && row.leaf == leaf)
			return no;
	}
	return 0;
}

static uint64_t
find_no(struct hub *hub, const struct party *p, uint64_t leaf)
{
	uint64_t no = 0;

	if (leaf >= hub->size) {
		no = find_in_batch(hub->forming->batch, p, leaf);
		if (no == 0 && hub->committing)
			no = find_in_batch(hub->committing->batch, p, leaf);
	}
	if (no == 0)
		no = find_in_lane(hub, p, LANE_OTHER, leaf);
	return no != 0 ? no : find_in_lane(hub, p, LANE_EMERGENCY, leaf);
}

/* The row of a number as it stands now, in whichever lane. */
static bool
get_row(struct hub *hub, const struct party *p, uint64_t no, enum lane *ret_lane, struct queue_row *ret_row)
{
	struct row_key key;
	struct span value;

	for (enum lane lane = LANE_EMERGENCY; lane < N_LANES; lane++) {
		value = state_get(hub, TABLE_QUEUE, row_key_queue(p->id, lane, no, &key));
		*ret_lane = lane;
		if (value.p)
			return row_decode_queue(value, ret_row) == OK;
	}
	return false;
}

/* The rows of a thread are a chain, which an EMERGENCY follows for at most BRING_MAX links: so far it is kept whole. */
static void
unchain(struct hub *hub, const struct party *p, uint64_t *last, uint64_t no, uint64_t before)
{
	struct queue_row row;
	struct row_key key;
	enum lane lane;
	uint64_t next = *last;

	if (next == no) {
		*last = before;
		return;
	}
	for (size_t n = 0; next != 0 && n <= BRING_MAX && get_row(hub, p, next, &lane, &row); n++) {
		if (row.before == no) {
			row.before = before;
			state_put(hub, TABLE_QUEUE, row_key_queue(p->id, lane, next, &key), row_queue(&row, hub->mem));
			return;
		}
		next = row.before;
	}
}

enum err
delivery_drop(struct hub *hub, const char *recipient, uint64_t leaf, struct thread_row *thread)
{
	struct party *p = state_party(hub, recipient);
	uint64_t no, *last = last_no(thread, recipient);
	struct inflight *sent;
	struct queue_row row;
	struct row_key key;
	enum lane lane;

	if (p == NULL)
		return ERR_STORE;
	if ((no = find_no(hub, p, leaf)) == 0 || !get_row(hub, p, no, &lane, &row))
		return OK;	/* taken */
	state_del(hub, TABLE_QUEUE, row_key_queue(p->id, lane, no, &key));
	quota_sub(hub, p, row.from[0] ? state_party(hub, row.from) : NULL, row.bytes);
	if ((sent = find_inflight(p, no)) != NULL)
		sent->is_dropped = true;	/* its TAKEN may still come */
	if (last)
		unchain(hub, p, last, no, row.before);
	state_touch(p, true);
	return OK;
}

/* -- out -- */

void
delivery_restart(struct party *p)
{
	struct session *s = &p->session;

	for (size_t i = 0; i < s->n_inflight; i++) {
		if (at(p, i)->is_taken || bug(BUG_CREDIT_LEAKED))
			continue;
		s->sent.messages--;	/* what did not arrive was not counted there either */
		s->sent.bytes -= at(p, i)->bytes;
	}
	s->n_inflight = s->n_ahead = 0;
	s->inflight_bytes = 0;
	s->cursor[LANE_EMERGENCY] = s->cursor[LANE_OTHER] = 0;
	state_touch(p, false);
}

/* Nothing is taken, or one is passed over by what was sent after it: a peer takes in the order of the frames, so that one was lost. */
bool
delivery_is_stalled(const struct party *p, int64_t now_ms)
{
	const struct session *s = &p->session;
	int64_t since = now_ms - (s->n_ahead > 0 ? s->passed_ms : s->moved_ms);

	return s->state == SESSION_UP && s->n_inflight > 0 && (since > STALL_MS || since < -STALL_MS);
}

void
delivery_on_taken(struct hub *hub, struct party *p, const struct taken *taken)
{
	struct session *s = &p->session;
	struct row_key key;

	for (size_t i = 0; i < taken->n; i++) {
		struct inflight *f = find_inflight(p, taken->queue_nos[i]);

		if (f == NULL)
			continue;
		f->is_taken = true;
		if (s->n_ahead++ == 0)
			s->passed_ms = hub->now_ms;
		s->inflight_bytes -= f->bytes;
		if (!f->is_dropped) {
			state_del(hub, TABLE_QUEUE, row_key_queue(p->id, f->lane, f->no, &key));
			quota_sub(hub, p, f->from, f->bytes);
		}
		p->row.delivered++;
		state_touch(p, true);
		/* at once: what is taken in order, as it mostly is, is then found first */
		while (s->n_inflight > 0 && at(p, 0)->is_taken) {
			s->inflight_begin = (s->inflight_begin + 1) % INFLIGHT_MAX;
			s->n_inflight--;
			s->n_ahead--;
		}
	}
	s->moved_ms = hub->now_ms;
}

void
delivery_on_credit(struct party *p, const struct credit *credit)
{
	struct credit *granted = &p->session.granted;

	if (credit->messages > granted->messages)	/* cumulative: it never sinks */
		granted->messages = credit->messages;
	if (credit->bytes > granted->bytes)
		granted->bytes = credit->bytes;
	state_touch(p, false);
}

/* Within the peer's credit and our own bound on what is under way; one message always fits into an empty pipe. */
static bool
may_send(const struct party *p, enum lane lane, uint32_t bytes)
{
	const struct session *s = &p->session;
	uint64_t keep_messages = lane == LANE_EMERGENCY ? 0 : s->reserve.messages;
	uint64_t keep_bytes = lane == LANE_EMERGENCY ? 0 : s->reserve.bytes;

	if (s->n_inflight >= INFLIGHT_MAX || (s->inflight_bytes > 0 && s->inflight_bytes + bytes > INFLIGHT_BYTES))
		return false;
	if (s->sent.messages + keep_messages >= s->granted.messages)
		return false;
	if (s->sent.bytes + bytes + keep_bytes <= s->granted.bytes)
		return true;
	return s->inflight_bytes == 0 && s->sent.bytes < s->granted.bytes;
}

/* The rows of one frame, to be undone if it cannot be sent. */
struct load {
	struct deliver_item *items;
	size_t n, bytes;
	struct session before;
};

static enum err
add_item(struct hub *hub, struct load *load, uint64_t no, const struct queue_row *row)
{
	struct deliver_item *item = &load->items[load->n];
	struct journal_entry entry;
	enum err e;

	if ((e = answer_entry(hub, row->leaf, &entry)) != OK)
		return e;
	if (!entry.has_detail || entry.envelope.p == NULL)
		return ERR_CORRUPT;
	item->queue_no = no;
	item->envelope = entry.envelope;
	item->leaf = arena_span(hub->mem, SPAN(entry.leaf, LEAF_LEN));
	item->salt = arena_span(hub->mem, SPAN(entry.salt, LEAF_SALT_LEN));
	item->detail = entry.detail;
	item->path = arena_array(hub->mem, MERKLE_PATH_MAX, sizeof(*item->path));
	if (item->path == NULL || item->salt.p == NULL)
		return ERR_TOOBIG;
	if (!merkle_inclusion(row->leaf, hub->size, state_node, hub, item->path, &item->n_path))
		return ERR_CORRUPT;
	load->n++;
	load->bytes += entry.envelope.n;
	return OK;
}

static void
note_sent(struct hub *hub, struct party *p, enum lane lane, uint64_t no, const struct queue_row *row)
{
	struct session *s = &p->session;
	uint32_t bytes = row->bytes;

	if (s->n_inflight == 0)
		s->moved_ms = hub->now_ms;
	if (no > s->top_no)
		s->top_no = no;
	*at(p, s->n_inflight++) = (struct inflight){
		.no = no, .lane = lane, .bytes = bytes, .from = row->from[0] ? state_party(hub, row->from) : NULL,
	};
	s->inflight_bytes += bytes;
	s->sent.messages++;
	s->sent.bytes += bytes;
}

/* Rows of one lane from its cursor on, as many as frame and credit hold. False: the lane holds more than it may send. */
static bool
load_lane(struct hub *hub, struct party *p, enum lane lane, struct load *load)
{
	struct journal_walk walk;
	struct queue_row row;
	struct row_key key;
	bool is_drained = true, more;
	uint64_t no;

	more = journal_walk_from(state_view(hub), TABLE_QUEUE,
				 row_key_queue(p->id, lane, p->session.cursor[lane] + 1, &key), &walk);
	for (; more && row_queue_no(walk.key, p->id, lane, &no); more = journal_walk_next(&walk)) {
		if (row_decode_queue(walk.value, &row) != OK || row.leaf >= hub->size)
			break;	/* the view may know more than what has been answered */
		if ((no > p->session.top_no || find_inflight(p, no) == NULL) &&
		    !state_is_deleted(hub, TABLE_QUEUE, walk.key)) {
			if (load->n == FRAME_MESSAGES || (load->n > 0 && load->bytes + row.bytes > FRAME_BYTES) ||
			    !may_send(p, lane, row.bytes)) {
				is_drained = false;
				break;
			}
			if (add_item(hub, load, no, &row) != OK) {
				is_drained = false;
				break;
			}
			note_sent(hub, p, lane, no, &row);
		}
		p->session.cursor[lane] = no;
	}
	journal_walk_end(&walk);
	return is_drained;
}

bool
delivery_pump(struct hub *hub, struct party *p)
{
	struct frame f = { .kind = FRAME_DELIVER, .epoch = p->session.epoch };
	struct load load = { .before = p->session };
	bool is_drained;
	enum err e;

	/* a socket that was full is tried again when its peer moves, or at the tick: not for each commit of others */
	if (p->session.state != SESSION_UP || p->row.queued == 0 || p->session.is_blocked)
		return false;
	if ((load.items = arena_array(hub->mem, FRAME_MESSAGES, sizeof(*load.items))) == NULL)
		return false;
	is_drained = load_lane(hub, p, LANE_EMERGENCY, &load) && load_lane(hub, p, LANE_OTHER, &load);
	if (load.n == 0)
		return false;
	f.deliver = (struct deliver){ .items = load.items, .n = load.n };
	e = answer_growth(hub, p, &f.deliver.growth) ? state_send(hub, p, &f) : ERR_TOOBIG;
	if (e == OK || bug(BUG_DROP_AT_HIGH_WATER)) {
		answer_shown(hub, p);
		state_log(hub, LOG_DELIVER, "to=%s n=%zu", p->id, load.n);
	} else if (e != ERR_PEER_DOWN) {
		p->session = load.before;	/* nothing of it went out */
		p->session.is_blocked = true;
	}
	return e == OK && !is_drained;
}
