/* SPDX-License-Identifier: EUPL-1.2 */
/* leaf - one form of leaf and detail; each leaf type has a name of its own. */
#include "trust_world.h"

#include "proto/leaf.h"

static const struct leaf sample = {
	.type = LEAF_REGISTERED, .retention = RETAIN_MESSAGE, .seq = 0x0102030405060708, .seconds = 1772445600, .aux = 3,
	.detail = { { 9 } },
};

/* A leaf comes back; its bytes are where the protocol has them. */
static void
test_leaf(void **state)
{
	uint8_t bytes[LEAF_LEN];
	struct leaf back;

	(void)state;
	leaf_encode(&sample, bytes);
	assert_memory_equal(bytes, "NSKL\x03\x02\0\0\x01\x02\x03\x04\x05\x06\x07\x08", 16);
	assert_int_equal(bytes[32], 9);
	assert_int_equal(leaf_decode(SPAN(bytes, LEAF_LEN), &back), OK);
	assert_true(back.type == sample.type && back.seq == sample.seq && back.aux == 3 && hash_eq(&back.detail, &sample.detail));
}

/* Another length, magic, type, retention or anything in the two zero bytes is refused. */
static void
test_bad_leaf(void **state)
{
	static const struct { size_t at; uint8_t value; } bad[] = {
		{ 0, 'n' }, { 3, 'M' }, { 4, 0 }, { 4, LEAF_RESEAL + 1 }, { 4, 255 }, { 5, 0 }, { 5, 4 }, { 6, 1 }, { 7, 1 },
	};
	uint8_t bytes[LEAF_LEN + 1];
	struct leaf back;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		leaf_encode(&sample, bytes);
		bytes[bad[i].at] = bad[i].value;
		assert_int_equal(leaf_decode(SPAN(bytes, LEAF_LEN), &back), ERR_FORMAT);
	}
	leaf_encode(&sample, bytes);
	assert_int_equal(leaf_decode(SPAN(bytes, LEAF_LEN - 1), &back), ERR_FORMAT);
	assert_int_equal(leaf_decode(SPAN(bytes, LEAF_LEN + 1), &back), ERR_FORMAT);
}

/* All types are named, each differently. */
static void
test_names(void **state)
{
	(void)state;
	for (int i = LEAF_SUBMIT; i <= LEAF_RESEAL; i++)
		for (int k = LEAF_SUBMIT; k <= i; k++)
			assert_true((strcmp(leaf_type_name((enum leaf_type)i), leaf_type_name((enum leaf_type)k)) == 0) == (i == k));
	assert_string_equal(leaf_type_name((enum leaf_type)0), "?");
	assert_string_equal(leaf_type_name((enum leaf_type)99), "?");
}

/* A detail comes back whole, an empty one empty; a salt changes its hash. */
static void
test_detail(void **state)
{
	struct world *w = world_new();
	struct header h = world_header(2);
	struct detail d = { .id = h.id, .about = h.id, .env_hash = { { 4 } }, .from = h.from, .to = { h.to[0], h.to[1] }, .n_to = 2,
			    .thread = h.thread, .thread_seq = 8, .at_ms = 5, .created_ms = -6, .code = ERR_ORDER, .version = 7,
			    .object = { { 1 } }, .text = "purpose" }, back, none = { 0 };
	uint8_t salt[LEAF_SALT_LEN] = { 0 };
	struct hash a, b;
	struct span bytes;

	(void)state;
	assert_int_equal(detail_encode(&d, w->mem, &bytes), OK);
	assert_int_equal(detail_decode(bytes, w->mem, &back), OK);
	assert_string_equal(back.to[1], d.to[1]);
	assert_true(msgid_eq(&back.about, &d.about) && back.created_ms == -6 && back.code == ERR_ORDER && back.version == 7);
	assert_string_equal(back.text, "purpose");
	detail_hash(salt, bytes, &a);
	salt[15] = 1;
	detail_hash(salt, bytes, &b);
	assert_false(hash_eq(&a, &b));
	assert_int_equal(detail_encode(&none, w->mem, &bytes), OK);
	assert_int_equal(bytes.n, 0);
	assert_int_equal(detail_decode(bytes, w->mem, &back), OK);
	assert_true(back.from == NULL && back.text == NULL && msgid_is_zero(&back.id));
	world_free(w);
}

/* Unknown error numbers, wrong lengths, written zeroes and too much are refused. */
static void
test_bad_detail(void **state)
{
	static const struct span bad[] = {
		SPAN_LIT("\x50\x01"), SPAN_LIT("\x0a\x02\x01\x02"), SPAN_LIT("\x0a\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
		SPAN_LIT("\x22\x02\xc3\x28"), SPAN_LIT("\x22\x00"), SPAN_LIT("\x7a\x01\x01"),
	};
	struct world *w = world_new();
	struct detail back, d = { .n_to = ENVELOPE_TO_MAX + 1 };
	struct span bytes;
	char big[DETAIL_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(detail_decode(bad[i], w->mem, &back), ERR_FORMAT);
	assert_int_equal(detail_encode(&d, w->mem, &bytes), ERR_TOOMANY);
	memset(big, 'x', DETAIL_MAX);
	big[DETAIL_MAX] = '\0';
	d = (struct detail){ .text = big };
	assert_int_equal(detail_encode(&d, w->mem, &bytes), ERR_TOOBIG);
	assert_int_equal(detail_decode(SPAN(big, sizeof(big)), w->mem, &back), ERR_TOOBIG);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leaf),   cmocka_unit_test(test_bad_leaf),	  cmocka_unit_test(test_names),
		cmocka_unit_test(test_detail), cmocka_unit_test(test_bad_detail),
	};

	return cmocka_run_group_tests_name("leaf", tests, NULL, NULL);
}
