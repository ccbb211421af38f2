/* SPDX-License-Identifier: EUPL-1.2 */
/* sector - what education brings to the core: tables in folders, and one HTTP address that takes the same tables.
 *
 * A school's programme exports and imports files; it does not poll, so there are no views.
 */
#include "adapters/education/education.h"

#include <string.h>
#include <strings.h>

#include "adapters/core/charset.h"
#include "adapters/education/csv.h"
#include "adapters/education/csv_columns.h"

static const struct route ROUTES[] = {
	{ "POST", "/v1/tables", ROUTE_SUBMIT, FORMAT_CSV },
	{ NULL, NULL, ROUTE_SUBMIT, FORMAT_NONE },
};
static const enum format FORMATS[] = { FORMAT_CSV, FORMAT_NONE };

/* A folder does not answer. An HTTP receiver of tables says with 2xx that it has it, with a reply "msg_id;case_no" that it
 * has registered it. */
static enum err
read_answer(const struct outgoing *out, const struct native *answer, struct arena *mem, const char **ret_case_no,
	    struct why *why)
{
	const char *cells[CSV_COLUMNS_MAX];
	struct csv csv;
	int column;
	enum err e;

	(void)out;
	*ret_case_no = NULL;
	if (answer->status >= 400)
		return why_set(why, answer->status < 500 && answer->status != 408 && answer->status != 429 ? ERR_UNSUPPORTED :
			       ERR_PEER_REFUSED, NULL, "status %u", answer->status);
	if (answer->bytes.n == 0 || csv_open(&csv, answer->bytes, answer->charset, mem, NULL) != OK ||
	    (column = csv_column(&csv, "case_no")) < 0 || !csv_next(&csv, cells, &e, NULL) || e != OK)
		return OK;
	*ret_case_no = *cells[column] ? cells[column] : NULL;
	return OK;
}

static enum err
listing(const struct outgoing *items, size_t n, const struct native *request, const struct sector_env *env, struct arena *mem,
	struct native *ret_list)
{
	(void)items;
	(void)n;
	(void)request;
	(void)env;
	(void)mem;
	*ret_list = (struct native){ .format = FORMAT_CSV };
	return ERR_UNSUPPORTED;
}

static enum err
progress(const struct progress *p, const struct native *request, struct arena *mem, struct native *ret_view)
{
	(void)p;
	(void)request;
	(void)mem;
	*ret_view = (struct native){ .format = FORMAT_CSV };
	return ERR_UNSUPPORTED;
}

static enum err
document(const struct native *request, struct arena *mem, struct native *ret_document)
{
	(void)request;
	(void)mem;
	*ret_document = (struct native){ .format = FORMAT_CSV };
	return ERR_NOTFOUND;
}

/* An error outside a table is a result table of one line. */
static enum err
problem(enum err e, const struct why *why, const struct native *request, struct arena *mem, struct native *ret_problem)
{
	struct csv_writer w;

	(void)request;
	*ret_problem = (struct native){ .format = FORMAT_CSV, .media_type = "text/csv" };
	csv_writer_init(&w, ';', mem);
	for (size_t i = 0; CSV_RESULT[i]; i++)
		csv_put(&w, CSV_RESULT[i]);
	csv_end(&w);
	csv_put(&w, NULL);
	csv_put(&w, "refused");
	csv_put(&w, why ? why->where : NULL);
	csv_put(&w, arena_fmt(mem, "%s %s: %s", err_code(e), err_text(e, LANG_BG), err_remedy(e, LANG_BG)));
	csv_put(&w, NULL);
	csv_end(&w);
	return csv_bytes(&w, CHARSET_UTF8, &ret_problem->bytes, &ret_problem->charset);
}

static bool
ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcasecmp(text + n - m, end) == 0;
}

/* Windows' "Unicode text", whose every character has two bytes: whole if its last line is ended. */
static bool
is_utf16(struct span bytes)
{
	return bytes.n >= 2 && ((bytes.p[0] == 0xFF && bytes.p[1] == 0xFE) || (bytes.p[0] == 0xFE && bytes.p[1] == 0xFF));
}

static bool
is_ended_utf16(struct span bytes)
{
	bool is_little = bytes.p[0] == 0xFF;

	return bytes.n % 2 == 0 && bytes.n >= 4 && bytes.p[bytes.n - (is_little ? 2 : 1)] == '\n' && bytes.p[bytes.n - (is_little ? 1 : 2)] == 0;
}

/* A table has no end mark. It is whole if its last line is ended, or has as many columns as the header; that nobody writes
 * any more, the folder door knows by time. Files under a working name are not touched. */
static bool
is_complete(const char *file, struct span bytes)
{
	size_t n_header = 0, n_last = 0, n_lines = 0, *n_now = &n_header;
	bool quoted = false;
	uint8_t separator = ';';

	if (file && *file != '.' && *file != '~' && bytes.n > 0 && (ends_with(file, ".xlsx") || ends_with(file, ".xls") || ends_with(file, ".ods")))
		return true;	/* to be refused */
	if (!file || *file == '.' || *file == '~' || bytes.n == 0 ||
	    (!ends_with(file, ".csv") && !(ends_with(file, ".txt") && is_utf16(bytes))))
		return false;
	if (is_utf16(bytes))
		return is_ended_utf16(bytes);
	if (bytes.p[bytes.n - 1] == '\n')
		return true;
	for (size_t i = 0; i < bytes.n && bytes.p[i] != '\n'; i++)
		if (bytes.p[i] == ',' || bytes.p[i] == ';' || bytes.p[i] == '\t')
			separator = bytes.p[i];
	for (size_t i = 0; i < bytes.n; i++) {
		quoted ^= bytes.p[i] == '"';
		if (!quoted && bytes.p[i] == '\n') {
			n_lines++;
			n_now = &n_last;
			n_last = 0;
		} else if (!quoted && bytes.p[i] == separator) {
			(*n_now)++;
		}
	}
	return !quoted && n_lines > 0 && n_last == n_header;
}

const struct sector education_sector = {
	.name = "education",
	.routes = ROUTES,
	.formats = FORMATS,
	.to_records = education_to_records,
	.answer = education_answer,
	.from_record = education_from_record,
	.read_answer = read_answer,
	.listing = listing,
	.progress = progress,
	.problem = problem,
	.document = document,
	.is_complete = is_complete,
	.names_files = true,
};
