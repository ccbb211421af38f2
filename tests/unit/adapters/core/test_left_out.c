/* SPDX-License-Identifier: EUPL-1.2 */
/* test_left_out - the sender hears how many of its fields were left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/core/left_out.h"
#include "tests/support/arena_fixture.h"

/* The number is that of what was taken: a refusal and a confirmation have none, and then there is nothing to say. */
static void
counts_what_was_taken(void **state)
{
	int64_t n = 3;
	struct record record = { .dropped = &n };
	struct intake_item item = { .record = &record };

	(void)state;
	assert_int_equal(left_out_of(&item), 3);
	item.e = ERR_REQUIRED;
	assert_int_equal(left_out_of(&item), 0);
	item.e = OK;
	record.dropped = NULL;
	assert_int_equal(left_out_of(&item), 0);
	item.record = NULL;
	assert_int_equal(left_out_of(&item), 0);
	assert_null(left_out_text(0, LANG_BG, mem));
}

/* It is said in both languages. */
static void
says_how_many(void **state)
{
	(void)state;
	assert_non_null(strstr(left_out_text(17, LANG_BG, mem), "Изпуснати полета: 17."));
	assert_non_null(strstr(left_out_text(17, LANG_EN, mem), "Fields left out: 17."));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(counts_what_was_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(says_how_many, setup, teardown),
	};

	return cmocka_run_group_tests_name("left_out", tests, NULL, NULL);
}
