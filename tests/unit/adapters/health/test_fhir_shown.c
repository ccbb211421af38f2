/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_shelf.h"

static const char *
shown(struct arena *mem, const struct subject *s, const char *type)
{
	struct native text = { 0 };
	json_t *resource = fhir_new_shown(s, type, &fixture_env, mem);

	assert_non_null(resource);
	assert_int_equal(fhir_finish(resource, mem, &text), OK);
	return fixture_text(mem, &text);
}

/* A referral's Task says its state, both numbers, the stages it has reached, its version, and links to what is served. */
static void
task_of_referral(void **state)
{
	struct shelf s = shelf_new(*state);
	struct subject one = shelf_item(&s, 0);
	struct record whole = *one.p.referral;
	int64_t dropped = 2;
	const char *text;

	one.p.state = "accepted";
	one.p.registered_ms = FIXTURE_NOW + 5;
	one.record = s.accepted;
	text = shown(*state, &one, "Task");
	assert_non_null(strstr(text, "\"id\":\"" FIXTURE_MSG_ID "\""));
	assert_non_null(strstr(text, "\"versionId\":\"v-1\""));
	assert_non_null(strstr(text, "\"status\":\"accepted\""));
	assert_non_null(strstr(text, "{\"system\":\"urn:nasoka:stage\",\"code\":\"registered\"}"));
	assert_non_null(strstr(text, "{\"url\":\"registered\",\"valueInstant\":\"2026-02-27T09:00:00.005Z\"}"));
	assert_null(strstr(text, "\"url\":\"seen\""));
	assert_non_null(strstr(text, "\"focus\":{\"reference\":\"ServiceRequest/" FIXTURE_MSG_ID "\""));
	assert_non_null(strstr(text, "\"reference\":\"Patient/" FIXTURE_MSG_ID "\""));
	assert_null(strstr(text, "\"partOf\""));
	whole.dropped = &dropped;
	one.p.referral = &whole;
	assert_non_null(strstr(shown(*state, &one, "Task"), "{\"url\":\"urn:nasoka:dropped\",\"valueInteger\":2}"));
	one.p.refused = ERR_CANNOT_OPEN;
	assert_non_null(strstr(shown(*state, &one, "Task"), "\"status\":\"failed\""));
}

/* What was declined unopened is rejected, as its businessStatus says, for its recipient's own reason. */
static void
task_declined_unopened(void **state)
{
	struct shelf s = shelf_new(*state);
	struct subject one = shelf_item(&s, 0);
	struct record said = *s.accepted;
	struct status step = *said.status;
	const char *text;

	step.to = one.p.state = "declined";
	step.reason_code = "wrong-service";
	said.status = &step;
	one.record = &said;
	one.p.refused = ERR_UNOPENED;
	text = shown(*state, &one, "Task");
	assert_non_null(strstr(text, "\"status\":\"rejected\""));
	assert_non_null(strstr(text, "\"code\":\"wrong-service\""));
	assert_non_null(strstr(text, "\"code\":\"NSK-1406\""));
}

/* A step that has been overtaken says nothing of the present state. */
static void
task_overtaken_step(void **state)
{
	struct shelf s = shelf_new(*state);
	struct subject one = shelf_item(&s, 0);

	one.p.state = "declined";
	one.record = s.accepted;
	assert_non_null(strstr(shown(*state, &one, "Task"), "\"status\":\"rejected\""));
	assert_null(strstr(shown(*state, &one, "Task"), "accepted"));
}

/* A step is a Task of its own, part of the referral's. */
static void
task_of_step(void **state)
{
	struct shelf s = shelf_new(*state);
	struct subject one = shelf_item(&s, 1);
	const char *text = shown(*state, &one, "Task");

	assert_non_null(strstr(text, "\"id\":\"" SHELF_STEP_ID "\""));
	assert_non_null(strstr(text, "\"partOf\":[{\"reference\":\"Task/" SHELF_OURS_ID "\"}]"));
	assert_non_null(strstr(text, "\"status\":\"accepted\""));
	assert_null(strstr(text, "urn:nasoka:stage"));
	one.stage = "registered";	/* one of ours: how far it came */
	assert_non_null(strstr(shown(*state, &one, "Task"), "{\"system\":\"urn:nasoka:stage\",\"code\":\"registered\"}"));
}

/* What a report brought that has no place here, a form of a type that is not taken, is told where the report and its Task are read. */
static void
report_says_dropped(void **state)
{
	struct shelf s = shelf_new(*state);
	struct subject one = shelf_item(&s, 1);
	struct assessment found = { .conclusions = "Добре е." };
	int64_t dropped = 3;
	struct record report = { .kind = "assessment-result", .assessment = &found };

	one.record = &report;
	assert_null(strstr(shown(*state, &one, "DiagnosticReport"), "urn:nasoka:dropped"));
	report.dropped = &dropped;
	assert_non_null(strstr(shown(*state, &one, "DiagnosticReport"), "{\"url\":\"urn:nasoka:dropped\",\"valueInteger\":3}"));
	assert_non_null(strstr(shown(*state, &one, "Task"), "{\"url\":\"urn:nasoka:dropped\",\"valueInteger\":3}"));
}

/* A ServiceRequest holds all that is not served itself, and every reference in it leads somewhere. */
static void
request_is_whole(void **state)
{
	struct shelf s = shelf_new(*state);
	struct subject one = shelf_item(&s, 2);
	const char *text = shown(*state, &one, "ServiceRequest"), *p;

	assert_non_null(strstr(text, "\"status\":\"revoked\""));
	assert_non_null(strstr(text, "\"reference\":\"Patient/" SHELF_OURS_ID "\""));
	assert_null(strstr(text, "urn:uuid:"));
	for (p = strstr(text, "\"reference\":\"#"); p != NULL; p = strstr(p + 1, "\"reference\":\"#")) {
		const char *id = arena_fmt(*state, "\"id\":\"%.*s\"", (int)strcspn(p + 14, "\""), p + 14);

		if (strstr(text, id) == NULL)
			fail_msg("%s leads nowhere", id);
	}
	assert_non_null(strstr(text, "\"contained\":["));
}

/* The Patient of a referral received and its ServiceRequest are read back as the very referral. */
static void
request_reads_back(void **state)
{
	struct arena *mem = *state;
	struct shelf s = shelf_new(mem);
	struct subject one = shelf_item(&s, 0);
	struct native text = { 0 };
	json_t *request, *patient;
	struct intake intake;
	const struct referral *got, *was = s.referral->referral;

	one.p.case_no = NULL;	/* with it, it would confirm */
	request = fhir_new_shown(&one, "ServiceRequest", &fixture_env, mem);
	patient = fhir_new_shown(&one, "Patient", &fixture_env, mem);
	json_object_set_new(request, "status", json_string("active"));
	assert_int_equal(fhir_finish(json_pack("{s:s, s:s, s:[{s:o}, {s:o}]}", "resourceType", "Bundle", "type", "transaction", "entry",
					       "resource", request, "resource", patient), mem, &text), OK);
	intake = fixture_read(mem, text.bytes);
	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 1);
	got = intake.items[0].record->referral;
	assert_string_equal(got->referral_id, was->referral_id);
	assert_string_equal(got->child->family, was->child->family);
	assert_string_equal(got->reason_text, was->reason_text);
	assert_int_equal(got->n_goals, was->n_goals);
	assert_int_equal(got->n_diagnosis, was->n_diagnosis);
	assert_int_equal(got->consent != NULL, was->consent != NULL);
}

/* Every final state has a final status of ServiceRequest. */
static void
request_status(void **state)
{
	(void)state;
	assert_string_equal(fhir_request_status("in-progress"), "active");
	assert_string_equal(fhir_request_status("completed"), "completed");
	assert_string_equal(fhir_request_status("waitlisted"), "on-hold");
	assert_string_equal(fhir_request_status("withdrawn"), "revoked");
	assert_string_equal(fhir_request_status(NULL), "active");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(task_of_referral), FIXTURE_TEST(task_declined_unopened), FIXTURE_TEST(task_overtaken_step),
		FIXTURE_TEST(task_of_step), FIXTURE_TEST(report_says_dropped),
		FIXTURE_TEST(request_is_whole), FIXTURE_TEST(request_reads_back), FIXTURE_TEST(request_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
