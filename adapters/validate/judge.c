/* SPDX-License-Identifier: EUPL-1.2 */
/* judge - reads with the sector, fills in what others would, checks, and goes on behind a fault by putting something right in
 * its place: so one run tells of every field, not of the first alone.
 */
#include "adapters/validate/judge.h"

#include <string.h>
#include <strings.h>

#include "adapters/core/grounds.h"
#include "adapters/core/whole.h"
#include "adapters/core/xml.h"
#include "adapters/education/csv.h"
#include "adapters/education/csv_columns.h"
#include "adapters/education/csv_kind.h"
#include "adapters/education/education.h"
#include "adapters/health/fhir.h"
#include "adapters/health/hl7_map.h"
#include "adapters/health/nhis.h"
#include "adapters/health/sector.h"
#include "adapters/social/social.h"
#include "adapters/validate/place.h"
#include "config/adapter_config.h"

#define FAULTS_MAX 40		/* of one record */
#define AGENCY "your-agency"
#define OTHER "other-agency"

struct judging {
	const struct judge_request *request;
	const struct sector *sector;
	enum format format;
	struct arena *mem;
	struct judgement *to;
};

static const struct { const char *word; enum format format; } formats[] = {
	{ "json", FORMAT_JSON }, { "xml", FORMAT_XML }, { "csv", FORMAT_CSV }, { "hl7", FORMAT_HL7 }, { "fhir", FORMAT_FHIR },
	{ "nhis", FORMAT_NHIS }, { "oscar", FORMAT_OSCAR }, { "primero", FORMAT_PRIMERO },
};
static const struct sector *const sectors[] = { &social_sector, &health_sector, &education_sector };

enum format
judge_format(const char *word)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcasecmp(formats[i].word, word) == 0)
			return formats[i].format;
	return FORMAT_NONE;
}

static const struct sector *
sector_by_name(const char *name)
{
	for (size_t i = 0; name != NULL && i < sizeof(sectors) / sizeof(sectors[0]); i++)
		if (strcmp(sectors[i]->name, name) == 0)
			return sectors[i];
	return NULL;
}

bool
judge_is_sector(const char *word)
{
	return sector_by_name(word) != NULL;
}

/* -- what it is -- */

static bool
ends_in(const char *name, const char *ending)
{
	size_t n = strlen(name), m = strlen(ending);

	return n > m && strcasecmp(name + n - m, ending) == 0;
}

static bool
holds(struct span s, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= s.n; i++)
		if (memcmp(s.p + i, word, n) == 0)
			return true;
	return false;
}

static enum format
find_format(const struct judge_request *r)
{
	const struct native in = { .bytes = r->bytes, .file = r->file };
	enum format format;
	size_t i = 0;

	if (r->format != FORMAT_NONE)
		return r->format;
	while (i < r->bytes.n && r->bytes.p[i] <= ' ')	/* MLLP's first byte among them */
		i++;
	if (r->bytes.n - i >= 3 && (memcmp(r->bytes.p + i, "MSH", 3) == 0 || memcmp(r->bytes.p + i, "FHS", 3) == 0 ||
				    memcmp(r->bytes.p + i, "BHS", 3) == 0))
		return FORMAT_HL7;
	if (ends_in(r->file, ".csv") || ends_in(r->file, ".txt") || ends_in(r->file, ".xlsx"))
		return FORMAT_CSV;
	if (xml_is_likely(r->bytes))
		return holds(r->bytes, NHIS_NS) || (r->sector != NULL && strcmp(r->sector, "health") == 0) ? FORMAT_NHIS : FORMAT_XML;
	if (i < r->bytes.n && r->bytes.p[i] != '{' && r->bytes.p[i] != '[' && r->bytes.p[i] != 0xEF)
		return FORMAT_CSV;
	if (holds(r->bytes, "\"resourceType\""))
		return FORMAT_FHIR;
	format = social_case_format(&in, NULL);
	return format != FORMAT_NONE ? format : FORMAT_JSON;
}

static const struct sector *
find_sector(const struct judge_request *r, enum format format)
{
	const struct sector *said = sector_by_name(r->sector);

	if (said != NULL)
		return said;
	return format == FORMAT_CSV ? &education_sector :
	       format == FORMAT_JSON || format == FORMAT_XML || format == FORMAT_OSCAR || format == FORMAT_PRIMERO ? &social_sector : &health_sector;
}

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

static void
set_absent(struct judging *j, struct record *record, const char *path, const char *text)
{
	struct why why;

	if (record_get(record, j->mem, path) == NULL)
		(void)!record_set(record, j->mem, path, text, &why);
}

/* Is the message there that the path is in? */
static bool
has_body_of(const struct record *record, const char *path)
{
	const struct record_type *type = record_type();
	size_t n = strcspn(path, ".");

	for (size_t i = 0; path[n] != '\0' && i < type->n_fields; i++)
		if (strlen(type->fields[i].name) == n && memcmp(type->fields[i].name, path, n) == 0)
			return record_has(record, &type->fields[i]);
	return true;
}

/* What the core knows, and what the agency's defaults give. */
static void
complete(struct judging *j, struct record *record)
{
	static const char *const core[][2] = {
		{ "case_id", "00000000000000000000000000000001" }, { "created", "2026-01-01T00:00:00Z" },
		{ "referral.initiator.agency", AGENCY }, { "referral.target.agency", OTHER },
		{ "referral.respond_by", "2026-01-08T00:00:00Z" }, { "status.referral_id", "-" }, { "status.from", "requested" },
		{ "status.transition", "T05" }, { "status.at", "2026-01-01T00:00:00Z" },
		{ "consent_change.at", "2026-01-01T00:00:00Z" }, { "consent_answer.at", "2026-01-01T00:00:00Z" },
		{ "cancellation.at", "2026-01-01T00:00:00Z" }, { "commitment_update.at", "2026-01-01T00:00:00Z" },
		{ "commitment_update.version", "1" }, { "commitment.version", "1" }, { "conference.called_by.agency", AGENCY },
		{ "transfer.initiator.agency", AGENCY }, { "transfer.priority", "urgent" },
		{ "transfer.respond_by", "2026-01-08T00:00:00Z" },
	};
	const struct adapter_config *c = j->request->config;

	for (size_t i = 0; i < sizeof(core) / sizeof(core[0]); i++) {
		if (has_body_of(record, core[i][0]))
			set_absent(j, record, core[i][0], core[i][1]);
	}
	for (size_t i = 0; c != NULL && i < c->n_defaults; i++) {
		const char *key = c->defaults[i].key;
		bool is_status = strncmp(key, "status.", 7) == 0;

		if (is_status ? record->status == NULL : record->referral == NULL)
			continue;
		if (!is_status && strncmp(key, "referral.", 9) != 0)
			key = arena_fmt(j->mem, "referral.%s", key);
		if (key != NULL)
			set_absent(j, record, key, c->defaults[i].value);
	}
}

/* The file that a row names is not here: only what is said of it can be judged. */
static void
complete_file(struct judging *j, struct record *record)
{
	static const char *const own[][2] = {
		{ "attachment.att_id", "-" }, { "attachment.media_type", "application/pdf" }, { "attachment.category", "other" },
		{ "attachment.sha256", "0000000000000000000000000000000000000000000000000000000000000000" },
		{ "attachment.part", "1" }, { "attachment.parts", "1" }, { "attachment.data", "AA==" },
	};

	if (record->attachment == NULL)
		return;
	record->attachment->size = NULL;	/* of any size it is one part here */
	set_absent(j, record, "attachment.size", "1");
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		set_absent(j, record, own[i][0], own[i][1]);
}

/* -- findings -- */

static int
column_of(struct judging *j, const char *name, char *ret_separator)
{
	struct csv csv;

	if (csv_open(&csv, j->request->bytes, NULL, j->mem, NULL) != OK)
		return -1;
	*ret_separator = (char)csv.separator;
	return csv_column(&csv, name);
}

/* The fault's place in the terms of the format, and its line and column there. */
static void
locate(struct judging *j, struct finding *f)
{
	struct span text = j->request->bytes;
	const char *where = f->why.where, *own = NULL;
	struct place p = { 0, 0 };
	const struct xml_node *root;
	char separator = ';';
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
		column = column_of(j, own != NULL ? own : where, &separator);
		if (f->why.line != 0 && column >= 0)
			p = place_in_csv(text, f->why.line, (unsigned)column, separator);
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

/* The description of the field that a path names; NULL if none. */
static const struct field *
field_at(const char *path)
{
	const struct record_type *type = record_type();
	const struct field *f = NULL;
	char name[64];

	while (type != NULL && *path != '\0') {
		size_t n = strcspn(path, ".[");

		if (n >= sizeof(name))
			return NULL;
		memcpy(name, path, n);
		name[n] = '\0';
		if ((f = record_field(type, name)) == NULL)
			return NULL;
		type = f->of;
		path += n + strcspn(path + n, ".");
		path += *path == '.';
	}
	return *path == '\0' ? f : NULL;
}

/* Something that the rules take there, so that the next fault shows. False: there is nothing to put. */
static bool
mend(struct judging *j, struct record *record, const char *path, enum err e)
{
	const struct field *f = field_at(path);
	const char *text = "x", *dot = strrchr(path, '.');
	struct why why;

	if (f == NULL || f->of != NULL)
		return false;
	if (e == ERR_BAD_ID && dot != NULL)	/* a number of another type has no check digit */
		return record_set(record, j->mem, arena_fmt(j->mem, "%.*s.type", (int)(dot - path), path), "local", &why) == OK;
	if (strcmp(f->name, "legal_basis") == 0)
		text = "statutory-task";	/* consent would want its own fields */
	else if (f->codes != NULL)
		text = f->codes[0];
	else if (strcmp(f->name, "municipality") == 0)
		text = "PDV22";
	else if (strcmp(f->name, "ekatte") == 0)
		text = "56784";
	else if (f->kind == FIELD_DATE)
		text = "2015-03-07";
	else if (f->kind == FIELD_TIME)
		text = "2026-01-01T00:00:00Z";
	else if (f->kind == FIELD_INT)
		text = "1";
	else if (f->kind == FIELD_BOOL)
		text = "false";
	return record_set(record, j->mem, path, text, &why) == OK;
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
	complete_file(j, item->record);
}

static void
judge_record(struct judging *j, const struct intake_item *item)
{
	char last[sizeof(((struct why *)0)->where)] = "";
	struct why why = { .line = 0 };
	enum err e;

	if (item->file != NULL)
		judge_file(j, item);
	complete(j, item->record);
	if ((e = grounds_check(item->record, j->request->now_ms, &why)) != OK) {	/* before anything is put right */
		why.line = line_of_row(j, item->row);
		add(j, e, &why, item->row, false);
	}
	for (int i = 0; i < FAULTS_MAX && (e = record_check(item->record, &why)) != OK; i++) {
		/* the step of a kind is the core's to take */
		if (strncmp(why.where, "step", 4) == 0 || strcmp(why.where, last) == 0)
			return;
		memcpy(last, why.where, sizeof(last));
		why.line = line_of_row(j, item->row);
		add(j, e, &why, item->row, e == ERR_REQUIRED && is_default(last) && j->request->config == NULL);
		if (!mend(j, item->record, last, e))
			return;
	}
}

enum err
judge(const struct judge_request *request, struct arena *mem, struct judgement *ret_judgement)
{
	struct judging j = { .request = request, .format = find_format(request), .mem = mem, .to = ret_judgement };
	const struct sector_env env = { .agency = AGENCY, .now_ms = 0, .is_test = true, .concept = concept_of, .agency_of = agency_of,
					.alias_of = alias_of, .arg = &j };
	struct native in = { .format = j.format, .bytes = request->bytes, .file = request->file };
	struct intake intake;

	*ret_judgement = (struct judgement){ .findings = arena_array(mem, JUDGE_FINDINGS_MAX, sizeof(struct finding)),
					     .codes = arena_array(mem, JUDGE_CODES_MAX, sizeof(struct unmapped)) };
	if (ret_judgement->findings == NULL || ret_judgement->codes == NULL)
		return ERR_NOMEM;
	j.sector = find_sector(request, j.format);
	ret_judgement->sector = j.sector->name;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i].format == j.format)
			ret_judgement->format = formats[i].word;
	j.sector->to_records(&in, &env, mem, &intake);
	if (intake.e != OK)
		add(&j, intake.e, &intake.why, 0, false);
	ret_judgement->n_items = intake.n;
	for (size_t i = 0; i < intake.n && !ret_judgement->has_more; i++) {
		struct intake_item *item = &intake.items[i];

		if (item->e != OK)
			add(&j, item->e, &item->why, item->row, false);
		else if (item->record != NULL)
			judge_record(&j, item);
	}
	return OK;
}
