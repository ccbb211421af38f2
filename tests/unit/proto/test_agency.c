/* SPDX-License-Identifier: EUPL-1.2 */
/* agency - the grammar of party names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/agency.h"

/* Names of 1 to 64 of a-z, 0-9 and hyphen pass; none else. */
static void
test_grammar(void **state)
{
	static const char *const good[] = { "a", "0", "plovdiv-ozd", "1-2-3", "a-" };
	static const char *const bad[] = { "", "-a", "A", "a_b", "a b", "a.b", "озд", "a\n", "*", "kind:school", "#1" };
	char longest[AGENCY_ID_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(agency_is_id(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(agency_is_id(bad[i]));
	assert_false(agency_is_id(NULL));
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_false(agency_is_id(longest));
	assert_true(agency_is_id(longest + 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_grammar) };

	return cmocka_run_group_tests_name("agency", tests, NULL, NULL);
}
