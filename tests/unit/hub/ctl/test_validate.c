/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hub/ctl/validate.h"

static const struct command table[] = {
	{ "validate", "FILE", validate_options, { "x", "x" }, .run = validate_file },
	{ .words = NULL, .operand = "nasokactl", .help = { "x", "x" } },
};

/* Every option of the command reaches the other program, the file last and never as an option. */
static void
options_are_passed_on(void **state)
{
	char *argv[] = { (char[]){ "nasokactl" }, (char[]){ "validate" }, (char[]){ "--json" }, (char[]){ "--sector=health" },
			 (char[]){ "--format" }, (char[]){ "nhis" }, (char[]){ "--config" }, (char[]){ "a.yaml" },
			 (char[]){ "--check-codes" }, (char[]){ "--" }, (char[]){ "-x" }, NULL };
	static const char *const want[] = { "nasoka-validate", "--sector", "health", "--format", "nhis", "--config", "a.yaml", "--check-codes",
					    "--json", "--", "-x" };
	const char *args[VALIDATE_ARGS_MAX];
	struct call call = { .out = stdout, .err = stderr };
	struct why why;

	(void)state;
	assert_int_equal(command_parse(table, 11, argv, &call, &why), COMMAND_RUN);
	validate_args(&call, args);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_string_equal(args[i], want[i]);
	assert_null(args[sizeof(want) / sizeof(want[0])]);
}

/* Without the other program the command says so and fails. */
static void
missing_program_is_told(void **state)
{
	struct call call = { .command = &table[0], .operand = "a.json", .program = "nasokactl" };
	char *text = NULL;
	size_t n = 0;

	(void)state;
	assert_int_equal(setenv("PATH", "/nonexistent", 1), 0);
	call.out = call.err = open_memstream(&text, &n);
	assert_int_equal(validate_file(&call), EXIT_FAILED);
	fclose(call.err);
	assert_non_null(strstr(text, "nasoka-validate"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(options_are_passed_on), cmocka_unit_test(missing_program_is_told) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
