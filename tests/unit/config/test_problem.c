/* SPDX-License-Identifier: EUPL-1.2 */
/* The list of what is wrong: its order, its words in both languages, its bounds. */
#include "config/problem.h"

#include <errno.h>

#include "config/tables.h"
#include "tests/unit/config/config_world.h"

static int
setup(void **state)
{
	*state = problems_new("f.yaml");
	return *state == NULL;
}

static int
teardown(void **state)
{
	problems_free(*state);
	return 0;
}

static void
add(struct problems *p, unsigned line, unsigned col, enum problem_id id, const char *arg)
{
	problems_add(p, (struct problem_place){ line, col, "k" }, id, arg, NULL, NULL);
}

/* Problems stand by place whatever the order of finding; of one place the first found is first. */
static void
problems_by_place(void **state)
{
	struct problems *p = *state;

	add(p, 3, 1, PROBLEM_EMPTY, NULL);
	add(p, 1, 9, PROBLEM_EMPTY, NULL);
	add(p, 1, 2, PROBLEM_EMPTY, NULL);
	add(p, 1, 9, PROBLEM_UTF8, NULL);
	assert_int_equal(problems_get(p, 0)->col, 2);
	assert_int_equal(problems_get(p, 1)->id, PROBLEM_EMPTY);
	assert_int_equal(problems_get(p, 2)->id, PROBLEM_UTF8);
	assert_int_equal(problems_get(p, 3)->line, 3);
}

/* Beyond the cap problems are counted, not kept; a warning is no error. */
static void
problems_cap(void **state)
{
	struct problems *p = *state;
	char *said = NULL;
	size_t n;
	FILE *to = open_memstream(&said, &n);
	unsigned i;

	add(p, 1, 1, PROBLEM_LOOPBACK_TOKEN, NULL);
	assert_int_equal(problems_errors(p), 0);
	for (i = 0; i < PROBLEMS_MAX + 4; i++)
		add(p, i + 2, 1, PROBLEM_EMPTY, NULL);
	assert_int_equal(problems_count(p), PROBLEMS_MAX);
	assert_int_equal(problems_errors(p), PROBLEMS_MAX + 4);
	problems_print(p, LANG_EN, to);
	fclose(to);
	assert_non_null(strstr(said, "f.yaml:1:1: k: warning: any local user may call; give tokens_file\n"));
	assert_non_null(strstr(said, "\nf.yaml: and 5 more\n"));
	free(said);
}

/* Arguments cannot break the line or the terminal, and are cut at a whole character. */
static void
problems_arguments(void **state)
{
	struct problems *p = *state;
	char text[1024], big[600];
	size_t i;

	for (i = 0; i + 2 < sizeof(big); i += 2)
		memcpy(big + i, "ж", 3);
	add(p, 1, 1, PROBLEM_BOOL, "a\n\x1B[31mb\x7F");
	add(p, 2, 1, PROBLEM_BOOL, big);
	problem_text(problems_get(p, 0), LANG_EN, text, sizeof(text));
	assert_string_equal(text, "'a??[31mb?' is neither true nor false; write true or false");
	problem_text(problems_get(p, 1), LANG_EN, text, sizeof(text));
	assert_non_null(strstr(text, "ж...'"));
}

/* Every row has words in both languages, and a hint, and no argument that nobody gives. */
static void
problems_catalogue(void **state)
{
	struct problem problem = { .args = { "A", "B", "C" } };
	char en[1024], bg[1024];
	unsigned id;

	(void)state;
	for (id = 0; id < N_PROBLEMS; id++) {
		problem.id = (enum problem_id)id;
		problem_text(&problem, LANG_EN, en, sizeof(en));
		problem_text(&problem, LANG_BG, bg, sizeof(bg));
		assert_string_not_equal(en, bg);
		assert_non_null(strstr(en, "; "));
		assert_true(strcmp(strstr(en, "; "), "; ") != 0 && strcmp(strstr(bg, "; "), "; ") != 0);
		assert_null(strchr(en, '{'));
	}
}

static void
all_said_in_bulgarian(const struct bind_row *row)
{
	for (; row->path != NULL; row++) {
		if (row->items)
			all_said_in_bulgarian(row->items);
		if (!(row->flags & BIND_REQUIRED) && (row->need & (NEED_FILE | NEED_DIR)) == 0)
			continue;
		if (strncmp(row->help, "MSH-", 4) != 0 && problem_hint(row->help, LANG_BG) == row->help)
			fail_msg("%s: '%s' is not in hint.def", row->path, row->help);
		if (row->hint && problem_hint(row->hint, LANG_BG) == row->hint)
			fail_msg("%s: '%s' is not in hint.def", row->path, row->hint);
	}
}

/* Trouble that may be gone at the next start asks for that start, and for no hand; any other refuses the file. */
static void
problems_verdicts(void **state)
{
	struct problem_place place = { .line = 1 };
	struct problems *p = problems_new("x.yaml");

	(void)state;
	assert_non_null(p);
	assert_int_equal(problems_verdict(p), OK);
	problems_add_errno(p, place, PROBLEM_READ, EACCES);
	assert_int_equal(problems_verdict(p), ERR_CONFIG);
	problems_add_errno(p, place, PROBLEM_NO_ACCESS, EIO);
	assert_int_equal(problems_verdict(p), ERR_SYSTEM);
	assert_int_equal(problems_errors(p), 2);
	problems_free(p);
}

/* What the tables of keys can make a problem say has its Bulgarian. */
static void
problems_hints(void **state)
{
	(void)state;
	all_said_in_bulgarian(hub_config_rows);
	all_said_in_bulgarian(adapter_config_rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(problems_by_place, setup, teardown),
		cmocka_unit_test_setup_teardown(problems_cap, setup, teardown),
		cmocka_unit_test_setup_teardown(problems_arguments, setup, teardown),
		cmocka_unit_test_setup_teardown(problems_catalogue, setup, teardown),
		cmocka_unit_test(problems_hints),
		cmocka_unit_test(problems_verdicts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
