/* SPDX-License-Identifier: EUPL-1.2 */
/* state - parties, the overlay of rows, new leaves, and the cache of the tree's nodes. */
#include "hub/state.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/bug.h"

void
state_begin(struct hub *hub, int64_t now_ms)
{
	assert(hub->view == NULL);
	hub->now_ms = now_ms;
	arena_reset(hub->mem);
}

void
state_end(struct hub *hub)
{
	if (hub->view && journal_view_end(hub->view) != OK)
		state_log(hub, LOG_FATAL, "code=%s what=read why=store", err_code(ERR_STORE));
	hub->view = NULL;
}

void
state_log(struct hub *hub, enum log_event event, const char *fmt, ...)
{
	char line[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	hub->doer.log(hub->doer.arg, event, line);
}

/* -- parties -- */

static struct party *
load_party(struct hub *hub, const char *agency)
{
	struct party *p = calloc(1, sizeof(*p));
	struct row_key key;
	struct span value;

	if (p == NULL)
		return NULL;
	p->hub = hub;
	(void)snprintf(p->id, sizeof(p->id), "%s", agency);
	value = journal_get(state_view(hub), TABLE_AGENCIES, row_key_agency(p->id, &key));
	if (value.p && row_decode_agency(value, &p->row) != OK) {
		free(p);
		return NULL;
	}
	return p;
}

struct party *
state_party(struct hub *hub, const char *agency)
{
	size_t low = 0, high = hub->n_parties, cap;
	struct party *p, **grown;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int cmp = strcmp(hub->parties[mid]->id, agency);

		if (cmp == 0)
			return hub->parties[mid];
		if (cmp < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (hub->n_parties == hub->cap_parties) {
		cap = hub->cap_parties ? 2 * hub->cap_parties : 16;
		if ((grown = realloc(hub->parties, cap * sizeof(*grown))) == NULL)
			return NULL;
		hub->parties = grown;
		hub->cap_parties = cap;
	}
	if ((p = load_party(hub, agency)) == NULL)
		return NULL;
	memmove(&hub->parties[low + 1], &hub->parties[low], (hub->n_parties - low) * sizeof(p));
	hub->parties[low] = p;
	hub->n_parties++;
	return p;
}

void
state_dirty(struct party *p)
{
	if (p->is_dirty)
		return;
	p->is_dirty = true;
	p->next_dirty = p->hub->dirty;
	p->hub->dirty = p;
}

void
state_touch(struct party *p, bool is_dirty)
{
	if (is_dirty)
		state_dirty(p);
	if (p->is_touched)
		return;
	p->is_touched = true;
	p->next_touched = NULL;
	*p->hub->touched_end = p;
	p->hub->touched_end = &p->next_touched;
}

void
state_write_parties(struct hub *hub)
{
	struct row_key key;

	for (struct party *p = hub->dirty; p; p = p->next_dirty) {
		p->is_dirty = false;
		if (bug(BUG_NUMBERS_REUSED))
			continue;
		state_put(hub, TABLE_AGENCIES, row_key_agency(p->id, &key), row_agency(&p->row, hub->mem));
	}
	hub->dirty = NULL;
}

/* -- rows -- */

struct journal_view *
state_view(struct hub *hub)
{
	if (hub->view == NULL)
		hub->view = journal_view(hub->journal);
	return hub->view;
}

/* What the batches that are not done say of a key; NULL: nothing. */
static const struct row *
find_row(const struct hub *hub, enum batch_table table, struct span key)
{
	const struct row *row = batch_find(hub->forming->batch, table, key);

	return row == NULL && hub->committing ? batch_find(hub->committing->batch, table, key) : row;
}

struct span
state_get(struct hub *hub, enum batch_table table, struct span key)
{
	const struct row *row = find_row(hub, table, key);

	hub->leans |= row != NULL;
	return row ? row->value : journal_get(state_view(hub), table, key);
}

bool
state_is_deleted(const struct hub *hub, enum batch_table table, struct span key)
{
	const struct row *row = find_row(hub, table, key);

	return row && row->is_del;
}

void
state_put(struct hub *hub, enum batch_table table, struct span key, struct span value)
{
	if (value.p)	/* absent: the event's arena is full, which who filled it tells */
		batch_put(hub->forming->batch, table, key, value);
}

void
state_del(struct hub *hub, enum batch_table table, struct span key)
{
	batch_del(hub->forming->batch, table, key);
}

/* A complete subtree never changes, so what was read once is right for ever. */
bool
state_node(void *arg, unsigned level, uint64_t index, struct hash *ret_hash)
{
	struct hub *hub = arg;
	struct node *n = &hub->nodes[(index * 31 + level * 977u) & (NODE_CACHE - 1)];

	if (!n->is_set || n->index != index || n->level != level) {
		if (!journal_node(state_view(hub), level, index, &n->hash)) {
			n->is_set = false;
			return false;
		}
		n->index = index;
		n->level = (uint8_t)level;
		n->is_set = true;
	}
	*ret_hash = n->hash;
	return true;
}

/* -- what the forming batch holds besides rows -- */

bool
state_has_room(const struct hub *hub)
{
	return arena_left(hub->mem) >= EVENT_ROOM && arena_left(hub->forming->batch->mem) >= BATCH_ROOM;
}

/* The bytes between the head and the body: the body's tag and its length. Envelopes are in canonical form, body last. */
static size_t
seam_len(size_t body_n)
{
	size_t n = 2;

	if (body_n == 0)
		return 0;
	while ((body_n >>= 7) > 0)
		n++;
	return n;
}

enum err
state_append(struct hub *hub, const struct log_item *item, uint64_t *ret_leaf)
{
	struct batch *b = hub->forming->batch;
	struct entry *entry = batch_entry(b, ret_leaf);
	uint64_t seconds = (uint64_t)(hub->now_ms / CLOCK_SECOND);
	size_t seam = seam_len(item->body_n), tail = seam + item->body_n;
	struct span bytes;
	enum err e;

	if (entry == NULL)
		return ERR_NOMEM;
	assert(tail <= item->envelope.n);
	hub->seconds = seconds > hub->seconds ? seconds : hub->seconds;
	entry->type = item->type;
	entry->retention = item->retention;
	entry->seconds = hub->seconds;
	entry->aux = item->aux;
	hub->doer.random(hub->doer.arg, entry->salt, sizeof(entry->salt));
	if ((e = detail_encode(item->detail, b->mem, &entry->detail)) != OK)
		return e;
	if (item->envelope.n == 0)
		return OK;
	bytes = arena_span(b->mem, item->envelope);
	if (bytes.p == NULL)
		return ERR_NOMEM;
	entry->head = SPAN(bytes.p, bytes.n - tail);
	entry->seam = SPAN(bytes.p + bytes.n - tail, seam);
	entry->body = SPAN(bytes.p + bytes.n - item->body_n, item->body_n);
	b->bytes += bytes.n;
	return OK;
}

/* Room for one more in a list of the round, in its arena. */
static void *
more(struct round *r, void *list, size_t n, size_t *cap, size_t each)
{
	size_t old = *cap;

	if (n < old)
		return list;
	*cap = old ? 2 * old : 32;
	return arena_grow(r->batch->mem, list, old * each, *cap * each);
}

enum err
state_answer(struct hub *hub, const struct answer *a)
{
	struct round *r = hub->forming;

	r->answers = more(r, r->answers, r->n_answers, &r->cap_answers, sizeof(*a));
	if (r->answers == NULL)
		return ERR_NOMEM;
	r->answers[r->n_answers++] = *a;
	return OK;
}

enum err
state_rewind(struct hub *hub, struct party *p, uint64_t no)
{
	struct round *r = hub->forming;

	r->rewinds = more(r, r->rewinds, r->n_rewinds, &r->cap_rewinds, sizeof(*r->rewinds));
	if (r->rewinds == NULL)
		return ERR_NOMEM;
	r->rewinds[r->n_rewinds++] = (struct rewind){ p, no };
	return OK;
}

enum err
state_send(struct hub *hub, struct party *p, const struct frame *f)
{
	struct span bytes;
	enum err e;

	if (p->session.state != SESSION_UP)
		return ERR_PEER_DOWN;
	if ((e = frame_encode(f, hub->mem, &bytes)) != OK) {
		state_log(hub, LOG_FATAL, "code=%s what=frame why=encode", err_code(e));
		return e;
	}
	e = hub->doer.send(hub->doer.arg, p->session.conn, bytes);
	if (e == ERR_PEER_DOWN) {
		state_log(hub, LOG_PEER_DOWN, "agency=%s", p->id);
		memset(&p->session, 0, sizeof(p->session));
	}
	return e;
}
