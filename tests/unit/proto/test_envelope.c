/* SPDX-License-Identifier: EUPL-1.2 */
/* envelope - header, signature and body together; one signature over a batch. */
#include "trust_world.h"

/* Each envelope of a batch of any size verifies alone, and with no other's place. */
static void
test_batch(void **state)
{
	static const size_t sizes[] = { 1, 2, 3, 7, 8, 65, ENVELOPE_BATCH_MAX };
	struct world *w = world_new();
	struct envelope first = world_seal(w, 1), *batch[ENVELOPE_BATCH_MAX];
	const struct public_key *pub = key_public(w->signing[0]);

	(void)state;
	for (size_t i = 0; i < ENVELOPE_BATCH_MAX; i++) {
		batch[i] = arena_copy(w->mem, &first, sizeof(first));
		batch[i]->hash.b[0] = (uint8_t)i;
		batch[i]->hash.b[1] = (uint8_t)(i >> 8);
	}
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		size_t n = sizes[s], step = n > 100 ? 97 : 1;

		assert_int_equal(envelope_sign(batch, n, w->signing[0], w->mem), OK);
		for (size_t i = 0; i < n; i += step) {
			assert_true(envelope_is_signed(batch[i], pub));
			assert_false(envelope_is_signed(batch[i], key_public(w->signing[1])));
			batch[i]->signature.index ^= 1;
			assert_false(envelope_is_signed(batch[i], pub));
			batch[i]->signature.index ^= 1;
			batch[i]->signature.size++;
			assert_false(envelope_is_signed(batch[i], pub));
			batch[i]->signature.size--;
		}
	}
	assert_int_equal(envelope_sign(batch, 0, w->signing[0], w->mem), ERR_TOOMANY);
	assert_int_equal(envelope_sign(batch, ENVELOPE_BATCH_MAX + 1, w->signing[0], w->mem), ERR_TOOMANY);
	assert_int_equal(envelope_sign(batch, 1, w->signing[1], w->mem), ERR_UNKNOWN_KEY);
	world_free(w);
}

/* The identity covers header and body, each in its place, and not the signature. */
static void
test_hash(void **state)
{
	struct hash a, b;

	(void)state;
	envelope_hash(SPAN_LIT("ab"), SPAN_LIT("c"), &a);
	envelope_hash(SPAN_LIT("a"), SPAN_LIT("bc"), &b);
	assert_false(hash_eq(&a, &b));
	envelope_hash(SPAN_LIT("c"), SPAN_LIT("ab"), &b);
	assert_false(hash_eq(&a, &b));
}

/* What cannot be is refused when decoding: no signature, a wrong length, place or path, another key, a missing body. */
static void
test_malformed(void **state)
{
	struct world *w = world_new();
	struct envelope good = world_seal(w, 1), e, got;
	struct span bytes;
	struct why why;

	(void)state;
	for (unsigned i = 0; i < 7; i++) {
		e = good;
		if (i == 1)
			e.signature.index = 1;
		else if (i == 2)
			e.signature.size = 0;
		else if (i == 3)
			e.signature.size = ENVELOPE_BATCH_MAX + 1;
		else if (i == 4)
			e.signature.n_path = 1;
		else if (i == 5)
			e.signature.key = *key_id(w->signing[1]);
		else if (i == 6)
			e.body = SPAN_NONE;
		assert_int_equal(envelope_encode(&e, w->mem, &bytes), OK);
		assert_int_equal(envelope_decode(bytes, w->mem, &got, &why), i == 0 ? OK : ERR_FORMAT);
	}
	for (size_t n = 0; n < bytes.n; n += 13)
		assert_int_not_equal(envelope_decode(SPAN(bytes.p, n), w->mem, &got, &why), OK);
	e = good;
	e.body.n = ENVELOPE_BODY_MAX + 1;
	assert_int_equal(envelope_encode(&e, w->mem, &bytes), ERR_TOOBIG);
	assert_int_equal(envelope_decode(SPAN(good.body.p, ENVELOPE_BYTES_MAX + 1), w->mem, &got, &why), ERR_TOOBIG);
	world_free(w);
}

/* The largest body passes. */
static void
test_largest(void **state)
{
	struct world *w = world_new();
	struct envelope e = world_seal(w, 1), got;
	struct span bytes;
	struct why why;

	(void)state;
	e.body = SPAN(arena_alloc(w->mem, ENVELOPE_BODY_MAX), ENVELOPE_BODY_MAX);
	assert_int_equal(envelope_encode(&e, w->mem, &bytes), OK);
	assert_int_equal(envelope_decode(bytes, w->mem, &got, &why), OK);
	assert_int_equal(got.body.n, ENVELOPE_BODY_MAX);
	assert_false(envelope_is_signed(&got, key_public(w->signing[0])));
	world_free(w);
}

/* Each stage that an agency's system is told has a name of its own; the others have none. */
static void
test_names(void **state)
{
	(void)state;
	for (enum stage a = STAGE_STORED; a <= STAGE_WITHDRAWN; a++)
		for (enum stage b = STAGE_STORED; b < a; b++)
			assert_string_not_equal(envelope_stage_name(a), envelope_stage_name(b));
	assert_string_equal(envelope_stage_name(STAGE_REGISTERED), "registered");
	assert_null(envelope_stage_name(STAGE_NONE));
	assert_null(envelope_stage_name(STAGE_RESEAL));
	assert_string_equal(envelope_priority_name(PRIORITY_ROUTINE), "routine");
	assert_string_equal(envelope_priority_name(PRIORITY_URGENT), "urgent");
	assert_string_equal(envelope_priority_name(PRIORITY_EMERGENCY), "emergency");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_batch), cmocka_unit_test(test_hash), cmocka_unit_test(test_malformed), cmocka_unit_test(test_largest),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("envelope", tests, NULL, NULL);
}
