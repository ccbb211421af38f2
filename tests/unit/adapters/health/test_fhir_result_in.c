/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_results.h"

static struct intake_item *
last(struct intake *intake)
{
	if (intake->e != OK || intake->n == 0)
		fail_msg("%s %s", intake->why.where, intake->why.text);
	return &intake->items[intake->n - 1];
}

/* Assessments are what was asked for as such, or says so, or comes before the end; the rest tells how the referral went. */
static void
which_kind(void **state)
{
	static const struct { const char *service, *disposition, *text, *kind; } rows[] = {
		{ "needs-assessment", NULL, RESULTS_TASK("completed", RESULTS_OUTPUT("x") "[" RESULTS_OBSERVATION("") "]"), "assessment-result" },
		{ "mentoring", "assess-and-return", RESULTS_TASK("completed", RESULTS_OUTPUT("x") "[" RESULTS_OBSERVATION("") "]"), "assessment-result" },
		{ "mentoring", NULL, RESULTS_TASK("completed", RESULTS_OUTPUT("x") "[" RESULTS_OBSERVATION("") "]"), "outcome-report" },
		{ "mentoring", NULL, RESULTS_TASK("completed", RESULTS_OUTPUT("Risk Assessment") "[" RESULTS_OBSERVATION("") "]"), "assessment-result" },
		{ "mentoring", NULL, RESULTS_TASK("completed", RESULTS_OUTPUT("Оценка") "[" RESULTS_OBSERVATION("") "]"), "assessment-result" },
		{ "mentoring", NULL, RESULTS_TASK("accepted", RESULTS_OUTPUT("x") "[" RESULTS_OBSERVATION("") "]"), "assessment-result" },
		{ NULL, NULL, RESULTS_TASK("failed", RESULTS_OUTPUT("x") "[" RESULTS_OBSERVATION("") "]"), "outcome-report" },
		{ NULL, NULL, RESULTS_TASK("completed", "\"code\":{\"coding\":[{\"code\":\"assessment\"}]}," RESULTS_OUTPUT("x") "["
		  RESULTS_OBSERVATION("") "]"), "assessment-result" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct results_world w = { .state = "in-progress", .service = rows[i].service, .disposition = rows[i].disposition };
		struct intake intake = results_read(*state, &w, rows[i].text);

		if (last(&intake)->e != OK)
			fail_msg("%zu: %s %s", i, last(&intake)->why.where, last(&intake)->why.text);
		if (strcmp(last(&intake)->record->kind, rows[i].kind) != 0)
			fail_msg("%zu: %s", i, last(&intake)->record->kind);
	}
}

/* The last day that a result names, in Bulgaria, and all who are named; where none is, the Task's or today and the agency, as assumed. */
static void
when_and_by_whom(void **state)
{
	static const struct { const char *observation, *task, *day, *by, *assumed; } rows[] = {
		{ RESULTS_OBSERVATION(",\"effectiveDateTime\":\"2026-03-05T22:30:00Z\",\"performer\":[{\"display\":\"А\"},{\"display\":\"Б\"}]"), "",
		  "2026-03-06", "А; Б", "assessment.assessment_kind|assessment.conclusions" },
		{ RESULTS_OBSERVATION(",\"issued\":\"2026-03-05T08:00:00+02:00\""), ",\"owner\":{\"display\":\"Болница\"}", "2026-03-05", "Болница",
		  "assessment.assessment_kind|assessment.done_by|assessment.conclusions" },
		{ RESULTS_OBSERVATION(",\"effectiveDateTime\":\"2026-03\""), ",\"lastModified\":\"2026-03-09T10:00:00Z\"", "2026-03-09", "gp-plovdiv-1",
		  "assessment.assessment_kind|assessment.done_on|assessment.done_by|assessment.conclusions" },
		{ RESULTS_OBSERVATION(""), "", "2026-02-27", "gp-plovdiv-1",
		  "assessment.assessment_kind|assessment.done_on|assessment.done_by|assessment.conclusions" },
	};
	struct arena *mem = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct results_world w = { .state = "in-progress", .service = "needs-assessment" };
		struct intake intake = results_read(mem, &w, arena_fmt(mem, RESULTS_TASK("in-progress", RESULTS_OUTPUT("x") "[%s]%s"),
								       rows[i].observation, rows[i].task));
		const struct record *r = last(&intake)->record;

		if (r == NULL)
			fail_msg("%zu: %s %s", i, last(&intake)->why.where, last(&intake)->why.text);
		assert_field(mem, r, "assessment.done_on", rows[i].day);
		assert_field(mem, r, "assessment.done_by", rows[i].by);
		assert_field(mem, r, "assumed", rows[i].assumed);
	}
}

/* What cannot be an honest result is refused with its place: what is elsewhere, of another child, taken back, not finished, not so. */
static void
refused(void **state)
{
	static const struct { const char *rest; enum err e; const char *where; } rows[] = {
		{ "\"output\":[{\"valueReference\":{\"reference\":\"Observation/7\"}}]", ERR_REQUIRED, "Task.output" },
		{ "\"output\":[{\"valueReference\":{\"reference\":\"#a\"}}]", ERR_REQUIRED, "Task.output" },
		{ RESULTS_OUTPUT("x") "[{\"resourceType\":\"DiagnosticReport\",\"id\":\"a\",\"result\":[{\"reference\":\"http://h/fhir/Observation/1\"}]}]",
		  ERR_REQUIRED, "DiagnosticReport.result" },
		{ RESULTS_OUTPUT("x") "[" RESULTS_OBSERVATION(",\"subject\":{\"reference\":\"#p\"}") ",{\"resourceType\":\"Patient\",\"id\":\"p\","
		  "\"identifier\":[{\"system\":\"urn:nasoka:egn\",\"value\":\"1545123455\"}]}]", ERR_INCONSISTENT, "Observation.subject" },
		{ RESULTS_OUTPUT("x") "[{\"resourceType\":\"Observation\",\"id\":\"a\",\"status\":\"registered\",\"code\":{\"text\":\"x\"}}]",
		  ERR_UNSUPPORTED, "Observation.status" },
		{ RESULTS_OUTPUT("x") "[" RESULTS_OBSERVATION(",\"modifierExtension\":[{\"url\":\"urn:x\",\"valueBoolean\":true}]") "]", ERR_UNSUPPORTED,
		  "Observation.modifierExtension" },
		{ RESULTS_OUTPUT("x") "[" RESULTS_OBSERVATION(",\"effectiveDateTime\":\"2026-02-30T10:00:00Z\"") "]", ERR_BAD_DATE,
		  "Observation.effectiveDateTime" },
		{ RESULTS_OUTPUT("x") "[{\"resourceType\":\"DiagnosticReport\",\"id\":\"a\",\"status\":\"final\"}]", ERR_REQUIRED,
		  "DiagnosticReport.conclusion" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct results_world w = { .state = "in-progress", .service = "needs-assessment" };
		struct intake intake = results_read(*state, &w, arena_fmt(*state, RESULTS_TASK("in-progress", "%s"), rows[i].rest));
		struct intake_item *item = last(&intake);

		if (item->e != rows[i].e || strcmp(item->why.where, rows[i].where) != 0 || item->record != NULL)
			fail_msg("%s: %s %s %s", rows[i].rest, err_name(item->e), item->why.where, item->why.text);
	}
}

/* More resources than one Task may bring are refused, and not cut. */
static void
too_many(void **state)
{
	struct results_world w = { .state = "in-progress", .service = "needs-assessment" };
	struct intake intake;
	struct buf b, outputs;

	buf_init(&b, *state);
	buf_init(&outputs, *state);
	for (unsigned i = 0; i < 101; i++) {
		buf_fmt(&b, "%s{\"resourceType\":\"Observation\",\"id\":\"o%u\",\"code\":{\"text\":\"x\"},\"valueInteger\":1}", i > 0 ? "," : "", i);
		buf_fmt(&outputs, "%s{\"valueReference\":{\"reference\":\"#o%u\"}}", i > 0 ? "," : "", i);
	}
	intake = results_read(*state, &w, arena_fmt(*state, RESULTS_TASK("in-progress", "\"output\":[%s],\"contained\":[%s]"), buf_text(&outputs),
						    buf_text(&b)));
	assert_int_equal(last(&intake)->e, ERR_TOOMANY);
	assert_string_equal(last(&intake)->why.where, "Task.output");
}

/* The same resources again are the same message, whatever the Task around them says. */
static void
same_again(void **state)
{
	struct results_world w = { .state = "in-progress", .service = "needs-assessment" };
	struct intake a = results_read(*state, &w, RESULTS_TASK("in-progress", RESULTS_OUTPUT("x") "[" RESULTS_OBSERVATION("") "]"));
	struct intake b = results_read(*state, &w, RESULTS_TASK("completed", RESULTS_OUTPUT("y") "[" RESULTS_OBSERVATION("") "]"));
	struct intake c = results_read(*state, &w, RESULTS_TASK("completed", RESULTS_OUTPUT("y") "[" RESULTS_OBSERVATION(",\"issued\":\"2026-01-01\"") "]"));

	assert_string_equal(last(&a)->native_id, last(&b)->native_id);
	assert_string_not_equal(last(&a)->native_id, last(&c)->native_id);
}

/* A file that the Task contains comes with it, and the assessment names it. */
static void
with_a_file(void **state)
{
	struct results_world w = { .state = "in-progress", .service = "needs-assessment" };
	struct intake intake = results_read(*state, &w, RESULTS_TASK("in-progress", "\"output\":[{\"valueReference\":{\"reference\":\"#a\"}},"
		"{\"valueReference\":{\"reference\":\"#d\"}}],\"contained\":[" RESULTS_OBSERVATION("") ",{\"resourceType\":"
			"\"DocumentReference\",\"id\":\"d\","
		"\"status\":\"current\",\"content\":[{\"attachment\":{\"contentType\":\"text/plain\",\"title\":\"a.txt\",\"data\":\"YQ==\"}}]}]"));

	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 2);
	for (size_t i = 0; i < 2; i++)
		if (intake.items[i].e != OK)
			fail_msg("%zu: %s %s", i, intake.items[i].why.where, intake.items[i].why.text);
	assert_field(*state, intake.items[0].record, "assessment.attachments", "d");
	assert_field(*state, intake.items[1].record, "attachment.att_id", "d");
	assert_field(*state, intake.items[1].record, "attachment.referral_id", "R-1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(which_kind), FIXTURE_TEST(when_and_by_whom), FIXTURE_TEST(refused), FIXTURE_TEST(too_many), FIXTURE_TEST(same_again),
		FIXTURE_TEST(with_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
