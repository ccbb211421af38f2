/* SPDX-License-Identifier: EUPL-1.2 */
/* geography - each settlement leads to its municipality, but the one code that three of them share, which leads nowhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "proto/geography.h"

/* The tables are in order, whole, and agree with each other. */
static void
test_tables(void **state)
{
	static const struct { const char *code; size_t n; } counts[] = {
		{ "PDV22", 1 }, { "PDV17", 19 }, { "PDV28", 12 }, { "PDV42", 6 }, { "PDV26", 21 }, { "PDV40", 1 }, { "PDV41", 5 },
		{ "PDV01", 29 },
	};
	const char *before = "";
	size_t n = 0;

	(void)state;
	for (const struct settlement *s; (s = geography_settlement_at(n)) != NULL; n++, before = s->ekatte) {
		assert_true(strcmp(before, s->ekatte) < 0 && strlen(s->ekatte) == 5);
		assert_non_null(geography_municipality(s->municipality));
	}
	assert_int_equal(n, 94);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		size_t of = 0;

		for (size_t k = 0; k < n; k++)
			of += strcmp(geography_settlement_at(k)->municipality, counts[i].code) == 0;
		assert_int_equal(of, counts[i].n);
		assert_non_null(geography_settlement(geography_municipality(counts[i].code)->centre));
	}
	before = "";
	for (n = 0; geography_municipality_at(n); n++, before = geography_municipality_at(n - 1)->code)
		assert_true(strcmp(before, geography_municipality_at(n)->code) < 0);
	assert_int_equal(n, 18);
}

/* Leading zeros count, an unknown code is told, and the shared one is told with all who share it. */
static void
test_municipality_of(void **state)
{
	const char *m = NULL;
	struct why why;

	(void)state;
	assert_int_equal(geography_municipality_of("00702", &m, &why), OK);
	assert_string_equal(m, "PDV01");
	assert_int_equal(geography_municipality_of("40467", &m, &why), OK);
	assert_string_equal(m, "PDV42");
	assert_int_equal(geography_municipality_of("702", &m, &why), ERR_NOTFOUND);
	assert_int_equal(geography_municipality_of(NULL, &m, &why), ERR_NOTFOUND);
	assert_int_equal(geography_municipality_of("56784", &m, &why), ERR_UNROUTABLE);
	assert_non_null(strstr(why.text, "PDV17, PDV22, PDV26"));
	assert_null(strstr(why.text, "56784"));
	assert_string_equal(geography_municipality("PDV43")->en, "Sopot");
	assert_null(geography_municipality("SOF46"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_tables), cmocka_unit_test(test_municipality_of) };

	return cmocka_run_group_tests_name("geography", tests, NULL, NULL);
}
