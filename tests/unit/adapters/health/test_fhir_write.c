/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_fixture.h"

#include <jansson.h>

/* Absent in gives absent out: no empty text, list or concept, which FHIR forbids. */
static void
put_absent(void **state)
{
	json_t *to = json_object();

	(void)state;
	fhir_put(to, "a", NULL);
	fhir_put(to, "b", "");
	fhir_put_new(to, "c", NULL);
	fhir_put_time(to, "d", NULL);
	fhir_add_new(to, "e", NULL);
	fhir_put_extension(to, "u", "valueString", NULL);
	fhir_put_new(to, "f", fhir_new_coded("s", NULL, NULL));
	fhir_put_new(to, "g", fhir_new_identifier("PLAC", "s", NULL));
	fhir_put_new(to, "h", fhir_new_logical("Patient", "s", NULL));
	assert_int_equal(json_object_size(to), 0);
	json_decref(to);
}

/* The ids of a message's parts are UUIDs, differ from each other and from those of other messages, and are always the same. */
static void
uuid_of_parts(void **state)
{
	struct outgoing one = { .msg_id = FIXTURE_MSG_ID }, other = { .msg_id = "018f3c5e-7b1a-7c33-9f00-0a1b2c3d4e60" };
	struct fhir_writing w = { .out = &one, .mem = *state }, v = { .out = &other, .mem = *state };
	const char *patient = fhir_uuid(&w, "Patient");

	assert_int_equal(strlen(patient), 36);
	assert_int_equal(strspn(patient, "0123456789abcdef-"), 36);
	assert_int_equal(patient[14], '8');
	assert_non_null(strchr("89ab", patient[19]));
	assert_string_equal(patient, fhir_uuid(&w, "Patient"));
	assert_string_not_equal(patient, fhir_uuid(&w, "Consent"));
	assert_string_not_equal(patient, fhir_uuid(&v, "Patient"));
	assert_string_equal(fhir_uuid(&w, "Task"), FIXTURE_MSG_ID);
}

/* What does not fit into the arena is ERR_TOOBIG and nothing half. */
static void
finish_no_room(void **state)
{
	struct arena *small = arena_new(64);
	struct native native = { .status = 200 };
	char text[200];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(fhir_finish(json_string(text), small, &native), ERR_TOOBIG);
	assert_null(native.bytes.p);
	arena_free(small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { FIXTURE_TEST(put_absent), FIXTURE_TEST(uuid_of_parts), FIXTURE_TEST(finish_no_room) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
