/* SPDX-License-Identifier: EUPL-1.2 */
/* keyset - all or none: what is there is looked for first, and what was written before a failure is taken away again. */
#include "hub/ctl/keyset.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "hub/ctl/plainfile.h"
#include "proto/note.h"

void
keyset_init(struct keyset *set, struct arena *mem)
{
	memset(set, 0, sizeof(*set));
	set->mem = mem;
}

void
keyset_done(struct keyset *set)
{
	for (size_t i = 0; i < set->n; i++)
		key_free(set->keys[i].key);
	set->n = 0;
}

enum err
keyset_add(struct keyset *set, enum key_use use, const char *path, const struct key **ret_key)
{
	enum err e;

	assert(set->n < KEYSET_MAX);
	if (path == NULL)
		return ERR_TOOBIG;
	if ((e = key_make(use, &set->keys[set->n].key)) != OK)
		return e;
	set->keys[set->n].path = path;
	if (ret_key != NULL)
		*ret_key = set->keys[set->n].key;
	set->n++;
	return OK;
}

void
keyset_add_file(struct keyset *set, const char *path, struct span bytes)
{
	assert(set->n_files < sizeof(set->files) / sizeof(set->files[0]));
	set->files[set->n_files].path = path;
	set->files[set->n_files++].bytes = bytes;
}

void
keyset_fact(struct keyset *set, const char *name, const char *value)
{
	if (value == NULL)
		return;
	assert(set->n_facts < KEYSET_FACTS_MAX);
	set->facts[set->n_facts].name = name;
	set->facts[set->n_facts++].value = value;
}

const char *
keyset_base64(struct keyset *set, const struct key *key)
{
	return note_base64(SPAN(key_public(key)->b, KEY_LEN), set->mem);
}

struct span
keyset_yaml(struct keyset *set, const char *title)
{
	struct buf b;

	buf_init(&b, set->mem);
	if (title != NULL)
		buf_fmt(&b, "# %s\n", title);
	for (size_t i = 0; i < set->n_facts; i++)
		buf_fmt(&b, "%s: %s\n", set->facts[i].name, set->facts[i].value);
	return buf_bytes(&b);
}

void
keyset_print_json(const struct keyset *set, FILE *to)
{
	json_t *root = json_object(), *files = json_array();

	for (size_t i = 0; i < set->n_facts; i++)
		json_object_set_new(root, set->facts[i].name, json_string(set->facts[i].value));
	for (size_t i = 0; i < set->n; i++)
		json_array_append_new(files, json_string(set->keys[i].path));
	for (size_t i = 0; i < set->n_files; i++)
		json_array_append_new(files, json_string(set->files[i].path));
	json_object_set_new(root, "files", files);
	json_dumpf(root, to, JSON_INDENT(2));
	fputc('\n', to);
	json_decref(root);
}

static enum err
look(const char *path, struct why *why)
{
	return plainfile_exists(path) ? why_set(why, ERR_EXISTS, path, "nothing was written") : OK;
}

static enum err
save_keys(const struct keyset *set, size_t *ret_saved, struct why *why)
{
	enum err e;

	for (*ret_saved = 0; *ret_saved < set->n; (*ret_saved)++)
		if ((e = key_save(set->keys[*ret_saved].key, set->keys[*ret_saved].path)) != OK)
			return why_set(why, e, set->keys[*ret_saved].path, "cannot be written");
	return OK;
}

static enum err
save_files(const struct keyset *set, size_t *ret_saved, struct why *why)
{
	enum err e;

	for (*ret_saved = 0; *ret_saved < set->n_files; (*ret_saved)++)
		if ((e = plainfile_make(set->files[*ret_saved].path, set->files[*ret_saved].bytes, why)) != OK)
			return e;
	return OK;
}

enum err
keyset_save(const struct keyset *set, struct why *why)
{
	size_t keys = 0, files = 0;
	enum err e = OK;

	if (arena_is_full(set->mem))
		return ERR_TOOBIG;
	for (size_t i = 0; i < set->n && e == OK; i++)
		e = look(set->keys[i].path, why);
	for (size_t i = 0; i < set->n_files && e == OK; i++)
		e = look(set->files[i].path, why);
	if (e != OK)
		return e;
	if ((e = save_keys(set, &keys, why)) == OK)
		e = save_files(set, &files, why);
	if (e == OK)
		return OK;
	while (keys > 0)
		unlink(set->keys[--keys].path);
	while (files > 0)
		unlink(set->files[--files].path);
	return e;
}
