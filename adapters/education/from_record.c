/* SPDX-License-Identifier: EUPL-1.2 */
/* from_record - records as tables for a school: the same columns that it sends, the published ones first.
 *
 * Columns nobody filled still stand, so that a school's import finds each by its place. Called by the core through
 * education_sector.
 */
#include "adapters/education/education.h"

#include <stdio.h>
#include <string.h>

#include "adapters/core/charset.h"
#include "adapters/education/csv.h"
#include "adapters/education/csv_columns.h"
#include "adapters/education/csv_kind.h"
#include "proto/base/clock.h"

#define SEPARATOR ';'
#define PATH_BYTES 96

struct table_out {
	struct csv_writer w;
	const struct outgoing *out;
	const struct sector_env *env;
	const struct record *record;
	struct arena *mem;
};

static const char *
get(const struct table_out *t, const char *path)
{
	return record_get(t->record, t->mem, path);
}

static const char *
local_time(const struct table_out *t, const char *iso)
{
	char text[CLOCK_TEXT_LEN];
	int64_t ms;

	if (!iso || clock_parse(iso, &ms) != OK)
		return NULL;
	clock_format_sofia(ms, text);
	return arena_str(t->mem, text);
}

/* The number that a school knows a child by: the national one, else the first. */
static const struct person_id *
best_id(const struct record *record)
{
	const struct person *child = record->referral ? record->referral->child : NULL;

	for (size_t i = 0; child && i < child->n_ids; i++)
		if (strcmp(child->ids[i]->type, "EGN") == 0 || strcmp(child->ids[i]->type, "LNCH") == 0)
			return child->ids[i];
	return child && child->n_ids ? child->ids[0] : NULL;
}

static const char *
questions_of(const struct table_out *t)
{
	const struct status *s = t->record->status;
	const char *text = NULL;

	for (size_t i = 0; s && i < s->n_questions; i++)
		text = text ? arena_fmt(t->mem, "%s | %s", text, s->questions[i]->text) : s->questions[i]->text;
	return text;
}

static const char *
alias_of(const struct table_out *t, const char *agency)
{
	const char *alias = agency && t->env->alias_of ? t->env->alias_of(t->env->arg, agency) : NULL;

	return alias ? alias : agency;
}

/* -- what has no column -- */

/* Other columns say these: who it comes from, what is made of the rest, and of questions their texts. */
static bool
is_said_otherwise(const char *path)
{
	static const char QUESTION[] = "status.questions[";
	const char *behind = strncmp(path, QUESTION, sizeof(QUESTION) - 1) == 0 ? strchr(path, ']') : NULL;

	return strcmp(path, "referral.initiator.agency") == 0 || strcmp(path, "referral.preview") == 0 ||
	       (behind && (behind[1] == '\0' || strcmp(behind, "].text") == 0));
}

/* Has the path, or something within it, a column of its own? */
static bool
has_column(const struct column *columns, const char *path)
{
	size_t n = strlen(path);

	for (const struct column *c = columns; c->name; c++)
		if (c->path && c->conv != COLUMN_ID && strncmp(c->path, path, n) == 0 && strchr(".[", c->path[n]))	/* the end, too */
			return true;
	return is_said_otherwise(path);
}

struct left_out { const struct column *columns; const struct person_id *id; struct buf b; size_t n; };

static void
name_left(struct left_out *l, const char *path)
{
	buf_fmt(&l->b, "%s%s", l->n > 0 ? ", " : "", strchr(path, '.') + 1);
	l->n++;
}

/* A message without a column is named as a whole, one with some by what is left of it. */
static void
list_left(struct left_out *l, const char *prefix, const struct record_type *type, const void *msg)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		const void *const *items = record_at(msg, f);
		size_t n = f->kind == FIELD_MSGS ? record_count(msg, f) : f->kind == FIELD_MSG ? 1 : 0;
		char path[PATH_BYTES];

		snprintf(path, sizeof(path), "%s.%s", prefix, f->name);
		if (!record_has(msg, f) || (n == 1 && is_said_otherwise(path)))
			continue;
		if (n == 0 && !has_column(l->columns, path))
			name_left(l, path);
		for (size_t k = 0; k < n; k++) {
			if (f->kind == FIELD_MSGS)
				snprintf(path, sizeof(path), "%s.%s[%zu]", prefix, f->name, k);
			if (f->kind == FIELD_MSGS && items[k] == l->id)
				continue;
			if (has_column(l->columns, path))
				list_left(l, path, f->of, f->kind == FIELD_MSGS ? items[k] : (const void *)items);
			else
				name_left(l, path);
		}
	}
}

/* "2: goals[0], household_size": names of fields, never what they hold. NULL: all of it is in the row. */
static const char *
left_out(const struct table_out *t)
{
	const bool is_referral = t->record->referral != NULL;
	struct left_out l = { .columns = is_referral ? CSV_REFERRAL : CSV_STATUS, .id = best_id(t->record) };

	buf_init(&l.b, t->mem);
	if (is_referral)
		list_left(&l, "referral", record_type_by_name("referral"), t->record->referral);
	else
		list_left(&l, "status", record_type_by_name("status"), t->record->status);
	return l.n > 0 ? arena_fmt(t->mem, "%zu: %s", l.n, buf_text(&l.b)) : NULL;
}

/* The columns that no single path of the record fills. */
static const char *
special(const struct table_out *t, const char *name)
{
	const struct person_id *id = best_id(t->record);

	if (strcmp(name, "id_type") == 0)
		return id ? id->type : NULL;
	if (strcmp(name, "msg_id") == 0)
		return t->out->msg_id;
	if (strcmp(name, "from_agency") == 0)
		return alias_of(t, t->out->from);
	if (strcmp(name, CSV_LEFT_OUT) == 0)
		return left_out(t);
	return NULL;
}

static const char *
value_of(const struct table_out *t, const struct column *c)
{
	const struct person_id *id;

	switch (c->conv) {
	case COLUMN_NONE: return special(t, c->name);
	case COLUMN_ID:
		id = best_id(t->record);
		return id ? id->value : NULL;
	case COLUMN_QUESTIONS: return questions_of(t);
	case COLUMN_TIME: return local_time(t, get(t, c->path));
	case COLUMN_ALIAS: return alias_of(t, get(t, c->path));
	case COLUMN_TEXT: case COLUMN_DATE: case COLUMN_INT: case COLUMN_CODE: case COLUMN_CODES: case COLUMN_EKATTE:
	case COLUMN_GIVEN_BY: case COLUMN_BOOL: break;
	}
	return get(t, c->path);
}

static void
write_table(struct table_out *t, const struct column *columns)
{
	for (const struct column *c = columns; c->name; c++)
		csv_put(&t->w, c->name);
	csv_end(&t->w);
	for (const struct column *c = columns; c->name; c++)
		csv_put(&t->w, value_of(t, c));
	csv_end(&t->w);
}

/* A number from the other side, and no step: the row has the referral, the number and the time. */
static enum err
write_registration(struct table_out *t, struct why *why)
{
	struct record *record = record_new(t->mem, "record");
	char at[CLOCK_TEXT_LEN];
	enum err e;

	clock_format(t->out->at_ms, at);
	if (!record)
		return ERR_TOOBIG;
	if ((e = record_set(record, t->mem, "status.referral_id", t->out->referral->referral->referral_id, why)) != OK ||
	    (e = record_set(record, t->mem, "status.at", at, why)) != OK ||
	    (e = record_set(record, t->mem, "status.case_no", t->out->external_no, why)) != OK)
		return e;
	t->record = record;
	write_table(t, CSV_STATUS);
	return OK;
}

/* What is shown of a referral that nobody has opened; who fills in `to` and puts the table back has answered. */
static void
write_preview(struct table_out *t)
{
	const struct referral *r = t->out->referral->referral;
	char at[CLOCK_TEXT_LEN], by[CLOCK_TEXT_LEN];
	/* a spreadsheet takes 7-11 for a day in November */
	const char *age = r->preview->age_band ? arena_fmt(t->mem, "%s г.", r->preview->age_band) : NULL;
	const struct { const char *column, *value; } said[] = {
		{ "referral_no", r->referral_id }, { "msg_id", t->out->msg_id }, { "from_agency", alias_of(t, t->out->from) },
		{ "received_at", at }, { "respond_by", by }, { CSV_PREVIEW_MARK, age },
		{ "service_kind", r->preview->service_kind }, { "municipality_code", r->preview->municipality }, { "priority", r->preview->priority },
	};

	clock_format_sofia(t->out->at_ms, at);
	clock_format_sofia(*r->respond_by, by);
	for (size_t i = 0; CSV_PREVIEW[i]; i++)
		csv_put(&t->w, CSV_PREVIEW[i]);
	csv_end(&t->w);
	for (size_t i = 0; CSV_PREVIEW[i]; i++) {
		const char *value = NULL;

		for (size_t k = 0; k < sizeof(said) / sizeof(said[0]); k++)
			if (strcmp(said[k].column, CSV_PREVIEW[i]) == 0)
				value = said[k].value;
		csv_put(&t->w, value);
	}
	csv_end(&t->w);
}

static void
write_refusal(struct table_out *t)
{
	enum err e = t->out->stage_err;

	for (size_t i = 0; CSV_RESULT[i]; i++)
		csv_put(&t->w, CSV_RESULT[i]);
	csv_end(&t->w);
	csv_put(&t->w, kind_reference(t->out->referral));
	csv_put(&t->w, "refused");
	csv_put(&t->w, NULL);
	csv_put(&t->w, arena_fmt(t->mem, "%s %s: %s", err_code(e), err_text(e, LANG_BG), err_remedy(e, LANG_BG)));
	csv_put(&t->w, NULL);
	csv_end(&t->w);
}

enum err
education_from_record(const struct outgoing *out, enum format format, const struct sector_env *env, struct arena *mem,
		      struct native *ret_native, struct why *why)
{
	const char *wanted = charset_name(ret_native->charset);
	struct table_out t = { .out = out, .env = env, .record = out->record, .mem = mem };
	bool has_referral = out->referral && out->referral->referral;
	enum err e = OK;

	*ret_native = (struct native){ .format = format };
	csv_writer_init(&t.w, SEPARATOR, mem);
	if (out->record && out->record->referral) {
		write_table(&t, CSV_REFERRAL);
	} else if (out->record && out->record->status) {
		write_table(&t, CSV_STATUS);
	} else if (out->stage && has_referral && strcmp(out->stage, "preview") == 0 && out->referral->referral->preview) {
		write_preview(&t);
	} else if (out->stage && has_referral && strcmp(out->stage, "registered") == 0 && out->external_no) {
		e = write_registration(&t, why);
	} else if (out->record && csv_kind_has_rows(kind_by_code(out->record->kind)) && kind_body(out->record)) {
		e = csv_kind_write(&t.w, out, env, mem, why);
	} else if (out->stage && out->referral && kind_reference(out->referral) && strcmp(out->stage, "refused") == 0) {
		write_refusal(&t);
	} else {
		return OK;
	}
	if (e == OK)
		e = csv_bytes(&t.w, wanted ? wanted : CHARSET_UTF8, &ret_native->bytes, &ret_native->charset);
	if (e != OK || arena_is_full(mem)) {
		ret_native->bytes = SPAN_NONE;
		return why_set(why, e == OK ? ERR_TOOBIG : e, NULL, "larger than one table may be");
	}
	ret_native->media_type = "text/csv";
	return OK;
}
