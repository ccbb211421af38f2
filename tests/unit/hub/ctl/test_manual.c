/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/hub/ctl/ctl_world.h"

#include "hub/ctl/manual.h"

static const struct command_option options[] = {
	{ "dry-run", NULL, false, { "do nothing", "само покажи" } },
	{ "to", "DIR", true, { "where to", "накъде" } },
	{ .name = NULL },
};
static const struct command table[] = {
	{ "go far", "[FILE]", options, { "'far' is .away", "върви" }, NULL },
	{ "stop", NULL, NULL, { "stand\\still", "спри" }, NULL },
	{ .words = NULL, .operand = "tool", .help = { "for tests", "за проби" } },
};

static const char *
page(enum lang lang, char *text, size_t size)
{
	FILE *to = fmemopen(text, size, "w");

	assert_non_null(to);
	manual_page(table, lang, to);
	assert_int_equal(fclose(to), 0);
	return text;
}

/* Each command stands there with its operand and options, in the language that is asked for. */
static void
every_command(void **state)
{
	char text[4096];

	(void)state;
	page(LANG_EN, text, sizeof(text));
	assert_ptr_equal(strstr(text, ".TH TOOL 1 "), text);
	assert_non_null(strstr(text, "tool \\- for tests\n"));
	assert_non_null(strstr(text, "\n.TP\n.B go far [FILE]\n"));
	assert_non_null(strstr(text, "\n.TP\n.B \\-\\-dry\\-run\ndo nothing\n"));
	assert_non_null(strstr(text, "\n.TP\n.B \\-\\-to DIR\nwhere to\n"));
	assert_non_null(strstr(text, "\n.TP\n.B stop\n"));
	page(LANG_BG, text, sizeof(text));
	assert_non_null(strstr(text, "\nвърви\n"));
	assert_non_null(strstr(text, "\nнакъде\n"));
	assert_null(strstr(text, "where to"));
}

/* Nothing in a text is taken as a request or an escape. */
static void
text_is_text(void **state)
{
	char text[4096];

	(void)state;
	page(LANG_EN, text, sizeof(text));
	assert_non_null(strstr(text, "\n\\&'far' is .away\n"));
	assert_non_null(strstr(text, "\nstand\\estill\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command),
		cmocka_unit_test(text_is_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
