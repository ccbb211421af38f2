/* SPDX-License-Identifier: EUPL-1.2 */
/* binder - walks the tree against the table of keys, then the table against the tree. The first walk finds what is
 * given (and what nobody knows), the second what is not. Called by config.c with the tables of hub_config.c and
 * adapter_config.c. Values are bound by bind_value.c.
 */
#include "config/binder.h"

#include <stdio.h>
#include <string.h>

#include "config/bind_value.h"
#include "proto/base/arena.h"

enum { NEAR_ENOUGH = 2, WORD_LEN = 64, KEYS_LEN = 240 };

static const struct bind_row *
find_row(const struct bind_row *rows, const char *path)
{
	for (; rows->path != NULL; rows++)
		if (strcmp(rows->path, path) == 0)
			return rows;
	return NULL;
}

/* "a.b" stands above "a.b.c". */
static bool
is_above(const char *path, const char *below)
{
	size_t n = strlen(path);

	return n == 0 || (strncmp(path, below, n) == 0 && below[n] == '.');
}

static bool
has_rows_below(const struct bind_row *rows, const char *path)
{
	for (; rows->path != NULL; rows++)
		if (is_above(path, rows->path))
			return true;
	return false;
}

/* How many letters to change, add, remove or swap with a neighbour to make one word of the other; more than enough when
 * it is long.
 */
static unsigned
distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
	unsigned rows[3][WORD_LEN + 1];
	size_t i, j;

	if (n_a > WORD_LEN || n_b > WORD_LEN)
		return WORD_LEN;
	for (j = 0; j <= n_b; j++)
		rows[0][j] = (unsigned)j;
	for (i = 1; i <= n_a; i++) {
		unsigned *now = rows[i % 3];
		const unsigned *last = rows[(i + 2) % 3], *older = rows[(i + 1) % 3];

		now[0] = (unsigned)i;
		for (j = 1; j <= n_b; j++) {
			unsigned best = last[j - 1] + (a[i - 1] != b[j - 1]);

			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && older[j - 2] + 1 < best)
				best = older[j - 2] + 1;
			now[j] = best;
		}
	}
	return rows[n_a % 3][n_b];
}

/* The words that may stand right below `path`, each once: the nearest to `word`, and all of them as text. */
static unsigned
near_words(const struct bind_row *rows, const char *path, const char *word, char near[static WORD_LEN],
	   char all[static KEYS_LEN])
{
	size_t skip = path[0] != '\0' ? strlen(path) + 1 : 0, n, n_last = 0;
	const char *last = "";
	unsigned best = WORD_LEN, d;

	all[0] = '\0';
	for (; rows->path != NULL; rows++) {
		const char *kid = rows->path + skip;

		if (!is_above(path, rows->path))
			continue;
		n = strcspn(kid, ".");
		if (n == n_last && strncmp(kid, last, n) == 0)
			continue;
		last = kid;
		n_last = n;
		d = distance(word, strlen(word), kid, n);
		if (d < best && n < WORD_LEN) {
			best = d;
			snprintf(near, WORD_LEN, "%.*s", (int)n, kid);
		}
		if (strlen(all) + n + 3 < KEYS_LEN)
			snprintf(all + strlen(all), KEYS_LEN - strlen(all), "%s%.*s", all[0] ? ", " : "", (int)n, kid);
	}
	return best;
}

static void
add_unknown(const struct binder *b, const struct bind_row *rows, const char *above, const char *path, const struct node *node)
{
	struct problem_place place = { node->key_line, node->key_col, path };
	char near[WORD_LEN] = "", all[KEYS_LEN];
	unsigned d = near_words(rows, above, node->key, near, all);

	if (d <= NEAR_ENOUGH && d < strlen(node->key))
		problems_add(b->problems, place, PROBLEM_UNKNOWN_NEAR, near, NULL, NULL);
	else
		problems_add(b->problems, place, PROBLEM_UNKNOWN, all, NULL, NULL);
}

static bool
is_map(const struct binder *b, const struct node *node, const char *path)
{
	bool empty = node->kind == NODE_TEXT && !node->quoted && node->text[0] == '\0';

	if (node->kind == NODE_MAP)
		return true;
	problems_add(b->problems, (struct problem_place){ node->line, node->col, path },
		     empty ? PROBLEM_EMPTY : PROBLEM_WANT_SECTION, NULL, NULL, NULL);
	return false;
}

static void
bind_section(const struct binder *b, const struct node *node, const char *above)
{
	size_t i;

	if (!is_map(b, node, above))
		return;
	for (i = 0; i < node->n_kids; i++) {
		const struct node *kid = &node->kids[i];
		const struct bind_row *row;
		char path[PROBLEM_KEY_LEN];

		snprintf(path, sizeof(path), "%s%s%s", above, above[0] != '\0' ? "." : "", kid->key);
		row = find_row(b->rows, path);
		if (row != NULL && row->type == BIND_SECTION)
			*(bool *)((char *)b->into + row->offset) = true;
		if (strchr(kid->key, '.') != NULL)
			add_unknown(b, b->rows, above, path, kid);
		else if (row != NULL && row->type != BIND_SECTION)
			bind_value(b, row, b->into, kid, path);
		else if (row != NULL || has_rows_below(b->rows, path))
			bind_section(b, kid, path);
		else
			add_unknown(b, b->rows, above, path, kid);
	}
}

void
binder_item(const struct binder *b, const struct bind_row *rows, void *into, const struct node *node, const char *path)
{
	const struct bind_row *row;
	char kid_path[PROBLEM_KEY_LEN];
	size_t i;

	if (!is_map(b, node, path))
		return;
	for (row = rows; row->path != NULL; row++)
		bind_default(b, row, into);
	for (i = 0; i < node->n_kids; i++) {
		snprintf(kid_path, sizeof(kid_path), "%s.%s", path, node->kids[i].key);
		if ((row = find_row(rows, node->kids[i].key)) != NULL)
			bind_value(b, row, into, &node->kids[i], kid_path);
		else
			add_unknown(b, rows, "", kid_path, &node->kids[i]);
	}
	for (row = rows; row->path != NULL; row++) {
		if (!(row->flags & BIND_REQUIRED) || node_find(node, row->path, strlen(row->path)) != NULL)
			continue;
		snprintf(kid_path, sizeof(kid_path), "%s.%s", path, row->path);
		problems_add(b->problems, (struct problem_place){ node->line, node->col, kid_path }, PROBLEM_MISSING, row->help,
			     row->hint, NULL);
	}
}

bool
binder_is_active(const struct binder *b, const struct bind_row *row)
{
	const struct bind_row *section;

	for (section = b->rows; section->path != NULL; section++)
		if (section->type == BIND_SECTION && is_above(section->path, row->path) &&
		    node_at(b->root, section->path, NULL) == NULL)
			return false;
	return true;
}

void
binder_problem(const struct binder *b, const char *path, enum problem_id id, const char *arg1, const char *arg2)
{
	const struct node *near = b->root, *at = node_at(b->root, path, &near);
	struct problem_place place = { near->line, near->col, path };

	if (at != NULL)
		place = (struct problem_place){ at->line, at->col, path };
	else if (near->key != NULL)
		place = (struct problem_place){ near->key_line, near->key_col, path };
	problems_add(b->problems, place, id, arg1, arg2, NULL);
}

enum err
binder_run(const struct binder *b)
{
	size_t before = problems_errors(b->problems);
	const struct bind_row *row;

	for (row = b->rows; row->path != NULL; row++)
		bind_default(b, row, b->into);
	bind_section(b, b->root, "");
	for (row = b->rows; row->path != NULL; row++)
		if ((row->flags & BIND_REQUIRED) && binder_is_active(b, row) && node_at(b->root, row->path, NULL) == NULL)
			binder_problem(b, row->path, PROBLEM_MISSING, row->help, row->hint);
	if (arena_is_full(b->mem))
		return ERR_TOOBIG;
	return problems_errors(b->problems) > before ? ERR_CONFIG : OK;
}
