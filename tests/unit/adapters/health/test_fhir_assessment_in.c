/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_results.h"

/* A hospital's report, observations, diagnosis and plan are one assessment, with every part in its place and nothing left out. */
static void
whole(void **state)
{
	static const struct { const char *path, *is; } rows[] = {
		{ "assessment.referral_id", "R-1" }, { "assessment.assessment_kind", "medical" }, { "assessment.done_on", "2026-03-06" },
		{ "assessment.done_by", "д-р Иванка Първа; Мария Втора" }, { "assessment.conclusions", "Забавяне на речта, без друго." },
		{ "assessment.domains[0].code", "F80.1" }, { "assessment.domains[0].scale", "ICD-10" },
		{ "assessment.domains[0].finding", "Експресивно речево разстройство: provisional" },
		{ "assessment.domains[1].code", "71802-3" }, { "assessment.domains[1].score", "17.5 точки" }, { "assessment.domains[1].scale", "CDI" },
		{ "assessment.domains[1].finding", "Речник: под нормата; Разбира всичко.; (20 - 40)" },
		{ "assessment.domains[2].code", "емоции" }, { "assessment.domains[2].finding", "Спокойна, търси контакт." },
		{ "assessment.plan.goals[0].text", "Изречения от три думи" }, { "assessment.plan.goals[0].target_date", "2026-08-01" },
		{ "assessment.plan.actions[0].text", "Логопед два пъти седмично" }, { "assessment.plan.actions[0].responsible", "Кабинет 4" },
		{ "assessment.plan.actions[0].due", "2026-06-30" }, { "assessment.plan.review_on", "2026-09-01" },
		{ "assessment.recommended_services[0].service_kind", "speech-therapy" },
		{ "assessment.recommended_services[0].intensity", "2 пъти седмично" },
		{ "assumed", "assessment.assessment_kind" },
		{ "dropped", "1" },	/* of two days the Observation's earlier one */
	};
	struct results_world w = { .state = "in-progress", .service = "specialist-consult" };
	struct intake intake = results_read(*state, &w, results_vector(*state, "fhir-results-assessment.json"));

	assert_int_equal(intake.n, 2);
	if (intake.items[1].e != OK)
		fail_msg("%s %s", intake.items[1].why.where, intake.items[1].why.text);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_field(*state, intake.items[1].record, rows[i].path, rows[i].is);
	assert_int_equal(intake.items[1].record->assessment->n_domains, 3);
	assert_null(intake.items[0].record->dropped);
}

/* What kind of assessment it is says a code of ours, on the report, the Task or its output. */
static void
kinds(void **state)
{
	static const char concept[] = "{\"coding\":[{\"system\":\"urn:nasoka:assessment-kind\",\"code\":\"%s\"}]}";
	struct arena *mem = *state;
	struct results_world w = { .state = "in-progress", .service = "needs-assessment" };
	const char *risk = arena_fmt(mem, concept, "risk"), *bad = arena_fmt(mem, concept, "magic");
	struct intake intake = results_read(mem, &w, arena_fmt(mem, RESULTS_TASK("in-progress", "\"code\":%s," RESULTS_OUTPUT("x") "["
		RESULTS_OBSERVATION("") "]"), risk));

	assert_field(mem, intake.items[0].record, "assessment.assessment_kind", "risk");
	intake = results_read(mem, &w, arena_fmt(mem, RESULTS_TASK("in-progress", RESULTS_OUTPUT("x") "[{\"resourceType\":\"DiagnosticReport\",\"id\":\"a\","
		"\"status\":\"final\",\"code\":%s,\"conclusion\":\"x\"}]"), risk));
	assert_field(mem, intake.items[0].record, "assessment.assessment_kind", "risk");
	intake = results_read(mem, &w, arena_fmt(mem, RESULTS_TASK("in-progress", "\"code\":%s," RESULTS_OUTPUT("x") "[" RESULTS_OBSERVATION("") "]"), bad));
	assert_int_equal(intake.items[0].e, ERR_UNKNOWN_CODE);
	assert_string_equal(intake.items[0].why.where, "Task.code");
}

/* Plans and goals that were given up are refused with their place, as is more than an assessment holds. */
static void
refused(void **state)
{
	static const struct { const char *resource; enum err e; const char *where; } rows[] = {
		{ "{\"resourceType\":\"Goal\",\"id\":\"a\",\"lifecycleStatus\":\"rejected\",\"description\":{\"text\":\"x\"}}", ERR_UNSUPPORTED,
		  "Goal.lifecycleStatus" },
		{ "{\"resourceType\":\"Goal\",\"id\":\"a\",\"lifecycleStatus\":\"active\"}", ERR_REQUIRED, "Goal.description" },
		{ "{\"resourceType\":\"CarePlan\",\"id\":\"a\",\"status\":\"revoked\"}", ERR_UNSUPPORTED, "CarePlan.status" },
		{ "{\"resourceType\":\"CarePlan\",\"id\":\"a\",\"status\":\"active\",\"activity\":[{\"detail\":{\"status\":\"cancelled\","
			"\"description\":\"x\"}}]}",
		  ERR_UNSUPPORTED, "CarePlan.activity.detail.status" },
		{ "{\"resourceType\":\"DiagnosticReport\",\"id\":\"a\",\"status\":\"cancelled\",\"conclusion\":"
			"\"x\"}", ERR_UNSUPPORTED, "DiagnosticReport.status" },
		{ "{\"resourceType\":\"Condition\",\"id\":\"a\",\"code\":{\"text\":\"x\"},\"verificationStatus\":{\"coding\":[{\"code\":"
			"\"refuted\"}]}}", ERR_UNSUPPORTED,
		  "Condition.verificationStatus" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct results_world w = { .state = "in-progress", .service = "needs-assessment" };
		struct intake intake = results_read(*state, &w, arena_fmt(*state, RESULTS_TASK("in-progress", RESULTS_OUTPUT("x") "[%s]"), rows[i].resource));

		assert_int_equal(intake.n, 1);
		if (intake.items[0].e != rows[i].e || strcmp(intake.items[0].why.where, rows[i].where) != 0)
			fail_msg("%s: %s %s", rows[i].resource, err_name(intake.items[0].e), intake.items[0].why.where);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { FIXTURE_TEST(whole), FIXTURE_TEST(kinds), FIXTURE_TEST(refused) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
