/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_shelf.h"

#include "proto/kind.h"
#include "tests/support/sample_record.h"

/* As it is handed over: a message Bundle on the thread of a referral, or of what its kind is about. */
static const char *
handed_at(struct arena *mem, const struct record *record, int64_t at_ms)
{
	const struct record *referral = fixture_item(mem, "fhir-referral-message.json")->record;
	struct outgoing out = fixture_out(record, kind_topic(record) == TOPIC_REFERRAL ? referral : record);
	struct native native = { 0 };
	struct why why = { 0 };

	out.at_ms = at_ms;
	assert_int_equal(health_fhir_from_record(&out, FORMAT_FHIR, &fixture_env, mem, &native, &why), OK);
	return fixture_text(mem, &native);
}

static const char *
handed(struct arena *mem, const struct record *record)
{
	return handed_at(mem, record, FIXTURE_NOW);
}

/* Every kind with every field goes out as a message and is read back with every field of its body. */
static void
every_kind_round_trip(void **state)
{
	struct arena *mem = *state;

	for (size_t i = 0; sample_kinds[i] != NULL; i++) {
		struct record *was = sample_record(mem, sample_kinds[i]);
		const struct kind *kind = kind_by_code(sample_kinds[i]);
		struct intake intake;

		if (was->referral != NULL || was->status != NULL)
			continue;
		intake = fixture_read(mem, span_str(handed(mem, was)));
		if (intake.e != OK || intake.n != 1 || intake.items[0].e != OK)
			fail_msg("%s: %s %s", kind->code, intake.e != OK ? intake.why.where : intake.items[0].why.where,
				 intake.e != OK ? intake.why.text : intake.items[0].why.text);
		assert_string_equal(intake.items[0].record->kind, kind->code);
		if (!sample_same(record_field(record_type(), kind->body)->of, kind_body(was), kind_body(intake.items[0].record), mem))
			fail_msg("%s is not the same", kind->code);
		arena_reset(mem);
	}
}

/* A kind that takes a step says it in its Task, which is never read as a second one. */
static void
step_beside(void **state)
{
	const char *text = handed(*state, sample_record(*state, "info-request"));

	assert_non_null(strstr(text, "{\"system\":\"urn:nasoka:kind\",\"code\":\"info-request\"}"));
	assert_non_null(strstr(text, "{\"system\":\"urn:nasoka:state\",\"code\":\"info-requested\"}"));
	assert_non_null(strstr(text, "\"questionnaire\":\"urn:nasoka:kind:info-request\""));
	assert_non_null(strstr(text, "{\"linkId\":\"info_request.questions[1].text\",\"answer\":[{\"valueString\":"));
}

/* What two clocks disagree about is never written as changed before it was made, nor is what a reader who compares letters takes for it. */
static void
times_in_order(void **state)
{
	struct record *record = sample_record(*state, "outcome-report");

	record->created = record_int(*state, FIXTURE_NOW + 1);
	assert_null(strstr(handed(*state, record), "\"authoredOn\""));
	record->created = record_int(*state, FIXTURE_NOW);
	assert_non_null(strstr(handed(*state, record), "\"authoredOn\":\"2026-02-27T09:00:00Z\""));
	assert_non_null(strstr(handed_at(*state, record, FIXTURE_NOW + 120), "\"authoredOn\":\"2026-02-27T09:00:00.000Z\""));
	assert_non_null(strstr(handed_at(*state, record, FIXTURE_NOW + 1120), "\"authoredOn\":\"2026-02-27T09:00:00Z\""));
}

/* At its address it is a QuestionnaireResponse beside its Task, with links to both. */
static void
served_at_its_address(void **state)
{
	struct shelf s = shelf_new(*state);
	struct subject one = shelf_item(&s, 1);
	json_t *task, *response;

	one.record = sample_record(*state, "assessment-result");
	task = fhir_new_shown(&one, "Task", &fixture_env, *state);
	response = fhir_new_shown(&one, "QuestionnaireResponse", &fixture_env, *state);
	assert_string_equal(fhir_text(task, "focus.reference"), "QuestionnaireResponse/" SHELF_STEP_ID);
	assert_string_equal(fhir_text(task, "basedOn.reference"), "ServiceRequest/" SHELF_OURS_ID);
	assert_string_equal(fhir_text(response, "id"), SHELF_STEP_ID);
	assert_string_equal(fhir_text(response, "subject.reference"), "Patient/" SHELF_OURS_ID);
	json_decref(task);
	json_decref(response);
	one.record = s.accepted;
	assert_null(fhir_new_shown(&one, "QuestionnaireResponse", &fixture_env, *state));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(every_kind_round_trip), FIXTURE_TEST(step_beside), FIXTURE_TEST(times_in_order), FIXTURE_TEST(served_at_its_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
