/* SPDX-License-Identifier: EUPL-1.2 */
/* csv_kind_in - rows of the table of records into a record, by its description. */
#include "adapters/education/csv_kind.h"

#include <inttypes.h>
#include <string.h>

#define FNV_PRIME UINT64_C(0x100000001b3)
#define STEP_MAX 64		/* bytes of a field's name */
#define INDEX_DIGITS 4

/* Where a column's cell goes. */
struct spot {
	const struct field *field;
	const char *path;		/* of the record, with the element's number */
	bool is_in_group, is_indexed;	/* in an element of a list; one that the column's own name numbers */
	bool is_there;			/* a value stands there already */
};

bool
csv_kind_has_rows(const struct kind *kind)
{
	return kind != NULL && kind->topic != TOPIC_THREAD && strcmp(kind->body, "referral") != 0 && strcmp(kind->body, "status") != 0;
}

bool
csv_kind_is_file(const struct kind *kind)
{
	return kind != NULL && strcmp(kind->body, "attachment") == 0;
}

bool
csv_kind_has_column(const struct kind *kind, const struct field *f)
{
	return f->kind != FIELD_BYTES && !(csv_kind_is_file(kind) && (strcmp(f->name, "part") == 0 || strcmp(f->name, "parts") == 0));
}

/* A step of a column's name, "questions" or "questions[2]", at *name, which moves behind it. False: it is none. */
static bool
take_step(const char **name, char step[static STEP_MAX], bool *ret_is_indexed, size_t *ret_index)
{
	const char *p = *name;
	size_t n = strcspn(p, ".["), digits;

	if (n == 0 || n >= STEP_MAX)
		return false;
	memcpy(step, p, n);
	step[n] = '\0';
	p += n;
	*ret_index = 0;
	if ((*ret_is_indexed = *p == '[')) {
		digits = strspn(++p, "0123456789");
		if (digits == 0 || digits > INDEX_DIGITS || p[digits] != ']')
			return false;
		for (; digits > 0; digits--)
			*ret_index = *ret_index * 10 + (size_t)(*p++ - '0');
		p++;
	}
	if (*p != '\0' && *p++ != '.')
		return false;
	*name = p;
	return true;
}

/* What the column `name` is in a record of the kind, as the record stands now. False: nothing. */
static bool
find_spot(const struct csv_row *r, const struct kind *kind, const char *name, struct spot *ret)
{
	const struct record_type *type = record_field(record_type(), kind->body)->of;
	const void *msg = kind_body(r->record);
	const char *path = kind->body;
	char step[STEP_MAX];
	bool is_indexed;
	size_t index, n = strlen(kind->body);

	*ret = (struct spot){ .field = NULL };
	if (strcmp(name, CSV_KIND_REFERRAL) == 0)
		name = "referral_id";
	else if (strncmp(name, kind->body, n) == 0 && name[n] == '.')
		name += n + 1;
	for (;;) {
		const struct field *f;

		if (!take_step(&name, step, &is_indexed, &index) || (f = record_field(type, step)) == NULL)
			return false;
		ret->is_indexed = ret->is_indexed || is_indexed;
		if (*name == '\0') {
			if (f->of != NULL || !csv_kind_has_column(kind, f) || (is_indexed && !record_field_is_list(f)))
				return false;
			ret->field = f;
			ret->is_there = msg != NULL && record_has(msg, f);
			ret->path = is_indexed ? arena_fmt(r->mem, "%s.%s[%zu]", path, step, index) : arena_fmt(r->mem, "%s.%s", path, step);
			return ret->path != NULL;
		}
		if (f->kind == FIELD_MSGS) {
			if (ret->is_in_group)		/* no record has lists in a list */
				return false;
			ret->is_in_group = true;
			n = msg != NULL ? record_count(msg, f) : 0;
			if (!is_indexed)
				index = n;
			msg = index < n ? ((const void *const *)record_at(msg, f))[index] : NULL;
			path = arena_fmt(r->mem, "%s.%s[%zu]", path, step, index);
		} else if (f->kind == FIELD_MSG && !is_indexed) {
			msg = msg != NULL ? record_at(msg, f) : NULL;
			path = arena_fmt(r->mem, "%s.%s", path, step);
		} else {
			return false;
		}
		if (path == NULL)
			return false;
		type = f->of;
	}
}

static bool
is_no_path(const char *column, const struct kind *kind)
{
	static const char *const NAMES[] = { CSV_KIND, CSV_KIND_ID, CSV_KIND_MSG, CSV_KIND_FROM, CSV_KIND_FILE, CSV_KIND_HREF };
	size_t n = csv_kind_is_file(kind) ? 6 : 4;

	for (size_t i = 0; i < n; i++)
		if (strcmp(NAMES[i], column) == 0)
			return true;
	return false;
}

/* The file that the row names; its own name is what it is called by, if nothing else is said. */
static void
read_file(struct csv_row *r)
{
	const char *file = csv_row_cell(r, CSV_KIND_FILE), *before = r->item->file;

	if (before == NULL && (r->item->file = file) == NULL)
		csv_row_fail(r, ERR_REQUIRED, CSV_KIND_FILE, NULL);
	else if (before != NULL && file != NULL && strcmp(before, file) != 0)
		csv_row_fail(r, ERR_DUPLICATE, CSV_KIND_FILE, "each file's row has its kind");
	else if (csv_row_cell(r, "filename") == NULL && csv_row_cell(r, "attachment.filename") == NULL && before == NULL)
		csv_row_set(r, "attachment.filename", file, CSV_KIND_FILE);
}

/* A spreadsheet ate the leading zero of a number of a person: its type stands in the cell beside it. */
static const char *
number_of_person(const struct csv_row *r, const char *column, const char *text)
{
	size_t n = strlen(column);
	const char *beside, *type = NULL;

	if (n < strlen("ids.value") || strcmp(column + n - strlen("value"), "value") != 0 || strstr(column, "ids") == NULL)
		return text;
	beside = arena_fmt(r->mem, "%.*stype", (int)(n - strlen("value")), column);
	if (beside != NULL)
		type = csv_row_cell(r, beside);
	return type != NULL ? csv_row_whole_id(r, type, text) : text;
}

/* A value that an earlier row of the record has said must be the same: some programs repeat it in every row. */
static void
set_again(struct csv_row *r, const struct spot *s, const char *text, const char *column)
{
	const char *before = record_get(r->record, r->mem, s->path), *after;

	if (s->field->kind == FIELD_CODES)
		return;		/* said whole in the first row */
	csv_row_set_field(r, s->field, s->path, text, column, false);
	after = record_get(r->record, r->mem, s->path);
	if (r->item->e == OK && (before == NULL || after == NULL || strcmp(before, after) != 0))
		csv_row_fail(r, ERR_DUPLICATE, column, "the rows of one record say different things");
}

static void
read_cells(struct csv_row *r, const struct kind *kind)
{
	struct spot spots[CSV_COLUMNS_MAX];
	int64_t n_dropped = 0;

	/* all before the first is set: the cells of one row are of the same element */
	for (size_t i = 0; i < r->csv->n_columns; i++)
		if (*r->cells[i] == '\0' || !find_spot(r, kind, r->csv->header[i], &spots[i]))
			spots[i].field = NULL;
	for (size_t i = 0; i < r->csv->n_columns && r->item->e == OK; i++) {
		const char *column = r->csv->header[i], *text = r->cells[i];

		if (*text == '\0' || is_no_path(column, kind))
			continue;
		if (spots[i].field == NULL) {
			n_dropped++;
			continue;
		}
		if (spots[i].is_there && spots[i].field->kind != FIELD_TEXTS && !spots[i].is_indexed)
			set_again(r, &spots[i], text, column);
		else
			csv_row_set_field(r, spots[i].field, spots[i].path, number_of_person(r, column, text), column,
					  spots[i].is_in_group);
	}
	if (n_dropped > 0)
		r->record->dropped = record_int(r->mem, n_dropped + (r->record->dropped != NULL ? *r->record->dropped : 0));
}

static const struct kind *
begin(struct csv_row *r, const char **id)
{
	const char *said = csv_row_cell(r, CSV_KIND);
	const struct kind *kind = kind_by_code(said);

	*id = csv_row_cell(r, CSV_KIND_ID);
	if (said == NULL) {
		csv_row_fail(r, ERR_REQUIRED, CSV_KIND, NULL);
	} else if (!csv_kind_has_rows(kind)) {
		csv_row_fail(r, kind == NULL ? ERR_UNKNOWN_CODE : ERR_UNSUPPORTED, CSV_KIND, NULL);
	} else if ((r->record = record_new(r->mem, "record")) == NULL) {
		csv_row_fail(r, ERR_TOOBIG, NULL, NULL);
	} else {
		csv_row_set(r, "kind", kind->code, CSV_KIND);
		csv_row_set(r, "source", "csv", NULL);
		csv_row_set(r, "native_id", *id, CSV_KIND_ID);
	}
	return r->item->e == OK ? kind : NULL;
}

bool
csv_kind_goes_on(const struct csv_row *r, const char *id)
{
	const char *kind = csv_row_cell(r, CSV_KIND), *own = csv_row_cell(r, CSV_KIND_ID);

	return kind == NULL || (id != NULL && own != NULL && strcmp(id, own) == 0 && r->record != NULL && strcmp(kind, r->record->kind) == 0);
}

void
csv_kind_read(struct csv_row *r, bool is_first, const char **id, uint64_t *hash)
{
	const struct kind *kind;

	if (r->item->e != OK)
		return;
	kind = is_first ? begin(r, id) : kind_by_code(r->record->kind);
	if (kind == NULL)
		return;
	if (csv_kind_is_file(kind))
		read_file(r);
	read_cells(r, kind);
	/* by all that the rows say, and without the text itself: this becomes a key in the store */
	for (size_t i = 0; i < r->csv->n_columns; i++)
		for (size_t k = 0; k <= strlen(r->cells[i]); k++)
			*hash = (*hash ^ (uint8_t)r->cells[i][k]) * FNV_PRIME;
	r->item->record = r->record;
	r->item->is_named = *id != NULL;
	r->item->native_id = *id != NULL ? arena_fmt(r->mem, "%s|%s", kind->code, *id) :
					   arena_fmt(r->mem, "%s|%016" PRIx64, kind->code, *hash);
	if (r->item->native_id == NULL)
		csv_row_fail(r, ERR_TOOBIG, NULL, NULL);
}
