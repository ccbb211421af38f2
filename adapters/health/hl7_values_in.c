/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_values_in - the values of HL7's fields into the record: texts, times, codes, names, addresses, numbers; one at a time or
 * by the rows of a table of hl7_map.
 *
 * The first fault is kept (sticky) and names its place in the message. Called by hl7_to_record.c and its other parts.
 */
#include "adapters/health/hl7_in.h"

#include <strings.h>

#include "proto/base/clock.h"

#define PID_BIRTH_DATE 7
#define PID_SSN 19
#define DAY_DIGITS 8			/* of yyyymmdd */
#define NO_DAY "a day is needed here, not a month or a year alone"

void
hl7_fail(struct hl7_reading *r, enum err e, const char *where, const char *text)
{
	if (r->e != OK)
		return;
	r->e = e;
	why_set(&r->why, e, where, "%s", text ? text : err_text(e, LANG_EN));
}

const char *
hl7_place(struct hl7_reading *r, const struct hl7_segment *s, unsigned field)
{
	return s->nth > 1 ? arena_fmt(r->mem, "%s[%u]-%u", s->name, s->nth, field) :
			    arena_fmt(r->mem, "%s-%u", s->name, field);
}

void
hl7_set(struct hl7_reading *r, const char *path, const char *text, const char *where)
{
	struct why why;
	enum err e;

	if (r->e != OK || !text || !path)
		return;
	if ((e = record_set(r->record, r->mem, path, text, &why)) != OK)
		hl7_fail(r, e, where, why.text);
}

const char *
hl7_join(struct hl7_reading *r, const char *prefix, const char *name)
{
	if (!prefix)
		return NULL;
	return arena_fmt(r->mem, "%s%s%s", prefix, *prefix && prefix[strlen(prefix) - 1] != '.' ? "." : "", name);
}

const char *
hl7_body(struct hl7_reading *r)
{
	return arena_fmt(r->mem, "%s.", r->body);
}

const struct record_type *
hl7_body_type(const struct hl7_reading *r)
{
	return record_field(record_type(), r->body)->of;
}

void
hl7_set_time(struct hl7_reading *r, const char *path, const char *text, const char *where)
{
	char iso[CLOCK_TEXT_LEN];
	unsigned digits;
	int64_t ms;

	if (!text || !path)
		return;
	if (hl7_time(text, &ms, &digits) != OK) {
		hl7_fail(r, ERR_BAD_DATE, where, NULL);
		return;
	}
	if (digits < DAY_DIGITS) {
		hl7_fail(r, ERR_BAD_DATE, where, NO_DAY);
		return;
	}
	if (digits == DAY_DIGITS && strstr(path, "_by"))
		ms += CLOCK_DAY - CLOCK_SECOND;		/* a deadline without an hour is the whole day's */
	clock_format(ms, iso);
	hl7_set(r, path, iso, where);
}

void
hl7_set_date(struct hl7_reading *r, const char *path, const char *text, const char *where)
{
	char iso[11];
	unsigned digits;
	bool is_birth;

	if (!text || !path)
		return;
	if (hl7_date(text, iso, &digits) != OK) {
		hl7_fail(r, ERR_BAD_DATE, where, NULL);
		return;
	}
	/* the one date that says how exact it is; of any other the day would be made up */
	is_birth = strcmp(path, "referral.child.birth_date") == 0;
	if (digits < DAY_DIGITS && !is_birth) {
		hl7_fail(r, ERR_BAD_DATE, where, NO_DAY);
		return;
	}
	hl7_set(r, path, iso, where);
	if (digits < DAY_DIGITS)
		hl7_set(r, "referral.child.birth_date_accuracy", digits < 6 ? "year" : "month", where);
}

/* A coded value is up to two triplets of code, text and system. Ours is taken first, then HL7's table, then the agency's
 * concept map, then a bare code of ours. NULL: none of these. */
static const char *
find_code(struct hl7_reading *r, const struct hl7_segment *s, unsigned field, unsigned rep, const char *list)
{
	const char *code[2], *system[2], *ours;

	for (unsigned i = 0; i < 2; i++) {
		code[i] = hl7_peek(&r->m, s, field, rep, 3 * i + 1);
		system[i] = hl7_peek(&r->m, s, field, rep, 3 * i + 3);
		if (code[i] && system[i] && strcmp(system[i], HL7_SYSTEM) == 0 && record_is_code(list, code[i]))
			return code[i];
	}
	for (unsigned i = 0; i < 2; i++)
		if (code[i] && (ours = hl7_code_in(list, code[i])))
			return ours;
	for (unsigned i = 0; i < 2; i++) {
		if (!code[i] || !r->env->concept)
			continue;
		ours = r->env->concept(r->env->arg, system[i] ? system[i] : "", code[i]);
		if (ours && record_is_code(list, ours))
			return ours;
	}
	return code[0] && record_is_code(list, code[0]) ? code[0] : NULL;
}

/* One that is understood is read whole: its words and its other code say the same. */
const char *
hl7_code_of(struct hl7_reading *r, const struct hl7_segment *s, unsigned field, unsigned rep, const char *list)
{
	const char *ours = find_code(r, s, field, rep, list);

	for (unsigned comp = 1; ours && comp <= 6; comp++)
		(void)hl7_get(&r->m, s, field, rep, comp);
	return ours;
}

static void
set_code(struct hl7_reading *r, const struct hl7_segment *s, unsigned field, const char *path, const char *list)
{
	const char *code = hl7_code_of(r, s, field, 1, list);

	if (!code && hl7_peek(&r->m, s, field, 1, 0)) {
		/* lists with "other" take what they do not know, the rest must be known */
		if (strcmp(list, "reason") != 0 && strcmp(list, "relation") != 0) {
			char codes[sizeof(r->why.text)];

			record_say_codes(record_codes(list), codes, sizeof(codes));
			hl7_fail(r, ERR_UNKNOWN_CODE, hl7_place(r, s, field), codes);
			return;
		}
		code = "other";
	}
	hl7_set(r, path, code, hl7_place(r, s, field));
}

/* XPN as people say it: prefix, given, second, family, suffix. An XCN is the same behind an id. */
static const char *
name_at(struct hl7_reading *r, const struct hl7_segment *s, unsigned field, unsigned behind)
{
	static const unsigned ORDER[] = { 5, 2, 3, 1, 4 };
	const char *name = NULL, *part;

	for (size_t i = 0; i < sizeof(ORDER) / sizeof(ORDER[0]); i++)
		if ((part = hl7_get(&r->m, s, field, 1, ORDER[i] + behind)))
			name = name ? arena_fmt(r->mem, "%s %s", name, part) : part;
	return name;
}

const char *
hl7_name_of(struct hl7_reading *r, const struct hl7_segment *s, unsigned field)
{
	return name_at(r, s, field, 0);
}

const char *
hl7_person_of(struct hl7_reading *r, const struct hl7_segment *s, unsigned field)
{
	return name_at(r, s, field, 1);
}

/* Phones come with typographic hyphens (U+2010 to U+2012) in HL7's own examples. */
static const char *
plain_phone(struct hl7_reading *r, const char *text)
{
	char *copy = text ? arena_str(r->mem, text) : NULL, *to = copy;

	for (const char *p = copy; p && *p; p++) {
		if (memcmp(p, "\xE2\x80", 2) == 0 && p[2] >= '\x90' && p[2] <= '\x92') {
			*to++ = '-';
			p += 2;
		} else {
			*to++ = *p;
		}
	}
	if (to)
		*to = '\0';
	return copy;
}

void
hl7_set_telecom(struct hl7_reading *r, const struct hl7_segment *s, unsigned field, const char *prefix, bool has_email)
{
	const char *phone = NULL, *email = NULL, *v, *kind;

	for (unsigned rep = 1; rep <= hl7_repeats(&r->m, s, field); rep++) {
		unsigned comp = hl7_peek(&r->m, s, field, rep, 4) ? 4 : 1;

		kind = hl7_peek(&r->m, s, field, rep, 3);
		if (comp == 4 || (kind && strcasecmp(kind, "Internet") == 0 && hl7_peek(&r->m, s, field, rep, 1))) {
			if (!email && has_email)
				email = hl7_get(&r->m, s, field, rep, comp);
			continue;
		}
		if (phone)
			continue;
		phone = hl7_get(&r->m, s, field, rep, 1);
		if (!phone)
			phone = hl7_get(&r->m, s, field, rep, 12);
		if (!phone && (v = hl7_get(&r->m, s, field, rep, 7)))
			phone = arena_fmt(r->mem, "%s%s", hl7_peek(&r->m, s, field, rep, 6) ? hl7_get(&r->m, s, field, rep, 6) : "", v);
	}
	hl7_set(r, hl7_join(r, prefix, "phone"), plain_phone(r, phone), hl7_place(r, s, field));
	hl7_set(r, hl7_join(r, prefix, "email"), email, hl7_place(r, s, field));
}

static void
set_address(struct hl7_reading *r, const struct hl7_segment *s, unsigned field, unsigned rep, const char *prefix)
{
	const char *v, *other;

	for (const struct hl7_address_part *p = HL7_ADDRESS_PARTS; p->comp; p++) {
		v = hl7_get(&r->m, s, field, rep, p->comp);
		if (p->comp == 1 && (other = hl7_get(&r->m, s, field, rep, 2)))
			v = v ? arena_fmt(r->mem, "%s, %s", v, other) : other;
		hl7_set(r, hl7_join(r, prefix, p->name), v, hl7_place(r, s, field));
	}
}

static void
set_addresses(struct hl7_reading *r, const struct hl7_segment *s, unsigned field, const char *prefix)
{
	bool has[2] = { false, false };
	const char *type;

	for (unsigned rep = 1; rep <= hl7_repeats(&r->m, s, field); rep++) {
		type = hl7_peek(&r->m, s, field, rep, 7);
		bool is_actual = type && strcasecmp(type, "C") == 0;

		if (has[is_actual])
			continue;
		has[is_actual] = true;
		set_address(r, s, field, rep, hl7_join(r, prefix, is_actual ? "actual_address" : "address"));
	}
}

/* Nobody said what the number is: an EGN by its digits, and by the birth date of who has it, for a patient's number of the hospital's own may
 * pass for one. */
static bool
may_be_egn(struct hl7_reading *r, const struct hl7_segment *s, const char *value)
{
	const char *born = strcmp(s->name, "PID") == 0 ? hl7_peek(&r->m, s, PID_BIRTH_DATE, 1, 1) : NULL, *accuracy;
	unsigned digits = 0;
	char iso[11];

	if (!record_is_egn(value))
		return false;
	if (!born || hl7_date(born, iso, &digits) != OK)
		return true;
	accuracy = digits < 6 ? "year" : digits < 8 ? "month" : NULL;
	return record_egn_tells_date(value, iso, accuracy);
}

/* What kind of number a CX is: by its type and authority, else by its check digit. */
static const char *
id_type_of(struct hl7_reading *r, const struct hl7_segment *s, const char *value, const char *type, const char *authority)
{
	static const struct { const char *type, *ours; } TYPES[] = {
		{ "PPN", "passport" }, { "SS", "SSN" }, { "MR", "local" }, { "PI", "local" }, { "PT", "local" },
		{ "U", "other" },
	};

	if (authority && (strcasecmp(authority, HL7_AUTHORITY_EGN) == 0 || strcmp(authority, "ГРАО") == 0))
		return "EGN";
	if (authority && (strcasecmp(authority, HL7_AUTHORITY_LNCH) == 0 || strcmp(authority, "МВР") == 0) &&
	    (!type || strcmp(type, "PPN") != 0))
		return "LNCH";
	if (type && strcmp(type, "NNBGR") == 0)
		return !record_is_egn(value) && record_is_lnch(value) ? "LNCH" : "EGN";
	if (type && strncmp(type, "NN", 2) == 0 && strlen(type) == 5)
		return "EU";
	for (size_t i = 0; type && i < sizeof(TYPES) / sizeof(TYPES[0]); i++)
		if (strcmp(TYPES[i].type, type) == 0)
			return TYPES[i].ours;
	if (may_be_egn(r, s, value))
		return "EGN";
	if (record_is_lnch(value) && !record_is_egn(value))
		return "LNCH";
	return type && strcmp(type, "NI") == 0 ? "other" : "local";
}

static void
set_id(struct hl7_reading *r, const char *prefix, unsigned n, const char *type, const char *value, const char *where)
{
	const char *base = arena_fmt(r->mem, "%s.ids[%u]", prefix, n);

	hl7_set(r, value ? hl7_join(r, base, "type") : NULL, type, where);
	hl7_set(r, hl7_join(r, base, "value"), value, where);
}

bool
hl7_read_id(struct hl7_reading *r, const struct hl7_segment *s, unsigned field, unsigned rep, struct person_id *ret_id)
{
	const char *value = hl7_get(&r->m, s, field, rep, 1), *type, *ours;

	if (!value)
		return false;
	type = hl7_get(&r->m, s, field, rep, 5);
	ours = id_type_of(r, s, value, type, hl7_get(&r->m, s, field, rep, 4));
	*ret_id = (struct person_id){ .type = ours, .value = value, .country = hl7_get(&r->m, s, field, rep, 9) };
	if (!ret_id->country && strcmp(ours, "EU") == 0)
		ret_id->country = type + 2;
	return true;
}

/* What is none by its check digit stays unread. */
const char *
hl7_read_old_egn(struct hl7_reading *r, const struct hl7_segment *pid)
{
	const char *value = hl7_peek(&r->m, pid, PID_SSN, 1, 1);

	return value && record_is_egn(value) ? hl7_get(&r->m, pid, PID_SSN, 1, 1) : NULL;
}

static void
set_ids(struct hl7_reading *r, const struct hl7_segment *s, unsigned field, const char *prefix)
{
	struct person_id id;
	bool has_egn = false;
	unsigned n = 0;

	for (unsigned rep = 1; rep <= hl7_repeats(&r->m, s, field); rep++) {
		if (!hl7_read_id(r, s, field, rep, &id))
			continue;
		has_egn |= strcmp(id.type, "EGN") == 0;
		if ((strcmp(id.type, "EGN") == 0 && !record_is_egn(id.value)) ||
		    (strcmp(id.type, "LNCH") == 0 && !record_is_lnch(id.value))) {
			hl7_fail(r, ERR_BAD_ID, hl7_place(r, s, field), NULL);
			return;
		}
		set_id(r, prefix, n, id.type, id.value, hl7_place(r, s, field));
		hl7_set(r, arena_fmt(r->mem, "%s.ids[%u].country", prefix, n++), id.country, hl7_place(r, s, field));
	}
	if (!has_egn && strcmp(s->name, "PID") == 0)
		set_id(r, prefix, n, "EGN", hl7_read_old_egn(r, s), hl7_place(r, s, PID_SSN));
}

/* -- rows -- */

/* All rows of a table from one segment; `index` for lists. Fields from `shift_from` on are looked for `shift` further. */
void
hl7_read_rows(struct hl7_reading *r, const struct hl7_rows *t, const struct hl7_segment *s, int index, int shift)
{
	const char *prefix = hl7_path_index(t->prefix, index, r->mem), *path;
	unsigned field;

	if (!prefix)
		return;
	for (const struct hl7_row *row = t->rows; row->field && r->e == OK; row++) {
		path = *row->path ? arena_fmt(r->mem, "%s%s", prefix, row->path) :
				    arena_strn(r->mem, prefix, strlen(prefix) - 1);
		if (!path)
			break;
		field = (unsigned)((int)row->field + shift);
		if (field < 2)		/* moved to the left: this one is what was left out */
			continue;
		switch (row->conv) {
		case HL7_TEXT: hl7_set(r, path, hl7_get(&r->m, s, field, 1, row->comp), hl7_place(r, s, field)); break;
		case HL7_DATE: hl7_set_date(r, path, hl7_get(&r->m, s, field, 1, 1), hl7_place(r, s, field)); break;
		case HL7_TIME: hl7_set_time(r, path, hl7_get(&r->m, s, field, 1, 1), hl7_place(r, s, field)); break;
		case HL7_CODE: set_code(r, s, field, path, row->list); break;
		case HL7_NAME: hl7_set(r, path, hl7_name_of(r, s, field), hl7_place(r, s, field)); break;
		case HL7_PERSON: hl7_set(r, path, hl7_person_of(r, s, field), hl7_place(r, s, field)); break;
		case HL7_ADDRESS: set_address(r, s, field, 1, path); break;
		case HL7_ADDRESSES: set_addresses(r, s, field, path); break;
		case HL7_TELECOM: hl7_set_telecom(r, s, field, path, t != &HL7_NK1); break;
		case HL7_IDS: set_ids(r, s, field, path); break;
		}
	}
}
