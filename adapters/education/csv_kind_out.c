/* SPDX-License-Identifier: EUPL-1.2 */
/* csv_kind_out - a record as rows of the table of records: all columns of its kind in the record's order, of each list an element a row. */
#include "adapters/education/csv_kind.h"

#include <string.h>

#include "proto/base/clock.h"

struct rows {
	struct csv_writer *w;
	const struct sector_env *env;
	const struct kind *kind;
	struct arena *mem;
	bool is_header, is_full;
	size_t row, n_rows;		/* n_rows: of the longest list, found with the header */
};

static const char *
alias_of(const struct sector_env *env, const char *agency)
{
	const char *alias = agency != NULL && env->alias_of != NULL ? env->alias_of(env->arg, agency) : NULL;

	return alias != NULL ? alias : agency;
}

/* Of a list in one cell: "a | b", with \ before a \ or | of the text's own. */
static void
join(struct buf *b, const char *text, bool is_code)
{
	if (b->n > 0)
		buf_str(b, " | ");
	for (; *text != '\0'; text++) {
		if (!is_code && strchr("\\|", *text) != NULL)
			buf_u8(b, '\\');
		buf_u8(b, (uint8_t)*text);
	}
}

static const char *
joined(struct rows *t, const void *msg, const struct field *f)
{
	const char *const *items = record_at(msg, f);
	const char *text;
	struct buf b;

	buf_init(&b, t->mem);
	for (size_t i = 0; i < record_count(msg, f); i++)
		join(&b, items[i], f->kind == FIELD_CODES);
	text = buf_text(&b);
	t->is_full = t->is_full || text == NULL;
	return text;
}

static const char *
scalar(struct rows *t, const void *msg, const struct field *f)
{
	const char *text = record_text(msg, f, t->mem);
	char local[CLOCK_TEXT_LEN];
	int64_t ms;

	if (f->kind == FIELD_TIME && text != NULL && clock_parse(text, &ms) == OK) {
		clock_format_sofia(ms, local);
		text = arena_str(t->mem, local);
	} else if (csv_row_is_agency(f)) {
		text = alias_of(t->env, text);
	}
	t->is_full = t->is_full || text == NULL;
	return text;
}

static void
put_cell(struct rows *t, const char *name, const void *msg, const struct field *f, bool is_group)
{
	const char *text = NULL;
	size_t n;

	if (t->is_header) {
		csv_put(t->w, name);
	} else if (f->kind == FIELD_TEXTS && !is_group) {
		n = msg != NULL ? record_count(msg, f) : 0;
		csv_put(t->w, t->row < n ? ((const char *const *)record_at(msg, f))[t->row] : NULL);
	} else {
		if (msg != NULL && record_has(msg, f) && (is_group || t->row == 0))
			text = record_field_is_list(f) ? joined(t, msg, f) : scalar(t, msg, f);
		csv_put(t->w, text);
	}
	if (t->is_header && f->kind == FIELD_TEXTS && !is_group && msg != NULL && record_count(msg, f) > t->n_rows)
		t->n_rows = record_count(msg, f);
}

/* All columns below a message, which may be absent; in a list's, `msg` is this row's element. */
static void
put_cells(struct rows *t, const char *prefix, const struct record_type *type, const void *msg, bool is_group)
{
	for (size_t i = 0; i < type->n_fields && !t->is_full; i++) {
		const struct field *f = &type->fields[i];
		const char *name = arena_fmt(t->mem, "%s%s%s", prefix, *prefix != '\0' ? "." : "", f->name);
		const void *at = msg != NULL ? record_at(msg, f) : NULL;
		size_t n;

		if (name == NULL) {
			t->is_full = true;
		} else if (!csv_kind_has_column(t->kind, f)) {
			continue;
		} else if (f->kind == FIELD_MSG) {
			put_cells(t, name, f->of, at, is_group);
		} else if (f->kind == FIELD_MSGS) {
			n = at != NULL ? record_count(msg, f) : 0;
			if (n > t->n_rows)
				t->n_rows = n;
			put_cells(t, name, f->of, t->row < n ? ((const void *const *)at)[t->row] : NULL, true);
		} else {
			put_cell(t, name, msg, f, is_group);
		}
	}
}

enum err
csv_kind_write(struct csv_writer *w, const struct outgoing *out, const struct sector_env *env, struct arena *mem, struct why *why)
{
	const struct kind *kind = kind_by_code(out->record->kind);
	const struct record_type *type = record_field(record_type(), kind->body)->of;
	struct rows t = { .w = w, .env = env, .kind = kind, .mem = mem, .is_header = true, .n_rows = 1 };
	const char *const head[] = { CSV_KIND, CSV_KIND_ID, CSV_KIND_MSG, CSV_KIND_FROM, CSV_KIND_FILE, CSV_KIND_HREF };
	const char *const first[] = { kind->code, out->record->native_id, out->msg_id, alias_of(env, out->from), out->file, out->href };
	size_t begun, n_head = csv_kind_is_file(kind) ? 6 : 4;

	for (size_t i = 0; i < n_head; i++)
		csv_put(w, head[i]);
	put_cells(&t, "", type, kind_body(out->record), false);
	csv_end(w);
	t.is_header = false;
	for (; t.row < t.n_rows && !t.is_full; t.row++) {
		begun = w->b.n;
		for (size_t i = 0; i < n_head; i++)
			csv_put(w, t.row == 0 ? first[i] : NULL);
		put_cells(&t, "", type, kind_body(out->record), false);
		csv_end(w);
		if (w->b.n - begun > CSV_ROW_BYTES_MAX)
			return why_set(why, ERR_TOOBIG, NULL, "a row of more than %u bytes", CSV_ROW_BYTES_MAX);
	}
	return t.is_full ? why_set(why, ERR_TOOBIG, NULL, "larger than one table may be") : OK;
}

const char *
csv_kind_column(const char *path, struct arena *mem)
{
	static const char *const OTHERS[] = { "referral", "status" };
	size_t n = strcspn(path, ".");
	char body[64];
	struct buf b;

	if (n >= sizeof(body) || path[n] == '\0')
		return NULL;
	memcpy(body, path, n);
	body[n] = '\0';
	for (size_t i = 0; i < sizeof(OTHERS) / sizeof(OTHERS[0]); i++)
		if (strcmp(OTHERS[i], body) == 0)
			return NULL;
	if (record_field(record_type(), body) == NULL || record_field(record_type(), body)->kind != FIELD_MSG)
		return NULL;
	if (strcmp(path + n, ".native_id") == 0)
		return CSV_KIND_ID;
	buf_init(&b, mem);
	for (const char *p = path + n + 1; *p != '\0'; p++) {
		if (*p == '[')		/* which element, the row says */
			p += strcspn(p, "]");
		else
			buf_u8(&b, (uint8_t)*p);
		if (*p == '\0')
			break;
	}
	return buf_text(&b);
}
