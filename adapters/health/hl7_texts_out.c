/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_texts_out - what HL7 has no place for: fields of the record as OBX with their path in OBX-3, and the reason as an NTE.
 *
 * A field is found by its path in the record's own description (record_type), so that a table of paths is all there is to
 * keep. Called by hl7_from_record.c.
 */
#include "adapters/health/hl7_out.h"

#include <assert.h>

#define ST_MAX 199			/* a longer text is a TX */

static const char *
obx_type(const struct field *f, const char *v)
{
	switch (f->kind) {
	case FIELD_CODE: case FIELD_CODES: case FIELD_BOOL: return "CE";
	case FIELD_DATE: return "DT";
	case FIELD_TIME: return "TS";
	case FIELD_INT: return "NM";
	case FIELD_TEXT: case FIELD_TEXTS: case FIELD_ID: case FIELD_BYTES: case FIELD_MSG: case FIELD_MSGS: break;
	}
	return strlen(v) > ST_MAX || strchr(v, '\n') ? "TX" : "ST";
}

static void
put_obx_value(struct hl7_writing *t, const struct field *f, unsigned rep, const char *v)
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
	case FIELD_TEXT: case FIELD_TEXTS: case FIELD_INT: case FIELD_ID: case FIELD_BYTES: case FIELD_MSG: case FIELD_MSGS:
		hl7_put(&t->w, 5, rep, 1, v);
		break;
	}
}

/* One field of a message as an OBX; `key` is OBX-4, NULL where the path has no list in it. */
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
		put_obx_value(t, f, (unsigned)i + 1, items ? items[i] : v);
	hl7_put(&t->w, 11, 1, 1, "F");
	hl7_end(&t->w);
}

/* Walk one path ("child.school.code", "goals[].text") from `msg` and write what stands at its end. */
static void
put_path(struct hl7_writing *t, const char *code, const char *path, const char *key, const void *msg,
	 const struct record_type *type)
{
	size_t n = strcspn(path, ".[");
	const char *rest = path + n, *name = arena_strn(t->mem, path, n);
	const struct field *f;
	const void *at;

	if (!name)
		return;
	f = record_field(type, name);
	assert(f);		/* the tables name fields of the record */
	if (*rest == '\0') {
		put_obx(t, code, key, msg, f);
		return;
	}
	if (!record_has(msg, f))
		return;
	at = record_at(msg, f);
	if (*rest == '[') {
		const void *const *items = at;

		for (size_t i = 0; i < record_count(msg, f); i++)
			put_path(t, code, rest + 3, hl7_number(t, (unsigned)i + 1), items[i], f->of);
	} else {
		put_path(t, code, rest + 1, key, at, f->of);
	}
}

void
hl7_put_observations(struct hl7_writing *t, const char *const *paths, const void *msg, const char *type)
{
	for (; *paths; paths++)
		put_path(t, hl7_path_index(*paths, -1, t->mem), *paths, NULL, msg, record_type_by_name(type));
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
