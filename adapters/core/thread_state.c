/* SPDX-License-Identifier: EUPL-1.2 */
/* thread_state - the answer is made of the thread as it stands when the question is taken, in its turn: all that the asker ever sent came
 * before. So the state holds for both sides from the answer's place on, and what comes later out of an earlier place (sealed
 * again) changes nothing in it (known_seq).
 */
#include "adapters/core/thread_state.h"

#include <stdio.h>

#include "adapters/core/arrival.h"
#include "adapters/core/compose.h"
#include "adapters/core/reseal.h"
#include "adapters/core/storage.h"
#include "adapters/core/withdraw.h"

/* -- asking -- */

enum err
thread_state_ask(struct adapter *a, struct txn *txn, const struct hollow *h, struct outbound *ret_o, struct why *why)
{
	struct record *record = record_new(a->mem, "record");
	struct thread t = { .id = h->id, .priority = h->priority, .my_seq = h->my_seq };

	if (casebook_join(&t, h->other) != OK)
		return ERR_TOOMANY;
	if (record == NULL || (record->thread_request = record_new(a->mem, "thread_request")) == NULL)
		return ERR_TOOBIG;
	record->kind = "thread-state-request";
	record->case_id = h->id.b;	/* the case's own pseudonym is lost */
	record->created = record->thread_request->at = record_int(a->mem, core_now(a));
	return compose_data(a, txn, &t, record, ret_o, why);
}

/* -- answering -- */

/* Is it one of us and `other` alone? */
static bool
is_pair(const struct thread *t, const char *other)
{
	return t->n_others == 1 && strcmp(t->others[0].agency, other) == 0;
}

/* The referral's newest id: what receipts about it name. */
static void
newest(struct txn *txn, const struct thread *t, struct msgid *ret_id)
{
	struct outbound o;

	*ret_id = t->is_initiator && outbox_find(txn, &t->referral, &o) ? o.id : t->referral;
}

static enum err
make_answer(struct adapter *a, struct txn *txn, const struct thread *t, struct record **ret_record)
{
	struct span key = SPAN(t->id.b, THREAD_LEN);
	struct record *record = record_new(a->mem, "record"), *referral;
	struct thread_state *s = record_new(a->mem, "thread_state");
	struct msgid id;
	enum err e;

	if (record == NULL || s == NULL)
		return ERR_TOOBIG;
	if ((e = compose_open(a, "referral", key, arena_span(a->mem, txn_get(txn, TABLE_REFERRAL, key)), a->mem, &referral)) != OK)
		return e;
	newest(txn, t, &id);
	*record = *referral;
	record->kind = "thread-state";
	record->referral = NULL;
	record->transfer = NULL;
	record->created = s->at = record_int(a->mem, core_now(a));
	record->thread_state = s;
	s->state = lifecycle_state_code(t->state);
	s->case_no = t->case_no[0] ? arena_str(a->mem, t->case_no) : NULL;
	s->your_case_no = t->external_no[0] ? arena_str(a->mem, t->external_no) : NULL;
	s->referral_created = referral->created;
	s->referral_msg = arena_copy(a->mem, id.b, MSGID_LEN);
	s->referral = referral->referral;
	s->transfer = referral->transfer;
	*ret_record = record;
	return arena_is_full(a->mem) ? ERR_TOOBIG : OK;
}

/* Delivered, and registered: there is no system behind it that could say more. */
static enum err
say_taken(struct adapter *a, struct txn *txn, const struct envelope *env)
{
	struct receipt_of r = {
		.to = env->header.from, .in_reply_to = env->header.id, .received = env->hash, .thread = env->header.thread,
		.priority = env->header.priority, .stage = STAGE_DELIVERED,
	};
	enum err e;

	inbox_note(txn, env->header.from, &env->header.id, 0, &env->hash);
	reseal_came(txn, &env->header.thread, env->header.from, env->header.seq, NULL);
	if ((e = compose_receipt(a, txn, &r, NULL)) != OK)
		return e;
	r.stage = STAGE_REGISTERED;
	return compose_receipt(a, txn, &r, NULL);
}

static enum err
answer(struct adapter *a, struct txn *txn, const struct envelope *env, struct why *why)
{
	struct hollow missing;
	struct record *record;
	struct outbound o;
	struct thread t;
	enum err e;

	if (hollow_find(txn, &env->header.thread, &missing))
		return why_set(why, ERR_UNKNOWN_THREAD, "thread", "lost at both ends");
	if ((e = arrival_check_order(a, txn, &env->header, why)) != OK)
		return e;
	if (!casebook_find(txn, &env->header.thread, &t) || !is_pair(&t, env->header.from) ||
	    (t.topic != TOPIC_REFERRAL && t.topic != TOPIC_TRANSFER))
		return why_set(why, ERR_UNKNOWN_THREAD, "thread", "not known here");
	if ((e = make_answer(a, txn, &t, &record)) != OK)
		return e;
	t.others[0].taken = withdraw_past(txn, &t.id, env->header.from, env->header.seq);
	if ((e = compose_data(a, txn, &t, record, &o, why)) != OK)
		return e;
	casebook_put(txn, a->mem, &t);
	return say_taken(a, txn, env);
}

/* -- taking -- */

/* What is known of the referral's own way, from the statement. */
static void
stages_of(struct adapter *a, struct txn *txn, const struct hollow *h, struct thread *t)
{
	int64_t now = core_now(a);
	struct outbound o;

	if (t->is_initiator && outbox_find(txn, &h->mine, &o)) {
		t->place = o.seq;
		t->referral = o.first;
		t->queued_ms = o.queued_ms;
		t->stored_ms = o.stored_ms;
		t->delivered_ms = o.delivered_ms;
		t->registered_ms = o.registered_ms;
		t->seen_ms = o.seen_ms;
		t->refused_ms = o.refused_ms;
		t->refused = o.refused;
	} else if (!t->is_initiator) {
		t->delivered_ms = h->theirs_bits & 1u << STAGE_DELIVERED ? now : 0;
		t->registered_ms = h->theirs_bits & 1u << STAGE_REGISTERED ? now : 0;
		t->is_seen_sent = h->theirs_bits & 1u << STAGE_SEEN;
		t->seen_ms = t->is_seen_sent ? now : 0;
	}
}

static bool
is_party(const struct party *p, const char *agency)
{
	return p && p->agency && strcmp(p->agency, agency) == 0;
}

static enum err
make_thread(struct adapter *a, const struct header *h, const struct record *record, const struct hollow *hollow, struct thread *t,
	    struct why *why)
{
	const struct thread_state *s = record->thread_state;
	const struct party *initiator = s->referral ? s->referral->initiator : s->transfer->initiator;
	const struct party *target = s->referral ? s->referral->target : s->transfer->target;
	const char *us = a->p.config->agency;

	if (!(is_party(initiator, us) && is_party(target, h->from)) && !(is_party(initiator, h->from) && is_party(target, us)))
		return why_set(why, ERR_INCONSISTENT, "thread_state.referral", "is not between these two");
	*t = (struct thread){
		.id = h->thread, .topic = s->referral ? TOPIC_REFERRAL : TOPIC_TRANSFER, .changed_ms = core_now(a),
		.is_initiator = is_party(initiator, us), .state = lifecycle_state_by_code(s->state),
		.priority = h->priority, .my_seq = hollow->my_seq, .known_seq = h->seq, .queued_ms = *s->referral_created,
	};
	memcpy(t->referral.b, s->referral_msg, MSGID_LEN);
	memcpy(t->case_id, record->case_id, sizeof(t->case_id));
	if (casebook_join(t, h->from) != OK)
		return ERR_TOOMANY;
	t->others[0].basis = h->n_basis ? h->basis[0].seq : 0;
	snprintf(t->referral_id, sizeof(t->referral_id), "%s", s->referral ? s->referral->referral_id : s->transfer->transfer_id);
	if (s->your_case_no && strlen(s->your_case_no) < sizeof(t->case_no))
		snprintf(t->case_no, sizeof(t->case_no), "%s", s->your_case_no);
	if (s->case_no && strlen(s->case_no) < sizeof(t->external_no))
		snprintf(t->external_no, sizeof(t->external_no), "%s", s->case_no);
	return OK;
}

static enum err
keep_referral(struct adapter *a, struct txn *txn, const struct record *record, const struct thread_id *thread)
{
	struct span key = SPAN(thread->b, THREAD_LEN), plain, closed;
	struct record referral = *record;
	enum err e;

	referral.kind = record->thread_state->referral ? "referral" : "transfer-offer";
	referral.created = record->thread_state->referral_created;
	referral.referral = record->thread_state->referral;
	referral.transfer = record->thread_state->transfer;
	referral.thread_state = NULL;
	if ((e = record_encode(&referral, a->mem, &plain, NULL)) != OK || (e = compose_close(a, "referral", key, plain, &closed)) != OK)
		return e;
	txn_put(txn, TABLE_REFERRAL, key, closed);
	return OK;
}

static enum err
fill(struct adapter *a, struct txn *txn, const struct envelope *env, const struct record *record, const struct hollow *hollow,
     struct why *why)
{
	const struct header *h = &env->header;
	char thread[2 * THREAD_LEN + 1];
	struct thread t, old = { .n_others = 0 };
	enum err e;

	if (strcmp(hollow->other, h->from) != 0)
		return why_set(why, ERR_UNKNOWN_THREAD, "from", "not a participant of this thread");
	if ((e = make_thread(a, h, record, hollow, &t, why)) != OK || (e = keep_referral(a, txn, record, &t.id)) != OK)
		return e;
	stages_of(a, txn, hollow, &t);
	if (casebook_find(txn, &t.id, &old)) {	/* its referral came again before */
		t.step = old.step;
		t.my_seq = old.my_seq;
		t.place = old.place;
		t.delivered_ms = old.delivered_ms;
		t.registered_ms = old.registered_ms;
		if (old.case_no[0] != '\0')
			memcpy(t.case_no, old.case_no, sizeof(t.case_no));
	}
	withdraw_use(txn, &t.id, h->from, h->seq);	/* its place, whatever is still to come before it */
	t.others[0].taken = withdraw_past(txn, &t.id, h->from, old.others[0].taken);
	casebook_put(txn, a->mem, &t);
	if (t.is_initiator && record->thread_state->referral && record->thread_state->referral->group_id)
		casebook_join_group(txn, record->thread_state->referral->group_id, &t);
	bytes_hex(t.id.b, THREAD_LEN, thread);
	core_tell(a, LOG_REBUILD_THREAD, "thread=%s other=%s", thread, t.others[0].agency);
	if ((e = rebuild_end(a, txn, hollow, false)) != OK)
		return e;
	return say_taken(a, txn, env);
}

enum err
thread_state_take(struct adapter *a, struct txn *txn, const struct envelope *env, const struct record *record, struct why *why)
{
	const struct header *h = &env->header;
	struct hollow hollow;
	struct thread t;
	enum err e;

	if (record->thread_request)
		return answer(a, txn, env, why);
	if (hollow_find(txn, &h->thread, &hollow))
		return fill(a, txn, env, record, &hollow, why);
	if (!casebook_find(txn, &h->thread, &t) || !is_pair(&t, h->from))
		return rebuild_holds(txn, h, record) ? ERR_RESEAL : why_set(why, ERR_UNKNOWN_THREAD, "thread", "not asked for");
	/* a second one: it is known already */
	if ((e = arrival_check_order(a, txn, h, why)) != OK)
		return e;
	t.others[0].taken = withdraw_past(txn, &t.id, h->from, h->seq);
	casebook_put(txn, a->mem, &t);
	return say_taken(a, txn, env);
}
