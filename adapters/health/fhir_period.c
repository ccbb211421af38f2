/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_period - dates of a search: "ge2026-03". What is written covers as much time as it leaves open, in Bulgaria unless it says a zone. Pure. */
#include "adapters/health/fhir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"

#define TEXT_MAX 40	/* of a time with its fraction and zone */

enum prefix { EQ, NE, GT, GE, LT, LE };

static const struct { const char *said; enum prefix means; } prefixes[] = {
	{ "eq", EQ }, { "ne", NE }, { "gt", GT }, { "ge", GE }, { "lt", LT }, { "le", LE },
	{ "sa", GT }, { "eb", LT },	/* of an instant they are the same */
};

struct period {
	enum prefix prefix;
	int64_t from_ms, to_ms;		/* the last is in it */
};

/* Is `text` of this form, in which 0 is any digit? */
static bool
is_like(const char *text, const char *form)
{
	for (; *form != '\0'; form++, text++)
		if (*form == '0' ? *text < '0' || *text > '9' : *text != *form)
			return false;
	return *text == '\0';
}

static enum err
set_days(const char *text, struct period *p)
{
	struct civil from = { .month = 1, .day = 1 }, to;

	from.year = (int)strtol(text, NULL, 10);
	if (strlen(text) > 4)
		from.month = (int)strtol(text + 5, NULL, 10);
	if (strlen(text) > 7)
		from.day = (int)strtol(text + 8, NULL, 10);
	if (!clock_is_date(from.year, from.month, from.day))
		return ERR_BAD_DATE;
	p->from_ms = clock_from_sofia(&from);
	to = clock_to_sofia(p->from_ms + CLOCK_DAY + CLOCK_DAY / 2, NULL);	/* some time on the day after it */
	if (strlen(text) <= 7)
		to = (struct civil){ .year = from.year + (from.month == 12), .month = from.month % 12 + 1, .day = 1 };
	if (strlen(text) <= 4)
		to = (struct civil){ .year = from.year + 1, .month = 1, .day = 1 };
	to.hour = to.minute = to.second = to.ms = 0;
	p->to_ms = clock_from_sofia(&to) - 1;
	return OK;
}

/* "2026-03-02T10:00", with seconds and their fraction or without, with a zone or without. */
static enum err
set_time(const char *text, struct period *p)
{
	static const int64_t fractions[] = { CLOCK_SECOND, 100, 10, 1 };
	size_t n_minutes = strlen("2026-03-02T10:00"), n_fraction;
	bool has_seconds = strlen(text) > n_minutes && text[n_minutes] == ':';
	char whole[TEXT_MAX + 4];
	int64_t covers_ms = CLOCK_MINUTE;

	if (strlen(text) < n_minutes || strlen(text) > TEXT_MAX)
		return ERR_BAD_DATE;
	snprintf(whole, sizeof(whole), "%.*s%s%s", (int)n_minutes, text, has_seconds ? "" : ":00", text + n_minutes);
	if (has_seconds) {
		n_fraction = text[n_minutes + 3] == '.' ? strspn(text + n_minutes + 4, "0123456789") : 0;
		covers_ms = fractions[n_fraction < 3 ? n_fraction : 3];
	}
	if (clock_parse(whole, &p->from_ms) != OK)
		return ERR_BAD_DATE;
	p->to_ms = p->from_ms + covers_ms - 1;
	return OK;
}

static enum err
parse(const char *text, struct period *p)
{
	p->prefix = EQ;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (strncmp(text, prefixes[i].said, 2) != 0)
			continue;
		p->prefix = prefixes[i].means;
		text += 2;
		break;
	}
	return is_like(text, "0000") || is_like(text, "0000-00") || is_like(text, "0000-00-00") ? set_days(text, p) : set_time(text, p);
}

static bool
is_in(const struct period *p, int64_t ms)
{
	switch (p->prefix) {
	case EQ:
		return ms >= p->from_ms && ms <= p->to_ms;
	case NE:
		return ms < p->from_ms || ms > p->to_ms;
	case GT:
		return ms > p->to_ms;
	case GE:
		return ms >= p->from_ms;
	case LT:
		return ms < p->from_ms;
	case LE:
		return ms <= p->to_ms;
	}
	return false;
}

enum err
fhir_periods_hold(const char *list, int64_t ms, bool *ret_holds)
{
	*ret_holds = false;
	for (const char *p = list;; p++) {
		size_t n = strcspn(p, ",");
		struct period period;
		char one[TEXT_MAX + 3];

		if (n >= sizeof(one))
			return ERR_BAD_DATE;
		memcpy(one, p, n);
		one[n] = '\0';
		if (parse(one, &period) != OK)
			return ERR_BAD_DATE;
		*ret_holds |= is_in(&period, ms);
		p += n;
		if (*p == '\0')
			return OK;
	}
}
