/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_written.h"

/* A status is FHIR's own, the exact state and BSeR's number stand in businessStatus. */
static void
status_codes(void **state)
{
	assert_written(*state, "fhir-status-accepted.json", "status.to", "waitlisted", "\"status\":\"on-hold\"");
	assert_written(*state, "fhir-status-accepted.json", "status.to", "waitlisted",
		       "\"businessStatus\":{\"coding\":[{\"system\":\"urn:nasoka:state\",\"code\":\"waitlisted\"}]}");
	assert_written(*state, "fhir-status-accepted.json", NULL, NULL, "\"code\":\"3.0\"");
	assert_written(*state, "fhir-status-declined.json", NULL, NULL,
		       "\"statusReason\":{\"coding\":[{\"system\":\"urn:nasoka:reason\",\"code\":\"no-capacity\"}],\"text\":\"Няма свободни места.\"}");
}

/* A status coming home says about which referral it is and under which number the other side has it. */
static void
status_numbers(void **state)
{
	assert_written(*state, "fhir-status-accepted.json", NULL, NULL, "\"value\":\"GP-2026-0042\"");
	assert_written(*state, "fhir-status-accepted.json", NULL, NULL, "\"value\":\"ДСП-17/2026\"");
}

/* It holds no more of the child than the number that the initiator's own system knows it by. */
static void
status_is_minimal(void **state)
{
	const char *text = written_with(*state, "fhir-status-accepted.json", NULL, NULL);

	assert_null(strstr(text, "Петрова"));
	assert_null(strstr(text, "2015-03-07"));
	assert_null(strstr(text, "Детето"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(status_codes), FIXTURE_TEST(status_numbers), FIXTURE_TEST(status_is_minimal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
