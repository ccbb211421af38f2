/* SPDX-License-Identifier: EUPL-1.2 */
/* shamir - what libgfshare computes is the formula of the protocol, and any k shares give the secret back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/shamir.h"

static uint8_t
mul(uint8_t a, uint8_t b)
{
	unsigned r = 0, x = a;

	for (unsigned i = 0; i < 8; i++) {
		if (b >> i & 1)
			r ^= x << i;
	}
	for (unsigned i = 15; i >= 8; i--)
		if (r >> i & 1)
			r ^= 0x11du << (i - 8);
	return (uint8_t)r;
}

static void
fill(uint8_t *p, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)((seed += 0x9e3779b9u) >> 24);
}

/* For each k and n up to 8 and the largest: every share is (..(c1 x + c2) x + ..) x + secret in GF(2^8) modulo 0x11d. */
static void
test_formula(void **state)
{
	static const unsigned sizes[][2] = { { 2, 2 }, { 2, 5 }, { 3, 5 }, { 5, 5 }, { 7, 8 }, { 64, 64 } };
	uint8_t secret[SHAMIR_LEN], c[SHAMIR_MAX][SHAMIR_LEN], shares[SHAMIR_MAX][SHAMIR_LEN];

	(void)state;
	for (unsigned s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		unsigned k = sizes[s][0], n = sizes[s][1];

		fill(secret, sizeof(secret), s);
		fill(c[0], sizeof(c), 77 + s);
		assert_int_equal(shamir_split(secret, c[0], k, n, shares), OK);
		for (unsigned x = 1; x <= n; x++)
			for (unsigned i = 0; i < SHAMIR_LEN; i++) {
				uint8_t y = 0;

				for (unsigned j = 0; j + 1 < k; j++)
					y = mul(y, (uint8_t)x) ^ c[j][i];
				assert_int_equal(shares[x - 1][i], mul(y, (uint8_t)x) ^ secret[i]);
			}
	}
}

/* Any 3 of 5 shares, in any order, and all 5, give the secret; 2 do not. */
static void
test_combine(void **state)
{
	uint8_t secret[SHAMIR_LEN], c[2][SHAMIR_LEN], shares[5][SHAMIR_LEN], some[5][SHAMIR_LEN], got[SHAMIR_LEN], xs[5];

	(void)state;
	fill(secret, sizeof(secret), 5);
	fill(c[0], sizeof(c), 6);
	assert_int_equal(shamir_split(secret, c[0], 3, 5, shares), OK);
	for (unsigned a = 0; a < 5; a++)
		for (unsigned b = 0; b < 5; b++)
			for (unsigned d = 0; d < 5; d++) {
				if (a == b || a == d || b == d)
					continue;
				xs[0] = (uint8_t)(a + 1), xs[1] = (uint8_t)(b + 1), xs[2] = (uint8_t)(d + 1);
				memcpy(some[0], shares[a], SHAMIR_LEN);
				memcpy(some[1], shares[b], SHAMIR_LEN);
				memcpy(some[2], shares[d], SHAMIR_LEN);
				assert_int_equal(shamir_combine(xs, (const uint8_t(*)[SHAMIR_LEN])some, 3, got), OK);
				assert_memory_equal(got, secret, SHAMIR_LEN);
				assert_int_equal(shamir_combine(xs, (const uint8_t(*)[SHAMIR_LEN])some, 2, got), OK);
				assert_memory_not_equal(got, secret, SHAMIR_LEN);
			}
}

/* The library checks nothing: thresholds and numbers out of range, and numbers given twice, are refused here. */
static void
test_limits(void **state)
{
	uint8_t secret[SHAMIR_LEN] = { 1 }, c[SHAMIR_MAX][SHAMIR_LEN], shares[SHAMIR_MAX + 1][SHAMIR_LEN], got[SHAMIR_LEN];
	uint8_t twice[] = { 1, 2, 1 }, zero[] = { 0, 1 }, high[] = { 1, SHAMIR_MAX + 1 };

	(void)state;
	memset(c, 1, sizeof(c));
	memset(shares, 2, sizeof(shares));
	assert_int_equal(shamir_split(secret, c[0], 1, 5, shares), ERR_FORMAT);
	assert_int_equal(shamir_split(secret, c[0], 6, 5, shares), ERR_FORMAT);
	assert_int_equal(shamir_split(secret, c[0], 3, SHAMIR_MAX + 1, shares), ERR_FORMAT);
	assert_int_equal(shamir_combine(twice, (const uint8_t(*)[SHAMIR_LEN])shares, 3, got), ERR_FORMAT);
	assert_int_equal(shamir_combine(zero, (const uint8_t(*)[SHAMIR_LEN])shares, 2, got), ERR_FORMAT);
	assert_int_equal(shamir_combine(high, (const uint8_t(*)[SHAMIR_LEN])shares, 2, got), ERR_FORMAT);
	assert_int_equal(shamir_combine(twice, (const uint8_t(*)[SHAMIR_LEN])shares, 1, got), ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formula), cmocka_unit_test(test_combine), cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests_name("shamir", tests, NULL, NULL);
}
