/* SPDX-License-Identifier: EUPL-1.2 */
/* returned - rows that point into the outbox: nothing is kept twice. */
#include "adapters/core/returned.h"

#include "adapters/core/compose.h"
#include "adapters/core/filebook.h"
#include "adapters/core/flights.h"
#include "adapters/core/halt.h"
#include "adapters/core/scope.h"
#include "adapters/core/steps.h"
#include "adapters/core/storage.h"
#include "adapters/core/upkeep.h"
#include "proto/kind.h"

void
returned_put(struct txn *txn, const struct outbound *o)
{
	struct key8 key = storage_key(o->seq);

	txn_put(txn, TABLE_UNSEEN, SPAN(key.b, 8), SPAN(key.b, 8));
}

static void
forget(struct txn *txn, const struct outbound *o)
{
	struct key8 key = storage_key(o->seq);

	txn_del(txn, TABLE_UNSEEN, SPAN(key.b, 8));
}

uint64_t
returned_count(struct txn *txn)
{
	return txn_count(txn, TABLE_UNSEEN);
}

void
returned_each(struct adapter *a, size_t max, void (*each)(void *arg, const struct dead *d), void *arg)
{
	struct txn *txn = store_read(a->p.store);
	struct key8 from = storage_key(0);
	struct outbound o;
	struct walk w;
	size_t n = 0;

	for (bool more = walk_from(txn, TABLE_UNSEEN, SPAN(from.b, 8), &w); more && n < max; more = walk_next(&w)) {
		const char *to = "";
		struct thread t;
		struct dead d;

		if (!outbox_get(txn, storage_number(w.key), &o) || !casebook_find(txn, &o.thread, &t))
			continue;
		for (size_t i = o.n_to; i-- > 0;)
			if (o.to[i].stage == STAGE_REFUSED)
				to = o.to[i].agency;
		d = (struct dead){
			.to = to, .referral_id = t.referral_id, .code = o.refused, .queued_ms = o.queued_ms,
			.refused_ms = o.refused_ms,
		};
		msgid_format(&o.first, d.id);
		each(arg, &d);
		n++;
	}
	walk_end(&w);
	txn_abort(txn);
}

static enum err
find(struct txn *txn, const char *id, struct outbound *ret_o, struct why *why)
{
	struct msgid named;
	struct key8 key;

	if (id && msgid_parse(id, &named) == OK && outbox_find(txn, &named, ret_o)) {
		key = storage_key(ret_o->seq);
		if (txn_get(txn, TABLE_UNSEEN, SPAN(key.b, 8)).p != NULL)
			return OK;
	}
	return why_set(why, ERR_NOTFOUND, "id", "no dead letter has this id");
}

/* A term that is over would be none: as long again from now. */
static enum err
renew(struct adapter *a, struct record *record)
{
	const int64_t now = core_now(a), *by = record->referral->respond_by;

	if (*by <= now)
		record->referral->respond_by = record_int(a->mem, now + *by - *record->created);
	record->created = record_int(a->mem, now);
	return record->referral->respond_by && record->created ? OK : ERR_TOOBIG;
}

/* As if it were said now: by the consent of its thread as it stands, which may have changed since. */
static enum err
judge(struct adapter *a, struct txn *txn, const struct thread *t, struct record *record, struct why *why)
{
	struct record *first;
	enum err e;

	if (!kind_by_code(record->kind)->begins)
		return scope_follow(a, txn, t, record, why);
	if ((e = compose_referral(a, txn, &t->id, &first)) != OK || (e = scope_over(t, record, why)) != OK)
		return e;
	if (record->referral && first->referral)
		record->referral->consent = first->referral->consent;
	return scope_begin(a, txn, record, why);
}

/* Its recipient has no thread of it: a new one, found by the same number from now on. */
static enum err
resend_referral(struct adapter *a, struct txn *txn, struct thread *t, struct record *record, struct outbound *ret_o,
		struct why *why)
{
	struct span plain, closed;
	enum err e;

	core_random(a, t->id.b, THREAD_LEN);
	casebook_begin(t, STATE_REQUESTED);
	t->my_seq = t->others[0].taken = t->others[0].basis = 0;
	t->stored_ms = t->delivered_ms = t->registered_ms = t->seen_ms = t->refused_ms = 0;
	t->refused = OK;
	if ((e = renew(a, record)) != OK || (e = compose_data(a, txn, t, record, ret_o, why)) != OK ||
	    (e = record_encode(record, a->mem, &plain, why)) != OK ||
	    (e = compose_close(a, "referral", SPAN(t->id.b, THREAD_LEN), plain, &closed)) != OK)
		return e;
	txn_put(txn, TABLE_REFERRAL, SPAN(t->id.b, THREAD_LEN), closed);
	t->place = ret_o->seq;
	t->referral = ret_o->id;
	t->queued_ms = ret_o->queued_ms;
	return OK;
}

/* A step that was refused was undone at both sides: it must be possible now. */
static enum err
resend_step(struct adapter *a, struct txn *txn, struct thread *t, struct record *record, struct outbound *ret_o, struct why *why)
{
	enum actor actor = t->is_initiator ? ACTOR_INITIATOR : ACTOR_RECIPIENT;
	struct status step;
	enum err e;

	if ((kind_step(record, &step) && (e = steps_check(t, t->state, actor, &step, why)) != OK) ||
	    (e = halt_say(a, txn, t, record, ret_o, why)) != OK)
		return e;
	if (steps_said(t, record, ret_o))
		return upkeep_note(a, txn, t, record, &ret_o->first);
	return OK;
}

static enum err
resend(struct adapter *a, struct txn *txn, const char *id, struct outbound *ret_o, struct why *why)
{
	struct record *record;
	struct outbound o;
	struct thread t;
	struct file file;
	enum err e;

	if ((e = find(txn, id, &o, why)) != OK || (e = compose_sent(a, txn, &o, &record)) != OK)
		return e;
	if (!casebook_find(txn, &o.thread, &t))
		return ERR_CORRUPT;
	if (filebook_of(txn, true, o.seq, &file))
		return why_set(why, ERR_UNSUPPORTED, "id", "it is part of a file: send the whole file again");
	if (t.topic == TOPIC_CONFERENCE || t.topic == TOPIC_REPORT)
		return why_set(why, ERR_UNSUPPORTED, "id", "others have it: it is not sent to them twice");
	if ((e = judge(a, txn, &t, record, why)) != OK)
		return e;
	e = record->referral ? resend_referral(a, txn, &t, record, ret_o, why) : resend_step(a, txn, &t, record, ret_o, why);
	if (e != OK)
		return e;
	t.changed_ms = core_now(a);
	casebook_put(txn, a->mem, &t);
	forget(txn, &o);
	return txn_error(txn);
}

enum err
returned_resend(struct adapter *a, const char *id, char ret_id[static MSGID_TEXT_LEN], struct why *why)
{
	struct outbound o;
	struct txn *txn;
	enum err e;

	arena_reset(a->mem);
	txn = store_write(a->p.store);
	if ((e = resend(a, txn, id, &o, why)) != OK) {
		txn_abort(txn);
		return e;
	}
	msgid_format(&o.id, ret_id);
	if ((e = txn_commit(txn)) == OK)
		e = flights_submit(a);
	return err_is_fatal(e) ? e : OK;
}

enum err
returned_drop(struct adapter *a, const char *id, struct why *why)
{
	struct txn *txn = store_write(a->p.store);
	struct outbound o;
	enum err e = find(txn, id, &o, why);

	if (e == OK) {
		forget(txn, &o);
		return txn_commit(txn);
	}
	txn_abort(txn);
	return e;
}
