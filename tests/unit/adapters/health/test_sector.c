/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_fixture.h"

#include "adapters/health/sector.h"

/* A file is HL7, XML or FHIR by its first bytes, whatever it is called. */
static void
to_records_by_content(void **state)
{
	struct native in = { .format = FORMAT_NONE, .file = "x.txt", .bytes = fixture_file(*state, "fhir-confirmation.json") };
	struct intake intake;

	health_sector.to_records(&in, &fixture_env, *state, &intake);
	assert_int_equal(intake.e, OK);
	assert_string_equal(intake.items[0].confirms, "GP-2026-0042");
	in.bytes = SPAN_LIT("MSH|^~\\&|A|B|C|D|20260227||REF^I12|17|P|2.5.1\r");
	health_sector.to_records(&in, &fixture_env, *state, &intake);
	assert_string_equal(intake.control_id, "17");
	in.bytes = fixture_file(*state, "nhis-r001.xml");
	health_sector.to_records(&in, &fixture_env, *state, &intake);
	assert_int_equal(intake.e, OK);
	assert_string_equal(intake.items[0].native_id, "R001/8e2d1c3a-0b6f-4c0e-8b7e-61d3a9f4e502");
}

/* A file is whole when its brackets close, or its last segment ends. */
static void
is_complete_by_format(void **state)
{
	(void)state;
	assert_true(health_sector.is_complete("a.json", SPAN_LIT("{\"a\":1}")));
	assert_false(health_sector.is_complete("a.json", SPAN_LIT("{\"a\":1")));
	assert_true(health_sector.is_complete("a.hl7", SPAN_LIT("MSH|^~\\&|\r")));
	assert_false(health_sector.is_complete("a.hl7", SPAN_LIT("MSH|^~\\&|")));
	assert_false(health_sector.is_complete("a.hl7", SPAN_LIT("BHS|^~\\&|\rMSH|^~\\&|\r")));
	assert_true(health_sector.is_complete("a.hl7", SPAN_LIT("BHS|^~\\&|\rMSH|^~\\&|\rBTS|1\r")));
	assert_false(health_sector.is_complete("a", SPAN_NONE));
	assert_true(health_sector.is_complete("a.xml", SPAN_LIT("<a>\xff</a>\n")));
	assert_false(health_sector.is_complete("a.xml", SPAN_LIT("<a><b></b>")));
}

/* An agency's answer over HTTP is FHIR's to read, over MLLP HL7's. */
static void
read_answer_by_door(void **state)
{
	const struct record *referral = fixture_item(*state, "fhir-referral-message.json")->record;
	struct outgoing out = fixture_out(referral, referral);
	struct native http = { .status = 422 }, mllp = { .format = FORMAT_HL7, .bytes = SPAN_LIT("MSH|^~\\&|") };
	const char *case_no;
	struct why why;

	assert_int_equal(health_sector.read_answer(&out, &http, *state, &case_no, &why), ERR_SYSTEM_REFUSED);
	assert_int_not_equal(health_sector.read_answer(&out, &mllp, *state, &case_no, &why), OK);
}

/* An error outside of a message has the form of its address. */
static void
problem_by_path(void **state)
{
	struct native request = { .path = "/nhis" }, answer;
	struct why why = { .line = 0 };

	assert_int_equal(health_sector.problem(ERR_TOOBIG, &why, &request, *state, &answer), OK);
	assert_int_equal(answer.format, FORMAT_NHIS);
	request.path = "/fhir/Task";
	assert_int_equal(health_sector.problem(ERR_TOOBIG, &why, &request, *state, &answer), OK);
	assert_int_equal(answer.format, FORMAT_FHIR);
}

/* Every route has a method, an address and something that the sector can do for it. */
static void
routes_are_whole(void **state)
{
	(void)state;
	for (const struct route *r = health_sector.routes; r->method != NULL; r++) {
		bool is_fhir = strncmp(r->pattern, "/fhir", 5) == 0;

		assert_true(is_fhir || strcmp(r->pattern, "/nhis") == 0 || strncmp(r->pattern, "/v3/ereferral/", 14) == 0);
		assert_int_equal(r->format, is_fhir ? FORMAT_FHIR : FORMAT_NHIS);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(to_records_by_content), FIXTURE_TEST(is_complete_by_format), FIXTURE_TEST(read_answer_by_door),
		FIXTURE_TEST(problem_by_path), FIXTURE_TEST(routes_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
