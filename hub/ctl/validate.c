/* SPDX-License-Identifier: EUPL-1.2 */
/* validate - the layers keep the sectors out of the hub's tools, so this is another program beside this one, or in PATH. */
#include "hub/ctl/validate.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "nasoka-validate"

/* clang-format off */
const struct command_option validate_options[] = {
	{ "sector", "NAME", false, { "social, health or education; else found out", "social, health или education; иначе се разпознава" } },
	{ "format", "NAME", false, { "json, xml, csv, hl7, fhir, nhis, oscar or primero; else found out",
	  "json, xml, csv, hl7, fhir, nhis, oscar или primero; иначе се разпознава" } },
	{ "config", "FILE", false, { "the adapter's configuration: its defaults, aliases and concepts",
	  "настройките на адаптера: defaults, aliases и concepts" } },
	{ "check-codes", NULL, false, { "codes that no concept maps are errors as well", "кодове без съответствие в concepts също са грешки" } },
	{ "json", NULL, false, { "the findings as JSON", "резултатът в JSON" } },
	{ .name = NULL },
};
/* clang-format on */

void
validate_args(const struct call *call, const char *ret_args[static VALIDATE_ARGS_MAX])
{
	static const struct { const char *name, *option; } values[] = {
		{ "sector", "--sector" }, { "format", "--format" }, { "config", "--config" },
	};
	size_t n = 0;

	ret_args[n++] = PROGRAM;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (command_value(call, values[i].name) != NULL) {
			ret_args[n++] = values[i].option;
			ret_args[n++] = command_value(call, values[i].name);
		}
	if (command_value(call, "check-codes") != NULL)
		ret_args[n++] = "--check-codes";
	if (command_value(call, "json") != NULL)
		ret_args[n++] = "--json";
	ret_args[n++] = "--";
	ret_args[n++] = call->operand;
	ret_args[n] = NULL;
}

int
validate_file(const struct call *call)
{
	const char *args[VALIDATE_ARGS_MAX];
	char *const *argv;
	char path[PATH_MAX];
	struct why why;
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - sizeof(PROGRAM) - 1);
	char *slash;

	validate_args(call, args);
	memcpy(&argv, &(const char *const *){ args }, sizeof(argv));	/* exec takes them so, and changes nothing */
	fflush(call->out);
	if (n > 0) {
		path[n] = '\0';
		if ((slash = strrchr(path, '/')) != NULL) {
			memcpy(slash + 1, PROGRAM, sizeof(PROGRAM));
			execv(path, argv);
		}
	}
	execvp(PROGRAM, argv);
	(void)why_set(&why, ERR_NOTFOUND, PROGRAM, "%s", strerror(errno));
	return command_fail(call, ERR_NOTFOUND, &why);
}
