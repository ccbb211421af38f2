/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_written.h"

/* Of a birth date only what is known is written: year, month, or, where the record has a day in spite of that, all of it. */
static void
birth_date_accuracy(void **state)
{
	assert_written(*state, "fhir-referral-lone.json", NULL, NULL, "\"birthDate\":\"2015\"");
	assert_written(*state, "fhir-referral-transaction.json", NULL, NULL, "\"birthDate\":\"2015-03\"");
	assert_written(*state, "fhir-referral-lone.json", "referral.child.birth_date", "2015-03-07", "\"birthDate\":\"2015-03-07\"");
}

/* Identifiers carry the system and the type that MAPPING.md promises. */
static void
identifiers(void **state)
{
	assert_written(*state, "fhir-referral-message.json", NULL, NULL,
		       "\"code\":\"NNBGR\"}]},\"system\":\"urn:nasoka:egn\",\"value\":\"1543079013\"}");
}

/* Carers are contacts with a code of RoleCode. */
static void
contacts(void **state)
{
	assert_written(*state, "fhir-referral-message.json", "referral.carers[0].relation", "foster-carer", "\"code\":\"PRNFOST\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = { FIXTURE_TEST(birth_date_accuracy), FIXTURE_TEST(identifiers), FIXTURE_TEST(contacts) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
