/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_fixture.h"

static struct native
answered(struct arena *mem, struct native *in, struct intake *intake)
{
	struct native answer;

	assert_int_equal(health_fhir_answer(in, intake, &fixture_env, mem, &answer), OK);
	assert_string_equal(answer.media_type, FHIR_MEDIA_TYPE);
	return answer;
}

/* Take a vector as the core does: every good item with a record gets a message id. */
static struct intake
taken(struct arena *mem, struct native *in)
{
	struct intake intake;

	health_fhir_to_records(in, &fixture_env, mem, &intake);
	for (size_t i = 0; i < intake.n; i++)
		if (intake.items[i].e == OK && intake.items[i].record != NULL)
			intake.items[i].msg_id = FIXTURE_MSG_ID;
	return intake;
}

static void
assert_has(struct arena *mem, const struct native *answer, const char *text)
{
	if (strstr(fixture_text(mem, answer), text) == NULL)
		fail_msg("no %s in %s", text, fixture_text(mem, answer));
}

/* A message is answered by a message that names the one it answers and says ok. */
static void
answer_message(void **state)
{
	struct arena *mem = *state;
	struct native in = fixture_native(fixture_file(mem, "fhir-referral-message.json"));
	struct intake intake = taken(mem, &in);
	struct native answer = answered(mem, &in, &intake);

	assert_int_equal(answer.status, 200);
	assert_has(mem, &answer, "\"response\":{\"identifier\":\"00000000-0000-4000-8000-000000000001\",\"code\":\"ok\"}");
	assert_has(mem, &answer, "\"fullUrl\":\"urn:uuid:" FIXTURE_MSG_ID "\"");
	assert_has(mem, &answer, "GP-2026-0042");
}

/* A transaction is answered entry by entry; the request stands where its id says. */
static void
answer_transaction(void **state)
{
	struct arena *mem = *state;
	struct native in = fixture_native(fixture_file(mem, "fhir-referral-transaction.json"));
	struct intake intake = taken(mem, &in);
	struct native answer = answered(mem, &in, &intake);

	assert_int_equal(answer.status, 200);
	assert_has(mem, &answer, "\"type\":\"transaction-response\"");
	assert_has(mem, &answer, "[{\"response\":{\"status\":\"200 OK\"}},{\"response\":{\"status\":\"201 Created\",\"location\":\"ServiceRequest/"
		   FIXTURE_MSG_ID "\",\"lastModified\":\"2026-02-27T09:00:00Z\"}},{\"response\":{\"status\":\"200 OK\"}}]");
}

/* What was taken with a warning says so as FHIR has it: the details of a message, the outcome of an entry, the body of a lone resource's
 * answer, unless the client asked for another. It is no error. */
static void
answer_warned(void **state)
{
	static const struct { const char *file, *prefer, *want; } CASES[] = {
		{ "fhir-referral-message.json", NULL, "\"code\":\"ok\",\"details\":{\"reference\":\"" },
		{ "fhir-referral-transaction.json", NULL, "\"lastModified\":\"2026-02-27T09:00:00Z\",\"outcome\":{\"resourceType\":\"OperationOutcome\"" },
		{ "fhir-referral-lone.json", NULL, "{\"resourceType\":\"OperationOutcome\",\"id\":\"" FIXTURE_MSG_ID "\"" },
		{ "fhir-referral-lone.json", "return=OperationOutcome", "{\"resourceType\":\"OperationOutcome\"" },
		{ "fhir-referral-lone.json", "return=representation", "{\"resourceType\":\"ServiceRequest\"" },
	};
	struct arena *mem = *state;

	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct request_head head = { .prefer = CASES[i].prefer };
		struct native in = fixture_native(fixture_file(mem, CASES[i].file)), answer;
		struct intake intake = taken(mem, &in);

		in.head = &head;
		intake.items[0].warning = "Няма места.";
		intake.items[0].warning_en = "It is full.";
		answer = answered(mem, &in, &intake);
		assert_has(mem, &answer, CASES[i].want);
		assert_int_equal(answer.status, strstr(CASES[i].file, "lone") ? 201 : 200);
		if (i == 4)
			continue;
		assert_has(mem, &answer, "\"issue\":[{\"severity\":\"warning\",\"code\":\"business-rule\",\"details\":{\"text\":\"Няма места.\"},"
			   "\"diagnostics\":\"It is full.\"}]");
		if (strstr(CASES[i].file, "lone")) {
			assert_null(answer.shown);
			assert_string_equal(answer.path, "/fhir/ServiceRequest/" FIXTURE_MSG_ID);
		}
	}
}

/* A lone request is created: 201, where it stands, and itself under its new id; taken again, it is 200. */
static void
answer_lone(void **state)
{
	struct arena *mem = *state;
	struct native in = fixture_native(fixture_file(mem, "fhir-referral-lone.json"));
	struct intake intake = taken(mem, &in);
	struct native answer = answered(mem, &in, &intake);

	assert_int_equal(answer.status, 201);
	assert_string_equal(answer.path, "/fhir/ServiceRequest/" FIXTURE_MSG_ID);
	assert_string_equal(answer.shown, answer.path);
	assert_has(mem, &answer, "\"id\":\"" FIXTURE_MSG_ID "\"");
	assert_has(mem, &answer, "\"valueReference\":{\"reference\":\"Task/" FIXTURE_MSG_ID "\"}");
	intake.items[0].is_repeat = true;
	assert_int_equal(answered(mem, &in, &intake).status, 200);
}

/* PUT keeps the id of its address, 200. */
static void
answer_put(void **state)
{
	struct arena *mem = *state;
	struct native in = fixture_native(fixture_file(mem, "fhir-confirmation.json"));
	struct intake intake;
	struct native answer;

	in.method = "PUT";
	in.path = "/fhir/Task/17";
	intake = taken(mem, &in);
	answer = answered(mem, &in, &intake);
	assert_int_equal(answer.status, 200);
	assert_has(mem, &answer, "\"id\":\"17\"");
}

/* In a batch the refused entry tells its own outcome beside the good ones. */
static void
answer_batch(void **state)
{
	struct arena *mem = *state;
	struct native in = fixture_native(span_str("{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":["
		"{\"resource\":{\"resourceType\":\"Task\",\"id\":\"a\",\"status\":\"accepted\"}},"
		"{\"resource\":{\"resourceType\":\"Task\",\"id\":\"b\",\"status\":\"on-fire\"}}]}"));
	struct intake intake = taken(mem, &in);
	struct native answer = answered(mem, &in, &intake);

	assert_int_equal(answer.status, 200);
	assert_has(mem, &answer, "\"status\":\"201 Created\"");
	assert_has(mem, &answer, "\"status\":\"422\",\"outcome\":{\"resourceType\":\"OperationOutcome\"");
}

/* What the core refuses later, by the record's path, is told by FHIR's path, in both languages. */
static void
answer_refused_by_core(void **state)
{
	struct arena *mem = *state;
	struct native in = fixture_native(fixture_file(mem, "fhir-referral-lone.json"));
	struct intake intake = taken(mem, &in);
	struct native answer;

	intake.items[0].e = why_set(&intake.items[0].why, ERR_BAD_ID, "referral.child.ids[0].value", "EGN");
	answer = answered(mem, &in, &intake);
	assert_int_equal(answer.status, 422);
	assert_has(mem, &answer, "\"expression\":[\"Patient.identifier\"]");
	assert_has(mem, &answer, err_text(ERR_BAD_ID, LANG_BG));
	assert_has(mem, &answer, "NSK-1306");
	intake.items[0].e = why_set(&intake.items[0].why, ERR_DUPLICATE, NULL, "again");
	answer = answered(mem, &in, &intake);
	assert_int_equal(answer.status, 409);
	assert_has(mem, &answer, "\"code\":\"duplicate\"");
}

/* What a FHIR server answers decides: registered with its number, taken, again later, or never. */
static void
read_answer_verdicts(void **state)
{
#define TASK(ids) "{\"resourceType\":\"Task\",\"identifier\":[" ids "]}"
#define ID(type, value) "{\"type\":{\"coding\":[{\"code\":\"" type "\"}]},\"value\":\"" value "\"}"
	static const struct {
		unsigned status;
		const char *body;
		enum err e;
		const char *case_no;
	} rows[] = {
		{ 200, TASK(ID("FILL", "C-1")), OK, "C-1" },
		{ 201, TASK(ID("PLAC", "GP-2026-0042") "," ID("FILL", "C-2")), OK, "C-2" },
		{ 201, TASK(ID("PLAC", "ANOTHER") "," ID("FILL", "C-2")), OK, NULL },
		{ 200, "{\"resourceType\":\"Bundle\",\"type\":\"message\",\"entry\":[{\"resource\":" TASK(ID("FILL", "C-3")) "}]}", OK, "C-3" },
		{ 200, "{\"resourceType\":\"Bundle\",\"type\":\"message\",\"entry\":[{\"resource\":{\"resourceType\":\"MessageHeader\","
		  "\"response\":{\"code\":\"fatal-error\"}}}]}", ERR_SYSTEM_REFUSED, NULL },
		{ 200, "{\"resourceType\":\"Bundle\",\"type\":\"message\",\"entry\":[{\"resource\":{\"resourceType\":\"MessageHeader\","
		  "\"response\":{\"code\":\"transient-error\"}}}]}", ERR_PEER_REFUSED, NULL },
		{ 202, "", OK, NULL }, { 200, "fine, thanks", OK, NULL }, { 204, "", OK, NULL },
		{ 400, "", ERR_SYSTEM_REFUSED, NULL }, { 404, "", ERR_SYSTEM_REFUSED, NULL }, { 422, "", ERR_SYSTEM_REFUSED, NULL },
		{ 401, "", ERR_PEER_REFUSED, NULL }, { 408, "", ERR_PEER_REFUSED, NULL }, { 409, "", ERR_PEER_REFUSED, NULL },
		{ 425, "", ERR_PEER_REFUSED, NULL }, { 429, "", ERR_PEER_REFUSED, NULL }, { 302, "", ERR_PEER_REFUSED, NULL },
		{ 500, "", ERR_PEER_REFUSED, NULL }, { 503, TASK(ID("FILL", "C-1")), ERR_PEER_REFUSED, NULL },
	};
	struct arena *mem = *state;
	const struct record *referral = fixture_item(mem, "fhir-referral-message.json")->record;
	struct outgoing out = fixture_out(referral, referral);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct native answer = { .status = rows[i].status, .bytes = span_str(rows[i].body) };
		const char *case_no;
		struct why why;

		assert_int_equal(health_fhir_read_answer(&out, &answer, mem, &case_no, &why), rows[i].e);
		if (rows[i].case_no == NULL)
			assert_null(case_no);
		else
			assert_string_equal(case_no, rows[i].case_no);
	}
}

/* An error outside any message has FHIR's form as well. */
static void
problem_forms(void **state)
{
	struct arena *mem = *state;
	struct native in = { .method = "POST", .path = "/fhir" }, answer;

	assert_int_equal(health_fhir_problem(ERR_MEDIA_TYPE, NULL, &in, mem, &answer), OK);
	assert_int_equal(answer.status, 415);
	assert_has(mem, &answer, "\"resourceType\":\"OperationOutcome\"");
	assert_int_equal(health_fhir_problem(ERR_FULL, NULL, &in, mem, &answer), OK);
	assert_int_equal(answer.status, 503);
	assert_int_equal(health_fhir_problem(ERR_STORE, NULL, &in, mem, &answer), OK);
	assert_int_equal(answer.status, 500);
	assert_has(mem, &answer, "\"severity\":\"fatal\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(answer_message), FIXTURE_TEST(answer_transaction), FIXTURE_TEST(answer_warned), FIXTURE_TEST(answer_lone),
		FIXTURE_TEST(answer_put),
		FIXTURE_TEST(answer_batch), FIXTURE_TEST(answer_refused_by_core), FIXTURE_TEST(read_answer_verdicts),
		FIXTURE_TEST(problem_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
