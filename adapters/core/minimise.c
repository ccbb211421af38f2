/* SPDX-License-Identifier: EUPL-1.2 */
/* minimise - one row a field: the category that consent must name, and the sectors that have no need for it. */
#include "adapters/core/minimise.h"

#include <string.h>

enum sectors { NOBODY = 0, HEALTH = 1, EDUCATION = 2 };

/* Of a referral, or with a dot of its child. What has no row always goes. */
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
	{ "household_size", "family", NOBODY },
	{ "siblings_also_referred", "family", NOBODY },
	{ "diagnosis", "health", EDUCATION },
	{ "disability_support", "health", NOBODY },
	{ "attendance", "education", HEALTH },
	{ "services_already_used", "social", NOBODY },
};

static const struct { const char *kind, *sector; } kinds[] = {
	{ "gp", "health" }, { "paediatrician", "health" }, { "hospital", "health" }, { "mental-health", "health" },
	{ "rzi", "health" }, { "health-mediator", "health" },
	{ "kindergarten", "education" }, { "school", "education" }, { "ruo", "education" }, { "rcpppo", "education" },
};

const char *
minimise_sector(const char *agency_kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, agency_kind) == 0)
			return kinds[i].sector;
	return "social";
}

static bool
is_agreed(const struct referral *r, const char *category)
{
	const struct consent *c = r->consent;

	if (category == NULL || strcmp(r->legal_basis, "consent") != 0 || c == NULL || c->data_categories.n == 0)
		return true;
	for (size_t i = 0; i < c->data_categories.n; i++)
		if (strcmp(c->data_categories.items[i], category) == 0)
			return true;
	return false;
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
	if (!record_has(msg, f))
		return false;
	if (dot != NULL) {
		memcpy(&inner, (char *)msg + f->offset, sizeof(inner));
		return drop(f->of, inner, dot + 1);
	}
	memset((char *)msg + f->offset, 0, record_field_is_list(f) ? sizeof(void *) + sizeof(size_t) : sizeof(void *));
	return true;
}

size_t
minimise_referral(struct referral *r, const char *target_kind)
{
	const char *sector = minimise_sector(target_kind);
	unsigned bit = strcmp(sector, "health") == 0 ? HEALTH : strcmp(sector, "education") == 0 ? EDUCATION : NOBODY;
	size_t n = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((rows[i].no_need & bit) != 0 || !is_agreed(r, rows[i].category))
			n += drop(record_type_by_name("referral"), r, rows[i].path);
	return n;
}
