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

/* Codes are held to their form, to the oblasts that there are, and in ours to the municipalities that there are. */
static void
test_codes(void **state)
{
	static const char *const good[] = { "PDV01", "PDV43", "SOF46", "SFO01", "BGS99" };
	static const char *const bad[] = { "PDV99", "PDV02", "PDV00", "SOF00", "QQQ01", "pdv22", "PDV2", "PDV222", "P1V22", "" };
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(geography_is_form(good[i]) && geography_may_be(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(geography_may_be(bad[i]));
	for (const struct municipality *m; (m = geography_municipality_at(n)) != NULL; n++)
		assert_true(geography_may_be(m->code));
	assert_true(geography_is_oblast("PDV") && geography_is_oblast("VTR"));
	assert_false(geography_is_oblast("PLD") || geography_is_oblast("") || geography_is_form(NULL));
	for (n = 0; geography_settlement_at(n); n++)
		assert_true(geography_agrees(geography_settlement_at(n)->municipality, geography_settlement_at(n)->ekatte));
	assert_true(geography_agrees("PDV17", "56784") && geography_agrees("PDV26", "56784") && geography_agrees("PDV12", "12345"));
	assert_false(geography_agrees("PDV01", "56784") || geography_agrees("SOF46", "00702"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables), cmocka_unit_test(test_municipality_of), cmocka_unit_test(test_codes),
	};

	return cmocka_run_group_tests_name("geography", tests, NULL, NULL);
}
