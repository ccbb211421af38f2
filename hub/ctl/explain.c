/* SPDX-License-Identifier: EUPL-1.2 */
/* explain - nothing is written here that the table of errors does not say: proto/base/err.def is the manual of the codes. */
#include "hub/ctl/explain.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "hub/ctl/manual.h"
#include "hub/ctl/view.h"

#define CODE_PREFIX "NSK-"

const struct command_option explain_options[] = {
	{ "json", NULL, false, { "as JSON, in both languages", "като JSON, на двата езика" } },
	{ "man", NULL, false, { "as a manual page", "като страница от ръководството" } },
	{ .name = NULL },
};

static const char *
verdict_code(enum err e)
{
	switch (err_verdict(e)) {
	case VERDICT_RETRY:
		return "retry";
	case VERDICT_REJECT:
		return "reject";
	case VERDICT_FATAL:
		return "fatal";
	case VERDICT_OK:
		break;
	}
	return "ok";
}

static const char *
verdict_text(enum err e, enum lang lang)
{
	switch (err_verdict(e)) {
	case VERDICT_RETRY:
		return lang == LANG_BG ? "временно: опитва се отново" : "for now: it is tried again";
	case VERDICT_REJECT:
		return lang == LANG_BG ? "съобщението е отказано окончателно" : "the message is refused for good";
	case VERDICT_FATAL:
		return lang == LANG_BG ? "програмата спира; нищо прието не се губи" : "the program stops; nothing accepted is lost";
	case VERDICT_OK:
		break;
	}
	return "";
}

/* "NSK-1204" or "1204"; OK if there is no such code. */
static enum err
find(const char *text)
{
	if (strncasecmp(text, CODE_PREFIX, strlen(CODE_PREFIX)) == 0)
		text += strlen(CODE_PREFIX);
	if (strlen(text) != 4 || strspn(text, "0123456789") != 4)
		return OK;
	return err_by_number((unsigned)strtoul(text, NULL, 10));
}

static void
print(const struct call *call, enum err e)
{
	bool is_bg = call->lang == LANG_BG;

	fprintf(call->out, "%s  %s\n", err_code(e), err_text(e, call->lang));
	fprintf(call->out, "  %s: %s\n", is_bg ? "какво следва" : "what follows", verdict_text(e, call->lang));
	fprintf(call->out, "  %s: %s\n", is_bg ? "какво да се направи" : "what to do", err_remedy(e, call->lang));
}

/* -- the manual page -- */

static void
begin_man(const struct call *call)
{
	bool is_bg = call->lang == LANG_BG;

	fprintf(call->out, ".TH NASOKA\\-ERRORS 7 \"\" \"Nasoka %s\"\n.SH %s\n", NASOKA_VERSION, is_bg ? "ИМЕ" : "NAME");
	fprintf(call->out, "nasoka\\-errors \\- %s\n.SH %s\n", is_bg ? "кодовете за грешка на Насока" : "the error codes of Nasoka",
		is_bg ? "ОПИСАНИЕ" : "DESCRIPTION");
	manual_text(call->out, is_bg ? "Един и същ код стои в командния ред, в отговорите по HTTP, FHIR, HL7 v2 и CSV и в дневника." :
		 "The same code stands on the command line, in answers by HTTP, FHIR, HL7 v2 and CSV, and in the log.");
	manual_text(call->out, is_bg ? "Показва се и с nasokactl explain КОД." : "nasokactl explain CODE tells the same.");
}

static void
put_man(const struct call *call, enum err e)
{
	fputs(".TP\n.B ", call->out);
	manual_text(call->out, err_code(e));
	manual_text(call->out, err_text(e, call->lang));
	fputs(".br\n", call->out);
	manual_text(call->out, verdict_text(e, call->lang));
	fputs(".br\n", call->out);
	manual_text(call->out, err_remedy(e, call->lang));
}

/* -- JSON -- */

static json_t *
new_object(enum err e)
{
	return json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:s, s:s}}", "code", err_code(e), "verdict", verdict_code(e),
			 "text", "bg", err_text(e, LANG_BG), "en", err_text(e, LANG_EN),
			 "remedy", "bg", err_remedy(e, LANG_BG), "en", err_remedy(e, LANG_EN));
}

int
explain(const struct call *call)
{
	const bool is_json = command_value(call, "json") != NULL, is_man = !is_json && command_value(call, "man") != NULL;
	const enum err one = call->operand != NULL ? find(call->operand) : OK;
	json_t *list = is_json ? json_array() : NULL;
	struct why why;

	if (call->operand != NULL && one == OK) {
		json_decref(list);
		return command_fail(call, why_set(&why, ERR_NOTFOUND, call->operand, "no such code; without one, all are listed"),
				    &why);
	}
	if (is_man)
		begin_man(call);
	for (int e = OK + 1; e < N_ERR; e++) {
		if (one != OK && (enum err)e != one)
			continue;
		if (is_json)
			json_array_append_new(list, new_object((enum err)e));
		else if (is_man)
			put_man(call, (enum err)e);
		else
			print(call, (enum err)e);
	}
	return is_json ? view_show(call, json_pack("{s:o}", "errors", list)) : EXIT_OK;
}
