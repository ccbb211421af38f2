/* SPDX-License-Identifier: EUPL-1.2 */
/* The walk over the tree and the table: what is given, what is not, what nobody knows. */
#include "config/binder.h"

#include "tests/unit/config/binder_world.h"

static const char base[] = "number: 7\na:\n  b: { flag: false }\n  text: x\n";

/* What is given is bound, what is not has its default, and a section that is not there asks for nothing. */
static void
binder_run_binds(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_load(w, base, thing_load), OK);
	assert_true(thing.number == 7 && !thing.flag && thing.lang == LANG_BG && !thing.on);
	assert_int_equal(thing.size, 1 << 20);
	assert_string_equal(thing.text, "x");
	assert_null(thing.path);
}

static const struct wrong wrongs[] = {
	{ "number: 7\n", "", "1:1: number: required and missing: how many" },
	{ NULL, "just text", "1:1: must be a section of keys\n1:1: number: required and missing: how many" },
	{ "a:\n", "door: {}\na:\n", "2:1: door.port: required and missing: where" },
	{ "a:\n", "door:\na:\n", "2:1: door: has no value\n2:1: door.port: required and missing: where" },
	{ "a:\n", "door: { prot: 1 }\na:\n", "2:1: door.port: required and missing: where\n2:9: door.prot: unknown key" },
	{ "text: x", "texts: x", "4:3: a.texts: unknown key" },
	{ "  b: { flag: false }", "  b: 1", "3:6: a.b: must be a section of keys" },
	{ "number: 7", "number: 7\nnumber: 8", "2:1: number: given twice, first in line 1" },
	{ "number: 7", "numbers: 7", "1:1: numbers: unknown key\n1:1: number: required and missing: how many" },
};

/* Missing, misplaced, doubled and unknown keys are told at the nearest place that is in the file. */
static void
binder_run_refuses(void **state)
{
	world_check_wrong(*state, base, wrongs, sizeof(wrongs) / sizeof(wrongs[0]), thing_load);
}

/* An unknown key near a known one names it, swapped letters included; one near nothing names all that may stand there. */
static void
binder_run_suggests(void **state)
{
	static const struct {
		const char *text, *hint;
	} cases[] = {
		{ "numebr: 1\n", "did you mean 'number'?" },
		{ "numbe: 1\n", "did you mean 'number'?" },
		{ "a: { tekst: 1 }\n", "did you mean 'text'?" },
		{ "a: { b: { zzz: 1 } }\n", "the keys here are: flag, lang" },
		{ "zzz: 1\n", "the keys here are: number, a, door, path, words, pairs, routes" },
		{ "routes: [{ too: x }]\n", "did you mean 'to'?" },
	};
	struct world *w = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(world_load(w, cases[i].text, thing_load), ERR_CONFIG);
		if (strstr(w->said, cases[i].hint) == NULL)
			fail_msg("%s: %s", cases[i].text, w->said);
	}
}

/* A check across keys is told at the value; if that is not in the file, at its nearest section. */
static void
binder_problem_places(void **state)
{
	struct world *w = *state;
	size_t n;

	assert_int_equal(world_load(w, base, thing_load), OK);
	binder_problem(&thing_binder, "a.b.flag", PROBLEM_EMPTY, NULL, NULL);
	binder_problem(&thing_binder, "a.b.lang", PROBLEM_EMPTY, NULL, NULL);
	binder_problem(&thing_binder, "path", PROBLEM_EMPTY, NULL, NULL);
	n = problems_count(w->problems);
	assert_int_equal(n, 3);
	assert_int_equal(problems_get(w->problems, 0)->line, 1);
	assert_true(problems_get(w->problems, 1)->line == 3 && problems_get(w->problems, 1)->col == 3);
	assert_true(problems_get(w->problems, 2)->line == 3 && problems_get(w->problems, 2)->col == 14);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(binder_run_binds, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(binder_run_refuses, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(binder_run_suggests, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(binder_problem_places, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
