/* SPDX-License-Identifier: EUPL-1.2 */
/* to_record - the rows of a school's table to records.
 *
 * What a table is - referrals, statuses, confirmations or records of other kinds - is told by its header. A row is read by itself
 * (csv_row.c), but for records, which may have several (csv_kind_in.c); the first fault in it is its result, the other rows go on.
 * Called by the core through education_sector.
 */
#include "adapters/education/education.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "adapters/education/csv_kind.h"
#include "adapters/education/csv_row.h"
#include "adapters/education/oneroster.h"

#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

#define PUPIL_NO "pupil_no"		/* a column: a number by which the roster knows the pupil */

enum table { TABLE_REFERRALS, TABLE_STATUSES, TABLE_CONFIRMS, TABLE_RECORDS };

static bool
is_known(const struct column *columns, const char *name)
{
	for (; columns->name; columns++)
		if (strcmp(columns->name, name) == 0)
			return true;
	return false;
}

static bool
is_of_preview(const char *name)
{
	for (size_t i = 0; CSV_PREVIEW[i]; i++)
		if (strcmp(CSV_PREVIEW[i], name) == 0)
			return true;
	return false;
}

static void
count_dropped(struct csv_row *r, const struct column *columns)
{
	bool is_preview = csv_column(r->csv, CSV_PREVIEW_MARK) >= 0;
	int64_t n = 0;

	for (size_t i = 0; i < r->csv->n_columns; i++)
		n += *r->cells[i] && !is_known(columns, r->csv->header[i]) && strcmp(r->csv->header[i], PUPIL_NO) != 0 &&
		     !(is_preview && is_of_preview(r->csv->header[i]));
	if (n)
		r->record->dropped = record_int(r->mem, n);
}

static void
read_record(struct csv_row *r, const struct column *columns, const char *kind)
{
	const char *no = csv_row_cell(r, "referral_no");

	if (!(r->record = record_new(r->mem, "record"))) {
		csv_row_fail(r, ERR_TOOBIG, NULL, NULL);
		return;
	}
	if (!no)
		csv_row_fail(r, ERR_REQUIRED, "referral_no", NULL);
	csv_row_set(r, "kind", kind, NULL);
	csv_row_set(r, "source", "csv", NULL);
	csv_row_set(r, "native_id", no, "referral_no");
	for (const struct column *c = columns; c->name && r->item->e == OK; c++)
		csv_row_set_column(r, c);
	count_dropped(r, columns);
	r->item->record = r->record;
}

/* -- the roster -- */

static void
set_if_absent(struct csv_row *r, const char *path, const char *text)
{
	if (text != NULL && *text != '\0' && record_get(r->record, r->mem, path) == NULL)
		csv_row_set(r, path, text, PUPIL_NO);
}

static void
fill_in(struct csv_row *r, const struct pupil *p)
{
	const struct person *child = r->record->referral != NULL ? r->record->referral->child : NULL;
	bool has_ids = child != NULL && child->n_ids > 0;
	const char *iso = p->birth_date;
	char date[CSV_ROW_ISO_LEN];
	const char *rest;

	if (csv_row_date(p->birth_date, date, &rest))	/* some programs write it as people do */
		iso = arena_str(r->mem, date);
	set_if_absent(r, "referral.child.given", p->given);
	set_if_absent(r, "referral.child.middle", p->middle);
	set_if_absent(r, "referral.child.family", p->family);
	set_if_absent(r, "referral.child.birth_date", iso);
	set_if_absent(r, "referral.child.gender", strcasecmp(p->gender, "female") == 0 ? "female" :
		      strcasecmp(p->gender, "male") == 0 ? "male" : *p->gender != '\0' ? "other" : NULL);
	set_if_absent(r, "referral.child.phone", p->phone);
	set_if_absent(r, "referral.child.email", p->email);
	set_if_absent(r, "referral.child.school.code", p->school_code);
	set_if_absent(r, "referral.child.school.name", p->school_name);
	set_if_absent(r, "referral.child.school.grade", p->grade);
	/* the school's own number serves only a child who has no other */
	for (size_t i = 0; i < p->n_ids && !has_ids && (i == 0 || strcmp(p->ids[i].type, "local") != 0); i++) {
		csv_row_set(r, arena_fmt(r->mem, "referral.child.ids[%zu].type", i), p->ids[i].type, PUPIL_NO);
		csv_row_set(r, arena_fmt(r->mem, "referral.child.ids[%zu].value", i), p->ids[i].value, PUPIL_NO);
	}
	if (r->record->referral == NULL || r->record->referral->n_carers > 0)
		return;
	for (size_t i = 0; i < p->n_carers; i++) {
		csv_row_set(r, arena_fmt(r->mem, "referral.carers[%zu].name", i), p->carers[i].name, PUPIL_NO);
		csv_row_set(r, arena_fmt(r->mem, "referral.carers[%zu].relation", i), p->carers[i].relation, PUPIL_NO);
		if (*p->carers[i].phone != '\0')
			csv_row_set(r, arena_fmt(r->mem, "referral.carers[%zu].phone", i), p->carers[i].phone, PUPIL_NO);
	}
}

/* A row that says who the child is needs no roster; one that names a pupil, or only a number, is filled in from it. */
static void
ask_roster(struct csv_row *r)
{
	const char *asked = csv_row_cell(r, PUPIL_NO), *number = asked != NULL ? asked : csv_row_cell(r, "id_number");
	struct pupil pupil;
	struct why why;
	enum err e;

	if (number == NULL || (asked == NULL && csv_row_cell(r, "last_name") != NULL && csv_row_cell(r, "birth_date") != NULL))
		return;
	if (!*r->is_roster_read) {
		*r->is_roster_read = true;
		if ((e = oneroster_open(r->env, r->mem, r->roster, &why)) != OK)
			csv_row_fail(r, e, why.where, why.text);
	}
	if (*r->roster != NULL && oneroster_find(*r->roster, number, &pupil))
		fill_in(r, &pupil);
	else if (asked != NULL)
		csv_row_fail(r, ERR_NOTFOUND, PUPIL_NO, *r->roster != NULL ? "no pupil of the roster has this number" : "there is no roster");
}

static void
read_referral(struct csv_row *r)
{
	const char *institution = csv_row_cell(r, "institution_code");

	read_record(r, CSV_REFERRAL, "referral");
	if (r->item->e != OK)
		return;
	csv_row_set(r, "referral.initiator.agency", r->env->agency, NULL);
	ask_roster(r);
	if (!csv_row_cell(r, "from_unit"))
		csv_row_set(r, "referral.initiator.unit", csv_row_cell(r, "institution_name"), "institution_name");
	r->item->native_id = arena_fmt(r->mem, "%s|%s", institution ? institution : "", csv_row_cell(r, "referral_no"));
}

static uint64_t
hash_text(uint64_t hash, const char *text)
{
	for (size_t i = 0; i <= strlen(text); i++)
		hash = (hash ^ (uint8_t)text[i]) * FNV_PRIME;
	return hash;
}

/* A row without a step is the number that the school gave to what it was sent; a row with both is both. */
static void
read_status(struct csv_row *r)
{
	const char *to = csv_row_cell(r, "to"), *case_no = csv_row_cell(r, "case_no");
	uint64_t hash = FNV_OFFSET;

	read_record(r, CSV_STATUS, "status-change");
	if (r->item->e != OK)
		return;
	/* a preview that comes back answered names its referral surely: several agencies may give the same number */
	if (csv_column(r->csv, CSV_PREVIEW_MARK) >= 0 && csv_row_cell(r, "msg_id"))
		r->record->status->referral_id = csv_row_cell(r, "msg_id");
	if (case_no) {
		r->item->confirms = r->record->status->referral_id;
		r->item->case_no = case_no;
	}
	if (!to && case_no)
		r->item->record = NULL;
	if (!to && !case_no)
		csv_row_fail(r, ERR_REQUIRED, "to", NULL);
	if (to && r->record->status->reason_text && !r->record->status->reason_code &&
	    strcmp(r->record->status->to, "declined") == 0)
		r->record->status->reason_code = "other";
	/* by all that the row says, and without the text itself: this becomes a key in the store. Empty cells say nothing, so that a column
	 * more changes no key */
	for (const struct column *c = CSV_STATUS; c->name; c++)
		if (csv_row_cell(r, c->name) != NULL)
			hash = hash_text(hash_text(hash, c->name), csv_row_cell(r, c->name));
	r->item->native_id = arena_fmt(r->mem, "%s|%s|%016" PRIx64, csv_row_cell(r, "referral_no"), to ? to : "", hash);
}

static void
read_confirm(struct csv_row *r)
{
	const char *msg_id = csv_row_cell(r, "msg_id"), *case_no = csv_row_cell(r, "case_no");
	const char *on = csv_row_cell(r, "registered_on"), *rest;
	char iso[CSV_ROW_ISO_LEN];

	if (!msg_id)
		csv_row_fail(r, ERR_REQUIRED, "msg_id", NULL);
	if (!case_no)
		csv_row_fail(r, ERR_REQUIRED, "case_no", NULL);
	if (on && !csv_row_date(on, iso, &rest))
		csv_row_fail(r, ERR_BAD_DATE, "registered_on", NULL);
	r->item->confirms = msg_id;
	r->item->case_no = case_no;
}

/* XLSX and ODS are archives, XLS is a compound file: nothing of them is unpacked here. */
static bool
is_spreadsheet(struct span bytes)
{
	return bytes.n >= 4 && (memcmp(bytes.p, "PK\x03\x04", 4) == 0 || memcmp(bytes.p, "\xD0\xCF\x11\xE0", 4) == 0);
}

static enum err
kind_of(const struct csv *csv, enum table *ret_table, struct why *why)
{
	if (csv_column(csv, "last_name") >= 0 || csv_column(csv, "birth_date") >= 0 || csv_column(csv, PUPIL_NO) >= 0)
		*ret_table = TABLE_REFERRALS;
	else if (csv_column(csv, CSV_KIND) >= 0)
		*ret_table = TABLE_RECORDS;
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
read_row(struct csv_row *r, enum table table)
{
	switch (table) {
	case TABLE_REFERRALS: read_referral(r); break;
	case TABLE_STATUSES: read_status(r); break;
	case TABLE_CONFIRMS: read_confirm(r); break;
	case TABLE_RECORDS: break;
	}
	if (r->item->e != OK) {
		r->item->record = NULL;
		r->item->confirms = r->item->case_no = r->item->target = NULL;
	}
}

/* The rows of a table as they are read. In a table of records `last` is the one that the next row may go on with. */
struct reading {
	struct csv csv;
	enum table table;
	const struct sector_env *env;
	struct arena *mem;
	struct intake *intake;
	size_t n_max;
	struct oneroster *roster;
	bool is_roster_read;
	struct record *last;		/* NULL: there is none, or it was refused at its first row */
	bool has_above;
	const char *last_id;
	uint64_t hash;
};

static struct intake_item *
new_item(struct reading *t)
{
	size_t wider = t->n_max ? t->n_max * 2 : 16;
	struct intake_item *items;

	if (t->intake->n == t->n_max) {
		items = arena_grow(t->mem, t->intake->items, t->n_max * sizeof(*items), wider * sizeof(*items));
		if (!items)
			return NULL;
		t->intake->items = items;
		t->n_max = wider;
	}
	items = &t->intake->items[t->intake->n++];
	*items = (struct intake_item){ .row = t->csv.row };
	return items;
}

static void
read_kind(struct reading *t, struct csv_row *r, bool is_first)
{
	if (is_first)
		t->hash = FNV_OFFSET;
	csv_kind_read(r, is_first, &t->last_id, &t->hash);
	t->last = r->record;
	if (r->item->e != OK) {
		r->item->record = NULL;
		r->item->native_id = NULL;
	}
}

/* It may have been the next row of the record above, which must not go without it. */
static void
refuse_above(struct reading *t)
{
	struct intake_item *item = t->intake->n > 0 ? &t->intake->items[t->intake->n - 1] : NULL;

	if (!t->has_above || item == NULL || item->e != OK)
		return;
	item->e = why_set(&item->why, ERR_BAD_ROW, NULL, "a row below cannot be read, and may be part of this record");
	item->why.line = t->csv.line;
	item->record = NULL;
	item->native_id = NULL;
}

/* False: there is no room. */
static bool
take_row(struct reading *t, const char *const *cells, enum err e)
{
	struct csv_row r = { .csv = &t->csv, .cells = cells, .env = t->env, .mem = t->mem, .roster = &t->roster,
			     .is_roster_read = &t->is_roster_read, .record = t->last };

	if (t->table == TABLE_RECORDS && e == OK && t->has_above && csv_kind_goes_on(&r, t->last_id)) {
		r.item = &t->intake->items[t->intake->n - 1];
		read_kind(t, &r, false);
		return true;
	}
	if (t->table == TABLE_RECORDS && e != OK)
		refuse_above(t);
	t->last = r.record = NULL;
	t->has_above = t->table == TABLE_RECORDS && e == OK;
	if ((r.item = new_item(t)) == NULL)
		return false;
	if (e != OK) {
		r.item->e = e;
		r.item->why = t->intake->why;
	} else if (t->table == TABLE_RECORDS) {
		read_kind(t, &r, true);
	} else {
		read_row(&r, t->table);
	}
	return true;
}

void
education_to_records(const struct native *in, const struct sector_env *env, struct arena *mem, struct intake *ret_intake)
{
	struct reading t = { .env = env, .mem = mem, .intake = ret_intake };
	const char *cells[CSV_COLUMNS_MAX];
	bool has_room = true;
	enum err e;

	*ret_intake = (struct intake){ .e = OK };
	if (is_spreadsheet(in->bytes)) {
		e = why_set(&ret_intake->why, ERR_SPREADSHEET, NULL, "save it as CSV");
		goto refuse;
	}
	if ((e = csv_open(&t.csv, in->bytes, in->charset, mem, &ret_intake->why)) != OK ||
	    (e = kind_of(&t.csv, &t.table, &ret_intake->why)) != OK)
		goto refuse;
	while (has_room && csv_next(&t.csv, cells, &e, &ret_intake->why))
		has_room = take_row(&t, cells, e);
	ret_intake->why = (struct why){ .line = 0 };
	if (has_room && !arena_is_full(mem))
		return;
	e = why_set(&ret_intake->why, ERR_TOOBIG, NULL, "more than can be taken at once: give fewer rows");
refuse:
	ret_intake->e = e;
	ret_intake->items = NULL;
	ret_intake->n = 0;
}
