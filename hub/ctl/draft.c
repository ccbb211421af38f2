/* SPDX-License-Identifier: EUPL-1.2 */
/* draft - from a file to bound values, from those to the directory.
 *
 * The binder finds what is wrong with a value, the functions below what is wrong between values; what both let pass and
 * directory_decode refuses is told without a line by dircommand.c.
 */
#include "hub/ctl/draft.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "hub/ctl/draft_keys.h"
#include "proto/base/clock.h"
#include "proto/directory_check.h"

struct drafting {
	const struct draft_load *load;
	struct binder b;
	struct draft *draft;
	bool facts_failed;		/* their problems are printed, under their own file's name */
};

/* -- places -- */

static const struct node *
list_item(const struct drafting *d, const char *path, size_t i, const char *key)
{
	const struct node *list = node_at(d->b.root, path, NULL), *item, *kid;

	if (list == NULL || i >= list->n_kids)
		return d->b.root;
	item = &list->kids[i];
	kid = key != NULL ? node_find(item, key, strlen(key)) : NULL;
	return kid != NULL ? kid : item;
}

static void
item_problem(const struct drafting *d, const struct node *at, const char *key, enum problem_id id, const char *arg1, const char *arg2)
{
	problems_add(d->b.problems, (struct problem_place){ at->line, at->col, key }, id, arg1, arg2, NULL);
}

/* -- facts in files of their own -- */

static void
facts_read(struct drafting *d, const char *file, const struct bind_row *rows, void *into)
{
	struct problems *problems = problems_new(file);
	struct node *root = NULL;
	struct binder b = d->b;

	if (problems == NULL)
		return;
	b.rows = rows;
	b.into = into;
	b.problems = problems;
	if (document_load(file, b.mem, &root, problems) == OK && root != NULL) {
		b.root = root;
		d->facts_failed |= binder_run(&b) != OK;
	} else {
		d->facts_failed = true;
	}
	problems_print(problems, d->load->lang, d->load->err);
	problems_free(problems);
}

/* A value may stand here, in the facts, or in both when they agree. */
static void
fact_merge(struct drafting *d, const struct node *at, const char *key, const char **value, const char *fact, const char *help)
{
	if (*value != NULL && fact != NULL && strcmp(*value, fact) != 0)
		item_problem(d, at, key, PROBLEM_DISAGREE, "facts", NULL);
	if (*value == NULL)
		*value = fact;
	if (*value == NULL && !d->facts_failed && problems_errors(d->b.problems) == 0)
		item_problem(d, at, key, PROBLEM_MISSING, help, DRAFT_KEYGEN_HINT);
}

static void
read_all_facts(struct drafting *d)
{
	struct draft *t = d->draft;
	struct draft_hub hub = { 0 };
	const struct node *at = node_at(d->b.root, "hub", NULL);

	at = at != NULL ? at : d->b.root;
	if (t->hub.facts != NULL)
		facts_read(d, t->hub.facts, draft_keys_hub, &hub);
	fact_merge(d, at, "hub.origin", &t->hub.origin, hub.origin, "the log's name");
	fact_merge(d, at, "hub.log", &t->hub.log, hub.log, "the log's public key");
	fact_merge(d, at, "hub.notice", &t->hub.notice, hub.notice, "the public key of notices");
	fact_merge(d, at, "hub.curve", &t->hub.curve, hub.curve, "the public transport key");
	for (size_t i = 0; i < t->n_auditors; i++) {
		struct draft_auditor *a = &t->auditors[i], facts = { 0 };

		at = list_item(d, "auditors.members", i, NULL);
		if (a->facts != NULL)
			facts_read(d, a->facts, draft_keys_auditor, &facts);
		fact_merge(d, at, "auditors.members.name", &a->name, facts.name, "the auditor's name");
		fact_merge(d, at, "auditors.members.key", &a->key, facts.key, "the auditor's public key");
	}
	for (size_t i = 0; i < t->n_agencies; i++) {
		struct draft_agency *a = &t->agencies[i], facts = { 0 };

		at = list_item(d, "agencies", i, NULL);
		if (a->facts != NULL)
			facts_read(d, a->facts, draft_keys_agency, &facts);
		fact_merge(d, at, "agencies.id", &a->id, facts.id, "the agency's id");
		fact_merge(d, at, "agencies.signing", &a->signing, facts.signing, "its public signing key");
	}
}

/* -- between values -- */

static bool
has_agency(const struct draft *t, const char *id)
{
	for (size_t i = 0; i < t->n_agencies; i++)
		if (t->agencies[i].id != NULL && strcmp(t->agencies[i].id, id) == 0)
			return true;
	return false;
}

static void
check_agency(const struct drafting *d, size_t i)
{
	const struct draft *t = d->draft;
	const struct draft_agency *a = &t->agencies[i];
	const struct node *rules = list_item(d, "agencies", i, "may_send");

	for (size_t k = 0; a->id != NULL && k < i; k++)
		if (t->agencies[k].id != NULL && strcmp(t->agencies[k].id, a->id) == 0)
			item_problem(d, list_item(d, "agencies", i, "id"), "agencies.id", PROBLEM_REPEATED, a->id, NULL);
	for (size_t k = 0; k < a->n_may_send; k++) {
		const char *rule = a->may_send[k];
		const struct node *at = k < rules->n_kids ? &rules->kids[k] : rules;

		if (strcmp(rule, DIRECTORY_ALL) != 0 && strncmp(rule, DIRECTORY_KIND, strlen(DIRECTORY_KIND)) != 0 &&
		    !has_agency(t, rule))
			item_problem(d, at, "agencies.may_send", PROBLEM_NO_AGENCY, rule, NULL);
	}
}

static void
check_between(const struct drafting *d)
{
	const struct draft *t = d->draft;
	char n[24], path[64];

	for (size_t i = 0; i < t->n_agencies; i++)
		check_agency(d, i);
	for (size_t i = 0; i < t->n_coordinators; i++) {
		if (t->coordinators[i].agency == NULL || has_agency(t, t->coordinators[i].agency))
			continue;
		snprintf(path, sizeof(path), "coordinators.%s", t->coordinators[i].municipality ? t->coordinators[i].municipality : "");
		binder_problem(&d->b, path, PROBLEM_NO_AGENCY, t->coordinators[i].agency, NULL);
	}
	for (size_t i = 0; i < t->n_auditors; i++)
		for (size_t k = 0; k < i && t->auditors[i].name != NULL; k++)
			if (t->auditors[k].name != NULL && strcmp(t->auditors[k].name, t->auditors[i].name) == 0)
				item_problem(d, list_item(d, "auditors.members", i, "name"), "auditors.members.name",
					     PROBLEM_REPEATED, t->auditors[i].name, NULL);
	snprintf(n, sizeof(n), "%zu", t->n_auditors);
	if (t->n_auditors > 0 && t->auditor_threshold > t->n_auditors)
		binder_problem(&d->b, "auditors.threshold", PROBLEM_AT_MOST, n, "auditors.members");
	snprintf(n, sizeof(n), "%zu", t->n_registrars);
	if (t->n_registrars > 0 && t->registrar_threshold > t->n_registrars)
		binder_problem(&d->b, "registrars.threshold", PROBLEM_AT_MOST, n, "registrars.keys");
}

/* -- to a directory -- */

static int
compare_agency(const void *a, const void *b)
{
	return strcmp(((const struct agency *)a)->id, ((const struct agency *)b)->id);
}

static int
compare_coordinator(const void *a, const void *b)
{
	return strcmp(((const struct coordinator *)a)->municipality, ((const struct coordinator *)b)->municipality);
}

/* Bound texts have been looked at by their form: parsing cannot fail. */
static void
put_key(const char *text, struct public_key *ret_key)
{
	if (!draft_keys_parse(text, ret_key))
		memset(ret_key, 0, sizeof(*ret_key));
}

static const char **
copy_texts(const char *const *texts, size_t n, struct arena *mem)
{
	const char **to = arena_array(mem, n + 1, sizeof(*to));

	for (size_t i = 0; to != NULL && i < n; i++)
		to[i] = texts[i];
	return to;
}

static bool
put_agencies(const struct draft *t, struct arena *mem, struct directory *d)
{
	d->agencies = arena_array(mem, t->n_agencies + 1, sizeof(*d->agencies));
	d->coordinators = arena_array(mem, t->n_coordinators + 1, sizeof(*d->coordinators));
	if (d->agencies == NULL || d->coordinators == NULL)
		return false;
	for (size_t i = 0; i < t->n_agencies; i++) {
		const struct draft_agency *from = &t->agencies[i];
		struct agency *to = &d->agencies[i];

		*to = (struct agency){ from->id, from->kind, from->municipality, .name_bg = from->name_bg,
				       .name_en = from->name_en ? from->name_en : "", .n_may_send = from->n_may_send,
				       .n_services = from->n_services };
		put_key(from->signing, &to->signing);
		key_id_of(KEY_SIGNING, &to->signing, &to->signing_id);
		to->may_send = copy_texts(from->may_send, from->n_may_send, mem);
		to->services = copy_texts(from->services, from->n_services, mem);
	}
	for (size_t i = 0; i < t->n_coordinators; i++)
		d->coordinators[i] = (struct coordinator){ t->coordinators[i].municipality, t->coordinators[i].agency };
	d->n_agencies = t->n_agencies;
	d->n_coordinators = t->n_coordinators;
	qsort(d->agencies, d->n_agencies, sizeof(*d->agencies), compare_agency);
	qsort(d->coordinators, d->n_coordinators, sizeof(*d->coordinators), compare_coordinator);
	return true;
}

static bool
put_offices(const struct draft *t, struct arena *mem, struct directory *d)
{
	d->auditors = arena_array(mem, t->n_auditors + 1, sizeof(*d->auditors));
	d->registrars = arena_array(mem, t->n_registrars + 1, sizeof(*d->registrars));
	if (d->auditors == NULL || d->registrars == NULL)
		return false;
	for (size_t i = 0; i < t->n_auditors; i++) {
		d->auditors[i].name = t->auditors[i].name;
		put_key(t->auditors[i].key, &d->auditors[i].pub);
		key_id_of(KEY_AUDITOR, &d->auditors[i].pub, &d->auditors[i].id);
	}
	for (size_t i = 0; i < t->n_registrars; i++)
		if (note_verifier_parse(t->registrars[i], mem, &d->registrars[i]) != OK)
			return false;
	d->n_auditors = t->n_auditors;
	d->threshold = t->auditor_threshold;
	d->n_registrars = t->n_registrars;
	d->registrar_threshold = t->registrar_threshold;
	return true;
}

static enum err
to_directory(const struct drafting *d, struct arena *mem, struct directory **ret_directory)
{
	const struct draft *t = d->draft;
	struct directory *to = arena_alloc(mem, sizeof(*to));

	if (to == NULL)
		return ERR_TOOBIG;
	to->version = t->version;
	to->valid_from_ms = d->load->now_ms;
	if (t->valid_from != NULL && clock_parse(t->valid_from, &to->valid_from_ms) != OK)
		return ERR_BAD_DATE;
	to->valid_until_ms = to->valid_from_ms + (int64_t)t->valid_days * CLOCK_DAY;
	to->origin = t->hub.origin;
	put_key(t->hub.log, &to->log);
	put_key(t->hub.notice, &to->notice);
	put_key(t->hub.curve, &to->curve);
	if (!put_agencies(t, mem, to) || !put_offices(t, mem, to))
		return ERR_TOOBIG;
	if (rulebook_put(&t->rules, mem, &to->rules) != OK)
		return ERR_TOOBIG;
	*ret_directory = to;
	return OK;
}

/* Where relative paths in the draft count from. */
static const char *
folder_of(const char *file, struct arena *mem)
{
	char real[PATH_MAX];

	if (realpath(file, real) == NULL)
		return arena_str(mem, "/");	/* reading the file says why */
	*(strrchr(real, '/') + (strrchr(real, '/') == real)) = '\0';
	return arena_str(mem, real);
}

enum err
draft_load(const struct draft_load *load, struct arena *mem, struct directory **ret_directory)
{
	struct problems *problems = problems_new(load->file);
	struct drafting d = { .load = load, .draft = arena_alloc(mem, sizeof(struct draft)) };
	struct node *root = NULL;
	enum err e = ERR_NOMEM;

	if (problems == NULL || d.draft == NULL)
		goto out;
	d.b = (struct binder){ .rows = draft_keys, .into = d.draft, .mem = mem, .problems = problems,
			       .dir = folder_of(load->file, mem) };
	if ((e = document_load(load->file, mem, &root, problems)) != OK && root == NULL)
		goto out;
	d.b.root = root;
	if (binder_run(&d.b) != ERR_TOOBIG) {
		read_all_facts(&d);
		check_between(&d);
	}
	e = arena_is_full(mem) ? ERR_TOOBIG : problems_errors(problems) > 0 || d.facts_failed ? ERR_CONFIG : OK;
	if (e == OK)
		e = to_directory(&d, mem, ret_directory);
out:
	if (problems != NULL)
		problems_print(problems, load->lang, load->err);
	problems_free(problems);
	return e;
}
