/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of hub/ctl/ask.c: a question and its answer, and everything that is none. */
#include "hub/ctl/ask.h"

#include <jansson.h>

#include "tests/unit/hub/ctl/ctl_server.h"

/* The question arrives as one line, and the answer comes back as it was said. */
static void
ask_is_answered(void **state)
{
	struct world *w = *state;
	pid_t pid = server_start(w, "s", "{\"ok\": true, \"n\": 5}\n", 1);
	json_t *answer = NULL;
	struct why why;

	assert_int_equal(ask(world_path(w, "s"), json_pack("{s:s}", "verb", "status"), &answer, &why), OK);
	server_end(pid);
	assert_string_equal(server_request(w), "{\"verb\":\"status\"}\n");
	assert_int_equal(json_integer_value(json_object_get(answer, "n")), 5);
	assert_int_equal(ask_refused(answer, &why), OK);
	json_decref(answer);
}

/* Nobody there, silence, and answers that are no line of JSON are told apart. */
static void
ask_is_not_answered(void **state)
{
	static const struct { const char *answer; enum err e; } said[] = {
		{ NULL, ERR_PEER_DOWN }, { "{\"ok\": true}", ERR_PEER_DOWN }, { "\n", ERR_FORMAT }, { "[1]\n", ERR_FORMAT },
		{ "{\"ok\":1,\"ok\":2}\n", ERR_FORMAT }, { "ok\n", ERR_FORMAT },
	};
	struct world *w = *state;
	json_t *answer;
	struct why why;

	assert_int_equal(ask(world_path(w, "none"), json_object(), &answer, &why), ERR_PEER_DOWN);
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		pid_t pid = server_start(w, "s", said[i].answer, 1);

		assert_int_equal(ask(world_path(w, "s"), json_object(), &answer, &why), said[i].e);
		server_end(pid);
	}
}

/* A refusal keeps its number; one without a number is a refusal all the same. */
static void
ask_refused_says_why(void **state)
{
	json_t *known = json_pack("{s:b, s:s, s:s, s:s}", "ok", 0, "code", "NSK-1203", "error", "not here", "where", "to"), *bare = json_object();
	struct why why;

	(void)state;
	assert_int_equal(ask_refused(known, &why), ERR_UNKNOWN_AGENCY);
	assert_string_equal(why.text, "not here");
	assert_string_equal(why.where, "to");
	assert_int_equal(ask_refused(bare, &why), ERR_FORMAT);
	json_decref(known);
	json_decref(bare);
}

static int
run_socket(const struct call *call)
{
	struct arena *mem = arena_new((size_t)16 << 20);
	struct why why = { 0 };
	const char *path;
	enum err e = ask_socket(call, mem, &path, &why);

	if (e == OK)
		fputs(path, call->out);
	arena_free(mem);
	return e == OK ? EXIT_OK : (int)e;
}

/* The socket is the one named, the configuration's own (seen from its folder), or the hub's. */
static void
ask_socket_is_found(void **state)
{
	static const struct command_option options[] = { { "socket", "PATH", false, { "", "" } }, { "config", "FILE", false, { "", "" } },
							 { .name = NULL } };
	static const struct command command = { "s", NULL, options, { "", "" }, .run = run_socket };
	struct world *w = *state;

	world_file(w, "good.yaml", "origin: x\ncontrol: { socket: run/c.sock }\n");
	world_file(w, "bad.yaml", "origin: x\n");
	assert_int_equal(WORLD_RUN(w, &command, "s"), EXIT_OK);
	assert_string_equal(w->out, ASK_DEFAULT_SOCKET);
	assert_int_equal(WORLD_RUN(w, &command, "s", "--socket", "/a/b"), EXIT_OK);
	assert_string_equal(w->out, "/a/b");
	assert_int_equal(WORLD_RUN(w, &command, "s", "--config", "%/good.yaml"), EXIT_OK);
	assert_string_equal(w->out, world_path(w, "run/c.sock"));
	assert_int_equal(WORLD_RUN(w, &command, "s", "--config", "%/bad.yaml"), ERR_CONFIG);
	assert_int_equal(WORLD_RUN(w, &command, "s", "--config", "%/good.yaml", "--socket", "/a"), ERR_FORMAT);
}

static int
run_adapter(const struct call *call)
{
	json_t *answer = NULL;
	struct why why = { 0 };
	enum err e = ask_adapter(call, json_pack("{s:s}", "verb", "x"), &answer, &why);

	if (e == OK)
		fputs("said", call->out);
	json_decref(e == OK ? answer : NULL);
	return (int)e;
}

/* An adapter is named, or nobody is asked, least of all the hub; what it refuses is an error. */
static void
ask_adapter_is_named(void **state)
{
	static const struct command_option options[] = { { "socket", "PATH", false, { "", "" } }, { "config", "FILE", false, { "", "" } },
							 { .name = NULL } };
	static const struct command command = { "s", NULL, options, { "", "" }, .run = run_adapter };
	struct world *w = *state;
	pid_t pid = server_start(w, "s", "{\"ok\":true}\n", 1);

	assert_int_equal(WORLD_RUN(w, &command, "s"), ERR_REQUIRED);
	assert_int_equal(WORLD_RUN(w, &command, "s", "--socket", "%/s"), OK);
	server_end(pid);
	assert_string_equal(w->out, "said");
	pid = server_start(w, "s", "{\"ok\":false,\"code\":\"NSK-1203\"}\n", 1);
	assert_int_equal(WORLD_RUN(w, &command, "s", "--socket", "%/s"), ERR_UNKNOWN_AGENCY);
	server_end(pid);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ask_is_answered, world_open, world_close),
		cmocka_unit_test_setup_teardown(ask_is_not_answered, world_open, world_close),
		cmocka_unit_test(ask_refused_says_why),
		cmocka_unit_test_setup_teardown(ask_socket_is_found, world_open, world_close),
		cmocka_unit_test_setup_teardown(ask_adapter_is_named, world_open, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
