/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of hub/ctl/daemons.c: what is asked, and what is shown of the answer. */
#include "hub/ctl/daemons.h"

#include "tests/unit/hub/ctl/ctl_server.h"

#define STATUS "{\"ok\":true,\"program\":\"nasoka-hub\",\"peers\":2,\"agencies\":[{\"agency\":\"a-gp\",\"connected\":true,\"epoch\":3," \
	       "\"queued\":7,\"queued_bytes\":900,\"oldest_queued_ms\":61000,\"accepted\":5}]}\n"

static const struct command status = { "status", NULL, daemons_options, { "", "" }, .run = daemons_status };
static const struct command queues = { "queues", NULL, daemons_queues_options, { "", "" }, .run = daemons_queues };
static const struct command deadlines = { "deadlines", NULL, daemons_deadlines_options, { "", "" }, .run = daemons_deadlines };
static const struct command deadletters = { "deadletters", NULL, daemons_deadletters_options, { "", "" }, .run = daemons_deadletters };
static const struct command checkpoint = { "checkpoint", NULL, daemons_plain_options, { "", "" }, .run = daemons_checkpoint };
static const struct command reload = { "reload", NULL, daemons_options, { "", "" }, .run = daemons_reload };

/* Status is shown whole as JSON, and without the daemon's "ok" to people. */
static void
daemons_status_shows(void **state)
{
	struct world *w = *state;
	pid_t pid = server_start(w, "s", STATUS, 2);

	assert_int_equal(WORLD_RUN(w, &status, "status", "--socket", "%/s"), EXIT_OK);
	assert_non_null(strstr(w->out, "nasoka-hub"));
	assert_null(strstr(w->out, "ok "));
	assert_int_equal(WORLD_RUN(w, &status, "status", "--socket", "%/s", "--json"), EXIT_OK);
	assert_non_null(strstr(w->out, "\"ok\": true"));
	assert_string_equal(server_request(w), "{\"verb\":\"status\"}\n");
	server_end(pid);
}

/* Queues are what the status says of each agency, or one agency's messages. */
static void
daemons_queues_show(void **state)
{
	struct world *w = *state;
	pid_t pid = server_start(w, "s", STATUS, 2);

	assert_int_equal(WORLD_RUN(w, &queues, "queues", "--socket", "%/s"), EXIT_OK);
	assert_non_null(strstr(w->out, "1m 01s"));
	assert_null(strstr(w->out, "accepted"));
	assert_int_equal(WORLD_RUN(w, &queues, "queues", "--socket", "%/s", "--agency", "a-gp"), EXIT_OK);
	server_end(pid);
	assert_string_equal(server_request(w), "{\"verb\":\"queues\",\"agency\":\"a-gp\"}\n");
}

#define DEADLINES "{\"ok\":true,\"late\":%d,\"all\":true,\"deadlines\":[{\"due\":\"2026-03-02T10:00:00Z\",\"late\":%s,\"fact\":\"late\"," \
		  "\"asks\":\"late-offer\",\"priority\":\"urgent\",\"from\":\"a-gp\",\"to\":\"b-cop\",\"age_ms\":7200000,\"stage\":\"delivered\"," \
		  "\"id\":\"019c9e5f-0000-7000-8000-000000000001\"}]}\n"

/* Deadlines are shown in local time, and a late one is an exit code of its own, which no failure has. */
static void
daemons_deadlines_show(void **state)
{
	struct world *w = *state;
	char said[512];
	pid_t pid;

	(void)snprintf(said, sizeof(said), DEADLINES, 1, "true");
	pid = server_start(w, "s", said, 2);
	assert_int_equal(WORLD_RUN(w, &deadlines, "deadlines", "--socket", "%/s"), EXIT_LATE);
	assert_non_null(strstr(w->out, "2026-03-02T12:00:00+02:00"));
	assert_non_null(strstr(w->out, "b-cop"));
	assert_non_null(strstr(w->out, "asks for"));
	assert_non_null(strstr(w->out, "late-offer"));
	assert_int_equal(WORLD_RUN(w, &deadlines, "deadlines", "--socket", "%/s", "--json", "--late", "--agency", "a-gp"), EXIT_LATE);
	assert_non_null(strstr(w->out, "\"due\": \"2026-03-02T10:00:00Z\""));
	server_end(pid);
	assert_string_equal(server_request(w), "{\"verb\":\"deadlines\",\"agency\":\"a-gp\",\"late\":true}\n");
	(void)snprintf(said, sizeof(said), DEADLINES, 0, "false");
	pid = server_start(w, "s", said, 1);
	assert_int_equal(WORLD_RUN(w, &deadlines, "deadlines", "--socket", "%/s"), EXIT_OK);
	server_end(pid);
	assert_int_equal(WORLD_RUN(w, &deadlines, "deadlines", "--socket", "%/nobody"), EXIT_FAILED);
}

/* Dead letters are asked for as they were asked for: of all, or of one agency. */
static void
daemons_deadletters_show(void **state)
{
	struct world *w = *state;
	pid_t pid = server_start(w, "s", "{\"ok\":true,\"deadletters\":[{\"agency\":\"ozd\",\"sender\":\"a-gp\",\"code\":\"NSK-1606\"}]}\n", 2);

	assert_int_equal(WORLD_RUN(w, &deadletters, "deadletters", "--socket", "%/s"), EXIT_OK);
	assert_non_null(strstr(w->out, "NSK-1606"));
	assert_int_equal(WORLD_RUN(w, &deadletters, "deadletters", "--socket", "%/s", "--agency", "a-gp"), EXIT_OK);
	server_end(pid);
	assert_string_equal(server_request(w), "{\"verb\":\"deadletters\",\"agency\":\"a-gp\"}\n");
}

/* A checkpoint is printed byte by byte, and a refusal is told with its code. */
static void
daemons_checkpoint_prints(void **state)
{
	struct world *w = *state;
	pid_t pid = server_start(w, "s", "{\"ok\":true,\"checkpoint\":\"hub\\n4\\nroot\\n\\n\"}\n", 1);

	assert_int_equal(WORLD_RUN(w, &checkpoint, "checkpoint", "--socket", "%/s"), EXIT_OK);
	assert_string_equal(w->out, "hub\n4\nroot\n\n");
	server_end(pid);
	pid = server_start(w, "s", "{\"ok\":false,\"code\":\"NSK-1504\",\"error\":\"unknown verb\"}\n", 1);
	assert_int_equal(WORLD_RUN(w, &checkpoint, "checkpoint", "--socket", "%/s"), EXIT_FAILED);
	assert_non_null(strstr(w->err, "NSK-1504"));
	server_end(pid);
}

/* A reload that refused a key sheet is no success. */
static void
daemons_reload_counts(void **state)
{
	struct world *w = *state;
	pid_t pid = server_start(w, "s", "{\"ok\":true,\"directory_version\":4,\"bad_sheets\":0}\n", 1);

	assert_int_equal(WORLD_RUN(w, &reload, "reload", "--socket", "%/s"), EXIT_OK);
	server_end(pid);
	pid = server_start(w, "s", "{\"ok\":true,\"directory_version\":4,\"bad_sheets\":1}\n", 1);
	assert_int_equal(WORLD_RUN(w, &reload, "reload", "--socket", "%/s"), EXIT_FAILED);
	server_end(pid);
}

/* A new key is asked of an adapter that was named, and of nobody else. */
static void
daemons_rotate_asks(void **state)
{
	static const struct command rotate = { "rotate sealing", NULL, daemons_rotate_options, { "", "" }, .run = daemons_rotate_sealing };
	struct world *w = *state;
	pid_t pid = server_start(w, "s", "{\"ok\":true,\"sheet_version\":2,\"sealing_keys\":2}\n", 1);

	assert_int_equal(WORLD_RUN(w, &rotate, "rotate", "sealing", "--socket", "%/s"), EXIT_OK);
	server_end(pid);
	assert_string_equal(server_request(w), "{\"verb\":\"rotate\",\"what\":\"sealing\"}\n");
	assert_int_equal(WORLD_RUN(w, &rotate, "rotate", "sealing"), EXIT_FAILED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(daemons_status_shows, world_open, world_close),
		cmocka_unit_test_setup_teardown(daemons_queues_show, world_open, world_close),
		cmocka_unit_test_setup_teardown(daemons_deadlines_show, world_open, world_close),
		cmocka_unit_test_setup_teardown(daemons_deadletters_show, world_open, world_close),
		cmocka_unit_test_setup_teardown(daemons_checkpoint_prints, world_open, world_close),
		cmocka_unit_test_setup_teardown(daemons_reload_counts, world_open, world_close),
		cmocka_unit_test_setup_teardown(daemons_rotate_asks, world_open, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
