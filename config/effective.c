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
	if (row->type == BIND_TEXTS || row->type == BIND_MAP || row->type == BIND_LIST)
		return *(const size_t *)(const void *)(from + row->n_offset) > 0;
	return true;
}

static void
print_origin(const struct printing *p, int column, const struct node *node)
{
	fprintf(p->to, "%*s# ", column < COMMENT_COLUMN ? COMMENT_COLUMN - column : 2, "");
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

/* The section lines between the last row's path and this one's; gives the depth of the row. */
static int
print_sections(const struct printing *p, const char *last, const char *path)
{
	size_t i, same = 0;
	int depth = 0;

	for (i = 0; path[i] != '\0' && path[i] == last[i]; i++)
		if (path[i] == '.')
			same = i + 1;
	for (i = 0; path[i] != '\0'; i++) {
		size_t n = strcspn(path + i, ".");

		if (path[i + n] == '\0')
			break;
		if (i >= same)
			fprintf(p->to, "%*s%.*s:\n", depth * INDENT, "", (int)n, path + i);
		depth++;
		i += n;
	}
	return depth;
}

void
effective_print(const struct binder *b, const char *file, FILE *to)
{
	struct printing p = { .b = b, .file = file, .to = to };
	const struct bind_row *row;
	const char *last = "";

	for (row = b->rows; row->path != NULL; row++) {
		const struct node *node = node_at(b->root, row->path, NULL);
		const char *name = strrchr(row->path, '.') ? strrchr(row->path, '.') + 1 : row->path;
		int indent, column;

		if (row->type == BIND_SECTION || !binder_is_active(b, row))
			continue;
		indent = print_sections(&p, last, row->path) * INDENT;
		last = row->path;
		if (!has_value(row, b->into)) {
			fprintf(to, "%*s# %s: (not set)\n", indent, "", name);
			continue;
		}
		column = fprintf(to, "%*s%s:", indent, "", name);
		if (row->type == BIND_TEXTS || row->type == BIND_MAP || row->type == BIND_LIST) {
			fprintf(to, "\n");
			print_items(&p, row, indent + INDENT, node);
			continue;
		}
		column += fprintf(to, " ");
		column += print_one(to, row, b->into);
		print_origin(&p, column, node);
	}
}
