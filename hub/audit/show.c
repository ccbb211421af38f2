/* SPDX-License-Identifier: EUPL-1.2 */
/* show - nasoka-audit show ID: the rows of its history, and the proof that it is in the log. */
#include "hub/audit/show.h"

#include <jansson.h>
#include <string.h>

#include "hub/audit/listing.h"
#include "hub/audit/opening.h"
#include "hub/audit/prover.h"
#include "hub/audit/verify.h"
#include "hub/ctl/command.h"
#include "proto/note.h"

#define SHOW_ARENA ((size_t)1 << 20)

const struct command_option show_options[] = {
	{ "config", "FILE", false, { "a hub's own log, by its configuration", "дневникът на концентратор, по настройките му" } },
	{ "trust", "FILE", false, { "verify the whole log first, by these registrars", "първо провери целия дневник, по тези регистратори" } },
	{ "key", "FILE", false, { "an auditor's key: kind and states as well", "ключ на одитор: и вид, и състояния" } },
	{ "json", NULL, false, { "as JSON", "като JSON" } },
	{ .name = NULL },
};

struct shown {
	struct listing *listing;	/* NULL: JSON */
	json_t *events;
	struct msgid id;
	uint64_t leaf;
	bool is_found;
};

static enum err
take_row(void *arg, const struct history_row *row)
{
	struct shown *x = arg;

	if (!x->is_found && msgid_eq(&row->detail.id, &x->id)) {
		x->is_found = true;
		x->leaf = row->leaf.seq;
	}
	if (x->listing)
		return listing_row(x->listing, row);
	return json_array_append_new(x->events, listing_json(row)) == 0 ? OK : ERR_NOMEM;
}

static void
print_proof(const struct call *call, const struct inclusion *p, struct arena *mem)
{
	bool is_bg = call->lang == LANG_BG;

	fprintf(call->out, is_bg ? "\nДоказателство: запис %llu от %llu, корен %s\n" : "\nProof: leaf %llu of %llu, root %s\n",
		(unsigned long long)p->index, (unsigned long long)p->size, note_base64(SPAN(p->root.b, sizeof(p->root.b)), mem));
	for (size_t i = 0; i < p->n_path; i++)
		fprintf(call->out, "  %s\n", note_base64(SPAN(p->path[i].b, sizeof(p->path[i].b)), mem));
}

static void
print_json(const struct call *call, struct shown *x, const struct inclusion *p, struct arena *mem)
{
	json_t *root = json_object(), *proof = json_object(), *path = json_array();
	char text[MSGID_TEXT_LEN];

	msgid_format(&x->id, text);
	for (size_t i = 0; i < p->n_path; i++)
		json_array_append_new(path, json_string(note_base64(SPAN(p->path[i].b, sizeof(p->path[i].b)), mem)));
	json_object_set_new(proof, "index", json_integer((json_int_t)p->index));
	json_object_set_new(proof, "size", json_integer((json_int_t)p->size));
	json_object_set_new(proof, "leaf", json_string(note_base64(SPAN(p->leaf, LEAF_LEN), mem)));
	json_object_set_new(proof, "root", json_string(note_base64(SPAN(p->root.b, sizeof(p->root.b)), mem)));
	json_object_set_new(proof, "path", path);
	json_object_set_new(proof, "checkpoint", json_stringn((const char *)p->checkpoint.p, p->checkpoint.n));
	json_object_set_new(root, "id", json_string(text));
	json_object_set_new(root, "events", json_incref(x->events));
	json_object_set_new(root, "proof", proof);
	json_dumpf(root, call->out, JSON_INDENT(2));
	fputc('\n', call->out);
	json_decref(root);
}

static enum err
run(const struct call *call, struct source *s, const struct key *auditor, struct shown *x, struct why *why)
{
	struct history_filter filter = { .id = &x->id };
	struct arena *mem = arena_new(SHOW_ARENA);
	struct inclusion proof;
	size_t n = 0;
	enum err e, end = OK;

	x->events = json_array();
	if (!command_value(call, "json") && (x->listing = listing_new(LISTING_TABLE, call->lang, auditor != NULL, call->out)) == NULL)
		e = ERR_NOMEM;
	else
		e = mem && x->events ? history_run(s, auditor, &filter, take_row, x, why) : ERR_NOMEM;
	if (x->listing)
		end = listing_end(x->listing, &n);
	if (e == OK && (e = end) == OK && !x->is_found)
		e = why_set(why, ERR_NOTFOUND, call->second, "no such message in the log");
	if (e == OK && (e = prover_make(s, x->leaf, mem, &proof, why)) == OK) {
		if (x->listing)
			print_proof(call, &proof, mem);
		else
			print_json(call, x, &proof, mem);
	}
	json_decref(x->events);
	arena_free(mem);
	return e;
}

int
show_message(const struct call *call)
{
	const char *key_file = command_value(call, "key");
	struct shown x = { .listing = NULL };
	struct source *s = NULL;
	struct key *auditor = NULL;
	struct why why = { .where = "" };
	int exit = EXIT_OK;
	enum err e;

	if (msgid_parse(call->second, &x.id) != OK)
		e = why_set(&why, ERR_UNSUPPORTED, call->second, "not a message id");
	else
		e = opening_source(call, &s, &why);
	if (e == OK && key_file)
		e = key_load(key_file, KEY_AUDITOR, &auditor, &why);
	if (e == OK && (exit = verify_first(call, s)) == EXIT_OK)
		e = run(call, s, auditor, &x, &why);
	key_free(auditor);
	opening_close(s);
	return e != OK ? opening_fail(call, e, &why) : exit;
}
