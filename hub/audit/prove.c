/* SPDX-License-Identifier: EUPL-1.2 */
/* prove - nasoka-audit prove ID. A message id, a receipt's, or "leaf:N". */
#include "hub/audit/prove.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "hub/audit/history.h"
#include "hub/audit/opening.h"
#include "hub/audit/prover.h"
#include "hub/audit/verify.h"
#include "hub/ctl/command.h"
#include "hub/ctl/plainfile.h"

#define PROVE_ARENA ((size_t)1 << 20)
#define LEAF_WORD "leaf:"

const struct command_option prove_options[] = {
	{ "config", "FILE", false, { "a hub's own log, by its configuration", "дневникът на концентратор, по настройките му" } },
	{ "trust", "FILE", false, { "verify the whole log first, by these registrars", "първо провери целия дневник, по тези регистратори" } },
	{ "out", "FILE", false, { "where to write it (else standard output)", "къде да се запише (иначе стандартният изход)" } },
	{ "json", NULL, false, { "say what was proved as JSON", "покажи какво е доказано като JSON" } },
	{ .name = NULL },
};

struct found { struct msgid id; uint64_t leaf; bool is_found; };

static enum err
take_row(void *arg, const struct history_row *row)
{
	struct found *x = arg;

	if (!x->is_found && msgid_eq(&row->detail.id, &x->id)) {
		x->is_found = true;
		x->leaf = row->leaf.seq;
	}
	return OK;
}

static enum err
find_leaf(struct source *s, const char *what, uint64_t *ret_leaf, struct why *why)
{
	const size_t n = sizeof(LEAF_WORD) - 1;
	struct found x = { .is_found = false };
	struct history_filter filter = { .id = &x.id };
	char *end;
	enum err e;

	if (strncmp(what, LEAF_WORD, n) == 0 && what[n] >= '0' && what[n] <= '9') {
		*ret_leaf = strtoull(what + n, &end, 10);
		return *end == '\0' ? OK : why_set(why, ERR_UNSUPPORTED, what, "a number follows leaf:");
	}
	if (msgid_parse(what, &x.id) != OK)
		return why_set(why, ERR_UNSUPPORTED, what, "neither a message id nor leaf:N");
	if ((e = history_run(s, NULL, &filter, take_row, &x, why)) != OK)
		return e;
	*ret_leaf = x.leaf;
	return x.is_found ? OK : why_set(why, ERR_NOTFOUND, what, "no such message in the log");
}

static void
tell(const struct call *call, const struct inclusion *p, const char *out)
{
	if (command_value(call, "json")) {
		json_t *root = json_object();

		json_object_set_new(root, "leaf", json_integer((json_int_t)p->index));
		json_object_set_new(root, "size", json_integer((json_int_t)p->size));
		json_object_set_new(root, "proof", json_string(out));
		json_dumpf(root, call->out, JSON_INDENT(2));
		fputc('\n', call->out);
		json_decref(root);
		return;
	}
	fprintf(call->out, call->lang == LANG_BG ? "%s: запис %llu от %llu\n" : "%s: leaf %llu of %llu\n", out,
		(unsigned long long)p->index, (unsigned long long)p->size);
}

static enum err
run(const struct call *call, struct source *s, struct why *why)
{
	const char *out = command_value(call, "out");
	struct arena *mem = arena_new(PROVE_ARENA);
	struct inclusion proof;
	struct span text;
	uint64_t leaf = 0;
	enum err e;

	if (mem == NULL)
		return ERR_NOMEM;
	if ((e = find_leaf(s, call->second, &leaf, why)) != OK || (e = prover_make(s, leaf, mem, &proof, why)) != OK ||
	    (e = prover_text(&proof, mem, &text)) != OK)
		goto out;
	if (out == NULL)
		fwrite(text.p, 1, text.n, call->out);
	else if ((e = plainfile_make(out, text, why)) == OK)
		tell(call, &proof, out);
out:
	arena_free(mem);
	return e;
}

int
prove_message(const struct call *call)
{
	struct source *s = NULL;
	struct why why = { .where = "" };
	int exit = EXIT_OK;
	enum err e;

	if ((e = opening_source(call, &s, &why)) == OK && (exit = verify_first(call, s)) == EXIT_OK)
		e = run(call, s, &why);
	opening_close(s);
	return e != OK ? opening_fail(call, e, &why) : exit;
}
