/* SPDX-License-Identifier: EUPL-1.2 */
/* sheet - an agency's own keys, signed by the signing key that the directory holds of it.
 *
 * So sealing, transport and witness keys turn over without a registrar, and nobody between can put in one of their own: the
 * hub only passes sheets on. Declared in directory.h. Pure.
 */
#include "proto/directory.h"

#include "proto/pack.h"
#include "proto/schema/directory.pb-c.h"
#include "proto/sign.h"

#define TAG_SHEET "nasoka/v1/sheet"

static enum err
check(const struct sheet *s, struct why *why)
{
	if (!agency_is_id(s->agency) || s->version == 0 || s->made_ms <= 0)
		return why_set(why, ERR_FORMAT, "sheet", "agency, version or time is missing");
	if (s->n_sealing == 0 || bytes_is_zero(s->transport.b, KEY_LEN) || bytes_is_zero(s->witness.b, KEY_LEN))
		return why_set(why, ERR_FORMAT, "sheet", "a key is missing");
	for (size_t i = 0; i < s->n_sealing; i++) {
		if (bytes_is_zero(s->sealing[i].pub.b, KEY_LEN) || s->sealing[i].not_after_ms < 0)
			return why_set(why, ERR_FORMAT, "sheet", "a sealing key is malformed");
		for (size_t k = 0; k < i; k++)
			if (memcmp(s->sealing[k].pub.b, s->sealing[i].pub.b, KEY_LEN) == 0)
				return why_set(why, ERR_FORMAT, "sheet", "a sealing key is named twice");
	}
	return OK;
}

static enum err
encode(const struct sheet *s, struct arena *mem, struct span *ret_bytes)
{
	Hub__V1__SealingKey keys[SHEET_SEALING_MAX], *pointers[SHEET_SEALING_MAX];
	Hub__V1__Sheet m;

	hub__v1__sheet__init(&m);
	m.agency = pack_text(s->agency);
	m.version = s->version;
	m.made_ms = s->made_ms;
	for (size_t i = 0; i < s->n_sealing; i++) {
		pointers[i] = &keys[i];
		hub__v1__sealing_key__init(&keys[i]);
		pack_fixed(&keys[i].key, s->sealing[i].pub.b, KEY_LEN);
		keys[i].not_after_ms = s->sealing[i].not_after_ms;
	}
	m.sealing = pointers;
	m.n_sealing = s->n_sealing;
	pack_fixed(&m.transport_key, s->transport.b, KEY_LEN);
	pack_fixed(&m.witness_key, s->witness.b, KEY_LEN);
	return pack_encode(&m.base, mem, ret_bytes);
}

enum err
sheet_sign(const struct sheet *s, const struct key *signing, struct arena *mem, struct span *ret_bytes)
{
	uint8_t sig[KEY_SIG_LEN];
	Hub__V1__SignedSheet m;
	struct span bytes;
	enum err e;

	if (s->n_sealing > SHEET_SEALING_MAX)
		return ERR_FORMAT;
	if ((e = check(s, NULL)) != OK)
		return e;
	if ((e = encode(s, mem, &bytes)) != OK)
		return e;
	if ((e = sign_bytes(signing, TAG_SHEET, bytes, sig)) != OK)
		return e;
	hub__v1__signed_sheet__init(&m);
	pack_span(&m.sheet, bytes);
	pack_span(&m.sig, SPAN(sig, sizeof(sig)));
	return pack_encode(&m.base, mem, ret_bytes);
}

static enum err
decode(struct span bytes, struct arena *mem, struct sheet *s, struct why *why)
{
	ProtobufCMessage *base;
	const Hub__V1__Sheet *m;
	bool is_ok;
	enum err e;

	if ((e = pack_decode(&hub__v1__sheet__descriptor, bytes, true, mem, &base)) != OK)
		return why_set(why, e, "sheet", "not a key sheet in canonical form");
	m = (const Hub__V1__Sheet *)base;
	if (m->n_sealing > SHEET_SEALING_MAX)
		return why_set(why, ERR_FORMAT, "sheet", "too many sealing keys");
	s->agency = pack_take_text(m->agency);
	s->version = m->version;
	s->made_ms = m->made_ms;
	s->n_sealing = m->n_sealing;
	is_ok = pack_take_fixed(&m->transport_key, s->transport.b, KEY_LEN) &&
		pack_take_fixed(&m->witness_key, s->witness.b, KEY_LEN);
	for (size_t i = 0; i < s->n_sealing; i++) {
		is_ok &= pack_take_fixed(&m->sealing[i]->key, s->sealing[i].pub.b, KEY_LEN);
		s->sealing[i].not_after_ms = m->sealing[i]->not_after_ms;
		key_id_of(KEY_SEALING, &s->sealing[i].pub, &s->sealing[i].id);
	}
	if (!is_ok)
		return why_set(why, ERR_FORMAT, "sheet", "a key has a wrong length");
	hash_sha256(bytes, &s->hash);
	return check(s, why);
}

enum err
sheet_open(struct span bytes, const struct directory *d, uint64_t last_version, struct arena *mem, struct sheet **ret_sheet,
	   struct why *why)
{
	struct sheet *s = arena_alloc(mem, sizeof(*s));
	const Hub__V1__SignedSheet *m;
	const struct agency *agency;
	ProtobufCMessage *base;
	enum err e;

	if (s == NULL)
		return ERR_TOOBIG;
	if (bytes.n > SHEET_MAX)
		return why_set(why, ERR_TOOBIG, "sheet", "%zu bytes", bytes.n);
	if ((e = pack_decode(&hub__v1__signed_sheet__descriptor, bytes, true, mem, &base)) != OK)
		return why_set(why, e, "sheet", "not a key sheet in canonical form");
	m = (const Hub__V1__SignedSheet *)base;
	if (m->sig.len != KEY_SIG_LEN)
		return why_set(why, ERR_FORMAT, "sheet", "its signature has a wrong length");
	if ((e = decode(pack_take_span(&m->sheet), mem, s, why)) != OK)
		return e;
	agency = directory_find(d, s->agency);
	if (agency == NULL)
		return why_set(why, ERR_UNKNOWN_AGENCY, "sheet", "of an agency that the directory does not have");
	if (!sign_is_valid(&agency->signing, TAG_SHEET, pack_take_span(&m->sheet), m->sig.data))
		return why_set(why, ERR_BAD_SIGNATURE, "sheet", "not signed by %s", agency->id);
	if (s->version < last_version)
		return why_set(why, ERR_STALE, "sheet", "version %llu after %llu", (unsigned long long)s->version,
			       (unsigned long long)last_version);
	*ret_sheet = s;
	return OK;
}
