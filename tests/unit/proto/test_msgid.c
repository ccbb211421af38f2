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
		cmocka_unit_test(test_make), cmocka_unit_test(test_order), cmocka_unit_test(test_text), cmocka_unit_test(test_bad_text),
	};

	return cmocka_run_group_tests_name("msgid", tests, NULL, NULL);
}
