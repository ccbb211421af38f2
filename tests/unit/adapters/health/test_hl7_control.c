/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/health/hl7_control.h"

/* A control id fits v2.5.1, comes from the message id alone, and tells a record from the stages of it. */
static void
ids(void **state)
{
	struct arena *mem = arena_new(1 << 16);
	struct outgoing out = { .msg_id = "019c7d2e-5a11-7c3b-9d42-6f0e1a2b3c4d", .stage = "registered" };

	(void)state;
	assert_string_equal(hl7_control_id(&out, mem), "Gc3b9d426f0e1a2b3c4d");
	out.stage = "refused";
	assert_string_equal(hl7_control_id(&out, mem), "Xc3b9d426f0e1a2b3c4d");
	out.stage = NULL;
	assert_string_equal(hl7_control_id(&out, mem), "Nc3b9d426f0e1a2b3c4d");
	out.msg_id = "7";
	assert_string_equal(hl7_control_id(&out, mem), "N7");
	arena_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids),
	};

	return cmocka_run_group_tests_name("hl7_control", tests, NULL, NULL);
}
