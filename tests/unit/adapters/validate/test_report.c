/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "adapters/validate/report.h"

static struct finding findings[] = {
	{ .e = ERR_BAD_DATE, .why = { .where = "child.birth_date", .text = "not a date", .line = 3, .col = 14 } },
	{ .e = ERR_REQUIRED, .why = { .where = "risk_level", .line = 1 }, .row = 2, .is_note = true },
};
static struct unmapped codes[] = { { "CL006", "1042" } };
static const struct judgement judgement = {
	.sector = "social", .format = "json", .n_items = 1, .n_left_out = 3, .findings = findings, .n_findings = 2, .n_errors = 1, .codes = codes, .n_codes = 1,
};

/* A line a finding as compilers write it, in both languages, with what to do; notes are told apart. */
static void
text_is_for_people(void **state)
{
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);

	(void)state;
	report_text(&judgement, "a.json", to);
	fclose(to);
	assert_non_null(strstr(text, "a.json:3:14: NSK-1304 child.birth_date: "));
	assert_non_null(strstr(text, err_text(ERR_BAD_DATE, LANG_EN)));
	assert_non_null(strstr(text, err_text(ERR_BAD_DATE, LANG_BG)));
	assert_non_null(strstr(text, err_remedy(ERR_BAD_DATE, LANG_BG)));
	assert_non_null(strstr(text, "a.json:1: (note, бележка) NSK-1301 row 2 risk_level"));
	assert_non_null(strstr(text, "\"CL006|1042\""));
	assert_non_null(strstr(text, "изпуснати полета, за които няма място: 3\n"));
	assert_non_null(strstr(text, "1 items, 1 errors / 1 елемента, 1 грешки"));
	free(text);
}

/* The JSON has the same, by names. */
static void
json_is_for_programs(void **state)
{
	json_t *root, *first;
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);

	(void)state;
	assert_true(report_json(&judgement, "a.json", to));
	fclose(to);
	assert_non_null(root = json_loads(text, 0, NULL));
	assert_true(json_is_false(json_object_get(root, "ok")));
	assert_int_equal(json_integer_value(json_object_get(root, "errors")), 1);
	assert_int_equal(json_integer_value(json_object_get(root, "left_out")), 3);
	first = json_array_get(json_object_get(root, "problems"), 0);
	assert_string_equal(json_string_value(json_object_get(first, "code")), "NSK-1304");
	assert_string_equal(json_string_value(json_object_get(first, "where")), "child.birth_date");
	assert_int_equal(json_integer_value(json_object_get(first, "line")), 3);
	assert_int_equal(json_integer_value(json_object_get(first, "col")), 14);
	assert_string_equal(json_string_value(json_object_get(first, "remedy_bg")), err_remedy(ERR_BAD_DATE, LANG_BG));
	assert_true(json_is_true(json_object_get(json_array_get(json_object_get(root, "problems"), 1), "note")));
	assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(root, "unmapped"), 0), "code")), "1042");
	json_decref(root);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(text_is_for_people), cmocka_unit_test(json_is_for_programs) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
