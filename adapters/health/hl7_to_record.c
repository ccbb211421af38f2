/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_to_record - REF^I12, REF^I14 and RRI to records, by the tables of hl7_map.
 *
 * The first fault is kept (sticky) and ends the reading; it names the place in the message. What has no field in the
 * record is left out and counted in record.dropped: data that nobody asked for does not travel.
 */
#include "adapters/health/hl7_sector.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "adapters/health/hl7.h"
#include "adapters/health/hl7_map.h"
#include "proto/base/clock.h"

#define ITEMS_MAX 16			/* distinct OBX-4 of one list */
#define KEY_LEN 24
#define NATIVE_ID_MAX 128		/* as record.native_id */

struct reading {
	struct hl7 m;
	const struct sector_env *env;
	struct arena *mem;
	struct intake_item *item;
	struct record *record;
	bool is_status;
	struct { const char *list; char key[KEY_LEN]; int index; } items[ITEMS_MAX * 4];
	size_t n_items;
	int64_t dropped;
	enum err e;			/* sticky */
	struct why why;
};

static void
fail(struct reading *r, enum err e, const char *where, const char *text)
{
	if (r->e != OK)
		return;
	r->e = e;
	why_set(&r->why, e, where, "%s", text ? text : err_text(e, LANG_EN));
}

static const char *
place(struct reading *r, const struct hl7_segment *s, unsigned field)
{
	return s->nth > 1 ? arena_fmt(r->mem, "%s[%u]-%u", s->name, s->nth, field) :
			    arena_fmt(r->mem, "%s-%u", s->name, field);
}

static void
set(struct reading *r, const char *path, const char *text, const char *where)
{
	struct why why;
	enum err e;

	if (r->e != OK || !text || !path)
		return;
	if ((e = record_set(r->record, r->mem, path, text, &why)) != OK)
		fail(r, e, where, NULL);
}

static const char *
join(struct reading *r, const char *prefix, const char *name)
{
	if (!prefix)
		return NULL;
	return arena_fmt(r->mem, "%s%s%s", prefix, *prefix && prefix[strlen(prefix) - 1] != '.' ? "." : "", name);
}

static const char *
body(const struct reading *r)
{
	return r->is_status ? "status." : "referral.";
}

/* -- values -- */

static void
set_time(struct reading *r, const char *path, const char *text, const char *where)
{
	char iso[CLOCK_TEXT_LEN];
	unsigned digits;
	int64_t ms;

	if (!text || !path)
		return;
	if (hl7_time(text, &ms, &digits) != OK) {
		fail(r, ERR_BAD_DATE, where, NULL);
		return;
	}
	if (digits <= 8 && strstr(path, "_by"))
		ms += CLOCK_DAY - CLOCK_SECOND;		/* a deadline without an hour is the whole day's */
	clock_format(ms, iso);
	set(r, path, iso, where);
}

static void
set_date(struct reading *r, const char *path, const char *text, const char *where)
{
	char iso[11];
	unsigned digits;

	if (!text || !path)
		return;
	if (hl7_date(text, iso, &digits) != OK) {
		fail(r, ERR_BAD_DATE, where, NULL);
		return;
	}
	set(r, path, iso, where);
	if (digits < 8 && strcmp(path, "referral.child.birth_date") == 0)
		set(r, "referral.child.birth_date_accuracy", digits < 6 ? "year" : "month", where);
}

/* A coded value is up to two triplets of code, text and system. Ours is taken first, then HL7's table, then the agency's
 * concept map, then a bare code of ours. NULL: none of these. */
static const char *
code_of(struct reading *r, const struct hl7_segment *s, unsigned field, unsigned rep, const char *list)
{
	const char *code[2], *system[2], *ours;

	for (unsigned i = 0; i < 2; i++) {
		code[i] = hl7_get(&r->m, s, field, rep, 3 * i + 1);
		system[i] = hl7_get(&r->m, s, field, rep, 3 * i + 3);
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

static void
set_code(struct reading *r, const struct hl7_segment *s, unsigned field, const char *path, const char *list)
{
	const char *code = code_of(r, s, field, 1, list);

	if (!code && hl7_get(&r->m, s, field, 1, 0)) {
		/* lists with "other" take what they do not know, the rest must be known */
		if (strcmp(list, "reason") != 0 && strcmp(list, "relation") != 0) {
			fail(r, ERR_UNKNOWN_CODE, place(r, s, field), NULL);
			return;
		}
		code = "other";
	}
	set(r, path, code, place(r, s, field));
}

/* XPN as people say it: prefix, given, second, family, suffix. */
static const char *
name_of(struct reading *r, const struct hl7_segment *s, unsigned field)
{
	static const unsigned ORDER[] = { 5, 2, 3, 1, 4 };
	const char *name = NULL, *part;

	for (size_t i = 0; i < sizeof(ORDER) / sizeof(ORDER[0]); i++)
		if ((part = hl7_get(&r->m, s, field, 1, ORDER[i])))
			name = name ? arena_fmt(r->mem, "%s %s", name, part) : part;
	return name;
}

/* Phones come with typographic hyphens (U+2010 to U+2012) in HL7's own examples. */
static const char *
plain_phone(struct reading *r, const char *text)
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

static void
set_telecom(struct reading *r, const struct hl7_segment *s, unsigned field, const char *prefix, bool has_email)
{
	const char *phone = NULL, *email = NULL, *v, *kind;

	for (unsigned rep = 1; rep <= hl7_repeats(&r->m, s, field); rep++) {
		kind = hl7_get(&r->m, s, field, rep, 3);
		v = hl7_get(&r->m, s, field, rep, 4);
		if (!v && kind && strcasecmp(kind, "Internet") == 0)
			v = hl7_get(&r->m, s, field, rep, 1);
		if (v) {
			if (!email)
				email = v;
			continue;
		}
		v = hl7_get(&r->m, s, field, rep, 1);
		if (!v)
			v = hl7_get(&r->m, s, field, rep, 12);
		if (!v && hl7_get(&r->m, s, field, rep, 7))
			v = arena_fmt(r->mem, "%s%s", hl7_get(&r->m, s, field, rep, 6) ? hl7_get(&r->m, s, field, rep, 6) : "",
				      hl7_get(&r->m, s, field, rep, 7));
		if (!phone)
			phone = v;
	}
	set(r, join(r, prefix, "phone"), plain_phone(r, phone), place(r, s, field));
	if (has_email)
		set(r, join(r, prefix, "email"), email, place(r, s, field));
	else
		r->dropped += email != NULL;
}

static void
set_address(struct reading *r, const struct hl7_segment *s, unsigned field, unsigned rep, const char *prefix)
{
	const char *v, *other;

	for (const struct hl7_address_part *p = HL7_ADDRESS_PARTS; p->comp; p++) {
		v = hl7_get(&r->m, s, field, rep, p->comp);
		if (p->comp == 1 && (other = hl7_get(&r->m, s, field, rep, 2)))
			v = v ? arena_fmt(r->mem, "%s, %s", v, other) : other;
		set(r, join(r, prefix, p->name), v, place(r, s, field));
	}
}

static void
set_addresses(struct reading *r, const struct hl7_segment *s, unsigned field, const char *prefix)
{
	bool has[2] = { false, false };
	const char *type;

	for (unsigned rep = 1; rep <= hl7_repeats(&r->m, s, field); rep++) {
		type = hl7_get(&r->m, s, field, rep, 7);
		bool is_actual = type && strcasecmp(type, "C") == 0;

		if (has[is_actual]) {
			r->dropped++;
			continue;
		}
		has[is_actual] = true;
		set_address(r, s, field, rep, join(r, prefix, is_actual ? "actual_address" : "address"));
	}
}

/* What kind of number a CX is: by its type and authority, else by its check digit. */
static const char *
id_type_of(const char *value, const char *type, const char *authority)
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
	if (record_is_egn(value))
		return "EGN";
	if (record_is_lnch(value))
		return "LNCH";
	return type && strcmp(type, "NI") == 0 ? "other" : "local";
}

static void
set_ids(struct reading *r, const struct hl7_segment *s, unsigned field, const char *prefix)
{
	const char *value, *type, *ours, *country, *base;
	unsigned n = 0;

	for (unsigned rep = 1; rep <= hl7_repeats(&r->m, s, field); rep++) {
		if (!(value = hl7_get(&r->m, s, field, rep, 1)))
			continue;
		type = hl7_get(&r->m, s, field, rep, 5);
		ours = id_type_of(value, type, hl7_get(&r->m, s, field, rep, 4));
		if ((strcmp(ours, "EGN") == 0 && !record_is_egn(value)) ||
		    (strcmp(ours, "LNCH") == 0 && !record_is_lnch(value))) {
			fail(r, ERR_BAD_ID, place(r, s, field), NULL);
			return;
		}
		country = hl7_get(&r->m, s, field, rep, 9);
		if (!country && strcmp(ours, "EU") == 0)
			country = type + 2;
		base = arena_fmt(r->mem, "%s.ids[%u]", prefix, n++);
		set(r, join(r, base, "type"), ours, place(r, s, field));
		set(r, join(r, base, "value"), value, place(r, s, field));
		set(r, join(r, base, "country"), country, place(r, s, field));
	}
}

/* -- segments -- */

/* All rows of a table from one segment; `index` for lists. Fields from `shift_from` on are looked for `shift` further. */
static void
read_rows(struct reading *r, const struct hl7_rows *t, const struct hl7_segment *s, int index, int shift)
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
		case HL7_TEXT: set(r, path, hl7_get(&r->m, s, field, 1, row->comp), place(r, s, field)); break;
		case HL7_DATE: set_date(r, path, hl7_get(&r->m, s, field, 1, 1), place(r, s, field)); break;
		case HL7_TIME: set_time(r, path, hl7_get(&r->m, s, field, 1, 1), place(r, s, field)); break;
		case HL7_CODE: set_code(r, s, field, path, row->list); break;
		case HL7_NAME: set(r, path, name_of(r, s, field), place(r, s, field)); break;
		case HL7_ADDRESS: set_address(r, s, field, 1, path); break;
		case HL7_ADDRESSES: set_addresses(r, s, field, path); break;
		case HL7_TELECOM: set_telecom(r, s, field, path, t == &HL7_PID); break;
		case HL7_IDS: set_ids(r, s, field, path); break;
		}
	}
}

/* Some senders leave out the priority, and all that follows moves one to the left (or right): told by table 0282. */
static int
rf1_shift(struct reading *r, const struct hl7_segment *s)
{
	const char *at2 = hl7_get(&r->m, s, 2, 1, 1), *at3 = hl7_get(&r->m, s, 3, 1, 1);
	const char *table = hl7_get(&r->m, s, 2, 1, 3);

	if (hl7_code_in("disposition", hl7_get(&r->m, s, 4, 1, 1)) || hl7_code_in("priority", at2))
		return 0;
	if (hl7_code_in("disposition", at3) || (table && strcmp(table, "HL70281") == 0))
		return -1;
	if (!at2 && hl7_code_in("priority", at3))
		return 1;
	return 0;
}

static const char *
agency_of(const struct reading *r, const char *alias)
{
	const char *agency = alias && r->env->agency_of ? r->env->agency_of(r->env->arg, alias) : NULL;

	return agency && (!r->env->agency || strcmp(agency, r->env->agency) != 0) ? agency : NULL;
}

/* The agency that a PRD names: one of its ids (PRD-7), its organisation (PRD-10) or its place (PRD-4). */
static const char *
prd_agency(struct reading *r, const struct hl7_segment *s)
{
	const char *agency;

	for (unsigned rep = 1; rep <= hl7_repeats(&r->m, s, 7); rep++)
		if ((agency = agency_of(r, hl7_get(&r->m, s, 7, rep, 1))))
			return agency;
	if ((agency = agency_of(r, hl7_get(&r->m, s, 10, 1, 3))) || (agency = agency_of(r, hl7_get(&r->m, s, 10, 1, 1))))
		return agency;
	if ((agency = agency_of(r, hl7_get(&r->m, s, 4, 1, 4))))
		return agency;
	return agency_of(r, hl7_get(&r->m, s, 2, 1, 1));
}

/* PRD-7 repetition of that type (PLN.2). */
static const char *
prd_id(struct reading *r, const struct hl7_segment *s, const char *type)
{
	const char *its;

	for (unsigned rep = 1; rep <= hl7_repeats(&r->m, s, 7); rep++)
		if ((its = hl7_get(&r->m, s, 7, rep, 2)) && strcasecmp(its, type) == 0)
			return hl7_get(&r->m, s, 7, rep, 1);
	return NULL;
}

static void
read_worker(struct reading *r, const struct hl7_segment *s, const char *prefix)
{
	bool is_prd = strcmp(s->name, "PRD") == 0;
	unsigned role = is_prd ? 2 : 1;

	set(r, join(r, prefix, "name"), name_of(r, s, 2), place(r, s, 2));
	set(r, join(r, prefix, "role"), hl7_get(&r->m, s, 1, role, 2), place(r, s, 1));
	set_telecom(r, s, 5, prefix, true);
}

static void
read_party(struct reading *r, const struct hl7_segment *s, const char *prefix)
{
	set(r, join(r, prefix, "unit"), hl7_get(&r->m, s, 4, 1, 9), place(r, s, 4));
	set(r, join(r, prefix, "service_id"), prd_id(r, s, "SVC"), place(r, s, 7));
	read_worker(r, s, join(r, prefix, "worker"));
}

static const struct hl7_segment *
find_prd(struct reading *r, const char *role, unsigned nth)
{
	const struct hl7_segment *s;
	const char *its;

	for (unsigned i = 1; (s = hl7_find(&r->m, "PRD", i)); i++)
		if ((its = hl7_get(&r->m, s, 1, 1, 1)) && strcasecmp(its, role) == 0 && --nth == 0)
			return s;
	return NULL;
}

/* The target is PRD RT; some senders write CP, and HL7's own examples a second RP, which counts if we know it. */
static void
read_providers(struct reading *r)
{
	const struct hl7_segment *rp = find_prd(r, "RP", 1), *rt = find_prd(r, "RT", 1), *pp = find_prd(r, "PP", 1);
	const struct hl7_segment *msh = hl7_find(&r->m, "MSH", 1);

	if (!rt)
		rt = find_prd(r, "CP", 1);
	if (!rt && (rt = find_prd(r, "RP", 2)) && !prd_agency(r, rt))
		rt = NULL;
	set(r, "referral.initiator.agency", r->env->agency, "MSH-4");
	if (rp)
		read_party(r, rp, "referral.initiator");
	if (rt) {
		read_party(r, rt, "referral.target");
		r->item->target = prd_agency(r, rt);
	}
	for (unsigned field = 6; !r->item->target && field >= 5; field--)
		for (unsigned comp = 1; !r->item->target && comp <= 2; comp++)
			r->item->target = agency_of(r, hl7_get(&r->m, msh, field, 1, comp));
	set(r, "referral.target.agency", r->item->target, "PRD-7");
	if (pp) {
		set(r, "referral.child.gp.uin", prd_id(r, pp, "UIN"), place(r, pp, 7));
		set(r, "referral.child.gp.practice", prd_id(r, pp, "RCZ"), place(r, pp, 7));
	}
}

/* OBR-4, PR1-3 or RF1-3; what nobody has mapped is "other" with its text. */
static void
read_service(struct reading *r, const struct hl7_segment *rf1, int shift)
{
	const struct hl7_segment *from[3] = { hl7_find(&r->m, "OBR", 1), hl7_find(&r->m, "PR1", 1), rf1 };
	const unsigned field[3] = { 4, 3, (unsigned)(3 + shift) };
	const char *kind = NULL, *text = NULL, *where = "OBR-4", *t;

	for (int i = 0; i < 3 && !kind; i++) {
		kind = code_of(r, from[i], field[i], 1, "service_kind");
		if (!from[i])
			continue;
		t = hl7_get(&r->m, from[i], field[i], 1, 2);
		if (!t && !kind)
			t = hl7_get(&r->m, from[i], field[i], 1, 1);
		if (kind)
			where = place(r, from[i], field[i]);
		if (!text)
			text = t;
	}
	if (!kind && text)
		kind = "other";
	set(r, "referral.service_kind", kind, where);
	set(r, "referral.service_text", text, where);
}

/* -- OBX and free text -- */

static int
find_item(const struct reading *r, const char *list, const char *key)
{
	for (size_t i = 0; i < r->n_items; i++)
		if (strcmp(r->items[i].list, list) == 0 && strcmp(r->items[i].key, key) == 0)
			return r->items[i].index;
	return -1;
}

/* Which item of a list each OBX-4 means: by number where all of them are numbers, since a writer may go field by field and
 * then names the second item first; else in order of appearance, since senders may count as they like. */
static void
number_items(struct reading *r, const char *list)
{
	size_t first = r->n_items, n = strlen(list);
	const struct hl7_segment *s;
	bool is_counted = true;

	for (unsigned i = 1; (s = hl7_find(&r->m, "OBX", i)); i++) {
		const char *code = hl7_get(&r->m, s, 3, 1, 1), *system = hl7_get(&r->m, s, 3, 1, 3);
		const char *key = hl7_get(&r->m, s, 4, 1, 1);

		if (!code || strncmp(code, list, n) != 0 || code[n] != '.' || !system || strcmp(system, HL7_SYSTEM) != 0)
			continue;
		if (!hl7_get(&r->m, s, 5, 1, 0) || find_item(r, list, key ? key : "1") >= 0 || strlen(key ? key : "1") >= KEY_LEN)
			continue;
		if (r->n_items == sizeof(r->items) / sizeof(r->items[0]))
			break;
		r->items[r->n_items].list = list;
		r->items[r->n_items].index = (int)(r->n_items - first);
		snprintf(r->items[r->n_items].key, KEY_LEN, "%s", key ? key : "1");
		is_counted = is_counted && strspn(r->items[r->n_items].key, "0123456789") == strlen(r->items[r->n_items].key);
		r->n_items++;
	}
	for (size_t i = first; is_counted && i < r->n_items; i++) {
		unsigned long long number = strtoull(r->items[i].key, NULL, 10), other;

		r->items[i].index = 0;
		for (size_t k = first; k < r->n_items; k++) {
			other = strtoull(r->items[k].key, NULL, 10);
			r->items[i].index += other < number || (other == number && k < i);
		}
	}
}

static int
item_index(struct reading *r, const char *list, const char *key)
{
	bool is_known = false;

	if (!list)
		return -1;
	for (size_t i = 0; i < r->n_items; i++)
		is_known = is_known || strcmp(r->items[i].list, list) == 0;
	if (!is_known)
		number_items(r, list);
	return find_item(r, list, key);
}

static const struct field *
field_at(const char *type, const char *path)
{
	const struct record_type *t = record_type_by_name(type);
	const struct field *f = NULL;
	char name[64];

	while (t && *path) {
		size_t n = strcspn(path, ".[");

		if (n >= sizeof(name))
			return NULL;
		memcpy(name, path, n);
		name[n] = '\0';
		f = record_field(t, name);
		t = f ? f->of : NULL;
		path += n;
		path += strcspn(path, ".");
		path += *path == '.';
	}
	return f;
}

static void
set_observation(struct reading *r, const struct hl7_segment *s, const struct field *f, const char *path)
{
	const char *where = place(r, s, 5), *v;

	for (unsigned rep = 1; rep <= hl7_repeats(&r->m, s, 5) && r->e == OK; rep++) {
		bool is_text = f->kind == FIELD_TEXT || f->kind == FIELD_TEXTS;

		if (!(v = hl7_get(&r->m, s, 5, rep, is_text ? 0 : 1)))
			continue;
		if (f->kind == FIELD_BOOL)
			v = strcasecmp(v, "Y") == 0 ? "true" : strcasecmp(v, "N") == 0 ? "false" : v;
		if (f->kind == FIELD_DATE)
			set_date(r, path, v, where);
		else if (f->kind == FIELD_TIME)
			set_time(r, path, v, where);
		else
			set(r, path, v, where);
		if (!record_field_is_list(f))
			break;
	}
}

/* One OBX of ours, by its path in OBX-3; false if it is none. In each turn only the items of lists with that index are read,
 * since the record's lists grow at their end; *ret_more tells that a later turn has something to do. */
static bool
read_observation(struct reading *r, const struct hl7_segment *s, int turn, bool *ret_more)
{
	const char *const *paths = r->is_status ? HL7_OBX_STATUS : HL7_OBX_REFERRAL;
	const char *code = hl7_get(&r->m, s, 3, 1, 1), *system = hl7_get(&r->m, s, 3, 1, 3), *key, *flat, *hole;
	const struct field *f;
	int index;

	if (!code || !system || strcmp(system, HL7_SYSTEM) != 0)
		return false;
	if (strcmp(code, "outcome") == 0)
		code = "outcome.outcome";
	for (; *paths; paths++) {
		flat = hl7_path_index(*paths, -1, r->mem);
		if (!flat || strcmp(flat, code) != 0)
			continue;
		f = field_at(r->is_status ? "status" : "referral", *paths);
		key = hl7_get(&r->m, s, 4, 1, 1);
		hole = strstr(*paths, "[]");
		index = hole ? item_index(r, arena_strn(r->mem, *paths, (size_t)(hole - *paths)), key ? key : "1") : 0;
		if (hole && !hl7_get(&r->m, s, 5, 1, 0))
			return true;
		*ret_more = *ret_more || index > turn;
		if (index < 0)
			fail(r, ERR_TOOMANY, place(r, s, 4), NULL);
		else if (f && index == turn)
			set_observation(r, s, f, arena_fmt(r->mem, "%s%s", body(r), hl7_path_index(*paths, index, r->mem)));
		return true;
	}
	fail(r, ERR_UNKNOWN_FIELD, place(r, s, 3), NULL);
	return true;
}

static void
add_text(struct reading *r, const char **text, const struct hl7_segment *s, unsigned field, unsigned comp)
{
	const char *v;

	for (unsigned rep = 1; rep <= hl7_repeats(&r->m, s, field); rep++)
		if ((v = hl7_get(&r->m, s, field, rep, comp)))
			*text = *text ? arena_fmt(r->mem, "%s\n%s", *text, v) : v;
}

/* The reason in words: RF1-14 or the text of RF1-10, then narrative OBX (FT, TX), then NTE-3. */
static void
read_texts(struct reading *r, const struct hl7_segment *rf1, int shift)
{
	const char *text = NULL, *type;
	const struct hl7_segment *s;
	unsigned field = (unsigned)(10 + shift);
	bool has_more = false;

	if (rf1) {
		add_text(r, &text, rf1, 14, 0);
		if (!text)
			add_text(r, &text, rf1, field, 2);
	}
	for (unsigned i = 1; (s = hl7_find(&r->m, "OBX", i)); i++) {
		if (read_observation(r, s, 0, &has_more))
			continue;
		type = hl7_get(&r->m, s, 2, 1, 1);
		if (type && (strcmp(type, "FT") == 0 || strcmp(type, "TX") == 0))
			add_text(r, &text, s, 5, 0);
		else
			r->dropped++;
	}
	for (int turn = 1; has_more && r->e == OK; turn++) {
		has_more = false;
		for (unsigned i = 1; (s = hl7_find(&r->m, "OBX", i)); i++)
			(void)read_observation(r, s, turn, &has_more);
	}
	for (unsigned i = 1; (s = hl7_find(&r->m, "NTE", i)); i++)
		add_text(r, &text, s, 3, 0);
	set(r, arena_fmt(r->mem, "%sreason_text", body(r)), text, "NTE-3");
}

/* -- leaving out -- */

static void
count_dropped(struct reading *r)
{
	/* bit n: field n is read, or is about the message and not the child */
	static const struct { const char *name; uint64_t fields; } READ[] = {
		{ "MSH", ~UINT64_C(0) }, { "MSA", ~UINT64_C(0) }, { "SFT", ~UINT64_C(0) }, { "OBX", ~UINT64_C(0) },
		{ "NTE", ~UINT64_C(0) }, { "ERR", ~UINT64_C(0) },
		{ "RF1", 0x4FDE }, { "PRD", 1 << 1 | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 10 },
		{ "CTD", 1 << 1 | 1 << 2 | 1 << 5 },
		{ "PID", 1 << 1 | 1 << 3 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 11 | 1 << 13 | 1 << 15 | 1 << 26 },
		{ "NK1", 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 },
		{ "DG1", 1 << 1 | 1 << 2 | 1 << 3 | 1 << 6 | 1 << 15 },
		{ "OBR", 1 << 1 | 1 << 2 | 1 << 4 | 1 << 22 | 1 << 25 | UINT64_C(1) << 36 },
		{ "PR1", 1 << 1 | 1 << 3 }, { "TQ1", 1 << 1 | 1 << 8 },
	};
	const size_t n_read = sizeof(READ) / sizeof(READ[0]);

	for (size_t i = 0; i < r->m.n; i++) {
		const struct hl7_segment *s = &r->m.segments[i];
		uint64_t fields = 0;

		for (size_t k = 0; k < n_read; k++)
			if (strcmp(READ[k].name, s->name) == 0)
				fields = READ[k].fields;
		for (unsigned f = 1; f <= hl7_fields(&r->m, s); f++)
			if ((f >= 64 || !(fields >> f & 1)) && hl7_repeats(&r->m, s, f))
				r->dropped++;
	}
	if (r->dropped)
		r->record->dropped = record_int(r->mem, r->dropped);
}

/* -- the messages -- */

static void
begin_record(struct reading *r, bool is_status)
{
	const struct hl7_segment *msh = hl7_find(&r->m, "MSH", 1);

	r->is_status = is_status;
	if (!(r->record = record_new(r->mem, "record"))) {
		fail(r, ERR_TOOBIG, NULL, NULL);
		return;
	}
	set(r, "kind", is_status ? "status-change" : "referral", "MSH-9");
	set(r, "source", "hl7", "MSH");
	set(r, "native_id", hl7_get(&r->m, msh, 10, 1, 0), "MSH-10");
}

static void
read_referral(struct reading *r)
{
	const struct hl7_segment *rf1 = hl7_find(&r->m, "RF1", 1), *pid = hl7_find(&r->m, "PID", 1), *s;
	int shift = rf1 ? rf1_shift(r, rf1) : 0;

	begin_record(r, false);
	if (!pid)
		fail(r, ERR_REQUIRED, "PID", NULL);
	if (r->e != OK)
		return;
	if (rf1)
		read_rows(r, &HL7_RF1_REFERRAL, rf1, -1, shift);
	if (r->e == OK && !record_get(r->record, r->mem, "referral.referral_id"))
		set(r, "referral.referral_id", hl7_get(&r->m, hl7_find(&r->m, "OBR", 1), 2, 1, 1), "OBR-2");
	if (r->e == OK && !record_get(r->record, r->mem, "referral.referral_id"))
		fail(r, ERR_REQUIRED, "RF1-6", NULL);
	if (r->e == OK && !record_get(r->record, r->mem, "referral.respond_by"))
		set_time(r, "referral.respond_by", hl7_get(&r->m, hl7_find(&r->m, "TQ1", 1), 8, 1, 1), "TQ1-8");
	read_providers(r);
	read_rows(r, &HL7_PID, pid, -1, 0);
	for (unsigned i = 1; (s = hl7_find(&r->m, "NK1", i)); i++)
		read_rows(r, &HL7_NK1, s, (int)i - 1, 0);
	for (unsigned i = 1; (s = hl7_find(&r->m, "DG1", i)); i++)
		read_rows(r, &HL7_DG1, s, (int)i - 1, 0);
	read_service(r, rf1, shift);
	read_texts(r, rf1, shift);
}

/* RF1-1 and OBR-25 say roughly, an OBX `to` exactly. I14 is a cancellation: the core makes it a request to cancel when the
 * recipient has opened the referral already. */
static void
read_state(struct reading *r, const struct hl7_segment *rf1, bool is_cancel)
{
	const struct hl7_segment *obr = hl7_find(&r->m, "OBR", 1);
	const char *to, *rf1_1 = hl7_get(&r->m, rf1, 1, 1, 1);

	if (r->e != OK || record_get(r->record, r->mem, "status.to"))
		return;
	to = is_cancel ? "cancelled" : hl7_state_in(rf1_1, hl7_get(&r->m, obr, 25, 1, 1));
	if (!to && rf1_1)
		fail(r, ERR_UNKNOWN_CODE, "RF1-1", NULL);
	set(r, "status.to", to, "RF1-1");
}

static void
read_status(struct reading *r, bool is_cancel)
{
	const struct hl7_segment *rf1 = hl7_find(&r->m, "RF1", 1), *obr = hl7_find(&r->m, "OBR", 1), *worker;
	int shift = rf1 ? rf1_shift(r, rf1) : 0;

	begin_record(r, true);
	if (!rf1)
		fail(r, ERR_REQUIRED, "RF1", NULL);
	if (r->e != OK)
		return;
	read_rows(r, &HL7_RF1_STATUS, rf1, -1, shift);
	if (r->e == OK && !record_get(r->record, r->mem, "status.referral_id"))
		fail(r, ERR_REQUIRED, "RF1-6", NULL);
	read_texts(r, rf1, shift);
	read_state(r, rf1, is_cancel);
	set_time(r, "status.at", hl7_get(&r->m, obr, 22, 1, 1), "OBR-22");
	/* not MSH-7: a retry may be stamped anew, and has to be the same record. Without a time the core says when it came. */
	if (r->e == OK && !r->record->status->at)
		set_time(r, "status.at", hl7_get(&r->m, rf1, (unsigned)(9 + shift), 1, 1), "RF1-9");
	set_time(r, "status.appointment.start", hl7_get(&r->m, obr, 36, 1, 1), "OBR-36");
	if ((worker = find_prd(r, is_cancel ? "RP" : "RT", 1)) || (worker = find_prd(r, is_cancel ? "RP" : "CP", 1)))
		read_worker(r, worker, "status.actor");
	if ((worker = hl7_find(&r->m, "CTD", 1)))
		read_worker(r, worker, "status.assigned_worker");
	if (r->e != OK)
		return;
	/* a decline in words only is one for another reason */
	if (!r->record->status->reason_code && r->record->status->reason_text && r->record->status->to &&
	    (strcmp(r->record->status->to, "declined") == 0 || strcmp(r->record->status->to, "failed") == 0))
		r->record->status->reason_code = "other";
	if (!is_cancel && r->record->status->case_no) {
		r->item->confirms = r->record->status->referral_id;
		r->item->case_no = r->record->status->case_no;
	}
	if (!r->record->status->to) {
		if (!r->item->confirms)
			fail(r, ERR_REQUIRED, "RF1-1", NULL);
		r->record = NULL;	/* a number and no status: only a confirmation */
	}
}

/* MSH before anything else: what it is, and whether we take it. */
static void
read_header(struct reading *r, bool *ret_is_status, bool *ret_is_cancel)
{
	static const struct { const char *type, *event; bool is_status, is_cancel; } TAKEN[] = {
		{ "REF", "I12", false, false }, { "REF", "I11", false, false }, { "REF", "I14", true, true },
		{ "RRI", "I12", true, false }, { "RRI", "I11", true, false }, { "RRI", "I14", true, true },
	};
	const struct hl7_segment *msh = hl7_find(&r->m, "MSH", 1);
	const char *type = hl7_get(&r->m, msh, 9, 1, 1), *event = hl7_get(&r->m, msh, 9, 1, 2);
	const char *processing = hl7_get(&r->m, msh, 11, 1, 1), *version = hl7_get(&r->m, msh, 12, 1, 1);

	if (!type || !event)
		fail(r, ERR_REQUIRED, "MSH-9", NULL);
	if (!hl7_get(&r->m, msh, 10, 1, 0))
		fail(r, ERR_REQUIRED, "MSH-10", NULL);
	if (version && (strncmp(version, "2.", 2) != 0 || version[2] < '1' || version[2] > '9'))
		fail(r, ERR_VERSION, "MSH-12", NULL);
	if (processing && strcmp(processing, "P") != 0 && !r->env->is_test)
		fail(r, ERR_NOT_ALLOWED, "MSH-11", "a test or training message is not taken in production");
	if (r->e != OK)
		return;
	for (size_t i = 0; i < sizeof(TAKEN) / sizeof(TAKEN[0]); i++) {
		if (strcmp(TAKEN[i].type, type) == 0 && strcmp(TAKEN[i].event, event) == 0) {
			*ret_is_status = TAKEN[i].is_status;
			*ret_is_cancel = TAKEN[i].is_cancel;
			return;
		}
	}
	fail(r, ERR_UNSUPPORTED, "MSH-9", NULL);
}

static const char *
native_id_of(struct reading *r, const char *control_id)
{
	const struct hl7_segment *msh = hl7_find(&r->m, "MSH", 1);
	const char *app = hl7_get(&r->m, msh, 3, 1, 1), *facility = hl7_get(&r->m, msh, 4, 1, 1);
	const char *id = arena_fmt(r->mem, "%s|%s|%s", app ? app : "", facility ? facility : "", control_id);

	if (id && strlen(id) > NATIVE_ID_MAX)
		fail(r, ERR_TOOLONG, "MSH-10", NULL);
	return id;
}

void
health_hl7_to_records(const struct native *in, const struct sector_env *env, struct arena *mem, struct intake *ret_intake)
{
	struct reading r = { .env = env, .mem = mem };
	bool is_status = false, is_cancel = false;
	const struct hl7_segment *msh;
	struct intake_item *item;

	*ret_intake = (struct intake){ .e = OK };
	r.e = hl7_parse(in->bytes, in->charset, mem, &r.m, &r.why);
	if ((msh = hl7_find(&r.m, "MSH", 1)))
		ret_intake->control_id = hl7_get(&r.m, msh, 10, 1, 0);
	if (r.e == OK)
		read_header(&r, &is_status, &is_cancel);
	if (r.e != OK)
		goto refuse;
	if (!(item = arena_alloc(mem, sizeof(*item)))) {
		fail(&r, ERR_TOOBIG, NULL, NULL);
		goto refuse;
	}
	r.item = item;
	item->native_id = native_id_of(&r, ret_intake->control_id);
	if (is_status)
		read_status(&r, is_cancel);
	else
		read_referral(&r);
	if (r.e == OK && r.record)
		count_dropped(&r);
	if (arena_is_full(mem)) {
		r.e = OK;
		fail(&r, ERR_TOOBIG, NULL, NULL);
	}
	item->e = r.e;
	item->why = r.why;
	if (r.e != OK)
		item->confirms = item->case_no = NULL;
	item->record = r.e == OK ? r.record : NULL;
	ret_intake->items = item;
	ret_intake->n = 1;
	return;
refuse:
	ret_intake->e = r.e;
	ret_intake->why = r.why;
}
