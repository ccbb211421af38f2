/* SPDX-License-Identifier: EUPL-1.2 */
/* child - whether two children are one by their numbers. Called by hl7_about.c and fhir_subject.c. */
#include "adapters/health/child.h"

#include <string.h>
#include <strings.h>

static bool
is_of_people(const struct person_id *id)
{
	return id->type && id->value && strcmp(id->type, "local") != 0 && strcmp(id->type, "other") != 0;
}

/* May the two be compared? Another country gives another number. */
static bool
is_one_kind(const struct person_id *a, const struct person_id *b)
{
	return is_of_people(a) && is_of_people(b) && strcmp(a->type, b->type) == 0 &&
	       (!a->country || !b->country || strcasecmp(a->country, b->country) == 0);
}

bool
child_is_another(const struct person *a, const struct person *b)
{
	bool is_any = false;

	for (size_t i = 0; a && b && i < a->n_ids; i++)
		for (size_t k = 0; k < b->n_ids; k++) {
			if (!is_one_kind(a->ids[i], b->ids[k]))
				continue;
			if (strcasecmp(a->ids[i]->value, b->ids[k]->value) == 0)
				return false;
			is_any = true;
		}
	return is_any;
}

static bool
is_anothers(const struct progress *at, const struct person *said)
{
	const struct referral *referral = at->referral ? at->referral->referral : NULL;

	return referral && child_is_another(referral->child, said);
}

const char *
child_referral(const struct progress *at, const char *number, const struct person *said)
{
	bool is_other = is_anothers(at, said);

	if (!at->namesake || is_anothers(at->namesake, said) == is_other)
		return is_other ? NULL : number;
	return is_other ? at->namesake->msg_id : at->msg_id;
}
