/* SPDX-License-Identifier: EUPL-1.2 */
/* test_visible - what a person could not see is nothing, wherever it stands; all else is something. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "proto/base/visible.h"

/* A text of white space and of what has no shape says nothing; one letter among it does, and so does what is no UTF-8. */
static void
test_any(void **state)
{
	static const char *const nothing[] = {
		"", " ", "\t\r\n", "\u00a0", "\u200b", "\u00a0 \u200b\ufeff", "\u2003\u3000", "\u00ad", "\u2060\u2066\u2069", "\ufe0f", "\u2800",
		"\u1680\u180e\u061c", "\u3164\uffa0\u115f", "\U000e0020\U0001d173",
	};
	static const char *const something[] = {
		"x", "\u0436", " \u00a0\u0418\u0432\u043e\u00a0 ", "-", ".", "0",
		"\u200b\u0430", "\u0430\u200b", "\xff", " \xc2", "\u045d", "\U0001f476", "\u00ae",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		assert_false(visible_any(span_str(nothing[i])));
	for (size_t i = 0; i < sizeof(something) / sizeof(something[0]); i++)
		assert_true(visible_any(span_str(something[i])));
	assert_false(visible_any(SPAN_NONE));
}

/* Both ends are measured in whole characters, and the middle is left alone. */
static void
test_ends(void **state)
{
	const struct span text = span_str("\u00a0 \u0410 \u00a0\u0411\u200b\t");

	(void)state;
	assert_int_equal(visible_skip(text), 3);
	assert_int_equal(visible_trim(text), 4);
	assert_int_equal(visible_trim(span_str(" \u00a0")), 3);
	assert_int_equal(visible_trim(span_str("\u0410\xa0")), 0);	/* half a character is no space */
	assert_int_equal(visible_trim(span_str("\u2764\ufe0f")), 0);	/* a part of the heart before it */
	assert_int_equal(visible_skip(SPAN_NONE) + visible_trim(SPAN_NONE), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_any), cmocka_unit_test(test_ends) };

	return cmocka_run_group_tests_name("visible", tests, NULL, NULL);
}
