/* SPDX-License-Identifier: EUPL-1.2 */
/* test_record_place - a place is said as a path that record_set takes, and never written beyond its room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "proto/record_place.h"

static const struct record_place child = { NULL, "child", 0, false }, id = { &child, "ids", 2, true }, value = { &id, "value", 0, false };

/* From the outside in, items with their index; nothing for the record itself. */
static void
test_path(void **state)
{
	struct why why;
	char text[64];

	(void)state;
	assert_int_equal(record_place_format(&value, text, sizeof(text)), strlen("child.ids[2].value"));
	assert_string_equal(text, "child.ids[2].value");
	assert_int_equal(record_place_format(NULL, text, sizeof(text)), 0);
	assert_int_equal(record_place_fault(&value, ERR_BAD_ID, "wrong", &why), ERR_BAD_ID);
	assert_string_equal(why.where, "child.ids[2].value");
	assert_string_equal(why.text, "wrong");
	assert_int_equal(record_place_fault(&value, ERR_BAD_ID, "wrong", NULL), ERR_BAD_ID);
}

/* Whatever room there is, it ends within it. */
static void
test_room(void **state)
{
	char text[32];

	(void)state;
	for (size_t cap = 1; cap < sizeof(text); cap++) {
		memset(text, 'X', sizeof(text));
		assert_true(record_place_format(&value, text, cap) < cap);
		assert_true(memchr(text, '\0', cap) != NULL && text[cap] == 'X');
		assert_memory_equal(text, "child.ids[2].value", strlen(text));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_path), cmocka_unit_test(test_room) };

	return cmocka_run_group_tests_name("record_place", tests, NULL, NULL);
}
