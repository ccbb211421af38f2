/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_texts_out - what HL7 has no place for: fields of the record as OBX with their path in OBX-3, and the reason as an NTE.
 *
 * A field is found by its path in the record's own description (record_type), so that a table of paths is all there is to
 * keep. Called by hl7_from_record.c.
 */
#include "adapters/health/hl7_out.h"

#include "adapters/health/hl7_file.h"

#define ST_MAX 199			/* a longer text is a TX */

static const char *
obx_type(const struct field *f, const char *v)
{
	switch (f->kind) {
	case FIELD_CODE: case FIELD_CODES: case FIELD_BOOL: return "CE";
	case FIELD_DATE: return "DT";
	case FIELD_TIME: return "TS";
	case FIELD_INT: return "NM";
	case FIELD_BYTES: return "ED";
	case FIELD_TEXT: case FIELD_TEXTS: case FIELD_ID: case FIELD_MSG: case FIELD_MSGS: break;
	}
	return strlen(v) > ST_MAX || strchr(v, '\n') ? "TX" : "ST";
}

/* Bytes are always those of a file (struct file_part), which says what they are. */
static void
put_file(struct hl7_writing *t, const void *msg, const char *base64)
{
	const struct file_part *file = msg;
	const char *type, *subtype;

	hl7_file_type(file->media_type, &type, &subtype);
	hl7_put(&t->w, 5, 1, 2, type);
	hl7_put(&t->w, 5, 1, 3, subtype);
	hl7_put(&t->w, 5, 1, 4, "Base64");
	hl7_put(&t->w, 5, 1, 5, base64);
}

static void
put_obx_value(struct hl7_writing *t, const void *msg, const struct field *f, unsigned rep, const char *v)
{
	switch (f->kind) {
	case FIELD_CODE: case FIELD_CODES:
		hl7_put(&t->w, 5, rep, 1, v);
		hl7_put(&t->w, 5, rep, 3, HL7_SYSTEM);
		break;
	case FIELD_BOOL:
		hl7_put(&t->w, 5, rep, 1, *v == 't' ? "Y" : "N");
		hl7_put(&t->w, 5, rep, 3, "HL70136");
		break;
	case FIELD_DATE: hl7_put(&t->w, 5, rep, 1, hl7_compact_date(t, v)); break;
	case FIELD_TIME: hl7_put(&t->w, 5, rep, 1, hl7_compact_time(t, v)); break;
	case FIELD_BYTES:
		put_file(t, msg, v);
		break;
	case FIELD_TEXT: case FIELD_TEXTS: case FIELD_INT: case FIELD_ID: case FIELD_MSG: case FIELD_MSGS:
		hl7_put(&t->w, 5, rep, 1, v);
		break;
	}
}

/* One field of a message as an OBX; `key` is OBX-4, the item of the list that the path goes through, NULL where there is none. */
static void
put_obx(struct hl7_writing *t, const char *code, const char *key, const void *msg, const struct field *f)
{
	const char *const *items = NULL;
	const char *v = NULL;
	size_t n = 1;

	if (!record_has(msg, f))
		return;
	if (record_field_is_list(f)) {
		items = record_at(msg, f);
		n = record_count(msg, f);
		v = items[0];
	} else if (!(v = record_text(msg, f, t->mem))) {
		return;
	}
	hl7_begin(&t->w, "OBX");
	hl7_put(&t->w, 1, 1, 1, hl7_number(t, ++t->n_obx));
	hl7_put(&t->w, 2, 1, 1, obx_type(f, v));
	hl7_put(&t->w, 3, 1, 1, code);
	hl7_put(&t->w, 3, 1, 3, HL7_SYSTEM);
	hl7_put(&t->w, 4, 1, 1, key);
	for (size_t i = 0; i < n; i++)
		put_obx_value(t, msg, f, (unsigned)i + 1, items ? items[i] : v);
	hl7_put(&t->w, 11, 1, 1, "F");
	hl7_end(&t->w);
}

/* Has it, or something above it, a place of its own? */
static bool
is_held(const char *const *held, const char *path)
{
	for (; held && *held; held++) {
		size_t n = strlen(*held);

		if (strncmp(*held, path, n) == 0 && (path[n] == '\0' || path[n] == '.'))
			return true;
	}
	return false;
}

static void put_fields(struct hl7_writing *t, const char *const *held, const char *prefix, const char *key, const void *msg,
		       const struct record_type *type);

static void
put_field(struct hl7_writing *t, const char *const *held, const char *path, const char *key, const void *msg, const struct field *f)
{
	const char *below = arena_fmt(t->mem, "%s.", path);

	if (f->kind == FIELD_MSG) {
		put_fields(t, held, below, key, record_at(msg, f), f->of);
	} else if (f->kind == FIELD_MSGS) {
		const void *const *items = record_at(msg, f);

		for (size_t i = 0; i < record_count(msg, f); i++)
			put_fields(t, held, below, hl7_number(t, (unsigned)i + 1), items[i], f->of);
	} else {
		put_obx(t, path, key, msg, f);
	}
}

static void
put_fields(struct hl7_writing *t, const char *const *held, const char *prefix, const char *key, const void *msg,
	   const struct record_type *type)
{
	for (size_t i = 0; prefix && i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		const char *path = arena_fmt(t->mem, "%s%s", prefix, f->name);

		if (path && record_has(msg, f) && !is_held(held, path))
			put_field(t, held, path, key, msg, f);
	}
}

void
hl7_put_observations(struct hl7_writing *t, const char *const *held, const void *msg, const char *type)
{
	put_fields(t, held, "", NULL, msg, record_type_by_name(type));
}

void
hl7_put_nte(struct hl7_writing *t, const char *text)
{
	if (!text)
		return;
	hl7_begin(&t->w, "NTE");
	hl7_put(&t->w, 1, 1, 1, "1");
	hl7_put(&t->w, 3, 1, 1, text);
	hl7_put(&t->w, 4, 1, 1, "1R");
	hl7_put(&t->w, 4, 1, 2, "Primary Reason");
	hl7_put(&t->w, 4, 1, 3, "HL70364");
	hl7_end(&t->w);
}
