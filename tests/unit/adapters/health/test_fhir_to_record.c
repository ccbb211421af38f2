/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_fixture.h"

#define TASK_HEAD "{\"resourceType\":\"Task\",\"identifier\":[{\"type\":{\"coding\":[{\"code\":\"PLAC\"}]},\"value\":\"R-1\"}],"
#define BUNDLE(type, entries) "{\"resourceType\":\"Bundle\",\"type\":\"" type "\",\"entry\":[" entries "]}"
#define ENTRY(resource) "{\"resource\":" resource "}"
#define OF_LONE(from, to) from, to

/* A row is a whole input, or the good lone request with one text in it replaced. */
struct bad {
	const char *what, *input, *from, *to, *method, *path;
	enum err e;
	unsigned status;
	const char *issue, *expression;
};

static const struct bad bad[] = {
	{ "an empty body", "", NULL, NULL, NULL, NULL, ERR_CUT_OFF, 400, "structure", NULL },
	{ "cut off", "{\"resourceType\":\"Task\",\"sta", NULL, NULL, NULL, NULL, ERR_CUT_OFF, 400, "structure", NULL },
	{ "an ellipsis in the JSON", "{\"resourceType\":\"Task\", ... }", NULL, NULL, NULL, NULL, ERR_SYNTAX, 400, "structure", NULL },
	{ "a name twice", "{\"resourceType\":\"Task\",\"status\":\"accepted\",\"status\":\"rejected\"}", NULL, NULL, NULL, NULL,
	  ERR_SYNTAX, 400, "structure", NULL },
	{ "more behind the end", "{\"resourceType\":\"Task\"} {}", NULL, NULL, NULL, NULL, ERR_SYNTAX, 400, "structure", NULL },
	{ "windows-1251", "{\"resourceType\":\"Task\",\"status\":\"\xcf\xeb\"}", NULL, NULL, NULL, NULL, ERR_CHARSET, 400, "structure", NULL },
	{ "XML", "<Bundle/>", NULL, NULL, NULL, NULL, ERR_SYNTAX, 400, "structure", NULL },
	{ "no type of resource", "{\"status\":\"accepted\"}", NULL, NULL, NULL, NULL, ERR_REQUIRED, 422, "required", "resourceType" },
	{ "nothing to do with referrals", "{\"resourceType\":\"Patient\"}", NULL, NULL, NULL, NULL, ERR_REQUIRED, 422, "required",
	  "ServiceRequest" },
	{ "a Bundle without a type", "{\"resourceType\":\"Bundle\",\"entry\":[]}", NULL, NULL, NULL, NULL, ERR_REQUIRED, 422,
	  "required", "Bundle.type" },
	{ "a Bundle of history", BUNDLE("history", ENTRY(TASK_HEAD "\"status\":\"accepted\"}")), NULL, NULL, NULL, NULL,
	  ERR_UNSUPPORTED, 422, "not-supported", "Bundle.type" },
	{ "an empty Bundle", BUNDLE("message", ""), NULL, NULL, NULL, NULL, ERR_REQUIRED, 422, "required", "Bundle.entry" },
	{ "an entry without a type", BUNDLE("message", ENTRY("{\"status\":\"x\"}")), NULL, NULL, NULL, NULL, ERR_REQUIRED, 422,
	  "required", "Bundle.entry.resource.resourceType" },
	{ "two requests in one Bundle", BUNDLE("batch", ENTRY("{\"resourceType\":\"ServiceRequest\"}") ","
	  ENTRY("{\"resourceType\":\"ServiceRequest\"}")), NULL, NULL, NULL, NULL, ERR_TOOMANY, 422, "structure", "ServiceRequest" },
	{ "two Tasks in one transaction", BUNDLE("transaction", ENTRY(TASK_HEAD "\"status\":\"accepted\"}") ","
	  ENTRY(TASK_HEAD "\"status\":\"completed\"}")), NULL, NULL, NULL, NULL, ERR_TOOMANY, 422, "structure", "Task" },
	{ "a request without a child", "{\"resourceType\":\"ServiceRequest\",\"id\":\"1\"}", NULL, NULL, NULL, NULL, ERR_REQUIRED,
	  422, "required", "Patient" },
	{ "a subject that is not there", NULL, OF_LONE("\"#child\"", "\"Patient/9\""), NULL, NULL, ERR_REQUIRED, 422, "required", "Patient" },
	{ "month 13", NULL, OF_LONE("\"2015\"", "\"2015-13-07\""), NULL, NULL, ERR_BAD_DATE, 422, "invalid", "Patient.birthDate" },
	{ "month 13 without a day", NULL, OF_LONE("\"2015\"", "\"2015-13\""), NULL, NULL, ERR_BAD_DATE, 422, "invalid", "Patient.birthDate" },
	{ "a date as a number", NULL, OF_LONE("\"2015\"", "20150307"), NULL, NULL, ERR_SYNTAX, 400, "structure", "Patient.birthDate" },
	{ "a name as an object", NULL, OF_LONE("\"Петрова\"", "{}"), NULL, NULL, ERR_SYNTAX, 400, "structure", "Patient.name.family" },
	{ "a gender of another standard", NULL, OF_LONE("\"female\"", "\"F\""), NULL, NULL, ERR_UNKNOWN_CODE, 422, "code-invalid", "Patient.gender" },
	{ "a child who has died", NULL, OF_LONE("\"gender\"", "\"deceasedBoolean\":true,\"gender\""), NULL, NULL, ERR_UNSUPPORTED, 422,
	  "not-supported", "Patient.deceased" },
	{ "an unknown priority", NULL, OF_LONE("\"status\"", "\"priority\":\"soon\",\"status\""), NULL, NULL, ERR_UNKNOWN_CODE, 422,
	  "code-invalid", "ServiceRequest.priority" },
	{ "a proposal", NULL, OF_LONE("\"order\"", "\"proposal\""), NULL, NULL, ERR_UNSUPPORTED, 422, "not-supported", "ServiceRequest.intent" },
	{ "a request not to act", NULL, OF_LONE("\"status\"", "\"doNotPerform\":true,\"status\""), NULL, NULL, ERR_UNSUPPORTED, 422,
	  "not-supported", "ServiceRequest.doNotPerform" },
	{ "a modifier that nobody knows", NULL, OF_LONE("\"gender\"", "\"modifierExtension\":[{\"url\":\"urn:x\"}],\"gender\""), NULL, NULL,
	  ERR_UNSUPPORTED, 422, "not-supported", "Patient.modifierExtension" },
	{ "an unknown code of our own list", NULL, OF_LONE("\"text\": \"нещо друго\"",
	  "\"coding\":[{\"system\":\"urn:nasoka:service-kind\",\"code\":\"magic\"}]"), NULL, NULL, ERR_UNKNOWN_CODE, 422,
	  "code-invalid", "ServiceRequest.code" },
	{ "an unknown need of our own list", NULL, OF_LONE("\"text\": \"Нужна е помощ.\"",
	  "\"coding\":[{\"system\":\"urn:nasoka:need\",\"code\":\"magic\"}]"), NULL, NULL, ERR_UNKNOWN_CODE, 422, "code-invalid",
	  "ServiceRequest.reasonCode" },
	{ "an unknown code in an extension", NULL, OF_LONE("\"status\"",
	  "\"extension\":[{\"url\":\"urn:nasoka:field:risk_level\",\"valueCode\":\"enormous\"}],\"status\""), NULL, NULL,
	  ERR_UNKNOWN_CODE, 422, "code-invalid", "ServiceRequest.extension('urn:nasoka:field:risk_level')" },
	{ "a number below zero", NULL, OF_LONE("\"status\"",
	  "\"extension\":[{\"url\":\"urn:nasoka:field:household_size\",\"valueInteger\":-1}],\"status\""), NULL, NULL,
	  ERR_BAD_NUMBER, 422, "invalid", "ServiceRequest.extension('urn:nasoka:field:household_size')" },
	{ "a deadline that is no time", NULL, OF_LONE("\"status\"",
	  "\"extension\":[{\"url\":\"urn:nasoka:respond-by\",\"valueDateTime\":\"soon\"}],\"status\""), NULL, NULL,
	  ERR_BAD_DATE, 422, "invalid", "Task.restriction.period.end" },
	{ "a Task that says nothing", "{\"resourceType\":\"Task\",\"id\":\"1\"}", NULL, NULL, NULL, NULL, ERR_REQUIRED, 422, "required", "Task.status" },
	{ "a Task of an unknown status", TASK_HEAD "\"status\":\"on-fire\"}", NULL, NULL, NULL, NULL, ERR_UNKNOWN_CODE, 422,
	  "code-invalid", "Task.status" },
	{ "a Task about nothing", "{\"resourceType\":\"Task\",\"status\":\"accepted\"}", NULL, NULL, NULL, NULL, ERR_REQUIRED, 422,
	  "required", "Task.identifier" },
	{ "a Task without a step or a number", TASK_HEAD "\"status\":\"requested\"}", NULL, NULL, NULL, NULL, ERR_REQUIRED, 422,
	  "required", "Task.status" },
	{ "a reason that is not in its list", TASK_HEAD "\"status\":\"rejected\",\"statusReason\":{\"coding\":[{\"system\":"
	  "\"urn:nasoka:reason\",\"code\":\"tired\"}]}}", NULL, NULL, NULL, NULL, ERR_UNKNOWN_CODE, 422, "code-invalid", "Task.statusReason" },
	{ "an outcome that is not in its list", TASK_HEAD "\"status\":\"completed\",\"output\":[{\"valueCodeableConcept\":{\"coding\":[{"
	  "\"system\":\"urn:nasoka:outcome\",\"code\":\"fine\"}]}}]}", NULL, NULL, NULL, NULL, ERR_UNKNOWN_CODE, 422, "code-invalid", "Task.output" },
	{ "a time that is no time", TASK_HEAD "\"status\":\"accepted\",\"lastModified\":\"2026-02-30T10:00:00Z\"}", NULL, NULL, NULL,
	  NULL, ERR_BAD_DATE, 422, "invalid", "Task.lastModified" },
	{ "another id than the address has", TASK_HEAD "\"id\":\"2\",\"status\":\"accepted\"}", NULL, NULL, "PUT", "/fhir/Task/1",
	  ERR_SYNTAX, 400, "structure", "Task.id" },
	{ "a Task where Bundles go", TASK_HEAD "\"status\":\"accepted\"}", NULL, NULL, "POST", "/fhir/Bundle",
	  ERR_UNSUPPORTED, 422, "not-supported", "resourceType" },
	{ "a Task at the wrong address", TASK_HEAD "\"status\":\"accepted\"}", NULL, NULL, "POST", "/fhir/ServiceRequest",
	  ERR_UNSUPPORTED, 422, "not-supported", "resourceType" },
};

static struct span
input_of(struct arena *mem, const struct bad *row)
{
	const char *good, *at;

	if (row->input != NULL)
		return span_str(row->input);
	good = (const char *)fixture_file(mem, "fhir-referral-lone.json").p;
	at = strstr(good, row->from);
	assert_non_null(at);
	return span_str(arena_fmt(mem, "%.*s%s%s", (int)(at - good), good, row->to, at + strlen(row->from)));
}

static enum err
fault_of(const struct intake *intake, const struct why **ret_why)
{
	*ret_why = intake->e != OK ? &intake->why : &intake->items[0].why;
	return intake->e != OK ? intake->e : intake->items[0].e;
}

/* Each bad input is refused with the code, the HTTP status, the issue and the FHIR path that the manual names for it. */
static void
to_records_refuses(void **state)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct arena *mem = arena_new(FIXTURE_ARENA);
		struct native in = fixture_native(input_of(mem, &bad[i])), answer;
		const struct why *why;
		struct intake intake;
		const char *text;

		in.method = bad[i].method != NULL ? bad[i].method : "POST";
		in.path = bad[i].path != NULL ? bad[i].path : "/fhir";
		health_fhir_to_records(&in, &fixture_env, mem, &intake);
		if (fault_of(&intake, &why) != bad[i].e)
			fail_msg("%s: %s", bad[i].what, err_name(fault_of(&intake, &why)));
		assert_int_equal(health_fhir_answer(&in, &intake, &fixture_env, mem, &answer), OK);
		text = fixture_text(mem, &answer);
		if (answer.status != bad[i].status || strstr(text, err_code(bad[i].e)) == NULL ||
		    strstr(text, arena_fmt(mem, "\"code\":\"%s\"", bad[i].issue)) == NULL ||
		    (bad[i].expression != NULL && strstr(text, arena_fmt(mem, "\"expression\":[\"%s\"]", bad[i].expression)) == NULL))
			fail_msg("%s: %u %s", bad[i].what, answer.status, text);
		arena_free(mem);
	}
	(void)state;
}

/* What is too large, too deep or too much is refused before it is parsed. */
static void
to_records_bounds(void **state)
{
	struct arena *mem = *state;
	char *text = arena_alloc(mem, FHIR_BYTES_MAX + 1);

	memset(text, ' ', FHIR_BYTES_MAX + 1);
	assert_int_equal(fixture_read(mem, SPAN(text, FHIR_BYTES_MAX + 1)).e, ERR_TOOBIG);
	memset(text, '[', FHIR_DEPTH_MAX + 1);
	assert_int_equal(fixture_read(mem, SPAN(text, FHIR_DEPTH_MAX + 1)).e, ERR_TOOBIG);
	memset(text, ',', FHIR_NODES_MAX + 1);
	assert_int_equal(fixture_read(mem, SPAN(text, FHIR_NODES_MAX + 1)).e, ERR_TOOBIG);
	memset(text, '[', FHIR_DEPTH_MAX);
	assert_int_equal(fixture_read(mem, SPAN(text, FHIR_DEPTH_MAX)).e, ERR_CUT_OFF);
}

/* Every beginning of a good document is refused and never read as something else. */
static void
to_records_cut_anywhere(void **state)
{
	struct arena *mem = *state;
	struct span whole = fixture_file(mem, "fhir-referral-message.json");

	while (whole.n > 0 && whole.p[whole.n - 1] <= ' ')
		whole.n--;
	for (size_t n = 0; n < whole.n; n += 7) {
		struct arena *one = arena_new(FIXTURE_ARENA);
		struct intake intake = fixture_read(one, SPAN(whole.p, n));

		assert_int_not_equal(intake.e, OK);
		assert_false(fhir_is_complete(SPAN(whole.p, n)));
		arena_free(one);
	}
	assert_true(fhir_is_complete(whole));
}

/* The stage `registered` confirms what the address names, even where the Task repeats the state it was read with. */
static void
to_records_registered_stage(void **state)
{
	static const char *const text = "{\"resourceType\":\"Task\",\"status\":\"rejected\",\"intent\":\"order\","
				 "\"identifier\":[{\"type\":{\"coding\":[{\"code\":\"PLAC\"}]},\"value\":\"GP-2026-0042\"}],"
				 "\"businessStatus\":{\"coding\":[{\"system\":\"urn:nasoka:stage\",\"code\":\"registered\"}]}}";
	struct arena *mem = *state;
	struct native in = fixture_native(span_str(text));
	struct intake intake;

	in.method = "PUT";
	in.path = "/fhir/Task/01999999-0000-7000-8000-000000000001";
	health_fhir_to_records(&in, &fixture_env, mem, &intake);
	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.items[0].e, OK);
	assert_null(intake.items[0].record);
	assert_string_equal(intake.items[0].confirms, "01999999-0000-7000-8000-000000000001");
	assert_string_equal(intake.items[0].case_no, "GP-2026-0042");
}

/* A Task with our agency's case number and no step is a confirmation; with a step, the number stands in the status. */
static void
to_records_confirmation(void **state)
{
	struct arena *mem = *state;
	const struct intake_item *only = fixture_item(mem, "fhir-confirmation.json");
	const struct intake_item *both = fixture_item(mem, "fhir-status-accepted.json");

	assert_null(only->record);
	assert_string_equal(only->confirms, "GP-2026-0042");
	assert_string_equal(only->case_no, "ДСП-17/2026");
	assert_null(both->confirms);
	assert_string_equal(both->record->status->to, "accepted");
	assert_string_equal(both->record->status->case_no, "ДСП-17/2026");
}

/* A batch of Tasks is one item each, with the row it has, and a bad one does not hold up its neighbours. */
static void
to_records_batch(void **state)
{
	static const char text[] = BUNDLE("batch", ENTRY(TASK_HEAD "\"status\":\"accepted\"}") "," ENTRY("{\"resourceType\":\"Basic\"}")
		"," ENTRY(TASK_HEAD "\"status\":\"on-fire\"}") "," ENTRY(TASK_HEAD "\"status\":\"completed\"}"));
	struct arena *mem = *state;
	struct intake intake = fixture_read(mem, span_str(text));

	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 3);
	assert_int_equal(intake.items[0].e, OK);
	assert_int_equal(intake.items[1].e, ERR_UNKNOWN_CODE);
	assert_int_equal(intake.items[1].row, 3);
	assert_int_equal(intake.items[2].row, 4);
	assert_string_equal(intake.items[2].record->status->to, "completed");
}

/* A new request that its sender marks as completed already (BSeR's own example does) is still a new request. */
static void
to_records_request_event_wins(void **state)
{
	struct arena *mem = *state;
	char *text = arena_str(mem, (const char *)fixture_file(mem, "fhir-referral-message.json").p);
	const char *at = strstr(text, "\"status\": \"requested\",");
	struct intake intake;

	text = arena_fmt(mem, "%.*s\"businessStatus\":{\"coding\":[{\"system\":\"%s\",\"code\":\"7.0\"}]},%s", (int)(at - text), text,
			 FHIR_SYS_BSER, at);
	intake = fixture_read(mem, span_str(text));
	assert_int_equal(intake.n, 1);
	assert_non_null(intake.items[0].record);
	assert_string_equal(intake.items[0].record->kind, "referral");
}

/* The same request again has the same native id, another step another. */
static void
to_records_native_id(void **state)
{
	struct arena *mem = *state;
	const char *a = fixture_item(mem, "fhir-status-accepted.json")->native_id;

	assert_string_equal(a, fixture_item(mem, "fhir-status-accepted.json")->native_id);
	assert_string_not_equal(a, fixture_item(mem, "fhir-status-scheduled.json")->native_id);
	assert_string_equal(fixture_item(mem, "fhir-referral-message.json")->native_id, "ServiceRequest/GP-2026-0042");
}

/* PUT to a Task's address names the referral by that address when the Task itself does not. */
static void
to_records_put_by_address(void **state)
{
	struct arena *mem = *state;
	struct native in = fixture_native(span_str("{\"resourceType\":\"Task\",\"status\":\"accepted\"}"));
	struct intake intake;

	in.method = "PUT";
	in.path = "/fhir/Task/" FIXTURE_MSG_ID;
	health_fhir_to_records(&in, &fixture_env, mem, &intake);
	assert_int_equal(intake.items[0].e, OK);
	assert_string_equal(intake.items[0].record->status->referral_id, FIXTURE_MSG_ID);
}

/* JSON goes by several names; XML is told apart by its own, with 415. */
static void
to_records_media_type(void **state)
{
	static const struct {
		const char *type;
		enum err e;
	} rows[] = {
		{ "application/fhir+json; charset=utf-8", OK }, { "application/JSON", OK }, { NULL, OK }, { "", OK },
		{ "application/fhir+xml", ERR_MEDIA_TYPE }, { "application/jsonp", ERR_MEDIA_TYPE }, { "text/plain", ERR_MEDIA_TYPE },
	};
	struct native in = fixture_native(fixture_file(*state, "fhir-confirmation.json"));
	struct intake intake;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		in.media_type = rows[i].type;
		health_fhir_to_records(&in, &fixture_env, *state, &intake);
		assert_int_equal(intake.e, rows[i].e);
	}
}

/* A revoked request takes the referral back; one entered in error says so. */
static void
to_records_revoked(void **state)
{
	struct arena *mem = *state;
	struct intake intake = fixture_read(mem, span_str("{\"resourceType\":\"ServiceRequest\",\"id\":\"R-1\",\"status\":\"revoked\","
		"\"note\":[{\"text\":\"отпадна\"}]}"));

	assert_string_equal(intake.items[0].record->status->to, "cancelled");
	assert_string_equal(intake.items[0].record->status->reason_text, "отпадна");
	intake = fixture_read(mem, span_str("{\"resourceType\":\"ServiceRequest\",\"id\":\"R-1\",\"status\":\"entered-in-error\"}"));
	assert_string_equal(intake.items[0].record->status->to, "entered-in-error");
}

/* -- what real senders do (each was seen in a system's own samples) -- */

/* A converter sends 88 resources for one referral: what no field needs is counted, and nothing of it is carried. */
static void
quirk_88_resources_are_minimised(void **state)
{
	struct arena *mem = *state;
	const char *whole = fixture_text(mem, &(struct native){ .bytes = fixture_file(mem, "fhir-referral-transaction.json") });
	const char *at = strstr(whole, "\"entry\"");
	struct intake plain = fixture_read(mem, span_str(whole)), intake;
	const char *list = strchr(at, '[') + 1;
	struct buf b;

	buf_init(&b, mem);
	buf_fmt(&b, "%.*s", (int)(list - whole), whole);
	for (int i = 0; i < 80; i++)
		buf_fmt(&b, "{\"fullUrl\":\"urn:uuid:00000000-0000-4000-8000-%012d\",\"resource\":{\"resourceType\":\"%s\",\"code\":"
			"{\"text\":\"ненужно-%d\"}},\"request\":{\"method\":\"POST\",\"url\":\"x\"}},", i,
			i % 2 ? "AllergyIntolerance" : "Observation", i);
	buf_str(&b, list);
	intake = fixture_read(mem, span_str(buf_text(&b)));
	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 1);
	assert_int_equal(intake.items[0].e, OK);
	assert_int_equal(*intake.items[0].record->dropped, 80 + (plain.items[0].record->dropped ? *plain.items[0].record->dropped : 0));
	assert_null(strstr(record_lines(intake.items[0].record, mem), "ненужно"));
}

/* basedOn comes as an object from one sender and as a list from another, and an element that is none of FHIR's beside it. */
static void
quirk_based_on_object_or_list(void **state)
{
	static const char *const forms[] = {
		"\"basedOn\":{\"identifier\":{\"system\":\"urn:nasoka:referral-no\",\"value\":\"GP-2026-0001\"}},\"PatientInstruction\":\"x\",",
		"\"basedOn\":[{\"reference\":\"CarePlan/7\"},{\"identifier\":{\"system\":\"urn:nasoka:referral-no\",\"value\":\"GP-2026-0001\"}}],",
		"\"basedOn\":{\"reference\":\"ServiceRequest/7\"},", "\"basedOn\":[],",
	};
	struct arena *mem = *state;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const char *whole = fixture_text(mem, &(struct native){ .bytes = fixture_file(mem, "fhir-referral-lone.json") });
		struct intake intake = fixture_read(mem, span_str(arena_fmt(mem, "{%s%s", forms[i], strchr(whole, '{') + 1)));

		assert_int_equal(intake.e, OK);
		assert_int_equal(intake.items[0].e, OK);
		if (i < 2)
			assert_string_equal(intake.items[0].record->referral->supersedes, "GP-2026-0001");
		else
			assert_null(intake.items[0].record->referral->supersedes);
	}
}

/* BSeR's own example: Task requested, businessStatus 7.0 completed. What is final in either wins where nothing says a new request. */
static void
quirk_bser_requested_and_completed(void **state)
{
	struct intake_item *item = fixture_item(*state, "fhir-status-bser.json");

	assert_string_equal(item->record->status->to, "completed");
	assert_string_equal(fhir_state_of("rejected", FHIR_SYS_BSER, "3.0"), "declined");
	assert_string_equal(fhir_state_of("in-progress", FHIR_SYS_BSER, "5.2"), "cancel-requested");
}

/* A file with an ellipsis in it, as people write examples, is no JSON: told with its line, and nothing of it is read. */
static void
quirk_ellipsis_is_a_clean_400(void **state)
{
	struct intake intake = fixture_read(*state, span_str("{\n  \"resourceType\": \"Bundle\",\n  \"type\": \"message\",\n  ...\n}\n"));
	struct native in = { .method = "POST", .path = "/fhir" }, answer;

	assert_int_equal(intake.e, ERR_SYNTAX);
	assert_int_equal(intake.why.line, 4);
	assert_int_equal(intake.n, 0);
	assert_int_equal(health_fhir_answer(&in, &intake, &fixture_env, *state, &answer), OK);
	assert_int_equal(answer.status, 400);
	assert_non_null(strstr(fixture_text(*state, &answer), "line 4"));
}

/* A code of a place that lost its leading zero is told, and never filled up by guess. */
static void
quirk_lost_leading_zero(void **state)
{
	struct arena *mem = *state;
	const char *whole = fixture_text(mem, &(struct native){ .bytes = fixture_file(mem, "fhir-referral-message.json") });
	const char *at = strstr(whole, "\"56784\"");
	struct intake intake = fixture_read(mem, span_str(arena_fmt(mem, "%.*s\"702\"%s", (int)(at - whole), whole, at + 7)));
	struct record *record = intake.items[0].record;
	struct why why = { 0 };

	assert_int_equal(intake.items[0].e, OK);
	assert_string_equal(record->referral->child->address->ekatte, "702");
	record->case_id = (const uint8_t *)"0123456789abcdef";
	record->created = record_int(mem, FIXTURE_NOW);
	assert_int_not_equal(record_check(record, &why), OK);
	assert_string_equal(why.where, "referral.child.address.ekatte");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(to_records_refuses), FIXTURE_TEST(to_records_bounds), FIXTURE_TEST(to_records_cut_anywhere),
		FIXTURE_TEST(to_records_confirmation), FIXTURE_TEST(to_records_registered_stage), FIXTURE_TEST(to_records_batch),
		FIXTURE_TEST(to_records_request_event_wins),
		FIXTURE_TEST(to_records_native_id), FIXTURE_TEST(to_records_put_by_address), FIXTURE_TEST(to_records_revoked),
		FIXTURE_TEST(quirk_88_resources_are_minimised),
		FIXTURE_TEST(quirk_based_on_object_or_list), FIXTURE_TEST(quirk_bser_requested_and_completed),
		FIXTURE_TEST(quirk_ellipsis_is_a_clean_400), FIXTURE_TEST(quirk_lost_leading_zero),
		FIXTURE_TEST(to_records_media_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
