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

/* A path of the record is found in the OBX that says it: by item, or by the first; what is taken back or empty says nothing. */
static void
found_by_path(void **state)
{
	static const struct { const char *path; unsigned nth; } CASES[] = {
		{ "referral.consent.evidence", 3 }, { "referral.goals[0].text", 5 }, { "referral.goals[1].text", 4 }, { "referral.goals[2].text", 6 },
		{ "referral.need[1]", 7 }, { "status.outcome.outcome", 8 }, { "referral.risk_level", 0 }, { "referral.consent", 0 }, { "kind", 0 },
		{ "referral.goals[", 0 }, { "referral", 0 },
	};
	const struct hl7_segment *s;
	struct hl7 m;

	(void)state;
	(void)obx("OBX|1|ST|consent.evidence^^LN||x\rOBX|2|ST|consent.evidence^^NASOKA||x||||||W\rOBX|3|ST|consent.evidence^^NASOKA||x\r"
		  "OBX|4|ST|goals.text^^NASOKA|2|b\rOBX|5|ST|goals.text^^NASOKA|1|a\rOBX|6|ST|goals.text^^NASOKA|x|c\r"
		  "OBX|7|CE|need^^NASOKA||a~b\rOBX|8|CE|outcome^^NASOKA||a\rOBX|9|CE|risk_level^^NASOKA||", &m);
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		s = hl7_find_obx(&m, CASES[i].path, mem);
		if ((s ? s->nth : 0) != CASES[i].nth)
			fail_msg("%s is OBX %u", CASES[i].path, s ? s->nth : 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ours_and_void, setup, teardown),
		cmocka_unit_test_setup_teardown(found_by_path, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_obx", tests, NULL, NULL);
}
