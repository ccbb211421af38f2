/* SPDX-License-Identifier: EUPL-1.2 */
/* csv_row - the cells of one row into a record, column by column: dates, times, codes, numbers of persons, lists.
 *
 * The first fault is kept and is the row's result. Called by to_record.c.
 */
#include "adapters/education/csv_row.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/visible.h"

const char *
csv_row_cell(const struct csv_row *r, const char *column)
{
	int i = csv_column(r->csv, column);

	return i >= 0 && *r->cells[i] ? r->cells[i] : NULL;
}

void
csv_row_fail(struct csv_row *r, enum err e, const char *column, const char *text)
{
	if (r->item->e != OK)
		return;
	r->item->e = e;
	why_set(&r->item->why, e, column, "%s", text ? text : err_text(e, LANG_EN));
	r->item->why.line = r->csv->line;
}

void
csv_row_set(struct csv_row *r, const char *path, const char *text, const char *column)
{
	struct why why;
	enum err e;

	if (r->item->e != OK || !text)
		return;
	if ((e = record_set(r->record, r->mem, path, text, &why)) != OK)
		csv_row_fail(r, e, column, why.text);
}

/* What a code can be, as its row is told. */
static void
fail_code(struct csv_row *r, const char *const *codes, const char *column)
{
	char choice[sizeof(r->item->why.text)];

	record_say_codes(codes, choice, sizeof(choice));
	csv_row_fail(r, ERR_UNKNOWN_CODE, column, *choice ? choice : NULL);
}

/* -- values -- */

#define DATE_FORMS "07.03.2026, 2026-03-07"
#define TIME_FORMS DATE_FORMS ", 07.03.2026 16:30, 2026-03-07T16:30:00+02:00"

bool
csv_row_date(const char *text, char to[static CSV_ROW_ISO_LEN], const char **ret_rest)
{
	unsigned day, month, year;
	struct civil c;
	int n = 0;

	/* of a year two digits say too little: 15 was a year, too */
	if (sscanf(text, "%2u.%2u.%4u%n", &day, &month, &year, &n) == 3 && n > 0 && year >= 1000) {
		text += n;
		if (strncmp(text, " г.", strlen(" г.")) == 0)
			text += strlen(" г.");
		else if (strncmp(text, "г.", strlen("г.")) == 0)
			text += strlen("г.");
		snprintf(to, CSV_ROW_ISO_LEN, "%04u-%02u-%02u", year, month, day);
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
set_date(struct csv_row *r, const char *path, const char *text, const char *column)
{
	char iso[CSV_ROW_ISO_LEN];
	const char *rest;

	/* a spreadsheet may add midnight to a date */
	if (csv_row_date(text, iso, &rest) && (*rest == '\0' || strcmp(rest, " 00:00:00") == 0 || strcmp(rest, " 0:00") == 0 ||
					    strcmp(rest, " 0:00:00") == 0 || strcmp(rest, "T00:00:00") == 0))
		csv_row_set(r, path, iso, column);
	else
		csv_row_fail(r, ERR_BAD_DATE, column, DATE_FORMS);
}

static void
set_time(struct csv_row *r, const char *path, const char *text, const char *column)
{
	unsigned hour, minute, second = 0;
	char iso[CSV_ROW_ISO_LEN];
	const char *rest;
	int64_t ms;
	int n = 0;

	if (clock_parse(text, &ms) == OK && strlen(text) > 10) {
		csv_row_set(r, path, text, column);
		return;
	}
	if (!csv_row_date(text, iso, &rest)) {
		csv_row_fail(r, ERR_BAD_DATE, column, TIME_FORMS);
		return;
	}
	if (*rest == '\0') {
		snprintf(iso + 10, sizeof(iso) - 10, "T%s", strstr(path, "_by") ? "23:59:59" : "00:00:00");
	} else if (sscanf(rest, "%*1[ T]%2u:%2u%n:%2u%n", &hour, &minute, &n, &second, &n) >= 2 && rest[n] == '\0' &&
		   hour < 24 && minute < 60 && second < 60) {
		snprintf(iso + 10, sizeof(iso) - 10, "T%02u:%02u:%02u", hour % 24, minute % 60, second % 60);
	} else {
		csv_row_fail(r, ERR_BAD_DATE, column, TIME_FORMS);
		return;
	}
	csv_row_set(r, path, iso, column);
}

static const char *
code_of(const struct csv_row *r, const char *list, const char *text)
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
set_code(struct csv_row *r, const struct column *c, const char *text)
{
	const char *code = code_of(r, c->list, text);

	if (code) {
		csv_row_set(r, c->path, code, c->name);
	} else if (strcmp(c->list, "service_kind") == 0) {
		/* what nobody has mapped stays readable */
		csv_row_set(r, c->path, "other", c->name);
		csv_row_set(r, "referral.service_text", text, c->name);
	} else {
		fail_code(r, record_codes(c->list), c->name);
	}
}

/* Call `each` with the parts of "a | b"; the copy is in the arena. */
static void
split(struct csv_row *r, const struct column *c, const char *text,
      void (*each)(struct csv_row *, const struct column *, char *))
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
each_code(struct csv_row *r, const struct column *c, char *part)
{
	const char *code = code_of(r, c->list, part);

	if (code)
		csv_row_set(r, c->path, code, c->name);
	else
		fail_code(r, record_codes(c->list), c->name);
}

static void
each_question(struct csv_row *r, const struct column *c, char *part)
{
	size_t n = r->record->status ? r->record->status->n_questions : 0;

	csv_row_set(r, arena_fmt(r->mem, "status.questions[%zu].text", n), part, c->name);
}

static bool
is_digits(const char *text)
{
	return text[strspn(text, "0123456789")] == '\0';
}

/* A number lost its leading zero in a spreadsheet: given back where the check digit agrees. */
const char *
csv_row_whole_id(const struct csv_row *r, const char *type, const char *number)
{
	const char *padded;

	type = code_of(r, "id_type", type);
	if (type == NULL || strlen(number) != 9 || !is_digits(number))
		return number;
	padded = arena_fmt(r->mem, "0%s", number);
	if (!padded)
		return number;
	return (strcmp(type, "EGN") == 0 && record_is_egn(padded)) || (strcmp(type, "LNCH") == 0 && record_is_lnch(padded)) ?
		padded : number;
}

/* A number as people read it, "1 234": without the blanks between its digits, which may be of any kind. Anything else is given back. */
static const char *
without_blanks(const struct csv_row *r, const char *text)
{
	char *bare = arena_str(r->mem, text), *to = bare;

	for (const char *p = text; bare != NULL && *p != '\0';) {
		size_t blank = visible_skip(span_str(p));

		if (blank == 0 && (*p < '0' || *p > '9'))
			return text;
		p += blank;
		if (blank == 0)
			*to++ = *p++;
	}
	if (bare == NULL)
		return text;
	*to = '\0';
	return bare;
}

static const char *
whole_ekatte(const struct csv_row *r, const char *text)
{
	return is_digits(text) && strlen(text) < 5 ? arena_fmt(r->mem, "%.*s%s", (int)(5 - strlen(text)), "00000", text) : text;
}

static void
set_id(struct csv_row *r, const char *number)
{
	const char *said = csv_row_cell(r, "id_type"), *type = said ? code_of(r, "id_type", said) : "EGN";

	if (!type) {
		fail_code(r, record_codes("id_type"), "id_type");
		return;
	}
	if (strcmp(type, "EGN") == 0 || strcmp(type, "LNCH") == 0)
		number = csv_row_whole_id(r, type, without_blanks(r, number));
	if ((strcmp(type, "EGN") == 0 && !record_is_egn(number)) || (strcmp(type, "LNCH") == 0 && !record_is_lnch(number))) {
		csv_row_fail(r, ERR_BAD_ID, "id_number", NULL);
		return;
	}
	csv_row_set(r, "referral.child.ids[0].type", type, "id_type");
	csv_row_set(r, "referral.child.ids[0].value", number, "id_number");
}

static void
set_alias(struct csv_row *r, const struct column *c, const char *text)
{
	const char *agency = r->env->agency_of ? r->env->agency_of(r->env->arg, text) : NULL;

	if (!agency)
		agency = text;		/* the core knows the directory, and refuses what is not in it */
	csv_row_set(r, c->path, agency, c->name);
	r->item->target = agency;
}

/* -- by the record's own description -- */

static const char *
code_among(const struct csv_row *r, const char *const *codes, const char *text)
{
	const char *mapped;

	for (size_t i = 0; codes[i] != NULL; i++)
		if (strcmp(codes[i], text) == 0)
			return codes[i];
	if ((mapped = csv_code_of_word_among(codes, text)) != NULL)
		return mapped;
	mapped = r->env->concept != NULL ? r->env->concept(r->env->arg, "", text) : NULL;
	for (size_t i = 0; mapped != NULL && codes[i] != NULL; i++)
		if (strcmp(codes[i], mapped) == 0)
			return codes[i];
	return NULL;
}

static void
set_code_among(struct csv_row *r, const struct field *f, const char *path, const char *text, const char *column)
{
	const char *code = code_among(r, f->codes, text);

	if (code != NULL)
		csv_row_set(r, path, code, column);
	else
		fail_code(r, f->codes, column);
}

static void
set_bool(struct csv_row *r, const char *path, const char *text, const char *column)
{
	static const char *const WORDS[][2] = {
		{ "true", "true" }, { "false", "false" }, { "да", "true" }, { "не", "false" }, { "yes", "true" }, { "no", "false" },
		{ "1", "true" }, { "0", "false" }, { "вярно", "true" }, { "невярно", "false" },
	};
	const char *small = csv_lower(text, r->mem);

	for (size_t i = 0; small != NULL && i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
		if (strcmp(WORDS[i][0], small) == 0) {
			csv_row_set(r, path, WORDS[i][1], column);
			return;
		}
	}
	csv_row_fail(r, ERR_UNKNOWN_CODE, column, "да, не, true, false, 1, 0");
}

/* Several in one cell, "a | b"; \| and \\ are a text's own. */
static void
set_several(struct csv_row *r, const struct field *f, const char *path, const char *text, const char *column)
{
	char *part = arena_str(r->mem, text), *to = part;

	if (part == NULL) {
		csv_row_fail(r, ERR_TOOBIG, column, NULL);
		return;
	}
	for (const char *p = text;; p++) {
		if (*p == '\\' && (p[1] == '\\' || p[1] == '|')) {
			*to++ = *++p;
			continue;
		}
		if (*p != '|' && *p != '\0') {
			*to++ = *p;
			continue;
		}
		while (*part == ' ' && part < to)
			part++;
		while (to > part && to[-1] == ' ')
			to--;
		*to = '\0';
		if (to > part && f->kind == FIELD_CODES)
			set_code_among(r, f, path, part, column);
		else if (to > part)
			csv_row_set(r, path, part, column);
		if (*p == '\0')
			return;
		part = ++to;
	}
}

bool
csv_row_is_agency(const struct field *f)
{
	size_t n = strlen(f->name), m = strlen("agency");

	return f->kind == FIELD_TEXT && n >= m && strcmp(f->name + n - m, "agency") == 0;
}

static void
set_text(struct csv_row *r, const struct field *f, const char *path, const char *text, const char *column)
{
	const char *known;

	if (strcmp(f->name, "ekatte") == 0) {
		text = whole_ekatte(r, text);
	} else if (csv_row_is_agency(f)) {
		known = r->env->agency_of != NULL ? r->env->agency_of(r->env->arg, text) : NULL;
		text = known != NULL ? known : text;
	}
	csv_row_set(r, path, text, column);
}

void
csv_row_set_field(struct csv_row *r, const struct field *f, const char *path, const char *text, const char *column, bool is_joined)
{
	switch (f->kind) {
	case FIELD_DATE: set_date(r, path, text, column); break;
	case FIELD_TIME: set_time(r, path, text, column); break;
	case FIELD_CODE: set_code_among(r, f, path, text, column); break;
	case FIELD_CODES: set_several(r, f, path, text, column); break;
	case FIELD_BOOL: set_bool(r, path, text, column); break;
	case FIELD_TEXT: set_text(r, f, path, text, column); break;
	case FIELD_INT: csv_row_set(r, path, without_blanks(r, text), column); break;
	case FIELD_ID: csv_row_set(r, path, text, column); break;
	case FIELD_TEXTS:
		if (is_joined)
			set_several(r, f, path, text, column);
		else
			csv_row_set(r, path, text, column);
		break;
	case FIELD_BYTES: case FIELD_MSG: case FIELD_MSGS: csv_row_fail(r, ERR_UNKNOWN_FIELD, column, NULL); break;
	}
}

void
csv_row_set_column(struct csv_row *r, const struct column *c)
{
	const char *text = csv_row_cell(r, c->name);

	if (!text)
		return;
	switch (c->conv) {
	case COLUMN_TEXT: csv_row_set(r, c->path, text, c->name); break;
	case COLUMN_INT: csv_row_set(r, c->path, without_blanks(r, text), c->name); break;
	case COLUMN_DATE: set_date(r, c->path, text, c->name); break;
	case COLUMN_TIME: set_time(r, c->path, text, c->name); break;
	case COLUMN_BOOL: set_bool(r, c->path, text, c->name); break;
	case COLUMN_CODE: case COLUMN_GIVEN_BY: set_code(r, c, text); break;
	case COLUMN_CODES: split(r, c, text, each_code); break;
	case COLUMN_QUESTIONS: split(r, c, text, each_question); break;
	case COLUMN_EKATTE: csv_row_set(r, c->path, whole_ekatte(r, text), c->name); break;
	case COLUMN_ID: set_id(r, text); break;
	case COLUMN_ALIAS: set_alias(r, c, text); break;
	case COLUMN_NONE: break;
	}
}
