/* SPDX-License-Identifier: EUPL-1.2 */
/* test_case_map - the table of members against what people read, the words of both systems, and the places of faults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "adapters/social/case.h"
#include "tests/unit/adapters/social/case_world.h"

#define DOCUMENT_MAX (1 << 20)

static const char *
document(const char *name)
{
	char *text = arena_alloc(mem, DOCUMENT_MAX);
	FILE *f = fopen(name, "r");

	assert_non_null(f);
	assert_true(fread(text, 1, DOCUMENT_MAX - 1, f) > 0);
	fclose(f);
	return text;
}

/* Every member that is read stands in MAPPING.md and in openapi.yaml, and every path is one of the record. */
static void
documents_have_every_member(void **state)
{
	const char *mapping = document("adapters/social/MAPPING.md"), *openapi = document("adapters/social/openapi.yaml");
	const char *mapped = strstr(mapping, "\n## OSCaR and Primero\n");

	(void)state;
	assert_non_null(mapped);
	for (const struct case_row *row = case_rows; row->member != NULL; row++) {
		const char *name = arena_strn(mem, row->member, strcspn(row->member, "*"));
		const char *path = row->path;

		if (strstr(mapped, arena_fmt(mem, "`%s%s`", row->is_of_service ? "services[]." : "", row->member)) == NULL &&
		    strstr(mapped, arena_fmt(mem, "`%s`", row->member)) == NULL)
			fail_msg("MAPPING.md lacks %s", row->member);
		if (strchr(row->member, '*') == NULL && strstr(openapi, arena_fmt(mem, "\n        %s:\n", name)) == NULL)
			fail_msg("openapi.yaml lacks %s", name);
		for (const struct record_type *type = record_type(); path != NULL && *path != '\0' && type != NULL;) {
			const struct field *f = record_field(type, arena_strn(mem, path, strcspn(path, ".")));

			if (f == NULL)
				fail_msg("%s is no path", row->path);
			path += strcspn(path, ".");
			path += *path == '.';
			type = f->of;
		}
	}
}

/* Each state of the lifecycle has a word in both shapes, and each word is read back as what it says. */
static void
states_have_words_that_are_read_again(void **state)
{
	static const struct { const char *state, *oscar, *primero; } words[] = {
		{ "requested", "Referred", "in_progress" }, { "received", "Referred", "in_progress" }, { "info-requested", "Referred", "in_progress" },
		{ "waitlisted", "Referred", "in_progress" }, { "cancel-requested", "Referred", "in_progress" },
		{ "accepted", "Accepted", "accepted" }, { "scheduled", "Accepted", "accepted" }, { "in-progress", "Accepted", "accepted" },
		{ "on-hold", "Accepted", "accepted" }, { "declined", "Exited", "rejected" }, { "redirected", "Exited", "rejected" },
		{ "expired", "Exited", "rejected" }, { "completed", "Exited", "done" }, { "failed", "Exited", "done" },
		{ "transferred", "Exited", "done" }, { "cancelled", "Exited", "revoked" }, { "withdrawn", "Exited", "revoked" },
		{ "entered-in-error", "Exited", "revoked" },
	};
	static const struct sector_env plain = { .agency = "x" };

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_string_equal(case_word_of_state(CASE_OSCAR, words[i].state, &plain), words[i].oscar);
		assert_string_equal(case_word_of_state(CASE_PRIMERO, words[i].state, &plain), words[i].primero);
		assert_int_not_equal(case_word_by_text(CASE_OSCAR, words[i].oscar, &plain), CASE_FOREIGN);
		assert_int_not_equal(case_word_by_text(CASE_PRIMERO, words[i].primero, &plain), CASE_FOREIGN);
	}
	assert_string_equal(case_word_of_state(CASE_PRIMERO, "accepted", &case_env), "accepted_340953");
	assert_int_equal(case_word_by_text(CASE_PRIMERO, "accepted_340953", &plain), CASE_ACCEPTED);
	assert_int_equal(case_word_by_text(CASE_PRIMERO, "accepted_3", &plain), CASE_FOREIGN);
	assert_int_equal(case_word_by_text(CASE_PRIMERO, "_340953", &plain), CASE_FOREIGN);
	assert_int_equal(case_word_by_text(CASE_OSCAR, "accetped", &plain), CASE_ACCEPTED);
	assert_int_equal(case_word_by_text(CASE_OSCAR, NULL, &plain), CASE_SILENT);
}

/* A code may be ours, or theirs by the configuration; a word of any length is no harm. */
static void
codes_are_found(void **state)
{
	char longer[300];

	(void)state;
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_string_equal(case_code(&case_env, "oscar-risk", "risk_level", "No action", mem), "no-action");
	assert_string_equal(case_code(&case_env, "oscar-service", "service_kind", "Арт терапия", mem), "psych-counselling");
	assert_null(case_code(&case_env, "oscar-service", "service_kind", longer, mem));
	assert_null(case_code(&case_env, "oscar-service", "risk_level", "Арт терапия", mem));
	assert_null(case_code(&case_env, NULL, "risk_level", NULL, mem));
}

/* A fault's place is the member that has the value, or the one that should. */
static void
places_are_members(void **state)
{
	static const struct { const char *path, *oscar; } places[] = {
		{ "referral.child.birth_date", "organization.date_of_birth" }, { "referral.child.given", "organization.local_given_name" },
		{ "referral.child.ids[0].value", "organization.mosvy_number" }, { "referral.referral_id", "organization.services[1].uuid" },
		{ "referral.service_kind", "organization.services[1].name" }, { "referral.reason_text", "organization.reason_for_referral" },
		{ "referral.consent.given_on", "organization.referral_consent_form" }, { "referral.priority", "referral.priority" }, { "", "" },
	};
	json_t *root = json_loads("{\"local_given_name\":\"x\",\"given_name\":\"\",\"mosvy_number\":\"1\",\"external_id\":null,"
				  "\"reason_for_referral\":\"x\",\"services\":[{\"name\":\"y\"}]}", 0, NULL);
	struct case_unit unit = { root, json_array_get(json_object_get(root, "services"), 0), "organization", "organization.services[1]" };

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		assert_string_equal(case_where(CASE_OSCAR, &unit, places[i].path, mem), places[i].oscar);
	unit.client_at = unit.service_at = "";
	unit.service = NULL;
	assert_string_equal(case_where(CASE_OSCAR, &unit, "referral.child.birth_date", mem), "date_of_birth");
	assert_string_equal(case_where(CASE_OSCAR, &unit, "referral.service_kind", mem), "referral.service_kind");
	json_decref(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(documents_have_every_member, setup, teardown),
		cmocka_unit_test_setup_teardown(states_have_words_that_are_read_again, setup, teardown),
		cmocka_unit_test_setup_teardown(codes_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(places_are_members, setup, teardown),
	};

	return cmocka_run_group_tests_name("case_map", tests, NULL, NULL);
}
