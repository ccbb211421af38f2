/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_results.h"

#include <jansson.h>

#include "proto/kind.h"
#include "tests/support/record_random.h"

#define TRIES 300

/* A change of consent with any content is a Consent that says the same when a system that knows no record sends it back. */
static void
there_and_back(void **state)
{
	static const char *const paths[] = {
		"change", "changed_by", "referral_id", "text", "shred", "consent.given_by", "consent.given_on", "consent.form", "consent.giver_name",
		"consent.evidence", "consent.valid_until", "consent.purposes", "consent.recipients_allowed", "consent.data_categories",
	};
	struct arena *mem = *state;
	unsigned n = 0;

	for (unsigned i = 0; i < TRIES; i++, arena_reset(mem)) {
		struct record_random random = { .state = i, .mem = mem, .is_plain = i % 2 == 0 };
		struct record *record = random_record(&random, kind_by_code("consent-change"));
		const struct record *referral = fixture_item(mem, "fhir-referral-message.json")->record;
		struct outgoing out = fixture_out(record, referral);
		struct fhir_writing w = { .out = &out, .env = &fixture_env, .mem = mem };
		struct consent_change *c = record->consent_change;
		struct native native = { .format = FORMAT_FHIR };
		struct intake intake;
		char path[64];

		if (c->referral_id == NULL || c->consent == NULL)
			continue;
		if (strcmp(c->change, "narrowed") == 0)
			c->change = "renewed";		/* which of the two, only who knows the old one can say */
		c->changed_by = c->consent->given_by;
		if (strcmp(c->change, "withdrawn") == 0)
			c->consent = NULL;		/* what was given before is gone */
		assert_int_equal(fhir_finish(fhir_new_consent(&w), mem, &native), OK);
		intake = fixture_read(mem, native.bytes);
		if (intake.e != OK || intake.n != 1 || intake.items[0].e != OK)
			fail_msg("%u: %s %s", i, intake.n > 0 ? intake.items[0].why.where : intake.why.where, fixture_text(mem, &native));
		for (size_t k = 0; k < sizeof(paths) / sizeof(paths[0]); k++) {
			snprintf(path, sizeof(path), "consent_change.%s", paths[k]);
			assert_field(mem, intake.items[0].record, path, record_get(record, mem, path));
		}
		if (intake.items[0].record->dropped != NULL)
			fail_msg("%u: %lld of %s", i, (long long)*intake.items[0].record->dropped, fixture_text(mem, &native));
		n++;
	}
	assert_true(n > TRIES / 10);
}

/* A change that came is a Consent beside its QuestionnaireResponse: withdrawn is inactive. */
static void
in_a_message(void **state)
{
	struct arena *mem = *state;
	int64_t at = FIXTURE_NOW;
	struct consent_change change = { .referral_id = "GP-2026-0042", .change = "withdrawn", .changed_by = "parent", .at = &at };
	struct record record = { .kind = "consent-change", .created = &at, .consent_change = &change };
	struct outgoing out = fixture_out(&record, fixture_item(mem, "fhir-referral-message.json")->record);
	struct native native;
	struct intake intake;

	assert_int_equal(health_fhir_from_record(&out, FORMAT_FHIR, &fixture_env, mem, &native, NULL), OK);
	assert_non_null(strstr(fixture_text(mem, &native), "\"resourceType\":\"Consent\""));
	assert_non_null(strstr(fixture_text(mem, &native), "\"status\":\"inactive\""));
	intake = fixture_read(mem, native.bytes);
	assert_int_equal(intake.n, 1);
	assert_non_null(intake.items[0].record->consent_change);
	assert_null(intake.items[0].record->dropped);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { FIXTURE_TEST(there_and_back), FIXTURE_TEST(in_a_message) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
