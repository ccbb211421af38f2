/* SPDX-License-Identifier: EUPL-1.2 */
/* sign - the one place where Ed25519 signs and verifies.
 *
 * What is signed is tag || 00 || bytes, and a tag has no zero byte, so no two tags can give the same text; a note is signed
 * as it is, and its text never begins with a tag. Only keys made for signatures sign. Pure.
 */
#include "proto/sign.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

/* The use of a key is the programmer's promise, not input. */
static bool
is_signing_use(enum key_use use)
{
	return use == KEY_SIGNING || use == KEY_WITNESS || use == KEY_REGISTRAR || use == KEY_LOG || use == KEY_NOTICE;
}

/* tag || 00 || bytes in `to`; 0 if it does not fit. */
static size_t
tagged(const char *tag, struct span bytes, uint8_t to[SIGN_BYTES_MAX])
{
	size_t tag_len = strlen(tag) + 1;

	if (tag_len > SIGN_BYTES_MAX || bytes.n > SIGN_BYTES_MAX - tag_len)
		return 0;
	memcpy(to, tag, tag_len);
	if (bytes.n > 0)
		memcpy(to + tag_len, bytes.p, bytes.n);
	return tag_len + bytes.n;
}

enum err
sign_bytes(const struct key *key, const char *tag, struct span bytes, uint8_t ret_sig[KEY_SIG_LEN])
{
	uint8_t text[SIGN_BYTES_MAX];
	size_t n = tagged(tag, bytes, text);

	if (n == 0)
		return ERR_TOOBIG;
	return sign_note(key, SPAN(text, n), ret_sig);
}

bool
sign_is_valid(const struct public_key *pub, const char *tag, struct span bytes, const uint8_t sig[KEY_SIG_LEN])
{
	uint8_t text[SIGN_BYTES_MAX];
	size_t n = tagged(tag, bytes, text);

	return n != 0 && sign_is_note(pub, SPAN(text, n), sig);
}

enum err
sign_note(const struct key *key, struct span text, uint8_t ret_sig[KEY_SIG_LEN])
{
	uint8_t pk[crypto_sign_PUBLICKEYBYTES], sk[crypto_sign_SECRETKEYBYTES];

	assert(is_signing_use(key_use_of(key)));
	crypto_sign_seed_keypair(pk, sk, key_secret(key));
	crypto_sign_detached(ret_sig, NULL, text.p, text.n, sk);
	sodium_memzero(sk, sizeof(sk));
	return OK;
}

bool
sign_is_note(const struct public_key *pub, struct span text, const uint8_t sig[KEY_SIG_LEN])
{
	return crypto_sign_verify_detached(sig, text.p, text.n, pub->b) == 0;
}
