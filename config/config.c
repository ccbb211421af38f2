/* SPDX-License-Identifier: EUPL-1.2 */
/* config - from a file's name to checked values, in four steps: read, bind, check across keys, complete. Called by the
 * daemons' mains; nothing else in the tree reads a configuration.
 */
#include "config/config.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "config/binder.h"
#include "config/effective.h"
#include "config/problem.h"
#include "config/setting.h"
#include "config/tables.h"
#include "proto/base/arena.h"

/* What makes one kind of configuration of the loader's four steps. */
struct shape {
	void (*check)(const struct binder *b, const void *config);
	enum err (*complete)(const struct binder *b, void *config) MUST_USE;
};

void
config_check_order(const struct binder *b, const struct config_order *o)
{
	bool at_large = node_at(b->root, o->large, NULL) != NULL || node_at(b->root, o->small, NULL) == NULL;
	char text[SETTING_TEXT_LEN];

	if (o->small_value <= o->large_value)
		return;
	(o->is_size ? setting_format_size : setting_format_duration)(at_large ? o->small_value : o->large_value, text);
	if (at_large)
		binder_problem(b, o->large, PROBLEM_AT_LEAST, text, o->small);
	else
		binder_problem(b, o->small, PROBLEM_AT_MOST, text, o->large);
}

/* The directory that relative paths count from: where the file is. */
static const char *
dir_of(const char *file, struct arena *mem)
{
	char real[PATH_MAX];

	if (realpath(file, real) == NULL)
		return arena_str(mem, "/");	/* reading the file says why */
	*(strrchr(real, '/') + (strrchr(real, '/') == real)) = '\0';
	return arena_str(mem, real);
}

static enum err
load_tree(const char *file, struct binder *b)
{
	struct node *root = NULL;
	enum err e;

	b->dir = dir_of(file, b->mem);
	e = document_load(file, b->mem, &root, b->problems);
	b->root = root;
	return e;
}

/* A full arena is one more thing wrong with the file. */
static enum err
verdict(const struct binder *b)
{
	if (arena_is_full(b->mem))
		problems_add(b->problems, (struct problem_place){ 0 }, PROBLEM_TOO_MUCH, NULL, NULL, NULL);
	return problems_verdict(b->problems);
}

/* Read, bind, check, complete: into `b->into`, which keeps what was right even when not all was. */
static enum err
load(const char *file, const struct shape *shape, struct binder *b)
{
	enum err e;

	if (b->into == NULL)
		return verdict(b);
	if ((e = load_tree(file, b)) == ERR_NOMEM)
		return e;
	if (b->root != NULL && binder_run(b) != ERR_TOOBIG)
		shape->check(b, b->into);
	if ((e = verdict(b)) != OK)
		return e;
	return shape->complete(b, b->into) == OK ? OK : verdict(b);
}

static void
hub_check(const struct binder *b, const void *config)
{
	hub_config_check(b, config);
}

static enum err
hub_complete(const struct binder *b, void *config)
{
	(void)b, (void)config;		/* every value of the hub is as it was bound */
	return OK;
}

static void
adapter_check(const struct binder *b, const void *config)
{
	adapter_config_check(b, config);
}

static enum err
adapter_complete(const struct binder *b, void *config)
{
	return adapter_config_complete(b, config);
}

static const struct shape hub_shape = { hub_check, hub_complete };
static const struct shape adapter_shape = { adapter_check, adapter_complete };

static struct adapter_config *
new_adapter(enum adapter_sector sector, struct arena *mem)
{
	struct adapter_config *c = arena_alloc(mem, sizeof(*c));

	if (c != NULL)
		c->sector = sector;
	return c;
}

enum err
config_load_hub(const char *file, struct arena *mem, struct hub_config **ret_config, struct problems *problems)
{
	struct hub_config *c = arena_alloc(mem, sizeof(*c));
	struct binder b = { .rows = hub_config_rows, .into = c, .mem = mem, .problems = problems };
	enum err e = load(file, &hub_shape, &b);

	*ret_config = e == OK ? c : NULL;
	return e;
}

enum err
config_load_adapter(const char *file, enum adapter_sector sector, struct arena *mem, struct adapter_config **ret_config,
		    struct problems *problems)
{
	struct adapter_config *c = new_adapter(sector, mem);
	struct binder b = { .rows = adapter_config_rows, .into = c, .mem = mem, .problems = problems };
	enum err e = load(file, &adapter_shape, &b);

	*ret_config = e == OK ? c : NULL;
	return e;
}

/* The language of the problems: the file's own choice if it can be read, the terminal's otherwise. */
static enum lang
language_of(const struct binder *b)
{
	static const char *const variables[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	const struct node *node = b->root != NULL ? node_at(b->root, "language", NULL) : NULL;
	size_t i;

	if (node != NULL && node->kind == NODE_TEXT)
		return strcmp(node->text, "bg") == 0 ? LANG_BG : LANG_EN;
	for (i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *value = getenv(variables[i]);

		if (value != NULL && value[0] != '\0')
			return strncmp(value, "bg", 2) == 0 ? LANG_BG : LANG_EN;
	}
	return LANG_EN;
}

/* True to go on. */
static bool
begin(const struct config_start *start, const struct shape *shape, struct binder *b, int *ret_exit)
{
	FILE *out = start->out ? start->out : stdout, *err = start->err ? start->err : stderr;
	struct problems *problems = problems_new(start->file);
	enum err e = ERR_NOMEM;

	if (problems == NULL)
		goto out;
	b->problems = problems;
	b->is_away = start->mode == CONFIG_AWAY;
	e = load(start->file, shape, b);
	problems_print(problems, language_of(b), err);
	if (e == OK && start->mode == CONFIG_CHECK)
		fprintf(err, language_of(b) == LANG_BG ? "%s: настройките са верни\n" : "%s: the configuration is right\n",
			start->file);
	/* What was printed for another program is not allowed to be cut short unnoticed. */
	if (e == OK && start->mode == CONFIG_PRINT) {
		effective_print(b, start->file, out);
		if (fflush(out) != 0 || ferror(out))
			e = ERR_SYSTEM;
	}
out:
	b->problems = NULL;
	problems_free(problems);
	*ret_exit = e == OK ? 0 : err_exit_code(e);
	return e == OK && (start->mode == CONFIG_RUN || start->mode == CONFIG_AWAY);
}

bool
config_start_hub(const struct config_start *start, struct arena *mem, struct hub_config **ret_config, int *ret_exit)
{
	struct hub_config *c = arena_alloc(mem, sizeof(*c));
	struct binder b = { .rows = hub_config_rows, .into = c, .mem = mem };
	bool on = begin(start, &hub_shape, &b, ret_exit);

	*ret_config = on ? c : NULL;
	return on;
}

bool
config_start_adapter(const struct config_start *start, enum adapter_sector sector, struct arena *mem,
		     struct adapter_config **ret_config, int *ret_exit)
{
	struct adapter_config *c = new_adapter(sector, mem);
	struct binder b = { .rows = adapter_config_rows, .into = c, .mem = mem };
	bool on = begin(start, &adapter_shape, &b, ret_exit);

	*ret_config = on ? c : NULL;
	return on;
}
