/* SPDX-License-Identifier: EUPL-1.2 */
/* csv_row - one row of a table being read into an item of the intake. Seen by to_record.c and csv_row.c.
 *
 * A fault is kept in the item by csv_row_fail with its column and line, and after it nothing is set any more.
 */
#ifndef EDUCATION_CSV_ROW_H
#define EDUCATION_CSV_ROW_H

#include "adapters/core/sector.h"
#include "adapters/education/csv.h"
#include "adapters/education/csv_columns.h"

#define CSV_ROW_ISO_LEN 40

struct oneroster;

struct csv_row {
	const struct csv *csv;
	const char *const *cells;
	const struct sector_env *env;
	struct arena *mem;
	struct intake_item *item;
	struct record *record;
	struct oneroster **roster;	/* of the whole table, read when a row first asks for it */
	bool *is_roster_read;
};

const char *csv_row_cell(const struct csv_row *r, const char *column);	/* NULL: empty, or no such column */
void csv_row_fail(struct csv_row *r, enum err e, const char *column, const char *text);	/* text NULL: the error's own */
void csv_row_set(struct csv_row *r, const char *path, const char *text, const char *column);
/* "7.3.2026", "07.03.2026 г." or "2026-03-07" to ISO 8601, and what follows; false if it is no date. */
bool csv_row_date(const char *text, char to[static CSV_ROW_ISO_LEN], const char **ret_rest);
/* A value by what its field is, as tolerant as a column of the other tables. `is_joined`: several texts in one cell, joined by |. */
void csv_row_set_field(struct csv_row *r, const struct field *f, const char *path, const char *text, const char *column, bool is_joined);
bool csv_row_is_agency(const struct field *f);		/* does it hold an agency's id? */
/* A person's number that lost its leading zero gets it back where the check digit agrees; `type` as the table says it. */
const char *csv_row_whole_id(const struct csv_row *r, const char *type, const char *number);
void csv_row_set_column(struct csv_row *r, const struct column *c);	/* by its conversion */

#endif
