/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_results.h"

static const struct results_world mentoring = { .state = "in-progress", .service = "mentoring" };

/* Gravity's resulting activities, a goal's achievement and a measure are one outcome report, with nothing left out. */
static void
whole(void **state)
{
	static const struct { const char *path, *is; } rows[] = {
		{ "outcome_report.referral_id", "R-1" }, { "outcome_report.outcome", "partly-met" },
		{ "outcome_report.services_delivered[0].service_kind", "speech-therapy" },
		{ "outcome_report.services_delivered[1].service_kind", "other" }, { "outcome_report.services_delivered[1].from", "2026-01-05" },
		{ "outcome_report.services_delivered[1].to", "2026-03-01" }, { "outcome_report.goals[0].ref", "Спокоен сън" },
		{ "outcome_report.goals[0].result", "partly" }, { "outcome_report.goals[0].evidence", "Спи пет нощи от седем." },
		{ "outcome_report.measures[0].code", "SDQ" }, { "outcome_report.measures[0].after", "9" },
		{ "outcome_report.measures[0].tool", "SDQ-P" }, { "outcome_report.closed_on", "2026-03-10" },
		{ "outcome_report.closed_by", "Ана Трета" }, { "outcome_report.text", "Арт терапия" }, { "assumed", NULL }, { "dropped", NULL },
	};
	struct results_world w = mentoring;
	struct intake intake = results_read(*state, &w, results_vector(*state, "fhir-results-outcome.json"));

	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 2);
	if (intake.items[1].e != OK)
		fail_msg("%s %s", intake.items[1].why.where, intake.items[1].why.text);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_field(*state, intake.items[1].record, rows[i].path, rows[i].is);
}

/* An activity that is only a code is a report as well; what nobody says how it went is "other", and told to be assumed. */
static void
activity_alone(void **state)
{
	struct results_world w = mentoring;
	struct intake intake = results_read(*state, &w, RESULTS_TASK("completed", "\"output\":[{\"type\":{\"coding\":[{\"code\":\"resulting-activity\"}]},"
		"\"valueCodeableConcept\":{\"text\":\"Разговор\"}}]"));

	assert_int_equal(intake.n, 2);
	assert_field(*state, intake.items[1].record, "outcome_report.services_delivered[0].service_kind", "other");
	assert_field(*state, intake.items[1].record, "outcome_report.text", "Разговор");
	assert_field(*state, intake.items[1].record, "outcome_report.outcome", "other");
	assert_field(*state, intake.items[1].record, "assumed", "outcome_report.outcome|outcome_report.closed_on|outcome_report.closed_by");
}

/* Needs that remain, what is to follow, a conclusion and answers; a goal that nobody judged counts as left out, what was not done is refused. */
static void
the_rest(void **state)
{
	static const char task[] = RESULTS_TASK("completed", "\"output\":[{\"valueReference\":{\"reference\":\"#a\"}},{\"valueReference\":{"
		"\"reference\":\"#b\"}},"
		"{\"valueReference\":{\"reference\":\"#c\"}},{\"valueReference\":{\"reference\":\"#g\"}},{\"valueReference\":{\"reference\":"
			"\"#q\"}}],\"contained\":["
		"{\"resourceType\":\"Condition\",\"id\":\"a\",\"code\":{\"coding\":[{\"system\":\"urn:nasoka:need\",\"code\":\"stress\"}]}},"
		"{\"resourceType\":\"CarePlan\",\"id\":\"b\",\"status\":\"active\",\"intent\":\"plan\",\"activity\":[{\"detail\":{\"status\":\"scheduled\","
		"\"description\":\"Контролен преглед\",\"scheduledPeriod\":{\"end\":\"2026-06-01\"}}}]},"
		"{\"resourceType\":\"DiagnosticReport\",\"id\":\"c\",\"status\":\"final\",\"conclusion\":\"Добре е.\"},"
		"{\"resourceType\":\"Goal\",\"id\":\"g\",\"lifecycleStatus\":\"active\",\"description\":{\"text\":\"x\"}},"
		"{\"resourceType\":\"QuestionnaireResponse\",\"id\":\"q\",\"status\":\"completed\",\"questionnaire\":\"x\",\"item\":[{"
			"\"linkId\":\"1\",\"answer\":"
		"[{\"valueString\":\"благодаря\"}]}]}]");
	static const char not_done[] = RESULTS_TASK("completed", RESULTS_OUTPUT("x")
		"[{\"resourceType\":\"Procedure\",\"id\":\"a\",\"status\":\"not-done\"}]");
	struct results_world w = mentoring;
	struct intake intake = results_read(*state, &w, task);

	assert_int_equal(intake.n, 2);
	if (intake.items[1].e != OK)
		fail_msg("%s %s", intake.items[1].why.where, intake.items[1].why.text);
	assert_field(*state, intake.items[1].record, "outcome_report.remaining_needs", "stress");
	assert_field(*state, intake.items[1].record, "outcome_report.follow_up[0].what", "Контролен преглед");
	assert_field(*state, intake.items[1].record, "outcome_report.follow_up[0].due", "2026-06-01");
	assert_field(*state, intake.items[1].record, "outcome_report.text", "Добре е.\n1: благодаря");
	assert_field(*state, intake.items[0].record, "dropped", "1");
	intake = results_read(*state, &w, not_done);
	assert_int_equal(intake.items[1].e, ERR_UNSUPPORTED);
	assert_string_equal(intake.items[1].why.where, "Procedure.status");
}

int
main(void)
{
	const struct CMUnitTest tests[] = { FIXTURE_TEST(whole), FIXTURE_TEST(activity_alone), FIXTURE_TEST(the_rest) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
