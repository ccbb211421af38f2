/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of hub/ctl/submit.c: a file goes as its bytes, and only "taken" is success. */
#include "hub/ctl/submit.h"

#include "tests/unit/hub/ctl/ctl_server.h"

static const struct command submit = { "submit", "FILE", submit_options, { "", "" }, .run = submit_file };

/* The adapter gets the name without its folder and the bytes; its answer is printed as it is. */
static void
submit_file_taken(void **state)
{
	struct world *w = *state;
	pid_t pid = server_start(w, "s", "{\"ok\":true,\"answer\":\"T0sKCg==\"}\n", 1);

	world_file(w, "x.csv", "a;b\n");
	assert_int_equal(WORLD_RUN(w, &submit, "submit", "%/x.csv", "--socket", "%/s"), EXIT_OK);
	server_end(pid);
	assert_string_equal(server_request(w), "{\"verb\":\"submit\",\"name\":\"x.csv\",\"bytes\":\"YTtiCg==\"}\n");
	assert_string_equal(w->out, "OK\n\n");
}

/* Refused: the answer is printed all the same, the code told, and the exit is 1. */
static void
submit_file_refused(void **state)
{
	struct world *w = *state;
	pid_t pid = server_start(w, "s", "{\"ok\":false,\"code\":\"NSK-1505\",\"error\":\"x\",\"answer\":\"Tk8=\"}\n", 1);

	world_file(w, "x.csv", "a;b\n");
	assert_int_equal(WORLD_RUN(w, &submit, "submit", "%/x.csv", "--socket", "%/s"), EXIT_FAILED);
	server_end(pid);
	assert_string_equal(w->out, "NO\n");
	assert_non_null(strstr(w->err, "NSK-1505"));
}

/* No adapter named, no file, and a file above the limit: refused before anything is sent. */
static void
submit_file_not_sent(void **state)
{
	struct world *w = *state;
	char *big = calloc(1, SUBMIT_FILE_MAX + 2);

	memset(big, 'a', SUBMIT_FILE_MAX + 1);
	world_file(w, "big.csv", big);
	free(big);
	world_file(w, "x.csv", "a;b\n");
	assert_int_equal(WORLD_RUN(w, &submit, "submit", "%/x.csv"), EXIT_FAILED);
	assert_int_equal(WORLD_RUN(w, &submit, "submit", "%/y.csv", "--socket", "%/s"), EXIT_FAILED);
	assert_non_null(strstr(w->err, "NSK-1006"));
	assert_int_equal(WORLD_RUN(w, &submit, "submit", "%/big.csv", "--socket", "%/s"), EXIT_FAILED);
	assert_non_null(strstr(w->err, "NSK-1005"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(submit_file_taken, world_open, world_close),
		cmocka_unit_test_setup_teardown(submit_file_refused, world_open, world_close),
		cmocka_unit_test_setup_teardown(submit_file_not_sent, world_open, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
