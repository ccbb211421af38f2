/* SPDX-License-Identifier: EUPL-1.2 */
/* nasoka-audit - the auditors' tool: the table of commands. It reads, and changes nothing. */
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hub/audit/export.h"
#include "hub/audit/opening.h"
#include "hub/audit/prove.h"
#include "hub/audit/replay.h"
#include "hub/audit/show.h"
#include "hub/audit/verify.h"
#include "hub/ctl/command.h"

/* clang-format off */
static const struct command commands[] = {
	{ "verify", "[DIR]", verify_options,
	  { "judge a whole log: exit 3 when anything is altered, dropped or forged",
	    "провери целия дневник: изход 3, ако нещо е променено, премахнато или подправено" }, verify_log },
	{ "replay", "[DIR]", replay_options, { "the history of messages and their stages", "историята на съобщенията и етапите им" }, replay_log },
	{ "show", "[DIR] ID", show_options,
	  { "one message, its stages, times and proof", "едно съобщение, етапите, времената и доказателството му" }, show_message },
	{ "prove", "[DIR] ID", prove_options,
	  { "write a .tlog-proof that a message is in the log", "запиши .tlog-proof, че съобщение е в дневника" }, prove_message },
	{ "export", NULL, export_options, { "write a hub's log for work off line", "запиши дневника на концентратор за работа без връзка" }, export_log },
	{ .words = NULL, .operand = "nasoka-audit", .help = { "for auditors of Nasoka", "за одиторите на Насока" } },
};
/* clang-format on */

static enum lang
terminal_language(void)
{
	static const char *const variables[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *value = getenv(variables[i]);

		if (value && value[0] != '\0')
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

int
main(int argc, char **argv)
{
	struct call call = { .lang = terminal_language(), .program = "nasoka-audit", .out = stdout, .err = stderr };
	struct why why = { .where = "" };

	set_charset();
	switch (command_parse(commands, argc, argv, &call, &why)) {
	case COMMAND_RUN:
		umask(077);
		return call.command->run(&call);
	case COMMAND_HELP:
		command_help(commands, call.command, call.lang, stdout);
		return EXIT_OK;
	case COMMAND_VERSION:
		printf("nasoka-audit %s\n", NASOKA_VERSION);
		return EXIT_OK;
	case COMMAND_WRONG:
		break;
	}
	fprintf(stderr, "nasoka-audit: %s%s%s\n", why.where, why.where[0] != '\0' ? ": " : "", why.text);
	command_help(commands, call.command, call.lang, stderr);
	return EXIT_USAGE;
}
