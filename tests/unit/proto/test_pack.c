/* SPDX-License-Identifier: EUPL-1.2 */
/* pack - what protobuf-c lets through and this does not. */
#include "trust_world.h"

#include "proto/pack.h"
#include "proto/schema/directory.pb-c.h"

static enum err
decode(struct span bytes, bool is_canonical, struct arena *mem)
{
	ProtobufCMessage *msg;

	return pack_decode(&hub__v1__directory__descriptor, bytes, is_canonical, mem, &msg);
}

/* Unknown fields at any depth, and texts that are not UTF-8, are refused, canonical or not. */
static void
test_strict(void **state)
{
	struct arena *mem = arena_new(1 << 20);

	(void)state;
	assert_int_equal(decode(SPAN_LIT("\x08\x01"), false, mem), OK);
	assert_int_equal(decode(SPAN_LIT("\x08\x01\xf8\x07\x01"), false, mem), ERR_FORMAT);
	assert_int_equal(decode(SPAN_LIT("\x4a\x04\x0a\x02\xc3\x28"), false, mem), ERR_FORMAT);
	assert_int_equal(decode(SPAN_LIT("\x4a\x03\x0a\x01x"), false, mem), OK);
	assert_int_equal(decode(SPAN_LIT("\x4a\x03\x18\x01x"), false, mem), ERR_FORMAT);
	assert_int_equal(decode(SPAN_LIT("\x42\x05\x3a\x03\xed\xa0\x80"), false, mem), ERR_FORMAT);
	arena_free(mem);
}

/* Canonical means one form: order, defaults, repetition and long varints each make another. */
static void
test_canonical(void **state)
{
	static const struct span others[] = {
		SPAN_LIT("\x10\x01\x08\x01"), SPAN_LIT("\x08\x01\x10\x00"), SPAN_LIT("\x08\x02\x08\x01"), SPAN_LIT("\x08\x81\x00"),
		SPAN_LIT("\x22\x02x\x00"),
	};
	struct arena *mem = arena_new(1 << 20);

	(void)state;
	assert_int_equal(decode(SPAN_LIT("\x08\x01\x10\x01"), true, mem), OK);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(decode(others[i], true, mem), ERR_FORMAT);
	assert_int_equal(decode(others[0], false, mem), OK);
	arena_free(mem);
}

/* A full arena is told apart from a malformed message. */
static void
test_full(void **state)
{
	struct arena *mem = arena_new(64);

	(void)state;
	assert_int_equal(decode(SPAN_LIT("\x08\x01"), false, mem), ERR_TOOBIG);
	arena_free(mem);
}

/* Fixed lengths: absent is zero, zero is never written, and no other length passes; hashes come in whole ones. */
static void
test_fields(void **state)
{
	uint8_t four[4] = { 1, 2, 3, 4 }, got[4] = { 9 };
	struct hash two[2] = { { { 1 } }, { { 2 } } }, *list;
	ProtobufCBinaryData b;
	size_t n;

	(void)state;
	pack_fixed(&b, four, 4);
	assert_true(pack_take_fixed(&b, got, 4) && memcmp(got, four, 4) == 0);
	assert_false(pack_take_fixed(&b, got, 3));
	memset(four, 0, 4);
	assert_false(pack_take_fixed(&b, got, 4));
	pack_fixed(&b, four, 4);
	assert_int_equal(b.len, 0);
	assert_true(pack_take_fixed(&b, got, 4) && got[0] == 0);
	pack_hashes(&b, two, 2);
	assert_true(pack_take_hashes(&b, 2, &list, &n) && n == 2 && hash_eq(&list[1], &two[1]));
	assert_false(pack_take_hashes(&b, 1, &list, &n));
	b.len--;
	assert_false(pack_take_hashes(&b, 2, &list, &n));
	assert_null(pack_take_text(pack_text(NULL)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strict), cmocka_unit_test(test_canonical), cmocka_unit_test(test_full), cmocka_unit_test(test_fields),
	};

	return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
