/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_results.h"

#define BROUGHT(status, rest) RESULTS_TASK(status, RESULTS_OUTPUT("Result") "[" RESULTS_OBSERVATION(",\"valueString\":\"x\"") "]" rest)

static const struct results_world consult = { .state = "in-progress", .service = "specialist-consult" };

/* A Task that ends a referral and brings results is two records of one act: the step, with how it went, and what was found. */
static void
step_and_results(void **state)
{
	struct results_world w = consult;
	struct intake intake = results_read(*state, &w, results_vector(*state, "fhir-results-assessment.json"));

	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 2);
	assert_true(intake.is_one_act);
	for (size_t i = 0; i < 2; i++)
		if (intake.items[i].e != OK)
			fail_msg("%zu: %s %s", i, intake.items[i].why.where, intake.items[i].why.text);
	assert_string_equal(intake.items[0].record->status->to, "completed");
	assert_string_equal(intake.items[0].record->status->outcome->outcome, "other");
	assert_string_equal(intake.items[0].record->assumed.items[0], "status.outcome.outcome");
	assert_string_equal(intake.items[1].record->kind, "assessment-result");
	assert_string_equal(intake.items[1].record->assessment->referral_id, "R-1");
	assert_string_not_equal(intake.items[0].native_id, intake.items[1].native_id);
}

/* A Task that only repeats the state that its referral is in says no step: what it brings is all. */
static void
results_alone(void **state)
{
	static const struct { const char *task; size_t n; } rows[] = {
		{ BROUGHT("in-progress", ""), 1 },
		{ BROUGHT("requested", ""), 1 },
		{ BROUGHT("completed", ""), 2 },
		{ BROUGHT("accepted", ""), 2 },
		{ BROUGHT("in-progress", ",\"statusReason\":{\"text\":\"y\"}"), 2 },
		{ BROUGHT("in-progress", ",\"extension\":[{\"url\":\"urn:nasoka:field:milestone\",\"valueString\":\"placed\"}]"), 2 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct results_world w = consult;
		struct intake intake = results_read(*state, &w, rows[i].task);

		if (intake.e != OK || intake.n != rows[i].n || intake.items[0].e != OK)
			fail_msg("%s: %zu %s", rows[i].task, intake.n, intake.n > 0 ? intake.items[0].why.text : intake.why.text);
		assert_non_null(intake.items[intake.n - 1].record->assessment);
		assert_int_equal(intake.is_one_act, rows[i].n > 1);
	}
}

/* In a Bundle a client copies the whole Task that it read: the last step's own words are no part of the new one. */
static void
copied_step(void **state)
{
	static const char copied[] = ",\"extension\":[{\"url\":\"urn:nasoka:field:from\",\"valueCode\":\"accepted\"},"
		"{\"url\":\"urn:nasoka:field:transition\",\"valueCode\":\"T15\"}]";
	struct arena *mem = *state;
	struct results_world w = consult;
	struct intake intake = results_read(mem, &w, arena_fmt(mem, RESULTS_TASK("completed", RESULTS_OUTPUT("x") "[" RESULTS_OBSERVATION("") "]%s"), copied));

	assert_int_equal(intake.n, 2);
	assert_field(mem, intake.items[0].record, "status.from", NULL);
	assert_field(mem, intake.items[0].record, "status.transition", NULL);
	intake = results_read(mem, &w, arena_fmt(mem, RESULTS_TASK("in-progress", RESULTS_OUTPUT("x") "[" RESULTS_OBSERVATION("") "]%s"), copied));
	assert_int_equal(intake.n, 1);
	assert_non_null(intake.items[0].record->assessment);
}

/* Where one of the two is bad neither is taken, and both say why. */
static void
both_or_neither(void **state)
{
	static const char bad_result[] = RESULTS_TASK("completed", RESULTS_OUTPUT("x") "[{\"resourceType\":\"Observation\",\"id\":\"a\","
		"\"status\":\"entered-in-error\",\"code\":{\"text\":\"x\"}}]");
	static const char bad_step[] = RESULTS_TASK("on-fire", RESULTS_OUTPUT("x") "[" RESULTS_OBSERVATION("") "]");
	struct results_world w = consult;
	struct intake intake = results_read(*state, &w, bad_result);

	assert_int_equal(intake.n, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(intake.items[i].e, ERR_UNSUPPORTED);
		assert_string_equal(intake.items[i].why.where, "Observation.status");
		assert_null(intake.items[i].record);
	}
	intake = results_read(*state, &w, bad_step);
	assert_int_equal(intake.n, 1);
	assert_int_equal(intake.items[0].e, ERR_UNKNOWN_CODE);
}

/* In a batch each Task is taken or refused for itself, and its results with it. */
static void
each_of_a_batch(void **state)
{
	struct arena *mem = *state;
	struct results_world w = consult;
	struct intake intake = results_read(mem, &w, arena_fmt(mem, "{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":[{\"resource\":%s},"
		"{\"resource\":%s}]}", RESULTS_TASK("accepted", "\"note\":[]"), BROUGHT("completed", "")));

	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 3);
	assert_false(intake.is_one_act);
	assert_int_equal(intake.items[0].row, 1);
	assert_int_equal(intake.items[1].row, 2);
	assert_int_equal(intake.items[2].row, 2);
	assert_non_null(intake.items[2].record->assessment);
}

/* How it went is told by the agency's own code where there is one, and by the goals where there is none. */
static void
outcome_of_the_step(void **state)
{
	struct results_world w = { .state = "in-progress", .service = "mentoring" };
	struct intake intake = results_read(*state, &w, results_vector(*state, "fhir-results-outcome.json"));

	assert_int_equal(intake.n, 2);
	if (intake.items[0].e != OK)
		fail_msg("%s %s", intake.items[0].why.where, intake.items[0].why.text);
	assert_field(*state, intake.items[0].record, "status.outcome.outcome", "partly-met");
	assert_field(*state, intake.items[0].record, "status.outcome.closed_on", "2026-03-10");
	assert_field(*state, intake.items[0].record, "assumed", NULL);
	intake = results_read(*state, &w, RESULTS_TASK("completed",
		"\"output\":[{\"valueCodeableConcept\":{\"coding\":[{\"system\":\"urn:nasoka:outcome\","
		"\"code\":\"refused\"}]}},{\"valueReference\":{\"reference\":\"#a\"}}],\"contained\":[" RESULTS_OBSERVATION("") "]"));
	assert_field(*state, intake.items[0].record, "status.outcome.outcome", "refused");
	assert_field(*state, intake.items[1].record, "outcome_report.outcome", "refused");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(step_and_results), FIXTURE_TEST(results_alone), FIXTURE_TEST(copied_step), FIXTURE_TEST(both_or_neither),
		FIXTURE_TEST(each_of_a_batch), FIXTURE_TEST(outcome_of_the_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
