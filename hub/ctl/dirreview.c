/* SPDX-License-Identifier: EUPL-1.2 */
/* dirreview - a proposal is the version before it, one higher, with rules that come from a file; all else stays as it was. */
#include "hub/ctl/dirreview.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "hub/ctl/command.h"
#include "hub/ctl/dirdiff.h"
#include "hub/ctl/dirfile.h"
#include "hub/ctl/draft.h"
#include "hub/ctl/plainfile.h"
#include "hub/ctl/rulebook.h"
#include "hub/ctl/view.h"
#include "proto/base/clock.h"

/* clang-format off */
const struct command_option dirreview_propose_options[] = {
	{ "base", "FILE", true, { "the directory in force", "регистърът в сила" } },
	{ "rules", "FILE", true, { "the new rules as YAML", "новите правила като YAML" } },
	{ "out", "FILE", true, { "the text to sign; must not exist", "текстът за подпис; файлът не бива да съществува" } },
	{ "valid-days", "N", false, { "for how many days from now it holds; until the same day if not given",
				      "колко дни важи от сега; без това до същия ден" } },
	{ "json", NULL, false, { "what it changes as JSON", "какво променя, като JSON" } },
	{ .name = NULL },
};
const struct command_option dirreview_review_options[] = {
	{ "json", NULL, false, { "as JSON", "като JSON" } },
	{ .name = NULL },
};
/* clang-format on */

static int
show(const struct call *call, const struct directory *before, const struct directory *after)
{
	json_t *changes = dirdiff(before, after), *rows, *change;
	size_t i;

	if (command_value(call, "json") != NULL)
		return view_show(call, json_pack("{s:I, s:I, s:o}", "from_version", (json_int_t)before->version, "to_version",
						 (json_int_t)after->version, "changes", changes));
	fprintf(call->err, call->lang == LANG_BG ? "версия %llu спрямо версия %llu: %zu промени\n" : "version %llu against version %llu: %zu changes\n",
		(unsigned long long)after->version, (unsigned long long)before->version, json_array_size(changes));
	rows = json_array();
	json_array_foreach(changes, i, change)
		json_array_append_new(rows, json_pack("{s:O, s:O, s:O, s:O}", "change", json_object_get(change, "change"), "part",
						      json_object_get(change, "part"), "of", json_object_get(change, "of"), "text",
						      json_object_get(change, call->lang == LANG_BG ? "bg" : "en")));
	json_decref(changes);
	return view_show(call, rows);
}

static enum err
valid_until(const struct call *call, struct directory *d, struct why *why)
{
	const char *text = command_value(call, "valid-days");
	char *end = NULL;
	long days;

	if (text == NULL) {
		if (d->valid_until_ms <= d->valid_from_ms)
			return why_set(why, ERR_EXPIRED, "--valid-days", "the directory in force has expired: say for how many days");
		return OK;
	}
	days = strtol(text, &end, 10);
	if (end == text || *end != '\0' || days < 1 || days > 366)
		return why_set(why, ERR_BAD_NUMBER, "--valid-days", "from 1 to 366");
	d->valid_until_ms = d->valid_from_ms + days * CLOCK_DAY;
	return OK;
}

static enum err
propose(const struct call *call, struct arena *mem, struct dirfile *base, struct directory **ret_after, struct why *why)
{
	struct directory d;
	struct span bytes, text;
	enum err e;

	if ((e = dirfile_read(command_value(call, "base"), mem, base, why)) != OK)
		return e;
	d = *base->directory;
	d.version++;
	d.valid_from_ms = clock_wall_ms();
	if ((e = valid_until(call, &d, why)) != OK ||
	    (e = rulebook_load(command_value(call, "rules"), call->lang, call->err, mem, &d.rules)) != OK)
		return e;
	/* what is signed is what others will decode: so it is decoded before */
	if ((e = directory_encode(&d, mem, &bytes)) != OK || (e = directory_decode(bytes, mem, ret_after, why)) != OK ||
	    (e = directory_text(*ret_after, mem, &text)) != OK)
		return e;
	return plainfile_make(command_value(call, "out"), text, why);
}

int
dirreview_propose(const struct call *call)
{
	struct arena *mem = arena_new(2 * (size_t)DRAFT_ARENA_BYTES);
	struct why why = { .where = "" };
	struct directory *after;
	struct dirfile base;
	int code;
	enum err e;

	if (mem == NULL)
		return command_fail(call, ERR_NOMEM, NULL);
	e = propose(call, mem, &base, &after, &why);
	code = e == OK ? show(call, base.directory, after) : command_fail(call, e, &why);
	arena_free(mem);
	return code;
}

int
dirreview_review(const struct call *call)
{
	struct arena *mem = arena_new(2 * (size_t)DRAFT_ARENA_BYTES);
	struct why why = { .where = "" };
	struct dirfile before, after;
	int code;
	enum err e;

	if (mem == NULL)
		return command_fail(call, ERR_NOMEM, NULL);
	if ((e = dirfile_read(call->operand, mem, &before, &why)) == OK)
		e = dirfile_read(call->second, mem, &after, &why);
	code = e == OK ? show(call, before.directory, after.directory) : command_fail(call, e, &why);
	arena_free(mem);
	return code;
}
