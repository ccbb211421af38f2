/* SPDX-License-Identifier: EUPL-1.2 */
/* effective - prints a bound struct by the same table that bound it. Rows that stand together in the table are printed
 * below one section line. Called by config.c for --print-config.
 */
#include "config/effective.h"

#include <inttypes.h>
#include <string.h>

#include "config/setting.h"

enum { COMMENT_COLUMN = 48, INDENT = 2 };

struct printing {
	const struct binder *b;
	const char *file;
	FILE *to;
};

/* In double quotes, always: what YAML would take for something else is never a question. */
static int
print_quoted(FILE *to, const char *text)
{
	int n = fprintf(to, "\"");

	for (; *text != '\0'; text++)
		n += fprintf(to, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	return n + fprintf(to, "\"");
}

static int
print_enum(FILE *to, const struct bind_row *row, const void *value)
{
	const struct bind_name *name;
	unsigned v;

	memcpy(&v, value, sizeof(v));
	for (name = row->names; name->name != NULL; name++)
		if (name->value == v)
			return fprintf(to, "%s", name->name);
	return fprintf(to, "%u", v);
}

/* One value on the line; how many bytes, 0 if there is none. */
static int
print_one(FILE *to, const struct bind_row *row, const char *from)
{
	const void *at = from + row->offset;
	char text[SETTING_TEXT_LEN];
	const char *s;

	switch (row->type) {
	case BIND_BOOL:
		return fprintf(to, "%s", *(const bool *)at ? "true" : "false");
	case BIND_INT:
		return row->size == sizeof(uint16_t) ? fprintf(to, "%" PRIu16, *(const uint16_t *)at) :
						       fprintf(to, "%" PRIu32, *(const uint32_t *)at);
	case BIND_BYTES:
		setting_format_size((int64_t) * (const uint64_t *)at, text);
		return fprintf(to, "%s", text);
	case BIND_MS:
		setting_format_duration(*(const int64_t *)at, text);
		return fprintf(to, "%s", text);
	case BIND_TERM:
		setting_format_term(at, text);
		return fprintf(to, "%s", text);
	case BIND_ENUM:
		return print_enum(to, row, at);
	case BIND_TEXT:
	case BIND_PATH:
		s = *(const char *const *)at;
		return s != NULL ? print_quoted(to, s) : 0;
	case BIND_SECTION:
	case BIND_TEXTS:
	case BIND_MAP:
	case BIND_LIST:
		break;
	}
	return 0;
}

static bool
has_value(const struct bind_row *row, const char *from)
{
	if (row->type == BIND_TEXT || row->type == BIND_PATH)
		return *(const char *const *)(const void *)(from + row->offset) != NULL;
	if (row->type == BIND_TERM) {
		const struct setting_term *term = (const void *)(from + row->offset);

		return term->ms != 0 || term->working_days != 0;
	}
	if (row->type == BIND_TEXTS || row->type == BIND_MAP || row->type == BIND_LIST)
		return *(const size_t *)(const void *)(from + row->n_offset) > 0;
	return true;
}

static void
print_origin(const struct printing *p, int column, const struct node *node)
{
	fprintf(p->to, "%*s# ", column < COMMENT_COLUMN - 2 ? COMMENT_COLUMN - column : 2, "");
	if (node == NULL)
		fprintf(p->to, "default\n");
	else
		fprintf(p->to, "%s:%u\n", p->file, node->line);
}

static void
print_items(const struct printing *p, const struct bind_row *row, int indent, const struct node *node)
{
	const char *into = p->b->into;
	const char *items = *(const char *const *)(const void *)(into + row->offset);
	size_t n = *(const size_t *)(const void *)(into + row->n_offset), i;

	for (i = 0; i < n; i++) {
		const struct node *kid = node != NULL && i < node->n_kids ? &node->kids[i] : node;
		const char *item = items + i * row->size;
		const struct bind_row *of;
		int column = fprintf(p->to, "%*s", indent, "");

		if (row->type == BIND_TEXTS) {
			column += fprintf(p->to, "- ");
			column += print_quoted(p->to, ((const char *const *)(const void *)items)[i]);
		} else if (row->type == BIND_MAP) {
			column += print_one(p->to, &row->items[0], item);
			column += fprintf(p->to, ": ");
			column += print_one(p->to, &row->items[1], item);
		} else {
			const char *before = "- { ";

			for (of = row->items; of->path != NULL; of++) {
				if (!has_value(of, item))
					continue;
				column += fprintf(p->to, "%s%s: ", before, of->path);
				column += print_one(p->to, of, item);
				before = ", ";
			}
			column += fprintf(p->to, " }");
		}
		print_origin(p, column, kid);
	}
}

/* How much of `path` is sections that stand open after the row of path `last`: bytes, and levels. */
static size_t
open_sections(const char *last, const char *path, int *ret_depth)
{
	size_t i, same = 0;

	*ret_depth = 0;
	for (i = 0; path[i] != '\0' && path[i] == last[i]; i++) {
		if (path[i] == '.') {
			same = i + 1;
			++*ret_depth;
		}
	}
	return same;
}

/* Open the sections of `path` that are not open yet; gives the place of the row's own name. */
static size_t
print_sections(const struct printing *p, const char *last, const char *path, int *ret_depth)
{
	size_t at = open_sections(last, path, ret_depth), n;

	for (; path[at + (n = strcspn(path + at, "."))] == '.'; at += n + 1)
		fprintf(p->to, "%*s%.*s:\n", (*ret_depth)++ * INDENT, "", (int)n, path + at);
	return at;
}

/* What is not set opens no section: a section with nothing in it would not load. */
static void
print_row(const struct printing *p, const struct bind_row *row, const char **last)
{
	const struct node *node = node_at(p->b->root, row->path, NULL);
	int depth, column;
	size_t at;

	if (!has_value(row, p->b->into)) {
		at = open_sections(*last, row->path, &depth);
		fprintf(p->to, "%*s# %s: (not set)\n", depth * INDENT, "", row->path + at);
		return;
	}
	at = print_sections(p, *last, row->path, &depth);
	*last = row->path;
	column = fprintf(p->to, "%*s%s:", depth * INDENT, "", row->path + at);
	if (row->type == BIND_TEXTS || row->type == BIND_MAP || row->type == BIND_LIST) {
		fprintf(p->to, "\n");
		print_items(p, row, (depth + 1) * INDENT, node);
		return;
	}
	column += fprintf(p->to, " ");
	column += print_one(p->to, row, p->b->into);
	print_origin(p, column, node);
}

void
effective_print(const struct binder *b, const char *file, FILE *to)
{
	struct printing p = { .b = b, .file = file, .to = to };
	const struct bind_row *row;
	const char *last = "";

	for (row = b->rows; row->path != NULL; row++)
		if (row->type != BIND_SECTION && binder_is_active(b, row))
			print_row(&p, row, &last);
}
