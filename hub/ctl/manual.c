/* SPDX-License-Identifier: EUPL-1.2 */
/* manual - in roff a backslash begins an escape, a dot or an apostrophe at the start of a line a request, a hyphen is no minus. */
#include "hub/ctl/manual.h"

#include <ctype.h>

struct heads { const char *name, *synopsis, *description, *commands, *exit, *see; };

static const struct heads HEADS[] = {
	[LANG_BG] = { "ИМЕ", "УПОТРЕБА", "ОПИСАНИЕ", "КОМАНДИ", "ИЗХОДЕН КОД", "ВИЖТЕ СЪЩО" },
	[LANG_EN] = { "NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "EXIT STATUS", "SEE ALSO" },
};

static void
put(FILE *to, const char *text)
{
	if (text[0] == '.' || text[0] == '\'')
		fputs("\\&", to);
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			fputs("\\e", to);
		else if (*text == '-')
			fputs("\\-", to);
		else
			fputc(*text, to);
	}
}

void
manual_text(FILE *to, const char *text)
{
	put(to, text);
	fputc('\n', to);
}

static void
put_command(const struct command *c, enum lang lang, FILE *to)
{
	fputs(".TP\n.B ", to);
	put(to, c->words);
	if (c->operand != NULL) {
		fputc(' ', to);
		put(to, c->operand);
	}
	fputc('\n', to);
	manual_text(to, c->help[lang]);
	if (c->options == NULL || c->options->name == NULL)
		return;
	fputs(".RS\n", to);
	for (const struct command_option *o = c->options; o->name != NULL; o++) {
		fputs(".TP\n.B \\-\\-", to);
		put(to, o->name);
		if (o->value != NULL) {
			fputc(' ', to);
			put(to, o->value);
		}
		fputc('\n', to);
		manual_text(to, o->help[lang]);
	}
	fputs(".RE\n", to);
}

void
manual_page(const struct command *table, enum lang lang, FILE *to)
{
	const struct heads *heads = &HEADS[lang];
	const struct command *end = table;

	while (end->words != NULL)
		end++;
	fputs(".TH ", to);
	for (const char *p = end->operand; *p != '\0'; p++)
		fputc(toupper((unsigned char)*p), to);
	fprintf(to, " 1 \"\" \"Nasoka %s\"\n.SH %s\n", NASOKA_VERSION, heads->name);
	put(to, end->operand);
	fputs(" \\- ", to);
	manual_text(to, end->help[lang]);
	fprintf(to, ".SH %s\n.B ", heads->synopsis);
	manual_text(to, end->operand);
	manual_text(to, lang == LANG_BG ? "КОМАНДА [ОПЦИЯ]... [--lang bg|en]" : "COMMAND [OPTION]... [--lang bg|en]");
	fprintf(to, ".SH %s\n", heads->description);
	manual_text(to, lang == LANG_BG ? "КОМАНДА --help показва опциите. Данните са на стандартния изход, съобщенията на изхода за грешки." :
			 "COMMAND --help shows the options. Data go to the standard output, talk to the standard error.");
	fprintf(to, ".SH %s\n", heads->commands);
	for (const struct command *c = table; c->words != NULL; c++)
		put_command(c, lang, to);
	fprintf(to, ".SH %s\n", heads->exit);
	manual_text(to, lang == LANG_BG ? "0 наред, 1 провал, 2 грешна команда; 3 където командата го казва." :
			 "0 ok, 1 failed, 2 wrong usage; 3 where the command says so.");
	fprintf(to, ".SH %s\n.BR nasoka\\-errors (7)\n", heads->see);
}
