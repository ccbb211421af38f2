/* SPDX-License-Identifier: EUPL-1.2 */
/* shamir - libgfshare, made deterministic and held to its limits.
 *
 * The library draws its coefficients from a global function, and calls the same function to wipe what it frees. So ours
 * hands the coefficients out while a secret is set, and zeroes at any other time. The library checks neither threshold nor
 * share numbers: we do. Field GF(2^8) modulo 0x11d, byte by byte; a test holds the result to the formula of PROTOCOL.md.
 */
#include "proto/shamir.h"

#include <libgfshare.h>
#include <string.h>

/* What the next draw gives; NULL: zeroes. One per thread, because the library passes no argument. */
static _Thread_local const uint8_t *draw;

static void
fill(unsigned char *to, unsigned n)
{
	if (draw == NULL) {
		memset(to, 0, n);
		return;
	}
	memcpy(to, draw, n);
	draw = NULL;	/* once */
}

enum err
shamir_split(const uint8_t secret[SHAMIR_LEN], const uint8_t *coefficients, unsigned k, unsigned n,
	     uint8_t (*ret_shares)[SHAMIR_LEN])
{
	uint8_t xs[SHAMIR_MAX], copy[SHAMIR_LEN];
	gfshare_ctx *ctx;

	if (k < 2 || k > n || n > SHAMIR_MAX)
		return ERR_FORMAT;
	for (unsigned i = 0; i < n; i++)
		xs[i] = (uint8_t)(i + 1);
	gfshare_fill_rand = fill;
	ctx = gfshare_ctx_init_enc(xs, n, (unsigned char)k, SHAMIR_LEN);
	if (ctx == NULL)
		return ERR_NOMEM;
	memcpy(copy, secret, SHAMIR_LEN);
	draw = coefficients;
	gfshare_ctx_enc_setsecret(ctx, copy);
	draw = NULL;
	for (unsigned i = 0; i < n; i++)
		gfshare_ctx_enc_getshare(ctx, (unsigned char)i, ret_shares[i]);
	gfshare_ctx_free(ctx);
	explicit_bzero(copy, sizeof(copy));
	return OK;
}

enum err
shamir_combine(const uint8_t *xs, const uint8_t (*shares)[SHAMIR_LEN], unsigned n, uint8_t ret_secret[SHAMIR_LEN])
{
	uint8_t numbers[SHAMIR_MAX], copy[SHAMIR_LEN];
	gfshare_ctx *ctx;

	if (n < 2 || n > SHAMIR_MAX)
		return ERR_FORMAT;
	for (unsigned i = 0; i < n; i++) {
		if (xs[i] == 0 || xs[i] > SHAMIR_MAX || memchr(numbers, xs[i], i) != NULL)
			return ERR_FORMAT;
		numbers[i] = xs[i];
	}
	gfshare_fill_rand = fill;
	ctx = gfshare_ctx_init_dec(numbers, n, SHAMIR_LEN);
	if (ctx == NULL)
		return ERR_NOMEM;
	for (unsigned i = 0; i < n; i++) {
		memcpy(copy, shares[i], SHAMIR_LEN);
		gfshare_ctx_dec_giveshare(ctx, (unsigned char)i, copy);
	}
	gfshare_ctx_dec_extract(ctx, ret_secret);
	gfshare_ctx_free(ctx);
	explicit_bzero(copy, sizeof(copy));
	return OK;
}
