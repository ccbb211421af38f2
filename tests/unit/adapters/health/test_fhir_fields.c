/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_fixture.h"

/* Every row of the table names a field that the record has, and the value[x] that fits the field's kind. */
static void
fields_exist(void **state)
{
	struct arena *mem = *state;

	for (const struct fhir_field *f = fhir_fields(); f->path != NULL; f++) {
		const char *body = strcmp(f->on, "Task") == 0 ? "status" : "referral";
		const struct record_type *type = record_type_by_name(body);
		const struct field *field = NULL;
		char *path = arena_str(mem, f->path);

		for (char *step = strtok(path, "."); step != NULL; step = strtok(NULL, ".")) {
			field = record_field(type, step);
			if (field == NULL)
				fail_msg("%s", f->path);
			type = field->of;
		}
		switch (field->kind) {
		case FIELD_TEXT:
		case FIELD_TEXTS:
			assert_string_equal(f->value, "valueString");
			break;
		case FIELD_CODE:
			assert_string_equal(f->value, "valueCode");
			break;
		case FIELD_DATE:
			assert_string_equal(f->value, "valueDate");
			break;
		case FIELD_TIME:
			assert_string_equal(f->value, "valueDateTime");
			break;
		case FIELD_INT:
			assert_string_equal(f->value, "valueInteger");
			break;
		case FIELD_BOOL:
			assert_string_equal(f->value, "valueBoolean");
			break;
		case FIELD_CODES:
		case FIELD_ID:
		case FIELD_BYTES:
		case FIELD_MSG:
		case FIELD_MSGS:
			fail_msg("%s", f->path);
		}
	}
}

static void
assert_placed(struct arena *mem, const char *body, const char *prefix, const struct record_type *type)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		const char *path = arena_fmt(mem, "%s%s%s", prefix, *prefix != '\0' ? "." : "", type->fields[i].name);
		const char *whole = arena_fmt(mem, "%s.%s", body, path), *fhir;

		if (type->fields[i].of != NULL) {
			assert_placed(mem, body, path, type->fields[i].of);
			continue;
		}
		fhir = fhir_expression(whole, mem);
		if (fhir[0] < 'A' || fhir[0] > 'Z')
			fail_msg("%s has no place in FHIR", whole);
	}
}

/* Every field of a referral and of a status has a place in FHIR, so that each refusal can name it. */
static void
expression_of_every_field(void **state)
{
	assert_placed(*state, "referral", "", record_type_by_name("referral"));
	assert_placed(*state, "status", "", record_type_by_name("status"));
}

/* Indexes are left out, FHIR's own paths pass unchanged. */
static void
expression_forms(void **state)
{
	assert_string_equal(fhir_expression("referral.child.ids[1].value", *state), "Patient.identifier");
	assert_string_equal(fhir_expression("referral.carers[0].phone", *state), "Patient.contact");
	assert_string_equal(fhir_expression("child.birth_date", *state), "Patient.birthDate");
	assert_string_equal(fhir_expression("Bundle.type", *state), "Bundle.type");
	assert_string_equal(fhir_expression("status.referral_id", *state), "Task.identifier");
	assert_string_equal(fhir_expression("status.native_id", *state), "Task.identifier");
	assert_string_equal(fhir_expression("referral.native_id", *state), "ServiceRequest.identifier");
	assert_string_equal(fhir_expression("confirms", *state), "Task.identifier");
	assert_string_equal(fhir_expression("referral.need[2]", *state), "ServiceRequest.reasonCode");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(fields_exist), FIXTURE_TEST(expression_of_every_field), FIXTURE_TEST(expression_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
