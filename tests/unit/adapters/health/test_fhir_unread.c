/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_edit.h"

#include "proto/kind.h"
#include "tests/support/record_random.h"

#define TRIES 100

static int64_t
dropped(const struct record *record)
{
	return record->dropped != NULL ? *record->dropped : 0;
}

/* Each element of a used resource that nobody reads is counted, whatever it is: alone, once more, or a part of one that is read. */
static void
each_unread_element_counts(void **state)
{
	static const struct { const char *at, *instead; int n; } rows[] = {
		{ "\"resourceType\": \"Patient\"", "\"resourceType\": \"Patient\", \"maritalStatus\": {\"coding\": [{\"system\": \"x\", \"code\": \"S\"}],"
		  " \"text\": \"a\"}", 1 },
		{ "\"resourceType\": \"Patient\"", "\"resourceType\": \"Patient\", \"multipleBirthInteger\": 2", 1 },
		{ "\"resourceType\": \"Patient\"", "\"resourceType\": \"Patient\", \"photo\": [{\"data\": \"AA==\"}, {\"data\": \"AA==\"}]", 2 },
		{ "\"resourceType\": \"Patient\"", "\"resourceType\": \"Patient\", \"extension2\": [{\"url\": \"x\", \"valueBoolean\": false}]", 1 },
		{ "\"resourceType\": \"ServiceRequest\"", "\"resourceType\": \"ServiceRequest\", \"quantityQuantity\": {\"value\": 3, \"unit\": \"h\"}", 1 },
		{ "\"resourceType\": \"ServiceRequest\"", "\"resourceType\": \"ServiceRequest\", \"patientInstruction\": \"a\", \"asNeededBoolean\": true", 2 },
		/* what says nothing of its own */
		{ "\"resourceType\": \"Patient\"", "\"resourceType\": \"Patient\", \"meta\": {\"versionId\": \"7\"}, \"text\": {\"div\": \"a\"}", 0 },
		{ "\"resourceType\": \"ServiceRequest\"", "\"resourceType\": \"ServiceRequest\", \"implicitRules\": \"x\"", 0 },
	};
	struct arena *mem = *state;
	int64_t before = dropped(fixture_item(mem, "fhir-referral-message.json")->record);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct record *r = edited(mem, "fhir-referral-message.json", rows[i].at, rows[i].instead)->record;

		if (dropped(r) != before + rows[i].n)
			fail_msg("%s: %lld", rows[i].instead, (long long)(dropped(r) - before));
	}
}

static const char *
referral_of(struct arena *mem, const char *patient)
{
	return arena_fmt(mem, "{\"resourceType\": \"ServiceRequest\", \"status\": \"active\", \"intent\": \"order\", \"identifier\": [{\"value\": \"R-1\"}],"
			 "\"subject\": {\"reference\": \"#p\"}, \"contained\": [{\"resourceType\": \"Patient\", \"id\": \"p\", %s}]}", patient);
}

/* One value of several is read; each other one counts once, however much stands in it and wherever in the list it is. */
static void
further_values_count_once(void **state)
{
	static const struct { const char *patient; int n; } rows[] = {
		{ "\"name\": [{\"use\": \"official\", \"family\": \"А\", \"given\": [\"Б\"]}]", 0 },
		{ "\"name\": [{\"use\": \"official\", \"family\": \"А\"}, {\"use\": \"maiden\", \"family\": \"В\", \"given\": [\"Г\", \"Д\"]}]", 1 },
		{ "\"name\": [{\"use\": \"maiden\", \"family\": \"В\", \"given\": [\"Г\"]}, {\"use\": \"official\", \"family\": \"А\"}]", 1 },
		{ "\"name\": [{\"family\": \"А\", \"prefix\": [\"г-н\"], \"period\": {\"start\": \"2020\", \"end\": \"2021\"}}]", 2 },
		{ "\"telecom\": [{\"system\": \"phone\", \"value\": \"1\"}, {\"system\": \"phone\", \"value\": \"2\", \"use\": \"home\"}]", 1 },
		{ "\"telecom\": [{\"system\": \"fax\", \"value\": \"2\", \"rank\": 1}]", 1 },
		{ "\"identifier\": [{\"use\": \"old\", \"value\": \"7\"}, {\"value\": \"8\"}]", 1 },
		{ "\"address\": [{\"city\": \"А\"}, {\"city\": \"Б\", \"line\": [\"в\", \"г\"]}]", 1 },
		{ "\"address\": [{\"city\": \"А\", \"district\": \"Б\"}]", 1 },
		{ "\"communication\": [{\"language\": {\"coding\": [{\"code\": \"bg\"}]}}, {\"language\": {\"coding\": [{\"code\": \"tr\"}]}}]", 1 },
		{ "\"contact\": [{\"name\": {\"text\": \"А\"}, "
		  "\"telecom\": [{\"system\": \"email\", \"value\": \"a@example.org\"}], \"gender\": \"male\"}]", 2 },
		{ "\"contact\": [{\"gender\": \"male\", \"organization\": {\"display\": \"А\"}}]", 1 },
		{ "\"managingOrganization\": {\"reference\": \"Organization/7\", \"display\": \"А\"}", 1 },
		{ "\"gender\": \"male\", \"_gender\": {\"extension\": [{\"url\": \"x\", \"valueString\": \"y\"}]}", 1 },
	};
	struct arena *mem = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct intake intake = fixture_read(mem, span_str(referral_of(mem, rows[i].patient)));

		assert_int_equal(intake.e, OK);
		assert_int_equal(intake.items[0].e, OK);
		if (dropped(intake.items[0].record) != rows[i].n)
			fail_msg("%s: %lld", rows[i].patient, (long long)dropped(intake.items[0].record));
	}
}

/* A status counts as well, each of a batch its own. */
static void
each_item_its_own(void **state)
{
	static const char batch[] = "{\"resourceType\": \"Bundle\", \"type\": \"batch\", \"entry\": ["
		"{\"resource\": {\"resourceType\": \"Task\", \"status\": \"accepted\", \"identifier\": [{\"type\": {\"coding\": [{\"code\": \"PLAC\"}]},"
		"\"value\": \"R-1\"}], \"note\": [{\"text\": \"a\"}]}},"
		"{\"resource\": {\"resourceType\": \"Task\", \"status\": \"accepted\", \"identifier\": [{\"type\": {\"coding\": [{\"code\": \"PLAC\"}]},"
		"\"value\": \"R-2\"}], \"reasonCode\": {\"text\": \"a\"}, \"description\": \"b\"}},"
		"{\"resource\": {\"resourceType\": \"Task\", \"status\": \"accepted\", \"identifier\": [{\"type\": {\"coding\": [{\"code\": \"PLAC\"}]},"
		"\"value\": \"R-3\"}]}}]}";
	struct intake intake = fixture_read(*state, span_str(batch));

	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 3);
	assert_int_equal(dropped(intake.items[0].record), 1);
	assert_int_equal(dropped(intake.items[1].record), 2);
	assert_null(intake.items[2].record->dropped);
}

/* Of what our own side writes everything is read: records of any kind and content come back with nothing to count. */
static void
own_documents_count_nothing(void **state)
{
	struct arena *mem = *state;
	const struct field *kinds = record_field(record_type(), "kind");

	for (unsigned i = 0; i < TRIES; i++) {
		struct record_random random = { .state = i, .mem = mem, .is_plain = i % 2 == 0 };
		const struct record *referral = fixture_item(mem, "fhir-referral-message.json")->record;

		for (const char *const *code = kinds->codes; *code != NULL; code++) {
			struct record *record = random_record(&random, kind_by_code(*code));
			struct outgoing out = fixture_out(record, record->referral != NULL || kind_topic(record) != TOPIC_REFERRAL ? record : referral);
			struct native native;
			struct intake intake;

			if (record->status != NULL && (strcmp(record->status->to, "requested") == 0 || strcmp(record->status->to, "draft") == 0))
				record->status->to = "accepted";	/* no step leads there */
			if (record->status != NULL && strcmp(record->status->to, "scheduled") != 0)
				record->status->appointment = NULL;	/* a Task has one in that state alone */
			assert_int_equal(health_fhir_from_record(&out, FORMAT_FHIR, &fixture_env, mem, &native, NULL), OK);
			intake = fixture_read(mem, native.bytes);
			if (intake.e != OK || intake.n == 0 || intake.items[0].e != OK)
				fail_msg("%s %u: %s %s", *code, i, intake.e != OK ? intake.why.where : intake.items[0].why.where,
					 fixture_text(mem, &native));
			if (intake.items[0].record != NULL && intake.items[0].record->dropped != NULL)	/* NULL: only a confirmation */
				fail_msg("%s %u: %lld of %s", *code, i, (long long)*intake.items[0].record->dropped, fixture_text(mem, &native));
		}
		arena_reset(mem);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(each_unread_element_counts), FIXTURE_TEST(further_values_count_once), FIXTURE_TEST(each_item_its_own),
		FIXTURE_TEST(own_documents_count_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
