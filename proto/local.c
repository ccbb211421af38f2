/* SPDX-License-Identifier: EUPL-1.2 */
/* local - closed: version u8, nonce 24, XChaCha20-Poly1305 with the place as additional data. */
#include "proto/local.h"

#include <assert.h>
#include <sodium.h>

#define LOCAL_VERSION 1
#define NONCE_LEN crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_LEN crypto_aead_xchacha20poly1305_ietf_ABYTES
#define HEAD_LEN (1 + NONCE_LEN)

enum err
local_close(const struct key *local, struct span place, struct span plain, struct arena *mem, struct span *ret_closed)
{
	uint8_t *out = arena_alloc(mem, HEAD_LEN + plain.n + TAG_LEN);
	unsigned long long n = 0;

	assert(key_use_of(local) == KEY_LOCAL);
	*ret_closed = SPAN_NONE;
	if (out == NULL)
		return ERR_TOOBIG;
	out[0] = LOCAL_VERSION;
	randombytes_buf(out + 1, NONCE_LEN);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + HEAD_LEN, &n, plain.p, plain.n, place.p, place.n, NULL, out + 1,
						   key_secret(local));
	*ret_closed = SPAN(out, HEAD_LEN + n);
	return OK;
}

enum err
local_open(const struct key *local, struct span place, struct span closed, struct arena *mem, struct span *ret_plain)
{
	unsigned long long n = 0;
	uint8_t *out;

	assert(key_use_of(local) == KEY_LOCAL);
	*ret_plain = SPAN_NONE;
	if (closed.n < HEAD_LEN + TAG_LEN || closed.p[0] != LOCAL_VERSION)
		return ERR_CORRUPT;
	if ((out = arena_alloc(mem, closed.n - HEAD_LEN - TAG_LEN + 1)) == NULL)
		return ERR_TOOBIG;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, &n, NULL, closed.p + HEAD_LEN, closed.n - HEAD_LEN, place.p, place.n,
						       closed.p + 1, key_secret(local)) != 0)
		return ERR_CORRUPT;
	*ret_plain = SPAN(out, n);
	return OK;
}
