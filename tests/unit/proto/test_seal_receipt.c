/* SPDX-License-Identifier: EUPL-1.2 */
/* seal_receipt - the sealed part of a receipt comes back, and in one form only. */
#include "trust_world.h"

#include "proto/seal_receipt.h"

/* All fields, and none. */
static void
test_round_trip(void **state)
{
	struct arena *mem = arena_new(1 << 20);
	const struct receipt_detail full = { "Ж-1", ERR_BAD_TRANSITION, "текст", WORLD_NOW }, none = { 0 };
	struct receipt_detail got;
	struct span bytes;

	(void)state;
	assert_int_equal(receipt_encode(&full, mem, &bytes), OK);
	assert_int_equal(receipt_decode(bytes, mem, &got), OK);
	assert_string_equal(got.case_no, full.case_no);
	assert_string_equal(got.text, full.text);
	assert_true(got.code == full.code && got.at_ms == full.at_ms);
	for (size_t n = 0; n < bytes.n; n++)
		assert_int_not_equal(receipt_decode(SPAN(bytes.p, n), mem, &got), OK);
	assert_int_equal(receipt_encode(&none, mem, &bytes), OK);
	assert_int_equal(receipt_decode(bytes, mem, &got), OK);
	assert_true(got.case_no == NULL && got.text == NULL && got.code == OK);
	arena_free(mem);
}

/* Too long, another version, an unknown number, a bad text, a time beyond its type and bytes left over are refused. */
static void
test_refused(void **state)
{
	struct arena *mem = arena_new(1 << 20);
	struct receipt_detail d = { "1", OK, NULL, 1 }, got;
	char longer[RECEIPT_TEXT_MAX + 2];
	struct span bytes;
	uint8_t bad[64];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(receipt_encode(&(struct receipt_detail){ .text = longer }, mem, &bytes), ERR_TOOBIG);
	longer[RECEIPT_CASE_NO_MAX + 1] = '\0';
	assert_int_equal(receipt_encode(&(struct receipt_detail){ .case_no = longer }, mem, &bytes), ERR_TOOBIG);
	assert_int_equal(receipt_encode(&d, mem, &bytes), OK);
	for (unsigned i = 0; i < 4; i++) {
		static const uint8_t at[] = { 0, 4, 5, 17 }, value[] = { 2, 1, 0x80, 0xff };

		memcpy(bad, bytes.p, bytes.n);
		bad[at[i]] = value[i];
		assert_int_equal(receipt_decode(SPAN(bad, bytes.n), mem, &got), ERR_FORMAT);
	}
	memcpy(bad, bytes.p, bytes.n);
	bad[bytes.n] = 0;
	assert_int_equal(receipt_decode(SPAN(bad, bytes.n + 1), mem, &got), ERR_FORMAT);
	arena_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_round_trip), cmocka_unit_test(test_refused) };

	return cmocka_run_group_tests_name("seal_receipt", tests, NULL, NULL);
}
