/* SPDX-License-Identifier: EUPL-1.2 */
/* judge - reads with the sector, fills in what others would, checks, and goes on behind a fault by putting something right in
 * its place (mend.h): so one run tells of every field, not of the first alone.
 */
#include "adapters/validate/judge.h"

#include <string.h>

#include "adapters/core/grounds.h"
#include "adapters/core/whole.h"
#include "adapters/core/xml.h"
#include "adapters/education/csv.h"
#include "adapters/education/csv_columns.h"
#include "adapters/education/csv_kind.h"
#include "adapters/health/fhir.h"
#include "adapters/health/hl7_map.h"
#include "adapters/health/nhis.h"
#include "adapters/social/social.h"
#include "adapters/validate/guess.h"
#include "adapters/validate/mend.h"
#include "adapters/validate/place.h"
#include "config/adapter_config.h"

#define FAULTS_MAX 40		/* of one record */
#define AGENCY "your-agency"

struct judging {
	const struct judge_request *request;
	const struct sector *sector;
	enum format format;
	struct arena *mem;
	struct judgement *to;
};

/* -- what the agency's configuration would say -- */

static void
note_unmapped(const struct judging *j, const char *system, const char *code)
{
	struct judgement *to = j->to;

	for (size_t i = 0; i < to->n_codes; i++)
		if (strcmp(to->codes[i].system, system) == 0 && strcmp(to->codes[i].code, code) == 0)
			return;
	if (to->n_codes >= JUDGE_CODES_MAX)
		return;
	to->codes[to->n_codes].system = arena_str(j->mem, system);
	to->codes[to->n_codes].code = arena_str(j->mem, code);
	if (to->codes[to->n_codes].system != NULL && to->codes[to->n_codes].code != NULL)
		to->n_codes++;
}

static const char *
concept_of(const void *arg, const char *system, const char *code)
{
	const struct judging *j = arg;
	const struct adapter_config *c = j->request->config;
	const char *key = system != NULL ? arena_fmt(j->mem, "%s|%s", system, code) : code, *found = NULL;

	if (c != NULL && key != NULL)
		found = adapter_config_find(c->concepts, c->n_concepts, key);
	if (c != NULL && found == NULL)
		found = adapter_config_find(c->concepts, c->n_concepts, code);
	if (found == NULL)
		note_unmapped(j, system != NULL ? system : "", code);
	return found;
}

static const char *
agency_of(const void *arg, const char *alias)
{
	const struct judging *j = arg;
	const struct adapter_config *c = j->request->config;

	return c != NULL ? adapter_config_find(c->aliases, c->n_aliases, alias) : NULL;
}

static const char *
alias_of(const void *arg, const char *agency)
{
	(void)arg;
	return agency;
}

/* -- findings -- */

static int
column_of(struct judging *j, const char *name, struct csv *csv)
{
	return csv_open(csv, j->request->bytes, NULL, j->mem, NULL) == OK ? csv_column(csv, name) : -1;
}

/* The fault's place in the terms of the format, and its line and column there. */
static void
locate(struct judging *j, struct finding *f)
{
	struct span text = j->request->bytes;
	const char *where = f->why.where, *own = NULL;
	struct place p = { 0, 0 };
	const struct xml_node *root;
	struct csv csv;
	int column;

	switch (j->format) {
	case FORMAT_JSON:
		own = strncmp(where, "referral.", 9) == 0 ? where + 9 : strncmp(where, "status.", 7) == 0 ? where + 7 : where;
		if (*where != '\0')
			p = place_in_json(text, 0, own);
		break;
	case FORMAT_OSCAR:
	case FORMAT_PRIMERO:
		social_case_place(&(const struct native){ .bytes = text }, j->format, f->row > 0 ? f->row - 1 : 0, j->mem, &f->why);
		if (*where != '\0')
			p = place_in_json(text, 0, where);
		break;
	case FORMAT_XML:
		social_xml_place(text, NULL, j->mem, &f->why);
		own = where;
		break;
	case FORMAT_NHIS:
		own = nhis_at_of(where);
		if (own != NULL && f->why.line == 0 && xml_parse(text, NULL, j->mem, &root, NULL) == OK) {
			const struct xml_node *node = nhis_find(nhis_contents(root), own);

			xml_place(node != NULL ? node : nhis_contents(root), &f->why);
		}
		break;
	case FORMAT_FHIR:
		own = fhir_expression(where, j->mem);
		p = place_in_fhir(text, own);
		break;
	case FORMAT_HL7:
		own = hl7_place_of(where, HL7_REFERRALS, j->mem);
		p = place_in_hl7(text, own != NULL ? own : where);
		break;
	case FORMAT_CSV:
		if ((own = csv_column_of(where)) == NULL)
			own = csv_kind_column(where, j->mem);
		column = column_of(j, own != NULL ? own : where, &csv);
		if (f->why.line != 0 && column >= 0)
			p = place_in_csv(csv.text, f->why.line, (unsigned)column, (char)csv.separator);
		break;
	case FORMAT_NONE:
	case FORMAT_ONEROSTER:
		break;
	}
	if (own != NULL && own != where)
		memmove(f->why.where, own, strnlen(own, sizeof(f->why.where) - 1) + 1);
	f->why.where[sizeof(f->why.where) - 1] = '\0';
	if ((f->why.line == 0 || f->why.col == 0) && p.line != 0) {
		f->why.line = p.line;
		f->why.col = p.col;
	}
}

static void
add(struct judging *j, enum err e, const struct why *why, unsigned row, bool is_note)
{
	struct judgement *to = j->to;
	struct finding *f = &to->findings[to->n_findings];

	if (to->n_findings >= JUDGE_FINDINGS_MAX) {
		to->has_more = true;
		return;
	}
	*f = (struct finding){ .e = e, .why = *why, .row = row, .is_note = is_note };
	locate(j, f);
	to->n_findings++;
	to->n_errors += !is_note;
}

/* What many agencies' systems have no field for, and their configuration gives. */
static bool
is_default(const char *path)
{
	static const char *const paths[] = {
		"referral.risk_level", "referral.priority", "referral.disposition_wanted", "referral.legal_basis",
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (strcmp(paths[i], path) == 0)
			return true;
	return false;
}

/* The line of a table's row. */
static unsigned
line_of_row(const struct judging *j, unsigned row)
{
	const char *cells[CSV_COLUMNS_MAX];
	struct why why;
	struct csv csv;
	enum err e;

	if (j->format != FORMAT_CSV || row == 0 || csv_open(&csv, j->request->bytes, NULL, j->mem, NULL) != OK)
		return 0;
	while (csv_next(&csv, cells, &e, &why) && csv.row < row)
		;
	return csv.line;
}

/* The file that a row names is not looked for, only what its name says. */
static void
judge_file(struct judging *j, const struct intake_item *item)
{
	struct why why = { .where = "file", .line = line_of_row(j, item->row) };

	if (!whole_is_name(item->file))
		add(j, ERR_FILE_NAME, &why, item->row, false);
	else if (whole_type_of(item->file) == NULL)
		add(j, ERR_MEDIA_TYPE, &why, item->row, false);
	mend_file(item->record, j->mem);
}

/* The names that the agency's configuration knows. */
static void
name_recipients(const struct judging *j, const struct record *record)
{
	struct consent *consent = record->referral ? record->referral->consent : record->transfer ? record->transfer->consent : NULL;
	const struct adapter_config *c = j->request->config;

	for (size_t i = 0; c != NULL && consent != NULL && i < consent->recipients_allowed.n; i++) {
		const char *known = adapter_config_find(c->aliases, c->n_aliases, consent->recipients_allowed.items[i]);

		if (known != NULL)
			consent->recipients_allowed.items[i] = known;
	}
}

/* What could not be true, what has no ground, and what would be taken with a warning: before anything is put right. */
static void
judge_sense(struct judging *j, const struct intake_item *item)
{
	struct why why = { .line = 0 }, over = { .text = "taken with a warning: late from the beginning", .line = line_of_row(j, item->row) };
	bool is_over = record_find_over(item->record, j->request->now_ms, over.where, sizeof(over.where));
	enum err e;

	if ((e = record_check_sense(item->record, j->request->now_ms, &why)) != OK) {
		why.line = over.line;
		add(j, e, &why, item->row, false);
	}
	mend_complete(item->record, j->request->config, j->mem);
	name_recipients(j, item->record);
	if ((e = grounds_check(item->record, NULL, j->request->now_ms, &why)) != OK) {
		why.line = over.line;
		add(j, e, &why, item->row, false);
	}
	if (is_over)
		add(j, ERR_OVER, &over, item->row, true);
}

static void
judge_record(struct judging *j, const struct intake_item *item)
{
	char last[sizeof(((struct why *)0)->where)] = "";
	struct why why = { .line = 0 };
	bool is_whole = item->file == NULL;	/* else its bytes are not at hand */
	enum err e;

	if (item->file != NULL)
		judge_file(j, item);
	judge_sense(j, item);
	for (int i = 0; i < FAULTS_MAX && (e = record_check(item->record, &why)) != OK; i++) {
		is_whole = false;
		/* the step of a kind is the core's to take */
		if (strncmp(why.where, "step", 4) == 0 || strcmp(why.where, last) == 0)
			return;
		memcpy(last, why.where, sizeof(last));
		why.line = line_of_row(j, item->row);
		add(j, e, &why, item->row, e == ERR_REQUIRED && is_default(last) && j->request->config == NULL);
		if (!mend_fault(item->record, last, e, j->mem))
			return;
	}
	if (is_whole && (e = whole_check(item->record->attachment, &why)) != OK) {
		why.line = line_of_row(j, item->row);
		add(j, e, &why, item->row, false);
	}
}

enum err
judge(const struct judge_request *request, struct arena *mem, struct judgement *ret_judgement)
{
	struct judging j = { .request = request, .format = request->format, .sector = guess_sector_named(request->sector), .mem = mem,
			     .to = ret_judgement };
	const struct sector_env env = { .agency = AGENCY, .now_ms = 0, .is_test = true, .concept = concept_of, .agency_of = agency_of,
					.alias_of = alias_of, .arg = &j };
	struct native in = { .bytes = request->bytes, .file = request->file };
	struct intake intake;

	*ret_judgement = (struct judgement){ .findings = arena_array(mem, JUDGE_FINDINGS_MAX, sizeof(struct finding)),
					     .codes = arena_array(mem, JUDGE_CODES_MAX, sizeof(struct unmapped)) };
	if (ret_judgement->findings == NULL || ret_judgement->codes == NULL)
		return ERR_NOMEM;
	if (j.format == FORMAT_NONE)
		j.format = guess_format(request->bytes, request->file, j.sector);
	if (j.sector == NULL)
		j.sector = guess_sector(j.format);
	in.format = j.format;
	ret_judgement->sector = j.sector->name;
	ret_judgement->format = guess_word(j.format);
	j.sector->to_records(&in, &env, mem, &intake);
	if (intake.e != OK)
		add(&j, intake.e, &intake.why, 0, false);
	ret_judgement->n_items = intake.n;
	for (size_t i = 0; i < intake.n && !ret_judgement->has_more; i++) {
		struct intake_item *item = &intake.items[i];

		if (item->record != NULL && item->record->dropped != NULL)
			ret_judgement->n_left_out += (uint64_t)*item->record->dropped;
		if (item->e != OK)
			add(&j, item->e, &item->why, item->row, false);
		else if (item->record != NULL)
			judge_record(&j, item);
	}
	return OK;
}
