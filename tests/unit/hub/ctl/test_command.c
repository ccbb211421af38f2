/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of hub/ctl/command.c: words, options and operands of a command line. */
#include "tests/unit/hub/ctl/ctl_world.h"

static int
nothing(const struct call *call)
{
	(void)call;
	return 0;
}

static const struct command_option options[] = {
	{ "out", "FILE", true, { "where to", "къде" } },
	{ "json", NULL, false, { "as JSON", "като JSON" } },
	{ .name = NULL },
};
static const struct command table[] = {
	{ "make", NULL, NULL, { "makes one", "прави едно" }, .run = nothing },
	{ "make all", "FROM", options, { "makes all", "прави всичко" }, .run = nothing },
	{ "show", "[ONE]", NULL, { "shows", "показва" }, .run = nothing },
	{ "prove", "[LOG] ID", NULL, { "proves", "доказва" }, .run = nothing },
	{ .words = NULL, .operand = "nasokactl", .help = { "a tool", "средство" } },
};

static enum command_parsed
parse(const char *line, struct call *call, struct why *why)
{
	static char copy[256];
	char *argv[16] = { copy }, *save = NULL;
	int argc = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	*call = (struct call){ .lang = LANG_EN };
	memset(why, 0, sizeof(*why));
	for (char *word = strtok_r(copy, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	return command_parse(table, argc, argv, call, why);
}

/* The longest words win, options come in either form and in any order. */
static void
command_parse_right(void **state)
{
	struct call call;
	struct why why;

	(void)state;
	assert_int_equal(parse("make", &call, &why), COMMAND_RUN);
	assert_ptr_equal(call.command, &table[0]);
	assert_int_equal(parse("make all --out=x in --json", &call, &why), COMMAND_RUN);
	assert_ptr_equal(call.command, &table[1]);
	assert_string_equal(command_value(&call, "out"), "x");
	assert_non_null(command_value(&call, "json"));
	assert_string_equal(call.operand, "in");
	assert_int_equal(parse("--lang bg make all --out x -- --json", &call, &why), COMMAND_RUN);
	assert_int_equal(call.lang, LANG_BG);
	assert_string_equal(call.operand, "--json");
	assert_null(command_value(&call, "json"));
	assert_int_equal(parse("make --lang bg --help", &call, &why), COMMAND_HELP);
	assert_int_equal(call.lang, LANG_BG);
	assert_int_equal(parse("show", &call, &why), COMMAND_RUN);
	assert_null(call.operand);
	assert_int_equal(parse("prove log 7", &call, &why), COMMAND_RUN);
	assert_string_equal(call.operand, "log");
	assert_string_equal(call.second, "7");
	assert_int_equal(parse("prove 7", &call, &why), COMMAND_RUN);
	assert_null(call.operand);
	assert_string_equal(call.second, "7");
	assert_int_equal(parse("--version", &call, &why), COMMAND_VERSION);
}

/* What is wrong is refused and named. */
static void
command_parse_wrong(void **state)
{
	static const struct { const char *line, *where, *text; } wrongs[] = {
		{ "", "", "no command" },
		{ "bake", "bake", "unknown command" },
		{ "all", "all", "unknown command" },
		{ "make some", "some", "too many" },
		{ "make --out x", "--out", "unknown option" },
		{ "make all in", "out", "required" },
		{ "make all --out x", "FROM", "missing" },
		{ "make all in --out", "--out", "needs a value" },
		{ "make all in --out=", "--out=", "needs a value" },
		{ "make all in --out x --out y", "--out", "twice" },
		{ "make all in --out x --json=1", "--json=1", "takes no value" },
		{ "make all in --out x more", "more", "too many" },
		{ "make all in -o x", "-o", "unknown option" },
		{ "make all in --out x --ou y", "--ou", "unknown option" },
		{ "prove", "ID", "missing" },
		{ "prove log 7 8", "8", "too many" },
		{ "--lang de make", "--lang", "bg or en" },
	};
	struct call call;
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		if (parse(wrongs[i].line, &call, &why) != COMMAND_WRONG)
			fail_msg("taken: %s", wrongs[i].line);
		if (strstr(why.text, wrongs[i].text) == NULL || (wrongs[i].where[0] != '\0' && strstr(why.where, wrongs[i].where) == NULL &&
								 strcmp(wrongs[i].text, "twice") != 0))
			fail_msg("%s: %s: %s", wrongs[i].line, why.where, why.text);
	}
}

/* Help shows every command, option and operand of the table in the language asked for. */
static void
command_help_says_all(void **state)
{
	struct world *w = *state;

	command_help(table, NULL, LANG_BG, w->call.out);
	command_help(table, &table[1], LANG_EN, w->call.out);
	fflush(w->call.out);
	assert_non_null(strstr(w->out, "прави всичко"));
	assert_non_null(strstr(w->out, "nasokactl make all --out FILE [--json] FROM"));
	assert_non_null(strstr(w->out, "where to"));
}

/* A failure is told with code, place, detail and what to do. */
static void
command_fail_tells(void **state)
{
	struct world *w = *state;
	struct why why;

	why_set(&why, ERR_QUORUM, "trust", "one of two");
	assert_int_equal(command_fail(&w->call, ERR_QUORUM, &why), EXIT_FAILED);
	fflush(w->call.err);
	assert_non_null(strstr(w->err, "NSK-1111"));
	assert_non_null(strstr(w->err, "trust: one of two"));
	assert_non_null(strstr(w->err, err_remedy(ERR_QUORUM, LANG_EN)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_parse_right),
		cmocka_unit_test(command_parse_wrong),
		cmocka_unit_test_setup_teardown(command_help_says_all, world_open, world_close),
		cmocka_unit_test_setup_teardown(command_fail_tells, world_open, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
