/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of hub/ctl/explain.c: what people are told about a code. */
#include "hub/ctl/explain.h"

#include <jansson.h>

#include "tests/unit/hub/ctl/ctl_world.h"

static const struct command verb = { "explain", "[CODE]", explain_options, { "", "" }, .run = explain };

/* A code in any spelling is told with text, verdict and remedy, in the caller's language. */
static void
explain_one_code(void **state)
{
	static const char *const spellings[] = { "NSK-1204", "nsk-1204", "1204" };
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		assert_int_equal(WORLD_RUN(w, &verb, "explain", spellings[i]), EXIT_OK);
		assert_string_equal(w->out, "NSK-1204  a message before this one in the thread is missing\n"
				    "  what follows: for now: it is tried again\n"
				    "  what to do: done by the adapter itself\n");
	}
	w->call.lang = LANG_BG;
	assert_int_equal(WORLD_RUN(w, &verb, "explain", "NSK-1306"), EXIT_OK);
	assert_string_equal(w->out, "NSK-1306  контролната цифра на номера е грешна\n"
			    "  какво следва: съобщението е отказано окончателно\n"
			    "  какво да се направи: проверете номера за грешка при писане\n");
}

/* Without a code every row of the table is told, in both languages as JSON. */
static void
explain_all_codes(void **state)
{
	struct world *w = *state;
	const json_t *errors;
	json_t *root;

	assert_int_equal(WORLD_RUN(w, &verb, "explain"), EXIT_OK);
	for (int e = OK + 1; e < N_ERR; e++) {
		assert_non_null(strstr(w->out, err_code((enum err)e)));
		assert_non_null(strstr(w->out, err_remedy((enum err)e, LANG_EN)));
	}
	assert_int_equal(WORLD_RUN(w, &verb, "explain", "--json"), EXIT_OK);
	assert_non_null(root = json_loads(w->out, 0, NULL));
	errors = json_object_get(root, "errors");
	assert_int_equal(json_array_size(errors), N_ERR - 1);
	for (size_t i = 0; i < json_array_size(errors); i++) {
		const json_t *one = json_array_get(errors, i);

		assert_string_equal(json_string_value(json_object_get(one, "code")), err_code((enum err)(i + 1)));
		assert_string_equal(json_string_value(json_object_get(json_object_get(one, "text"), "bg")),
				    err_text((enum err)(i + 1), LANG_BG));
	}
	json_decref(root);
}

/* As a manual page each code is an entry, and nothing in a text is taken as a request of roff. */
static void
explain_as_page(void **state)
{
	struct world *w = *state;
	size_t n = 0;

	assert_int_equal(WORLD_RUN(w, &verb, "explain", "--man"), EXIT_OK);
	assert_ptr_equal(strstr(w->out, ".TH NASOKA\\-ERRORS 7 "), w->out);
	for (const char *at = w->out; (at = strstr(at, "\n.TP\n.B NSK\\-")) != NULL; at++)
		n++;
	assert_int_equal(n, N_ERR - 1);
	assert_non_null(strstr(w->out, "check with \\-\\-check\\-config\n"));
}

/* What is no code fails, says so, and prints nothing as data. */
static void
explain_no_code(void **state)
{
	static const char *const wrong[] = { "NSK-9999", "NSK-", "NSK-12041", "order", "NSK--204" };
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(WORLD_RUN(w, &verb, "explain", wrong[i]), EXIT_FAILED);
		assert_string_equal(w->out, "");
		assert_non_null(strstr(w->err, "NSK-1006"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(explain_one_code, world_open, world_close),
		cmocka_unit_test_setup_teardown(explain_all_codes, world_open, world_close),
		cmocka_unit_test_setup_teardown(explain_as_page, world_open, world_close),
		cmocka_unit_test_setup_teardown(explain_no_code, world_open, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
