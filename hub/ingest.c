/* SPDX-License-Identifier: EUPL-1.2 */
/* ingest - stage 6 and 7 of the straight line. Nothing of a message is put before all its checks have passed. */
#include "hub/ingest.h"

#include "hub/answer.h"
#include "hub/bulletin.h"
#include "hub/clocks.h"
#include "hub/closure.h"
#include "hub/delivery.h"
#include "hub/order.h"
#include "hub/policy.h"
#include "hub/quota.h"
#include "hub/receipt.h"
#include "hub/rejected.h"
#include "hub/statement.h"
#include "proto/base/bug.h"

#define RESERVE_PART 10		/* of the credit granted: for EMERGENCY alone, as of the recipients' own */

struct incoming {
	struct envelope env;
	struct span bytes;
	struct party *from;
	struct id_row known;		/* is_known: the id is in the log */
	bool is_known;
	const struct directory *named;
	const struct agency *signer;
	struct order order;		/* DATA */
	struct closing closing;
	struct id_row about;		/* RECEIPT */
	struct announce announce;	/* ANNOUNCE */
};

/* The envelope's canonical form ends in its body; what follows of rows and delivery relies on it. */
static enum err
decode(struct hub *hub, struct incoming *in, struct why *why)
{
	size_t n;
	enum err e;

	if (in->bytes.n > hub->config->limits.envelope_bytes)
		return why_set(why, ERR_TOOBIG, "envelope", "%zu bytes", in->bytes.n);
	if ((e = envelope_decode(in->bytes, hub->mem, &in->env, why)) != OK)
		return e;
	n = in->env.body.n;
	if (n > 0 && (n > in->bytes.n || memcmp(in->bytes.p + in->bytes.n - n, in->env.body.p, n) != 0))
		return why_set(why, ERR_FORMAT, "body", "not at the end");
	return OK;
}

static enum err
find_known(struct hub *hub, struct incoming *in)
{
	struct row_key key;
	struct span value = state_get(hub, TABLE_IDS, row_key_id(&in->env.header.id, in->from->id, &key));

	in->is_known = value.p != NULL && !bug(BUG_NO_DUPLICATE_CHECK);
	return in->is_known ? row_decode_id(value, hub->mem, &in->known) : OK;
}

/* One Ed25519 check serves all envelopes of the same batch. */
static enum err
check_signature(struct hub *hub, struct incoming *in, struct why *why)
{
	const struct envelope *e = &in->env;
	struct signed_root *last = &hub->verified;
	struct hash root;
	enum err err;

	if ((err = policy_signer(e, hub->roster, hub->now_ms, hub->config->limits.reseal_grace_ms, &in->named, &in->signer,
				 why)) != OK)
		return err;
	if (!envelope_batch_root(e, &root))
		return why_set(why, ERR_BAD_SIGNATURE, "signature", "its path leads nowhere");
	if (last->is_set && hash_eq(&last->root, &root) && key_id_eq(&last->key, &in->signer->signing_id) &&
	    memcmp(last->sig, e->signature.sig, KEY_SIG_LEN) == 0)
		return OK;
	if (!envelope_is_signed(e, &in->signer->signing) && !bug(BUG_SIGNATURE_UNCHECKED))
		return why_set(why, ERR_BAD_SIGNATURE, "signature", "not the sender's");
	*last = (struct signed_root){ .root = root, .key = in->signer->signing_id, .is_set = true };
	memcpy(last->sig, e->signature.sig, KEY_SIG_LEN);
	return OK;
}

static enum err
check_policy(struct hub *hub, struct incoming *in, struct why *why)
{
	const struct header *h = &in->env.header;
	struct policy_ask ask = {
		.header = h, .roster = hub->roster, .named = in->named, .now_ms = hub->now_ms,
		.horizon_ms = hub->config->limits.duplicate_horizon_ms,
	};
	enum err e;

	if (h->class == CLASS_RECEIPT)
		e = receipt_check(hub, h, &in->about, why);
	else
		e = h->class == CLASS_ANNOUNCE ? bulletin_check(hub, &in->env, &in->announce, why) : policy_check(&ask, why);
	return e == OK ? quota_check(hub, h, why) : e;
}

static void
fill_detail(const struct hub *hub, const struct incoming *in, struct detail *d)
{
	const struct header *h = &in->env.header;

	*d = (struct detail){
		.id = h->id, .env_hash = in->env.hash, .from = h->from, .n_to = h->n_to, .thread = h->thread,
		.thread_seq = h->seq, .at_ms = hub->now_ms, .created_ms = h->created_ms,
	};
	for (size_t i = 0; i < h->n_to; i++)
		d->to[i] = h->to[i];
	if (h->class == CLASS_RECEIPT) {
		d->about = h->in_reply_to;
		d->code = receipt_code(h);
	} else {
		d->about = h->supersedes;
	}
	if (h->class == CLASS_ANNOUNCE)
		d->text = in->announce.service_id;
}

/* What each recipient owes from now on: by the message's own clocks, or by those of the one that it supersedes. */
static void
begin_clocks(struct hub *hub, const struct incoming *in, uint64_t leaf)
{
	const struct header *h = &in->env.header;
	const struct order *o = &in->order;
	struct clock_row clock = {
		.since_ms = hub->now_ms, .registered_by_ms = h->registered_by_ms, .respond_by_ms = h->respond_by_ms,
		.expires_ms = h->expires_ms,
	};
	uint16_t said = 0;

	for (size_t i = 0; i < h->n_to; i++) {
		if (o->supersedes) {
			clock = o->clocks[i];
			said = o->stages[i] & (STAGES_SAID_ANY | STAGES_CLOSED);
		}
		clock.priority = h->priority;
		clock.place = (uint8_t)i;
		clock.from = h->from;
		clock.id = h->id;
		clock.hash = in->env.hash;
		clock.thread = h->thread;
		receipt_begin(hub, leaf, h->to[i], &clock, said);
		if (o->supersedes)
			closure_pass_on(hub, h->to[i], o->old.leaf, leaf, &clock);
	}
	if (o->supersedes)
		clocks_pass_on(hub, h->from, o->old.leaf, leaf);
	closure_note(hub, h, leaf, &in->closing, o->stages);
	if (o->supersedes)
		closure_undo(hub, h->from, &o->old);
}

/* What stands behind its leaf, by class: stages, thread and clocks, or the newest of a service; and places in queues. */
static enum err
put_parts(struct hub *hub, struct incoming *in, uint64_t leaf)
{
	const struct header *h = &in->env.header;
	enum err e;

	if (h->class == CLASS_ANNOUNCE) {
		bulletin_put(hub, &in->env, &in->announce, leaf);
		return OK;
	}
	if (h->class == CLASS_RECEIPT) {
		if ((e = receipt_put(hub, h, &in->about)) != OK)
			return e;
		e = delivery_put(hub, h, leaf, in->bytes.n, NULL);
		if (h->stage == STAGE_REFUSED)
			rejected_put(hub, h, &in->about, leaf);
		return e;
	}
	e = delivery_put(hub, h, leaf, in->bytes.n, &in->order.thread);
	order_put(hub, h, &in->order);
	begin_clocks(hub, in, leaf);
	statement_begin(hub, h, leaf);
	return e;
}

static enum leaf_type
leaf_of(const struct header *h)
{
	return h->class == CLASS_RECEIPT ? receipt_leaf(h) : h->class == CLASS_ANNOUNCE ? LEAF_ANNOUNCE : LEAF_SUBMIT;
}

/* Leaf and id, and what goes with them. */
static enum err
put(struct hub *hub, struct incoming *in, uint64_t *ret_leaf)
{
	const struct header *h = &in->env.header;
	struct detail d;
	struct log_item item = {
		.type = leaf_of(h), .retention = RETAIN_MESSAGE, .detail = &d,
		.aux = h->class == CLASS_RECEIPT ? in->about.leaf : 0, .envelope = in->bytes, .body_n = in->env.body.n,
	};
	struct id_row row = { .hash = in->env.hash, .class = h->class, .thread = h->thread, .seq = h->seq };
	struct row_key key;
	enum err e;

	if (in->order.supersedes && (e = order_end_old(hub, &in->env, &in->order)) != OK)
		return e;
	fill_detail(hub, in, &d);
	if ((e = state_append(hub, &item, ret_leaf)) != OK)
		return e;
	row.leaf = *ret_leaf;
	for (row.n_to = 0; row.n_to < h->n_to; row.n_to++)
		row.to[row.n_to] = h->to[row.n_to];
	state_put(hub, TABLE_IDS, row_key_id(&h->id, h->from, &key), row_id(&row, hub->mem));
	e = put_parts(hub, in, *ret_leaf);
	in->from->row.accepted++;
	state_touch(in->from, true);
	return e;
}

/* The same id with another content, signed by its sender: it goes on record, and is refused once that is durable. A message's first
 * conflict tells all; more would be a way to fill the disk that no quota bounds.
 */
static enum err
put_conflict(struct hub *hub, const struct incoming *in, struct answer *a, struct why *why)
{
	struct detail d;
	struct log_item item = {
		.type = LEAF_CONFLICT, .retention = RETAIN_MESSAGE, .aux = in->known.leaf, .detail = &d,
	};

	if (quota_is_disk_low(hub, CLASS_DATA, PRIORITY_ROUTINE))
		return why_set(why, ERR_FULL, "hub", "little room on the disk");
	if (!receipt_note_conflict(hub, in->known.leaf, in->from->id))
		return why_set(why, ERR_CONFLICT, "id", "on record already");
	fill_detail(hub, in, &d);
	d.code = ERR_CONFLICT;
	a->code = ERR_CONFLICT;
	return state_append(hub, &item, &a->leaf);
}

/* Before this message is counted. The last part of the credit is for EMERGENCY alone. */
static bool
is_over_credit(const struct hub *hub, const struct party *p, bool is_emergency)
{
	const struct session *s = &p->session;
	uint64_t messages = hub->config->limits.credit_messages, bytes = hub->config->limits.credit_bytes;

	messages -= is_emergency ? 0 : messages / RESERVE_PART;
	bytes -= is_emergency ? 0 : bytes / RESERVE_PART;
	return s->came.messages > s->done.messages + messages || s->came.bytes > s->done.bytes + bytes;
}

/* OK: `ret` is to be answered, now if its leaf is durable, else by the commit. */
static enum err
take(struct hub *hub, struct incoming *in, struct answer *ret, struct why *why)
{
	const struct header *h = &in->env.header;
	enum err e;

	if ((e = decode(hub, in, why)) != OK)
		return e;
	if (strcmp(h->from, in->from->id) != 0 && !bug(BUG_ANYBODY_SPEAKS))
		return why_set(why, ERR_NOT_YOU, "from", "not the agency connected");
	ret->id = h->id;
	ret->hash = in->env.hash;
	if (is_over_credit(hub, in->from, h->priority == PRIORITY_EMERGENCY))
		return why_set(why, ERR_OVERLOAD, "credit", "the rest is for emergencies");
	if ((e = find_known(hub, in)) != OK)
		return e;
	if (in->is_known && hash_eq(&in->known.hash, &in->env.hash)) {
		ret->leaf = in->known.leaf;
		return OK;
	}
	if ((e = check_signature(hub, in, why)) != OK)
		return e;
	if (!state_has_room(hub))
		return why_set(why, ERR_OVERLOAD, "hub", "too much at once");
	if (in->is_known)
		return put_conflict(hub, in, ret, why);
	if ((e = check_policy(hub, in, why)) != OK)
		return e;
	if (h->class == CLASS_DATA && ((e = order_check(hub, h, &in->order, why)) != OK ||
				       (e = clocks_find_closed(hub, h, &in->closing, why)) != OK))
		return e;
	/* the clocks of one that supersedes another are the other's */
	if (h->class == CLASS_DATA && !in->order.supersedes && (e = clocks_check(h, hub->now_ms, why)) != OK)
		return e;
	return put(hub, in, &ret->leaf);
}

static void
count_came(struct party *p, const struct answer *a)
{
	p->session.came.messages++;
	p->session.came.bytes += a->bytes;
}

/* A refusal for good that stands on what is not durable yet waits until it is: else a crash could leave its receiver with an end
 * that never was.
 */
static bool
may_refuse_later(struct hub *hub, struct answer *a, enum err e, const struct why *why)
{
	if (!hub->leans || err_verdict(e) != VERDICT_REJECT || !state_has_room(hub))
		return false;
	a->code = e;
	a->text = why->text[0] ? arena_fmt(hub->forming->batch->mem, "%s: %s", why->where, why->text) : NULL;
	if (state_answer(hub, a) != OK)
		return false;
	hub->forming->is_awaited = true;	/* with a row of its own, since it may hold nothing else */
	state_dirty(a->to);
	return true;
}

static void
take_one(struct hub *hub, struct party *p, struct span bytes, struct replies *replies)
{
	struct incoming in = { .bytes = bytes, .from = p };
	struct answer a = { .to = p, .bytes = (uint32_t)bytes.n };
	struct why why = { .where = "" };
	enum err e;

	hub->leans = false;
	e = take(hub, &in, &a, &why);
	count_came(p, &a);
	if (e == OK && (!in.is_known || a.code != OK)) {
		e = state_answer(hub, &a);	/* new: after its commit */
		if (e == OK)
			return;
	} else if (e == OK && a.leaf < hub->size) {
		answer_again(replies, &a);
	} else if (e != OK) {
		if (may_refuse_later(hub, &a, e, &why))
			return;
		answer_refuse(hub, replies, &in.env, e, &why);
	}
	p->session.done.messages++;
	p->session.done.bytes += bytes.n;
}

void
ingest_submit(struct hub *hub, struct party *p, const struct submit *submit)
{
	struct replies replies;
	struct envelope none = { .header = { .from = p->id } };
	struct why why = { .where = "" };

	answer_init(hub, &replies, submit->n);
	for (size_t i = 0; i < submit->n; i++) {
		if (is_over_credit(hub, p, true))
			answer_refuse(hub, &replies, &none, why_set(&why, ERR_OVERLOAD, "credit", "used up"), &why);
		else
			take_one(hub, p, submit->envelopes[i], &replies);
	}
	answer_send(hub, p, &replies);
	state_touch(p, false);
}
