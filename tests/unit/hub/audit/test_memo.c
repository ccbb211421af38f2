/* SPDX-License-Identifier: EUPL-1.2 */
/* memo - what is known to be signed */
#include "tests/unit/proto/trust_world.h"
#include "hub/audit/memo.h"

/* A signature is valid before and after it is remembered; no other one becomes so. */
static void
memo_signatures(void **state)
{
	struct world *w = world_new();
	struct envelope env = world_seal(w, 1), forged = env;
	struct memo *m = memo_new();

	for (int i = 0; i < 2; i++) {
		assert_true(memo_is_signed(m, &env, key_public(w->signing[0])));
		assert_false(memo_is_signed(m, &env, key_public(w->signing[1])));
		forged = env;
		forged.hash.b[3] ^= 1;
		assert_false(memo_is_signed(m, &forged, key_public(w->signing[0])));
		forged = env;
		forged.signature.sig[9] ^= 1;
		assert_false(memo_is_signed(m, &forged, key_public(w->signing[0])));
	}
	memo_free(m);
	world_free(w);
	(void)state;
}

/* Only what was put is in it. */
static void
memo_set(void **state)
{
	struct memo *m = memo_new();
	struct hash h;

	for (unsigned i = 0; i < 1000; i++) {
		hash_sha256(SPAN(&i, sizeof(i)), &h);
		assert_false(memo_has(m, &h));
		memo_put(m, &h);
		assert_true(memo_has(m, &h));
	}
	memo_free(m);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memo_signatures),
		cmocka_unit_test(memo_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
