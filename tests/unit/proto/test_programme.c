/* SPDX-License-Identifier: EUPL-1.2 */
/* programme - every kind of service of the record has its programme, but "other", and every word both languages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "proto/programme.h"
#include "proto/record.h"

/* The table holds exactly the record's kinds of service. */
static void
test_services(void **state)
{
	const struct field *f = record_field(record_type_by_name("referral"), "service_kind");
	size_t n = 0;

	(void)state;
	for (const char *const *code = f->codes; *code; code++) {
		if (strcmp(*code, "other") == 0)
			continue;
		assert_non_null(programme_word(programme_of_service(*code)));
		n++;
	}
	assert_null(programme_service_at(n));
	assert_non_null(programme_service_at(n - 1));
	assert_null(programme_of_service("other"));
	assert_null(programme_of_service(NULL));
	assert_string_equal(programme_of_service("speech-therapy"), "P2");
	assert_string_equal(programme_of_service("mentoring"), "P3");
	assert_string_equal(programme_of_service("information"), "P1");
	assert_string_equal(programme_of_service("foster-matching"), "statutory");
}

/* Kinds of agency are known by their code alone, and each has a sector. */
static void
test_agency_kinds(void **state)
{
	static const char *const sectors[] = { "social", "health", "education", "coordination" };
	size_t n = 0;

	(void)state;
	for (const struct programme_word *w; (w = programme_agency_kind_at(n)) != NULL; n++) {
		bool is_known = false;

		for (size_t i = 0; i < 4; i++)
			is_known |= strcmp(w->of, sectors[i]) == 0;
		assert_true(is_known && w->bg[0] != '\0' && w->en[0] != '\0');
		assert_ptr_equal(programme_agency_kind(w->code), w);
	}
	assert_int_equal(n, 30);
	assert_true(programme_is_agency_kind("ozd"));
	assert_false(programme_is_agency_kind("wizard"));
	assert_string_equal(programme_text(programme_agency_kind("school"), LANG_BG), "Училище");
	assert_string_equal(programme_text(NULL, LANG_EN), "?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_services), cmocka_unit_test(test_agency_kinds) };

	return cmocka_run_group_tests_name("programme", tests, NULL, NULL);
}
