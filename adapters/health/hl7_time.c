/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_time - HL7's dates and times, which may stop behind any of their parts: to milliseconds and ISO 8601, and written whole.
 *
 * A time without a zone is Bulgaria's. What is written in another way is refused and never read as far as it goes: "2015-03-07" would be the
 * first of January. Called by whoever reads or writes a message.
 */
#include <stdio.h>

#include "adapters/health/hl7.h"
#include "proto/base/clock.h"

#define DIGITS "0123456789"

static int
number_at(const char *text, size_t at, size_t n)
{
	int v = 0;

	for (size_t i = at; i < at + n; i++)
		v = v * 10 + (text[i] - '0');
	return v;
}

static enum err
read_civil(const char *text, size_t n, struct civil *c)
{
	*c = (struct civil){ .month = 1, .day = 1 };
	if (n < 4 || n > 14 || n % 2)
		return ERR_BAD_DATE;
	c->year = number_at(text, 0, 4);
	if (n >= 6)
		c->month = number_at(text, 4, 2);
	if (n >= 8)
		c->day = number_at(text, 6, 2);
	if (n >= 10)
		c->hour = number_at(text, 8, 2);
	if (n >= 12)
		c->minute = number_at(text, 10, 2);
	if (n >= 14)
		c->second = number_at(text, 12, 2);
	if (!clock_is_date(c->year, c->month, c->day) || c->hour > 23 || c->minute > 59 || c->second > 59)
		return ERR_BAD_DATE;
	return OK;
}

/* "+0200" after the digits and the fraction; minutes east. ERR_BAD_DATE if something else stands there. */
static enum err
read_zone(const char *p, int *ret_min)
{
	int sign = *p == '-' ? -1 : 1, hours, minutes;

	if ((*p != '+' && *p != '-') || strlen(p) != 5 || strspn(p + 1, DIGITS) != 4)
		return ERR_BAD_DATE;
	hours = number_at(p, 1, 2);
	minutes = number_at(p, 3, 2);
	if (hours > 14 || minutes > 59)
		return ERR_BAD_DATE;
	*ret_min = sign * (hours * 60 + minutes);
	return OK;
}

/* All of the text, to its end. */
static enum err
read_whole(const char *text, struct civil *c, unsigned *ret_digits, bool *ret_has_zone, int *ret_zone_min)
{
	size_t n = strspn(text, DIGITS);
	const char *p = text + n;
	enum err e;

	if ((e = read_civil(text, n, c)) != OK)
		return e;
	if (ret_digits)
		*ret_digits = (unsigned)n;
	if (*p == '.') {	/* of a second, so there has to be one */
		int scale = 100;

		if (n < 14 || strspn(p + 1, DIGITS) == 0)
			return ERR_BAD_DATE;
		for (p++; *p >= '0' && *p <= '9'; p++, scale /= 10)
			c->ms += (*p - '0') * scale;
	}
	*ret_has_zone = *p != '\0';
	return *ret_has_zone ? read_zone(p, ret_zone_min) : OK;
}

enum err
hl7_time(const char *text, int64_t *ret_ms, unsigned *ret_digits)
{
	int zone_min = 0;
	struct civil c;
	bool has_zone;
	enum err e;

	if ((e = read_whole(text, &c, ret_digits, &has_zone, &zone_min)) != OK)
		return e;
	*ret_ms = has_zone ? clock_from_utc(&c) - zone_min * CLOCK_MINUTE : clock_from_sofia(&c);
	return OK;
}

enum err
hl7_date(const char *text, char ret_date[static 11], unsigned *ret_digits)
{
	struct civil c;
	bool has_zone;
	int zone_min;
	enum err e;

	if ((e = read_whole(text, &c, ret_digits, &has_zone, &zone_min)) != OK)
		return e;
	/* the bounds are known from clock_is_date, gcc does not see them */
	snprintf(ret_date, 11, "%04u-%02u-%02u", (unsigned)c.year % 10000, (unsigned)c.month % 100, (unsigned)c.day % 100);
	return OK;
}

void
hl7_format_time(int64_t ms, char to[static HL7_TIME_LEN])
{
	int offset;
	struct civil c = clock_to_sofia(ms, &offset);
	int n = snprintf(to, HL7_TIME_LEN, "%04d%02d%02d%02d%02d%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);

	if (c.ms && n < HL7_TIME_LEN)
		n += snprintf(to + n, (size_t)(HL7_TIME_LEN - n), ".%03d", c.ms);
	if (n < HL7_TIME_LEN)
		snprintf(to + n, (size_t)(HL7_TIME_LEN - n), "+%02d%02d", offset / 60, offset % 60);
}
