/* SPDX-License-Identifier: EUPL-1.2 */
/* reply - one transaction a frame. The hub's word counts with its proof: what is accepted by the tree and the leaf's own content, what is refused
 * by the hash that it names. Called by adapter.c.
 */
#include "adapters/core/reply.h"

#include "adapters/core/compose.h"
#include "adapters/core/flights.h"
#include "adapters/core/progress.h"
#include "adapters/core/proof.h"
#include "adapters/core/recall.h"
#include "adapters/core/register.h"
#include "adapters/core/reseal.h"
#include "adapters/core/services.h"
#include "adapters/core/session.h"
#include "adapters/core/withdraw.h"
#include "proto/base/clock.h"

#define RETRY_MIN_MS 200
#define RETRY_MAX_MS (5 * CLOCK_MINUTE)
#define EARLY_MS (2 * CLOCK_SECOND)	/* a withdrawal before its message */

/* -- accepted -- */

static enum err
accept_item(struct adapter *a, struct txn *txn, const struct accepted_item *item, int64_t now)
{
	struct outbound o;
	struct leaf leaf;
	enum err e;

	flights_land(a, &item->id);
	if (!outbox_find(txn, &item->id, &o) || !msgid_eq(&o.id, &item->id))
		return OK;	/* not ours, or sealed again since */
	if (!proof_is_of(a, item->leaf, item->salt, item->detail, &o.id, &o.hash, a->p.config->agency, &leaf) ||
	    leaf.type != proof_leaf_type(o.class, o.receipt))
		return ERR_INCONSISTENT;
	if (o.is_accepted)
		return OK;	/* had before */
	o.leaf = leaf.seq;
	o.is_accepted = true;
	outbox_settle(txn, &o);
	if (o.receipt == STAGE_WITHDRAWN && (e = withdraw_stored(a, txn, &o, now)) != OK)
		return e;
	if (o.class == CLASS_ANNOUNCE)
		services_stored(a, txn, &o);
	if (o.class == CLASS_RECEIPT)
		register_stored(a, txn, &o);
	if (o.stored_ms != 0) {		/* under another id: our system knows */
		outbox_put(txn, a->mem, &o);
		return OK;
	}
	return progress_note(a, txn, &o, a->p.config->agency, STAGE_STORED, NULL, now);
}

static enum err
accept_run(struct adapter *a, struct txn *txn, const struct run *run, const struct checkpoint *cp, int64_t now)
{
	struct hash *leaves = arena_array(a->mem, run->n, sizeof(*leaves));
	enum err e;

	if (leaves == NULL)
		return ERR_TOOBIG;
	for (size_t i = 0; i < run->n; i++) {
		struct leaf leaf;

		if (leaf_decode(run->items[i].leaf, &leaf) != OK || leaf.seq != run->begin + i)
			return ERR_INCONSISTENT;
		leaf_hash(run->items[i].leaf.p, &leaves[i]);
	}
	if (!merkle_check_range(leaves, run->begin, run->begin + run->n, cp->size, run->path, run->n_path, &cp->root))
		return ERR_INCONSISTENT;
	for (size_t i = 0; i < run->n; i++)
		if ((e = accept_item(a, txn, &run->items[i], now)) != OK)
			return e;
	return OK;
}

enum err
reply_accepted(struct adapter *a, const struct accepted *acc)
{
	int64_t now = core_now(a);
	struct checkpoint cp;
	struct txn *txn;
	enum err e;

	if ((e = session_checkpoint(a, &acc->growth, &cp)) != OK)
		return e;
	txn = store_write(a->p.store);
	for (size_t i = 0; i < acc->n_runs && e == OK; i++)
		e = accept_run(a, txn, &acc->runs[i], &cp, now);
	if (e != OK) {
		txn_abort(txn);
		return e;
	}
	session_put_pin(a, txn);
	return txn_commit(txn);
}

/* -- refused -- */

static int64_t
retry_after(uint64_t asked)
{
	return asked < RETRY_MIN_MS ? RETRY_MIN_MS : asked > RETRY_MAX_MS ? RETRY_MAX_MS : (int64_t)asked;
}

/* It was sealed again, and the hub will not have it so. That the one in its place has ended is no news: a receipt says how. Otherwise
 * nobody can ever open it: it is refused for all to see, and what the hub has of it taken back, or its recipient would wait for it. */
static enum err
refuse_again(struct adapter *a, struct txn *txn, struct outbound *o, const struct receipt_detail *detail, int64_t now)
{
	struct outbound old = *o, had;
	enum err e;

	outbox_settle(txn, o);
	if (detail->code == ERR_CONFLICT || o->class != CLASS_DATA || outbox_has_ended(o))
		return OK;
	old.id = o->replaces;
	if (!msgid_is_zero(&old.id) && outbox_find_as(txn, &old.id, &had, &old.hash) &&
	    (e = compose_withdrawal(a, txn, &old, NULL)) != OK)
		return err_is_fatal(e) ? e : OK;
	return progress_note(a, txn, o, a->p.config->agency, STAGE_REFUSED, detail, now);
}

static enum err
refuse_item(struct adapter *a, struct txn *txn, const struct refused_item *item, int64_t now)
{
	struct receipt_detail detail = { .code = item->code, .text = item->text, .at_ms = now };
	char text[MSGID_TEXT_LEN];
	bool is_early = false;
	struct outbound o;
	enum err e;

	if (!outbox_find(txn, &item->id, &o) || !hash_eq(&o.hash, &item->env_hash))
		return OK;
	msgid_format(&item->id, text);
	core_tell(a, LOG_SUBMIT_REFUSED, "id=%s code=%s", text, err_code(item->code));
	if (o.receipt == STAGE_WITHDRAWN && (e = withdraw_refused(a, txn, &o, item->code, &is_early)) != OK)
		return e;
	if (item->code == ERR_RESEAL || (item->code == ERR_NOTFOUND && compose_names_old(a, txn, &o))) {
		flights_land(a, &item->id);
		if (o.class == CLASS_ANNOUNCE)
			return services_again(a, txn, &o);
		if (!o.is_accepted)
			reseal_ask(a, txn, &o);
		return OK;
	}
	if (err_verdict(item->code) != VERDICT_REJECT || is_early) {
		if (flights_put_off(a, &item->id, now + (is_early ? EARLY_MS : retry_after(item->retry_after_ms))) && !o.is_accepted)
			outbox_wait(txn, &o);
		return OK;
	}
	flights_land(a, &item->id);
	if (o.class == CLASS_ANNOUNCE)
		services_refused(a, txn, &o, item->code);
	if (o.stage == STAGE_NONE)
		return recall_outbound(a, txn, &o, &detail);
	return refuse_again(a, txn, &o, &detail, now);
}

enum err
reply_refused(struct adapter *a, const struct refused *r)
{
	struct txn *txn = store_write(a->p.store);
	int64_t now = core_now(a);
	enum err e = OK;

	for (size_t i = 0; i < r->n && e == OK; i++)
		e = refuse_item(a, txn, &r->items[i], now);
	if (e == OK)
		return txn_commit(txn);
	txn_abort(txn);
	return e;
}
