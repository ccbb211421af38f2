/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_shelf.h"

#include "tests/support/sample_record.h"

/* A file that came in parts is named once, by what it is and where its bytes are; beside it all of it by our names, without them. */
static void
as_document(void **state)
{
	struct arena *mem = *state;
	struct record *referral = fixture_item(mem, "fhir-referral-message.json")->record, *record = sample_record(mem, "attachment");
	struct outgoing out = fixture_out(record, referral);
	struct native native = { 0 };
	const char *text;

	record->attachment->data = NULL;
	record->attachment->part = record->attachment->parts = NULL;
	out.href = "/v1/files/" FIXTURE_MSG_ID "/content";
	assert_int_equal(health_fhir_from_record(&out, FORMAT_FHIR, &fixture_env, mem, &native, NULL), OK);
	text = fixture_text(mem, &native);
	assert_non_null(strstr(text, "\"resourceType\":\"DocumentReference\""));
	assert_non_null(strstr(text, "\"url\":\"Binary/" FIXTURE_MSG_ID "\""));
	assert_non_null(strstr(text, arena_fmt(mem, "\"contentType\":\"%s\"", record->attachment->media_type)));
	assert_non_null(strstr(text, arena_fmt(mem, "\"masterIdentifier\":{\"system\":\"urn:nasoka:file\",\"value\":\"%s\"}",
					       record->attachment->att_id)));
	assert_non_null(strstr(text, arena_fmt(mem, "{\"url\":\"urn:nasoka:sha256\",\"valueString\":\"%s\"}", record->attachment->sha256)));
	assert_non_null(strstr(text, "\"resourceType\":\"QuestionnaireResponse\""));
	assert_null(strstr(text, "valueAttachment"));
}

/* What our own writer says of a file is read as one file, not as two. */
static void
not_twice(void **state)
{
	struct arena *mem = *state;
	struct record *referral = fixture_item(mem, "fhir-referral-message.json")->record, *record = sample_record(mem, "attachment");
	struct outgoing out = fixture_out(record, referral);
	struct native native = { 0 };
	struct intake intake;

	out.href = "/v1/files/" FIXTURE_MSG_ID "/content";
	assert_int_equal(health_fhir_from_record(&out, FORMAT_FHIR, &fixture_env, mem, &native, NULL), OK);
	intake = fixture_read(mem, native.bytes);
	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 1);
	assert_int_equal(intake.items[0].e, OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(as_document, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(not_twice, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
