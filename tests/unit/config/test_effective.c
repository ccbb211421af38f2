/* SPDX-License-Identifier: EUPL-1.2 */
/* What is printed of a bound configuration. That it loads again is shown by test_config.c on the samples. */
#include "config/effective.h"

#include "tests/unit/config/binder_world.h"

static char *
print(void)
{
	char *out = NULL;
	size_t n;
	FILE *to = open_memstream(&out, &n);

	effective_print(&thing_binder, "c.yaml", to);
	fclose(to);
	return out;
}

/* Each value stands with its origin; what is not set is a comment, and opens no section. */
static void
effective_print_origins(void **state)
{
	struct world *w = *state;
	char *out;

	assert_int_equal(world_load(w, "number: 7\na: { b: { flag: false } }\nwords: [x]\n", thing_load), OK);
	out = print();
	assert_string_equal(out,
		"number: 7                                       # c.yaml:1\n"
		"a:\n"
		"  b:\n"
		"    flag: false                                 # c.yaml:2\n"
		"    lang: bg                                    # default\n"
		"  # text: (not set)\n"
		"# path: (not set)\n"
		"words:\n"
		"  - \"x\"                                         # c.yaml:3\n"
		"# pairs: (not set)\n"
		"# routes: (not set)\n");
	free(out);
}

/* Texts are quoted, so that none of them can be taken for YAML. */
static void
effective_print_quotes(void **state)
{
	struct world *w = *state;
	char *out;

	assert_int_equal(world_load(w, "number: 1\nwords: ['a\"b\\c # d', '- e']\npairs: { k: 'yes' }\n", thing_load), OK);
	out = print();
	assert_non_null(strstr(out, "  - \"a\\\"b\\\\c # d\" "));
	assert_non_null(strstr(out, "  - \"- e\" "));
	assert_non_null(strstr(out, "  \"k\": \"yes\" "));
	free(out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(effective_print_origins, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(effective_print_quotes, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
