/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/hl7_fixture.h"

#define ORU "MSH|^~\\&|HIS|UMBAL|NASOKA|OZD|20260302100000||ORU^R01^ORU_R01|M1|P|2.5.1||||||UNICODE UTF-8\rPID|1||1||T^K\r"

/* OBR-4 names the kind and OBR-2 the referral; each OBX is a field by its path, under either name of our system. */
static void
kinds(void **state)
{
	const struct intake_item *item;

	(void)state;
	item = world_read_item(ORU "OBR|1|R-1||assessment-result^^NASOKA\rOBX|1|CE|assessment_kind^^NASOKA||developmental^^NASOKA\r"
			       "OBX|2|DT|done_on^^NSK||20260301\rOBX|3|TX|conclusions^^NSK||Първо\\.br\\второ\r"
			       "OBX|4|TX|domains.finding^^NASOKA|2|Говор\rOBX|5|TX|domains.finding^^NASOKA|1|Движение\r"
			       "OBX|6|DT|plan.review_on^^NASOKA||20260901\r", mem);
	assert_string_equal(world_get(item, "kind", mem), "assessment-result");
	assert_string_equal(world_get(item, "assessment.referral_id", mem), "R-1");
	assert_string_equal(world_get(item, "assessment.done_on", mem), "2026-03-01");
	assert_string_equal(world_get(item, "assessment.conclusions", mem), "Първо\nвторо");
	assert_string_equal(world_get(item, "assessment.domains[0].finding", mem), "Движение");
	assert_string_equal(world_get(item, "assessment.domains[1].finding", mem), "Говор");
	assert_string_equal(world_get(item, "assessment.plan.review_on", mem), "2026-09-01");
	item = world_read_item(ORU "OBR|1|R-1\rOBX|1|CE|kind^^NASOKA||info-request^^NASOKA\rOBX|2|ST|questions.text^^NASOKA|1|Има ли?\r", mem);
	assert_string_equal(world_get(item, "info_request.questions[0].text", mem), "Има ли?");
}

/* What has no kind that an ORU can carry, or no referral, is refused at its place. */
static void
bad_kinds(void **state)
{
	static const struct { const char *text; enum err e; const char *where; } BAD[] = {
		{ ORU, ERR_REQUIRED, "OBR" }, { ORU "OBR|1|R-1||GLU^Glucose^LN\rOBX|1|NM|GLU||5\r", ERR_UNKNOWN_CODE, "OBR-4" },
		{ ORU "OBR|1|R-1||referral^^NASOKA\r", ERR_UNKNOWN_CODE, "OBR-4" }, { ORU "OBR|1|R-1||nothing^^NASOKA\r", ERR_UNKNOWN_CODE, "OBR-4" },
		{ ORU "OBR|1|||info-request^^NASOKA\r", ERR_REQUIRED, "OBR-2" }, { ORU "OBR|1|R-1||info-request^^NASOKA\rOBX|1|ST|conclusions^^NSK||x\r",
		ERR_UNKNOWN_FIELD, "OBX-3" }, { ORU "OBR|1|R-1||attachment^^NASOKA\r", ERR_REQUIRED, "OBX" },
		{ ORU "OBR|1|R-1||info-request^^NASOKA\rOBR|2|R-2||info-request^^NASOKA\r", ERR_TOOMANY, "OBR[2]" },
		{ ORU "OBR|1|R-1||outcome-report^^NASOKA\rOBX|1|DT|closed_on^^NSK||20261399\r", ERR_BAD_DATE, "OBX-5" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct intake intake = world_read(BAD[i].text, mem);

		if (intake.n != 1 || intake.items[0].e != BAD[i].e || strcmp(intake.items[0].why.where, BAD[i].where) != 0)
			fail_msg("%zu: %s at %s", i, err_name(intake.items[0].e), intake.items[0].why.where);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(kinds, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_kinds, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_result_in", tests, NULL, NULL);
}
