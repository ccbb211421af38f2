/* SPDX-License-Identifier: EUPL-1.2 */
/* header - struct header <-> canonical bytes. The rules are in header_check.c; generated types stay here.
 *
 * Encoding is protobuf-c's, which writes fields ascending and no defaults: the canonical form. Decoding takes no other.
 */
#include "proto/envelope.h"

#include "proto/pack.h"
#include "proto/schema/envelope.pb-c.h"

/* All the parts that a packed header points to; they live until it is encoded. */
struct parts {
	char *to[ENVELOPE_TO_MAX];
	Hub__V1__Basis basis[ENVELOPE_TO_MAX], *basis_p[ENVELOPE_TO_MAX];
	ProtobufCBinaryData closes[ENVELOPE_CLOSES_MAX];
	Hub__V1__Wrap wraps[ENVELOPE_TO_MAX], *wraps_p[ENVELOPE_TO_MAX];
	Hub__V1__Share shares[ENVELOPE_SHARES_MAX], *shares_p[ENVELOPE_SHARES_MAX];
	Hub__V1__Attachment attachments[ENVELOPE_ATTACHMENTS_MAX], *attachments_p[ENVELOPE_ATTACHMENTS_MAX];
};

static void
fill_lists(const struct header *h, struct parts *parts, Hub__V1__Header *m)
{
	for (size_t i = 0; i < h->n_to; i++)
		parts->to[i] = pack_text(h->to[i]);
	for (size_t i = 0; i < h->n_basis; i++) {
		Hub__V1__Basis *b = parts->basis_p[i] = &parts->basis[i];

		hub__v1__basis__init(b);
		b->agency = pack_text(h->basis[i].agency);
		b->seq = h->basis[i].seq;
	}
	for (size_t i = 0; i < h->n_closes; i++)
		pack_fixed(&parts->closes[i], h->closes[i].b, MSGID_LEN);
	for (size_t i = 0; i < h->n_wraps; i++) {
		Hub__V1__Wrap *w = parts->wraps_p[i] = &parts->wraps[i];

		hub__v1__wrap__init(w);
		w->agency = pack_text(h->wraps[i].agency);
		pack_fixed(&w->key, h->wraps[i].key.b, KEY_ID_LEN);
		pack_span(&w->box, h->wraps[i].box);
	}
	for (size_t i = 0; i < h->n_shares; i++) {
		Hub__V1__Share *s = parts->shares_p[i] = &parts->shares[i];

		hub__v1__share__init(s);
		s->auditor = h->shares[i].auditor;
		pack_fixed(&s->key, h->shares[i].key.b, KEY_ID_LEN);
		pack_span(&s->box, h->shares[i].box);
		pack_fixed(&s->hash, h->shares[i].hash.b, sizeof(h->shares[i].hash.b));
	}
	for (size_t i = 0; i < h->n_attachments; i++) {
		Hub__V1__Attachment *a = parts->attachments_p[i] = &parts->attachments[i];

		hub__v1__attachment__init(a);
		pack_fixed(&a->hash, h->attachments[i].hash.b, sizeof(h->attachments[i].hash.b));
		a->len = h->attachments[i].len;
	}
	m->to = parts->to, m->n_to = h->n_to;
	m->basis = parts->basis_p, m->n_basis = h->n_basis;
	m->closes = parts->closes, m->n_closes = h->n_closes;
	m->wraps = parts->wraps_p, m->n_wraps = h->n_wraps;
	m->shares = parts->shares_p, m->n_shares = h->n_shares;
	m->attachments = parts->attachments_p, m->n_attachments = h->n_attachments;
}

static void
fill_scalars(const struct header *h, Hub__V1__Header *m)
{
	m->version = h->version;
	pack_fixed(&m->id, h->id.b, MSGID_LEN);
	m->msg_class = (Hub__V1__Class)h->class;
	m->from = pack_text(h->from);
	pack_fixed(&m->thread, h->thread.b, THREAD_LEN);
	m->seq = h->seq;
	m->priority = (Hub__V1__Priority)h->priority;
	m->created_ms = h->created_ms;
	m->registered_by_ms = h->registered_by_ms;
	m->respond_by_ms = h->respond_by_ms;
	m->expires_ms = h->expires_ms;
	pack_fixed(&m->in_reply_to, h->in_reply_to.b, MSGID_LEN);
	pack_fixed(&m->supersedes, h->supersedes.b, MSGID_LEN);
	m->stage = (Hub__V1__Stage)h->stage;
	m->refusal = (Hub__V1__Refusal)h->refusal;
	pack_fixed(&m->received, h->received.b, sizeof(h->received.b));
	m->directory_version = h->directory_version;
	pack_fixed(&m->signing_key, h->signing_key.b, KEY_ID_LEN);
	pack_span(&m->capsule, h->capsule);
	pack_fixed(&m->commit, h->commit.b, sizeof(h->commit.b));
}

enum err
header_encode(const struct header *h, struct arena *mem, struct span *ret_bytes)
{
	struct parts parts;
	Hub__V1__Header m;
	struct span bytes;
	enum err e;

	if (h->n_to > ENVELOPE_TO_MAX || h->n_basis > ENVELOPE_TO_MAX || h->n_closes > ENVELOPE_CLOSES_MAX ||
	    h->n_wraps > ENVELOPE_TO_MAX || h->n_shares > ENVELOPE_SHARES_MAX || h->n_attachments > ENVELOPE_ATTACHMENTS_MAX)
		return ERR_TOOBIG;
	hub__v1__header__init(&m);
	fill_lists(h, &parts, &m);
	fill_scalars(h, &m);
	if ((e = pack_encode(&m.base, mem, &bytes)) != OK)
		return e;
	if (bytes.n > ENVELOPE_HEADER_MAX)
		return ERR_TOOBIG;
	*ret_bytes = bytes;
	return OK;
}

static enum err
take_scalars(const Hub__V1__Header *m, struct header *h, struct why *why)
{
	h->version = m->version;
	if (h->version != ENVELOPE_VERSION)
		return why_set(why, ERR_VERSION, "version", "%u, known is %u", h->version, ENVELOPE_VERSION);
	h->class = (enum envelope_class)m->msg_class;
	h->from = pack_take_text(m->from);
	h->seq = m->seq;
	h->priority = (enum priority)m->priority;
	h->created_ms = m->created_ms;
	h->registered_by_ms = m->registered_by_ms;
	h->respond_by_ms = m->respond_by_ms;
	h->expires_ms = m->expires_ms;
	h->stage = (enum stage)m->stage;
	h->refusal = (enum refusal)m->refusal;
	h->directory_version = m->directory_version;
	h->capsule = pack_take_span(&m->capsule);
	if (!pack_take_fixed(&m->id, h->id.b, MSGID_LEN) || !pack_take_fixed(&m->thread, h->thread.b, THREAD_LEN) ||
	    !pack_take_fixed(&m->in_reply_to, h->in_reply_to.b, MSGID_LEN) ||
	    !pack_take_fixed(&m->supersedes, h->supersedes.b, MSGID_LEN) ||
	    !pack_take_fixed(&m->received, h->received.b, sizeof(h->received.b)) ||
	    !pack_take_fixed(&m->signing_key, h->signing_key.b, KEY_ID_LEN) ||
	    !pack_take_fixed(&m->commit, h->commit.b, sizeof(h->commit.b)))
		return why_set(why, ERR_FORMAT, "header", "an id or hash has a wrong length");
	return OK;
}

static enum err
take_lists(const Hub__V1__Header *m, struct arena *mem, struct header *h, struct why *why)
{
	bool is_ok = true;

	if (m->n_to > ENVELOPE_TO_MAX || m->n_basis > ENVELOPE_TO_MAX || m->n_closes > ENVELOPE_CLOSES_MAX ||
	    m->n_wraps > ENVELOPE_TO_MAX || m->n_shares > ENVELOPE_SHARES_MAX || m->n_attachments > ENVELOPE_ATTACHMENTS_MAX)
		return why_set(why, ERR_FORMAT, "header", "too many items in a list");
	h->shares = arena_array(mem, m->n_shares, sizeof(*h->shares));
	if (h->shares == NULL)
		return ERR_TOOBIG;
	h->n_to = m->n_to;
	for (size_t i = 0; i < m->n_to; i++)
		h->to[i] = m->to[i];
	h->n_basis = m->n_basis;
	for (size_t i = 0; i < m->n_basis; i++)
		h->basis[i] = (struct basis){ pack_take_text(m->basis[i]->agency), m->basis[i]->seq };
	h->n_closes = m->n_closes;
	for (size_t i = 0; i < m->n_closes; i++)
		is_ok &= pack_take_fixed(&m->closes[i], h->closes[i].b, MSGID_LEN);
	h->n_wraps = m->n_wraps;
	for (size_t i = 0; i < m->n_wraps; i++) {
		h->wraps[i].agency = pack_take_text(m->wraps[i]->agency);
		is_ok &= pack_take_fixed(&m->wraps[i]->key, h->wraps[i].key.b, KEY_ID_LEN);
		h->wraps[i].box = pack_take_span(&m->wraps[i]->box);
	}
	h->n_shares = m->n_shares;
	for (size_t i = 0; i < m->n_shares; i++) {
		h->shares[i].auditor = m->shares[i]->auditor;
		is_ok &= pack_take_fixed(&m->shares[i]->key, h->shares[i].key.b, KEY_ID_LEN);
		h->shares[i].box = pack_take_span(&m->shares[i]->box);
		is_ok &= pack_take_fixed(&m->shares[i]->hash, h->shares[i].hash.b, sizeof(h->shares[i].hash.b));
	}
	h->n_attachments = m->n_attachments;
	for (size_t i = 0; i < m->n_attachments; i++) {
		is_ok &= pack_take_fixed(&m->attachments[i]->hash, h->attachments[i].hash.b, sizeof(h->attachments[i].hash.b));
		h->attachments[i].len = m->attachments[i]->len;
	}
	return is_ok ? OK : why_set(why, ERR_FORMAT, "header", "an id or hash has a wrong length");
}

enum err
header_decode(struct span bytes, struct arena *mem, struct header *ret_header, struct why *why)
{
	struct header h = { 0 };
	ProtobufCMessage *base;
	const Hub__V1__Header *m;
	enum err e;

	if (bytes.n > ENVELOPE_HEADER_MAX)
		return why_set(why, ERR_TOOBIG, "header", "%zu bytes", bytes.n);
	if ((e = pack_decode(&hub__v1__header__descriptor, bytes, true, mem, &base)) != OK)
		return why_set(why, e, "header", "not a header in canonical form");
	m = (const Hub__V1__Header *)base;
	if ((e = take_scalars(m, &h, why)) != OK)
		return e;
	if ((e = take_lists(m, mem, &h, why)) != OK)
		return e;
	if ((e = header_check(&h, why)) != OK)
		return e;
	*ret_header = h;
	return OK;
}

uint64_t
header_seen(const struct header *h, const char *agency)
{
	if (strcmp(agency, h->from) == 0)
		return h->seq - 1;
	for (size_t i = 0; i < h->n_basis; i++)
		if (strcmp(h->basis[i].agency, agency) == 0)
			return h->basis[i].seq;
	return 0;
}
