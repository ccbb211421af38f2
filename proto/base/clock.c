/* SPDX-License-Identifier: EUPL-1.2 */
/* clock - the calendar by arithmetic: no TZ, no tzdata, no libc conversion.
 *
 * The only reader of the clocks is clock_wall_ms and clock_mono_ms; all else is pure. Summer time is the EU's rule,
 * 01:00 UTC of the last Sunday of March to that of October, applied to every year: what Bulgaria did before 1997 matters
 * to no message.
 */
#include "proto/base/clock.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

#define DOUBLINGS_MAX 20	/* beyond any limit, and no shift overflows */
#define WINTER_MIN 120
#define SUMMER_MIN 180

#define FIRST_MS INT64_C(-62135596800000)	/* 0001-01-01T00:00:00Z */
#define LAST_MS INT64_C(253402300799999)	/* 9999-12-31T23:59:59.999Z */

static int64_t
read_ms(clockid_t id)
{
	struct timespec t;
	int rc = clock_gettime(id, &t);

	assert(rc == 0);	/* both clocks always exist on Linux */
	(void)rc;
	return t.tv_sec * CLOCK_SECOND + t.tv_nsec / 1000000;
}

int64_t
clock_wall_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

int64_t
clock_mono_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

int64_t
clock_backoff(unsigned failures, int64_t min_ms, int64_t max_ms)
{
	unsigned doublings = failures == 0 ? 0 : failures - 1;
	int64_t wait = min_ms << (doublings < DOUBLINGS_MAX ? doublings : DOUBLINGS_MAX);

	return wait > max_ms || wait <= 0 ? max_ms : wait;
}

static bool
is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

bool
clock_is_date(int year, int month, int day)
{
	static const int days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1)
		return false;
	return day <= days[month - 1] + (month == 2 && is_leap(year));
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days since 1970-01-01. The year is taken to begin in March, so that the leap day is its last: then the days before
 * month m (March = 0) are (153 m + 2) / 5, and 400 years are always 146097 days.
 */
static int64_t
days_from_date(int64_t year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = floor_div(y, 400);
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* The inverse of days_from_date. */
static void
date_from_days(int64_t days, struct civil *c)
{
	int64_t z = days + 719468;
	int64_t era = floor_div(z, 146097);
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t m = (5 * doy + 2) / 153;

	c->day = (int)(doy - (153 * m + 2) / 5 + 1);
	c->month = (int)(m < 10 ? m + 3 : m - 9);
	c->year = (int)(yoe + era * 400 + (c->month <= 2));
}

int64_t
clock_from_utc(const struct civil *c)
{
	return days_from_date(c->year, c->month, c->day) * CLOCK_DAY + c->hour * CLOCK_HOUR +
	       c->minute * CLOCK_MINUTE + c->second * CLOCK_SECOND + c->ms;
}

/* Outside of the years 1 to 9999 there is no RFC 3339; the nearest time that has one stands for it. */
static int64_t
clamped(int64_t ms, int64_t last)
{
	return ms < FIRST_MS ? FIRST_MS : ms > last ? last : ms;
}

struct civil
clock_to_utc(int64_t ms)
{
	int64_t days, rest;
	struct civil c;

	ms = clamped(ms, LAST_MS);
	days = floor_div(ms, CLOCK_DAY);
	rest = ms - days * CLOCK_DAY;
	date_from_days(days, &c);
	c.hour = (int)(rest / CLOCK_HOUR);
	c.minute = (int)(rest / CLOCK_MINUTE % 60);
	c.second = (int)(rest / CLOCK_SECOND % 60);
	c.ms = (int)(rest % CLOCK_SECOND);
	return c;
}

/* 01:00 UTC of the last Sunday of a month of 31 days. */
static int64_t
last_sunday(int year, int month)
{
	int64_t last = days_from_date(year, month, 31);
	int64_t weekday = ((last + 4) % 7 + 7) % 7;	/* 1970-01-01 was a Thursday; Sunday is 0 */

	return (last - weekday) * CLOCK_DAY + CLOCK_HOUR;
}

static int
sofia_offset_min(int64_t ms)
{
	int year = clock_to_utc(ms).year;

	return ms >= last_sunday(year, 3) && ms < last_sunday(year, 10) ? SUMMER_MIN : WINTER_MIN;
}

/* Of an hour that comes twice the first is meant; one that does not exist is read with the offset before the change and
 * so comes out an hour later.
 */
int64_t
clock_from_sofia(const struct civil *c)
{
	int64_t local = clock_from_utc(c);
	int64_t summer = local - SUMMER_MIN * CLOCK_MINUTE;

	return sofia_offset_min(summer) == SUMMER_MIN ? summer : local - WINTER_MIN * CLOCK_MINUTE;
}

struct civil
clock_to_sofia(int64_t ms, int *ret_offset_min)
{
	int offset_min;

	ms = clamped(ms, LAST_MS - WINTER_MIN * CLOCK_MINUTE);
	offset_min = sofia_offset_min(ms);
	if (ret_offset_min != NULL)
		*ret_offset_min = offset_min;
	return clock_to_utc(ms + offset_min * CLOCK_MINUTE);
}

static void
format_civil(const struct civil *c, const char *zone, char to[static CLOCK_TEXT_LEN])
{
	unsigned ms = (unsigned)c->ms % 1000;
	int at;

	at = snprintf(to, CLOCK_TEXT_LEN, "%04u-%02u-%02uT%02u:%02u:%02u", (unsigned)c->year % 10000,
		      (unsigned)c->month % 100, (unsigned)c->day % 100, (unsigned)c->hour % 100,
		      (unsigned)c->minute % 100, (unsigned)c->second % 100);
	if (ms != 0)
		at += snprintf(to + at, CLOCK_TEXT_LEN - (size_t)at, ".%03u", ms);
	snprintf(to + at, CLOCK_TEXT_LEN - (size_t)at, "%s", zone);
}

void
clock_format(int64_t ms, char to[static CLOCK_TEXT_LEN])
{
	struct civil c = clock_to_utc(ms);

	format_civil(&c, "Z", to);
}

void
clock_format_sofia(int64_t ms, char to[static CLOCK_TEXT_LEN])
{
	int offset_min;
	struct civil c = clock_to_sofia(ms, &offset_min);

	format_civil(&c, offset_min == SUMMER_MIN ? "+03:00" : "+02:00", to);
}

/* -- parsing: `at` walks a NUL-terminated text and never passes its end -- */

static bool
take_char(const char **at, char c)
{
	if (**at != c)
		return false;
	++*at;
	return true;
}

static bool
take_digits(const char **at, int n, int *ret_value)
{
	int v = 0;

	for (; n > 0; n--, ++*at) {
		if (**at < '0' || **at > '9')
			return false;
		v = v * 10 + (**at - '0');
	}
	*ret_value = v;
	return true;
}

static bool
take_date(const char **at, struct civil *c)
{
	return take_digits(at, 4, &c->year) && take_char(at, '-') && take_digits(at, 2, &c->month) &&
	       take_char(at, '-') && take_digits(at, 2, &c->day) && clock_is_date(c->year, c->month, c->day);
}

/* 1 to 9 digits, cut to milliseconds. */
static bool
take_fraction(const char **at, int *ret_ms)
{
	int ms = 0, n = 0, digit;

	while (n < 9 && take_digits(at, 1, &digit))
		if (++n <= 3)
			ms = ms * 10 + digit;
	*ret_ms = n == 1 ? ms * 100 : n == 2 ? ms * 10 : ms;
	return n > 0;
}

/* hh:mm[:ss[.f]]; the second may be 60, a leap second, which the caller looks at. */
static bool
take_time(const char **at, struct civil *c, bool *ret_seconds)
{
	if (!take_digits(at, 2, &c->hour) || c->hour > 23 || !take_char(at, ':') ||
	    !take_digits(at, 2, &c->minute) || c->minute > 59)
		return false;
	*ret_seconds = take_char(at, ':');
	if (!*ret_seconds)
		return true;
	if (!take_digits(at, 2, &c->second) || c->second > 60)
		return false;
	return !take_char(at, '.') || take_fraction(at, &c->ms);
}

static bool
take_offset(const char **at, int *ret_offset_min)
{
	int hour, minute, sign = 1;

	*ret_offset_min = 0;
	if (take_char(at, 'Z') || take_char(at, 'z'))
		return true;
	if (take_char(at, '-'))
		sign = -1;
	else if (!take_char(at, '+'))
		return false;
	if (!take_digits(at, 2, &hour) || hour > 23 || !take_char(at, ':') || !take_digits(at, 2, &minute) ||
	    minute > 59)
		return false;
	*ret_offset_min = sign * (hour * 60 + minute);
	return true;
}

enum err
clock_parse(const char *text, int64_t *ret_ms)
{
	struct civil c = { 0 };
	bool has_seconds = false, is_leap_second;
	int offset_min;
	int64_t ms;

	if (text == NULL || !take_date(&text, &c))
		return ERR_BAD_DATE;
	if (*text != '\0') {
		if (!take_char(&text, 'T') && !take_char(&text, 't'))
			return ERR_BAD_DATE;
		if (!take_time(&text, &c, &has_seconds))
			return ERR_BAD_DATE;
	}
	is_leap_second = c.second == 60;
	if (is_leap_second)
		c.ms = 0;	/* Unix time has no such second: the one after it stands for all of it */
	if (*text == '\0') {
		ms = clock_from_sofia(&c);
	} else {
		if (!has_seconds || !take_offset(&text, &offset_min) || *text != '\0')
			return ERR_BAD_DATE;
		ms = clock_from_utc(&c) - offset_min * CLOCK_MINUTE;
	}
	if (ms < FIRST_MS || ms > LAST_MS || (is_leap_second && ms % CLOCK_DAY != 0))
		return ERR_BAD_DATE;
	*ret_ms = ms;
	return OK;
}

enum err
clock_parse_date(const char *text, struct civil *ret_date)
{
	struct civil c = { 0 };

	if (text == NULL || !take_date(&text, &c) || *text != '\0')
		return ERR_BAD_DATE;
	*ret_date = c;
	return OK;
}
