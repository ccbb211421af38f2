/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_native.h"

#define TRIES 120

/* An assessment with any content, given back by a system that knows the resources alone, is the same assessment; only files are their own. */
static void
there_and_back(void **state)
{
	static const char *const but[] = { "attachments", NULL };
	struct arena *mem = *state;

	for (unsigned i = 0; i < TRIES; i++, arena_reset(mem)) {
		struct record_random random = { .state = i, .mem = mem, .is_plain = i % 2 == 0 };
		struct record *record = random_record(&random, kind_by_code("assessment-result"));
		struct intake intake = native_read(mem, record, "in-progress");
		const struct intake_item *last = intake.n > 0 ? &intake.items[intake.n - 1] : NULL;

		if (intake.e != OK || last == NULL || last->e != OK || last->record->assessment == NULL)
			fail_msg("%u: %s %s", i, last != NULL ? last->why.where : intake.why.where, last != NULL ? last->why.text : intake.why.text);
		assert_same_fields(mem, record, last->record, "assessment", record_type_by_name("assessment"), but);
		if (last->record->dropped != NULL)
			fail_msg("%u: %lld left out", i, (long long)*last->record->dropped);
	}
}

/* A diagnosis is a Condition, a domain without a code has one that says what it is of, and a score that is a number is one. */
static void
as_any_hospital_has_it(void **state)
{
	struct arena *mem = *state;
	struct assessed_domain f80 = { .code = "F80.1", .scale = "ICD-10", .finding = "реч" }, mood = { .finding = "спокойна", .score = "17", .scale = "SDQ" };
	struct assessed_domain *domains[] = { &f80, &mood };
	struct assessment a = { .referral_id = "R-1", .assessment_kind = "medical", .done_on = "2026-03-01", .done_by = "А", .conclusions = "б",
				.domains = domains, .n_domains = 2 };
	int64_t at = FIXTURE_NOW;
	struct record record = { .kind = "assessment-result", .created = &at, .assessment = &a };
	json_t *root = native_message(mem, &record);
	const char *text = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);

	assert_non_null(strstr(text, "\"code\":\"F80.1\",\"system\":\"http://hl7.org/fhir/sid/icd-10\""));
	assert_non_null(strstr(text, "\"valueInteger\":17"));
	assert_non_null(strstr(text, "{\"code\":\"assessment-result\",\"system\":\"urn:nasoka:kind\"}"));
	assert_non_null(strstr(text, "\"resourceType\":\"DiagnosticReport\""));
	assert_null(strstr(text, "CarePlan"));
	free((void *)(uintptr_t)text);
	json_decref(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { FIXTURE_TEST(there_and_back), FIXTURE_TEST(as_any_hospital_has_it) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
