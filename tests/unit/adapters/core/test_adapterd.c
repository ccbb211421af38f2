/* SPDX-License-Identifier: EUPL-1.2 */
/* The command line of an agency's program; all that it does behind it is for the end-to-end tests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "adapters/core/adapterd.h"

/* The exit code of a run in a process of its own; what it writes goes to `ret_text`. */
static int
run(char **args, char ret_text[static 512])
{
	const struct sector sector = { .name = "social" };
	int argc = 0, status = 0, pipes[2];
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	while (args[argc])
		argc++;
	assert_int_equal(pipe(pipes), 0);
	fflush(NULL);
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		dup2(pipes[1], STDOUT_FILENO);
		dup2(pipes[1], STDERR_FILENO);
		status = adapterd_main(argc, args, &sector);
		fflush(NULL);
		_exit(status);
	}
	close(pipes[1]);
	while (n < 511 && (got = read(pipes[0], ret_text + n, 511 - n)) > 0)
		n += (size_t)got;
	ret_text[n] = '\0';
	close(pipes[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* A command line that is not understood, or that names no configuration, is a wrong use and says how to do it. */
static void
usage_is_told(void **state)
{
	char *bad[][4] = {
		{ "nasoka-social" }, { "nasoka-social", "--nonsense" }, { "nasoka-social", "--config" },
		{ "nasoka-social", "--config", "/dev/null", "more" },
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *args[5] = { bad[i][0], bad[i][1], bad[i][2], bad[i][3] };

		assert_int_equal(run(args, text), EX_USAGE);
		assert_non_null(strstr(text, "Usage: nasoka-social --config FILE"));
	}
}

/* Version and help go without a configuration, under the sector's name. */
static void
version_and_help(void **state)
{
	char *version[] = { "x", "--version", NULL }, *help[] = { "x", "--help", NULL };
	char text[512];

	(void)state;
	assert_int_equal(run(version, text), 0);
	assert_string_equal(text, "nasoka-social " NASOKA_VERSION "\n");
	assert_int_equal(run(help, text), 0);
	assert_non_null(strstr(text, "--check-config"));
}

/* A configuration that is not there or says nothing ends the program before it opens anything. */
static void
config_is_needed(void **state)
{
	char *missing[] = { "x", "--config", "/nonexistent.yaml", NULL };
	char *empty[] = { "x", "--config", "/dev/null", "--check-config", NULL };
	char text[512];

	(void)state;
	assert_int_equal(run(missing, text), EX_CONFIG);
	assert_int_equal(run(empty, text), EX_CONFIG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usage_is_told), cmocka_unit_test(version_and_help), cmocka_unit_test(config_is_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
