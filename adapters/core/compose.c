/* SPDX-License-Identifier: EUPL-1.2 */
/* compose - headers are filled here, sealed in proto, and put into the outbox in the caller's transaction. */
#include "adapters/core/compose.h"

#include "proto/local.h"

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
compose_open(struct adapter *a, const char *table, struct span key, struct span closed, struct arena *mem,
	     struct record **ret_record)
{
	struct span plain;
	struct buf place;
	enum err e;

	buf_init(&place, mem);
	buf_str(&place, table);
	buf_u8(&place, 0);
	buf_span(&place, key);
	if ((e = local_open(a->p.local, buf_bytes(&place), closed, mem, &plain)) != OK)
		return e;
	return record_decode(plain, mem, ret_record, NULL);
}

static void
fresh_header(struct adapter *a, struct header *h, enum envelope_class class, const char *to)
{
	uint8_t random[10];

	memset(h, 0, sizeof(*h));
	core_random(a, random, sizeof(random));
	h->version = ENVELOPE_VERSION;
	h->created_ms = core_now(a);
	msgid_make(h->created_ms, random, &h->id);
	h->class = class;
	h->from = a->p.config->agency;
	h->to[0] = to;
	h->n_to = 1;
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

static const struct adapter_deadlines *
deadlines_of(const struct adapter *a, enum priority priority)
{
	switch (priority) {
	case PRIORITY_EMERGENCY:
		return &a->p.config->deadlines.emergency;
	case PRIORITY_URGENT:
		return &a->p.config->deadlines.urgent;
	case PRIORITY_ROUTINE:
		break;
	}
	return &a->p.config->deadlines.routine;
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
}

enum err
compose_data(struct adapter *a, struct txn *txn, struct thread *t, const struct record *record, const struct msgid *closes,
	     struct outbound *ret_o, struct why *why)
{
	const struct adapter_deadlines *by = deadlines_of(a, t->priority);
	struct span plain, closed;
	struct key_id signing;
	struct envelope env;
	struct header h;
	uint8_t cek[32];
	enum err e;

	if ((e = check_sheet(a, t->other, why)) != OK)
		return e;
	fresh_header(a, &h, CLASS_DATA, t->other);
	h.thread = t->id;
	h.seq = t->my_seq + 1;
	if (t->their_seq > 0) {
		h.basis[0] = (struct basis){ t->other, t->their_seq };
		h.n_basis = 1;
	}
	h.priority = t->priority;
	h.registered_by_ms = h.created_ms + by->registered_by_ms;
	h.expires_ms = h.created_ms + by->expires_ms;
	if (record->referral)
		h.respond_by_ms = *record->referral->respond_by;
	if (closes) {
		h.closes[0] = *closes;
		h.n_closes = 1;
	}
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
	outbox_add(txn, a->mem, ret_o, env.header_bytes, env.body, closed);
	t->my_seq = h.seq;
	a->is_submit_due = true;
	return OK;
}

enum err
compose_receipt(struct adapter *a, struct txn *txn, const struct receipt_of *r, struct why *why)
{
	/* who has left the directory has no key to read a detail with */
	const struct receipt_detail *detail = directory_find(contacts_directory(a->p.contacts), r->to) ? r->detail : NULL;
	struct key_id signing;
	struct envelope env;
	struct outbound o;
	struct header h;
	uint8_t cek[32];
	enum err e;

	if (detail && (e = check_sheet(a, r->to, why)) != OK)
		return e;
	fresh_header(a, &h, CLASS_RECEIPT, r->to);
	h.thread = r->thread;
	h.priority = r->priority;
	h.in_reply_to = r->in_reply_to;
	h.received = r->received;
	h.stage = r->stage;
	h.refusal = r->refusal;
	key_id_of(KEY_SIGNING, key_public(a->p.signing), &signing);
	core_random(a, cek, sizeof(cek));
	e = seal_receipt(&h, detail, contacts_directory(a->p.contacts), contacts_sheets(a->p.contacts), &signing, cek, a->mem, &env, why);
	explicit_bzero(cek, sizeof(cek));
	if (e != OK)
		return e;
	outbound_of(&env, &h, &o);
	outbox_add(txn, a->mem, &o, env.header_bytes, env.body, SPAN_NONE);
	a->is_submit_due = true;
	return OK;
}
