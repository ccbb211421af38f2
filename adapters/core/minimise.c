/* SPDX-License-Identifier: EUPL-1.2 */
/* minimise - one row a field: the category that consent must name, and the sectors that have no need for it. */
#include "adapters/core/minimise.h"

#include <string.h>

enum sectors { NOBODY = 0, HEALTH = 1, EDUCATION = 2 };

/* Of a referral, an offer of transfer or an invitation, with a dot of its child. What has no row always goes. */
static const struct row {
	const char *path, *category;
	unsigned no_need;
} rows[] = {
	{ "child.phone", "contact", NOBODY },
	{ "child.email", "contact", NOBODY },
	{ "child.actual_address", "contact", NOBODY },
	{ "child.school", "education", NOBODY },
	{ "child.school.grade", NULL, HEALTH },
	{ "child.gp", "health", EDUCATION },
	{ "carers", "family", NOBODY },
	{ "carer_takes_part", "family", NOBODY },
	{ "household_size", "family", NOBODY },
	{ "siblings_also_referred", "family", NOBODY },
	{ "diagnosis", "health", EDUCATION },
	{ "disability_support", "health", NOBODY },
	{ "attendance", "education", HEALTH },
	{ "services_already_used", "social", NOBODY },
};

static const struct { const char *kind, *sector; } sectors_of[] = {
	{ "gp", "health" }, { "paediatrician", "health" }, { "hospital", "health" }, { "mental-health", "health" },
	{ "rzi", "health" }, { "health-mediator", "health" },
	{ "kindergarten", "education" }, { "school", "education" }, { "ruo", "education" }, { "rcpppo", "education" },
};

const char *
minimise_sector(const char *agency_kind)
{
	for (size_t i = 0; i < sizeof(sectors_of) / sizeof(sectors_of[0]); i++)
		if (strcmp(sectors_of[i].kind, agency_kind) == 0)
			return sectors_of[i].sector;
	return "social";
}

/* Why the record may go at all. */
struct ground { const char *legal_basis; const struct consent *consent; };

static bool
is_agreed(const struct ground *g, const char *category)
{
	if (category == NULL || g->legal_basis == NULL || strcmp(g->legal_basis, "consent") != 0)
		return true;
	if (g->consent == NULL)
		return false;
	for (size_t i = 0; i < g->consent->data_categories.n; i++)
		if (strcmp(g->consent->data_categories.items[i], category) == 0)
			return true;
	return g->consent->data_categories.n == 0;
}

/* Take out what the path leads to; false if it is not there. */
static bool
drop(const struct record_type *type, void *msg, const char *path)
{
	const char *dot = strchr(path, '.');
	char name[64] = "";
	const struct field *f;
	void *inner;

	strncat(name, path, dot != NULL ? (size_t)(dot - path) : sizeof(name) - 1);
	f = record_field(type, name);
	if (f == NULL || !record_has(msg, f))
		return false;
	if (dot != NULL) {
		memcpy(&inner, (char *)msg + f->offset, sizeof(inner));
		return drop(f->of, inner, dot + 1);
	}
	memset((char *)msg + f->offset, 0, record_field_is_list(f) ? sizeof(void *) + sizeof(size_t) : sizeof(void *));
	return true;
}

static size_t
drop_all(const char *type, void *msg, const struct ground *g, unsigned no_need)
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((rows[i].no_need & no_need) != 0 || !is_agreed(g, rows[i].category))
			n += drop(record_type_by_name(type), msg, rows[i].path);
	return n;
}

static unsigned
sector_bit(const char *agency_kind)
{
	const char *sector = minimise_sector(agency_kind);

	return strcmp(sector, "health") == 0 ? HEALTH : strcmp(sector, "education") == 0 ? EDUCATION : NOBODY;
}

size_t
minimise_referral(struct referral *r, const char *target_kind)
{
	return drop_all("referral", r, &(struct ground){ r->legal_basis, r->consent }, sector_bit(target_kind));
}

size_t
minimise_transfer(struct transfer *tr, const char *target_kind)
{
	return drop_all("transfer", tr, &(struct ground){ tr->legal_basis, tr->consent }, sector_bit(target_kind));
}

size_t
minimise_conference(struct conference *c, const struct consent *consent, const char *const *kinds, size_t n_kinds)
{
	unsigned no_need = NOBODY;

	for (size_t i = 0; i < n_kinds; i++)
		no_need |= sector_bit(kinds[i]);
	return drop_all("conference", c, &(struct ground){ c->legal_basis, consent }, no_need);
}
