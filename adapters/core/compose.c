/* SPDX-License-Identifier: EUPL-1.2 */
/* compose - headers are filled here, sealed in proto, and put into the outbox in the caller's transaction. */
#include "adapters/core/compose.h"

#include <stdio.h>

#include "adapters/core/flights.h"
#include "adapters/core/notices.h"
#include "adapters/core/preview.h"
#include "adapters/core/questions.h"
#include "adapters/core/storage.h"
#include "adapters/core/terms.h"
#include "proto/base/clock.h"
#include "proto/kind.h"
#include "proto/local.h"
#include "proto/withdrawal.h"

#define OWN_MS (7 * CLOCK_DAY)	/* within which the other adapter takes what goes between adapters; then the hub says it */

enum err
compose_close(struct adapter *a, const char *table, struct span key, struct span plain, struct span *ret_closed)
{
	struct buf place;

	buf_init(&place, a->mem);
	buf_str(&place, table);
	buf_u8(&place, 0);
	buf_span(&place, key);
	return local_close(a->p.local, buf_bytes(&place), plain, a->mem, ret_closed);
}

enum err
compose_open_bytes(struct adapter *a, const char *table, struct span key, struct span closed, struct arena *mem, struct span *ret_plain)
{
	struct buf place;

	buf_init(&place, mem);
	buf_str(&place, table);
	buf_u8(&place, 0);
	buf_span(&place, key);
	return local_open(a->p.local, buf_bytes(&place), closed, mem, ret_plain);
}

enum err
compose_open(struct adapter *a, const char *table, struct span key, struct span closed, struct arena *mem,
	     struct record **ret_record)
{
	struct span plain;
	enum err e;

	if ((e = compose_open_bytes(a, table, key, closed, mem, &plain)) != OK)
		return e;
	return record_decode(plain, mem, ret_record, NULL);
}

enum err
compose_referral(struct adapter *a, struct txn *txn, const struct thread_id *thread, struct record **ret_record)
{
	struct span key = SPAN(thread->b, THREAD_LEN), closed = txn_get(txn, TABLE_REFERRAL, key);

	struct record *full;
	struct thread t;
	enum err e;

	if (closed.p == NULL)
		return ERR_CORRUPT;
	if ((e = compose_open(a, "referral", key, arena_span(a->mem, closed), a->mem, &full)) != OK)
		return e;
	*ret_record = casebook_find(txn, thread, &t) && t.hold == HOLD_PREVIEW ? preview_of(full, a->mem) : full;
	return *ret_record ? OK : ERR_TOOBIG;
}

/* What a folder door writes is named by ids: they sort as the messages were made. */
static void
fresh_header(struct adapter *a, struct header *h, enum envelope_class class)
{
	uint8_t random[10];

	memset(h, 0, sizeof(*h));
	core_random(a, random, sizeof(random));
	h->version = ENVELOPE_VERSION;
	h->created_ms = core_now(a);
	msgid_make_after(&a->last_id, h->created_ms, random, &h->id);
	a->last_id = h->id;
	h->class = class;
	h->from = a->p.config->agency;
}

void
compose_load(struct adapter *a)
{
	struct txn *txn = store_read(a->p.store);
	struct outbound o;

	if (outbox_newest(txn, &o))
		a->last_id = o.id;
	txn_abort(txn);
}

/* Without the recipient's key sheet nothing can be sealed to it: it comes with the hub's greeting, or when the recipient has
 * first connected. No fault of the message.
 */
static enum err
check_sheet(struct adapter *a, const char *to, struct why *why)
{
	if (sheets_find(contacts_sheets(a->p.contacts), to))
		return OK;
	a->is_sheet_missed = true;
	return why_set(why, ERR_BUSY, "to", "the other agency's keys have not come here yet");
}

static enum err
check_sheets(struct adapter *a, const struct header *h, struct why *why)
{
	enum err e = OK;

	for (size_t i = 0; i < h->n_to && e == OK; i++)
		e = check_sheet(a, h->to[i], why);
	return e;
}

static void
outbound_of(const struct envelope *env, const struct header *h, struct outbound *o)
{
	*o = (struct outbound){
		.id = h->id,
		.class = h->class,
		.priority = h->priority,
		.thread = h->thread,
		.thread_seq = h->seq,
		.in_reply_to = h->in_reply_to,
		.receipt = h->stage,
		.hash = env->hash,
		.queued_ms = h->created_ms,
	};
	for (size_t i = 0; i < h->n_to; i++)
		snprintf(o->to[o->n_to++].agency, sizeof(o->to[0].agency), "%s", h->to[i]);
}

/* A message that was made again is known here by its first id, at the hub by its last one as well. */
static void
name_newest(struct txn *txn, struct msgid *id)
{
	struct outbound o;
	struct inbound in;

	if (outbox_find(txn, id, &o))
		*id = o.id;
	else if (inbox_by_id(txn, id, &in))
		*id = in.id;
}

/* What it answers. The word that all is shredded answers the change of consent, and ends what it was about with all that is owed there. */
static enum err
close_clocks(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record, const char *transition, struct header *h)
{
	enum actor actor = t->is_initiator ? ACTOR_INITIATOR : ACTOR_RECIPIENT;
	bool is_end = kind_is_shredded(record) && t->topic != TOPIC_CONFERENCE;

	if (record->info_response != NULL)
		return questions_settled(a, txn, t, record->info_response, h->closes, &h->n_closes);
	duty_closes(txn, &t->id, is_end ? record->kind : transition, actor, a->p.config->agency, h->closes, &h->n_closes);
	if (is_end)
		duty_closes(txn, &t->id, "T27", actor, a->p.config->agency, h->closes, &h->n_closes);
	return OK;
}

/* Until when it must be registered and answered, and what it answers itself. */
static enum err
set_clocks(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record, struct header *h)
{
	struct record *referral;
	struct terms_from from = core_terms(a);
	struct terms terms;
	struct status step;
	enum err e = OK;

	if (kind_topic(record) == TOPIC_THREAD) {
		h->registered_by_ms = h->created_ms + OWN_MS;
		return OK;
	}
	kind_step(record, &step);
	if (record->referral) {
		terms_referral(&from, &a->calendar, record->referral, h->created_ms, &terms);
	} else if (record->transfer) {
		struct referral like = { .priority = record->transfer->priority, .respond_by = record->transfer->respond_by };

		terms_referral(&from, &a->calendar, &like, h->created_ms, &terms);
	} else if (t->topic == TOPIC_CONFERENCE || t->topic == TOPIC_REPORT) {
		terms_conference(&from, &a->calendar, record, t->priority, h->created_ms, &terms);
	} else {
		if ((e = compose_referral(a, txn, &t->id, &referral)) != OK)
			return e;
		terms_status(&from, &a->calendar, referral->referral, &step, h->created_ms, &terms);
	}
	if (!kind_by_code(record->kind)->begins)
		e = close_clocks(a, txn, t, record, step.transition, h);
	h->registered_by_ms = terms.registered_by_ms;
	h->respond_by_ms = terms.respond_by_ms;
	h->expires_ms = terms.expires_ms;
	for (size_t i = 0; i < h->n_closes; i++)
		name_newest(txn, &h->closes[i]);
	return e;
}

/* The last seq of a party that we have, or that the thread's state came with. */
static uint64_t
seen_of(const struct thread_party *p)
{
	return p->known > p->taken ? p->known : p->taken;
}

enum err
compose_may(struct adapter *a, const struct thread *t, struct why *why)
{
	enum err e = OK;

	for (size_t i = 0; i < t->n_others && e == OK; i++)
		e = check_sheet(a, t->others[i].agency, why);
	return e;
}

enum err
compose_data(struct adapter *a, struct txn *txn, struct thread *t, const struct record *record, struct outbound *ret_o,
	     struct why *why)
{
	struct span plain, closed;
	struct key_id signing;
	struct envelope env;
	struct header h;
	uint8_t cek[32];
	uint64_t seen;
	enum err e;

	fresh_header(a, &h, CLASS_DATA);
	h.thread = t->id;
	h.seq = t->my_seq + 1;
	for (size_t i = 0; i < t->n_others; i++) {
		h.to[h.n_to++] = t->others[i].agency;
		if ((seen = seen_of(&t->others[i])) > 0)
			h.basis[h.n_basis++] = (struct basis){ t->others[i].agency, seen };
	}
	h.priority = t->priority;
	if ((e = check_sheets(a, &h, why)) != OK)
		return e;
	if ((e = set_clocks(a, txn, t, record, &h)) != OK)
		return e;
	key_id_of(KEY_SIGNING, key_public(a->p.signing), &signing);
	core_random(a, cek, sizeof(cek));
	e = seal_record(&h, record, contacts_directory(a->p.contacts), contacts_sheets(a->p.contacts), &signing, cek, a->mem, &env, why);
	explicit_bzero(cek, sizeof(cek));
	if (e != OK)
		return e;
	if ((e = record_encode(record, a->mem, &plain, why)) != OK ||
	    (e = compose_close(a, "outrecord", SPAN(h.id.b, MSGID_LEN), plain, &closed)) != OK)
		return e;
	outbound_of(&env, &h, ret_o);
	ret_o->is_own = kind_topic(record) == TOPIC_THREAD;
	outbox_add(txn, a->mem, ret_o, env.header_bytes, env.body, closed);
	flights_expect(a, txn, ret_o, env.header_bytes.n + env.body.n);
	if (!ret_o->is_own)
		notices_watch(a, txn, &h, &h.id, record, t->is_initiator);
	t->my_seq = h.seq;
	a->is_submit_due = true;
	return OK;
}

/* What a receipt says under seal, kept in case that it must be sealed again. */
static enum err
close_detail(struct adapter *a, const struct msgid *id, const struct receipt_detail *d, struct span *ret_closed)
{
	struct buf b;

	buf_init(&b, a->mem);
	buf_u32(&b, err_number(d->code));
	buf_u64(&b, (uint64_t)d->at_ms);
	buf_var(&b, span_str(d->case_no));
	buf_var(&b, span_str(d->text));
	return b.e != OK ? b.e : compose_close(a, "outrecord", SPAN(id->b, MSGID_LEN), buf_bytes(&b), ret_closed);
}

static enum err
open_detail(struct adapter *a, const struct msgid *id, struct span closed, struct receipt_detail *ret_d)
{
	struct span plain, case_no, text;
	struct cursor c;
	enum err e;

	if ((e = compose_open_bytes(a, "outrecord", SPAN(id->b, MSGID_LEN), closed, a->mem, &plain)) != OK)
		return e;
	cursor_init(&c, plain);
	*ret_d = (struct receipt_detail){ .code = err_by_number(cursor_u32(&c)) };
	ret_d->at_ms = (int64_t)cursor_u64(&c);
	case_no = cursor_var(&c);
	text = cursor_var(&c);
	if (cursor_end(&c) != OK)
		return ERR_CORRUPT;
	ret_d->case_no = case_no.n > 0 ? arena_strn(a->mem, case_no.p, case_no.n) : NULL;
	ret_d->text = text.n > 0 ? arena_strn(a->mem, text.p, text.n) : NULL;
	return arena_is_full(a->mem) ? ERR_TOOBIG : OK;
}

/* A receipt whose header says all but by which directory and key: sealed, and into the outbox. */
static enum err
send_receipt(struct adapter *a, struct txn *txn, struct header *h, const struct receipt_detail *detail, struct why *why)
{
	struct span closed = SPAN_NONE;
	struct key_id signing;
	struct envelope env;
	struct outbound o;
	uint8_t cek[32];
	enum err e;

	key_id_of(KEY_SIGNING, key_public(a->p.signing), &signing);
	core_random(a, cek, sizeof(cek));
	e = seal_receipt(h, detail, contacts_directory(a->p.contacts), contacts_sheets(a->p.contacts), &signing, cek, a->mem, &env, why);
	explicit_bzero(cek, sizeof(cek));
	if (e != OK)
		return e;
	outbound_of(&env, h, &o);
	if (detail && (e = close_detail(a, &h->id, detail, &closed)) != OK)
		return e;
	if (txn == NULL)
		return OK;
	outbox_add(txn, a->mem, &o, env.header_bytes, env.body, closed);
	a->is_submit_due = true;
	return OK;
}

struct receipt_of
compose_about(const struct envelope *env, enum stage stage)
{
	const struct header *h = &env->header;

	return (struct receipt_of){
		.to = h->from,
		.in_reply_to = h->id,
		.received = env->hash,
		.thread = h->thread,
		.priority = h->priority,
		.stage = stage,
	};
}

struct receipt_of
compose_about_entry(const struct inbound *in, enum stage stage)
{
	return (struct receipt_of){
		.to = in->from,
		.in_reply_to = in->id,
		.received = in->hash,
		.thread = in->thread,
		.priority = in->priority,
		.stage = stage,
	};
}

enum err
compose_receipt(struct adapter *a, struct txn *txn, const struct receipt_of *r, struct why *why)
{
	/* who has left the directory has no key to read a detail with */
	const struct receipt_detail *detail = directory_find(contacts_directory(a->p.contacts), r->to) ? r->detail : NULL;
	struct header h;
	enum err e;

	if (detail && (e = check_sheet(a, r->to, why)) != OK)
		return e;
	fresh_header(a, &h, CLASS_RECEIPT);
	h.to[h.n_to++] = r->to;
	h.thread = r->thread;
	h.priority = r->priority;
	h.in_reply_to = r->in_reply_to;
	h.received = r->received;
	h.stage = r->stage;
	h.refusal = r->refusal;
	return send_receipt(a, txn, &h, detail, why);
}

enum err
compose_withdrawal(struct adapter *a, struct txn *txn, const struct outbound *message, struct why *why)
{
	struct header sealed = {
		.id = message->id, .from = a->p.config->agency, .n_to = message->n_to, .thread = message->thread,
		.seq = message->thread_seq, .priority = message->priority,
	}, h;

	for (size_t i = 0; i < message->n_to; i++)
		sealed.to[i] = arena_str(a->mem, message->to[i].agency);
	fresh_header(a, &h, CLASS_RECEIPT);
	withdrawal_header(&sealed, &message->hash, &h.id, h.created_ms, &h);
	return send_receipt(a, txn, &h, NULL, why);
}

/* In the clear, to all: no keys but our signature, which the session makes. */
enum err
compose_announcement(struct adapter *a, struct txn *txn, int64_t created_ms, struct span body, struct outbound *ret_o, struct why *why)
{
	struct envelope env = { .body = body };
	struct header h;
	enum err e;

	fresh_header(a, &h, CLASS_ANNOUNCE);
	h.created_ms = created_ms;
	h.priority = PRIORITY_ROUTINE;
	h.directory_version = contacts_directory(a->p.contacts)->version;
	key_id_of(KEY_SIGNING, key_public(a->p.signing), &h.signing_key);
	if ((e = header_check(&h, why)) != OK || (e = header_encode(&h, a->mem, &env.header_bytes)) != OK)
		return e;
	envelope_hash(env.header_bytes, env.body, &env.hash);
	outbound_of(&env, &h, ret_o);
	outbox_add(txn, a->mem, ret_o, env.header_bytes, env.body, SPAN_NONE);
	a->is_submit_due = true;
	return OK;
}

enum err
compose_sent(struct adapter *a, struct txn *txn, const struct outbound *o, struct record **ret_record)
{
	struct key8 key = storage_key(o->seq);
	struct span closed = txn_get(txn, TABLE_OUTRECORD, SPAN(key.b, 8));

	if (closed.p == NULL)
		return ERR_NOTFOUND;
	return compose_open(a, "outrecord", SPAN(o->first.b, MSGID_LEN), arena_span(a->mem, closed), a->mem, ret_record);
}

/* -- again -- */

/* What does not come from sealing stays as it was, the time that its deadlines count from among it; the id is new. */
bool
compose_names_old(struct adapter *a, struct txn *txn, const struct outbound *o)
{
	struct span header, body;
	struct header sealed;
	struct msgid newest;

	if (o->class != CLASS_DATA || !outbox_sealed(txn, o->seq, &header, &body) ||
	    header_decode(arena_span(a->mem, header), a->mem, &sealed, NULL) != OK)
		return false;
	for (size_t i = 0; i < sealed.n_closes; i++) {
		newest = sealed.closes[i];
		name_newest(txn, &newest);
		if (!msgid_eq(&newest, &sealed.closes[i]))
			return true;
	}
	return false;
}

static void
renew_header(struct adapter *a, struct txn *txn, const struct outbound *o, const struct header *old, struct header *h)
{
	fresh_header(a, h, old->class);
	memcpy(h->to, old->to, sizeof(h->to));
	h->n_to = old->n_to;
	h->created_ms = old->created_ms;
	h->thread = old->thread;
	h->seq = o->thread_seq;		/* another than before, where what was before it was stopped (halt.h) */
	memcpy(h->basis, old->basis, sizeof(h->basis));
	h->n_basis = old->n_basis;
	h->priority = old->priority;
	h->registered_by_ms = old->registered_by_ms;
	h->respond_by_ms = old->respond_by_ms;
	h->expires_ms = old->expires_ms;
	h->in_reply_to = old->in_reply_to;
	memcpy(h->closes, old->closes, sizeof(h->closes));
	h->n_closes = old->n_closes;
	for (size_t i = 0; i < h->n_closes; i++)	/* what it closes may have been made again as well */
		name_newest(txn, &h->closes[i]);
	h->stage = old->stage;
	h->refusal = old->refusal;
	h->received = old->received;
	if (old->class == CLASS_DATA)
		h->supersedes = o->is_accepted ? o->id : o->replaces;
}

static enum err
seal_again(struct adapter *a, struct txn *txn, const struct outbound *o, struct header *h, struct envelope *ret_env, struct why *why)
{
	struct key8 key = storage_key(o->seq);
	struct span closed = arena_span(a->mem, txn_get(txn, TABLE_OUTRECORD, SPAN(key.b, 8)));
	struct receipt_detail detail;
	struct record *record;
	struct key_id signing;
	uint8_t cek[32];
	enum err e;

	key_id_of(KEY_SIGNING, key_public(a->p.signing), &signing);
	core_random(a, cek, sizeof(cek));
	if (o->class == CLASS_DATA) {
		if ((e = compose_open(a, "outrecord", SPAN(o->first.b, MSGID_LEN), closed, a->mem, &record)) == OK)
			e = seal_record(h, record, contacts_directory(a->p.contacts), contacts_sheets(a->p.contacts), &signing, cek,
					a->mem, ret_env, why);
	} else if (closed.n == 0 || (e = open_detail(a, &o->first, closed, &detail)) == OK) {
		e = seal_receipt(h, closed.n > 0 ? &detail : NULL, contacts_directory(a->p.contacts),
				 contacts_sheets(a->p.contacts), &signing, cek, a->mem, ret_env, why);
	}
	explicit_bzero(cek, sizeof(cek));
	return e;
}

enum err
compose_again(struct adapter *a, struct txn *txn, struct outbound *o, struct why *why)
{
	struct span header, body;
	struct header old, h;
	struct envelope env;
	enum err e;

	if (!outbox_sealed(txn, o->seq, &header, &body))
		return ERR_CORRUPT;
	if ((e = header_decode(arena_span(a->mem, header), a->mem, &old, why)) != OK ||
	    (e = check_sheets(a, &old, why)) != OK)
		return e;
	renew_header(a, txn, o, &old, &h);
	if ((e = seal_again(a, txn, o, &h, &env, why)) != OK)
		return e;
	outbox_renew(txn, a->mem, o, &h.id, &env.hash, env.header_bytes, env.body);
	a->is_submit_due = true;
	return OK;
}
