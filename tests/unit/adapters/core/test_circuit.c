/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "adapters/core/circuit.h"

/* Three different entries open it, one entry however often does not; one success closes it. */
static void
opens_and_closes(void **state)
{
	struct circuit c = { .took = 7 };

	(void)state;
	for (int i = 0; i < 100; i++)
		circuit_failed(&c, 1, 1000, 5, INT64_MAX);
	circuit_failed(&c, 2, 1000, 5, INT64_MAX);
	assert_false(circuit_is_open(&c));
	circuit_failed(&c, 3, 1000, 5, INT64_MAX);
	assert_true(circuit_is_open(&c));
	assert_int_equal(c.until_ms, 1005);
	for (int i = 0; i < 100; i++)
		circuit_failed(&c, (uint64_t)i, 1000, 5, INT64_MAX);
	assert_int_equal(c.until_ms, 1000 + CIRCUIT_WAIT_MAX);
	circuit_failed(&c, 1, 1000, 5, 700);	/* what is configured, where that is less */
	assert_int_equal(c.until_ms, 1700);
	circuit_took(&c);
	assert_false(circuit_is_open(&c));
	assert_int_equal(c.took, 8);
	circuit_failed(&c, 4, 2000, 5, INT64_MAX);
	assert_false(circuit_is_open(&c));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_and_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
