/* SPDX-License-Identifier: EUPL-1.2 */
/* seal_keys - each construction alone: boxes bind their message, padding has its steps, keys differ by use. */
#include "trust_world.h"

#include "proto/seal_keys.h"

/* A box opens for its addressee, message and kind, and for nothing else. */
static void
test_box(void **state)
{
	struct world *w = world_new();
	struct header h = world_seal(w, 2).header, other = h;
	struct addressee a, b;
	uint8_t secret[64];
	struct box box;
	struct why why;

	(void)state;
	addressee_recipient(&h, 0, key_public(w->sealing[1]), &a);
	addressee_recipient(&h, 1, key_public(w->sealing[1]), &b);
	assert_int_equal(keys_box(&h, w->cek, &a, NULL, &box), OK);
	assert_int_equal(keys_unbox(&h, SPAN(box.b, box.n), w->sealing[1], &a, secret, &why), OK);
	assert_memory_equal(secret, w->cek, CEK_LEN);
	assert_int_equal(keys_unbox(&h, SPAN(box.b, box.n), w->sealing[2], &a, secret, &why), ERR_CANNOT_OPEN);
	assert_int_equal(keys_unbox(&h, SPAN(box.b, box.n), w->sealing[1], &b, secret, &why), ERR_INCONSISTENT);
	other.id.b[15] ^= 1;
	assert_int_equal(keys_unbox(&other, SPAN(box.b, box.n), w->sealing[1], &a, secret, &why), ERR_INCONSISTENT);
	other = h;
	other.commit.b[0] ^= 1;
	assert_int_equal(keys_unbox(&other, SPAN(box.b, box.n), w->sealing[1], &a, secret, &why), ERR_INCONSISTENT);
	other = h;
	other.from = "plovdiv-gx";
	assert_int_equal(keys_unbox(&other, SPAN(box.b, box.n), w->sealing[1], &a, secret, &why), ERR_INCONSISTENT);
	addressee_auditor(1, key_public(w->sealing[1]), &b);
	assert_int_equal(keys_unbox(&h, SPAN(box.b, box.n), w->sealing[1], &b, secret, &why), ERR_INCONSISTENT);
	for (size_t n = 0; n < box.n; n++)
		assert_int_equal(keys_unbox(&h, SPAN(box.b, n), w->sealing[1], &a, secret, &why), ERR_CANNOT_OPEN);
	world_free(w);
}

/* Bodies have the lengths of the ladder, at and around each step; beyond the last nothing is closed. */
static void
test_ladder(void **state)
{
	static const size_t steps[] = { 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20 };
	struct arena *mem = arena_new(16 << 20);
	uint8_t *plain = calloc(1, (1 << 20) + 1), cek[32] = { 3 };
	struct span body, back;
	struct why why;

	(void)state;
	assert_non_null(plain);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		for (size_t n = steps[i] - 2; n <= steps[i]; n++) {
			enum err e = keys_close(cek, SPAN_LIT("header"), SPAN(plain, n), mem, &body);

			if (n == 1 << 20) {
				assert_int_equal(e, ERR_TOOBIG);
				continue;
			}
			assert_int_equal(e, OK);
			assert_int_equal(body.n, (n < steps[i] ? steps[i] : steps[i + 1]) + 16);
			assert_int_equal(keys_reopen(cek, SPAN_LIT("header"), body, mem, &back, &why), OK);
			assert_int_equal(back.n, n);
			assert_int_equal(keys_reopen(cek, SPAN_LIT("headex"), body, mem, &back, &why), ERR_INCONSISTENT);
			arena_reset(mem);
		}
	}
	assert_int_equal(keys_close(cek, SPAN_LIT("h"), SPAN_NONE, mem, &body), OK);
	assert_int_equal(body.n, 1024 + 16);
	assert_int_equal(keys_reopen(cek, SPAN_LIT("h"), SPAN(body.p, 15), mem, &back, &why), ERR_INCONSISTENT);
	free(plain);
	arena_free(mem);
}

/* Two auditors' share hashes of the same bytes differ, and thresholds out of range give no shares. */
static void
test_shares(void **state)
{
	uint8_t cek[32] = { 1 };
	struct shares shares;
	struct hash a, b;

	(void)state;
	assert_int_equal(keys_shares(cek, 3, 5, &shares), OK);
	keys_share_hash(1, shares.b[0], &a);
	keys_share_hash(2, shares.b[0], &b);
	assert_false(hash_eq(&a, &b));
	assert_int_equal(keys_shares(cek, 1, 5, &shares), ERR_FORMAT);
	assert_int_equal(keys_shares(cek, SHAMIR_MAX + 1, SHAMIR_MAX + 1, &shares), ERR_FORMAT);
	assert_int_equal(keys_shares(cek, 6, 5, &shares), ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_box), cmocka_unit_test(test_ladder), cmocka_unit_test(test_shares),
	};

	return cmocka_run_group_tests_name("seal_keys", tests, NULL, NULL);
}
