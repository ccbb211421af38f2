/* SPDX-License-Identifier: EUPL-1.2 */
/* csv_columns - the columns of the school's tables and the fields of the record they are: one table for both directions. */
#ifndef EDUCATION_CSV_COLUMNS_H
#define EDUCATION_CSV_COLUMNS_H

#include <stddef.h>

#include "proto/base/arena.h"

enum column_conv {
	COLUMN_TEXT,
	COLUMN_DATE,		/* dd.mm.yyyy or yyyy-mm-dd */
	COLUMN_TIME,		/* a date, with or without hh:mm; a deadline without an hour is the whole day's */
	COLUMN_INT,
	COLUMN_BOOL,		/* yes or no, in the words of csv_row.c */
	COLUMN_CODE,		/* a code of `list`, our word for it in Bulgarian, or the agency's concept map */
	COLUMN_CODES,		/* several, joined by | */
	COLUMN_EKATTE,		/* five digits, of which a spreadsheet ate the leading zeros */
	COLUMN_ID,		/* child.ids: with id_type beside it */
	COLUMN_GIVEN_BY,	/* consent giver: a code, or who it is to the child */
	COLUMN_ALIAS,		/* an agency, by our id or the agency's name for it */
	COLUMN_QUESTIONS,	/* texts joined by | */
	COLUMN_NONE,		/* read by itself, or written only */
};

struct column {
	const char *name;
	const char *path;	/* of the record; NULL with COLUMN_NONE */
	enum column_conv conv;
	const char *list;
};

extern const struct column CSV_REFERRAL[], CSV_STATUS[];	/* end with name NULL */
#define CSV_LEFT_OUT "left_out"	/* written only: how many fields of the record have no column, and which */
extern const char *const CSV_CONFIRM[], *const CSV_RESULT[];	/* names, end with NULL */
/* Of a referral that nobody has opened: what is shown of it, and empty cells for the answer, which is read as a status. The first of
 * them that no status has tells such a table. */
#define CSV_PREVIEW_MARK "age_band"
extern const char *const CSV_PREVIEW[];

/* The code for a Bulgarian word, in any case; NULL if there is none. */
const char *csv_code_of_word(const char *list, const char *word);
const char *csv_code_of_word_among(const char *const *codes, const char *word);	/* the same, for one of these codes */
char *csv_lower(const char *text, struct arena *mem);	/* А to Я and A to Z as small letters; NULL when full */
/* The column that a path of the record stands in ("referral.child.birth_date" -> "birth_date"); NULL if none does. */
const char *csv_column_of(const char *path);

#endif
