/* SPDX-License-Identifier: EUPL-1.2 */
/* msgid - UUIDv7: what is made is valid, sorts by time, and survives its text form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/msgid.h"

static const uint8_t zeroes[10], ones[10] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };

/* Version and variant are right whatever the random bytes are, and the time comes back. */
static void
test_make(void **state)
{
	struct msgid id;

	(void)state;
	msgid_make(1772445600123, zeroes, &id);
	assert_true(msgid_is_valid(&id));
	assert_int_equal(msgid_time_ms(&id), 1772445600123);
	msgid_make(1, ones, &id);
	assert_true(msgid_is_valid(&id));
	assert_false(msgid_is_zero(&id));
	msgid_make(-1, zeroes, &id);
	assert_int_equal(msgid_time_ms(&id), 0);
}

/* An id made a millisecond later sorts after, even with all random bits lower. */
static void
test_order(void **state)
{
	struct msgid a, b;

	(void)state;
	msgid_make(0xffff, ones, &a);
	msgid_make(0x10000, zeroes, &b);
	assert_true(memcmp(a.b, b.b, MSGID_LEN) < 0);
	assert_false(msgid_eq(&a, &b));
}

/* Ids of one maker grow strictly, whatever the random bytes: within a millisecond, over its end, and while the clock is a little
 * behind; and each of them is valid.
 */
static void
test_after(void **state)
{
	static const uint8_t most[10] = { 255, 255, 255, 255, 255, 255 };
	static const int64_t clock[] = { 5000000, 5000000, 5000001, 4999999, 5000000 - MSGID_BACK_MS + 1000, 5000002, 5000002 };
	struct msgid last = { { 0 } }, id;
	uint8_t random[10];

	(void)state;
	for (unsigned i = 0; i < 70000; i++) {
		for (unsigned j = 0; j < sizeof(random); j++)
			random[j] = (uint8_t)((i * 2654435761u) >> (3 * j));
		msgid_make_after(&last, clock[i % 7], i % 3 == 0 ? zeroes : i % 3 == 1 ? most : random, &id);
		assert_true(msgid_is_valid(&id));
		assert_true(memcmp(last.b, id.b, MSGID_LEN) < 0);
		assert_true(msgid_time_ms(&id) >= 5000000 && msgid_time_ms(&id) <= 5000002);
		last = id;
	}
	/* a carry out of the lower bits, then out of all of them: the next millisecond */
	assert_int_equal(msgid_parse("00000000-0005-7ffe-bfff-ffffffffffff", &last), OK);
	msgid_make_after(&last, 5, zeroes, &id);
	assert_int_equal(msgid_parse("00000000-0005-7fff-8000-000000000000", &last), OK);
	assert_true(msgid_eq(&id, &last));
	assert_int_equal(msgid_parse("00000000-0005-7fff-bfff-ffffffffffff", &last), OK);
	msgid_make_after(&last, 5, zeroes, &last);
	assert_int_equal(msgid_time_ms(&last), 6);
	assert_true(msgid_is_valid(&last));
}

/* A clock that is set back further is believed: ids follow it, and are fresh. */
static void
test_after_wrong_clock(void **state)
{
	struct msgid last, id;

	(void)state;
	msgid_make(1772445600123, zeroes, &last);
	msgid_make_after(&last, 1772445600123 - MSGID_BACK_MS, zeroes, &id);
	assert_int_equal(msgid_time_ms(&id), 1772445600123);
	msgid_make_after(&last, 1772445600123 - MSGID_BACK_MS - 1, zeroes, &id);
	assert_int_equal(msgid_time_ms(&id), 1772445600123 - MSGID_BACK_MS - 1);
}

/* The text form is the usual one and parses back, with and without hyphens, in both cases. */
static void
test_text(void **state)
{
	struct msgid id, back;
	char text[MSGID_TEXT_LEN];

	(void)state;
	msgid_make(0x0123456789ab, ones, &id);
	msgid_format(&id, text);
	assert_string_equal(text, "01234567-89ab-7fff-bfff-ffffffffffff");
	assert_int_equal(msgid_parse(text, &back), OK);
	assert_true(msgid_eq(&id, &back));
	assert_int_equal(msgid_parse("0123456789AB7FFFBFFFFFFFFFFFFFFF", &back), OK);
	assert_true(msgid_eq(&id, &back));
}

/* Anything else is refused: other lengths, misplaced hyphens, other digits, other versions and variants. */
static void
test_bad_text(void **state)
{
	static const char *const bad[] = {
		"", "01234567", "01234567-89ab-7fff-bfff-fffffffffff", "01234567-89ab-7fff-bfff-fffffffffffff",
		"0123456-789ab-7fff-bfff-ffffffffffff", "0123456789ab7fffbfff-ffff-ffff-ffff-", "g1234567-89ab-7fff-bfff-ffffffffffff",
		"01234567-89ab-4fff-bfff-ffffffffffff", "01234567-89ab-7fff-ffff-ffffffffffff",
	};
	struct msgid id;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(msgid_parse(bad[i], &id), ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make), cmocka_unit_test(test_order), cmocka_unit_test(test_after),
		cmocka_unit_test(test_after_wrong_clock), cmocka_unit_test(test_text), cmocka_unit_test(test_bad_text),
	};

	return cmocka_run_group_tests_name("msgid", tests, NULL, NULL);
}
