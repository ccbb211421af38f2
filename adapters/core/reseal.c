/* SPDX-License-Identifier: EUPL-1.2 */
/* reseal - both halves keep what they wait for in the store: the sender a wish for each message, the recipient the places in threads
 * that it has asked for. So neither a death nor a sheet that is slow to come loses a wish.
 */
#include "adapters/core/reseal.h"

#include "adapters/core/compose.h"
#include "adapters/core/storage.h"
#include "proto/base/clock.h"

#define PASS_MAX 64			/* sealed again in one transaction */
#define AGAIN_MS (2 * CLOCK_SECOND)	/* doubled each time: under the same keys it may be asked for anew */
#define AGAIN_MAX_MS (5 * CLOCK_MINUTE)

/* -- what we sent -- */

/* Are there newer keys, or a newer directory, than it was sealed with? */
static bool
has_newer(struct adapter *a, struct txn *txn, const struct outbound *o)
{
	const struct sheet *s;
	struct span header, body;
	struct header old;

	if (!outbox_sealed(txn, o->seq, &header, &body) || header_decode(arena_span(a->mem, header), a->mem, &old, NULL) != OK)
		return true;	/* sealing again will tell what is wrong */
	if (old.directory_version < contacts_directory(a->p.contacts)->version)
		return true;
	for (size_t i = 0; i < old.n_wraps; i++)
		if ((s = sheets_find(contacts_sheets(a->p.contacts), old.wraps[i].agency)) != NULL &&
		    !key_id_eq(&s->sealing[0].id, &old.wraps[i].key))
			return true;
	return false;
}

void
reseal_ask(struct adapter *a, struct txn *txn, const struct outbound *o)
{
	outbox_wish(txn, o, core_now(a) + clock_backoff(o->again + 1, AGAIN_MS, AGAIN_MAX_MS));
	a->is_sheet_missed = a->is_sheet_missed || !has_newer(a, txn, o);
}

static enum err
seal_one(struct adapter *a, struct txn *txn, uint64_t seq, int64_t due_ms)
{
	struct why why = { .where = "" };
	char id[MSGID_TEXT_LEN];
	struct outbound o;
	enum err e;

	arena_reset(a->mem);
	if (!outbox_get(txn, seq, &o))
		return ERR_CORRUPT;
	if (outbox_has_ended(&o)) {
		outbox_no_wish(txn, seq);
		return txn_error(txn);
	}
	/* no try is ever put off beyond the longest wait: then the clock has gone back */
	if (due_ms > core_now(a) && due_ms <= core_now(a) + AGAIN_MAX_MS && !has_newer(a, txn, &o))
		return OK;
	msgid_format(&o.first, id);
	if ((e = compose_again(a, txn, &o, &why)) == OK) {
		core_tell(a, LOG_RESEALED, "id=%s times=%u", id, (unsigned)o.again);
		return txn_error(txn);
	}
	if (err_is_fatal(e))
		return e;
	core_tell(a, LOG_SUBMIT_REFUSED, "id=%s code=%s", id, err_code(e));
	outbox_wish(txn, &o, core_now(a) + AGAIN_MAX_MS);
	return txn_error(txn);
}

enum err
reseal_run(struct adapter *a)
{
	struct txn *txn = store_read(a->p.store);
	uint64_t seq = 0;
	int64_t due_ms;
	bool is_any = outbox_next_wish(txn, 0, &seq, &due_ms);
	enum err e = OK;

	txn_abort(txn);
	if (!is_any || core_now(a) < a->reseal_ms)
		return OK;
	a->reseal_ms = core_now(a) + CLOCK_SECOND;
	txn = store_write(a->p.store);
	seq = a->reseal_seq;	/* where the last pass ended: what waits long must not keep others from their turn */
	for (int i = 0; i < PASS_MAX && e == OK; i++) {
		if (!outbox_next_wish(txn, seq, &seq, &due_ms)) {
			seq = 0;
			break;
		}
		e = seal_one(a, txn, seq, due_ms);
	}
	a->reseal_seq = seq;
	arena_reset(a->mem);
	if (e == OK)
		return txn_commit(txn);
	txn_abort(txn);
	return e;
}

/* -- what came -- */

static void
await(struct txn *txn, const char *from, const struct thread_id *thread, uint64_t seq, const struct msgid *first)
{
	struct thread_place place;
	struct span key = casebook_place(thread, from, seq, &place);

	if (txn_get(txn, TABLE_AWAITED, key).p == NULL)
		txn_put(txn, TABLE_AWAITED, key, SPAN(first->b, MSGID_LEN));
}

void
reseal_await(struct txn *txn, const char *from, const struct msgid *id, const struct hash *hash, const struct thread_id *thread,
	     uint64_t seq)
{
	inbox_note(txn, from, id, 0, hash);
	await(txn, from, thread, seq, id);
}

enum err
reseal_request(struct adapter *a, struct txn *txn, const char *from, const struct receipt_of *about, uint64_t seq)
{
	struct receipt_of receipt = *about;

	receipt.to = from;
	receipt.stage = STAGE_RESEAL;
	reseal_await(txn, from, &about->in_reply_to, &about->received, &about->thread, seq);
	return compose_receipt(a, txn, &receipt, NULL);
}

enum err
reseal_wish(struct adapter *a, struct txn *txn, const struct envelope *env)
{
	const struct header *h = &env->header;
	struct receipt_of r = compose_about(env, STAGE_RESEAL);
	char id[MSGID_TEXT_LEN];

	arena_reset(a->mem);
	msgid_format(&h->id, id);
	core_tell(a, LOG_INBOX_RESEAL, "id=%s from=%s", id, h->from);
	inbox_note(txn, h->from, &h->id, 0, &env->hash);
	await(txn, h->from, &h->thread, h->seq, msgid_is_zero(&h->supersedes) ? &h->id : &h->supersedes);
	return compose_receipt(a, txn, &r, NULL);
}

bool
reseal_is_asked(struct txn *txn, const struct thread_id *thread, const char *from, uint64_t seq)
{
	struct thread_place place;

	return txn_get(txn, TABLE_AWAITED, casebook_place(thread, from, seq, &place)).p != NULL;
}

bool
reseal_is_awaited(struct txn *txn, const struct thread_id *thread, const char *from, uint64_t last, uint64_t seq)
{
	struct thread_place place;
	struct span first = casebook_place(thread, from, last + 1, &place);
	size_t n = first.n - 8;
	struct walk w;
	bool is_awaited = walk_from(txn, TABLE_AWAITED, first, &w) && w.key.n == first.n && memcmp(w.key.p, first.p, n) == 0 &&
		storage_number(SPAN(w.key.p + n, 8)) < seq;

	walk_end(&w);
	return is_awaited;
}

void
reseal_came(struct txn *txn, const struct thread_id *thread, const char *from, uint64_t seq, struct msgid *ret_first)
{
	struct thread_place place;
	struct span key = casebook_place(thread, from, seq, &place), first = txn_get(txn, TABLE_AWAITED, key);

	if (first.n != MSGID_LEN)
		return;
	if (ret_first)
		memcpy(ret_first->b, first.p, MSGID_LEN);
	txn_del(txn, TABLE_AWAITED, key);
}

uint64_t
reseal_awaited(struct txn *txn, int64_t *ret_oldest_ms)
{
	struct msgid first;
	struct walk w;
	uint64_t n = 0;

	*ret_oldest_ms = 0;
	for (bool more = walk_from(txn, TABLE_AWAITED, SPAN_NONE, &w); more; more = walk_next(&w), n++) {
		if (w.value.n != MSGID_LEN)
			continue;
		memcpy(first.b, w.value.p, MSGID_LEN);
		if (*ret_oldest_ms == 0 || msgid_time_ms(&first) < *ret_oldest_ms)
			*ret_oldest_ms = msgid_time_ms(&first);
	}
	walk_end(&w);
	return n;
}

bool
reseal_is_same(struct adapter *a, struct txn *txn, const struct inbound *in, const struct record *record)
{
	struct span closed = arena_span(a->mem, inbox_record(txn, in->cursor)), old, new;
	struct record *had;

	if (in->state == INBOUND_ERASED)
		return true;	/* nobody can tell any more, and nothing comes back of it */
	return compose_open(a, "inrecord", SPAN(in->first.b, MSGID_LEN), closed, a->mem, &had) == OK &&
	       record_encode(had, a->mem, &old, NULL) == OK && record_encode(record, a->mem, &new, NULL) == OK && span_eq(old, new);
}

static enum err
say(struct adapter *a, struct txn *txn, const struct inbound *in, enum stage stage, const struct receipt_detail *detail)
{
	struct receipt_of r = compose_about_entry(in, stage);

	r.refusal = stage == STAGE_REFUSED ? REFUSAL_PERMANENT : REFUSAL_NONE;
	r.detail = detail;
	return compose_receipt(a, txn, &r, NULL);
}

enum err
reseal_had(struct adapter *a, struct txn *txn, const struct envelope *env, struct inbound *in)
{
	struct receipt_detail detail = { .case_no = in->case_no, .at_ms = in->registered_ms };
	struct receipt_detail refused = { .code = in->code, .at_ms = in->at_ms };
	struct msgid before = in->id;
	struct thread t;
	bool is_seen = false;
	enum err e;

	arena_reset(a->mem);
	inbox_again(txn, a->mem, in, &env->header.id, &env->hash);
	if (casebook_find(txn, &in->thread, &t) && !t.is_initiator && msgid_eq(&t.referral, &before)) {
		is_seen = t.is_seen_sent;
		t.referral = in->id;
		casebook_put(txn, a->mem, &t);
	}
	e = say(a, txn, in, STAGE_DELIVERED, NULL);
	if (e == OK && in->state == INBOUND_REGISTERED)
		e = say(a, txn, in, STAGE_REGISTERED, &detail);
	if (e == OK && in->state == INBOUND_REFUSED)
		e = say(a, txn, in, STAGE_REFUSED, &refused);
	if (e == OK && is_seen)
		e = say(a, txn, in, STAGE_SEEN, NULL);
	return e;
}
