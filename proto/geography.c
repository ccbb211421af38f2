/* SPDX-License-Identifier: EUPL-1.2 */
/* geography - the tables are sorted; a unit test holds them so. */
#include "proto/geography.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct municipality municipalities[] = {
#define MUNICIPALITY(code, centre, area, bg, en) { code, centre, area, bg, en },
#include "proto/geography.def"
#undef MUNICIPALITY
};

static const struct settlement settlements[] = {
#define SETTLEMENT(municipality, ekatte, kind, name) { municipality, ekatte, kind, name },
#include "proto/geography.def"
#undef SETTLEMENT
};

static const char *const oblasts[] = {
#define OBLAST(code) code,
#include "proto/geography.def"
#undef OBLAST
};

#define OURS "PDV"	/* the oblast whose municipalities we know, all of them */
#define N_MUNICIPALITIES (sizeof(municipalities) / sizeof(municipalities[0]))
#define N_SETTLEMENTS (sizeof(settlements) / sizeof(settlements[0]))

static int
by_code(const void *key, const void *item)
{
	return strcmp(key, ((const struct municipality *)item)->code);
}

static int
by_ekatte(const void *key, const void *item)
{
	return strcmp(key, ((const struct settlement *)item)->ekatte);
}

const struct municipality *
geography_municipality(const char *code)
{
	return code ? bsearch(code, municipalities, N_MUNICIPALITIES, sizeof(municipalities[0]), by_code) : NULL;
}

const struct municipality *
geography_municipality_at(size_t i)
{
	return i < N_MUNICIPALITIES ? &municipalities[i] : NULL;
}

const struct settlement *
geography_settlement(const char *ekatte)
{
	return ekatte ? bsearch(ekatte, settlements, N_SETTLEMENTS, sizeof(settlements[0]), by_ekatte) : NULL;
}

const struct settlement *
geography_settlement_at(size_t i)
{
	return i < N_SETTLEMENTS ? &settlements[i] : NULL;
}

/* All municipalities that have their seat in this settlement, as text. Gives how many. */
static size_t
seats_in(const char *ekatte, char *to, size_t cap)
{
	size_t n = 0, at = 0;

	to[0] = '\0';
	for (size_t i = 0; i < N_MUNICIPALITIES; i++) {
		if (strcmp(municipalities[i].centre, ekatte) != 0)
			continue;
		at += (size_t)snprintf(to + at, cap - at, "%s%s", n > 0 ? ", " : "", municipalities[i].code);
		if (++n == GEOGRAPHY_SHARED_MAX)
			break;
	}
	return n;
}

enum err
geography_municipality_of(const char *ekatte, const char **ret_municipality, struct why *why)
{
	const struct settlement *s = geography_settlement(ekatte);
	char seats[8 * GEOGRAPHY_SHARED_MAX];

	if (s == NULL)
		return why_set(why, ERR_NOTFOUND, "ekatte", "not a settlement of the programme's municipalities");
	if (seats_in(s->ekatte, seats, sizeof(seats)) > 1)
		return why_set(why, ERR_UNROUTABLE, "ekatte", "the seat of %s: name the municipality", seats);
	*ret_municipality = s->municipality;
	return OK;
}

bool
geography_is_oblast(const char *code)
{
	for (size_t i = 0; i < sizeof(oblasts) / sizeof(oblasts[0]); i++)
		if (strcmp(oblasts[i], code) == 0)
			return true;
	return false;
}

bool
geography_is_form(const char *code)
{
	return code && strlen(code) == 5 && strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3 && strspn(code + 3, "0123456789") == 2;
}

bool
geography_may_be(const char *code)
{
	char oblast[4] = "";

	if (!geography_is_form(code) || strcmp(code + 3, "00") == 0)
		return false;
	memcpy(oblast, code, 3);
	return strcmp(oblast, OURS) == 0 ? geography_municipality(code) != NULL : geography_is_oblast(oblast);
}

bool
geography_agrees(const char *municipality, const char *ekatte)
{
	const struct municipality *m = geography_municipality(municipality);
	const struct settlement *s = geography_settlement(ekatte);

	return s == NULL || strcmp(s->municipality, municipality) == 0 || (m && strcmp(m->centre, ekatte) == 0);
}
