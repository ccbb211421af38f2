/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "adapters/health/hl7.h"
#include "tests/support/arena_fixture.h"

/* What is written is read back, whatever characters it has, and no separator trails. */
static void
written_is_read(void **state)
{
	static const char TEXT[] = "a|b^c&d~e\\f\ng \x01 Ж";
	struct hl7_writer w;
	struct hl7 m;

	(void)state;
	hl7_writer_init(&w, mem);
	hl7_begin(&w, "MSH");
	hl7_put(&w, 3, 1, 1, "A");
	hl7_end(&w);
	hl7_begin(&w, "NTE");
	hl7_put(&w, 3, 2, 4, TEXT);
	hl7_put_sub(&w, 3, 2, 4, 2, "sub");
	hl7_put(&w, 5, 1, 1, NULL);
	hl7_end(&w);
	assert_string_equal(buf_text(&w.b), "MSH|^~\\&|A\rNTE|||~^^^a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f\\.br\\g \\X01\\ Ж&sub\r");
	assert_int_equal(hl7_parse(buf_bytes(&w.b), NULL, mem, &m, NULL), OK);
	assert_string_equal(hl7_get(&m, hl7_find(&m, "NTE", 1), 3, 2, 4), TEXT);
}

/* Numbers that are skipped leave their separators, a segment without a value is its name alone. */
static void
places_are_kept(void **state)
{
	struct hl7_writer w;

	(void)state;
	hl7_writer_init(&w, mem);
	hl7_begin(&w, "PID");
	hl7_put(&w, 1, 1, 1, "1");
	hl7_put(&w, 3, 1, 4, "A");
	hl7_put(&w, 3, 3, 1, "B");
	hl7_put(&w, 8, 1, 1, "");
	hl7_end(&w);
	hl7_begin(&w, "NTE");
	hl7_end(&w);
	assert_string_equal(buf_text(&w.b), "PID|1||^^^A~~B\rNTE\r");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(written_is_read, setup, teardown),
		cmocka_unit_test_setup_teardown(places_are_kept, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_write", tests, NULL, NULL);
}
