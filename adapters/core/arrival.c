/* SPDX-License-Identifier: EUPL-1.2 */
/* arrival - the receiver's order of checks (PROTOCOL.md, "Receiving"): proof, had before, signature, opening and recomputation,
 * lifecycle; then one commit for entry, thread and receipt.
 */
#include "adapters/core/arrival.h"

#include <stdio.h>

#include "adapters/core/casework.h"
#include "adapters/core/compose.h"
#include "adapters/core/conference.h"
#include "adapters/core/gather.h"
#include "adapters/core/notices.h"
#include "adapters/core/preview.h"
#include "adapters/core/progress.h"
#include "adapters/core/proof.h"
#include "adapters/core/rebuild.h"
#include "adapters/core/reseal.h"
#include "adapters/core/storage.h"
#include "adapters/core/thread_state.h"
#include "adapters/core/turnover.h"
#include "adapters/core/upkeep.h"
#include "adapters/core/withdraw.h"
#include "proto/base/bug.h"
#include "proto/kind.h"

#define GAPS_MAX 8	/* sessions that a gap in a thread may last before it is taken for a fact */

/* -- receipts -- */

/* The directory that the header names. NULL with ERR_STALE: a newer one than ours, which comes with the next greeting. */
static const struct directory *
named_directory(struct adapter *a, const struct header *h, enum err *ret_e, struct why *why)
{
	const struct directory *d = contacts_version(a->p.contacts, h->directory_version);

	if (d == NULL)
		*ret_e = why_set(why, h->directory_version > contacts_directory(a->p.contacts)->version ? ERR_STALE : ERR_UNKNOWN_KEY,
				 "directory_version", "not at hand");
	return d;
}

/* Is the receipt about a message of ours, by the agency that it went to? */
static bool
is_about_ours(struct txn *txn, const struct header *h, struct outbound *ret_o)
{
	struct hash sent;

	return outbox_find_as(txn, &h->in_reply_to, ret_o, &sent) && ret_o->class == CLASS_DATA &&
	       memcmp(ret_o->thread.b, h->thread.b, THREAD_LEN) == 0 && outbox_to(ret_o, h->from) &&
	       /* a refusal may be about something else that came under this id */
	       (hash_eq(&sent, &h->received) || (h->stage == STAGE_REFUSED && h->refusal == REFUSAL_CONFLICT));
}

static enum err
take_receipt(struct adapter *a, struct txn *txn, const struct envelope *env, struct why *why)
{
	struct open_keys keys = turnover_keys(a);
	const struct header *h = &env->header;
	struct receipt_detail detail = { 0 };
	const struct directory *d;
	struct outbound o;
	uint64_t cursor;
	struct hash had;
	enum err e;

	if (inbox_seen(txn, h->from, &h->id, &cursor, &had))
		return OK;
	if ((d = named_directory(a, h, &e, why)) != NULL)
		e = seal_open_receipt(env, d, &keys, a->mem, &detail, why);
	if (e == ERR_STALE || err_is_fatal(e))
		return e;
	/* what it said under seal is lost with the key; what it says in clear, and its sender signed, counts */
	if (e == ERR_RESEAL) {
		core_tell(a, LOG_INBOX_REFUSED, "from=%s code=%s class=receipt", h->from, err_code(e));
		e = OK;
	}
	if (e == OK && h->stage == STAGE_WITHDRAWN)
		return withdraw_taken(a, txn, env);
	if (e == OK && !is_about_ours(txn, h, &o))
		e = why_set(why, ERR_UNKNOWN_REFERRAL, "in_reply_to", "this agency sent no such message");
	/* A receipt that does not open or is about nothing of ours is told to the operator, and changes nothing. */
	if (e != OK) {
		core_tell(a, LOG_INBOX_REFUSED, "from=%s code=%s class=receipt", h->from, err_code(e));
		return OK;
	}
	if (h->stage == STAGE_REFUSED && detail.code == OK)
		detail.code = h->refusal == REFUSAL_CONFLICT ? ERR_CONFLICT : ERR_SYSTEM_REFUSED;
	inbox_note(txn, h->from, &h->id, 0, &env->hash);
	if (h->stage == STAGE_RESEAL) {
		if (!msgid_eq(&h->in_reply_to, &o.id))
			return OK;	/* it has gone again already */
		if (!outbox_has_record(txn, &o))
			return rebuild_cannot_seal(a, txn, &o);
		o.replaces = o.id;	/* the hub has it, whether or not its answer came */
		outbox_put(txn, a->mem, &o);
		reseal_ask(a, txn, &o);
		return txn_error(txn);
	}
	return progress_note(a, txn, &o, h->from, h->stage, &detail, h->created_ms);
}

/* -- records -- */

static enum err
check_parties(struct adapter *a, const struct header *h, const struct party *initiator, const struct party *target, struct why *why)
{
	if (h->n_to != 1)
		return why_set(why, ERR_TOOMANY, "to", "what begins this thread has one recipient");
	if (initiator->agency == NULL || strcmp(initiator->agency, h->from) != 0)
		return why_set(why, ERR_INCONSISTENT, "initiator.agency", "is not the sender");
	if (target->agency == NULL || strcmp(target->agency, a->p.config->agency) != 0)
		return why_set(why, ERR_INCONSISTENT, "target.agency", "is not this agency");
	return OK;
}

/* The programme's rules, as they stood in the directory that its sender named. */
static enum err
check_rules(struct adapter *a, const struct header *h, const struct referral *r, struct why *why)
{
	const struct directory *d = contacts_version(a->p.contacts, h->directory_version);
	const struct agency *from = directory_find(d ? d : contacts_directory(a->p.contacts), h->from);
	const struct agency *to = directory_find(d ? d : contacts_directory(a->p.contacts), a->p.config->agency);

	return d && from && to ? rules_judge(&d->rules, from->kind, r->service_kind, to->kind, why) : OK;
}

/* What begins a thread: a referral, an offer to take a child over, an invitation to a conference. */
static enum err
judge_beginning(struct adapter *a, struct txn *txn, const struct envelope *env, const struct record *record, struct thread *t,
		struct why *why)
{
	const struct header *h = &env->header;
	enum err e = OK;

	if (h->seq != 1)
		return why_set(why, ERR_INCONSISTENT, "seq", "it begins its thread");
	if (record->referral)
		e = check_parties(a, h, record->referral->initiator, record->referral->target, why);
	else if (record->transfer)
		e = check_parties(a, h, record->transfer->initiator, record->transfer->target, why);
	else if (record->overdue && h->n_to != 1)
		e = why_set(why, ERR_TOOMANY, "to", "a report has one recipient");
	if (e != OK)
		return e;
	if (record->referral && (e = check_rules(a, h, record->referral, why)) != OK)
		return e;
	if (casebook_is_used(txn, kind_reference(record), h->from))
		return why_set(why, ERR_DUPLICATE, arena_fmt(a->mem, "%s.%s", kind_by_code(record->kind)->body, kind_reference_field(record)),
			       "its sender has used it in another thread");
	memset(t, 0, sizeof(*t));
	t->id = h->thread;
	t->topic = kind_topic(record);
	t->state = STATE_REQUESTED;
	t->priority = h->priority;
	t->referral = h->id;
	t->queued_ms = h->created_ms;
	snprintf(t->referral_id, sizeof(t->referral_id), "%s", kind_reference(record));
	memcpy(t->case_id, record->case_id, sizeof(t->case_id));
	return record->conference ? conference_judge_call(a, h, record->conference, t, why) : casebook_join(t, h->from);
}

/* What the other side says it has seen of us: our referral at least, nothing that we never sent, no less than it said before. */
static enum err
check_basis(const struct thread *t, const struct thread_party *party, uint64_t seen, struct why *why)
{
	if (seen > t->my_seq)
		return why_set(why, ERR_INCONSISTENT, "basis", "beyond what was sent to it");
	if (seen < party->basis || (t->is_initiator && seen == 0))
		return why_set(why, ERR_INCONSISTENT, "basis", "less than it has seen");
	return OK;
}

enum err
arrival_check_circle(struct adapter *a, struct thread *t, const struct header *h, struct why *why)
{
	if (casebook_party(t, h->from) == NULL)
		return why_set(why, ERR_UNKNOWN_THREAD, "from", "not a participant of this thread");
	if (h->n_to != t->n_others)
		return why_set(why, ERR_INCONSISTENT, "to", "not exactly the participants");
	for (size_t i = 0; i < h->n_to; i++)
		if (strcmp(h->to[i], a->p.config->agency) != 0 && casebook_party(t, h->to[i]) == NULL)
			return why_set(why, ERR_INCONSISTENT, "to", "not exactly the participants");
	return OK;
}

/* Its step, if the record takes one. Where both acted at once (`is_behind`: it had not seen our last, and that has moved the thread),
 * the two states are resolved alike on both sides. */
static enum err
judge_step(const struct record *record, bool is_behind, struct thread *t, struct why *why)
{
	enum actor actor = t->is_initiator ? ACTOR_RECIPIENT : ACTOR_INITIATOR;
	struct status step;
	enum state from, to;
	enum err e;

	if (!kind_step(record, &step)) {
		if ((e = kind_check(record, actor, is_behind || kind_is_open(t->topic, t->state), why)) == OK)
			t->state = kind_state_after(record, t->state);
		return e;
	}
	from = lifecycle_state_by_code(step.from);
	if ((e = lifecycle_check(is_behind ? from : t->state, actor, &step, why)) != OK)
		return e;
	to = lifecycle_state_by_code(step.to);
	if (is_behind && from != t->state)
		casebook_step_beside(t, to);
	else
		casebook_step(t, to);
	if (t->is_initiator && step.case_no && strlen(step.case_no) < sizeof(t->external_no))
		snprintf(t->external_no, sizeof(t->external_no), "%s", step.case_no);
	return OK;
}

/* What the other side says in a thread that has begun. */
static enum err
judge_follower(struct adapter *a, struct txn *txn, const struct envelope *env, const struct record *record, struct thread *t,
	       struct why *why)
{
	uint64_t seen = header_seen(&env->header, a->p.config->agency);
	struct thread_party *party;
	struct thread past;
	enum err e;

	if ((e = arrival_check_circle(a, t, &env->header, why)) != OK)
		return e;
	party = casebook_party(t, env->header.from);
	if (kind_topic(record) != t->topic || memcmp(record->case_id, t->case_id, sizeof(t->case_id)) != 0 ||
	    strcmp(kind_reference(record), t->referral_id) != 0)
		return why_set(why, ERR_INCONSISTENT, "referral_id", "belongs to another thread");
	if ((e = preview_check_heard(t, record, why)) != OK)
		return e;
	if (env->header.seq <= party->known) {	/* from before our disk was lost: the state that we got back holds it already */
		if (t->topic == TOPIC_CONFERENCE)
			return conference_judge(a, txn, &env->header, record, t, why);
		past = *t;
		return judge_step(record, true, &past, why);
	}
	if ((e = check_basis(t, party, seen, why)) != OK)
		return e;
	e = t->topic == TOPIC_CONFERENCE ? conference_judge(a, txn, &env->header, record, t, why) :
	    judge_step(record, seen < t->my_seq, t, why);
	if (e != OK)
		return e;
	party->basis = seen;
	return OK;
}

/* The last seq of `from` in this thread that came here. */
static uint64_t
last_seq(struct txn *txn, const struct thread_id *thread, const char *from)
{
	const struct thread_party *party;
	struct thread_place place;
	struct thread t;
	struct span row;

	if (casebook_find(txn, thread, &t)) {
		party = casebook_party(&t, from);
		return party ? withdraw_past(txn, thread, from, party->taken) : 0;
	}
	row = txn_get(txn, TABLE_REFUSED, casebook_place(thread, from, 0, &place));
	return withdraw_past(txn, thread, from, row.n == 8 ? storage_number(row) : 0);
}

/* What its author had seen of third parties has come here as well, if everything came in order: the hub never stores what builds
 * on something it has not. OK, ERR_ORDER, or ERR_RESEAL where such a message was asked for again. */
static enum err
check_causes(struct adapter *a, struct txn *txn, const struct header *h, struct why *why)
{
	for (size_t i = 0; i < h->n_basis; i++) {
		const struct basis *b = &h->basis[i];
		uint64_t last;

		if (strcmp(b->agency, a->p.config->agency) == 0 || (last = last_seq(txn, &h->thread, b->agency)) >= b->seq)
			continue;
		return reseal_is_awaited(txn, &h->thread, b->agency, last, b->seq + 1) ||
			       rebuild_has_gap(txn, &h->thread, b->agency, last, b->seq + 1) ?
		    why_set(why, ERR_RESEAL, "basis", "one before it is sealed again") :
		    why_set(why, ERR_ORDER, "basis", "one that its author has seen is missing");
	}
	return OK;
}

/* The hub delivers a thread in order, so a gap means that a frame was lost: the next session begins at it again. One that stays
 * is a fact, and must not hold up everybody else. */
enum err
arrival_check_order(struct adapter *a, struct txn *txn, const struct header *h, struct why *why)
{
	uint64_t last = last_seq(txn, &h->thread, h->from);
	enum err e = check_causes(a, txn, h, why);

	if (h->seq <= last)
		return why_set(why, ERR_INCONSISTENT, "seq", "was used before in this thread");
	if (e == ERR_RESEAL)
		return e;
	if ((h->seq == last + 1 && e == OK) || bug(BUG_GAP_IGNORED))
		return OK;
	if (reseal_is_awaited(txn, &h->thread, h->from, last, h->seq) || rebuild_has_gap(txn, &h->thread, h->from, last, h->seq))
		return why_set(why, ERR_RESEAL, "seq", "one before it is sealed again");
	if (!msgid_eq(&a->gap, &h->id)) {
		a->gap = h->id;
		a->n_gaps = 0;
		a->gap_epoch = 0;
	}
	if (a->gap_epoch != a->epoch) {
		a->gap_epoch = a->epoch;
		a->n_gaps++;
	}
	return a->n_gaps > GAPS_MAX ? OK : why_set(why, ERR_ORDER, "seq", "one before it is missing");
}

/* The referral of a thread that another gave back to us, which our system has not had: it changes nothing but its place. */
static bool
is_given_back(struct thread *t, const struct header *h, const struct record *record)
{
	const struct thread_party *party = casebook_party(t, h->from);

	return kind_by_code(record->kind)->begins && h->seq == 1 && !t->is_initiator && party && h->seq <= party->known &&
	       kind_topic(record) == t->topic && strcmp(t->referral_id, kind_reference(record)) == 0;
}

static enum err
open_record(struct adapter *a, const struct envelope *env, struct record **ret_record, struct why *why)
{
	struct open_keys keys = turnover_keys(a);
	const struct directory *d;
	enum err e;

	if ((d = named_directory(a, &env->header, &e, why)) == NULL)
		return e;
	return seal_open(env, d, contacts_sheets(a->p.contacts), &keys, a->mem, ret_record, why);
}

static enum err
judge(struct adapter *a, struct txn *txn, const struct envelope *env, const struct record *record, struct thread *ret_thread,
      struct why *why)
{
	bool is_known = casebook_find(txn, &env->header.thread, ret_thread);
	enum err e;

	if (!is_known && rebuild_holds(txn, &env->header, record))
		return why_set(why, ERR_RESEAL, "thread", "was lost with the disk, and is asked for");
	if ((e = arrival_check_order(a, txn, &env->header, why)) != OK)
		return e;
	if (arena_left(a->mem) < WRITE_ROOM)
		return why_set(why, ERR_TOOBIG, "record", "too many parts");
	if (is_known && is_given_back(ret_thread, &env->header, record))
		return OK;
	if (kind_by_code(record->kind)->begins)
		return is_known ? why_set(why, ERR_INCONSISTENT, "thread", "has begun already") :
		    judge_beginning(a, txn, env, record, ret_thread, why);
	if (!is_known)
		return why_set(why, ERR_UNKNOWN_THREAD, "thread", "its referral never came here");
	e = judge_follower(a, txn, env, record, ret_thread, why);
	return e == OK ? gather_judge(a, txn, &env->header, record, why) : e;
}

/* Did its sender write this header? What a refused message says counts only then. */
static bool
is_authentic(struct adapter *a, const struct envelope *env)
{
	const struct directory *named = contacts_version(a->p.contacts, env->header.directory_version);
	/* an older one than we have: what cannot be opened must not leave a gap, and the key has mostly stayed */
	const struct directory *d = named ? named : contacts_directory(a->p.contacts);
	const struct agency *from = directory_find(d, env->header.from);

	return from && key_id_eq(&from->signing_id, &env->signature.key) && envelope_is_signed(env, &from->signing);
}

/* A refused message is noted, and its seq used up, so that its thread goes on. */
static void
use_up(struct adapter *a, struct txn *txn, const struct envelope *env)
{
	const struct header *h = &env->header;
	struct key8 seq = storage_key(h->seq);
	struct thread_party *party;
	struct thread_place place;
	struct hollow hollow;
	struct thread t;

	inbox_note(txn, h->from, &h->id, 0, &env->hash);
	reseal_came(txn, &h->thread, h->from, h->seq, NULL);
	if (h->seq <= last_seq(txn, &h->thread, h->from))
		return;
	if (!casebook_find(txn, &h->thread, &t) && hollow_find(txn, &h->thread, &hollow)) {
		withdraw_use(txn, &h->thread, h->from, h->seq);
	} else if (!casebook_find(txn, &h->thread, &t)) {
		txn_put(txn, TABLE_REFUSED, casebook_place(&h->thread, h->from, 0, &place), SPAN(seq.b, sizeof(seq.b)));
	} else if ((party = casebook_party(&t, h->from)) != NULL) {
		party->taken = h->seq;
		casebook_put(txn, a->mem, &t);
	}
}

static enum err
refuse(struct adapter *a, struct txn *txn, const struct envelope *env, enum err code, const struct why *why)
{
	const struct header *h = &env->header;
	struct receipt_detail detail = { .code = code, .text = why->text, .at_ms = core_now(a) };
	struct receipt_of r = compose_about(env, STAGE_REFUSED);
	char id[MSGID_TEXT_LEN];
	enum err e;

	r.refusal = code == ERR_CONFLICT ? REFUSAL_CONFLICT : REFUSAL_PERMANENT;
	r.detail = &detail;
	arena_reset(a->mem);	/* what is refused may have filled it */
	msgid_format(&h->id, id);
	core_tell(a, LOG_INBOX_REFUSED, "id=%s from=%s code=%s where=%s", id, h->from, err_code(code), why->where);
	if (code != ERR_CONFLICT && is_authentic(a, env))
		use_up(a, txn, env);
	/* without the sender's key sheet the reason stays here; without the sender in the directory nobody is to be told */
	if ((e = compose_receipt(a, txn, &r, NULL)) != OK && !err_is_fatal(e)) {
		r.detail = NULL;
		e = compose_receipt(a, txn, &r, NULL);
	}
	return err_is_fatal(e) ? e : OK;
}

static enum err
keep(struct adapter *a, struct txn *txn, const struct envelope *env, const struct record *record, struct thread *t)
{
	const struct header *h = &env->header;
	const struct adapter_egress *egress = kind_by_code(record->kind)->begins ? &a->p.config->egress.referrals : &a->p.config->egress.statuses;
	struct receipt_of receipt = compose_about(env, STAGE_DELIVERED);
	struct inbound in = {
		.id = h->id,
		.hash = env->hash,
		.thread = h->thread,
		.priority = h->priority,
		.state = INBOUND_NEW,
		.at_ms = core_now(a),
	};
	struct span plain, closed, key = SPAN(t->id.b, THREAD_LEN);
	struct thread_party *party = casebook_party(t, h->from);
	bool is_held = h->seq <= party->known;	/* counted already: what was given back to us holds it */
	struct status step;
	bool is_hidden;
	struct due due;
	enum err e;

	snprintf(in.from, sizeof(in.from), "%s", h->from);
	in.first = msgid_is_zero(&h->supersedes) ? h->id : h->supersedes;
	reseal_came(txn, &h->thread, h->from, h->seq, &in.first);
	if ((e = record_encode(record, a->mem, &plain, NULL)) != OK ||
	    (e = compose_close(a, "inrecord", SPAN(in.first.b, MSGID_LEN), plain, &closed)) != OK)
		return e;
	inbox_add(txn, a->mem, &in, closed);
	if (kind_by_code(record->kind)->begins) {
		t->place = in.cursor;
		t->delivered_ms = in.at_ms;
		t->hold = preview_is_wanted(a, t, record) ? HOLD_PREVIEW : HOLD_NONE;
		if (compose_close(a, "referral", key, plain, &closed) != OK)
			return ERR_NOMEM;	/* WRITE_ROOM was there */
		txn_put(txn, TABLE_REFERRAL, key, closed);
	}
	party->taken = withdraw_past(txn, &t->id, h->from, h->seq);
	t->changed_ms = in.at_ms;
	if (kind_step(record, &step) && lifecycle_state_by_code(step.to) == t->state) {
		t->is_step_ours = false;
		t->step = in.cursor;
	}
	notices_watch(a, txn, h, &in.first, record, t->is_initiator);
	upkeep_note(a, txn, t, record, &in.first);
	if (t->topic == TOPIC_CONFERENCE && !is_held && (e = conference_keep(a, txn, t, record, h->from, h->seq, &in.first)) != OK)
		return e;
	casebook_put(txn, a->mem, t);
	if ((e = compose_receipt(a, txn, &receipt, NULL)) != OK || (e = gather_keep(a, txn, &in, record, &is_hidden)) != OK)
		return e;
	/* what is held back has no place among what goes out; of a referral that is held its preview goes */
	if (!is_hidden && a->p.doors[egress->door] &&
	    (t->hold != HOLD_PREVIEW || t->place == in.cursor || preview_may_pass(record))) {
		due = (struct due){ .cursor = in.cursor, .due_ms = in.at_ms };
		egress_put(txn, &due);
	}
	if ((e = casework_heard(a, txn, t, record)) != OK)
		return e;
	return preview_heard(a, txn, t, record);
}

/* What came is in the inbox, as what it supersedes. Whether it can be opened once more does not matter; that it says the same does. */
static enum err
take_again(struct adapter *a, struct txn *txn, const struct envelope *env, struct inbound *in, struct why *why)
{
	struct record *record;
	enum err e = open_record(a, env, &record, why);

	if (e == OK && !reseal_is_same(a, txn, in, record))
		e = why_set(why, ERR_CONFLICT, "supersedes", "another content than before");
	if (e == OK || e == ERR_RESEAL)
		return reseal_had(a, txn, env, in);
	return e == ERR_STALE || err_verdict(e) != VERDICT_REJECT ? e : refuse(a, txn, env, e, why);
}

static enum err
take_data(struct adapter *a, struct txn *txn, const struct envelope *env, struct why *why)
{
	const struct header *h = &env->header;
	char id[MSGID_TEXT_LEN];
	struct record *record;
	struct inbound in;
	struct thread t;
	struct hash had;
	uint64_t cursor;
	enum err e;

	/* had before: its receipts are in the outbox or at the hub already */
	if (inbox_seen(txn, h->from, &h->id, &cursor, &had) && !bug(BUG_SEEN_FORGOTTEN)) {
		if (hash_eq(&had, &env->hash))
			return OK;
		if (named_directory(a, h, &e, why) == NULL && e == ERR_STALE)
			return e;
		/* only its sender can have made a conflict: anything else would be the hub's own making */
		return is_authentic(a, env) ?
		    refuse(a, txn, env, ERR_CONFLICT, &(struct why){ .text = "the id came before with another content" }) :
		    why_set(why, ERR_BAD_SIGNATURE, "signature", "not the sender's");
	}
	if (!msgid_is_zero(&h->supersedes) && inbox_find(txn, h->from, &h->supersedes, &in))
		return take_again(a, txn, env, &in, why);
	if ((e = open_record(a, env, &record, why)) == OK)
		e = kind_topic(record) == TOPIC_THREAD ? thread_state_take(a, txn, env, record, why) : judge(a, txn, env, record, &t, why);
	if (e == ERR_RESEAL)
		return reseal_wish(a, txn, env);
	if (e == OK && kind_topic(record) == TOPIC_THREAD)
		return OK;
	if (e != OK)
		return e == ERR_STALE || err_verdict(e) != VERDICT_REJECT ? e : refuse(a, txn, env, e, why);
	msgid_format(&h->id, id);
	core_tell(a, LOG_INBOX, "id=%s from=%s kind=%s", id, h->from, record->kind);
	return keep(a, txn, env, record, &t);
}

enum err
arrival_item(struct adapter *a, struct txn *txn, const struct deliver_item *item, const struct checkpoint *cp, struct why *why)
{
	struct envelope env;
	enum err e;

	arena_reset(a->mem);
	if ((e = envelope_decode(item->envelope, a->frame_mem, &env, why)) != OK)
		return e;
	if (!proof_of_delivery(a, item, &env, cp))
		return why_set(why, ERR_INCONSISTENT, "proof", "the hub did not prove that this message is in its log");
	switch (env.header.class) {
	case CLASS_DATA:
		return take_data(a, txn, &env, why);
	case CLASS_RECEIPT:
		return take_receipt(a, txn, &env, why);
	case CLASS_NOTICE:
		return notices_take(a, txn, &env, why);
	case CLASS_ANNOUNCE:
		break;
	}
	return why_set(why, ERR_UNSUPPORTED, "class", "not taken by this version");
}
