/* SPDX-License-Identifier: EUPL-1.2 */
/* seal - closing: a record or a receipt's detail becomes header bytes and body.
 *
 * The order is fixed by what binds what: commitment first, since boxes and capsule are bound to it; then everything that the
 * header holds; then the header's bytes, under which the body is closed. Deterministic in `cek`. Opening is seal_open.c.
 */
#include "proto/seal.h"

#include <sodium.h>

#include "proto/seal_keys.h"
#include "proto/seal_receipt.h"

const struct sheet *
sheets_find(const struct sheets *s, const char *agency)
{
	const struct sheet *newest = NULL;

	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->items[i]->agency, agency) == 0 && (newest == NULL || s->items[i]->version > newest->version))
			newest = s->items[i];
	return newest;
}

/* What every sealed class begins with: names of sane length, an id, and the fields that say by which keys. */
static enum err
begin(struct header *h, const struct directory *d, const struct key_id *signing, struct why *why)
{
	if (h->n_to == 0 || h->n_to > ENVELOPE_TO_MAX || !agency_is_id(h->from))
		return why_set(why, ERR_FORMAT, "to", "no recipient, too many, or no sender");
	/* a receipt goes back along what was accepted, even if its sender has left the directory since */
	for (size_t i = 0; i < h->n_to && h->class != CLASS_RECEIPT; i++)
		if (directory_find(d, h->to[i]) == NULL)
			return why_set(why, ERR_UNKNOWN_AGENCY, "to", "recipient %zu is not in the directory", i + 1);
	h->version = ENVELOPE_VERSION;
	h->directory_version = d->version;
	h->signing_key = *signing;
	h->n_wraps = 0;
	h->n_shares = 0;
	h->shares = NULL;
	h->capsule = SPAN_NONE;
	memset(&h->commit, 0, sizeof(h->commit));
	return OK;
}

static enum err
make_wraps(struct header *h, const struct sheets *sheets, const uint8_t cek[32], struct arena *mem, struct why *why)
{
	struct addressee addressee;
	struct box box;
	enum err e;

	for (size_t i = 0; i < h->n_to; i++) {
		const struct sheet *sheet = sheets_find(sheets, h->to[i]);

		if (sheet == NULL)
			return why_set(why, ERR_UNKNOWN_KEY, "to", "no key sheet of %s", h->to[i]);
		addressee_recipient(h, i, &sheet->sealing[0].pub, &addressee);
		if ((e = keys_box(h, cek, &addressee, NULL, &box)) != OK)
			return why_set(why, e, "to", "the sealing key of %s is unusable", h->to[i]);
		h->wraps[i].agency = h->to[i];
		h->wraps[i].key = sheet->sealing[0].id;
		h->wraps[i].box = arena_span(mem, SPAN(box.b, box.n));
		if (h->wraps[i].box.p == NULL)
			return ERR_TOOBIG;
	}
	h->n_wraps = h->n_to;
	return OK;
}

static enum err
make_shares(struct header *h, const struct directory *d, const uint8_t cek[32], struct arena *mem, struct why *why)
{
	struct addressee addressee;
	struct shares shares;
	struct box box;
	enum err e;

	if ((e = keys_shares(cek, d->threshold, (unsigned)d->n_auditors, &shares)) != OK)
		return why_set(why, e, "shares", "%zu auditors with threshold %u", d->n_auditors, d->threshold);
	h->shares = arena_array(mem, d->n_auditors, sizeof(*h->shares));
	if (h->shares == NULL)
		e = ERR_TOOBIG;
	for (size_t i = 0; e == OK && i < d->n_auditors; i++) {
		struct share *s = &h->shares[i];

		s->auditor = (uint32_t)i + 1;
		s->key = d->auditors[i].id;
		keys_share_hash(s->auditor, shares.b[i], &s->hash);
		addressee_auditor(s->auditor, &d->auditors[i].pub, &addressee);
		if ((e = keys_box(h, cek, &addressee, shares.b[i], &box)) != OK) {
			why_set(why, e, "shares", "the key of auditor %zu is unusable", i + 1);
			break;
		}
		s->box = arena_span(mem, SPAN(box.b, box.n));
		if (s->box.p == NULL)
			e = ERR_TOOBIG;
	}
	h->n_shares = d->n_auditors;
	sodium_memzero(&shares, sizeof(shares));
	return e;
}

static enum err
make_capsule(struct header *h, const struct record *record, const uint8_t cek[32], struct arena *mem, struct why *why)
{
	uint8_t closed[ENVELOPE_CAPSULE_LEN];
	struct capsule capsule;
	enum err e;

	capsule_of(record, &capsule);
	if ((e = keys_capsule(h, cek, &capsule, closed)) != OK)
		return why_set(why, e, "capsule", "its codes are too long");
	h->capsule = arena_span(mem, SPAN(closed, sizeof(closed)));
	return h->capsule.p == NULL ? ERR_TOOBIG : OK;
}

/* Encode the header and close `plain` (absent: no body) under its bytes. */
static enum err
finish(const struct header *h, struct span plain, const uint8_t cek[32], struct arena *mem, struct envelope *ret_envelope,
       struct why *why)
{
	struct envelope env = { .header = *h };
	enum err e;

	if ((e = header_check(h, why)) != OK)
		return e;
	if ((e = header_encode(h, mem, &env.header_bytes)) != OK)
		return why_set(why, e, "header", "too large");
	if (plain.p != NULL && (e = keys_close(cek, env.header_bytes, plain, mem, &env.body)) != OK)
		return why_set(why, e, "body", "%zu bytes", plain.n);
	envelope_hash(env.header_bytes, env.body, &env.hash);
	*ret_envelope = env;
	return OK;
}

enum err
seal_record(struct header *h, const struct record *record, const struct directory *d, const struct sheets *sheets,
	    const struct key_id *signing, const uint8_t cek[32], struct arena *mem, struct envelope *ret_envelope, struct why *why)
{
	struct span plain;
	enum err e;

	if ((e = begin(h, d, signing, why)) != OK)
		return e;
	if ((e = record_encode(record, mem, &plain, why)) != OK)
		return e;
	keys_commit(cek, &h->commit);
	if ((e = make_wraps(h, sheets, cek, mem, why)) != OK)
		return e;
	if ((e = make_shares(h, d, cek, mem, why)) != OK)
		return e;
	if ((e = make_capsule(h, record, cek, mem, why)) != OK)
		return e;
	return finish(h, plain, cek, mem, ret_envelope, why);
}

enum err
seal_receipt(struct header *h, const struct receipt_detail *detail, const struct directory *d, const struct sheets *sheets,
	     const struct key_id *signing, const uint8_t cek[32], struct arena *mem, struct envelope *ret_envelope, struct why *why)
{
	struct span plain = SPAN_NONE;
	enum err e;

	if ((e = begin(h, d, signing, why)) != OK)
		return e;
	if (detail != NULL) {
		if ((e = receipt_encode(detail, mem, &plain)) != OK)
			return why_set(why, e, "receipt", "case number or text is too long");
		keys_commit(cek, &h->commit);
		if ((e = make_wraps(h, sheets, cek, mem, why)) != OK)
			return e;
	}
	return finish(h, plain, cek, mem, ret_envelope, why);
}
