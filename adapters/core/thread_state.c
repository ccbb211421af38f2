/* SPDX-License-Identifier: EUPL-1.2 */
/* thread_state - question and answer go to all parties, as everything in their thread. The answer is made of the thread as it stands when
 * the question is taken, in its turn: all that the asker ever sent came before. So the state holds from the answer's place on, and what
 * comes later out of an earlier place (sealed again) changes nothing in it (`known` of each party).
 */
#include "adapters/core/thread_state.h"

#include <stdio.h>

#include "adapters/core/compose.h"
#include "adapters/core/minutes.h"
#include "adapters/core/minutes_check.h"
#include "adapters/core/reseal.h"
#include "adapters/core/sequence.h"
#include "adapters/core/storage.h"
#include "adapters/core/withdraw.h"

/* -- asking -- */

enum err
thread_state_ask(struct adapter *a, struct txn *txn, const struct hollow *h, struct outbound *ret_o, struct why *why)
{
	struct record *record = record_new(a->mem, "record");
	struct thread t = { .id = h->id, .priority = h->priority, .my_seq = h->my_seq };

	for (size_t i = 0; i < h->n_others; i++)
		if (casebook_join(&t, h->others[i]) != OK)
			return ERR_TOOMANY;
	if (record == NULL || (record->thread_request = record_new(a->mem, "thread_request")) == NULL)
		return ERR_TOOBIG;
	record->kind = "thread-state-request";
	record->case_id = h->id.b;	/* the case's own pseudonym is lost */
	record->created = record->thread_request->at = record_int(a->mem, core_now(a));
	if (h->n_others > 1)
		record->thread_request->of = h->others[hollow_next(h)];
	return compose_data(a, txn, &t, record, ret_o, why);
}

/* -- answering -- */

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
	record->conference = NULL;
	record->created = s->at = record_int(a->mem, core_now(a));
	record->thread_state = s;
	s->state = t->topic == TOPIC_CONFERENCE ? NULL : lifecycle_state_code(t->state);
	s->case_no = t->case_no[0] ? arena_str(a->mem, t->case_no) : NULL;
	s->your_case_no = t->external_no[0] ? arena_str(a->mem, t->external_no) : NULL;
	s->referral_created = referral->created;
	s->referral_msg = arena_copy(a->mem, id.b, MSGID_LEN);
	s->referral = referral->referral;
	s->transfer = referral->transfer;
	*ret_record = record;
	if (t->topic == TOPIC_CONFERENCE)
		return minutes_write(a, txn, t, referral, record);
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

/* What says nothing to us in a thread that we have: its place in it counts. */
static enum err
pass_over(struct adapter *a, struct txn *txn, const struct envelope *env, struct thread *t)
{
	struct thread_party *party = casebook_party(t, env->header.from);

	party->taken = withdraw_past(txn, &t->id, env->header.from, env->header.seq);
	casebook_put(txn, a->mem, t);
	return say_taken(a, txn, env);
}

/* And in one that we have lost, too. */
static enum err
pass_hollow(struct adapter *a, struct txn *txn, const struct envelope *env)
{
	withdraw_use(txn, &env->header.thread, env->header.from, env->header.seq);
	return say_taken(a, txn, env);
}

/* Where there are several who could answer, the question says who is to. */
static bool
is_of_us(const struct adapter *a, const struct header *h, const struct thread_request *request)
{
	return request->of ? strcmp(request->of, a->p.config->agency) == 0 : h->n_to == 1;
}

static enum err
answer(struct adapter *a, struct txn *txn, const struct envelope *env, const struct record *asked, struct why *why)
{
	const struct thread_request *request = asked->thread_request;
	const struct header *h = &env->header;
	struct hollow missing;
	struct record *record;
	struct outbound o;
	struct thread t;
	enum err e;

	if (hollow_find(txn, &h->thread, &missing))
		return is_of_us(a, h, request) ? why_set(why, ERR_UNKNOWN_THREAD, "thread", "lost here as well") : pass_hollow(a, txn, env);
	if (!casebook_find(txn, &h->thread, &t) && rebuild_holds(txn, h, asked))
		return why_set(why, ERR_RESEAL, "thread", "it is not known yet what is missing here");
	if ((e = sequence_check(a, txn, h, why)) != OK)
		return e;
	if (!casebook_find(txn, &h->thread, &t) || t.topic == TOPIC_REPORT)
		return why_set(why, ERR_UNKNOWN_THREAD, "thread", "not known here");
	if ((e = sequence_check_circle(a, &t, h, why)) != OK)
		return e;
	if (!is_of_us(a, h, request))
		return pass_over(a, txn, env, &t);
	if ((e = make_answer(a, txn, &t, &record)) != OK)
		return e;
	casebook_party(&t, h->from)->taken = withdraw_past(txn, &t.id, h->from, h->seq);
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

/* Of third parties the state holds what its author had seen of them. */
static enum err
join_all(const struct adapter *a, const struct header *h, const struct hollow *hollow, struct thread *t)
{
	struct thread_party *p;

	for (size_t i = 0; i < hollow->n_others; i++) {
		if (casebook_join(t, hollow->others[i]) != OK)
			return ERR_TOOMANY;
		p = &t->others[t->n_others - 1];
		p->known = strcmp(p->agency, h->from) == 0 ? h->seq : header_seen(h, p->agency);
	}
	casebook_party(t, h->from)->basis = header_seen(h, a->p.config->agency);
	return OK;
}

/* Who began it, and under which number: as the record says, and only where it can be so. */
static enum err
check_beginning(struct adapter *a, const struct header *h, const struct thread_state *s, const struct hollow *hollow, struct thread *t,
		struct why *why)
{
	const struct party *initiator, *target;
	const char *us = a->p.config->agency;

	if (s->minutes) {
		t->is_initiator = hollow->is_begun_here;
		snprintf(t->referral_id, sizeof(t->referral_id), "%s", s->minutes->conference->conference_id);
		return minutes_check_all(a, h, hollow, s->minutes, why);
	}
	initiator = s->referral ? s->referral->initiator : s->transfer->initiator;
	target = s->referral ? s->referral->target : s->transfer->target;
	if (hollow->n_others != 1 || (!(is_party(initiator, us) && is_party(target, h->from)) &&
				      !(is_party(initiator, h->from) && is_party(target, us))))
		return why_set(why, ERR_INCONSISTENT, "thread_state.referral", "is not between these two");
	t->is_initiator = is_party(initiator, us);
	casebook_begin(t, lifecycle_state_by_code(s->state));
	t->before = LIFECYCLE_PAST_UNKNOWN;
	snprintf(t->referral_id, sizeof(t->referral_id), "%s", s->referral ? s->referral->referral_id : s->transfer->transfer_id);
	return OK;
}

static enum err
make_thread(struct adapter *a, const struct header *h, const struct record *record, const struct hollow *hollow, struct thread *t,
	    struct why *why)
{
	const struct thread_state *s = record->thread_state;
	enum err e;

	*t = (struct thread){
		.id = h->thread, .topic = s->minutes ? TOPIC_CONFERENCE : s->referral ? TOPIC_REFERRAL : TOPIC_TRANSFER,
		.changed_ms = core_now(a), .state = STATE_REQUESTED, .base = STATE_REQUESTED, .priority = h->priority, .my_seq = hollow->my_seq,
		.queued_ms = *s->referral_created,
	};
	if ((e = check_beginning(a, h, s, hollow, t, why)) != OK || (e = join_all(a, h, hollow, t)) != OK)
		return e;
	memcpy(t->referral.b, s->referral_msg, MSGID_LEN);
	memcpy(t->case_id, record->case_id, sizeof(t->case_id));
	if (s->minutes)
		return OK;	/* a case number is one agency's own */
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

	referral.kind = record->thread_state->minutes ? "conference-invite" : record->thread_state->referral ? "referral" : "transfer-offer";
	referral.created = record->thread_state->referral_created;
	referral.referral = record->thread_state->referral;
	referral.transfer = record->thread_state->transfer;
	referral.conference = record->thread_state->minutes ? record->thread_state->minutes->conference : NULL;
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
	const struct thread_party *had;
	enum err e;

	if ((e = make_thread(a, h, record, hollow, &t, why)) != OK || (e = keep_referral(a, txn, record, &t.id)) != OK ||
	    (record->thread_state->minutes && (e = minutes_keep(a, txn, &t, record)) != OK))
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
	for (size_t i = 0; i < t.n_others; i++) {
		had = casebook_party(&old, t.others[i].agency);
		t.others[i].taken = withdraw_past(txn, &t.id, t.others[i].agency, had ? had->taken : 0);
	}
	casebook_put(txn, a->mem, &t);
	if (t.is_initiator && record->thread_state->referral && record->thread_state->referral->group_id)
		casebook_join_group(txn, record->thread_state->referral->group_id, &t);
	bytes_hex(t.id.b, THREAD_LEN, thread);
	core_tell(a, LOG_REBUILD_THREAD, "thread=%s other=%s", thread, h->from);
	if ((e = rebuild_end(a, txn, hollow, false)) != OK)
		return e;
	return say_taken(a, txn, env);
}

/* Is it said to us, who have asked? The answer to another may not know all that we had said. */
static bool
is_awaited(const struct adapter *a, const struct header *h, const struct hollow *hollow)
{
	return hollow->n_others == 1 || (hollow->asked_seq && header_seen(h, a->p.config->agency) >= hollow->asked_seq);
}

enum err
thread_state_take(struct adapter *a, struct txn *txn, const struct envelope *env, const struct record *record, struct why *why)
{
	const struct header *h = &env->header;
	struct hollow hollow;
	struct thread t;
	enum err e;

	if (record->thread_request)
		return answer(a, txn, env, record, why);
	if (hollow_find(txn, &h->thread, &hollow)) {
		if (hollow_party(&hollow, h->from) < 0)
			return why_set(why, ERR_UNKNOWN_THREAD, "from", "not a participant of this thread");
		if (!is_awaited(a, h, &hollow))
			return pass_hollow(a, txn, env);
		if ((e = fill(a, txn, env, record, &hollow, why)) != OK && err_verdict(e) == VERDICT_REJECT && hollow.n_others > 1)
			rebuild_disbelieve(a, txn, &hollow, h->from);
		return e;
	}
	if (!casebook_find(txn, &h->thread, &t))
		return rebuild_holds(txn, h, record) ? ERR_RESEAL : why_set(why, ERR_UNKNOWN_THREAD, "thread", "not asked for");
	/* of what is known already, or told to another */
	if ((e = sequence_check_circle(a, &t, h, why)) != OK || (e = sequence_check(a, txn, h, why)) != OK)
		return e;
	if (record->thread_state->minutes && (e = minutes_check_ours(a, txn, &t, h, record->thread_state->minutes, why)) != OK)
		return e;
	return pass_over(a, txn, env, &t);
}
