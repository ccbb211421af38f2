/* SPDX-License-Identifier: EUPL-1.2 */
/* leaf - 64 bytes of the tree, and the detail behind them.
 *
 * A leaf has one form only: decoding refuses unknown types, a retention class that is none, and anything but zero where
 * zero stands, so that encode(decode(x)) = x. Pure. Called by the hub's journal, adapters that check proofs, audit tools.
 */
#include "proto/leaf.h"

#include <string.h>

#include "proto/pack.h"
#include "proto/schema/log.pb-c.h"

#define MAGIC "NSKL"
#define MAGIC_LEN 4

static const char *const names[] = {
	[LEAF_SUBMIT] = "submit",
	[LEAF_DELIVERED] = "delivered",
	[LEAF_REGISTERED] = "registered",
	[LEAF_SEEN] = "seen",
	[LEAF_REFUSED] = "refused",
	[LEAF_WITHDRAWN] = "withdrawn",
	[LEAF_SUPERSEDED] = "superseded",
	[LEAF_NOTICE] = "notice",
	[LEAF_DEAD_LETTER] = "dead-letter",
	[LEAF_CONFLICT] = "conflict",
	[LEAF_DIRECTORY] = "directory",
	[LEAF_SHEET] = "key-sheet",
	[LEAF_ENROL] = "enrol",
	[LEAF_REVOKE] = "revoke",
	[LEAF_AUDIT_OPEN] = "audit-open",
	[LEAF_AUDIT_SHARE] = "audit-share",
	[LEAF_AUDIT_DISCLOSE] = "audit-disclose",
	[LEAF_REPLAY] = "replay",
	[LEAF_EXPORT] = "export",
	[LEAF_SHRED] = "shred",
	[LEAF_HOLD] = "hold",
	[LEAF_START] = "start",
	[LEAF_STOP] = "stop",
	[LEAF_CONFIG] = "config",
	[LEAF_RESTORE] = "restore",
	[LEAF_QUARANTINE] = "quarantine",
	[LEAF_ANNOUNCE] = "announce",
	[LEAF_RESEAL] = "reseal",
};

static bool
is_type(unsigned type)
{
	return type < sizeof(names) / sizeof(names[0]) && names[type] != NULL;
}

const char *
leaf_type_name(enum leaf_type type)
{
	return is_type((unsigned)type) ? names[type] : "?";
}

static uint8_t *
put_u64(uint8_t *to, uint64_t v)
{
	for (unsigned i = 0; i < 8; i++)
		to[i] = (uint8_t)(v >> (56 - 8 * i));
	return to + 8;
}

void
leaf_encode(const struct leaf *leaf, uint8_t to[static LEAF_LEN])
{
	memcpy(to, MAGIC, MAGIC_LEN);
	to[4] = (uint8_t)leaf->type;
	to[5] = (uint8_t)leaf->retention;
	to[6] = to[7] = 0;
	to = put_u64(to + 8, leaf->seq);
	to = put_u64(to, leaf->seconds);
	to = put_u64(to, leaf->aux);
	memcpy(to, leaf->detail.b, sizeof(leaf->detail.b));
}

enum err
leaf_decode(struct span bytes, struct leaf *ret_leaf)
{
	struct cursor c;
	struct leaf leaf;
	struct span magic;
	unsigned type, retention;
	enum err e;

	cursor_init(&c, bytes);
	magic = cursor_take(&c, MAGIC_LEN);
	type = cursor_u8(&c);
	retention = cursor_u8(&c);
	if (cursor_u16(&c) != 0)
		return ERR_FORMAT;
	leaf.seq = cursor_u64(&c);
	leaf.seconds = cursor_u64(&c);
	leaf.aux = cursor_u64(&c);
	cursor_copy(&c, leaf.detail.b, sizeof(leaf.detail.b));
	if ((e = cursor_end(&c)) != OK)
		return e;
	if (!span_eq(magic, SPAN_LIT(MAGIC)) || !is_type(type) || retention < RETAIN_SERVICE || retention > RETAIN_TRUST)
		return ERR_FORMAT;
	leaf.type = (enum leaf_type)type;
	leaf.retention = (enum retention)retention;
	*ret_leaf = leaf;
	return OK;
}

void
leaf_hash(const uint8_t leaf[static LEAF_LEN], struct hash *ret_hash)
{
	merkle_leaf(SPAN(leaf, LEAF_LEN), ret_hash);
}

/* -- detail -- */

enum err
detail_encode(const struct detail *d, struct arena *mem, struct span *ret_bytes)
{
	Hub__V1__Detail m;
	char *to[ENVELOPE_TO_MAX];
	struct span bytes;
	enum err e;

	if (d->n_to > ENVELOPE_TO_MAX)
		return ERR_TOOMANY;
	hub__v1__detail__init(&m);
	pack_fixed(&m.id, d->id.b, MSGID_LEN);
	pack_fixed(&m.about, d->about.b, MSGID_LEN);
	pack_fixed(&m.env_hash, d->env_hash.b, sizeof(d->env_hash.b));
	m.from = pack_text(d->from);
	for (size_t i = 0; i < d->n_to; i++)
		to[i] = pack_text(d->to[i]);
	m.to = to;
	m.n_to = d->n_to;
	pack_fixed(&m.thread, d->thread.b, THREAD_LEN);
	m.thread_seq = d->thread_seq;
	m.at_ms = d->at_ms;
	m.created_ms = d->created_ms;
	m.code = err_number(d->code);
	m.version = d->version;
	pack_fixed(&m.object, d->object.b, sizeof(d->object.b));
	m.text = pack_text(d->text);
	if ((e = pack_encode(&m.base, mem, &bytes)) != OK)
		return e;
	if (bytes.n > DETAIL_MAX)
		return ERR_TOOBIG;
	*ret_bytes = bytes;
	return OK;
}

enum err
detail_decode(struct span bytes, struct arena *mem, struct detail *ret_detail)
{
	ProtobufCMessage *base;
	const Hub__V1__Detail *m;
	struct detail d = { 0 };
	enum err e;

	if (bytes.n > DETAIL_MAX)
		return ERR_TOOBIG;
	if ((e = pack_decode(&hub__v1__detail__descriptor, bytes, true, mem, &base)) != OK)
		return e;
	m = (const Hub__V1__Detail *)base;
	if (!pack_take_fixed(&m->id, d.id.b, MSGID_LEN) || !pack_take_fixed(&m->about, d.about.b, MSGID_LEN) ||
	    !pack_take_fixed(&m->env_hash, d.env_hash.b, sizeof(d.env_hash.b)) || !pack_take_fixed(&m->thread, d.thread.b, THREAD_LEN) ||
	    !pack_take_fixed(&m->object, d.object.b, sizeof(d.object.b)) || m->n_to > ENVELOPE_TO_MAX)
		return ERR_FORMAT;
	d.from = pack_take_text(m->from);
	d.n_to = m->n_to;
	for (size_t i = 0; i < m->n_to; i++) {
		d.to[i] = m->to[i];
		if (!agency_is_id(d.to[i]))
			return ERR_FORMAT;
	}
	if (d.from != NULL && !agency_is_id(d.from))
		return ERR_FORMAT;
	d.thread_seq = m->thread_seq;
	d.at_ms = m->at_ms;
	d.created_ms = m->created_ms;
	d.code = err_by_number(m->code);
	if (m->code != 0 && d.code == OK)
		return ERR_FORMAT;
	d.version = m->version;
	d.text = pack_take_text(m->text);
	*ret_detail = d;
	return OK;
}

void
detail_hash(const uint8_t salt[static LEAF_SALT_LEN], struct span detail, struct hash *ret_hash)
{
	hash_sha256_two(SPAN(salt, LEAF_SALT_LEN), detail, ret_hash);
}
