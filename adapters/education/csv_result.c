/* SPDX-License-Identifier: EUPL-1.2 */
/* csv_result - the table that answers a table: a row for each of its rows or records, with what became of it.
 *
 * Called by the core through education_sector.
 */
#include "adapters/core/charset.h"
#include "adapters/core/left_out.h"
#include "adapters/education/csv.h"
#include "adapters/education/csv_columns.h"
#include "adapters/education/csv_kind.h"
#include "adapters/education/education.h"

/* Of a code or a date what it can be, in no language: " (routine, urgent, emergency)". */
static const char *
choice(enum err e, const struct why *why, struct arena *mem)
{
	const char *text;

	if ((e != ERR_UNKNOWN_CODE && e != ERR_BAD_DATE) || strcmp(why->text, err_text(e, LANG_EN)) == 0)
		return "";
	text = arena_fmt(mem, " (%s)", why->text);
	return text ? text : "";
}

/* It was taken, but. */
static const char *
warning_of(const struct intake_item *item, struct arena *mem)
{
	const char *left_out = left_out_text(left_out_of(item), LANG_BG, mem);

	return left_out == NULL ? item->warning : item->warning == NULL ? left_out : arena_fmt(mem, "%s %s", item->warning, left_out);
}

static void
put_result(struct csv_writer *w, const char *no, const struct intake_item *item, enum err e, const struct why *why,
	   struct arena *mem)
{
	const char *column = csv_column_of(why->where);

	if (column == NULL)
		column = csv_kind_column(why->where, mem);
	csv_put(w, no);
	if (e == OK) {
		csv_put(w, item->is_repeat ? "repeated" : item->record ? "accepted" : "registered");
		csv_put(w, NULL);
		csv_put(w, item->msg_id);
	} else {
		csv_put(w, "refused");
		csv_put(w, column ? column : why->where);
		csv_put(w, arena_fmt(mem, "%s %s: %s%s", err_code(e), err_text(e, LANG_BG), err_remedy(e, LANG_BG), choice(e, why, mem)));
	}
	csv_put(w, e == OK ? warning_of(item, mem) : NULL);
	csv_end(w);
}

/* What the row calls itself by: one of a file has more than one to its referral. */
static const char *
number_of(const struct csv *csv, const char *const *cells, bool is_file)
{
	static const char *const COLUMNS[] = { CSV_KIND_ID, CSV_KIND_FILE, "referral_no", CSV_KIND_ID, "referral_id", "conference_id",
					       "transfer_id", "msg_id" };
	int column;

	for (size_t i = is_file ? 0 : 2; i < sizeof(COLUMNS) / sizeof(COLUMNS[0]); i++)
		if ((column = csv_column(csv, COLUMNS[i])) >= 0 && *cells[column] != '\0')
			return cells[column];
	return NULL;
}

enum err
education_answer(const struct native *in, const struct intake *intake, const struct sector_env *env, struct arena *mem,
		 struct native *ret_answer)
{
	const char *cells[CSV_COLUMNS_MAX];
	struct csv_writer w;
	bool is_open, has_good = intake->e == OK && intake->n == 0;
	struct csv csv;
	size_t i = 0;
	enum err e;

	(void)env;
	*ret_answer = (struct native){ .format = FORMAT_CSV, .media_type = "text/csv" };
	is_open = csv_open(&csv, in->bytes, in->charset, mem, NULL) == OK;
	csv_writer_init(&w, is_open ? csv.separator : ';', mem);
	for (size_t k = 0; CSV_RESULT[k]; k++)
		csv_put(&w, CSV_RESULT[k]);
	csv_end(&w);
	if (intake->e != OK)
		put_result(&w, NULL, NULL, intake->e, &intake->why, mem);
	/* the rows again, in step with the items, for their numbers; a record of several rows is one item, at its first */
	while (i < intake->n && is_open && csv_next(&csv, cells, &e, NULL)) {
		const struct intake_item *item = &intake->items[i];

		if (csv.row < item->row)
			continue;
		put_result(&w, e == OK ? number_of(&csv, cells, item->file != NULL) : NULL, item, item->e, &item->why, mem);
		has_good = has_good || item->e == OK;
		i++;
	}
	ret_answer->status = has_good ? 200 : 422;
	return csv_bytes(&w, is_open ? csv.charset : CHARSET_UTF8, &ret_answer->bytes, &ret_answer->charset);
}
