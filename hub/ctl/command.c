/* SPDX-License-Identifier: EUPL-1.2 */
/* command - words and options of a command line against the table, and the texts that the table makes. */
#include "hub/ctl/command.h"

#include <assert.h>
#include <string.h>

#include "proto/base/bytes.h"

static bool
is_text_lang(const char *text, enum lang *ret_lang)
{
	if (strcmp(text, "bg") != 0 && strcmp(text, "en") != 0)
		return false;
	*ret_lang = text[0] == 'b' ? LANG_BG : LANG_EN;
	return true;
}

/* How many leading arguments are the words of `command`; 0 if they are not. */
static int
words_match(const struct command *command, int argc, char *const *argv)
{
	const char *w = command->words;
	int n = 0;

	while (*w != '\0') {
		size_t len = strcspn(w, " ");

		if (n >= argc || strlen(argv[n]) != len || memcmp(argv[n], w, len) != 0)
			return 0;
		n++;
		w += len + (w[len] == ' ');
	}
	return n;
}

/* The row with the most words that fit: "keygen agency" before "keygen". */
static const struct command *
find(const struct command *table, int argc, char *const *argv, int *ret_n)
{
	const struct command *best = NULL;
	int n;

	*ret_n = 0;
	for (; table->words != NULL; table++) {
		n = words_match(table, argc, argv);
		if (n > *ret_n) {
			best = table;
			*ret_n = n;
		}
	}
	return best;
}

/* The row of `name` (of `len` bytes); its index in *ret_i. */
static const struct command_option *
option_find(const struct command *command, const char *name, size_t len, size_t *ret_i)
{
	const struct command_option *o = command != NULL ? command->options : NULL;

	for (*ret_i = 0; o != NULL && o->name != NULL; o++, (*ret_i)++)
		if (strlen(o->name) == len && memcmp(o->name, name, len) == 0)
			return o;
	return NULL;
}

static enum command_parsed
wrong(struct why *why, const char *what, const char *arg)
{
	why_set(why, ERR_FORMAT, arg, "%s", what);
	return COMMAND_WRONG;
}

/* argv[*at] is an option: take it and its value. */
static enum command_parsed
take_option(int argc, char *const *argv, int *at, struct call *call, struct why *why)
{
	const char *name = argv[*at] + 2, *equals = strchr(name, '='), *value = "";
	size_t len = equals != NULL ? (size_t)(equals - name) : strlen(name), i = 0;
	bool is_lang = len == 4 && memcmp(name, "lang", 4) == 0;
	const struct command_option *o = is_lang ? NULL : option_find(call->command, name, len, &i);

	if (o == NULL && !is_lang)
		return wrong(why, "unknown option", argv[*at]);
	if (is_lang || o->value != NULL) {
		if (equals == NULL && *at + 1 >= argc)
			return wrong(why, "the option needs a value", argv[*at]);
		value = equals != NULL ? equals + 1 : argv[++*at];
		if (value[0] == '\0')
			return wrong(why, "the option needs a value", argv[*at]);
	} else if (equals != NULL) {
		return wrong(why, "the option takes no value", argv[*at]);
	}
	if (is_lang)
		return is_text_lang(value, &call->lang) ? COMMAND_RUN : wrong(why, "the language is bg or en", "--lang");
	if (call->values[i] != NULL)
		return wrong(why, "the option is given twice", argv[*at]);
	call->values[i] = value;
	return COMMAND_RUN;
}

/* The name of the second operand; NULL: there is at most one. */
static const char *
second_operand(const struct command *c)
{
	const char *space = c->operand != NULL ? strchr(c->operand, ' ') : NULL;

	return space != NULL ? space + 1 : NULL;
}

/* A single operand where the first of two may be left out is the second. */
static enum command_parsed
check_required(struct call *call, struct why *why)
{
	const struct command_option *o = call->command->options;

	for (size_t i = 0; o != NULL && o[i].name != NULL; i++)
		if (o[i].required && call->values[i] == NULL)
			return wrong(why, "the option is required", o[i].name);
	const char *second = second_operand(call->command);

	if (second != NULL && call->second == NULL && call->command->operand[0] == '[') {
		call->second = call->operand;
		call->operand = NULL;
	}
	if (call->command->operand != NULL && call->command->operand[0] != '[' && call->operand == NULL)
		return wrong(why, "is missing", call->command->operand);
	if (second != NULL && call->second == NULL)
		return wrong(why, "is missing", second);
	return COMMAND_RUN;
}

static bool
is_any(const char *arg, const char *a, const char *b)
{
	return strcmp(arg, a) == 0 || strcmp(arg, b) == 0;
}

enum command_parsed
command_parse(const struct command *table, int argc, char *const *argv, struct call *call, struct why *why)
{
	bool options = true;
	int at = 1, n;

	/* --lang may stand before the words, so that an alias can hold it */
	while (at < argc && strncmp(argv[at], "--lang", 6) == 0) {
		if (take_option(argc, argv, &at, call, why) != COMMAND_RUN)
			return COMMAND_WRONG;
		at++;
	}
	if (at >= argc || is_any(argv[at], "--help", "-h") || strcmp(argv[at], "help") == 0)
		return at >= argc ? wrong(why, "no command is given", NULL) : COMMAND_HELP;
	if (strcmp(argv[at], "--version") == 0)
		return COMMAND_VERSION;
	call->command = find(table, argc - at, argv + at, &n);
	if (call->command == NULL) {
		for (int i = at; i < argc; i++)
			if (is_any(argv[i], "--help", "-h"))
				return COMMAND_HELP;
		return wrong(why, "unknown command", argv[at]);
	}
	for (at += n; at < argc; at++) {
		const char *arg = argv[at];

		if (options && is_any(arg, "--help", "-h"))
			return COMMAND_HELP;
		if (options && strcmp(arg, "--") == 0) {
			options = false;
		} else if (options && strncmp(arg, "--", 2) == 0) {
			if (take_option(argc, argv, &at, call, why) != COMMAND_RUN)
				return COMMAND_WRONG;
		} else if (options && arg[0] == '-' && arg[1] != '\0') {
			return wrong(why, "unknown option", arg);
		} else if (call->command->operand != NULL && call->operand == NULL) {
			call->operand = arg;
		} else if (second_operand(call->command) != NULL && call->second == NULL) {
			call->second = arg;
		} else {
			return wrong(why, "one argument too many", arg);
		}
	}
	return check_required(call, why);
}

const char *
command_value(const struct call *call, const char *name)
{
	size_t i;
	const struct command_option *o = option_find(call->command, name, strlen(name), &i);

	assert(o != NULL);	/* the command asks for options of its own row only */
	return call->values[i];
}

/* The row behind the last command. */
static const struct command *
table_end(const struct command *table)
{
	while (table->words != NULL)
		table++;
	return table;
}

static void
synopsis(const char *program, const struct command *c, FILE *to)
{
	fprintf(to, "  %s %s", program, c->words);
	for (const struct command_option *o = c->options; o != NULL && o->name != NULL; o++)
		fprintf(to, " %s--%s%s%s%s", o->required ? "" : "[", o->name, o->value ? " " : "", o->value ? o->value : "",
			o->required ? "" : "]");
	fprintf(to, "%s%s\n", c->operand ? " " : "", c->operand ? c->operand : "");
}

static void
help_one(const char *program, const struct command *c, enum lang lang, FILE *to)
{
	fprintf(to, "%s\n\n", c->help[lang]);
	synopsis(program, c, to);
	fputc('\n', to);
	for (const struct command_option *o = c->options; o != NULL && o->name != NULL; o++) {
		int n = fprintf(to, "  --%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");

		fprintf(to, "%*s%s\n", n < 24 ? 24 - n : 1, "", o->help[lang]);
	}
	fprintf(to, "  %-22s%s\n", "--lang bg|en", lang == LANG_BG ? "език на текстовете" : "language of texts");
	fprintf(to, "  %-22s%s\n", "--help", lang == LANG_BG ? "това тук" : "this");
}

void
command_help(const struct command *table, const struct command *command, enum lang lang, FILE *to)
{
	const char *program = table_end(table)->operand;

	if (command != NULL) {
		help_one(program, command, lang, to);
		return;
	}
	fprintf(to, "%s - %s\n\n", program, table_end(table)->help[lang]);
	for (; table->words != NULL; table++)
		fprintf(to, "  %-20s  %s\n", table->words, table->help[lang]);
	fprintf(to, lang == LANG_BG ? "\nПовече: %s КОМАНДА --help. Изход: 0 наред, 1 провал, 2 грешна команда.\n" :
				     "\nMore: %s COMMAND --help. Exit: 0 ok, 1 failed, 2 wrong usage.\n", program);
}

int
command_fail(const struct call *call, enum err e, const struct why *why)
{
	struct why shown = why != NULL ? *why : (struct why){ .where = "" };

	bytes_make_shown(shown.where);
	bytes_make_shown(shown.text);
	fprintf(call->err, "%s: %s: %s", call->program, err_code(e), err_text(e, call->lang));
	if (shown.where[0] != '\0')
		fprintf(call->err, ": %s", shown.where);
	if (shown.text[0] != '\0')
		fprintf(call->err, ": %s", shown.text);
	fprintf(call->err, "\n  %s: %s\n", call->lang == LANG_BG ? "какво да се направи" : "what to do",
		err_remedy(e, call->lang));
	return EXIT_FAILED;
}

void
command_say(const struct call *call, const char *en, const char *bg, const char *arg)
{
	fprintf(call->err, "%s%s%s\n", call->lang == LANG_BG ? bg : en, arg ? " " : "", arg ? arg : "");
}
