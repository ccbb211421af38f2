/* SPDX-License-Identifier: EUPL-1.2 */
/* to_record - the rows of a school's table to records.
 *
 * What a table is - referrals, statuses or confirmations - is told by its header. A row is read by itself (csv_row.c); the
 * first fault in it is its result, the other rows go on. Called by the core through education_sector.
 */
#include "adapters/education/education.h"

#include <inttypes.h>
#include <string.h>

#include "adapters/education/csv_row.h"

#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

enum table { TABLE_REFERRALS, TABLE_STATUSES, TABLE_CONFIRMS };

static bool
is_known(const struct column *columns, const char *name)
{
	for (; columns->name; columns++)
		if (strcmp(columns->name, name) == 0)
			return true;
	return false;
}

static void
count_dropped(struct csv_row *r, const struct column *columns)
{
	int64_t n = 0;

	for (size_t i = 0; i < r->csv->n_columns; i++)
		n += *r->cells[i] && !is_known(columns, r->csv->header[i]);
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

static void
read_referral(struct csv_row *r)
{
	const char *institution = csv_row_cell(r, "institution_code");

	read_record(r, CSV_REFERRAL, "referral");
	if (r->item->e != OK)
		return;
	csv_row_set(r, "referral.initiator.agency", r->env->agency, NULL);
	if (!csv_row_cell(r, "from_unit"))
		csv_row_set(r, "referral.initiator.unit", csv_row_cell(r, "institution_name"), "institution_name");
	r->item->native_id = arena_fmt(r->mem, "%s|%s", institution ? institution : "", csv_row_cell(r, "referral_no"));
}

/* A row without a step is the number that the school gave to what it was sent; a row with both is both. */
static void
read_status(struct csv_row *r)
{
	const char *to = csv_row_cell(r, "to"), *case_no = csv_row_cell(r, "case_no"), *part;
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
		csv_row_fail(r, ERR_REQUIRED, "to", NULL);
	if (to && r->record->status->reason_text && !r->record->status->reason_code &&
	    strcmp(r->record->status->to, "declined") == 0)
		r->record->status->reason_code = "other";
	/* by all that the row says, and without the text itself: this becomes a key in the store */
	for (const struct column *c = CSV_STATUS; c->name; c++)
		for (part = csv_row_cell(r, c->name) ? csv_row_cell(r, c->name) : "", i = 0; i <= strlen(part); i++)
			hash = (hash ^ (uint8_t)part[i]) * FNV_PRIME;
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
read_row(struct csv_row *r, enum table table)
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
		struct csv_row r = { .csv = &csv, .cells = cells, .env = env, .mem = mem };

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
