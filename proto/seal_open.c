/* SPDX-License-Identifier: EUPL-1.2 */
/* seal_open - opening: a recipient's way in, with the recomputation of everything; an auditor's; and k auditors' together.
 *
 * A recipient trusts nothing that it can compute: from the content key in its own box it makes every box, share, share hash
 * and the capsule again and compares bytes. What passes is the same message for every recipient and every auditor.
 */
#include "proto/seal.h"

#include <string.h>

#include "proto/seal_keys.h"
#include "proto/seal_receipt.h"

/* The sender stands in the directory of the version named, and signed with the key that stands there. */
static enum err
check_sender(const struct envelope *e, const struct directory *d, struct why *why)
{
	const struct header *h = &e->header;
	const struct agency *sender;

	if (h->directory_version > d->version)
		return why_set(why, ERR_BUSY, "directory_version", "%llu is not known here yet",
			       (unsigned long long)h->directory_version);
	if (h->directory_version < d->version)
		return why_set(why, ERR_UNKNOWN_KEY, "directory_version", "%llu is not the one at hand",
			       (unsigned long long)h->directory_version);
	sender = directory_find(d, h->from);
	if (sender == NULL)
		return why_set(why, ERR_UNKNOWN_AGENCY, "from", "not in the directory");
	if (!key_id_eq(&sender->signing_id, &h->signing_key))
		return why_set(why, ERR_UNKNOWN_KEY, "signing_key", "not the sender's in the directory");
	if (!envelope_is_signed(e, &sender->signing))
		return why_set(why, ERR_BAD_SIGNATURE, "signature", "not by the sender");
	return OK;
}

/* Open one's own wrap. The commitment is checked here: no key is used that the header does not commit to. */
static enum err
open_wrap(const struct header *h, const struct open_keys *keys, uint8_t ret_cek[32], size_t *ret_place, const struct key **ret_own,
	  struct why *why)
{
	struct addressee addressee;
	const struct key *own = NULL;
	struct hash commit;
	size_t place = 0;
	enum err e;

	while (place < h->n_wraps && strcmp(h->wraps[place].agency, keys->agency) != 0)
		place++;
	if (place == h->n_wraps)
		return why_set(why, ERR_CANNOT_OPEN, "wraps", "none for %s", keys->agency);
	for (size_t i = 0; i < keys->n && own == NULL; i++)
		if (key_id_eq(key_id(keys->sealing[i]), &h->wraps[place].key))
			own = keys->sealing[i];
	if (own == NULL)
		return why_set(why, ERR_RESEAL, "wraps", "sealed to a key that is not here");
	addressee_recipient(h, place, key_public(own), &addressee);
	if ((e = keys_unbox(h, h->wraps[place].box, own, &addressee, ret_cek, why)) != OK)
		return e;
	keys_commit(ret_cek, &commit);
	if (!hash_eq(&commit, &h->commit))
		return why_set(why, ERR_INCONSISTENT, "commit", "not of the key in the box");
	*ret_place = place;
	*ret_own = own;
	return OK;
}

static bool
is_box(struct span got, const struct box *made)
{
	return span_eq(got, SPAN(made->b, made->n));
}

/* The public key that a wrap names: one's own from the key at hand, another's from its sheet. */
static const struct public_key *
wrap_key(const struct wrap *w, const struct sheets *sheets)
{
	for (size_t s = 0; sheets != NULL && s < sheets->n; s++) {
		const struct sheet *sheet = sheets->items[s];

		if (strcmp(sheet->agency, w->agency) != 0)
			continue;
		for (size_t i = 0; i < sheet->n_sealing; i++)
			if (key_id_eq(&sheet->sealing[i].id, &w->key))
				return &sheet->sealing[i].pub;
	}
	return NULL;
}

static enum err
recompute_wraps(const struct header *h, const uint8_t cek[32], size_t own_place, const struct key *own,
		const struct sheets *sheets, struct why *why)
{
	struct addressee addressee;
	struct box box;

	for (size_t i = 0; i < h->n_wraps; i++) {
		const struct public_key *pub = i == own_place ? key_public(own) : wrap_key(&h->wraps[i], sheets);

		if (pub == NULL)
			return why_set(why, ERR_RESEAL, "wraps", "wrap %zu names a key that its agency names no more", i + 1);
		addressee_recipient(h, i, pub, &addressee);
		if (keys_box(h, cek, &addressee, NULL, &box) != OK || !is_box(h->wraps[i].box, &box))
			return why_set(why, ERR_INCONSISTENT, "wraps", "wrap %zu does not hold this message's key", i + 1);
	}
	return OK;
}

enum err
seal_check_auditors(const struct header *h, const struct directory *d, struct why *why)
{
	if (h->n_shares != d->n_auditors)
		return why_set(why, ERR_INCONSISTENT, "shares", "%zu for %zu auditors", h->n_shares, d->n_auditors);
	for (size_t i = 0; i < h->n_shares; i++)
		if (h->shares[i].auditor != i + 1 || !key_id_eq(&h->shares[i].key, &d->auditors[i].id))
			return why_set(why, ERR_INCONSISTENT, "shares", "share %zu names another auditor", i + 1);
	return OK;
}

static enum err
recompute_shares(const struct header *h, const uint8_t cek[32], const struct directory *d, struct why *why)
{
	struct addressee addressee;
	struct shares shares;
	struct hash hash;
	struct box box;
	enum err e;

	if ((e = seal_check_auditors(h, d, why)) != OK)
		return e;
	if ((e = keys_shares(cek, d->threshold, (unsigned)d->n_auditors, &shares)) != OK)
		return e;
	for (size_t i = 0; e == OK && i < h->n_shares; i++) {
		keys_share_hash((uint32_t)i + 1, shares.b[i], &hash);
		addressee_auditor((uint32_t)i + 1, &d->auditors[i].pub, &addressee);
		if (keys_box(h, cek, &addressee, shares.b[i], &box) != OK || !is_box(h->shares[i].box, &box) ||
		    !hash_eq(&hash, &h->shares[i].hash))
			e = why_set(why, ERR_INCONSISTENT, "shares", "share %zu is not this message's", i + 1);
	}
	explicit_bzero(&shares, sizeof(shares));
	return e;
}

static enum err
recompute_capsule(const struct header *h, const uint8_t cek[32], const struct record *record, struct why *why)
{
	uint8_t closed[ENVELOPE_CAPSULE_LEN];
	struct capsule capsule;

	capsule_of(record, &capsule);
	if (keys_capsule(h, cek, &capsule, closed) != OK || !span_eq(h->capsule, SPAN(closed, sizeof(closed))))
		return why_set(why, ERR_INCONSISTENT, "capsule", "does not say what the record says");
	return OK;
}

enum err
seal_open(const struct envelope *e, const struct directory *d, const struct sheets *sheets, const struct open_keys *keys,
	  struct arena *mem, struct record **ret_record, struct why *why)
{
	const struct header *h = &e->header;
	struct record *record;
	const struct key *own;
	uint8_t cek[CEK_LEN] = { 0 };
	struct span plain;
	size_t place;
	enum err err;

	if (h->class != CLASS_DATA)
		return why_set(why, ERR_FORMAT, "class", "not a message with a record");
	if ((err = check_sender(e, d, why)) != OK)
		return err;
	if ((err = open_wrap(h, keys, cek, &place, &own, why)) != OK)
		goto out;
	if ((err = keys_reopen(cek, e->header_bytes, e->body, mem, &plain, why)) != OK)
		goto out;
	if ((err = record_decode(plain, mem, &record, why)) != OK)
		goto out;
	if ((err = recompute_wraps(h, cek, place, own, sheets, why)) != OK)
		goto out;
	if ((err = recompute_shares(h, cek, d, why)) != OK)
		goto out;
	if ((err = recompute_capsule(h, cek, record, why)) != OK)
		goto out;
	*ret_record = record;
out:
	explicit_bzero(cek, sizeof(cek));
	return err;
}

enum err
seal_open_receipt(const struct envelope *e, const struct directory *d, const struct open_keys *keys, struct arena *mem,
		  struct receipt_detail *ret_detail, struct why *why)
{
	const struct header *h = &e->header;
	struct receipt_detail detail = { 0 };
	uint8_t cek[CEK_LEN] = { 0 };
	const struct key *own;
	struct span plain;
	size_t place;
	enum err err;

	if (h->class != CLASS_RECEIPT)
		return why_set(why, ERR_FORMAT, "class", "not a receipt");
	if ((err = check_sender(e, d, why)) != OK)
		return err;
	if (h->n_wraps == 0)
		goto done;
	if ((err = open_wrap(h, keys, cek, &place, &own, why)) != OK)
		goto out;
	if ((err = recompute_wraps(h, cek, place, own, NULL, why)) != OK)
		goto out;
	if ((err = keys_reopen(cek, e->header_bytes, e->body, mem, &plain, why)) != OK)
		goto out;
	if ((err = receipt_decode(plain, mem, &detail)) != OK) {
		why_set(why, err, "receipt", "is malformed");
		goto out;
	}
done:
	*ret_detail = detail;
out:
	explicit_bzero(cek, sizeof(cek));
	return err;
}

/* -- auditors -- */

enum err
seal_audit(const struct header *h, const struct key *auditor, struct arena *mem, struct capsule *ret_capsule,
	   struct opened_share *ret_share, struct why *why)
{
	struct addressee addressee;
	struct opened_share opened;
	uint8_t secret[64];
	struct hash hash;
	size_t i = 0;
	enum err e;

	while (i < h->n_shares && !key_id_eq(&h->shares[i].key, key_id(auditor)))
		i++;
	if (i == h->n_shares)
		return why_set(why, ERR_CANNOT_OPEN, "shares", "none for this auditor's key");
	addressee_auditor(h->shares[i].auditor, key_public(auditor), &addressee);
	if ((e = keys_unbox(h, h->shares[i].box, auditor, &addressee, secret, why)) != OK)
		return e;
	if ((e = keys_uncapsule(h, secret, mem, ret_capsule, why)) != OK)
		goto out;
	opened.auditor = h->shares[i].auditor;
	memcpy(opened.bytes, secret + 32, SHAMIR_LEN);
	keys_share_hash(opened.auditor, opened.bytes, &hash);
	opened.is_as_named = hash_eq(&hash, &h->shares[i].hash);
	*ret_share = opened;
	explicit_bzero(&opened, sizeof(opened));
out:
	explicit_bzero(secret, sizeof(secret));
	return e;
}

enum err
seal_combine(const struct envelope *e, const struct opened_share *shares, size_t n, struct arena *mem, struct record **ret_record,
	     struct why *why)
{
	uint8_t xs[SHAMIR_MAX], ys[SHAMIR_MAX][SHAMIR_LEN], cek[CEK_LEN] = { 0 };
	struct span plain;
	struct hash commit;
	enum err err;

	if (n < 2 || n > SHAMIR_MAX)
		return why_set(why, ERR_QUORUM, "shares", "%zu shares", n);
	for (size_t i = 0; i < n; i++) {
		xs[i] = shares[i].auditor > SHAMIR_MAX ? 0 : (uint8_t)shares[i].auditor;
		memcpy(ys[i], shares[i].bytes, SHAMIR_LEN);
	}
	if ((err = shamir_combine(xs, (const uint8_t(*)[SHAMIR_LEN])ys, (unsigned)n, cek)) != OK) {
		why_set(why, err, "shares", "an auditor is named twice, or is none");
		goto out;
	}
	keys_commit(cek, &commit);
	if (!hash_eq(&commit, &e->header.commit)) {
		err = why_set(why, ERR_QUORUM, "shares", "together they do not give this message's key: too few, or one is wrong");
		goto out;
	}
	if ((err = keys_reopen(cek, e->header_bytes, e->body, mem, &plain, why)) != OK)
		goto out;
	err = record_decode(plain, mem, ret_record, why);
out:
	explicit_bzero(ys, sizeof(ys));
	explicit_bzero(cek, sizeof(cek));
	return err;
}
