/* SPDX-License-Identifier: EUPL-1.2 */
/* promise - rows by thread and number; papers closed under the local key, each bound to its place. */
#include "adapters/core/promise.h"

#include <stdio.h>

#include "adapters/core/compose.h"
#include "adapters/core/storage.h"
#include "proto/base/clock.h"

#define PROMISE_VERSION 1
#define PLACE_MAX (THREAD_LEN + 1 + NUMBER_LEN + AGENCY_ID_MAX)

const struct promise_view promise_all = { UINT64_MAX, UINT64_MAX };

static struct span
row_key(const struct thread_id *thread, const char *id, uint8_t key[PLACE_MAX])
{
	size_t n = strnlen(id, NUMBER_LEN - 1);

	memcpy(key, thread->b, THREAD_LEN);
	memcpy(key + THREAD_LEN, id, n);
	return SPAN(key, THREAD_LEN + n);
}

static bool
row_decode(struct span bytes, struct promise_row *r)
{
	struct cursor c;

	cursor_init(&c, bytes);
	if (cursor_u8(&c) != PROMISE_VERSION)
		return false;
	storage_text(&c, r->id, sizeof(r->id));
	storage_text(&c, r->owner, sizeof(r->owner));
	cursor_copy(&c, r->message.b, MSGID_LEN);
	r->due_ms = (int64_t)cursor_u64(&c);
	r->since_ms = (int64_t)cursor_u64(&c);
	storage_text(&c, r->asked_due, sizeof(r->asked_due));
	r->said.n = cursor_u8(&c);
	if (r->said.n > PROMISE_EVENTS_MAX)
		return false;
	for (size_t i = 0; i < r->said.n; i++) {
		struct promise_event *e = &r->said.events[i];

		e->is_owners = cursor_u8(&c) != 0;
		e->seq = cursor_u64(&c);
		e->version = cursor_u32(&c);
		e->to = (enum promise_state)cursor_u8(&c);
	}
	return cursor_end(&c) == OK;
}

bool
promise_find(struct txn *txn, const struct thread_id *thread, const char *id, struct promise_row *ret_row)
{
	uint8_t key[PLACE_MAX];
	struct span row = txn_get(txn, TABLE_PROMISE, row_key(thread, id, key));

	memset(ret_row, 0, sizeof(*ret_row));
	return row.p != NULL && row_decode(row, ret_row);
}

bool
promise_next(struct txn *txn, const struct thread_id *thread, struct promise_row *row)
{
	uint8_t key[PLACE_MAX];
	struct span from = row_key(thread, row->id, key);
	struct walk w;
	bool found = walk_from(txn, TABLE_PROMISE, from, &w);

	if (found && row->id[0] != '\0' && span_eq(w.key, from))
		found = walk_next(&w);
	found = found && w.key.n > THREAD_LEN && memcmp(w.key.p, thread->b, THREAD_LEN) == 0;
	memset(row, 0, sizeof(*row));
	found = found && row_decode(w.value, row);
	walk_end(&w);
	return found;
}

void
promise_put(struct txn *txn, struct arena *mem, const struct thread_id *thread, const struct promise_row *row)
{
	uint8_t key[PLACE_MAX];
	struct buf b;

	buf_init(&b, mem);
	buf_u8(&b, PROMISE_VERSION);
	buf_var(&b, span_str(row->id));
	buf_var(&b, span_str(row->owner));
	buf_add(&b, row->message.b, MSGID_LEN);
	buf_u64(&b, (uint64_t)row->due_ms);
	buf_u64(&b, (uint64_t)row->since_ms);
	buf_var(&b, span_str(row->asked_due));
	buf_u8(&b, (uint8_t)row->said.n);
	for (size_t i = 0; i < row->said.n; i++) {
		const struct promise_event *e = &row->said.events[i];

		buf_u8(&b, e->is_owners);
		buf_u64(&b, e->seq);
		buf_u32(&b, e->version);
		buf_u8(&b, (uint8_t)e->to);
	}
	txn_put(txn, TABLE_PROMISE, row_key(thread, row->id, key), buf_bytes(&b));
}

size_t
promise_count(struct txn *txn, const struct thread_id *thread)
{
	struct promise_row row = { .id = "" };
	size_t n = 0;

	while (promise_next(txn, thread, &row))
		n++;
	return n;
}

bool
promise_are_ended(struct txn *txn, const struct thread_id *thread, uint64_t coordinator,
		  uint64_t (*seen)(const void *arg, const char *owner), const void *arg)
{
	struct promise_row row = { .id = "" };

	while (promise_next(txn, thread, &row)) {
		const struct promise_view view = { coordinator, seen(arg, row.owner) };

		if (council_promise_is_open(council_promise_state(&row.said, &view)))
			return false;
	}
	return true;
}

int64_t
promise_due(const char *date)
{
	struct civil c;

	if (date == NULL || clock_parse_date(date, &c) != OK)
		return 0;
	c.hour = 23;
	c.minute = c.second = 59;
	return clock_from_sofia(&c);
}

/* -- papers -- */

const char *
promise_version_name(struct arena *mem, const char *id, uint32_t version)
{
	return arena_fmt(mem, "%s/%u", id, (unsigned)version);
}

static struct span
paper_key(const struct thread_id *thread, enum paper_kind what, const char *name, uint8_t key[PLACE_MAX])
{
	size_t n = strnlen(name, NUMBER_LEN + AGENCY_ID_MAX - 1);

	memcpy(key, thread->b, THREAD_LEN);
	key[THREAD_LEN] = (uint8_t)what;
	memcpy(key + THREAD_LEN + 1, name, n);
	return SPAN(key, THREAD_LEN + 1 + n);
}

enum err
promise_keep_paper(struct adapter *a, struct txn *txn, const struct thread_id *thread, enum paper_kind what, const char *name,
		   const struct record *record)
{
	uint8_t key[PLACE_MAX];
	struct span place = paper_key(thread, what, name, key), plain, closed;
	enum err e;

	if ((e = record_encode(record, a->mem, &plain, NULL)) != OK || (e = compose_close(a, "paper", place, plain, &closed)) != OK)
		return e;
	txn_put(txn, TABLE_PAPER, place, closed);
	return OK;
}

enum err
promise_paper(struct adapter *a, struct txn *txn, const struct thread_id *thread, enum paper_kind what, const char *name,
	      struct arena *mem, struct record **ret_record)
{
	uint8_t key[PLACE_MAX];
	struct span place = paper_key(thread, what, name, key), closed = txn_get(txn, TABLE_PAPER, place);

	*ret_record = NULL;
	return closed.p == NULL ? OK : compose_open(a, "paper", place, arena_span(mem, closed), mem, ret_record);
}

/* The next paper of the conference after the one at `place`, its own place and row; false: there is none. */
static bool
next_paper(struct txn *txn, const struct thread_id *thread, struct arena *mem, struct span *place, struct span *ret_closed)
{
	struct walk w;
	bool found = walk_from(txn, TABLE_PAPER, *place, &w);

	if (found && span_eq(w.key, *place))
		found = walk_next(&w);
	found = found && w.key.n > THREAD_LEN && memcmp(w.key.p, thread->b, THREAD_LEN) == 0;
	if (found) {
		*place = arena_span(mem, w.key);
		*ret_closed = arena_span(mem, w.value);
	}
	walk_end(&w);
	return found;
}

enum err
promise_change_papers(struct adapter *a, struct txn *txn, const struct thread_id *thread, void (*change)(struct record *paper))
{
	struct span place = SPAN(thread->b, THREAD_LEN), plain, closed;
	struct record *paper;
	enum err e;

	while (next_paper(txn, thread, a->mem, &place, &closed)) {
		if (place.p == NULL || closed.p == NULL)
			return ERR_TOOBIG;
		if ((e = compose_open(a, "paper", place, closed, a->mem, &paper)) != OK)
			return e;
		change(paper);
		if ((e = record_encode(paper, a->mem, &plain, NULL)) != OK || (e = compose_close(a, "paper", place, plain, &closed)) != OK)
			return e;
		txn_put(txn, TABLE_PAPER, place, closed);
	}
	return txn_error(txn);
}
