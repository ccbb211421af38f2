/* SPDX-License-Identifier: EUPL-1.2 */
/* rebuild - one row of META says where it stands; what is missing stands in rows of its own (hollow.h, TABLE_AWAITED, TABLE_USED), so that a
 * death on the way costs nothing.
 */
#include "adapters/core/rebuild.h"

#include <stdio.h>

#include "adapters/core/compose.h"
#include "adapters/core/reseal.h"
#include "adapters/core/storage.h"
#include "adapters/core/thread_state.h"
#include "proto/base/clock.h"

#define KEY_REBUILD SPAN_LIT("rebuild")
#define REBUILD_VERSION 1
#define PASS_MAX 64			/* asked for in one transaction */
#define PASS_MS CLOCK_SECOND
#define LATE_MS CLOCK_MINUTE		/* what is on its way to us has come by then */
#define ANSWER_MS (10 * CLOCK_MINUTE)	/* then another party of the thread is asked as well */

/* -- where it stands -- */

void
rebuild_get(struct txn *txn, struct rebuilt *ret_r)
{
	struct cursor c;

	memset(ret_r, 0, sizeof(*ret_r));
	cursor_init(&c, txn_get(txn, TABLE_META, KEY_REBUILD));
	if (cursor_u8(&c) != REBUILD_VERSION)
		return;
	ret_r->state = (enum rebuild_state)cursor_u8(&c);
	ret_r->begun_ms = (int64_t)cursor_u64(&c);
	ret_r->done_ms = (int64_t)cursor_u64(&c);
	ret_r->threads = cursor_u64(&c);
	ret_r->messages = cursor_u64(&c);
	ret_r->own = cursor_u64(&c);
	ret_r->lost = cursor_u64(&c);
	if (cursor_end(&c) != OK)
		memset(ret_r, 0, sizeof(*ret_r));
}

void
rebuild_put(struct txn *txn, const struct rebuilt *r)
{
	const uint64_t numbers[] = { (uint64_t)r->begun_ms, (uint64_t)r->done_ms, r->threads, r->messages, r->own, r->lost };
	uint8_t row[2 + sizeof(numbers)] = { REBUILD_VERSION, (uint8_t)r->state };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct key8 k = storage_key(numbers[i]);

		memcpy(row + 2 + 8 * i, k.b, 8);
	}
	txn_put(txn, TABLE_META, KEY_REBUILD, SPAN(row, sizeof(row)));
}

void
rebuild_view(struct txn *txn, struct rebuilt *ret_r)
{
	rebuild_get(txn, ret_r);
	if (ret_r->state == REBUILD_NONE)
		return;
	hollow_count(txn, &ret_r->threads_missing, &ret_r->messages_missing);
	ret_r->messages_missing += txn_count(txn, TABLE_AWAITED);
}

enum err
rebuild_begin(struct adapter *a)
{
	struct txn *txn = store_write(a->p.store);

	if (a->pin_size == 0 && txn_get(txn, TABLE_META, KEY_REBUILD).p == NULL)
		rebuild_put(txn, &(struct rebuilt){ .state = REBUILD_ASKING });
	return txn_commit(txn);
}

void
rebuild_settle(struct store *store)
{
	struct txn *txn = store_write(store);

	rebuild_put(txn, &(struct rebuilt){ .state = REBUILD_NONE });
	(void)!txn_commit(txn);
}

/* -- what others decide by -- */

static void
tell_lost(struct adapter *a, const struct hollow *h, enum err code)
{
	char thread[2 * THREAD_LEN + 1];

	bytes_hex(h->id.b, THREAD_LEN, thread);
	core_tell(a, LOG_REBUILD_LOST, "thread=%s what=thread code=%s", thread, err_code(code));
}

bool
rebuild_holds(struct txn *txn, const struct header *h, const struct record *record)
{
	struct hollow hollow;
	struct rebuilt r;

	if (hollow_find(txn, &h->thread, &hollow))
		return true;
	rebuild_get(txn, &r);
	return r.state == REBUILD_ASKING && record->referral == NULL;
}

bool
rebuild_has_gap(struct txn *txn, const struct thread_id *thread, const char *from, uint64_t last, uint64_t seq)
{
	struct rebuilt r;

	rebuild_get(txn, &r);
	return r.state == REBUILD_ASKING || (r.state == REBUILD_RUNNING && hollow_has_late(txn, thread, from, last, seq));
}

enum err
rebuild_cannot_seal(struct adapter *a, struct txn *txn, struct outbound *o)
{
	char id[MSGID_TEXT_LEN];
	enum err e;

	if (o->withdrawn_ms != 0)
		return OK;
	msgid_format(&o->first, id);
	core_tell(a, LOG_REBUILD_LOST, "id=%s what=message", id);
	if ((e = compose_withdrawal(a, txn, o, NULL)) != OK)
		return err_is_fatal(e) ? e : OK;
	o->withdrawn_ms = core_now(a);
	outbox_put(txn, a->mem, o);
	return txn_error(txn);
}

enum err
rebuild_unknown(struct txn *txn, enum err e, struct why *why)
{
	struct rebuilt r;

	rebuild_view(txn, &r);
	if (r.state == REBUILD_NONE || (r.state == REBUILD_RUNNING && r.threads_missing + r.messages_missing == 0))
		return e;
	return why_set(why, ERR_BUSY, why ? why->where : NULL, "not known yet: the store is new, and is being rebuilt");
}

/* -- what is due -- */

/* What the hub had not heard to be delivered has come by now, or its delivery was lost with the disk. */
static enum err
chase(struct adapter *a, struct txn *txn, const struct late *late)
{
	const struct receipt_of asked = {
		.in_reply_to = late->id, .received = late->hash, .thread = late->thread, .priority = late->priority,
	};
	struct hash had;
	uint64_t cursor;

	hollow_drop_late(txn, late);
	return inbox_seen(txn, late->from, &late->id, &cursor, &had) ? OK : reseal_request(a, txn, late->from, &asked, late->seq);
}

static enum err
give_up(struct adapter *a, struct txn *txn, const struct hollow *h, enum err code)
{
	tell_lost(a, h, code);
	return rebuild_end(a, txn, h, true);
}

/* Is another party to be asked now? */
static bool
is_asking(const struct adapter *a, const struct hollow *h)
{
	int64_t since = core_now(a) - h->asked_ms;

	return hollow_next(h) >= 0 && ((h->asked & ~h->without) == 0 || since >= ANSWER_MS || since < 0);
}

static enum err
ask_state(struct adapter *a, struct txn *txn, struct hollow *h)
{
	struct why why = { .where = "" };
	struct outbound o;
	struct thread t;
	enum err e;

	if ((e = thread_state_ask(a, txn, h, &o, &why)) == OK) {
		h->asked |= 1u << hollow_next(h);
		h->asked_ms = core_now(a);
		h->asked_seq = h->asked_seq ? h->asked_seq : o.thread_seq;
		h->my_seq = o.thread_seq;
		if (casebook_find(txn, &h->id, &t)) {
			t.my_seq = o.thread_seq;
			casebook_put(txn, a->mem, &t);
		}
		hollow_put(txn, a->mem, h);
		return txn_error(txn);
	}
	if (err_is_fatal(e) || err_verdict(e) != VERDICT_REJECT)
		return err_is_fatal(e) ? e : OK;	/* its keys have not come yet */
	return give_up(a, txn, h, e);
}

/* One pass over what is missing; nothing missing any more is the end. */
static enum err
pass(struct adapter *a, struct txn *txn, struct rebuilt *r)
{
	bool is_late = core_now(a) - r->begun_ms >= LATE_MS && core_now(a) - a->up_ms >= LATE_MS;
	struct hollow h;
	struct late late;
	struct walk w;
	enum err e = OK;
	int n = 0;

	for (bool more = walk_from(txn, TABLE_HOLLOW, SPAN_NONE, &w); more && n < PASS_MAX && e == OK; more = walk_next(&w)) {
		if (hollow_read(w.key, w.value, &h)) {
			if (!is_asking(a, &h) && !hollow_is_lost(&h))
				continue;
			arena_reset(a->mem);
			e = hollow_is_lost(&h) ? give_up(a, txn, &h, ERR_INCONSISTENT) : ask_state(a, txn, &h);
			n++;
		} else if (is_late && hollow_read_late(w.key, w.value, &late)) {
			arena_reset(a->mem);
			e = chase(a, txn, &late);
			n++;
		}
	}
	walk_end(&w);
	return e;
}

static void
end_if_whole(struct adapter *a, struct txn *txn)
{
	struct rebuilt r;

	rebuild_view(txn, &r);
	if (r.state != REBUILD_RUNNING || r.threads_missing + r.messages_missing > 0)
		return;
	r.state = REBUILD_NONE;
	r.done_ms = core_now(a);
	rebuild_put(txn, &r);
	core_tell(a, LOG_REBUILT, "threads=%llu messages=%llu own=%llu lost=%llu", (unsigned long long)r.threads,
		  (unsigned long long)r.messages, (unsigned long long)r.own, (unsigned long long)r.lost);
}

enum err
rebuild_tick(struct adapter *a)
{
	struct txn *txn = store_read(a->p.store);
	struct rebuilt r;
	enum err e;

	rebuild_get(txn, &r);
	txn_abort(txn);
	if (r.state != REBUILD_RUNNING || a->link != LINK_UP ||
	    (core_now(a) >= a->rebuild_ms && core_now(a) - a->rebuild_ms < PASS_MS))
		return OK;
	a->rebuild_ms = core_now(a);
	txn = store_write(a->p.store);
	if ((e = pass(a, txn, &r)) == OK)
		end_if_whole(a, txn);
	arena_reset(a->mem);
	if (e == OK)
		return txn_commit(txn);
	txn_abort(txn);
	return e;
}

/* -- back, or lost -- */

enum err
rebuild_end(struct adapter *a, struct txn *txn, const struct hollow *h, bool is_lost)
{
	struct rebuilt r;

	hollow_del(txn, &h->id);
	if (is_lost) {
		rebuild_get(txn, &r);
		r.lost++;
		rebuild_put(txn, &r);
	}
	return hollow_tell(a, txn, h, !is_lost);
}

void
rebuild_disbelieve(struct adapter *a, struct txn *txn, struct hollow *h, const char *from)
{
	h->without |= 1u << hollow_party(h, from);
	hollow_put(txn, a->mem, h);
}

enum err
rebuild_refused(struct adapter *a, struct txn *txn, const struct outbound *o)
{
	struct hollow h;
	int place;

	if (!hollow_find(txn, &o->thread, &h))
		return OK;
	for (size_t i = 0; i < o->n_to; i++)
		if (o->to[i].stage == STAGE_REFUSED && (place = hollow_party(&h, o->to[i].agency)) >= 0)
			h.without |= 1u << place;
	if (!hollow_is_lost(&h)) {
		hollow_put(txn, a->mem, &h);
		return txn_error(txn);
	}
	return give_up(a, txn, &h, o->refused);
}
