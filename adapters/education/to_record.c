/* SPDX-License-Identifier: EUPL-1.2 */
/* to_record - the rows of a school's table to records, and the result table that answers them.
 *
 * What a table is - referrals, statuses or confirmations - is told by its header. A row is read by itself; the first fault
 * in it is its result, the other rows go on. Called by the core through education_sector.
 */
#include "adapters/education/education.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "adapters/core/charset.h"
#include "adapters/education/csv.h"
#include "adapters/education/csv_columns.h"
#include "proto/base/clock.h"

#define ISO_LEN 40
#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

enum table { TABLE_REFERRALS, TABLE_STATUSES, TABLE_CONFIRMS };

struct row {
	const struct csv *csv;
	const char *const *cells;
	const struct sector_env *env;
	struct arena *mem;
	struct intake_item *item;
	struct record *record;
};

static const char *
cell(const struct row *r, const char *column)
{
	int i = csv_column(r->csv, column);

	return i >= 0 && *r->cells[i] ? r->cells[i] : NULL;
}

static void
fail(struct row *r, enum err e, const char *column, const char *text)
{
	if (r->item->e != OK)
		return;
	r->item->e = e;
	why_set(&r->item->why, e, column, "%s", text ? text : err_text(e, LANG_EN));
	r->item->why.line = r->csv->line;
}

static void
set(struct row *r, const char *path, const char *text, const char *column)
{
	struct why why;
	enum err e;

	if (r->item->e != OK || !text)
		return;
	if ((e = record_set(r->record, r->mem, path, text, &why)) != OK)
		fail(r, e, column, NULL);
}

/* -- values -- */

/* "7.3.2026", "07.03.2026 г." or "2026-03-07", and what follows; false if it is no date. */
static bool
read_date(const char *text, char to[static ISO_LEN], const char **ret_rest)
{
	unsigned day, month, year;
	struct civil c;
	int n = 0;

	if (sscanf(text, "%2u.%2u.%4u%n", &day, &month, &year, &n) == 3 && n > 0) {
		text += n;
		if (strncmp(text, " г.", strlen(" г.")) == 0)
			text += strlen(" г.");
		else if (strncmp(text, "г.", strlen("г.")) == 0)
			text += strlen("г.");
		snprintf(to, ISO_LEN, "%04u-%02u-%02u", year, month, day);
	} else {
		if (strlen(text) < 10)
			return false;
		memcpy(to, text, 10);
		to[10] = '\0';
		text += 10;
	}
	*ret_rest = text;
	return clock_parse_date(to, &c) == OK;
}

static void
set_date(struct row *r, const char *path, const char *text, const char *column)
{
	char iso[ISO_LEN];
	const char *rest;

	/* a spreadsheet may add midnight to a date */
	if (read_date(text, iso, &rest) && (*rest == '\0' || strcmp(rest, " 00:00:00") == 0 || strcmp(rest, " 0:00") == 0 ||
					    strcmp(rest, "T00:00:00") == 0))
		set(r, path, iso, column);
	else
		fail(r, ERR_BAD_DATE, column, NULL);
}

static void
set_time(struct row *r, const char *path, const char *text, const char *column)
{
	unsigned hour, minute, second = 0;
	char iso[ISO_LEN];
	const char *rest;
	int64_t ms;
	int n = 0;

	if (clock_parse(text, &ms) == OK && strlen(text) > 10) {
		set(r, path, text, column);
		return;
	}
	if (!read_date(text, iso, &rest)) {
		fail(r, ERR_BAD_DATE, column, NULL);
		return;
	}
	if (*rest == '\0') {
		snprintf(iso + 10, sizeof(iso) - 10, "T%s", strstr(path, "_by") ? "23:59:59" : "00:00:00");
	} else if (sscanf(rest, "%*1[ T]%2u:%2u%n:%2u%n", &hour, &minute, &n, &second, &n) >= 2 && rest[n] == '\0' &&
		   hour < 24 && minute < 60 && second < 60) {
		snprintf(iso + 10, sizeof(iso) - 10, "T%02u:%02u:%02u", hour % 24, minute % 60, second % 60);
	} else {
		fail(r, ERR_BAD_DATE, column, NULL);
		return;
	}
	set(r, path, iso, column);
}

static const char *
code_of(struct row *r, const char *list, const char *text)
{
	const char *code;

	if (record_is_code(list, text))
		return text;
	if ((code = csv_code_of_word(list, text)))
		return code;
	code = r->env->concept ? r->env->concept(r->env->arg, "", text) : NULL;
	return code && record_is_code(list, code) ? code : NULL;
}

static void
set_code(struct row *r, const struct column *c, const char *text)
{
	const char *code = code_of(r, c->list, text);

	if (code) {
		set(r, c->path, code, c->name);
	} else if (strcmp(c->list, "service_kind") == 0) {
		/* what nobody has mapped stays readable */
		set(r, c->path, "other", c->name);
		set(r, "referral.service_text", text, c->name);
	} else {
		fail(r, ERR_UNKNOWN_CODE, c->name, NULL);
	}
}

/* Call `each` with the parts of "a | b"; the copy is in the arena. */
static void
split(struct row *r, const struct column *c, const char *text, void (*each)(struct row *, const struct column *, char *))
{
	char *copy = arena_str(r->mem, text), *part, *rest;

	for (part = copy ? strtok_r(copy, "|", &rest) : NULL; part; part = strtok_r(NULL, "|", &rest)) {
		while (*part == ' ')
			part++;
		for (size_t n = strlen(part); n && part[n - 1] == ' '; n--)
			part[n - 1] = '\0';
		if (*part)
			each(r, c, part);
	}
}

static void
each_code(struct row *r, const struct column *c, char *part)
{
	const char *code = code_of(r, c->list, part);

	if (code)
		set(r, c->path, code, c->name);
	else
		fail(r, ERR_UNKNOWN_CODE, c->name, NULL);
}

static void
each_question(struct row *r, const struct column *c, char *part)
{
	size_t n = r->record->status ? r->record->status->n_questions : 0;

	set(r, arena_fmt(r->mem, "status.questions[%zu].text", n), part, c->name);
}

static bool
is_digits(const char *text)
{
	return text[strspn(text, "0123456789")] == '\0';
}

/* A number lost its leading zero in a spreadsheet: given back where the check digit agrees. */
static const char *
whole_id(struct row *r, const char *type, const char *number)
{
	const char *padded;

	if (strlen(number) != 9 || !is_digits(number))
		return number;
	padded = arena_fmt(r->mem, "0%s", number);
	if (!padded)
		return number;
	return (strcmp(type, "EGN") == 0 && record_is_egn(padded)) || (strcmp(type, "LNCH") == 0 && record_is_lnch(padded)) ?
		padded : number;
}

static void
set_id(struct row *r, const char *number)
{
	const char *said = cell(r, "id_type"), *type = said ? code_of(r, "id_type", said) : "EGN";

	if (!type) {
		fail(r, ERR_UNKNOWN_CODE, "id_type", NULL);
		return;
	}
	number = whole_id(r, type, number);
	if ((strcmp(type, "EGN") == 0 && !record_is_egn(number)) || (strcmp(type, "LNCH") == 0 && !record_is_lnch(number))) {
		fail(r, ERR_BAD_ID, "id_number", NULL);
		return;
	}
	set(r, "referral.child.ids[0].type", type, "id_type");
	set(r, "referral.child.ids[0].value", number, "id_number");
}

static void
set_alias(struct row *r, const struct column *c, const char *text)
{
	const char *agency = r->env->agency_of ? r->env->agency_of(r->env->arg, text) : NULL;

	if (!agency)
		agency = text;		/* the core knows the directory, and refuses what is not in it */
	set(r, c->path, agency, c->name);
	r->item->target = agency;
}

static void
set_column(struct row *r, const struct column *c)
{
	const char *text = cell(r, c->name);

	if (!text)
		return;
	switch (c->conv) {
	case COLUMN_TEXT: case COLUMN_INT: set(r, c->path, text, c->name); break;
	case COLUMN_DATE: set_date(r, c->path, text, c->name); break;
	case COLUMN_TIME: set_time(r, c->path, text, c->name); break;
	case COLUMN_CODE: case COLUMN_GIVEN_BY: set_code(r, c, text); break;
	case COLUMN_CODES: split(r, c, text, each_code); break;
	case COLUMN_QUESTIONS: split(r, c, text, each_question); break;
	case COLUMN_EKATTE:
		set(r, c->path, is_digits(text) && strlen(text) < 5 ?
		    arena_fmt(r->mem, "%.*s%s", (int)(5 - strlen(text)), "00000", text) : text, c->name);
		break;
	case COLUMN_ID: set_id(r, text); break;
	case COLUMN_ALIAS: set_alias(r, c, text); break;
	case COLUMN_NONE: break;
	}
}

/* -- rows -- */

static bool
is_known(const struct column *columns, const char *name)
{
	for (; columns->name; columns++)
		if (strcmp(columns->name, name) == 0)
			return true;
	return false;
}

static void
count_dropped(struct row *r, const struct column *columns)
{
	int64_t n = 0;

	for (size_t i = 0; i < r->csv->n_columns; i++)
		n += *r->cells[i] && !is_known(columns, r->csv->header[i]);
	if (n)
		r->record->dropped = record_int(r->mem, n);
}

static void
read_record(struct row *r, const struct column *columns, const char *kind)
{
	const char *no = cell(r, "referral_no");

	if (!(r->record = record_new(r->mem, "record"))) {
		fail(r, ERR_TOOBIG, NULL, NULL);
		return;
	}
	if (!no)
		fail(r, ERR_REQUIRED, "referral_no", NULL);
	set(r, "kind", kind, NULL);
	set(r, "source", "csv", NULL);
	set(r, "native_id", no, "referral_no");
	for (const struct column *c = columns; c->name && r->item->e == OK; c++)
		set_column(r, c);
	count_dropped(r, columns);
	r->item->record = r->record;
}

static void
read_referral(struct row *r)
{
	const char *institution = cell(r, "institution_code");

	read_record(r, CSV_REFERRAL, "referral");
	if (r->item->e != OK)
		return;
	set(r, "referral.initiator.agency", r->env->agency, NULL);
	if (!cell(r, "from_unit"))
		set(r, "referral.initiator.unit", cell(r, "institution_name"), "institution_name");
	r->item->native_id = arena_fmt(r->mem, "%s|%s", institution ? institution : "", cell(r, "referral_no"));
}

/* A row without a step is the number that the school gave to what it was sent; a row with both is both. */
static void
read_status(struct row *r)
{
	const char *to = cell(r, "to"), *case_no = cell(r, "case_no"), *part;
	uint64_t hash = FNV_OFFSET;
	size_t i;

	read_record(r, CSV_STATUS, "status-change");
	if (r->item->e != OK)
		return;
	if (case_no) {
		r->item->confirms = r->record->status->referral_id;
		r->item->case_no = case_no;
	}
	if (!to && case_no)
		r->item->record = NULL;
	if (!to && !case_no)
		fail(r, ERR_REQUIRED, "to", NULL);
	if (to && r->record->status->reason_text && !r->record->status->reason_code &&
	    strcmp(r->record->status->to, "declined") == 0)
		r->record->status->reason_code = "other";
	/* by all that the row says, and without the text itself: this becomes a key in the store */
	for (const struct column *c = CSV_STATUS; c->name; c++)
		for (part = cell(r, c->name) ? cell(r, c->name) : "", i = 0; i <= strlen(part); i++)
			hash = (hash ^ (uint8_t)part[i]) * FNV_PRIME;
	r->item->native_id = arena_fmt(r->mem, "%s|%s|%016" PRIx64, cell(r, "referral_no"), to ? to : "", hash);
}

static void
read_confirm(struct row *r)
{
	const char *msg_id = cell(r, "msg_id"), *case_no = cell(r, "case_no"), *on = cell(r, "registered_on"), *rest;
	char iso[ISO_LEN];

	if (!msg_id)
		fail(r, ERR_REQUIRED, "msg_id", NULL);
	if (!case_no)
		fail(r, ERR_REQUIRED, "case_no", NULL);
	if (on && !read_date(on, iso, &rest))
		fail(r, ERR_BAD_DATE, "registered_on", NULL);
	r->item->confirms = msg_id;
	r->item->case_no = case_no;
}

static enum err
kind_of(const struct csv *csv, enum table *ret_table, struct why *why)
{
	if (csv_column(csv, "last_name") >= 0 || csv_column(csv, "birth_date") >= 0)
		*ret_table = TABLE_REFERRALS;
	else if (csv_column(csv, "to") >= 0 && csv_column(csv, "referral_no") >= 0)
		*ret_table = TABLE_STATUSES;
	else if (csv_column(csv, "msg_id") >= 0 && csv_column(csv, "case_no") >= 0)
		*ret_table = TABLE_CONFIRMS;
	else
		return why_set(why, ERR_UNSUPPORTED, "row 1", "the header is of no table that is taken here");
	if (*ret_table == TABLE_REFERRALS && csv_column(csv, "referral_no") < 0)
		return why_set(why, ERR_REQUIRED, "referral_no", "the column is missing");
	return OK;
}

static void
read_row(struct row *r, enum table table)
{
	switch (table) {
	case TABLE_REFERRALS: read_referral(r); break;
	case TABLE_STATUSES: read_status(r); break;
	case TABLE_CONFIRMS: read_confirm(r); break;
	}
	if (r->item->e != OK) {
		r->item->record = NULL;
		r->item->confirms = r->item->case_no = r->item->target = NULL;
	}
}

void
education_to_records(const struct native *in, const struct sector_env *env, struct arena *mem, struct intake *ret_intake)
{
	const char *cells[CSV_COLUMNS_MAX];
	struct intake_item *items;
	enum table table;
	struct csv csv;
	size_t n_max = 0;
	enum err e;

	*ret_intake = (struct intake){ .e = OK };
	if ((e = csv_open(&csv, in->bytes, in->charset, mem, &ret_intake->why)) != OK ||
	    (e = kind_of(&csv, &table, &ret_intake->why)) != OK)
		goto refuse;
	while (csv_next(&csv, cells, &e, &ret_intake->why)) {
		struct intake_item *item;
		struct row r = { .csv = &csv, .cells = cells, .env = env, .mem = mem };

		if (ret_intake->n == n_max) {
			size_t wider = n_max ? n_max * 2 : 16;

			items = arena_grow(mem, ret_intake->items, n_max * sizeof(*items), wider * sizeof(*items));
			if (!items)
				goto full;
			ret_intake->items = items;
			n_max = wider;
		}
		r.item = item = &ret_intake->items[ret_intake->n++];
		*item = (struct intake_item){ .row = csv.row };
		if (e != OK) {
			item->e = e;
			item->why = ret_intake->why;
		} else {
			read_row(&r, table);
		}
	}
	ret_intake->why = (struct why){ .line = 0 };
	if (!arena_is_full(mem))
		return;
full:
	e = why_set(&ret_intake->why, ERR_TOOBIG, NULL, "more than can be taken at once: give fewer rows");
refuse:
	ret_intake->e = e;
	ret_intake->items = NULL;
	ret_intake->n = 0;
}

/* -- the result table -- */

static void
put_result(struct csv_writer *w, const char *no, const struct intake_item *item, enum err e, const struct why *why,
	   struct arena *mem)
{
	const char *column = csv_column_of(why->where);

	csv_put(w, no);
	if (e == OK) {
		csv_put(w, item->is_repeat ? "repeated" : item->record ? "accepted" : "registered");
		csv_put(w, NULL);
		csv_put(w, item->msg_id);
	} else {
		csv_put(w, "refused");
		csv_put(w, column ? column : why->where);
		csv_put(w, arena_fmt(mem, "%s %s: %s", err_code(e), err_text(e, LANG_BG), err_remedy(e, LANG_BG)));
	}
	csv_end(w);
}

enum err
education_answer(const struct native *in, const struct intake *intake, const struct sector_env *env, struct arena *mem,
		 struct native *ret_answer)
{
	const char *cells[CSV_COLUMNS_MAX];
	struct csv_writer w;
	bool is_open, has_good = intake->e == OK && intake->n == 0;
	struct csv csv;
	int column;
	enum err e;

	(void)env;
	*ret_answer = (struct native){ .format = FORMAT_CSV, .media_type = "text/csv" };
	is_open = csv_open(&csv, in->bytes, in->charset, mem, NULL) == OK;
	csv_writer_init(&w, is_open ? csv.separator : ';', mem);
	for (size_t i = 0; CSV_RESULT[i]; i++)
		csv_put(&w, CSV_RESULT[i]);
	csv_end(&w);
	if (intake->e != OK)
		put_result(&w, NULL, NULL, intake->e, &intake->why, mem);
	column = is_open ? csv_column(&csv, "referral_no") : -1;
	if (column < 0 && is_open)
		column = csv_column(&csv, "msg_id");
	/* the rows again, in step with the items, for their numbers */
	for (size_t i = 0; i < intake->n && is_open && csv_next(&csv, cells, &e, NULL); i++) {
		const struct intake_item *item = &intake->items[i];

		put_result(&w, e == OK && column >= 0 ? cells[column] : NULL, item, item->e, &item->why, mem);
		has_good = has_good || item->e == OK;
	}
	ret_answer->status = has_good ? 200 : 422;
	return csv_bytes(&w, is_open ? csv.charset : CHARSET_UTF8, &ret_answer->bytes, &ret_answer->charset);
}
