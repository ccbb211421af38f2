/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/hl7_fixture.h"

#include "adapters/health/hl7_obx.h"

static const struct hl7_segment *
obx(const char *text, struct hl7 *m)
{
	assert_int_equal(hl7_parse(span_str(arena_fmt(mem, "MSH|^~\\&|A\r%s\r", text)), NULL, mem, m, NULL), OK);
	return hl7_find(m, "OBX", 1);
}

/* A field of ours is told by its system, one that is taken back by its status; all else is another's, or a value. */
static void
ours_and_void(void **state)
{
	static const struct { const char *text; bool is_ours, is_void; } CASES[] = {
		{ "OBX|1|CE|risk_level^^NASOKA||x||||||F", true, false }, { "OBX|1|CE|risk_level^^NSK||x||||||D", true, true },
		{ "OBX|1|CE|risk_level^^LN||x||||||W", false, true }, { "OBX|1|CE|risk_level||x||||||x", false, true },
		{ "OBX|1|CE|risk_level^^nasoka||x||||||C", false, false }, { "OBX|1", false, false }, { "OBX|1|CE|a^^NASOKA||x||||||DX", true, false },
	};
	const struct hl7_segment *s;
	struct hl7 m;

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		s = obx(CASES[i].text, &m);
		if (hl7_is_our_obx(&m, s) != CASES[i].is_ours || hl7_is_void_obx(&m, s) != CASES[i].is_void)
			fail_msg("%s", CASES[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ours_and_void, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_obx", tests, NULL, NULL);
}
