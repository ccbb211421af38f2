/* SPDX-License-Identifier: EUPL-1.2 */
/* oneroster - a school's roster as OneRoster 1.1 CSV: who a pupil is, for a referral that names only the number.
 *
 * Four tables of one folder: users.csv, and, where they are there, demographics.csv, enrollments.csv, orgs.csv. They are read
 * when a row asks for a pupil, and never sent anywhere of themselves. Texts lie in the arena; "" stands for nothing known.
 */
#ifndef EDUCATION_ONEROSTER_H
#define EDUCATION_ONEROSTER_H

#include "adapters/core/sector.h"

#define ONEROSTER_CARERS_MAX 8u
#define ONEROSTER_IDS_MAX 4u

struct oneroster;

struct pupil {
	const char *given, *middle, *family, *birth_date, *gender, *phone, *email;
	const char *school_code, *school_name, *grade;
	struct { const char *type, *value; } ids[ONEROSTER_IDS_MAX];
	size_t n_ids;
	struct { const char *name, *relation, *phone; } carers[ONEROSTER_CARERS_MAX];
	size_t n_carers;
};

/* OK with NULL: the agency has no roster. A table that cannot be read refuses with its name in `why`. */
enum err oneroster_open(const struct sector_env *env, struct arena *mem, struct oneroster **ret_roster, struct why *why) MUST_USE;
/* The pupil of that number: identifier, one of userIds, or sourcedId. Who is marked tobedeleted, or is no student, is not found. */
bool oneroster_find(const struct oneroster *roster, const char *number, struct pupil *ret_pupil);

#endif
