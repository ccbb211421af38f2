/* SPDX-License-Identifier: EUPL-1.2 */
/* dircommand - the registrars' work with a directory: drafted by one, looked at and signed by k of them, checked by all. */
#include "hub/ctl/dircommand.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "hub/ctl/command.h"
#include "hub/ctl/dircheck.h"
#include "hub/ctl/dirdiff.h"
#include "hub/ctl/draft.h"
#include "hub/ctl/plainfile.h"
#include "hub/ctl/view.h"
#include "proto/base/clock.h"
#include "proto/base/daemon.h"

/* clang-format off */
const struct command_option dircommand_make_options[] = {
	{ "from", "FILE", true, { "the directory as YAML", "регистърът като YAML" } },
	{ "out", "FILE", true, { "the text to sign; must not exist", "текстът за подпис; файлът не бива да съществува" } },
	{ .name = NULL },
};
const struct command_option dircommand_sign_options[] = {
	{ "key", "FILE", true, { "the registrar's key", "ключът на регистратора" } },
	{ "name", "NAME", true, { "the registrar's name, as in the directory", "името на регистратора, както е в регистъра" } },
	{ .name = NULL },
};
const struct command_option dircommand_show_options[] = {
	{ "json", NULL, false, { "as JSON", "като JSON" } },
	{ .name = NULL },
};
const struct command_option dircommand_check_options[] = {
	{ "trust", "FILE", true, { "\"threshold K\" and the registrars' verifier keys", "\"threshold K\" и ключовете за проверка на регистраторите" } },
	{ "sheets", "DIR", false, { "check the agencies' key sheets, too", "провери и листовете с ключове" } },
	{ "at", "TIME", false, { "as if it were then; now if not given", "все едно е тогава; иначе сега" } },
	{ "strict", NULL, false, { "warnings fail, too", "и предупрежденията са провал" } },
	{ "json", NULL, false, { "as JSON", "като JSON" } },
	{ .name = NULL },
};
/* clang-format on */

/* What a person would otherwise find out after the signing. */
static void
tell_warnings(const struct call *call, const struct directory *d)
{
	struct findings *findings = calloc(1, sizeof(*findings));

	if (findings == NULL)
		return;
	dircheck_content(d, findings);
	for (size_t i = 0; i < findings->n; i++)
		fprintf(call->err, "%s: %s: %s\n", call->lang == LANG_BG ? "внимание" : "warning", findings->items[i].where,
			findings->items[i].text[call->lang]);
	free(findings);
}

static enum err
make(const struct call *call, struct arena *mem, struct why *why)
{
	const struct draft_load load = { command_value(call, "from"), clock_wall_ms(), call->lang, call->err };
	struct directory *d, *again;
	struct span bytes, text;
	enum err e;

	if ((e = draft_load(&load, mem, &d)) != OK)
		return e;
	/* What is signed is what others will decode: so it is decoded before. */
	if ((e = directory_encode(d, mem, &bytes)) != OK || (e = directory_decode(bytes, mem, &again, why)) != OK ||
	    (e = directory_text(again, mem, &text)) != OK)
		return e;
	tell_warnings(call, again);
	return plainfile_make(command_value(call, "out"), text, why);
}

static enum err
sign(const struct call *call, struct arena *mem, struct why *why)
{
	struct note_signer signer = { .name = command_value(call, "name") };
	struct key *key = NULL;
	struct dirfile f;
	struct span note;
	enum err e;

	if ((e = key_load(command_value(call, "key"), KEY_REGISTRAR, &key, why)) != OK ||
	    (e = dirfile_read(call->operand, mem, &f, why)) != OK)
		goto out;
	signer.key = key;
	e = f.is_signed ? note_add(f.bytes, &signer, mem, &note) : note_sign(f.text, &signer, 1, mem, &note);
	if (e != OK) {
		why_set(why, e, signer.name, e == ERR_EXISTS ? "has signed it already" : "cannot sign under this name");
		goto out;
	}
	if ((e = daemon_write_file(call->operand, note.p, note.n, 0644)) != OK)
		why_set(why, e, call->operand, "cannot be written");
	else
		fprintf(call->err, call->lang == LANG_BG ? "версия %llu на регистъра е подписана от %s\n" : "version %llu of the directory is signed by %s\n",
			(unsigned long long)f.directory->version, signer.name);
out:
	key_free(key);
	return e;
}

/* Runs `step` with memory of its own and tells its failure. */
static int
run(const struct call *call, enum err (*step)(const struct call *call, struct arena *mem, struct why *why))
{
	struct arena *mem = arena_new(DRAFT_ARENA_BYTES);
	struct why why = { 0 };
	enum err e = mem == NULL ? ERR_NOMEM : step(call, mem, &why);

	arena_free(mem);
	return e == OK ? EXIT_OK : command_fail(call, e, &why);
}

int
dircommand_make(const struct call *call)
{
	return run(call, make);
}

int
dircommand_sign(const struct call *call)
{
	return run(call, sign);
}

/* -- show -- */

static json_t *
texts_json(const char **texts, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_string(texts[i]));
	return list;
}

static json_t *
hex_json(const void *bytes, size_t n)
{
	char hex[2 * KEY_LEN + 1];

	bytes_hex(bytes, n, hex);
	return json_string(hex);
}

static json_t *
agencies_json(const struct directory *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->n_agencies; i++) {
		const struct agency *a = &d->agencies[i];

		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:o, s:o, s:o}", "id", a->id, "kind", a->kind,
				      "municipality", a->municipality, "name_bg", a->name_bg, "name_en", a->name_en, "may_send",
				      texts_json(a->may_send, a->n_may_send), "services",
				      texts_json(a->services, a->n_services), "key", hex_json(a->signing_id.b, KEY_ID_LEN)));
	}
	return list;
}

static json_t *
offices_json(const struct directory *d, struct arena *mem, json_t **ret_registrars, json_t **ret_coordinators)
{
	json_t *auditors = json_array();

	*ret_registrars = json_array();
	*ret_coordinators = json_array();
	for (size_t i = 0; i < d->n_auditors; i++)
		json_array_append_new(auditors, json_pack("{s:i, s:s, s:o}", "share", (int)i + 1, "name", d->auditors[i].name, "key",
							  hex_json(d->auditors[i].id.b, KEY_ID_LEN)));
	for (size_t i = 0; i < d->n_registrars; i++)
		json_array_append_new(*ret_registrars, json_pack("{s:s, s:s?}", "name", d->registrars[i].name, "verifier",
								 note_verifier_format(&d->registrars[i], mem)));
	for (size_t i = 0; i < d->n_coordinators; i++)
		json_array_append_new(*ret_coordinators, json_pack("{s:s, s:s}", "municipality", d->coordinators[i].municipality, "agency",
								   d->coordinators[i].agency));
	return auditors;
}

/* The programme's rules in sentences: what they add to a directory without any. */
static json_t *
rules_json(const struct directory *d)
{
	struct directory bare = *d;
	json_t *list, *one;
	size_t i;

	bare.rules = (struct rules){ .n_kinds = 0 };
	list = dirdiff(&bare, d);
	json_array_foreach(list, i, one)
		json_object_del(one, "change");
	return list;
}

static json_t *
directory_json(const struct dirfile *f, struct arena *mem)
{
	const struct directory *d = f->directory;
	const struct note_verifier log = { d->origin, d->log };
	json_t *registrars, *coordinators, *auditors = offices_json(d, mem, &registrars, &coordinators);
	char from[CLOCK_TEXT_LEN], until[CLOCK_TEXT_LEN];

	clock_format(d->valid_from_ms, from);
	clock_format(d->valid_until_ms, until);
	return json_pack("{s:I, s:b, s:s, s:s, s:s, s:s?, s:o, s:i, s:i, s:o, s:o, s:o, s:o, s:o}", "version", (json_int_t)d->version, "signed",
			 f->is_signed, "valid_from", from, "valid_until", until, "origin", d->origin,
			 "verifier", note_verifier_format(&log, mem), "hash", hex_json(d->hash.b, sizeof(d->hash.b)),
			 "threshold", (int)d->threshold, "registrar_threshold", (int)d->registrar_threshold, "agencies", agencies_json(d),
			 "coordinators", coordinators, "auditors", auditors, "registrars", registrars, "rules", rules_json(d));
}

/* People read one language. */
static json_t *
in_language(const struct call *call, json_t *root)
{
	json_t *one;
	size_t i;

	if (command_value(call, "json") == NULL)
		json_array_foreach(json_object_get(root, "rules"), i, one) {
			json_object_set(one, "text", json_object_get(one, call->lang == LANG_BG ? "bg" : "en"));
			json_object_del(one, "en");
			json_object_del(one, "bg");
		}
	return root;
}

int
dircommand_show(const struct call *call)
{
	struct arena *mem = arena_new(DRAFT_ARENA_BYTES);
	struct why why = { 0 };
	struct dirfile f;
	enum err e;
	int code;

	if (mem == NULL)
		return command_fail(call, ERR_NOMEM, NULL);
	e = dirfile_read(call->operand, mem, &f, &why);
	code = e != OK ? command_fail(call, e, &why) : view_show(call, in_language(call, directory_json(&f, mem)));
	arena_free(mem);
	return code;
}

/* -- check -- */

static json_t *
findings_json(const struct findings *findings, enum lang lang)
{
	json_t *list = json_array();

	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *f = &findings->items[i];

		json_array_append_new(list, json_pack("{s:s, s:s?, s:s, s:s, s:s?}", "level", f->is_warning ? "warning" : "error", "code",
						      f->is_warning ? NULL : err_code(f->e), "where", f->where, "text", f->text[lang], "do",
						      f->is_warning ? NULL : err_remedy(f->e, lang)));
	}
	return list;
}

/* The whole check; `*ret_e` is what directory_open says, who has the last word. */
static enum err
check(const struct call *call, struct arena *mem, struct findings *findings, struct dirfile *f, struct why *why)
{
	const char *at = command_value(call, "at"), *sheets = command_value(call, "sheets");
	int64_t now_ms = clock_wall_ms();
	struct directory *opened;
	struct span text;
	struct trust trust;
	enum err e;

	if (at != NULL && clock_parse(at, &now_ms) != OK)
		return why_set(why, ERR_BAD_DATE, "--at", "write 2026-09-01, or 2026-09-01T10:00:00Z");
	if ((e = plainfile_read(command_value(call, "trust"), DIRFILE_TRUST_MAX, mem, &text, why)) != OK ||
	    (e = dirfile_trust(text, mem, &trust, why)) != OK || (e = dirfile_read(call->operand, mem, f, why)) != OK)
		return e;
	dircheck_signatures(f, &trust, findings);
	dircheck_dates(f->directory, now_ms, findings);
	dircheck_content(f->directory, findings);
	if (sheets != NULL)
		dircheck_sheets(f->directory, sheets, mem, findings);
	/* directory_open has the last word: what the daemons would refuse is never called right here. */
	e = directory_open(f->bytes, &trust, 0, now_ms, mem, &opened, why);
	return findings->errors > 0 ? OK : e;
}

static int
check_result(const struct call *call, const struct findings *findings, const struct dirfile *f)
{
	size_t warnings = findings->n + findings->unkept - findings->errors;
	bool is_good = findings->errors == 0 && (warnings == 0 || command_value(call, "strict") == NULL);
	int code;

	code = view_show(call, json_pack("{s:s, s:I, s:i, s:o}", "result", is_good ? "ok" : "failed", "version",
					 (json_int_t)f->directory->version, "signatures", (int)findings->signatures, "problems",
					 findings_json(findings, call->lang)));
	for (size_t i = 0; i < findings->n && !is_good; i++) {
		const struct finding *found = &findings->items[i];
		struct why why;

		why_set(&why, found->e, found->where, "%s", found->text[call->lang]);
		if (found->is_warning)
			fprintf(call->err, "nasokactl: %s: %s\n", found->where, why.text);
		else
			command_fail(call, found->e, &why);
	}
	return is_good ? code : EXIT_FAILED;
}

int
dircommand_check(const struct call *call)
{
	struct findings *findings = calloc(1, sizeof(*findings));
	struct arena *mem = arena_new(DRAFT_ARENA_BYTES);
	struct why why = { 0 };
	struct dirfile f;
	enum err e;
	int code;

	if (mem == NULL || findings == NULL)
		e = ERR_NOMEM;
	else
		e = check(call, mem, findings, &f, &why);
	code = e != OK ? command_fail(call, e, &why) : check_result(call, findings, &f);
	arena_free(mem);
	free(findings);
	return code;
}
