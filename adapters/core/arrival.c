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
#include "adapters/core/judgement.h"
#include "adapters/core/notices.h"
#include "adapters/core/preview.h"
#include "adapters/core/progress.h"
#include "adapters/core/proof.h"
#include "adapters/core/rebuild.h"
#include "adapters/core/reseal.h"
#include "adapters/core/sequence.h"
#include "adapters/core/storage.h"
#include "adapters/core/thread_state.h"
#include "adapters/core/turnover.h"
#include "adapters/core/upkeep.h"
#include "adapters/core/withdraw.h"
#include "proto/base/bug.h"
#include "proto/kind.h"

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
open_record(struct adapter *a, const struct envelope *env, struct record **ret_record, struct why *why)
{
	struct open_keys keys = turnover_keys(a);
	const struct directory *d;
	enum err e;

	if ((d = named_directory(a, &env->header, &e, why)) == NULL)
		return e;
	return seal_open(env, d, contacts_sheets(a->p.contacts), &keys, a->mem, ret_record, why);
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

	inbox_note(txn, h->from, &h->id, 0, &env->hash);
	reseal_came(txn, &h->thread, h->from, h->seq, NULL);
	sequence_use(a, txn, h);
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
	casebook_name_step(t, &h->id, &in.first);
	if (kind_step(record, &step) && lifecycle_state_by_code(step.to) == t->state) {
		t->is_step_ours = false;
		t->step = in.cursor;
	}
	notices_watch(a, txn, h, &in.first, record, t->is_initiator);
	if ((e = upkeep_note(a, txn, t, record, &in.first)) != OK)
		return e;
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
		e = kind_topic(record) == TOPIC_THREAD ? thread_state_take(a, txn, env, record, why) :
		    judgement_pass(a, txn, env, record, &t, why);
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
