/* SPDX-License-Identifier: EUPL-1.2 */
/* halt - the queue of a thread is judged in order; from the first message that may not go the rest goes back with it (recall.h), since it cannot follow.
 * Changes of consent, and answers to them, are what must not be lost: they are sealed again, each in the next free place.
 */
#include "adapters/core/halt.h"

#include "adapters/core/compose.h"
#include "adapters/core/filebook.h"
#include "adapters/core/recall.h"
#include "adapters/core/progress.h"
#include "adapters/core/scope.h"
#include "adapters/core/storage.h"

#define RECORD_ROOM ((size_t)8 * 1024 * 1024)	/* of one queued record, opened */

/* The queue of one thread: the first that is stopped, and what is kept of those behind it. */
struct queue {
	struct outbound first;		/* its thread_seq 0: nothing is stopped */
	uint64_t *kept;
	size_t n_kept, n;
};

/* The next message of ours in the thread that is pending. */
static enum err
next_queued(struct txn *txn, const struct thread *t, struct pending_at *at, struct outbound *ret_o, bool *ret_more)
{
	uint64_t seq;

	*ret_more = false;
	while (outbox_next_pending(txn, at, &seq)) {
		if (!outbox_get(txn, seq, ret_o))
			return ERR_CORRUPT;
		if (ret_o->class == CLASS_DATA && memcmp(ret_o->thread.b, t->id.b, THREAD_LEN) == 0) {
			*ret_more = true;
			return OK;
		}
	}
	return OK;
}

/* Opened in memory of its own: a queue may hold a file of 25 MiB. */
static enum err
judge(struct adapter *a, struct txn *txn, const struct outbound *o, const struct scope_after *after, struct arena *mem, bool *ret_may_stay,
      bool *ret_is_kept)
{
	struct key8 key = storage_key(o->seq);
	struct record *record;
	enum err e;

	*ret_may_stay = *ret_is_kept = o->is_own;	/* adapters ask each other for what they have lost: no word of it is the family's */
	if (o->is_own)
		return OK;
	arena_reset(mem);
	e = compose_open(a, "outrecord", SPAN(o->first.b, MSGID_LEN), txn_get(txn, TABLE_OUTRECORD, SPAN(key.b, 8)), mem, &record);
	if (e != OK)
		return e;
	*ret_is_kept = record->consent_change || record->consent_answer;
	*ret_may_stay = scope_may_stay(after, record);
	return OK;
}

static enum err
look_through(struct adapter *a, struct txn *txn, const struct thread *t, const struct scope_after *after, struct arena *mem, struct queue *q)
{
	struct pending_at at = { 0 };
	bool more, may_stay, is_kept;
	struct outbound o;
	enum err e;

	while ((e = next_queued(txn, t, &at, &o, &more)) == OK && more) {
		if (!outbox_waits(txn, &o)) {
			*q = (struct queue){ .kept = q->kept };		/* what is under way before it cannot be stopped */
			continue;
		}
		if ((e = judge(a, txn, &o, after, mem, &may_stay, &is_kept)) != OK)
			return e;
		if (q->first.thread_seq == 0 && may_stay)
			continue;
		if (q->first.thread_seq == 0)
			q->first = o;
		q->n += !is_kept;
		if (is_kept) {
			q->kept = arena_grow(a->mem, q->kept, q->n_kept * sizeof(*q->kept), (q->n_kept + 1) * sizeof(*q->kept));
			if (q->kept == NULL)
				return ERR_TOOBIG;
			q->kept[q->n_kept++] = o.seq;
		}
	}
	return e;
}

/* Out of the way of what goes back, and sealed again behind what has not. */
static enum err
go_on(struct adapter *a, struct txn *txn, struct thread *t, const struct queue *q)
{
	struct outbound o;
	enum err e;

	for (size_t i = 0; i < q->n_kept; i++) {
		if (!outbox_get(txn, q->kept[i], &o))
			return ERR_CORRUPT;
		o.thread_seq = t->my_seq + 1;
		if ((e = compose_again(a, txn, &o, NULL)) != OK)
			return e;
		outbox_wait(txn, &o);
		t->my_seq++;
	}
	casebook_put(txn, a->mem, t);
	return txn_error(txn);
}

/* Nobody ever heard of the thread, so nobody is told: our system sees that its word has ended. */
static enum err
end_at_once(struct adapter *a, struct txn *txn, struct outbound *o)
{
	outbox_settle(txn, o);
	return progress_note(a, txn, o, a->p.config->agency, STAGE_WITHDRAWN, NULL, core_now(a));
}

static enum err
end_kept(struct adapter *a, struct txn *txn, const struct queue *q)
{
	struct outbound o;
	enum err e = OK;

	for (size_t i = 0; i < q->n_kept && e == OK; i++)
		e = outbox_get(txn, q->kept[i], &o) ? end_at_once(a, txn, &o) : ERR_CORRUPT;
	return e;
}

static enum err
stop(struct adapter *a, struct txn *txn, struct thread *t, struct queue *q)
{
	const struct receipt_detail detail = { .code = ERR_CONSENT_ENDED, .at_ms = core_now(a) };
	char hex[2 * THREAD_LEN + 1];
	struct outbound o;
	enum err e;

	bytes_hex(t->id.b, THREAD_LEN, hex);
	core_tell(a, LOG_CONSENT_HALT, "thread=%s messages=%zu", hex, q->n);
	for (size_t i = 0; i < q->n_kept; i++)
		if (outbox_get(txn, q->kept[i], &o))
			outbox_settle(txn, &o);
	if ((e = recall_outbound(a, txn, &q->first, &detail)) != OK)
		return e;
	if (!casebook_find(txn, &t->id, t))
		return ERR_CORRUPT;
	return q->first.thread_seq == 1 && t->is_initiator ? end_kept(a, txn, q) : go_on(a, txn, t, q);
}

static enum err
halt(struct adapter *a, struct txn *txn, struct thread *t, const struct consent_change *change, bool *ret_any)
{
	struct queue q = { .n = 0 };
	struct scope_after after;
	struct arena *mem;
	enum err e;

	*ret_any = false;
	if (outbox_count_pending(txn) == 0)
		return OK;
	if ((e = scope_after(a, txn, t, change, &after)) != OK)
		return e;
	if ((mem = arena_new(RECORD_ROOM)) == NULL)
		return ERR_NOMEM;
	e = look_through(a, txn, t, &after, mem, &q);
	arena_free(mem);
	*ret_any = e == OK && q.first.thread_seq != 0;
	return *ret_any ? stop(a, txn, t, &q) : e;
}

enum err
halt_say(struct adapter *a, struct txn *txn, struct thread *t, struct record *record, struct outbound *ret_o, struct why *why)
{
	bool is_shredded = kind_is_shredded(record), any;
	enum err e;

	if (record->consent_change == NULL && !is_shredded)
		return compose_data(a, txn, t, record, ret_o, why);
	if ((e = compose_may(a, t, why)) != OK || (e = halt(a, txn, t, record->consent_change, &any)) != OK)
		return e;
	if (any && record->step)
		record->step->from = lifecycle_state_code(t->state);	/* steps may have been among what was stopped */
	if ((e = compose_data(a, txn, t, record, ret_o, why)) == OK && any && t->is_initiator && ret_o->thread_seq == 1 &&
	    (e = end_at_once(a, txn, ret_o)) == OK)
		t->my_seq = 0;
	return e == OK || !any ? e : ERR_NOMEM;		/* something is written */
}

enum err
halt_heard(struct adapter *a, struct txn *txn, struct thread *t, const struct consent_change *change)
{
	bool any;

	return halt(a, txn, t, change, &any);
}
