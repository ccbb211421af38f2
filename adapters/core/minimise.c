/* SPDX-License-Identifier: EUPL-1.2 */
/* minimise - one row a field: the category that consent must name, and the sectors that have no need for it. */
#include "adapters/core/minimise.h"

#include <stdio.h>
#include <string.h>

#include "proto/kind.h"
#include "proto/programme.h"

enum sectors { NOBODY = 0, HEALTH = 1, EDUCATION = 2 };

#define OWN "own"		/* a category: what the sender's sector works with */
#define FINDING "(finding)"	/* codes: those of ICD-10 and of ICF, which say how healthy somebody is */

/* Of whichever body has it, with a dot of a message in it. What has no row always goes; what a path leads to is never required. */
static const struct row {
	const char *path, *category;
	unsigned no_need;
	unsigned no_need_secret;	/* beyond them, while the address is secret */
	bool or_asked;			/* there is need where it was asked for, or where consent names the category */
	const char *of;			/* only where the field of that name has one of `codes`: of the body; */
	const char *each;		/* or of the item, or of the message that holds the field. NULL, both: always */
	const char *codes;		/* joined by blanks */
} rows[] = {
	{ .path = "child.phone", .category = "contact" },
	{ .path = "child.email", .category = "contact" },
	/* municipality and settlement route it and say who is eligible: they always go, and country and oblast say less */
	{ .path = "child.address.city", .category = "contact", .no_need_secret = HEALTH | EDUCATION },
	{ .path = "child.address.line", .category = "contact", .no_need_secret = HEALTH | EDUCATION },
	{ .path = "child.address.postal", .category = "contact", .no_need_secret = HEALTH | EDUCATION },
	{ .path = "child.actual_address", .category = "contact", .no_need_secret = HEALTH | EDUCATION },
	{ .path = "child.school", .category = "education" },
	{ .path = "child.school.grade", .no_need = HEALTH },
	{ .path = "child.gp", .category = "health", .no_need = EDUCATION },
	{ .path = "carers", .category = "family" },
	{ .path = "carers.address", .no_need_secret = HEALTH | EDUCATION },
	{ .path = "carer_takes_part", .category = "family" },
	{ .path = "household_size", .category = "family" },
	{ .path = "siblings_also_referred", .category = "family" },
	{ .path = "diagnosis", .category = "health", .no_need = EDUCATION },
	{ .path = "goals.code", .category = "health", .no_need = EDUCATION, .each = "code", .codes = FINDING },
	{ .path = "disability_support", .category = "health" },
	{ .path = "attendance", .category = "education", .no_need = HEALTH },
	{ .path = "services_already_used", .category = "social" },
	/* of an assessment its conclusions, what it recommends and its plan go to who did not ask for it; what was measured does not */
	{ .path = "domains", .category = "health", .no_need = EDUCATION, .or_asked = true, .of = "assessment_kind",
	  .codes = "medical psychological developmental" },
	{ .path = "domains", .category = "education", .no_need = HEALTH, .or_asked = true, .of = "assessment_kind", .codes = "school-functional" },
	{ .path = "domains", .category = "health", .no_need = EDUCATION, .or_asked = true, .each = "code", .codes = FINDING },
	{ .path = "carer_view", .category = "family" },
	{ .path = "plan.goals.code", .category = "health", .no_need = EDUCATION, .or_asked = true, .each = "code", .codes = FINDING },
	{ .path = "measures", .category = "health", .no_need = EDUCATION, .or_asked = true, .each = "code", .codes = FINDING },
	{ .path = "continuity", .category = "health", .no_need = EDUCATION, .each = "item", .codes = "doctor" },
	{ .path = "continuity", .category = "education", .each = "item", .codes = "school" },
	{ .path = "continuity", .category = "family", .each = "item", .codes = "siblings" },
};

/* What a body is as a whole: nothing of it is left without. */
static const struct whole_row { const char *of, *codes, *category; } wholes[] = {
	{ "assessment_kind", "medical psychological developmental", "health" },
	{ "assessment_kind", "school-functional", "education" },
	{ "assessment_kind", "preliminary individual-needs risk", "social" },
	{ "assessment_kind", "foster-family", "family" },
	{ "answers.code", FINDING, "health" },	/* an answer without its code is none */
};

/* A file cannot be left out in part. On paper an assessment has its part about health, whoever made it; what a certificate of health says is an
 * assessment. What a file is that nobody says, its sender's sector tells. A form of consent proves the ground itself. */
static const struct { const char *attachment, *category; } files[] = {
	{ "assessment", "health" }, { "certificate", "identity" }, { "photo", "identity" }, { "court-act", "family" }, { "other", OWN },
	{ "consent-form", NULL },
};

const char *
minimise_sector(const char *agency_kind)
{
	const struct programme_word *kind = agency_kind ? programme_agency_kind(agency_kind) : NULL;

	return kind && (strcmp(kind->of, "health") == 0 || strcmp(kind->of, "education") == 0) ? kind->of : "social";
}

static unsigned
no_need_of(const struct ground *g)
{
	unsigned bits = NOBODY;

	for (size_t i = 0; i < g->n_to; i++) {
		const char *sector = minimise_sector(g->to[i]);

		bits |= strcmp(sector, "health") == 0 ? HEALTH : strcmp(sector, "education") == 0 ? EDUCATION : NOBODY;
	}
	return bits;
}

/* -- consent -- */

static bool
is_by_consent(const struct ground *g)
{
	return g->legal_basis != NULL && strcmp(g->legal_basis, "consent") == 0;
}

static bool
is_named(const struct ground *g, const char *category)
{
	for (size_t i = 0; g->consent != NULL && i < g->consent->data_categories.n; i++)
		if (strcmp(g->consent->data_categories.items[i], category) == 0)
			return true;
	return false;
}

static bool
is_agreed(const struct ground *g, const char *category)
{
	if (category == NULL || !is_by_consent(g) || is_named(g, category))
		return true;
	return g->consent != NULL && g->consent->data_categories.n == 0;
}

static enum err
refuse(const struct ground *g, const char *category, const char *where, struct why *why)
{
	return why_set(why, ERR_CONSENT_CATEGORY, where, g->consent ? "consent does not name the data category %s" :
		       "the consent is not known here, and this is of the data category %s", category);
}

/* -- what a row is about -- */

/* A letter and two digits, as F80.1 and Z63; or b, d, e, s and three digits and more, as d720. */
static bool
is_finding(const char *code)
{
	size_t digits = strspn(code + (*code != '\0'), "0123456789");
	char after = *code != '\0' ? code[1 + digits] : '\0';

	if (*code >= 'A' && *code <= 'Z' && digits == 2)
		return after == '\0' || after == '.' || after == '*' || after == '+';
	return *code != '\0' && strchr("bdes", *code) != NULL && digits >= 3 && digits <= 5 && (after == '\0' || after == '.' || after == '+');
}

static bool
is_one_of(const char *code, const char *codes)
{
	size_t n = strlen(code);

	if (strcmp(codes, FINDING) == 0)
		return is_finding(code);
	for (const char *at = codes; *at != '\0'; at += strcspn(at, " "), at += *at == ' ')
		if (strcspn(at, " ") == n && memcmp(at, code, n) == 0)
			return true;
	return false;
}

/* The first step of a path. NULL: the message has no such field, or it is absent. */
static const struct field *
first_step(const struct record_type *type, const void *msg, const char *path)
{
	size_t n = strcspn(path, ".");
	char name[64] = "";
	const struct field *f;

	strncat(name, path, n < sizeof(name) ? n : sizeof(name) - 1);
	f = record_field(type, name);
	return f != NULL && record_has(msg, f) ? f : NULL;
}

/* Does a text that the path leads to have one of the codes? */
static bool
has_code(const struct record_type *type, const void *msg, const char *path, const char *codes)
{
	const struct field *f = first_step(type, msg, path);
	const char *dot = strchr(path, '.');

	if (f == NULL)
		return false;
	if (f->of == NULL)
		return is_one_of(record_at(msg, f), codes);
	if (f->kind == FIELD_MSG)
		return has_code(f->of, record_at(msg, f), dot + 1, codes);
	for (size_t i = 0; i < record_count(msg, f); i++)
		if (has_code(f->of, ((const void *const *)record_at(msg, f))[i], dot + 1, codes))
			return true;
	return false;
}

/* -- dropping -- */

static void
clear(void *msg, const struct field *f)
{
	memset((char *)msg + f->offset, 0, record_field_is_list(f) ? sizeof(void *) + sizeof(size_t) : sizeof(void *));
}

static bool
is_empty(const struct record_type *type, const void *msg)
{
	for (size_t i = 0; i < type->n_fields; i++)
		if (record_has(msg, &type->fields[i]))
			return false;
	return true;
}

/* The items that the row is about; how many. */
static size_t
drop_items(void *msg, const struct field *f, const struct row *row)
{
	size_t n = record_count(msg, f), left = 0;
	void **items;

	memcpy(&items, (char *)msg + f->offset, sizeof(items));
	for (size_t i = 0; i < n; i++)
		if (!has_code(f->of, items[i], row->each, row->codes))
			items[left++] = items[i];
	memcpy((char *)msg + f->offset + sizeof(void *), &left, sizeof(left));
	if (left == 0)
		clear(msg, f);
	return n - left;
}

/* Take out what the path leads to; how many fields. */
static size_t
drop(const struct record_type *type, void *msg, const char *path, const struct row *row)
{
	const struct field *f = first_step(type, msg, path);
	const char *dot = strchr(path, '.');
	size_t n = 0;
	void *inner;

	if (f == NULL)
		return 0;
	if (dot == NULL && row->each != NULL && f->of != NULL)
		return drop_items(msg, f, row);
	if (dot == NULL && row->each != NULL && !has_code(type, msg, row->each, row->codes))
		return 0;
	if (dot == NULL) {
		clear(msg, f);
		return 1;
	}
	memcpy(&inner, (char *)msg + f->offset, sizeof(inner));
	if (f->kind == FIELD_MSG) {
		n = drop(f->of, inner, dot + 1, row);
		if (n > 0 && !f->must && is_empty(f->of, inner))
			clear(msg, f);
		return n;
	}
	for (size_t i = 0; i < record_count(msg, f); i++)
		n += drop(f->of, ((void **)inner)[i], dot + 1, row);
	return n;
}

static bool
is_needed(const struct row *row, const struct ground *g, unsigned to)
{
	unsigned no_need = row->no_need | (g->has_secret_address ? row->no_need_secret : NOBODY);

	if ((no_need & to) == 0)
		return true;
	return row->or_asked && (g->is_asked || (is_by_consent(g) && row->category != NULL && is_named(g, row->category)));
}

enum err
minimise_record(struct record *record, const struct ground *g, size_t *ret_n, struct why *why)
{
	const char *body = kind_by_code(record->kind)->body;
	const struct field *f = record_field(record_type(), body);
	unsigned to = no_need_of(g);
	char where[64];
	void *msg;

	*ret_n = 0;
	memcpy(&msg, (char *)record + f->offset, sizeof(msg));
	for (size_t i = 0; i < sizeof(wholes) / sizeof(wholes[0]); i++)
		if (!is_agreed(g, wholes[i].category) && has_code(f->of, msg, wholes[i].of, wholes[i].codes)) {
			snprintf(where, sizeof(where), "%s.%s", body, wholes[i].of);
			return refuse(g, wholes[i].category, where, why);
		}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((!is_needed(&rows[i], g, to) || !is_agreed(g, rows[i].category)) &&
		    (rows[i].of == NULL || has_code(f->of, msg, rows[i].of, rows[i].codes)))
			*ret_n += drop(f->of, msg, rows[i].path, &rows[i]);
	return OK;
}

enum err
minimise_file(const char *attachment, const struct ground *g, const char *where, struct why *why)
{
	const char *category = OWN;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (attachment != NULL && strcmp(files[i].attachment, attachment) == 0)
			category = files[i].category;
	if (category != NULL && strcmp(category, OWN) == 0)
		category = minimise_sector(g->from);
	return is_agreed(g, category) ? OK : refuse(g, category, where, why);
}
