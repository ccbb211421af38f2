/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_values_out - the record's values to HL7's fields: dates, codes, names, addresses, numbers; one at a time or by the rows
 * of a table of hl7_map.
 *
 * What the record does not have writes nothing. Called by hl7_from_record.c and its other parts.
 */
#include "adapters/health/hl7_out.h"

#include "proto/base/clock.h"

const char *
hl7_value(struct hl7_writing *t, const char *path)
{
	return t->record && path ? record_get(t->record, t->mem, path) : NULL;
}

static const char *
get_at(struct hl7_writing *t, const char *prefix, const char *name)
{
	return hl7_value(t, arena_fmt(t->mem, "%s.%s", prefix, name));
}

const char *
hl7_number(struct hl7_writing *t, unsigned n)
{
	return arena_fmt(t->mem, "%u", n);
}

const char *
hl7_compact_date(struct hl7_writing *t, const char *iso)
{
	return iso && strlen(iso) == 10 ? arena_fmt(t->mem, "%.4s%.2s%.2s", iso, iso + 5, iso + 8) : NULL;
}

const char *
hl7_time_text(struct hl7_writing *t, int64_t ms)
{
	char text[HL7_TIME_LEN];

	hl7_format_time(ms, text);
	return arena_str(t->mem, text);
}

const char *
hl7_compact_time(struct hl7_writing *t, const char *iso)
{
	int64_t ms;

	return iso && clock_parse(iso, &ms) == OK ? hl7_time_text(t, ms) : NULL;
}

static void
put_code(struct hl7_writing *t, unsigned field, const char *list, const char *ours)
{
	const char *table, *theirs = hl7_code_out(list, ours, &table);

	if (!ours)
		return;
	if (!theirs) {
		hl7_put(&t->w, field, 1, 1, ours);
		hl7_put(&t->w, field, 1, 3, HL7_SYSTEM);
		return;
	}
	hl7_put(&t->w, field, 1, 1, theirs);
	if (strcmp(list, "gender") == 0)	/* an IS, not a CE */
		return;
	hl7_put(&t->w, field, 1, 3, table);
	hl7_put(&t->w, field, 1, 4, ours);
	hl7_put(&t->w, field, 1, 6, HL7_SYSTEM);
}

/* The last word is the family name: read back, the parts join to the same text. An XCN is the same behind an id. */
static void
put_name_at(struct hl7_writing *t, unsigned field, unsigned comp, const char *name)
{
	const char *space = name ? strrchr(name, ' ') : NULL;

	if (!space) {
		hl7_put(&t->w, field, 1, comp, name);
		return;
	}
	hl7_put(&t->w, field, 1, comp, space + 1);
	hl7_put(&t->w, field, 1, comp + 1, arena_strn(t->mem, name, (size_t)(space - name)));
}

void
hl7_put_name(struct hl7_writing *t, unsigned field, const char *name)
{
	put_name_at(t, field, 1, name);
}

void
hl7_put_person(struct hl7_writing *t, unsigned field, const char *name)
{
	put_name_at(t, field, 2, name);
}

void
hl7_put_telecom(struct hl7_writing *t, unsigned field, const char *phone, const char *email, bool is_work)
{
	unsigned rep = phone ? 2 : 1;

	if (phone) {
		hl7_put(&t->w, field, 1, 1, phone);
		hl7_put(&t->w, field, 1, 2, is_work ? "WPN" : "PRN");
		hl7_put(&t->w, field, 1, 3, "PH");
	}
	if (email) {
		hl7_put(&t->w, field, rep, 2, "NET");
		hl7_put(&t->w, field, rep, 3, "Internet");
		hl7_put(&t->w, field, rep, 4, email);
	}
}

/* False if the record has no address there. */
static bool
put_address(struct hl7_writing *t, unsigned field, unsigned rep, const char *prefix, const char *type)
{
	bool has = false;

	for (const struct hl7_address_part *p = HL7_ADDRESS_PARTS; p->comp; p++)
		has = has || get_at(t, prefix, p->name);
	for (const struct hl7_address_part *p = HL7_ADDRESS_PARTS; has && p->comp; p++) {
		if (p->comp == 9)		/* XAD.7 stands before the county */
			hl7_put(&t->w, field, rep, 7, type);
		hl7_put(&t->w, field, rep, p->comp, get_at(t, prefix, p->name));
	}
	return has;
}

static void
put_ids(struct hl7_writing *t, unsigned field, const struct person *child)
{
	static const struct { const char *type, *authority, *hl7; } TYPES[] = {
		{ "EGN", HL7_AUTHORITY_EGN, "NNBGR" }, { "LNCH", HL7_AUTHORITY_LNCH, "NI" }, { "SSN", NULL, "SS" },
		{ "passport", NULL, "PPN" }, { "EU", NULL, "NI" }, { "local", NULL, "MR" }, { "other", NULL, "U" },
	};

	for (size_t i = 0; i < child->n_ids; i++) {
		const struct person_id *id = child->ids[i];
		unsigned rep = (unsigned)i + 1;
		const char *type = "U", *authority = NULL;

		for (size_t k = 0; k < sizeof(TYPES) / sizeof(TYPES[0]); k++) {
			if (strcmp(TYPES[k].type, id->type) == 0) {
				type = TYPES[k].hl7;
				authority = TYPES[k].authority;
			}
		}
		if (strcmp(id->type, "EU") == 0)
			type = arena_fmt(t->mem, "NN%s", id->country && strlen(id->country) == 3 ? id->country : "EUR");
		hl7_put(&t->w, field, rep, 1, id->value);
		hl7_put(&t->w, field, rep, 4, authority);
		hl7_put(&t->w, field, rep, 5, type);
		hl7_put(&t->w, field, rep, 9, id->country);
	}
}

/* -- rows -- */

/* Fields (from..to) of a segment by its table; the caller begins and ends it. */
void
hl7_put_rows(struct hl7_writing *t, const struct hl7_rows *rows, int index, unsigned from, unsigned to)
{
	const char *prefix = hl7_path_index(rows->prefix, index, t->mem), *path;

	if (!prefix)
		return;
	for (const struct hl7_row *r = rows->rows; r->field; r++) {
		if (r->field < from || r->field > to)
			continue;
		path = *r->path ? arena_fmt(t->mem, "%s%s", prefix, r->path) :
				  arena_strn(t->mem, prefix, strlen(prefix) - 1);
		if (!path)
			return;
		switch (r->conv) {
		case HL7_TEXT: hl7_put(&t->w, r->field, 1, r->comp, hl7_value(t, path)); break;
		case HL7_DATE: hl7_put(&t->w, r->field, 1, 1, hl7_compact_date(t, hl7_value(t, path))); break;
		case HL7_TIME: hl7_put(&t->w, r->field, 1, 1, hl7_compact_time(t, hl7_value(t, path))); break;
		case HL7_CODE: put_code(t, r->field, r->list, hl7_value(t, path)); break;
		case HL7_NAME: hl7_put_name(t, r->field, hl7_value(t, path)); break;
		case HL7_PERSON: hl7_put_person(t, r->field, hl7_value(t, path)); break;
		case HL7_ADDRESS: put_address(t, r->field, 1, path, "H"); break;
		case HL7_ADDRESSES: {
			bool has = put_address(t, r->field, 1, arena_fmt(t->mem, "%s.address", path), "H");

			put_address(t, r->field, has ? 2 : 1, arena_fmt(t->mem, "%s.actual_address", path), "C");
			break;
		}
		case HL7_TELECOM:
			hl7_put_telecom(t, r->field, get_at(t, path, "phone"), get_at(t, path, "email"), false);
			break;
		case HL7_IDS:
			put_ids(t, r->field, t->record->referral->child);
			break;
		}
	}
}
