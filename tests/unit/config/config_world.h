/* SPDX-License-Identifier: EUPL-1.2 */
/* config_world - a temporary folder with every file that a configuration may name, for the tests of config/.
 *
 * Wrong configurations are told as edits of a right one: replace `find` by `with` and the loader says `says`, which holds
 * one "line:col: key: problem" a line, exactly as printed, without the hints.
 */
#ifndef TESTS_CONFIG_WORLD_H
#define TESTS_CONFIG_WORLD_H

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* after the above */
#include <cmocka.h>

#include "config/config.h"
#include "config/problem.h"
#include "proto/base/arena.h"

struct world {
	char dir[64];
	struct arena *mem;
	struct problems *problems;
	char *said;		/* what the last load printed, hints included */
};

struct wrong {
	const char *find, *with;	/* find NULL: `with` is the whole file */
	const char *says;
};

static inline char *
world_path(const struct world *w, const char *name, char to[static 256])
{
	snprintf(to, 256, "%s/%s", w->dir, name);
	return to;
}

static inline void
world_write(const struct world *w, const char *name, const void *bytes, size_t n, mode_t mode)
{
	char path[256];
	FILE *f = fopen(world_path(w, name, path), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static inline void
world_mkdir(const struct world *w, const char *name, mode_t mode)
{
	char path[256];

	assert_int_equal(mkdir(world_path(w, name, path), mode), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static inline int
world_setup(void **state)
{
	static const char *const open_files[] = { "directory.note", "registrars.txt", "cert.pem", "hub.pub" };
	static const char *const secrets[] = { "key.pem", "tokens", "webhook" };
	static const char *const dirs[] = { "keys", "sheets", "var", "run", "in", "done", "bad", "out" };
	struct world *w = calloc(1, sizeof(*w));
	size_t i;

	assert_non_null(w);
	strcpy(w->dir, "/tmp/test-config-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	for (i = 0; i < sizeof(open_files) / sizeof(open_files[0]); i++)
		world_write(w, open_files[i], "x\n", 2, 0644);
	for (i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		world_write(w, secrets[i], "x\n", 2, 0600);
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		world_mkdir(w, dirs[i], 0700);
	world_write(w, "open-secret", "x\n", 2, 0640);
	world_mkdir(w, "shared-keys", 0770);
	w->mem = arena_new(CONFIG_ARENA_BYTES);
	*state = w;
	return 0;
}

static inline int
world_teardown(void **state)
{
	struct world *w = *state;
	char command[96];

	snprintf(command, sizeof(command), "rm -rf '%s'", w->dir);
	assert_int_equal(system(command), 0);
	problems_free(w->problems);
	arena_free(w->mem);
	free(w->said);
	free(w);
	return 0;
}

/* `text` with the first `find` replaced, from the heap. */
static inline char *
world_edit(const char *text, const char *find, const char *with)
{
	const char *at = find != NULL ? strstr(text, find) : text;
	char *edited;
	size_t n;

	if (find == NULL)
		return strdup(with);
	if (at == NULL)
		fail_msg("the base has no '%s'", find);
	n = strlen(text) + strlen(with) + 1;
	assert_non_null(edited = malloc(n));
	snprintf(edited, n, "%.*s%s%s", (int)(at - text), text, with, at + strlen(find));
	return edited;
}

/* Write `text` as c.yaml and load it with `load`; what was wrong is in w->said, one "c.yaml:..." a line. */
typedef enum err world_load_fn(const char *file, struct world *w);

static inline enum err
world_load(struct world *w, const char *text, world_load_fn *load)
{
	char file[256];
	size_t n;
	FILE *to;
	enum err e;

	world_write(w, "c.yaml", text, strlen(text), 0600);
	arena_reset(w->mem);
	problems_free(w->problems);
	free(w->said);
	w->problems = problems_new("c.yaml");
	e = load(world_path(w, "c.yaml", file), w);
	assert_non_null(to = open_memstream(&w->said, &n));
	problems_print(w->problems, LANG_EN, to);
	fclose(to);
	return e;
}

/* Every printed line is "c.yaml:" and one line of `says`, then "; " and a hint. */
static inline bool
world_said(const struct world *w, const char *says)
{
	const char *line = w->said;

	while (*says != '\0') {
		size_t n = strcspn(says, "\n");

		if (strncmp(line, "c.yaml:", 7) != 0 || strncmp(line + 7, says, n) != 0 || strncmp(line + 7 + n, "; ", 2) != 0)
			return false;
		if (strcspn(line + 7 + n + 2, "\n") == 0)
			return false;	/* an empty hint */
		line += strcspn(line, "\n") + 1;
		says += n + (says[n] == '\n');
	}
	return *line == '\0';
}

static inline void
world_check_wrong(struct world *w, const char *base, const struct wrong *wrong, size_t n_wrong, world_load_fn *load)
{
	unsigned failed = 0;
	size_t i;

	for (i = 0; i < n_wrong; i++) {
		char *text = world_edit(base, wrong[i].find, wrong[i].with);
		enum err e = world_load(w, text, load);

		free(text);
		if (e == ERR_CONFIG && world_said(w, wrong[i].says))
			continue;
		failed++;
		print_error("case %zu (%s): error %d\nwanted:\n%s\nsaid:\n%s\n", i, wrong[i].with, (int)e, wrong[i].says, w->said);
	}
	assert_int_equal(failed, 0);
}

#endif
