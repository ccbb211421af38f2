/* SPDX-License-Identifier: EUPL-1.2 */
/* layout - names of an export's files */
#include "tests/unit/proto/trust_world.h"
#include "hub/audit/layout.h"

/* Numbers are written in groups of three digits, as tlog-tiles has them. */
static void
layout_numbers(void **state)
{
	char name[LAYOUT_NAME_MAX];

	assert_string_equal(layout_tile(0, 0, 256, name), "tile/0/000");
	assert_string_equal(layout_tile(1, 67, 256, name), "tile/1/067");
	assert_string_equal(layout_tile(0, 1234067, 256, name), "tile/0/x001/x234/067");
	assert_string_equal(layout_tile(0, 1000, 20, name), "tile/0/x001/000.p/20");
	assert_string_equal(layout_entries(5, 7, name), "tile/entries/005.p/7");
	assert_string_equal(layout_details(5, 256, name), "detail/005");
	assert_string_equal(layout_checkpoints(5, name), "checkpoints/005");
	assert_string_equal(layout_message(1017, false, name), "message/x001/017.head");
	assert_string_equal(layout_message(1017, true, name), "message/x001/017.body");
	assert_string_equal(layout_directory(7, name), "directory/7");
	assert_string_equal(layout_sheet(2, name), "sheet/2");
	(void)state;
}

/* The largest number of a log fits. */
static void
layout_longest(void **state)
{
	char name[LAYOUT_NAME_MAX];

	assert_true(strlen(layout_message(UINT64_MAX, true, name)) + 1 < LAYOUT_NAME_MAX);
	assert_non_null(strstr(layout_message(UINT64_MAX, true, name), "/615.body"));
	(void)state;
}

/* A bundle holds 256 leaves, the last one the rest, and behind it is none. */
static void
layout_widths(void **state)
{
	assert_int_equal(layout_width(0, 0), 0);
	assert_int_equal(layout_width(0, 1), 1);
	assert_int_equal(layout_width(0, 256), 256);
	assert_int_equal(layout_width(1, 256), 0);
	assert_int_equal(layout_width(1, 300), 44);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout_numbers),
		cmocka_unit_test(layout_longest),
		cmocka_unit_test(layout_widths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
