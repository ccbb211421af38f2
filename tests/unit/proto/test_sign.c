/* SPDX-License-Identifier: EUPL-1.2 */
/* sign - a signature holds for its key, tag and bytes, and for nothing else. */
#include "trust_world.h"

#include "proto/sign.h"

/* Another key, tag, byte, or a border moved between tag and bytes, is not what was signed. */
static void
test_tagged(void **state)
{
	struct world *w = world_new();
	uint8_t sig[KEY_SIG_LEN];
	const struct public_key *pub = key_public(w->signing[0]);

	(void)state;
	assert_int_equal(sign_bytes(w->signing[0], "tag", SPAN_LIT("bytes"), sig), OK);
	assert_true(sign_is_valid(pub, "tag", SPAN_LIT("bytes"), sig));
	assert_false(sign_is_valid(key_public(w->signing[1]), "tag", SPAN_LIT("bytes"), sig));
	assert_false(sign_is_valid(pub, "tagb", SPAN_LIT("ytes"), sig));
	assert_false(sign_is_valid(pub, "ta", SPAN_LIT("gbytes"), sig));
	assert_false(sign_is_valid(pub, "tag", SPAN_LIT("byteS"), sig));
	for (size_t bit = 0; bit < 8 * KEY_SIG_LEN; bit++) {
		sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(sign_is_valid(pub, "tag", SPAN_LIT("bytes"), sig));
		sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	world_free(w);
}

/* What is longer than the limit is neither signed nor verified. */
static void
test_limit(void **state)
{
	static uint8_t big[SIGN_BYTES_MAX];
	struct world *w = world_new();
	uint8_t sig[KEY_SIG_LEN] = { 0 };

	(void)state;
	assert_int_equal(sign_bytes(w->signing[0], "tag", SPAN(big, SIGN_BYTES_MAX - 4), sig), OK);
	assert_true(sign_is_valid(key_public(w->signing[0]), "tag", SPAN(big, SIGN_BYTES_MAX - 4), sig));
	assert_int_equal(sign_bytes(w->signing[0], "tag", SPAN(big, SIGN_BYTES_MAX - 3), sig), ERR_TOOBIG);
	assert_false(sign_is_valid(key_public(w->signing[0]), "tag", SPAN(big, SIGN_BYTES_MAX - 3), sig));
	world_free(w);
}

/* A key of another kind cannot sign: that is the programmer's mistake and asserts, so the uses that may are tried here. */
static void
test_uses(void **state)
{
	struct world *w = world_new();
	struct key *keys[] = { w->signing[0], w->witness[0], w->registrars[0], w->log, w->notice };
	uint8_t sig[KEY_SIG_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		assert_int_equal(sign_note(keys[i], SPAN_LIT("note\n"), sig), OK);
		assert_true(sign_is_note(key_public(keys[i]), SPAN_LIT("note\n"), sig));
	}
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tagged), cmocka_unit_test(test_limit), cmocka_unit_test(test_uses),
	};

	return cmocka_run_group_tests_name("sign", tests, NULL, NULL);
}
