/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_written.h"

/* A request says what FHIR requires of it, in FHIR's own codes. */
static void
request_codes(void **state)
{
	assert_written(*state, "fhir-referral-message.json", "referral.priority", "emergency", "\"priority\":\"stat\"");
	assert_written(*state, "fhir-referral-message.json", NULL, NULL, "\"status\":\"active\",\"intent\":\"order\"");
	assert_written(*state, "fhir-referral-message.json", NULL, NULL,
		       "{\"url\":\"urn:nasoka:respond-by\",\"valueDateTime\":\"2026-03-02T10:00:00Z\"}");
}

/* The target is named by our id and by the name that this agency's own system knows it by. */
static void
target_has_alias(void **state)
{
	assert_written(*state, "fhir-referral-message.json", NULL, NULL,
		       "{\"system\":\"urn:nasoka:agency\",\"value\":\"dsp-plovdiv\"},{\"value\":\"DSP-PLOVDIV\"}");
}

/* What the referral does not have is not written: no Consent, Condition or Goal without content. */
static void
only_what_is_there(void **state)
{
	const char *text = written_with(*state, "fhir-referral-lone.json", NULL, NULL);

	assert_null(strstr(text, "Consent"));
	assert_null(strstr(text, "Condition"));
	assert_null(strstr(text, "Goal"));
	assert_null(strstr(text, "Practitioner"));
	assert_null(strstr(text, "null"));
	assert_null(strstr(text, "[]"));
	assert_null(strstr(text, "{}"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(request_codes), FIXTURE_TEST(target_has_alias), FIXTURE_TEST(only_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
