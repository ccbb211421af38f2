/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_map - the tables of hl7_map.h and the look-ups in them. Nothing here reads or writes a message.
 *
 * Used by hl7_to_record.c, hl7_from_record.c and hl7_answer.c.
 */
#include "adapters/health/hl7_map.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapters/health/hl7_order.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct hl7_row RF1_REFERRAL[] = {
	{ 2, 1, "priority", HL7_CODE, "priority" },
	{ 4, 1, "disposition_wanted", HL7_CODE, "disposition" },
	{ 6, 1, "referral_id", HL7_TEXT, NULL },
	{ 7, 1, "requested_start", HL7_DATE, NULL },
	{ 8, 1, "respond_by", HL7_TIME, NULL },
	{ 9, 1, "authored_on", HL7_TIME, NULL },
	{ 11, 1, "external_id", HL7_TEXT, NULL },
	{ 0, 0, NULL, HL7_TEXT, NULL },
};
static const struct hl7_row RF1_STATUS[] = {
	{ 6, 1, "referral_id", HL7_TEXT, NULL },
	{ 7, 1, "expected_start", HL7_DATE, NULL },
	{ 10, 1, "reason_code", HL7_CODE, "reason" },
	{ 11, 1, "case_no", HL7_TEXT, NULL },
	{ 0, 0, NULL, HL7_TEXT, NULL },
};
static const struct hl7_row PID[] = {
	{ 3, 1, "child", HL7_IDS, NULL },
	{ 5, 1, "child.family", HL7_TEXT, NULL },
	{ 5, 2, "child.given", HL7_TEXT, NULL },
	{ 5, 3, "child.middle", HL7_TEXT, NULL },
	{ 7, 1, "child.birth_date", HL7_DATE, NULL },
	{ 8, 1, "child.gender", HL7_CODE, "gender" },
	{ 11, 1, "child", HL7_ADDRESSES, NULL },
	{ 13, 1, "child", HL7_TELECOM, NULL },
	{ 15, 1, "language", HL7_TEXT, NULL },
	{ 26, 1, "child.nationality", HL7_TEXT, NULL },
	{ 0, 0, NULL, HL7_TEXT, NULL },
};
static const struct hl7_row NK1[] = {
	{ 2, 1, "name", HL7_NAME, NULL },
	{ 3, 1, "relation", HL7_CODE, "relation" },
	{ 4, 1, "address", HL7_ADDRESS, NULL },
	{ 5, 1, "", HL7_TELECOM, NULL },
	{ 0, 0, NULL, HL7_TEXT, NULL },
};
static const struct hl7_row DG1[] = {
	{ 3, 1, "code", HL7_TEXT, NULL },
	{ 3, 2, "text", HL7_TEXT, NULL },
	{ 6, 1, "use", HL7_TEXT, NULL },
	{ 15, 1, "rank", HL7_TEXT, NULL },
	{ 0, 0, NULL, HL7_TEXT, NULL },
};

const struct hl7_rows HL7_RF1_REFERRAL = { "RF1", "referral.", RF1_REFERRAL };
const struct hl7_rows HL7_RF1_STATUS = { "RF1", "status.", RF1_STATUS };
const struct hl7_rows HL7_PID = { "PID", "referral.", PID };
const struct hl7_rows HL7_NK1 = { "NK1", "referral.carers[].", NK1 };
const struct hl7_rows HL7_DG1 = { "DG1", "referral.diagnosis[].", DG1 };

const struct hl7_address_part HL7_ADDRESS_PARTS[] = {
	{ 1, "line" }, { 3, "city" }, { 4, "county" }, { 5, "postal" }, { 6, "country" },
	{ 9, "municipality" },		/* county or parish code */
	{ 10, "ekatte" },		/* census tract: the settlement's code */
	{ 0, NULL },
};

/* The preview is the hub's, made anew by each adapter. */
const char *const HL7_HELD_REFERRAL[] = {
	"referral_id", "external_id", "initiator", "target", "child.ids", "child.given", "child.middle", "child.family",
	"child.birth_date", "child.gender", "child.address", "child.actual_address", "child.phone", "child.email",
	"child.nationality", "child.gp", "carers", "service_kind", "service_text", "reason_text", "diagnosis", "priority",
	"disposition_wanted", "requested_start", "respond_by", "language", "authored_on", "preview",
	NULL,
};
const char *const HL7_HELD_STATUS[] = {
	"referral_id", "at", "actor", "reason_code", "reason_text", "case_no", "appointment.start", "expected_start",
	"assigned_worker",
	NULL,
};
const char *const HL7_HELD_RRI_OF_INITIATOR[] = {
	"referral_id", "at", "reason_code", "reason_text", "case_no", "appointment.start", "expected_start", "assigned_worker",
	NULL,
};

/* The first row of a code of ours is the one that is written. */
static const struct { const char *list, *table, *theirs, *ours; } CODES[] = {
	{ "priority", "HL70280", "S", "emergency" },
	{ "priority", "HL70280", "A", "urgent" },
	{ "priority", "HL70280", "R", "routine" },
	{ "disposition", "HL70282", "AM", "take-over" },
	{ "disposition", "HL70282", "RP", "assess-and-return" },
	{ "disposition", "HL70282", "SO", "second-opinion" },
	{ "disposition", "HL70282", "WR", "report-only" },
	{ "gender", "HL70001", "M", "male" },
	{ "gender", "HL70001", "F", "female" },
	{ "gender", "HL70001", "O", "other" },
	{ "gender", "HL70001", "U", "unknown" },
	{ "gender", "HL70001", "A", "other" },
	{ "gender", "HL70001", "N", "unknown" },
	{ "relation", "HL70063", "MTH", "mother" },
	{ "relation", "HL70063", "FTH", "father" },
	{ "relation", "HL70063", "GRD", "guardian" },
	{ "relation", "HL70063", "GRP", "grandparent" },
	{ "relation", "HL70063", "CGV", "foster-carer" },
	{ "relation", "HL70063", "FCH", "foster-carer" },
	{ "relation", "HL70063", "SIB", "sibling" },
	{ "relation", "HL70063", "BRO", "sibling" },
	{ "relation", "HL70063", "SIS", "sibling" },
	{ "relation", "HL70063", "EXF", "relative" },
	{ "relation", "HL70063", "OTH", "other" },
};

const char *
hl7_code_out(const char *list, const char *ours, const char **ret_table)
{
	for (size_t i = 0; ours && i < COUNT(CODES); i++) {
		if (strcmp(CODES[i].list, list) == 0 && strcmp(CODES[i].ours, ours) == 0) {
			*ret_table = CODES[i].table;
			return CODES[i].theirs;
		}
	}
	return NULL;
}

const char *
hl7_code_in(const char *list, const char *theirs)
{
	for (size_t i = 0; theirs && i < COUNT(CODES); i++)
		if (strcmp(CODES[i].list, list) == 0 && strcasecmp(CODES[i].theirs, theirs) == 0)
			return CODES[i].ours;
	return NULL;
}

/* The first row that fits is taken, in both directions; an empty OBR-25 fits any. */
static const struct { const char *state, *rf1, *obr25; } STATES[] = {
	{ "completed", "A", "F" },
	{ "scheduled", "A", "S" },
	{ "in-progress", "A", "I" },
	{ "cancelled", "A", "X" },
	{ "accepted", "A", "" },
	{ "failed", "R", "X" },
	{ "declined", "R", "" },
	{ "expired", "E", "" },
	{ "received", "P", "" },
	/* written only: they are told apart by OBX status `to` */
	{ "requested", "P", "" },
	{ "info-requested", "P", "" },
	{ "late-offered", "P", "" },
	{ "on-hold", "P", "I" },
	{ "cancel-requested", "P", "" },
	{ "waitlisted", "A", "O" },
	{ "redirected", "R", "" },
	{ "withdrawn", "E", "X" },
	{ "transferred", "E", "X" },
	{ "entered-in-error", "E", "X" },
};

void
hl7_state_out(const char *state, const char **ret_rf1, const char **ret_obr25)
{
	*ret_rf1 = *ret_obr25 = NULL;
	for (size_t i = 0; state && i < COUNT(STATES); i++) {
		if (strcmp(STATES[i].state, state) == 0) {
			*ret_rf1 = STATES[i].rf1;
			*ret_obr25 = STATES[i].obr25;
			return;
		}
	}
}

const char *
hl7_state_in(const char *rf1, const char *obr25)
{
	for (size_t i = 0; rf1 && i < COUNT(STATES); i++)
		if (strcasecmp(STATES[i].rf1, rf1) == 0 &&
		    (STATES[i].obr25[0] == '\0' || (obr25 && strcasecmp(STATES[i].obr25, obr25) == 0)))
			return STATES[i].state;
	return NULL;
}

/* Do the two agree, with any index in brackets taken as "[]"? `rest` gets what `path` has beyond. */
static bool
path_begins(const char *path, const char *with, const char **rest)
{
	for (; *with; with++, path++) {
		if (*path != *with)
			return false;
		if (*path == '[')
			while (path[1] >= '0' && path[1] <= '9')
				path++;
	}
	*rest = path;
	return *path == '\0' || *path == '.' || *path == '[';
}

/* "NK1", or where the table is of a list, which of them: "NK1[2]" of "referral.carers[1].name". */
static const char *
segment_of(const struct hl7_rows *t, const char *path, struct arena *mem)
{
	const char *hole = strstr(t->prefix, "[]");
	long index = hole ? strtol(path + (hole - t->prefix) + 1, NULL, 10) : 0;

	return index > 0 ? arena_fmt(mem, "%s[%ld]", t->segment, index + 1) : t->segment;
}

static const char *
place_in(const struct hl7_rows *t, const char *path, struct arena *mem)
{
	static const struct { enum hl7_conv conv; const char *tail; } INNER[] = {
		{ HL7_IDS, "ids" }, { HL7_ADDRESSES, "address" }, { HL7_ADDRESSES, "actual_address" },
		{ HL7_TELECOM, "phone" }, { HL7_TELECOM, "email" },
	};
	const char *full, *rest;

	for (const struct hl7_row *r = t->rows; r->field; r++) {
		full = arena_fmt(mem, "%s%s", t->prefix, r->path);
		if (full && r->conv != HL7_IDS && r->conv != HL7_ADDRESSES && r->conv != HL7_TELECOM) {
			if (path_begins(path, full, &rest))
				return r->conv == HL7_TEXT && (r->comp > 1 || r->field == 5) ?
				       arena_fmt(mem, "%s-%u.%u", segment_of(t, path, mem), r->field, r->comp) :
				       arena_fmt(mem, "%s-%u", segment_of(t, path, mem), r->field);
			continue;
		}
		for (size_t i = 0; i < COUNT(INNER); i++) {
			full = arena_fmt(mem, "%s%s%s%s", t->prefix, r->path, *r->path ? "." : "", INNER[i].tail);
			if (INNER[i].conv == r->conv && full && path_begins(path, full, &rest))
				return arena_fmt(mem, "%s-%u", segment_of(t, path, mem), r->field);
		}
	}
	return NULL;
}

const char *
hl7_place_of(const char *path, enum hl7_family family, struct arena *mem)
{
	static const struct hl7_rows *const ALL[] = {
		&HL7_RF1_REFERRAL, &HL7_RF1_STATUS, &HL7_PID, &HL7_NK1, &HL7_DG1,
	};
	static const struct { const char *path, *place; } OTHERS[] = {
		{ "referral.reason_text", "NTE-3" }, { "status.reason_text", "NTE-3" },
		{ "referral.service_kind", "OBR-4" }, { "referral.service_text", "OBR-4" },
		{ "referral.initiator", "PRD" }, { "referral.target", "PRD" },
		{ "referral.child.gp", "PRD" }, { "status.actor", "PRD" }, { "status.assigned_worker", "CTD" },
		{ "status.to", "RF1-1" }, { "status.at", "OBR-22" }, { "status.appointment.start", "OBR-36" },
		{ "referral.native_id", "MSH-10" }, { "status.native_id", "MSH-10" },
		{ "confirms", "RF1-6" }, { "case_no", "RF1-11" },
	};
	const char *place = hl7_order_place(path, family), *rest;

	if (place)
		return place;
	for (size_t i = 0; i < COUNT(ALL); i++)
		if ((place = place_in(ALL[i], path, mem)))
			return place;
	for (size_t i = 0; i < COUNT(OTHERS); i++)
		if (path_begins(path, OTHERS[i].path, &rest))
			return OTHERS[i].place;
	for (const struct record_type *t = record_type(); t; t = NULL)
		for (size_t i = 0; i < t->n_fields; i++)
			if (t->fields[i].kind == FIELD_MSG && path_begins(path, t->fields[i].name, &rest) && *rest == '.')
				return strcmp(rest, ".referral_id") == 0 ? "OBR-2" : strcmp(rest, ".native_id") == 0 ? "MSH-10" : "OBX-5";
	return NULL;
}

const char *
hl7_path_index(const char *path, int index, struct arena *mem)
{
	const char *hole = strstr(path, "[]");

	if (!hole)
		return path;
	if (index < 0)
		return arena_fmt(mem, "%.*s%s", (int)(hole - path), path, hole + 2);
	return arena_fmt(mem, "%.*s[%d]%s", (int)(hole - path), path, index, hole + 2);
}
