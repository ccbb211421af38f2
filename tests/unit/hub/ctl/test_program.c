/* SPDX-License-Identifier: EUPL-1.2 */
/* From argv to an exit code: a command runs in the terminal's language, what is wrong is usage and runs nothing. */
#include "tests/unit/hub/ctl/ctl_world.h"

#include "hub/ctl/program.h"

static enum lang ran_in;
static unsigned n_runs;

static int
run(const struct call *call)
{
	ran_in = call->lang;
	n_runs++;
	assert_string_equal(call->program, "tool");
	return EXIT_FAILED;
}

static const struct command TABLE[] = {
	{ "go", NULL, NULL, { "go on", "върви" }, run },
	{ .words = NULL, .operand = "tool", .help = { "for tests", "за проби" } },
};

static int
call(const char *word)
{
	char program[] = "x", text[32], *argv[] = { program, text, NULL };

	snprintf(text, sizeof(text), "%s", word);
	n_runs = 0;
	return program_run(TABLE, 2, argv);
}

/* The command's own exit code is the program's, and what it makes is for its owner only. */
static void
run_gives_code(void **state)
{
	mode_t before = umask(022), during;

	(void)state;
	assert_int_equal(call("go"), EXIT_FAILED);
	during = umask(before);
	assert_int_equal(during, 077);
	assert_int_equal(n_runs, 1);
}

/* Help and version are no failure, an unknown word is wrong usage, and none of them runs anything. */
static void
others_run_nothing(void **state)
{
	(void)state;
	assert_int_equal(call("--help"), EXIT_OK);
	assert_int_equal(call("--version"), EXIT_OK);
	assert_int_equal(call("stop"), EXIT_USAGE);
	assert_int_equal(n_runs, 0);
}

/* The first of LC_ALL, LC_MESSAGES and LANG that says something chooses the language. */
static void
language_of_terminal(void **state)
{
	(void)state;
	setenv("LC_ALL", "", 1);
	setenv("LC_MESSAGES", "bg_BG.UTF-8", 1);
	setenv("LANG", "en_GB.UTF-8", 1);
	(void)call("go");
	assert_int_equal(ran_in, LANG_BG);
	setenv("LC_ALL", "C", 1);
	(void)call("go");
	assert_int_equal(ran_in, LANG_EN);
	unsetenv("LC_ALL");
	unsetenv("LC_MESSAGES");
	unsetenv("LANG");
	(void)call("go");
	assert_int_equal(ran_in, LANG_EN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_gives_code), cmocka_unit_test(others_run_nothing), cmocka_unit_test(language_of_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
