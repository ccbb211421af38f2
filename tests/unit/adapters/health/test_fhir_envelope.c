/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_fixture.h"

/* Each address takes its own type of resource, and a PUT the one that it names. */
static void
own_addresses(void **state)
{
	static const char *const types[] = { "Task", "Appointment", "QuestionnaireResponse", "DocumentReference", "ServiceRequest", "Consent" };
	struct arena *mem = *state;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		for (size_t k = 0; k < sizeof(types) / sizeof(types[0]); k++) {
			struct span bytes = span_str(arena_fmt(mem, "{\"resourceType\":\"%s\",\"id\":\"7\"}", types[k]));
			struct native in = fixture_native(bytes);
			const char *id = NULL;
			struct why why = { 0 };
			struct fhir_doc doc;

			assert_int_equal(fhir_doc_parse(bytes, mem, &doc, NULL), OK);
			in.path = arena_fmt(mem, "/fhir/%s", types[i]);
			assert_int_equal(fhir_check_path(&in, &doc, mem, &id, &why), i == k ? OK : ERR_UNSUPPORTED);
			in.method = "PUT";
			in.path = arena_fmt(mem, "/fhir/%s/7?x=1", types[i]);
			assert_int_equal(fhir_check_path(&in, &doc, mem, &id, &why), i == k ? OK : ERR_UNSUPPORTED);
			if (i == k)
				assert_string_equal(id, "7");
			in.path = arena_fmt(mem, "/fhir/%s/8", types[i]);
			assert_int_equal(fhir_check_path(&in, &doc, mem, &id, &why), i == k ? ERR_SYNTAX : ERR_UNSUPPORTED);
			fhir_doc_done(&doc);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { FIXTURE_TEST(own_addresses) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
