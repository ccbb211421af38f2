/* SPDX-License-Identifier: EUPL-1.2 */
/* command - the table of commands: words, options, help and function of each; parsing and usage come from the rows.
 *
 * Parsing is pure and prints nothing. A command prints data on `out` and talk on `err`, and gives the exit code. Called by
 * nasokactl.c, which holds the table.
 */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include <stdbool.h>
#include <stdio.h>

#include "proto/base/err.h"

enum { COMMAND_OPTIONS_MAX = 12, COMMAND_WORDS_MAX = 2 };
enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_LATE = 3 /* nasokactl deadlines: something is late */ };

struct command_option {
	const char *name;	/* "out", given as --out; NULL ends the list */
	const char *value;	/* "DIR"; NULL: a flag */
	bool required;
	const char *help[2];	/* by enum lang */
};

struct call;

struct command {
	const char *words;	/* "directory make"; NULL ends the table: that row's operand is the program's name, its help what for */
	const char *operand;	/* "FILE": required; "[FILE]": may be left out; "[DIR] ID": two, the second required; NULL: none */
	const struct command_option *options;	/* NULL: none */
	const char *help[2];	/* one line, by enum lang */
	int (*run)(const struct call *call);
};

/* One invocation; all texts are argv's. */
struct call {
	const struct command *command;
	const char *values[COMMAND_OPTIONS_MAX];	/* by the option's row; "" for a flag; NULL: not given */
	const char *operand, *second;
	enum lang lang;
	const char *program;	/* its name, for error texts */
	FILE *out, *err;
};

enum command_parsed {
	COMMAND_RUN,
	COMMAND_HELP,		/* of the call's command; of all when it is NULL */
	COMMAND_VERSION,
	COMMAND_WRONG,		/* `why` says what; the command is set when its words were right */
};

/* `lang` of the call is the caller's choice and is changed by --lang. Global: --help, -h, --version, --lang bg|en. An option is
 * "--name VALUE" or "--name=VALUE"; "--" ends them; each at most once. */
enum command_parsed command_parse(const struct command *table, int argc, char *const *argv, struct call *call, struct why *why);
/* The value of an option that the command's table has ("" for a flag); NULL: not given. */
const char *command_value(const struct call *call, const char *name);

void command_help(const struct command *table, const struct command *command, enum lang lang, FILE *to);	/* NULL: all */
/* Tell what went wrong: code, text, place, detail, what to do. Gives EXIT_FAILED. */
int command_fail(const struct call *call, enum err e, const struct why *why);
/* One line of talk, in the call's language. */
void command_say(const struct call *call, const char *en, const char *bg, const char *arg);

#endif
