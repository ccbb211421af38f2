/* SPDX-License-Identifier: EUPL-1.2 */
/* services_find - filters of a row each, and an order by which what helps soonest comes first. */
#include "adapters/core/services_find.h"

#include <stdlib.h>
#include <string.h>

/* -- text, without regard to case -- */

/* The next character in lower case: ASCII, and Cyrillic of two octets. Others stand for themselves, octet by octet. */
static unsigned
next_folded(const char **p)
{
	unsigned char a = (unsigned char)**p, b = (unsigned char)(a ? (*p)[1] : 0);
	unsigned c;

	(*p)++;
	if (a >= 'A' && a <= 'Z')
		return a + 32u;
	if ((a != 0xd0 && a != 0xd1) || (b & 0xc0) != 0x80)
		return a;
	(*p)++;
	c = ((a & 0x1fu) << 6) | (b & 0x3fu);
	if (c >= 0x410 && c <= 0x42f)
		return c + 0x20;
	return c >= 0x400 && c <= 0x40f ? c + 0x50 : c;
}

static bool
begins(const char *s, const char *part)
{
	while (*part != '\0')
		if (*s == '\0' || next_folded(&s) != next_folded(&part))
			return false;
	return true;
}

static bool
has_text(const char *s, const char *part)
{
	for (; s && *s != '\0'; s++)
		if (begins(s, part))
			return true;
	return false;
}

/* -- filters -- */

static bool
is_same(const char *wanted, const char *value)
{
	return wanted == NULL || (value && strcmp(wanted, value) == 0);
}

static bool
serves(const struct announce *a, const char *municipality)
{
	for (size_t i = 0; municipality && i < a->n_municipalities; i++)
		if (strcmp(a->municipalities[i], municipality) == 0)
			return true;
	return municipality == NULL;
}

static bool
is_for_age(const struct announce *a, int32_t age)
{
	return age == ANNOUNCE_UNSAID || ((a->min_age == ANNOUNCE_UNSAID || age >= a->min_age) &&
					  (a->max_age == ANNOUNCE_UNSAID || age <= a->max_age));
}

static bool
says(const struct service *s, const char *text)
{
	const struct announce *a = &s->announce;

	return text == NULL || has_text(a->name_bg, text) || has_text(a->name_en, text) || has_text(a->eligibility, text) ||
	       has_text(a->service_id, text) ||
	       (s->agency && (has_text(s->agency->name_bg, text) || has_text(s->agency->name_en, text)));
}

bool
services_fits(const struct service *s, const struct services_query *q, int64_t now_ms)
{
	const struct announce *a = &s->announce;

	return is_same(q->id, a->service_id) && is_same(q->agency, a->agency) && is_same(q->kind, a->service_kind) &&
	       is_same(q->programme, a->programme) && serves(a, q->municipality) && is_for_age(a, q->age) && says(s, q->text) &&
	       (!q->only_free || announce_room(a, now_ms) == ANNOUNCE_FREE);
}

/* -- order -- */

struct place { enum announce_room room; int32_t available; size_t at; };

static int
compare(const void *left, const void *right)
{
	const struct place *a = left, *b = right;

	if (a->room != b->room)
		return a->room < b->room ? -1 : 1;
	if (a->room == ANNOUNCE_FREE && a->available != b->available)
		return a->available > b->available ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

size_t
services_find(const struct service *all, size_t n, const struct services_query *q, int64_t now_ms, const struct service **ret)
{
	struct place *places = calloc(n + 1, sizeof(*places));
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		if (!services_fits(&all[i], q, now_ms))
			continue;
		if (places)
			places[found] = (struct place){ announce_room(&all[i].announce, now_ms), all[i].announce.available, i };
		ret[found++] = &all[i];
	}
	if (places) {	/* without memory they stand in the order of agencies */
		qsort(places, found, sizeof(*places), compare);
		for (size_t i = 0; i < found; i++)
			ret[i] = &all[places[i].at];
	}
	free(places);
	return found;
}
