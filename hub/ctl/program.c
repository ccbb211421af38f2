/* SPDX-License-Identifier: EUPL-1.2 */
/* program - the way from argv to a command and its exit code. Called by the mains of nasokactl and nasoka-audit.
 *
 * What a command makes is for its owner only: the umask is set here, before it runs.
 */
#include "hub/ctl/program.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hub/ctl/manual.h"

static enum lang
terminal_language(void)
{
	static const char *const variables[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *value = getenv(variables[i]);

		if (value != NULL && value[0] != '\0')
			return strncmp(value, "bg", 2) == 0 ? LANG_BG : LANG_EN;
	}
	return LANG_EN;
}

/* Texts are UTF-8 whatever the locale: without it the widths of Cyrillic would be wrong. */
static void
set_charset(void)
{
	if (setlocale(LC_CTYPE, "") == NULL || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
}

static const char *
name_of(const struct command *table)
{
	while (table->words != NULL)
		table++;
	return table->operand;
}

int
program_run(const struct command *table, int argc, char **argv)
{
	struct call call = { .lang = terminal_language(), .program = name_of(table), .out = stdout, .err = stderr };
	struct why why = { .where = "" };

	set_charset();
	if (argc == 3 && strcmp(argv[1], "--man") == 0) {
		manual_page(table, strcmp(argv[2], "bg") == 0 ? LANG_BG : LANG_EN, stdout);
		return EXIT_OK;
	}
	switch (command_parse(table, argc, argv, &call, &why)) {
	case COMMAND_RUN:
		umask(077);
		return call.command->run(&call);
	case COMMAND_HELP:
		command_help(table, call.command, call.lang, stdout);
		return EXIT_OK;
	case COMMAND_VERSION:
		printf("%s %s\n", call.program, NASOKA_VERSION);
		return EXIT_OK;
	case COMMAND_WRONG:
		break;
	}
	fprintf(stderr, "%s: %s%s%s\n", call.program, why.where, why.where[0] != '\0' ? ": " : "", why.text);
	command_help(table, call.command, call.lang, stderr);
	return EXIT_USAGE;
}
