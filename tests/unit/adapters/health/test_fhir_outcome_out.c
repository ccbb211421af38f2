/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_native.h"

#define TRIES 120

/* An outcome report with any content, given back by a system that knows the resources alone, is the same report, beside the step that it ends. */
static void
there_and_back(void **state)
{
	static const char *const but[] = { NULL };
	struct arena *mem = *state;

	for (unsigned i = 0; i < TRIES; i++, arena_reset(mem)) {
		struct record_random random = { .state = i, .mem = mem, .is_plain = i % 2 == 0 };
		struct record *record = random_record(&random, kind_by_code("outcome-report"));
		struct intake intake = native_read(mem, record, "completed");

		if (intake.e != OK || intake.n != 2 || intake.items[1].e != OK)
			fail_msg("%u: %s %s", i, intake.n == 2 ? intake.items[1].why.where : intake.why.where,
				 intake.n == 2 ? intake.items[1].why.text : intake.why.text);
		assert_field(mem, intake.items[0].record, "status.outcome.outcome", record->outcome_report->outcome);
		assert_same_fields(mem, record, intake.items[1].record, "outcome_report", record_type_by_name("outcome_report"), but);
		if (intake.items[0].record->dropped != NULL || intake.items[1].record->dropped != NULL)
			fail_msg("%u: something is left out", i);
	}
}

/* What was done is a resulting activity, as Gravity has it. */
static void
as_gravity_has_it(void **state)
{
	struct delivered_service service = { .service_kind = "mentoring", .from = "2026-01-05" }, *services[] = { &service };
	struct outcome_report o = { .referral_id = "R-1", .outcome = "need-met", .closed_on = "2026-03-01", .closed_by = "А",
				    .services_delivered = services, .n_services_delivered = 1 };
	int64_t at = FIXTURE_NOW;
	struct record record = { .kind = "outcome-report", .created = &at, .outcome_report = &o };
	json_t *root = native_message(*state, &record);
	const json_t *task = fhir_at(json_array_get(json_object_get(root, "entry"), 1), "resource"), *output = fhir_item(task, "output", 2);

	assert_string_equal(fhir_text(task, "resourceType"), "Task");
	assert_string_equal(fhir_text(output, "type.coding.code"), "resulting-activity");
	assert_non_null(fhir_text(output, "valueReference.reference"));
	json_decref(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { FIXTURE_TEST(there_and_back), FIXTURE_TEST(as_gravity_has_it) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
