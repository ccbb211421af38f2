/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/health/hl7_map.h"

/* A path of the record is told as the place where a sender wrote it. */
static void
places(void **state)
{
	static const struct { const char *path, *place; } CASES[] = {
		{ "referral.child.birth_date", "PID-7" }, { "referral.child.given", "PID-5.2" }, { "referral.child.ids[1].value", "PID-3" },
		{ "referral.child.address.ekatte", "PID-11" }, { "referral.carers[2].name", "NK1[3]-2" }, { "referral.carers[0].name", "NK1-2" },
		{ "referral.diagnosis[0].code", "DG1-3" }, { "referral.respond_by", "RF1-8" }, { "referral.risk_level", "OBX-5" },
		{ "referral.reason_text", "NTE-3" }, { "status.to", "RF1-1" }, { "status.outcome.outcome", "OBX-5" },
		{ "referral.initiator.worker.name", "PRD" }, { "referral.native_id", "MSH-10" }, { "status.native_id", "MSH-10" },
		{ "confirms", "RF1-6" }, { "case_no", "RF1-11" }, { "assessment.conclusions", "OBX-5" },
		{ "info_request.referral_id", "OBR-2" }, { "attachment.native_id", "MSH-10" },
	};
	struct arena *mem = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
		assert_string_equal(hl7_place_of(CASES[i].path, HL7_REFERRALS, mem), CASES[i].place);
	assert_null(hl7_place_of("kind", HL7_REFERRALS, mem));
	arena_free(mem);
}

/* A code of ours that HL7 has is read back as itself; what neither knows is nothing. */
static void
codes(void **state)
{
	static const char *const OURS[][2] = { { "priority", "emergency" }, { "priority", "urgent" }, { "priority", "routine" },
		{ "gender", "other" }, { "gender", "unknown" }, { "disposition", "report-only" }, { "relation", "foster-carer" } };
	const char *table, *theirs;

	(void)state;
	for (size_t i = 0; i < sizeof(OURS) / sizeof(OURS[0]); i++) {
		theirs = hl7_code_out(OURS[i][0], OURS[i][1], &table);
		assert_non_null(theirs);
		assert_string_equal(hl7_code_in(OURS[i][0], theirs), OURS[i][1]);
	}
	assert_null(hl7_code_out("need", "neglect", &table));
	assert_null(hl7_code_in("gender", "Q"));
	assert_null(hl7_code_in("gender", NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(codes),
	};

	return cmocka_run_group_tests_name("hl7_map", tests, NULL, NULL);
}
