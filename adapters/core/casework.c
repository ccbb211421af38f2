/* SPDX-License-Identifier: EUPL-1.2 */
/* casework - first what follows from a word (deciding), then errands done one by one. */
#include "adapters/core/casework.h"

#include <stdio.h>
#include <string.h>

#include "adapters/core/compose.h"
#include "adapters/core/erasure.h"
#include "adapters/core/escalation.h"
#include "adapters/core/follow.h"
#include "adapters/core/halt.h"
#include "adapters/core/preview.h"
#include "adapters/core/scope.h"
#include "adapters/core/storage.h"
#include "adapters/core/upkeep.h"
#include "proto/base/clock.h"
#include "proto/kind.h"
#include "proto/merkle.h"

#define ERRAND_VERSION 1
#define ERRANDS_AT_ONCE 16	/* in one tick */
#define CARRY_AT_ONCE 32	/* threads of a case that one turn carries a change to */
#define NAMED_MAX 32	/* open_threads of an offer */
#define KEY_CHANGE "consent:"	/* and its hash: a change that was carried */

enum errand_what { ERRAND_SAY = 1, ERRAND_ERASE = 2, ERRAND_PUT_AWAY = 3, ERRAND_CARRY = 4 /* on from that thread */ };

/* -- errands kept -- */

static enum err
keep_errand(struct adapter *a, struct txn *txn, enum errand_what what, const struct thread *t, const struct record *record)
{
	struct span plain = SPAN_NONE, closed = SPAN_NONE;
	struct key8 key;
	struct walk w;
	struct buf b;
	enum err e;

	key = storage_key(walk_before(txn, TABLE_ERRANDS, SPAN_NONE, &w) ? storage_number(w.key) + 1 : 1);
	walk_end(&w);
	if (record && ((e = record_encode(record, a->mem, &plain, NULL)) != OK ||
		       (e = compose_close(a, "errand", SPAN(key.b, sizeof(key.b)), plain, &closed)) != OK))
		return e;
	buf_init(&b, a->mem);
	buf_u8(&b, ERRAND_VERSION);
	buf_u8(&b, (uint8_t)what);
	buf_add(&b, t->id.b, THREAD_LEN);
	buf_add(&b, closed.p, closed.n);
	txn_put(txn, TABLE_ERRANDS, SPAN(key.b, sizeof(key.b)), buf_bytes(&b));
	return b.e != OK ? b.e : txn_error(txn);
}

/* A record of `kind` for thread `t`, its body in `field` still empty. */
static struct record *
begin_record(struct adapter *a, const struct thread *t, const char *kind)
{
	struct record *r = record_new(a->mem, "record");

	if (r == NULL)
		return NULL;
	r->kind = kind;
	r->case_id = arena_copy(a->mem, t->case_id, sizeof(t->case_id));
	r->created = record_int(a->mem, core_now(a));
	r->source = "nasoka";
	return r->case_id == NULL || r->created == NULL ? NULL : r;
}

/* -- what follows -- */

struct others { struct thread *items; struct record **referrals; size_t n; };

/* The other threads of the case that are about a referral, with it. */
static enum err
other_threads(struct adapter *a, struct txn *txn, const struct thread *t, struct others *ret_others)
{
	struct thread *items = arena_array(a->mem, CASE_THREADS_MAX + NAMED_MAX, sizeof(*items)), next = { .id = { .b = { 0 } } };
	struct record **referrals = arena_array(a->mem, CASE_THREADS_MAX, sizeof(*referrals));
	char hex[2 * THREAD_LEN + 1];
	size_t n = 0;
	enum err e;

	if (items == NULL || referrals == NULL)
		return ERR_TOOBIG;
	while (casebook_of_case(txn, t->case_id, &next.id, &next)) {
		if (next.topic != TOPIC_REFERRAL || memcmp(next.id.b, t->id.b, THREAD_LEN) == 0 || next.refused != OK)
			continue;
		if (n == CASE_THREADS_MAX) {
			bytes_hex(t->id.b, THREAD_LEN, hex);
			core_tell(a, LOG_CASE_CUT, "thread=%s max=%d", hex, CASE_THREADS_MAX);
			break;
		}
		if ((e = compose_referral(a, txn, &next.id, &referrals[n])) != OK)
			return e;
		items[n++] = next;
	}
	*ret_others = (struct others){ items, referrals, n };
	return OK;
}

/* Noted, this change of the case, in whichever of its threads it is said: where two agencies have referred the child to each other, what
 * one carries comes back to it. */
static enum err
note_change(struct adapter *a, struct txn *txn, const struct thread *t, const struct consent_change *change, bool *ret_is_known)
{
	struct record *r = begin_record(a, t, "consent-change");
	uint8_t key[sizeof(KEY_CHANGE) - 1 + sizeof(struct hash)];
	struct consent_change same = *change;
	struct hash hash;
	struct span plain;
	enum err e;

	if (r == NULL)
		return ERR_TOOBIG;
	r->created = change->at;	/* not now: it is the same whenever it comes */
	same.referral_id = "-";
	same.conference_id = same.transfer_id = NULL;
	r->consent_change = &same;
	if ((e = record_encode(r, a->mem, &plain, NULL)) != OK)
		return e;
	merkle_leaf(plain, &hash);
	memcpy(key, KEY_CHANGE, sizeof(KEY_CHANGE) - 1);
	memcpy(key + sizeof(KEY_CHANGE) - 1, hash.b, sizeof(hash.b));
	*ret_is_known = txn_get(txn, TABLE_META, SPAN(key, sizeof(key))).p != NULL;
	txn_put(txn, TABLE_META, SPAN(key, sizeof(key)), SPAN_LIT("1"));
	return OK;
}

/* The change as it is said in thread `t`; NULL: no memory. */
static struct record *
change_for(struct adapter *a, const struct thread *t, const struct consent_change *change)
{
	struct record *r = begin_record(a, t, "consent-change");
	struct consent_change *c = arena_copy(a->mem, change, sizeof(*change));

	if (r == NULL || c == NULL)
		return NULL;
	c->referral_id = t->topic == TOPIC_REFERRAL ? t->referral_id : NULL;
	c->conference_id = t->topic == TOPIC_CONFERENCE ? t->referral_id : NULL;
	c->transfer_id = t->topic == TOPIC_TRANSFER ? t->referral_id : NULL;
	r->consent_change = c;
	return r;
}

/* Is it a thread of ours that somebody got the child by, and not the one that the change was said in? */
static bool
is_owed_change(const struct thread *t, const struct record *said)
{
	if (!t->is_initiator || t->refused != OK || t->topic == TOPIC_REPORT)
		return false;
	return t->topic != kind_topic(said) || strcmp(t->referral_id, kind_reference(said)) != 0;
}

/* Into the threads of the case that follow `after`; more of them than are carried to at once are left to an errand of its own. */
static enum err
carry_on(struct adapter *a, struct txn *txn, const struct thread *after, const struct record *said)
{
	struct thread t = *after;
	struct record *r;
	enum err e;

	for (int n = 0; casebook_of_case(txn, after->case_id, &t.id, &t); n++) {
		if (is_owed_change(&t, said)) {
			if ((r = change_for(a, &t, said->consent_change)) == NULL)
				return ERR_TOOBIG;
			if ((e = keep_errand(a, txn, ERRAND_SAY, &t, r)) != OK)
				return e;
		}
		if (n + 1 == CARRY_AT_ONCE)
			return keep_errand(a, txn, ERRAND_CARRY, &t, said);
	}
	return OK;
}

/* To whom we have sent this case, by referral, invitation or offer of transfer, onward ones included: each is told what we were told, once. */
static enum err
carry_consent(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *said, bool is_heard)
{
	struct thread before_all = *t;
	bool is_known;
	enum err e;

	if ((e = note_change(a, txn, t, said->consent_change, &is_known)) != OK || (is_heard && is_known))
		return e;
	before_all.id = (struct thread_id){ .b = { 0 } };
	return carry_on(a, txn, &before_all, said);
}

static bool
has_thread(const struct others *o, const struct thread_id *id)
{
	for (size_t i = 0; i < o->n; i++)
		if (memcmp(o->items[i].id.b, id->b, THREAD_LEN) == 0)
			return true;
	return false;
}

/* What the offer names besides: where nobody joined the child's referrals, each is a case of its own. */
static void
add_named(struct txn *txn, const struct transfer *offer, struct others *o)
{
	struct thread t;

	for (size_t i = 0; i < offer->n_open_threads && i < NAMED_MAX; i++)
		if (casebook_by_number(txn, offer->open_threads[i]->referral_id, NULL, &t) && t.topic == TOPIC_REFERRAL &&
		    t.refused == OK && !has_thread(o, &t.id))
			o->items[o->n++] = t;
}

static bool
is_handed_over(const struct transfer *offer, const char *referral_id)
{
	for (size_t i = 0; i < offer->n_open_threads; i++)
		if (strcmp(offer->open_threads[i]->referral_id, referral_id) == 0)
			return true;
	return false;
}

static enum err
tell_new_agency(struct adapter *a, struct txn *txn, const struct thread *t, const struct transfer *offer)
{
	struct record *r = begin_record(a, t, "responsibility-change");
	struct responsibility *body = record_new(a->mem, "responsibility");

	if (r == NULL || body == NULL)
		return ERR_TOOBIG;
	*body = (struct responsibility){
		.referral_id = t->referral_id, .old_agency = a->p.config->agency, .new_agency = offer->target->agency,
		.municipality = offer->to_municipality, .effective_on = offer->effective_on, .transfer_id = offer->transfer_id,
	};
	if (is_handed_over(offer, t->referral_id))
		body->continues_in = offer->transfer_id;
	r->responsibility = body;
	return keep_errand(a, txn, ERRAND_SAY, t, r);
}

/* It goes on elsewhere (T28), after what says so (lifecycle.def). */
static enum err
end_here(struct adapter *a, struct txn *txn, const struct thread *t, const char *new_agency)
{
	struct record *r = begin_record(a, t, "status-change");
	struct status *s = record_new(a->mem, "status");

	if (r == NULL || s == NULL)
		return ERR_TOOBIG;
	*s = (struct status){
		.referral_id = t->referral_id, .from = lifecycle_state_code(t->state), .to = "transferred", .transition = "T28",
		.at = r->created, .new_target = new_agency, .reason_code = "moved-in-country",
	};
	r->status = s;
	return keep_errand(a, txn, ERRAND_SAY, t, r);
}

/* Our offer was accepted: all partners that are still open are told; what was handed over ends once that is said. */
static enum err
hand_over(struct adapter *a, struct txn *txn, const struct thread *t)
{
	struct record *offer;
	struct others o;
	enum err e;

	if ((e = compose_referral(a, txn, &t->id, &offer)) != OK || (e = other_threads(a, txn, t, &o)) != OK)
		return e;
	add_named(txn, offer->transfer, &o);
	for (size_t i = 0; i < o.n; i++) {
		if (lifecycle_is_final(o.items[i].state))
			continue;
		if ((e = tell_new_agency(a, txn, &o.items[i], offer->transfer)) != OK)
			return e;
	}
	return OK;
}

/* One of several providers is the family's: the wish that the others stop. */
static enum err
discontinue_others(struct adapter *a, struct txn *txn, const struct thread *t, const struct provider_choice *choice)
{
	struct others o;
	enum err e;

	if ((e = other_threads(a, txn, t, &o)) != OK)
		return e;
	for (size_t i = 0; i < o.n; i++) {
		const char *group = o.referrals[i]->referral->group_id;
		struct record *r = begin_record(a, &o.items[i], "cancellation");
		struct cancellation *c = record_new(a->mem, "cancellation");

		if (!o.items[i].is_initiator || lifecycle_is_final(o.items[i].state) || group == NULL || strcmp(group, choice->group_id) != 0)
			continue;
		if (r == NULL || c == NULL)
			return ERR_TOOBIG;
		*c = (struct cancellation){
			.referral_id = o.items[i].referral_id, .type = "cancel-request", .reason_code = "other-agency-took-over",
			.reason = choice->text ? choice->text : "Избран е друг доставчик. / Another provider was chosen.", .asked_by = "agency",
			.at = r->created,
		};
		r->cancellation = c;
		if ((e = keep_errand(a, txn, ERRAND_SAY, &o.items[i], r)) != OK)
			return e;
	}
	return OK;
}

enum err
casework_said(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record)
{
	if (record->consent_change)
		return carry_consent(a, txn, t, record, false);
	if (record->choice)
		return discontinue_others(a, txn, t, record->choice);
	if (kind_is_shredded(record))
		return keep_errand(a, txn, ERRAND_ERASE, t, NULL);
	return OK;
}

enum err
casework_heard(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record)
{
	struct thread now = *t;
	enum err e;

	if (record->consent_change) {
		if ((e = halt_heard(a, txn, &now, record->consent_change)) != OK || (e = scope_changed(a, txn, &now, record->consent_change)) != OK)
			return e;
		casebook_put(txn, a->mem, &now);
		return carry_consent(a, txn, &now, record, true);
	}
	/* not where it crossed the offer's being taken back */
	if (record->transfer_answer && strcmp(record->transfer_answer->answer, "accept") == 0 && t->state == STATE_ACCEPTED)
		return hand_over(a, txn, t);
	return OK;
}

enum err
casework_keep(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record)
{
	return keep_errand(a, txn, ERRAND_SAY, t, record);
}

enum err
casework_keep_end(struct adapter *a, struct txn *txn, const struct thread *t)
{
	return keep_errand(a, txn, ERRAND_PUT_AWAY, t, NULL);
}

/* -- errands done -- */

static enum err
do_errand(struct adapter *a, struct txn *txn, struct span key, struct span row, struct why *why)
{
	struct record *record, *first;
	struct outbound o;
	struct thread_id id;
	struct thread t;
	struct cursor c;
	enum errand_what what;
	enum err e;

	cursor_init(&c, row);
	if (cursor_u8(&c) != ERRAND_VERSION)
		return ERR_CORRUPT;
	what = (enum errand_what)cursor_u8(&c);
	cursor_copy(&c, id.b, THREAD_LEN);
	if (!casebook_find(txn, &id, &t))
		return ERR_CORRUPT;
	if (what == ERRAND_ERASE)
		return erasure_of(a, txn, &t);
	if (what == ERRAND_PUT_AWAY)
		return t.hold == HOLD_PREVIEW ? preview_put_away(a, txn, &t) : OK;
	if ((e = compose_open(a, "errand", key, cursor_take(&c, cursor_left(&c)), a->mem, &record)) != OK)
		return e;
	if (what == ERRAND_CARRY)
		return carry_on(a, txn, &t, record);
	if (record->overdue)
		return escalation_report(a, txn, &t, record, why);
	if (record->status && strcmp(record->status->transition, "T31") == 0 && !upkeep_is_owed(txn, &t))
		return OK;	/* somebody was first */
	if (record->status)	/* the thread may have gone on since */
		record->status->from = NULL;
	if ((e = follow_say(a, txn, &t, record, &first, &o, why)) == OK && record->responsibility && record->responsibility->continues_in)
		e = end_here(a, txn, &t, record->responsibility->new_agency);
	return e;
}

/* The first errand after number *no, and its row with it; *no becomes 0 when there is none. One that waits for something (a key
 * sheet) stays for the next tick. */
static enum err
run_next(struct adapter *a, uint64_t *no)
{
	struct txn *txn = store_write(a->p.store);
	struct key8 from = storage_key(*no + 1);
	struct why why = { .where = "" };
	struct span key = SPAN_NONE, row = SPAN_NONE;
	struct walk w;
	enum err e;

	arena_reset(a->mem);
	*no = 0;
	if (walk_from(txn, TABLE_ERRANDS, SPAN(from.b, sizeof(from.b)), &w)) {
		key = arena_span(a->mem, w.key);
		row = arena_span(a->mem, w.value);
		*no = storage_number(key);
	}
	walk_end(&w);
	e = *no == 0 ? ERR_NOTFOUND : do_errand(a, txn, key, row, &why);
	if (*no == 0 || err_is_fatal(e) || err_verdict(e) == VERDICT_RETRY) {
		txn_abort(txn);
		return err_is_fatal(e) ? e : OK;
	}
	if (e != OK)
		core_tell(a, LOG_ERRAND_DROPPED, "code=%s where=%s", err_code(e), why.where);
	txn_del(txn, TABLE_ERRANDS, key);
	return txn_commit(txn);
}

enum err
casework_run(struct adapter *a)
{
	struct txn *txn = store_read(a->p.store);
	uint64_t no = 0, waiting = casework_waiting(txn);
	enum err e = OK;

	txn_abort(txn);
	if (waiting == 0)
		return OK;
	for (int i = 0; i < ERRANDS_AT_ONCE && e == OK && (i == 0 || no != 0); i++)
		e = run_next(a, &no);
	return e;
}

uint64_t
casework_waiting(struct txn *txn)
{
	return txn_count(txn, TABLE_ERRANDS);
}
