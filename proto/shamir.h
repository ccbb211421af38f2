/* SPDX-License-Identifier: EUPL-1.2 */
/* shamir - a 32-byte secret as n shares, k of which give it back (PROTOCOL.md 4.5). */
#ifndef PROTO_SHAMIR_H
#define PROTO_SHAMIR_H

#include <stddef.h>
#include <stdint.h>

#include "proto/base/err.h"

#define SHAMIR_LEN 32
#define SHAMIR_MAX 64

/* Shares at x = 1..n of the polynomial with `coefficients` (k - 1 blocks of SHAMIR_LEN, the highest degree first) and the
 * secret as its constant. 2 <= k <= n <= SHAMIR_MAX, or ERR_FORMAT. `ret_shares`: n blocks. Deterministic. */
enum err shamir_split(const uint8_t secret[SHAMIR_LEN], const uint8_t *coefficients, unsigned k, unsigned n,
		      uint8_t (*ret_shares)[SHAMIR_LEN]) MUST_USE;
/* The polynomial's value at 0 from its values at `xs` (distinct, 1..SHAMIR_MAX; else ERR_FORMAT). With fewer than k shares the
 * result is another secret: the caller checks it. */
enum err shamir_combine(const uint8_t *xs, const uint8_t (*shares)[SHAMIR_LEN], unsigned n, uint8_t ret_secret[SHAMIR_LEN]) MUST_USE;

#endif
