/* SPDX-License-Identifier: EUPL-1.2 */
/* csv - the row scanner, the cell splitter and the writer. Knows no column by name.
 *
 * Called by to_record.c and from_record.c. Bounds: CSV_* in the header; every scan stays within its span.
 */
#include "adapters/education/csv.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>

#include "adapters/core/charset.h"
#include "proto/base/visible.h"

#define BOM "\xEF\xBB\xBF"

static bool
is_line_end(uint8_t c)
{
	return c == '\n' || c == '\r';
}

/* -- rows -- */

/* The length of the row at `s`: to the first line end outside quotes. False: a quote is open at the end of the text, or of
 * the longest row there may be: a stray quote must not cost more than that. */
static bool
row_len(struct span s, uint8_t separator, size_t *ret_n)
{
	bool quoted = false, at_start = true;
	size_t i;

	if (s.n > CSV_ROW_BYTES_MAX + 1)
		s.n = CSV_ROW_BYTES_MAX + 1;
	for (i = 0; i < s.n && (quoted || !is_line_end(s.p[i])); i++) {
		if (quoted) {
			if (s.p[i] == '"' && i + 1 < s.n && s.p[i + 1] == '"')
				i++;
			else if (s.p[i] == '"')
				quoted = false;
			continue;
		}
		quoted = s.p[i] == '"' && at_start;
		at_start = s.p[i] == separator || (at_start && s.p[i] == ' ');
	}
	*ret_n = i < s.n ? i : s.n;
	return !quoted;
}

static size_t
line_len(struct span s)
{
	size_t i = 0;

	while (i < s.n && !is_line_end(s.p[i]))
		i++;
	return i;
}

/* Move behind the line end at `at` (CRLF is one). */
static void
skip_line_end(struct csv *c)
{
	if (c->at < c->text.n && c->text.p[c->at] == '\r')
		c->at++;
	if (c->at < c->text.n && c->text.p[c->at] == '\n')
		c->at++;
}

static unsigned
count_lines(struct span s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n' || (s.p[i] == '\r' && (i + 1 == s.n || s.p[i + 1] != '\n'));
	return n;
}

/* -- cells -- */

/* Apostrophes before what a spreadsheet may compute, or before a number: one of them was put there to keep it a text. */
static bool
is_kept(const uint8_t *p, size_t n)
{
	size_t i = 0, digits = 0;

	while (i < n && p[i] == '\'')
		i++;
	if (i == 0 || i == n || p[i] == '\0')
		return false;
	for (size_t k = i; k < n && p[k] != '\0' && strchr("0123456789 ()-.,/:+", p[k]); k++)
		digits++;
	return digits == n - i || strchr("=+-@", p[i]);
}

/* ="0123": what people write so that a spreadsheet keeps a number's zeroes. */
static bool
is_wrapped(const uint8_t *p, size_t n)
{
	return n >= 3 && p[0] == '=' && p[1] == '"' && p[n - 1] == '"' && memchr(p + 2, '"', n - 3) == NULL;
}

static const char *
cell_of(struct csv *c, const uint8_t *p, size_t n)
{
	size_t blank = visible_skip(SPAN(p, n));

	p += blank;
	n -= blank;
	n -= visible_trim(SPAN(p, n));
	if (is_kept(p, n)) {	/* what csv_put did */
		p++;
		n--;
	} else if (is_wrapped(p, n)) {
		return cell_of(c, p + 2, n - 3);
	}
	return n ? arena_strn(c->mem, p, n) : "";
}

/* A quoted cell at s.p[0] == '"'. Gives the bytes eaten, closing quote included; 0: something stands behind it. */
static size_t
quoted_cell(struct csv *c, struct span s, const char **ret_cell)
{
	struct buf b;
	size_t i;

	buf_init(&b, c->mem);
	for (i = 1; i < s.n; i++) {
		if (s.p[i] != '"')
			buf_u8(&b, s.p[i]);
		else if (i + 1 < s.n && s.p[i + 1] == '"')
			buf_u8(&b, s.p[i++]);
		else
			break;
	}
	for (i++; i < s.n && s.p[i] == ' '; i++)
		;
	if (i < s.n && s.p[i] != c->separator)
		return 0;
	*ret_cell = b.n ? cell_of(c, b.p, b.n) : "";
	return i;
}

/* Split a decoded row; at most `max` cells are kept, *ret_n counts all. */
static enum err
split_row(struct csv *c, struct span s, const char **cells, size_t max, size_t *ret_n)
{
	const char *cell;
	size_t i = 0, len;

	*ret_n = 0;
	for (;;) {
		while (i < s.n && s.p[i] == ' ')
			i++;
		if (i < s.n && s.p[i] == '"') {
			if ((len = quoted_cell(c, SPAN(s.p + i, s.n - i), &cell)) == 0)
				return ERR_SYNTAX;
		} else {
			for (len = 0; i + len < s.n && s.p[i + len] != c->separator; len++)
				;
			cell = cell_of(c, s.p + i, len);
		}
		if (!cell)
			return ERR_TOOBIG;
		if (*ret_n < max)
			cells[*ret_n] = cell;
		(*ret_n)++;
		i += len;
		if (i >= s.n)
			return OK;
		i++;
	}
}

/* The bytes of a no-break space at `at`, in the table's own charset; 0: it is none. */
static size_t
hard_space(const struct csv *c, struct span s, size_t at)
{
	if (strcmp(c->charset, CHARSET_UTF8) == 0)
		return s.n - at >= 2 && s.p[at] == 0xC2 && s.p[at + 1] == 0xA0 ? 2 : 0;
	return s.p[at] == 0xA0;
}

static bool
is_blank_row(const struct csv *c, struct span s, uint8_t separator)
{
	size_t n_quotes = 0, n;

	for (size_t i = 0; i < s.n; i += n) {
		n = hard_space(c, s, i);
		n_quotes = s.p[i] == '"' ? n_quotes + 1 : 0;
		if ((n == 0 && s.p[i] != ' ' && s.p[i] != '\t' && s.p[i] != separator && s.p[i] != '"') || n_quotes > 2)	/* """" is a quote */
			return false;
		n += n == 0;
	}
	return true;
}

/* Read the row at c->at, whose length without faults is `n`. */
static enum err
read_row(struct csv *c, size_t n, const char **cells, size_t *ret_n, struct why *why)
{
	struct span raw = SPAN(c->text.p + c->at, n), text;
	enum err e;

	if (n > CSV_ROW_BYTES_MAX)
		return why_set(why, ERR_TOOBIG, NULL, "a row of more than %u bytes", CSV_ROW_BYTES_MAX);
	if ((e = charset_decode(c->charset, raw, c->mem, &text, why)) != OK)
		return e;
	e = split_row(c, text, cells, CSV_COLUMNS_MAX, ret_n);
	if (e == ERR_SYNTAX)
		why_set(why, e, NULL, "something stands behind a closing quote");
	return e;
}

bool
csv_next(struct csv *c, const char **ret_cells, enum err *ret_e, struct why *why)
{
	const char *cells[CSV_COLUMNS_MAX];
	bool is_closed;
	size_t n, n_cells;
	enum err e = OK;

	*ret_e = OK;
	for (;;) {
		if (c->at >= c->text.n)
			return false;
		is_closed = row_len(SPAN(c->text.p + c->at, c->text.n - c->at), c->separator, &n);
		if (!is_blank_row(c, SPAN(c->text.p + c->at, n), c->separator))
			break;
		c->next_line += count_lines(SPAN(c->text.p + c->at, n)) + 1;
		c->row++;
		c->at += n;
		skip_line_end(c);
	}
	c->line = c->next_line;
	if (c->row > CSV_ROWS_MAX) {
		*ret_e = why_set(why, ERR_TOOMANY, NULL, "more than %d rows", CSV_ROWS_MAX);
		c->at = c->text.n;
		return true;
	}
	n_cells = 0;
	if (!is_closed)
		e = why_set(why, ERR_SYNTAX, NULL, "a quote is never closed");
	else
		e = read_row(c, n, cells, &n_cells, why);
	if (e == OK && n_cells != c->n_columns)
		e = why_set(why, ERR_BAD_ROW, NULL, "%zu columns instead of %zu", n_cells, c->n_columns);
	if (why && e != OK) {
		why->line = c->line;
		snprintf(why->where, sizeof(why->where), "row %u", c->row + 1);
	}
	if (e == OK)
		memcpy(ret_cells, cells, n_cells * sizeof(*cells));
	else
		n = line_len(SPAN(c->text.p + c->at, c->text.n - c->at));
	c->row++;
	c->next_line += count_lines(SPAN(c->text.p + c->at, n)) + 1;
	c->at += n;
	skip_line_end(c);
	*ret_e = e;
	return true;
}

/* -- the head of a table -- */

/* UTF-8 if any line has it: windows-1251 text is never valid UTF-8 by chance, while a file of UTF-8 may have one bad row. */
static const char *
find_charset(struct span text, const char *said)
{
	bool is_ascii = true, is_other = false;
	size_t n;

	for (size_t at = 0; at < text.n; at += n + 1) {
		struct span line = SPAN(text.p + at, text.n - at);
		bool has_high = false;

		n = line.n = line_len(line);
		for (size_t i = 0; i < n; i++)
			has_high = has_high || line.p[i] >= 0x80;
		if (has_high && bytes_is_utf8(line))
			return CHARSET_UTF8;
		is_ascii = is_ascii && !has_high;
		is_other = is_other || has_high;
	}
	if (is_ascii)
		return CHARSET_UTF8;
	said = charset_name(said);
	return is_other && said && strcmp(said, CHARSET_UTF8) != 0 && strcmp(said, CHARSET_ASCII) != 0 ? said :
		CHARSET_CYRILLIC;
}

static uint8_t
find_separator(struct span header)
{
	size_t semicolons = 0, commas = 0, tabs = 0;
	bool quoted = false;

	for (size_t i = 0; i < header.n; i++) {
		quoted ^= header.p[i] == '"';
		semicolons += !quoted && header.p[i] == ';';
		commas += !quoted && header.p[i] == ',';
		tabs += !quoted && header.p[i] == '\t';
	}
	if (tabs > semicolons && tabs > commas)
		return '\t';
	return commas > semicolons ? ',' : ';';
}

static enum err
read_header(struct csv *c, struct why *why)
{
	const char *cells[CSV_COLUMNS_MAX];
	size_t n = line_len(SPAN(c->text.p + c->at, c->text.n - c->at));
	enum err e;

	c->separator = find_separator(SPAN(c->text.p + c->at, n));
	if ((e = read_row(c, n, cells, &c->n_columns, why)) != OK)
		return e;
	if (c->n_columns > CSV_COLUMNS_MAX)
		return why_set(why, ERR_TOOMANY, "row 1", "more than %d columns", CSV_COLUMNS_MAX);
	if (!(c->header = arena_array(c->mem, c->n_columns, sizeof(*c->header))))
		return why_set(why, ERR_TOOBIG, "row 1", "too large");
	for (size_t i = 0; i < c->n_columns; i++) {
		char *name = arena_str(c->mem, cells[i]);

		if (!name)
			return why_set(why, ERR_TOOBIG, "row 1", "too large");
		for (char *p = name; *p; p++)
			*p = (char)tolower((unsigned char)*p);
		for (size_t k = 0; *name && k < i; k++)
			if (strcmp(c->header[k], name) == 0)
				return why_set(why, ERR_SYNTAX, "row 1",
					       "columns %zu and %zu say the same: row 1 must be the columns' names, each once", k + 1, i + 1);
		c->header[i] = name;
	}
	c->at += n;
	skip_line_end(c);
	c->next_line = c->line + 1;
	return OK;
}

enum err
csv_open(struct csv *c, struct span bytes, const char *charset, struct arena *mem, struct why *why)
{
	struct span utf8;
	enum err e;

	*c = (struct csv){ .text = bytes, .line = 1, .row = 1, .mem = mem };
	if (bytes.n > CSV_BYTES_MAX)
		return why_set(why, ERR_TOOBIG, NULL, "more than %u bytes", CSV_BYTES_MAX);
	if (charset_from_utf16(bytes, mem, &utf8, &e, why)) {
		if (e != OK)
			return e;
		c->text = utf8;
		c->charset = CHARSET_UTF8;
	} else if (bytes.n >= 3 && memcmp(bytes.p, BOM, 3) == 0) {
		c->text = SPAN(bytes.p + 3, bytes.n - 3);
		c->charset = CHARSET_UTF8;
	} else {
		c->charset = find_charset(bytes, charset);
	}
	/* Excel's own first line, and empty ones */
	while (c->at < c->text.n) {
		size_t n = line_len(SPAN(c->text.p + c->at, c->text.n - c->at));

		if (!is_blank_row(c, SPAN(c->text.p + c->at, n), ';') && !(n == 5 && memcmp(c->text.p + c->at, "sep=", 4) == 0))
			break;
		c->at += n;
		skip_line_end(c);
		c->line++;
	}
	if (c->at >= c->text.n)
		return why_set(why, ERR_CUT_OFF, NULL, "no header row");
	return read_header(c, why);
}

int
csv_column(const struct csv *c, const char *name)
{
	for (size_t i = 0; i < c->n_columns; i++)
		if (strcmp(c->header[i], name) == 0)
			return (int)i;
	return -1;
}

/* -- writing -- */

void
csv_writer_init(struct csv_writer *w, uint8_t separator, struct arena *mem)
{
	w->separator = separator;
	w->is_first = true;
	buf_init(&w->b, mem);
}

/* A number or a telephone number may begin with a sign; anything else that does would be computed. */
static bool
is_formula(const char *text)
{
	if (!*text || !strchr("=+-@", *text))
		return false;
	return *text == '=' || *text == '@' || text[1 + strspn(text + 1, "0123456789 ()-.,/")] != '\0';
}

void
csv_put(struct csv_writer *w, const char *text)
{
	bool must_quote;

	if (!w->is_first)
		buf_u8(&w->b, w->separator);
	w->is_first = false;
	if (!text || !*text)
		return;
	must_quote = strpbrk(text, ";,\"\r\n\t") || *text == ' ' || *text == '\'';
	if (must_quote)
		buf_u8(&w->b, '"');
	if (is_formula(text) || is_kept((const uint8_t *)text, strlen(text)))
		buf_u8(&w->b, '\'');
	for (; *text; text++) {
		if (*text == '"')
			buf_u8(&w->b, '"');
		buf_u8(&w->b, (uint8_t)*text);
	}
	if (must_quote)
		buf_u8(&w->b, '"');
}

void
csv_end(struct csv_writer *w)
{
	buf_str(&w->b, "\r\n");
	w->is_first = true;
}

enum err
csv_bytes(struct csv_writer *w, const char *charset, struct span *ret_bytes, const char **ret_charset)
{
	struct span utf8 = buf_bytes(&w->b);
	struct buf b;

	assert(w->is_first);
	*ret_charset = charset;
	if (w->b.e != OK)
		return ERR_TOOBIG;
	if (strcmp(charset, CHARSET_UTF8) != 0 && charset_encode(charset, utf8, w->b.mem, ret_bytes, NULL) == OK)
		return OK;
	*ret_charset = CHARSET_UTF8;
	buf_init(&b, w->b.mem);
	buf_str(&b, BOM);	/* so that a spreadsheet does not take it for windows-1251 */
	buf_span(&b, utf8);
	*ret_bytes = buf_bytes(&b);
	return b.e;
}
