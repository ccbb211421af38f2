/* SPDX-License-Identifier: EUPL-1.2 */
/* sheet - an agency's keys by its own signature only, never going back. */
#include "trust_world.h"

/* What is signed opens, with key ids computed; the same version again is fine, an older one is not. */
static void
test_round_trip(void **state)
{
	struct world *w = world_new();
	struct span bytes = world_sign_sheet(w, 1, 5);
	struct sheet *s;
	struct why why;

	(void)state;
	assert_int_equal(sheet_open(bytes, w->directory, 5, w->mem, &s, &why), OK);
	assert_string_equal(s->agency, world_ids[1]);
	assert_true(key_id_eq(&s->sealing[0].id, key_id(w->sealing[1])));
	assert_memory_equal(&s->transport, key_public(w->transport[1]), KEY_LEN);
	assert_int_equal(sheet_open(bytes, w->directory, 6, w->mem, &s, &why), ERR_STALE);
	world_free(w);
}

/* Any one bit flipped is refused. */
static void
test_every_bit(void **state)
{
	struct world *w = world_new();
	struct arena *mem = arena_new(1 << 20);
	struct span bytes = world_sign_sheet(w, 1, 1);
	uint8_t *copy = arena_copy(w->mem, bytes.p, bytes.n);
	struct sheet *s;
	struct why why;

	(void)state;
	for (size_t bit = 0; bit < 8 * bytes.n; bit++) {
		arena_reset(mem);
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (sheet_open(SPAN(copy, bytes.n), w->directory, 0, mem, &s, &why) == OK)
			fail_msg("bit %zu", bit);
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	arena_free(mem);
	world_free(w);
}

/* Signed with another agency's key, or of an agency that is not there, it is refused. */
static void
test_wrong_signer(void **state)
{
	struct world *w = world_new();
	struct sheet s = *w->sheet[1], *got;
	struct span bytes;
	struct why why;

	(void)state;
	assert_int_equal(sheet_sign(&s, w->signing[2], w->mem, &bytes), OK);
	assert_int_equal(sheet_open(bytes, w->directory, 0, w->mem, &got, &why), ERR_BAD_SIGNATURE);
	s.agency = "nobody";
	assert_int_equal(sheet_sign(&s, w->signing[2], w->mem, &bytes), OK);
	assert_int_equal(sheet_open(bytes, w->directory, 0, w->mem, &got, &why), ERR_UNKNOWN_AGENCY);
	world_free(w);
}

/* A sheet that would not open is not signed: no key, a key twice, too many, no version. */
static void
test_incomplete(void **state)
{
	struct world *w = world_new();
	struct sheet s = *w->sheet[1];
	struct span bytes;

	(void)state;
	s.version = 0;
	assert_int_equal(sheet_sign(&s, w->signing[1], w->mem, &bytes), ERR_FORMAT);
	s = *w->sheet[1];
	s.n_sealing = 0;
	assert_int_equal(sheet_sign(&s, w->signing[1], w->mem, &bytes), ERR_FORMAT);
	s.n_sealing = SHEET_SEALING_MAX + 1;
	assert_int_equal(sheet_sign(&s, w->signing[1], w->mem, &bytes), ERR_FORMAT);
	s = *w->sheet[1];
	s.n_sealing = 2;
	s.sealing[1] = s.sealing[0];
	assert_int_equal(sheet_sign(&s, w->signing[1], w->mem, &bytes), ERR_FORMAT);
	s = *w->sheet[1];
	memset(&s.witness, 0, sizeof(s.witness));
	assert_int_equal(sheet_sign(&s, w->signing[1], w->mem, &bytes), ERR_FORMAT);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_every_bit), cmocka_unit_test(test_wrong_signer),
		cmocka_unit_test(test_incomplete),
	};

	return cmocka_run_group_tests_name("sheet", tests, NULL, NULL);
}
