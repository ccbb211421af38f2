/* SPDX-License-Identifier: EUPL-1.2 */
/* verify - nasoka-audit verify: what was checked, with counts, and what was found. */
#include "hub/audit/verify.h"

#include <jansson.h>
#include <string.h>

#include "hub/audit/checker.h"
#include "hub/audit/opening.h"
#include "hub/ctl/command.h"
#include "hub/ctl/plainfile.h"

#define SINCE_FILE_MAX (64 * 1024)

const struct command_option verify_options[] = {
	{ "config", "FILE", false, { "a hub's own log, by its configuration", "дневникът на концентратор, по настройките му" } },
	{ "trust", "FILE", false, { "the registrars that you trust (with --config: its own)", "регистраторите, на които вярвате (с --config: неговите)" } },
	{ "since", "FILE", false, { "an older checkpoint that you kept", "по-стара контролна точка, която пазите" } },
	{ "json", NULL, false, { "as JSON", "като JSON" } },
	{ .name = NULL },
};

struct judged {
	struct arena *mem;
	struct trust trust;
	struct source_note since;
	struct findings findings;
	struct checker_counts counts;
};

static enum err
judge(const struct call *call, struct source *s, const char *trust_file, const char *since, struct judged *j, struct why *why)
{
	struct checker_input input = { .source = s, .trust = &j->trust };
	enum err e;

	(void)call;
	if ((e = opening_trust(trust_file, j->mem, &j->trust, why)) != OK)
		return e;
	if (since) {
		if ((e = plainfile_read(since, SINCE_FILE_MAX, j->mem, &j->since.bytes, why)) != OK)
			return e;
		(void)snprintf(j->since.place.name, sizeof(j->since.place.name), "%s", since);
		j->since.place.offset = PLACE_NO_OFFSET;
		input.since = &j->since;
		input.n_since = 1;
	}
	return checker_run(&input, &j->findings, &j->counts, why);
}

struct line { const char *key; const char *text[2]; uint64_t value; };

static size_t
lines_of(const struct checker_counts *c, struct line lines[static 16])
{
	const struct line all[] = {
		{ "leaves", { "log entries, each in its place", "записа в дневника, всеки на мястото си" }, c->leaves },
		{ "tiles", { "tiles or subtrees rebuilt and equal", "плочки или поддървета, построени наново и еднакви" }, c->tiles },
		{ "checkpoints", { "signed checkpoints, consistent with each other", "подписани контролни точки, съгласувани помежду си" }, c->checkpoints },
		{ "directories", { "directories signed by the registrars", "регистъра, подписани от регистраторите" }, c->directories },
		{ "sheets", { "key sheets signed by their agencies", "листа с ключове, подписани от институциите си" }, c->sheets },
		{ "details", { "details as their entries say", "записа с подробности, каквито записите им свидетелстват" }, c->details },
		{ "erased", { "erased on record", "заличени, за което има запис" }, c->erased },
		{ "envelopes", { "messages and receipts", "съобщения и разписки" }, c->envelopes },
		{ "bodies", { "of them with their sealed content", "от тях със запечатаното си съдържание" }, c->bodies },
		{ "signatures", { "signed by the agencies that they are from", "подписани от институциите податели" }, c->signatures },
		{ "submits", { "messages submitted", "подадени съобщения" }, c->submits },
		{ "receipts", { "receipts, each of an addressee", "разписки, всяка от адресат" }, c->receipts },
		{ "registered", { "registered by their recipients", "регистрирани от получателите си" }, c->registered },
		{ "ended", { "ended, once each", "приключени, всяко по веднъж" }, c->ended },
		{ "open", { "still on their way", "още на път" }, c->open },
		{ "unsigned", { "entries newer than the newest checkpoint", "записа, по-нови от последната контролна точка" }, c->unsigned_leaves },
	};

	memcpy(lines, all, sizeof(all));
	return sizeof(all) / sizeof(all[0]);
}

static void
print_text(const struct call *call, const struct judged *j)
{
	bool is_bg = call->lang == LANG_BG;
	struct line lines[16];
	size_t n = lines_of(&j->counts, lines);
	unsigned long long n_entries = j->counts.size;

	n_entries += j->counts.unsigned_leaves;
	if (j->findings.n > 0) {
		finding_print(&j->findings, call->lang, call->out);
		fprintf(call->out, is_bg ? "ДНЕВНИКЪТ НЕ СЕ ПОТВЪРЖДАВА: %zu места. Запазете го, както е, и уведомете регистраторите.\n" :
				     "THE LOG DOES NOT VERIFY: %zu places. Keep it as it is and tell the registrars.\n",
			j->findings.n + j->findings.more);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (lines[i].value > 0 || i == 0)
			fprintf(call->out, "%10llu  %s\n", (unsigned long long)lines[i].value, lines[i].text[call->lang]);
	fprintf(call->out, is_bg ? "Дневникът се потвърждава: %s, %llu записа.\n" : "The log verifies: %s, %llu entries.\n",
		j->counts.origin ? j->counts.origin : "-", n_entries);
}

static void
print_json(const struct call *call, const struct judged *j)
{
	json_t *root = json_object(), *counts = json_object();
	char hex[2 * sizeof(j->counts.root.b) + 1];
	struct line lines[16];
	size_t n = lines_of(&j->counts, lines);

	for (size_t i = 0; i < n; i++)
		json_object_set_new(counts, lines[i].key, json_integer((json_int_t)lines[i].value));
	bytes_hex(j->counts.root.b, sizeof(j->counts.root.b), hex);
	json_object_set_new(root, "verifies", json_boolean(j->findings.n == 0));
	json_object_set_new(root, "origin", j->counts.origin ? json_string(j->counts.origin) : json_null());
	json_object_set_new(root, "size", json_integer((json_int_t)j->counts.size));
	json_object_set_new(root, "root", json_string(hex));
	json_object_set_new(root, "checked", counts);
	json_object_set_new(root, "findings", finding_json(&j->findings, call->lang));
	json_object_set_new(root, "more_findings", json_integer((json_int_t)j->findings.more));
	json_dumpf(root, call->out, JSON_INDENT(2));
	fputc('\n', call->out);
	json_decref(root);
}

int
verify_log(const struct call *call)
{
	const char *trust_file = command_value(call, "trust");
	struct judged j = { .mem = arena_new((size_t)4 << 20) };
	struct source *s = NULL;
	struct why why = { .where = "" };
	enum err e;

	if (j.mem == NULL || (e = opening_source(call, &s, &why)) == ERR_NOMEM)
		e = ERR_NOMEM;
	if (e == OK && trust_file == NULL && (trust_file = s->trust_file) == NULL)
		e = why_set(&why, ERR_UNSUPPORTED, "--trust", "name the file of the registrars that you trust");
	if (e == OK)
		e = judge(call, s, trust_file, command_value(call, "since"), &j, &why);
	if (e == OK)
		(command_value(call, "json") ? print_json : print_text)(call, &j);
	opening_close(s);
	arena_free(j.mem);
	if (e != OK)
		return opening_fail(call, e, &why);
	return j.findings.n > 0 ? EXIT_TAMPERED : EXIT_OK;
}

int
verify_first(const struct call *call, struct source *s)
{
	const char *trust_file = command_value(call, "trust");
	struct judged j = { .mem = NULL };
	struct why why = { .where = "" };
	enum err e;

	if (trust_file == NULL)
		return EXIT_OK;
	j.mem = arena_new((size_t)4 << 20);
	e = j.mem ? judge(call, s, trust_file, NULL, &j, &why) : ERR_NOMEM;
	arena_free(j.mem);
	if (e != OK)
		return opening_fail(call, e, &why);
	if (j.findings.n == 0)
		return EXIT_OK;
	finding_print(&j.findings, call->lang, call->err);
	return opening_fail(call, ERR_TAMPERED, NULL);
}
