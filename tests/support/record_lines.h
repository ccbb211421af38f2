/* SPDX-License-Identifier: EUPL-1.2 */
/* record_lines - a record as text, one "path=value" a line in field order: what the translators' tests compare. */
#ifndef TEST_RECORD_LINES_H
#define TEST_RECORD_LINES_H

#include <string.h>

#include "proto/record.h"

#define RECORD_LINES_BREAK "\xE2\x8F\x8E"	/* stands for a line end within a value */

static inline void
record_lines_value(struct buf *b, const char *path, const char *v)
{
	buf_fmt(b, "%s=", path);
	for (; v && *v; v++) {
		if (*v == '\n')
			buf_str(b, RECORD_LINES_BREAK);
		else
			buf_u8(b, (uint8_t)*v);
	}
	buf_u8(b, '\n');
}

static inline void
record_lines_of(struct buf *b, struct arena *mem, const char *prefix, const void *msg, const struct record_type *type)
{
	for (size_t i = 0; msg && i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		const char *path = arena_fmt(mem, "%s%s%s", prefix, *prefix ? "." : "", f->name);
		const void *at = record_at(msg, f);

		if (!record_has(msg, f))
			continue;
		if (f->kind == FIELD_MSG) {
			record_lines_of(b, mem, path, at, f->of);
		} else if (f->kind == FIELD_MSGS) {
			for (size_t k = 0; k < record_count(msg, f); k++)
				record_lines_of(b, mem, arena_fmt(mem, "%s[%zu]", path, k), ((const void *const *)at)[k],
						f->of);
		} else if (record_field_is_list(f)) {
			for (size_t k = 0; k < record_count(msg, f); k++)
				record_lines_value(b, path, ((const char *const *)at)[k]);
		} else {
			record_lines_value(b, path, record_text(msg, f, mem));
		}
	}
}

static inline const char *
record_lines(const struct record *record, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	record_lines_of(&b, mem, "", record, record_type());
	return buf_text(&b);
}

/* The other way: a record from lines as above (list items in order). NULL at the first line that does not fit. */
static inline struct record *
record_of_lines(const char *lines, struct arena *mem)
{
	struct record *record = record_new(mem, "record");
	char *text = arena_str(mem, lines), *line, *value;
	struct why why;

	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (!(value = strchr(line, '=')))
			return NULL;
		*value++ = '\0';
		for (char *at; (at = strstr(value, RECORD_LINES_BREAK)) != NULL;) {
			*at = '\n';
			memmove(at + 1, at + 3, strlen(at + 3) + 1);
		}
		if (record_set(record, mem, line, value, &why) != OK)
			return NULL;
	}
	return record;
}

#endif
