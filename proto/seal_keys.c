/* SPDX-License-Identifier: EUPL-1.2 */
/* seal_keys - the derivations and primitives of an envelope, each once. See PROTOCOL.md 4 for the bytes.
 *
 * All nonces are zero because every key is used for one text only: a content key is drawn for one message and each of its
 * subkeys closes one part of it. Every secret on the stack is wiped before return.
 */
#include "proto/seal_keys.h"

#include <sodium.h>
#include <stdio.h>

#define CONTEXT_BODY "nskBody_"
#define CONTEXT_CAPSULE "nskCaps_"
#define CONTEXT_SHAMIR "nskShar_"	/* subkey id: number of the coefficient block, from 1 */
#define CONTEXT_WRAP "nskWrap_"		/* subkey id: 1-based place in `to` */
#define CONTEXT_AUDITOR "nskAudt_"	/* subkey id: the auditor's number */

#define TAG_COMMIT "nasoka/v1/commit"
#define TAG_SHARE "nasoka/v1/share"

static const uint8_t zero_nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
static const size_t ladder[] = { 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20 };

#define LADDER_STEPS (sizeof(ladder) / sizeof(ladder[0]))

static void
derive(const uint8_t cek[CEK_LEN], const char *context, uint64_t id, uint8_t ret_key[32])
{
	crypto_kdf_derive_from_key(ret_key, 32, id, context, cek);
}

void
keys_commit(const uint8_t cek[CEK_LEN], struct hash *ret_commit)
{
	crypto_generichash(ret_commit->b, sizeof(ret_commit->b), (const uint8_t *)TAG_COMMIT, sizeof(TAG_COMMIT), cek, CEK_LEN);
}

void
keys_body(const uint8_t cek[CEK_LEN], uint8_t ret_key[32])
{
	derive(cek, CONTEXT_BODY, 1, ret_key);
}

enum err
keys_shares(const uint8_t cek[CEK_LEN], unsigned k, unsigned n, struct shares *ret_shares)
{
	uint8_t coefficients[SHAMIR_MAX][SHAMIR_LEN];
	enum err e;

	if (k < 2 || k > SHAMIR_MAX)
		return ERR_FORMAT;
	for (unsigned i = 0; i < k - 1; i++)
		derive(cek, CONTEXT_SHAMIR, i + 1, coefficients[i]);
	e = shamir_split(cek, coefficients[0], k, n, ret_shares->b);
	sodium_memzero(coefficients, sizeof(coefficients));
	return e;
}

static void
put_u32(uint8_t to[4], uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (uint8_t)(v >> (24 - 8 * i));
}

void
keys_share_hash(uint32_t auditor, const uint8_t share[SHAMIR_LEN], struct hash *ret_hash)
{
	uint8_t text[sizeof(TAG_SHARE) + 4 + SHAMIR_LEN];

	memcpy(text, TAG_SHARE, sizeof(TAG_SHARE));
	put_u32(text + sizeof(TAG_SHARE), auditor);
	memcpy(text + sizeof(TAG_SHARE) + 4, share, SHAMIR_LEN);
	hash_blake2b(SPAN(text, sizeof(text)), ret_hash);
	sodium_memzero(text, sizeof(text));
}

/* -- boxes -- */

void
addressee_recipient(const struct header *h, size_t place, const struct public_key *pub, struct addressee *ret_addressee)
{
	*ret_addressee = (struct addressee){ .pub = pub, .number = place + 1 };
	snprintf(ret_addressee->name, sizeof(ret_addressee->name), "%s", h->to[place]);
}

void
addressee_auditor(uint32_t number, const struct public_key *pub, struct addressee *ret_addressee)
{
	*ret_addressee = (struct addressee){ .pub = pub, .number = number, .is_auditor = true };
	snprintf(ret_addressee->name, sizeof(ret_addressee->name), "#%u", (unsigned)number);
}

static size_t
put_text(uint8_t *to, const char *text)
{
	size_t n = strlen(text);

	to[0] = (uint8_t)n;
	memcpy(to + 1, text, n);
	return 1 + n;
}

/* from, id and commit: what ties a part to its message. */
static size_t
put_binding(const struct header *h, uint8_t *to)
{
	size_t n = put_text(to, h->from);

	memcpy(to + n, h->id.b, MSGID_LEN);
	n += MSGID_LEN;
	memcpy(to + n, h->commit.b, sizeof(h->commit.b));
	return n + sizeof(h->commit.b);
}

static size_t
put_head(const struct header *h, const struct addressee *a, uint8_t *to)
{
	size_t n = put_binding(h, to);

	return n + put_text(to + n, a->name);
}

/* crypto_box_seal with an ephemeral key of our choice. */
static bool
box_seal(const uint8_t seed[32], const struct public_key *to, const uint8_t *plain, size_t n, uint8_t *ret_box)
{
	uint8_t epk[crypto_box_PUBLICKEYBYTES], esk[crypto_box_SECRETKEYBYTES], nonce[crypto_box_NONCEBYTES];
	crypto_generichash_state st;
	bool is_ok;

	crypto_box_seed_keypair(epk, esk, seed);
	crypto_generichash_init(&st, NULL, 0, sizeof(nonce));
	crypto_generichash_update(&st, epk, sizeof(epk));
	crypto_generichash_update(&st, to->b, sizeof(to->b));
	crypto_generichash_final(&st, nonce, sizeof(nonce));
	memcpy(ret_box, epk, sizeof(epk));
	is_ok = crypto_box_easy(ret_box + sizeof(epk), plain, n, nonce, to->b, esk) == 0;
	sodium_memzero(esk, sizeof(esk));
	return is_ok;
}

enum err
keys_box(const struct header *h, const uint8_t cek[CEK_LEN], const struct addressee *a, const uint8_t *share, struct box *ret_box)
{
	uint8_t plain[BOX_PLAIN_MAX], seed[32];
	size_t n = put_head(h, a, plain);
	enum err e = OK;

	if (a->is_auditor) {
		derive(cek, CONTEXT_CAPSULE, 1, plain + n);
		memcpy(plain + n + 32, share, SHAMIR_LEN);
		n += 32 + SHAMIR_LEN;
	} else {
		memcpy(plain + n, cek, CEK_LEN);
		n += CEK_LEN;
	}
	derive(cek, a->is_auditor ? CONTEXT_AUDITOR : CONTEXT_WRAP, a->number, seed);
	if (!box_seal(seed, a->pub, plain, n, ret_box->b))
		e = ERR_UNKNOWN_KEY;
	ret_box->n = n + BOX_OVERHEAD;
	sodium_memzero(plain, sizeof(plain));
	sodium_memzero(seed, sizeof(seed));
	return e;
}

enum err
keys_unbox(const struct header *h, struct span box, const struct key *own, const struct addressee *a, uint8_t *ret_secret,
	   struct why *why)
{
	uint8_t plain[ENVELOPE_BOX_MAX], head[BOX_PLAIN_MAX];
	size_t head_n = put_head(h, a, head), secret_n = a->is_auditor ? 64 : 32;
	enum err e = OK;

	if (box.n < BOX_OVERHEAD || box.n > ENVELOPE_BOX_MAX)
		return why_set(why, ERR_CANNOT_OPEN, "box", "%zu bytes", box.n);
	if (crypto_box_seal_open(plain, box.p, box.n, key_public(own)->b, key_secret(own)) != 0)
		e = why_set(why, ERR_CANNOT_OPEN, "box", "does not open with the key that it names");
	else if (box.n - BOX_OVERHEAD != head_n + secret_n || memcmp(plain, head, head_n) != 0)
		e = why_set(why, ERR_INCONSISTENT, "box", "made for another message or addressee");
	else
		memcpy(ret_secret, plain + head_n, secret_n);
	sodium_memzero(plain, sizeof(plain));
	return e;
}

/* -- capsule -- */

enum err
keys_capsule(const struct header *h, const uint8_t cek[CEK_LEN], const struct capsule *c,
	     uint8_t ret_closed[static ENVELOPE_CAPSULE_LEN])
{
	uint8_t plain[CAPSULE_LEN], key[32], ad[BOX_PLAIN_MAX];
	size_t ad_n = put_binding(h, ad);
	enum err e;

	if ((e = capsule_encode(c, plain)) != OK)
		return e;
	derive(cek, CONTEXT_CAPSULE, 1, key);
	crypto_aead_xchacha20poly1305_ietf_encrypt(ret_closed, NULL, plain, sizeof(plain), ad, ad_n, NULL, zero_nonce, key);
	sodium_memzero(key, sizeof(key));
	return OK;
}

enum err
keys_uncapsule(const struct header *h, const uint8_t key[32], struct arena *mem, struct capsule *ret_capsule, struct why *why)
{
	uint8_t plain[CAPSULE_LEN], ad[BOX_PLAIN_MAX];
	size_t ad_n = put_binding(h, ad);

	if (h->capsule.n != ENVELOPE_CAPSULE_LEN ||
	    crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, h->capsule.p, h->capsule.n, ad, ad_n, zero_nonce,
						       key) != 0)
		return why_set(why, ERR_INCONSISTENT, "capsule", "does not open with the key in the box");
	if (capsule_decode(plain, mem, ret_capsule) != OK)
		return why_set(why, ERR_INCONSISTENT, "capsule", "is malformed");
	return OK;
}

/* -- body -- */

/* The smallest step that exceeds `n`; 0 if none does. */
static size_t
padded_len(size_t n)
{
	for (size_t i = 0; i < LADDER_STEPS; i++)
		if (n < ladder[i])
			return ladder[i];
	return 0;
}

enum err
keys_close(const uint8_t cek[CEK_LEN], struct span header, struct span plain, struct arena *mem, struct span *ret_body)
{
	size_t size = padded_len(plain.n), padded;
	uint8_t key[32], *body;

	if (size == 0)
		return ERR_TOOBIG;
	body = arena_alloc(mem, size + crypto_aead_xchacha20poly1305_ietf_ABYTES);
	if (body == NULL)
		return ERR_TOOBIG;
	if (plain.n > 0)
		memcpy(body, plain.p, plain.n);
	if (sodium_pad(&padded, body, plain.n, size, size) != 0)
		return ERR_TOOBIG;
	keys_body(cek, key);
	crypto_aead_xchacha20poly1305_ietf_encrypt(body, NULL, body, padded, header.p, header.n, NULL, zero_nonce, key);
	sodium_memzero(key, sizeof(key));
	*ret_body = SPAN(body, padded + crypto_aead_xchacha20poly1305_ietf_ABYTES);
	return OK;
}

enum err
keys_reopen(const uint8_t cek[CEK_LEN], struct span header, struct span body, struct arena *mem, struct span *ret_plain,
	    struct why *why)
{
	uint8_t key[32], *plain;
	size_t n, size;
	bool is_ok;

	if (body.n < crypto_aead_xchacha20poly1305_ietf_ABYTES)
		return why_set(why, ERR_INCONSISTENT, "body", "%zu bytes", body.n);
	size = body.n - crypto_aead_xchacha20poly1305_ietf_ABYTES;
	plain = arena_alloc(mem, size);
	if (plain == NULL)
		return ERR_TOOBIG;
	keys_body(cek, key);
	is_ok = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, body.p, body.n, header.p, header.n, zero_nonce,
							   key) == 0;
	sodium_memzero(key, sizeof(key));
	if (!is_ok)
		return why_set(why, ERR_INCONSISTENT, "body", "does not open with the committed key");
	if (size == 0 || sodium_unpad(&n, plain, size, size) != 0 || padded_len(n) != size)
		return why_set(why, ERR_INCONSISTENT, "body", "is not padded as it must be");
	*ret_plain = SPAN(plain, n);
	return OK;
}
