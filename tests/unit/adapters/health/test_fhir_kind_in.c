/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_fixture.h"

#define HEAD "{\"resourceType\":\"QuestionnaireResponse\",\"id\":\"q1\",\"status\":\"completed\",\"questionnaire\":\"urn:nasoka:kind:"

static struct intake
lone(struct arena *mem, const char *rest)
{
	struct native in = fixture_native(span_str(arena_fmt(mem, HEAD "%s", rest)));
	struct intake intake;

	in.path = "/fhir/QuestionnaireResponse";
	health_fhir_to_records(&in, &fixture_env, mem, &intake);
	return intake;
}

/* Paths with the body's name or without, in groups or flat, with any value[x]; the number may stand as the identifier. */
static void
forms_of_items(void **state)
{
	struct intake intake = lone(*state, "info-response|1\",\"identifier\":{\"value\":\"R-1\"},\"item\":["
		"{\"linkId\":\"group\",\"item\":[{\"linkId\":\"answers[0].qid\",\"answer\":[{\"valueString\":\"q1\"}]},"
		"{\"linkId\":\"info_response.answers[0].yes\",\"answer\":[{\"valueBoolean\":true}]}]},"
		"{\"linkId\":\"answers[1].qid\",\"answer\":{\"valueString\":\"q2\"}},"
		"{\"linkId\":\"answers[1].code\",\"answer\":[{\"valueCoding\":{\"code\":\"x\"}}]},"
		"{\"linkId\":\"answers[1].attachments\",\"answer\":[{\"valueString\":\"a\"},{\"valueString\":\"b\"}]}]}");
	const struct info_response *r;

	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.items[0].e, OK);
	r = intake.items[0].record->info_response;
	assert_string_equal(r->referral_id, "R-1");
	assert_int_equal(r->n_answers, 2);
	assert_true(*r->answers[0]->yes);
	assert_string_equal(r->answers[1]->code, "x");
	assert_int_equal(r->answers[1]->attachments.n, 2);
	assert_string_equal(intake.items[0].native_id, "QuestionnaireResponse/info-response/q1");
}

/* What is wrong is told with its place, and nothing is taken of it. */
static void
refused(void **state)
{
	static const struct { const char *rest; enum err e; } rows[] = {
		{ "no-such\",\"item\":[]}", ERR_UNKNOWN_CODE },
		{ "cancellation\"}", ERR_REQUIRED },
		{ "cancellation\",\"item\":[{\"linkId\":\"colour\",\"answer\":[{\"valueString\":\"x\"}]}]}", ERR_UNKNOWN_FIELD },
		{ "cancellation\",\"item\":[{\"linkId\":\"type\",\"answer\":[{\"valueCoding\":{\"code\":\"maybe\"}}]}]}", ERR_UNKNOWN_CODE },
		{ "cancellation\",\"item\":[{\"linkId\":\"at\",\"answer\":[{\"valueDateTime\":\"2026-13-01\"}]}]}", ERR_BAD_DATE },
		{ "cancellation\",\"item\":[{\"linkId\":\"type\",\"answer\":[{}]}]}", ERR_REQUIRED },
		{ "attachment\",\"item\":[{\"linkId\":\"data\",\"answer\":[{\"valueAttachment\":{\"data\":\"***\"}}]}]}", ERR_FORMAT },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct intake intake = lone(*state, rows[i].rest);

		assert_int_equal(intake.e, OK);
		if (intake.items[0].e != rows[i].e || intake.items[0].record != NULL)
			fail_msg("%s: %s %s", rows[i].rest, err_code(intake.items[0].e), intake.items[0].why.text);
	}
}

/* What is not finished is no message; a questionnaire of somebody else is none of ours. */
static void
not_ours(void **state)
{
	struct arena *mem = *state;
	struct intake intake = fixture_read(mem, span_str("{\"resourceType\":\"QuestionnaireResponse\",\"status\":\"in-progress\","
		"\"questionnaire\":\"urn:nasoka:kind:cancellation\"}"));

	assert_int_equal(intake.items[0].e, ERR_UNSUPPORTED);
	intake = fixture_read(mem, span_str("{\"resourceType\":\"QuestionnaireResponse\",\"status\":\"completed\","
		"\"questionnaire\":\"https://x.example/q\"}"));
	assert_int_equal(intake.e, ERR_REQUIRED);
}

/* The Task beside a message confirms it when it is done, under the number in it; it is no step of the referral. */
static void
task_beside_confirms(void **state)
{
	struct arena *mem = *state;
	struct native in = fixture_native(span_str("{\"resourceType\":\"Task\",\"id\":\"t1\",\"status\":\"completed\",\"intent\":\"order\","
		"\"code\":{\"coding\":[{\"system\":\"urn:nasoka:kind\",\"code\":\"assessment-result\"}]},\"identifier\":[{\"type\":"
		"{\"coding\":[{\"code\":\"FILL\"}]},\"value\":\"C-7\"}]}"));
	struct intake intake;

	in.method = "PUT";
	in.path = "/fhir/Task/t1";
	health_fhir_to_records(&in, &fixture_env, mem, &intake);
	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.items[0].e, OK);
	assert_null(intake.items[0].record);
	assert_string_equal(intake.items[0].confirms, "t1");
	assert_string_equal(intake.items[0].case_no, "C-7");
}

/* Several in a batch are several; in a message they are too many. */
static void
several(void **state)
{
	static const char two[] = "{\"resourceType\":\"Bundle\",\"type\":\"%s\",\"entry\":[{\"resource\":" HEAD "cancellation\",\"item\":["
		"{\"linkId\":\"reason\",\"answer\":[{\"valueString\":\"x\"}]}]}},{\"resource\":" HEAD "cancellation\",\"item\":["
		"{\"linkId\":\"reason\",\"answer\":[{\"valueString\":\"y\"}]}]}}]}";
	struct arena *mem = *state;
	char text[sizeof(two) + 16];
	struct intake intake;

	snprintf(text, sizeof(text), two, "batch");
	intake = fixture_read(mem, span_str(text));
	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 2);
	assert_string_equal(intake.items[1].record->cancellation->reason, "y");
	assert_int_equal(intake.items[1].row, 2);
	snprintf(text, sizeof(text), two, "message");
	assert_int_equal(fixture_read(mem, span_str(text)).e, ERR_TOOMANY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(forms_of_items), FIXTURE_TEST(refused), FIXTURE_TEST(not_ours), FIXTURE_TEST(task_beside_confirms),
		FIXTURE_TEST(several),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
