/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_native.h"

#include "adapters/health/fhir_result.h"

#define TRIES 60

/* Our own message read back is one record, of the QuestionnaireResponse; the resources beside it are known, and are no second one. */
static void
no_doubles(void **state)
{
	static const char *const kinds[] = { "assessment-result", "outcome-report", "consent-change" };
	struct arena *mem = *state;

	for (unsigned i = 0; i < TRIES; i++, arena_reset(mem)) {
		struct record_random random = { .state = i, .mem = mem, .is_plain = i % 2 == 0 };
		struct record *record = random_record(&random, kind_by_code(kinds[i % 3]));
		struct native native = { .format = FORMAT_FHIR };
		struct intake intake;

		assert_int_equal(fhir_finish(native_message(mem, record), mem, &native), OK);
		intake = fixture_read(mem, native.bytes);
		assert_int_equal(intake.e, OK);
		assert_int_equal(intake.n, 1);
		assert_int_equal(intake.items[0].e, OK);
		assert_string_equal(intake.items[0].record->kind, kinds[i % 3]);
		assert_null(intake.items[0].record->dropped);
	}
}

/* Words with blanks are no code of FHIR; numbers that would not read back the same are words. */
static void
codes_and_values(void **state)
{
	static const struct { const char *text, *is; } values[] = {
		{ "17", "{\"valueInteger\":17}" }, { "0", "{\"valueInteger\":0}" }, { "007", "{\"valueString\":\"007\"}" },
		{ "1.50", "{\"valueString\":\"1.50\"}" }, { "12345678901", "{\"valueString\":\"12345678901\"}" }, { NULL, "{}" },
	};
	json_t *to;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char *text;

		to = json_object();
		fhir_put_value(to, values[i].text);
		text = json_dumps(to, JSON_COMPACT);
		assert_string_equal(text, values[i].is);
		free(text);
		json_decref(to);
	}
	to = fhir_new_named("urn:x", "a b");
	assert_string_equal(fhir_text(to, "coding.code"), "a b");
	json_decref(to);
	to = fhir_new_named("urn:x", " a");
	assert_null(fhir_text(to, "coding.code"));
	assert_string_equal(fhir_text(to, "text"), " a");
	json_decref(to);
	assert_null(fhir_new_named("urn:x", NULL));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = { FIXTURE_TEST(no_doubles), FIXTURE_TEST(codes_and_values) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
