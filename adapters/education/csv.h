/* SPDX-License-Identifier: EUPL-1.2 */
/* csv - tables as school software writes them: RFC 4180 with `;`, `,` or a tab, in UTF-8, windows-1251 or UTF-16.
 *
 * A row is decoded and split alone, so that a bad one costs nothing but itself: what was wrong ends at its first line end,
 * and the next line begins a row again. Pure; cells are copies in an arena, without blanks around.
 */
#ifndef EDUCATION_CSV_H
#define EDUCATION_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"

#define CSV_BYTES_MAX (16u * 1024 * 1024)
#define CSV_ROWS_MAX 10000		/* without the header */
#define CSV_ROW_BYTES_MAX (32u * 1024)
#define CSV_COLUMNS_MAX 128

struct csv {
	struct span text;
	size_t at;
	uint8_t separator;
	const char *charset;		/* found out, as charset_name gives it */
	unsigned line, next_line;	/* 1-based, where the row given last began, and where the next one does */
	unsigned row;			/* 1-based, as a spreadsheet counts what it shows: the header is row 1 */
	const char **header;		/* lower case */
	size_t n_columns;
	struct arena *mem;
};

/* Find charset and separator and read the header. `charset`: what the door knows, NULL otherwise; valid UTF-8 is UTF-8
 * whatever it says, and what is not is windows-1251 unless it says something else; what begins with a mark of UTF-16 is that, and `text` is made
 * UTF-8 of it. ERR_TOOBIG, ERR_CUT_OFF (nothing there),
 * ERR_TOOMANY (columns), ERR_CHARSET, ERR_SYNTAX (a column twice). */
enum err csv_open(struct csv *c, struct span bytes, const char *charset, struct arena *mem, struct why *why) MUST_USE;
/* The next row that is not empty. False at the end. *ret_e tells of this row alone: ERR_BAD_ROW, ERR_SYNTAX (quotes),
 * ERR_CHARSET, ERR_TOOBIG; ERR_TOOMANY is said once, at CSV_ROWS_MAX, and ends the table. ret_cells has n_columns texts. */
bool csv_next(struct csv *c, const char **ret_cells, enum err *ret_e, struct why *why);
/* The column of that name; -1 if there is none. */
int csv_column(const struct csv *c, const char *name);

/* -- writing: UTF-8, CRLF -- */
struct csv_writer {
	struct buf b;
	uint8_t separator;
	bool is_first;
};

void csv_writer_init(struct csv_writer *w, uint8_t separator, struct arena *mem);
/* A cell, quoted where it must be; NULL is empty. A text that a spreadsheet would take for a formula, or that has a ' before one or before
 * a number, gets a ' in front, which csv_next takes away again. */
void csv_put(struct csv_writer *w, const char *text);
void csv_end(struct csv_writer *w);
/* The bytes in `charset`; should it lack a character, UTF-8 with a byte order mark, for a name is never spoilt. */
enum err csv_bytes(struct csv_writer *w, const char *charset, struct span *ret_bytes, const char **ret_charset) MUST_USE;

#endif
