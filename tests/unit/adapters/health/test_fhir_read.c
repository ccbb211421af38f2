/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_fixture.h"

#include <jansson.h>

static struct fhir_reading
reading(struct arena *mem)
{
	return (struct fhir_reading){ .env = &fixture_env, .mem = mem, .record = record_new(mem, "record") };
}

/* A dateTime is the day that it is in Bulgaria; a date stays; what is neither is refused. */
static void
take_date_in_bulgaria(void **state)
{
	static const struct {
		const char *text, *is;
		enum err e;
	} rows[] = {
		{ "2026-03-04", "2026-03-04", OK }, { "2026-03-03T23:30:00Z", "2026-03-04", OK },
		{ "2026-03-04T00:30:00+02:00", "2026-03-04", OK }, { "2026-07-01T21:30:00Z", "2026-07-02", OK },
		{ "2026-03", NULL, ERR_BAD_DATE }, { "2026-02-29", NULL, ERR_BAD_DATE }, { "2026-03-04T25:00:00Z", NULL, ERR_BAD_DATE },
		{ "Tomorrow", NULL, ERR_BAD_DATE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fhir_reading r = reading(*state);
		json_t *value = json_string(rows[i].text);

		fhir_take_date(&r, "referral.requested_start", value);
		assert_int_equal(r.e, rows[i].e);
		if (rows[i].is != NULL)
			assert_string_equal(record_get(r.record, *state, "referral.requested_start"), rows[i].is);
		json_decref(value);
	}
}

/* The first fault stays, and nothing is set after it. */
static void
set_is_sticky(void **state)
{
	struct fhir_reading r = reading(*state);

	fhir_set(&r, "referral.child.gender", "F");
	fhir_set(&r, "referral.child.given", "Мария");
	fhir_fail(&r, ERR_TOOMANY, "other", "later");
	assert_int_equal(r.e, ERR_UNKNOWN_CODE);
	assert_string_equal(r.why.where, "referral.child.gender");
	assert_null(record_get(r.record, *state, "referral.child.given"));
}

/* Only the paths of the table may be set by an extension: an outsider cannot write the record's own fields. */
static void
take_fields_only_listed(void **state)
{
	struct fhir_reading r = reading(*state);
	json_t *json = json_loads("{\"extension\":[{\"url\":\"urn:nasoka:field:preview.municipality\",\"valueString\":\"PDV22\"},"
		"{\"url\":\"urn:nasoka:field:initiator.agency\",\"valueString\":\"evil\"},"
		"{\"url\":\"urn:nasoka:field:referral_id\",\"valueString\":\"evil\"},{\"url\":\"http://else\",\"valueString\":\"x\"},{}]}", 0, NULL);

	fhir_take_fields(&r, "referral", "ServiceRequest", json);
	assert_int_equal(r.e, OK);
	assert_string_equal(record_lines(r.record, *state), "referral.preview.municipality=PDV22\n");
	json_decref(json);
}

/* A concept is found by our own system, or by the map; an unknown one is none, an unknown one of ours is a fault. */
static void
concept_order(void **state)
{
	struct fhir_reading r = reading(*state);
	json_t *json = json_loads("[{\"coding\":[{\"system\":\"x\",\"code\":\"1\"},{\"system\":\"http://snomed.info/sct\",\"code\":\"311555007\"}]},"
		"{\"coding\":[{\"system\":\"x\",\"code\":\"1\",\"display\":\"д\"}]},{\"coding\":[{\"system\":\"urn:nasoka:service-kind\",\"code\":\"no\"}]}]",
		0, NULL);

	assert_string_equal(fhir_concept(&r, json_array_get(json, 0), FHIR_SYS_SERVICE, "service_kind", "w"), "speech-therapy");
	assert_null(fhir_concept(&r, json_array_get(json, 1), FHIR_SYS_SERVICE, "service_kind", "w"));
	assert_string_equal(fhir_concept_text(json_array_get(json, 1)), "д");
	assert_int_equal(r.e, OK);
	assert_null(fhir_concept(&r, json_array_get(json, 2), FHIR_SYS_SERVICE, "service_kind", "w"));
	assert_int_equal(r.e, ERR_UNKNOWN_CODE);
	json_decref(json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(take_date_in_bulgaria), FIXTURE_TEST(set_is_sticky), FIXTURE_TEST(take_fields_only_listed),
		FIXTURE_TEST(concept_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
