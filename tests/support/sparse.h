/* SPDX-License-Identifier: EUPL-1.2 */
/* sparse - records of every kind from the description of the types alone, with a field left out, or with nothing but one, in the lines of the null
 * sector; but for what it is about, which the caller adds. What each says is nonsense; what it lacks is the point. Header-only.
 */
#ifndef SUPPORT_SPARSE_H
#define SUPPORT_SPARSE_H

#include <stdio.h>
#include <string.h>

#include "proto/record.h"

#define SPARSE_DEEP 4		/* messages within messages */
#define SPARSE_PATH 160

struct sparse {
	const char *agency;	/* that there is */
	const char *without;	/* the path of a field that is left out with all below it; NULL: none */
	const char *only;	/* what is there alone, with what it stands in; NULL: all */
	void (*each)(void *arg, const char *path);	/* called for every field; NULL: none is wanted */
	void *arg;
	struct buf *to;		/* NULL: only `each` */
};

/* Such as the checks of sense let by, which come before the core. */
static inline const char *
sparse_value(const struct sparse *s, const struct field *f)
{
	bool is_ahead = strstr(f->name, "due") != NULL;

	switch (f->kind) {
	case FIELD_CODE:
	case FIELD_CODES:
		return f->codes[0];
	case FIELD_DATE:
		return is_ahead ? "2026-12-01" : "2026-02-20";
	case FIELD_TIME:
		return is_ahead ? "2026-12-01T10:00:00Z" : "2026-02-20T10:00:00Z";
	case FIELD_INT:
		return "1";
	case FIELD_BOOL:
		return "true";
	case FIELD_ID:
		return "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	case FIELD_BYTES:
		return "eA==";
	case FIELD_TEXT:
	case FIELD_TEXTS:
	case FIELD_MSG:
	case FIELD_MSGS:
		break;
	}
	if (strstr(f->name, "municipality") != NULL)
		return "PDV22";
	return strstr(f->name, "agency") != NULL ? s->agency : "x";
}

/* What a record is about, which the caller names. */
static inline bool
sparse_is_reference(const char *name)
{
	return strcmp(name, "referral_id") == 0 || strcmp(name, "conference_id") == 0 || strcmp(name, "transfer_id") == 0;
}

static inline bool
sparse_is_wanted(const struct sparse *s, const char *path)
{
	if (s->without != NULL && strcmp(s->without, path) == 0)
		return false;
	return s->only == NULL || strncmp(s->only, path, strlen(path)) == 0;
}

static inline void
sparse_walk(const struct sparse *s, const struct record_type *type, const char *at, unsigned deep)
{
	char path[SPARSE_PATH], line[SPARSE_PATH + 8];

	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];

		snprintf(path, sizeof(path), "%s.%s", at, f->name);
		if (!sparse_is_wanted(s, path) || (deep == 0 && sparse_is_reference(f->name)))
			continue;
		if (s->each != NULL)
			s->each(s->arg, path);
		snprintf(line, sizeof(line), f->kind == FIELD_MSGS ? "%s[0]" : "%s", path);
		if (f->of == NULL && s->to != NULL)
			buf_fmt(s->to, "%s=%.*s\n", line, f->kind == FIELD_ID ? (int)(2 * f->limit) : 64, sparse_value(s, f));
		if (f->of != NULL && deep < SPARSE_DEEP) {
			const struct sparse below = { .agency = s->agency, .without = s->without, .each = s->each, .arg = s->arg, .to = s->to };

			sparse_walk(s->only != NULL && strcmp(s->only, path) == 0 ? &below : s, f->of, line, deep + 1);
		}
	}
}

#endif
