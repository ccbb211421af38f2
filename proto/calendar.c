/* SPDX-License-Identifier: EUPL-1.2 */
/* calendar - which days are not worked is worked out for one day at a time: no table to run out.
 *
 * A fixed holiday on a Saturday or Sunday gives the first working day after it off (from 2017 on), two of them the first two; those
 * of Easter give none. Called where deadlines in working days are computed.
 */
#include "proto/calendar.h"

#include <assert.h>

#define SUBSTITUTES_SINCE 2017
#define LOOK_BACK 14		/* days: no run of holidays and what follows them is longer */
#define DAYS_IN_A_ROW_MAX 366	/* not worked: a configuration that names more of them is not waited for */

static const struct { int month, day; } fixed[] = {
	{ 1, 1 }, { 3, 3 }, { 5, 1 }, { 5, 6 }, { 5, 24 }, { 9, 6 }, { 9, 22 }, { 12, 24 }, { 12, 25 }, { 12, 26 },
};

int32_t
calendar_day(int year, int month, int day)
{
	const struct civil c = { .year = year, .month = month, .day = day };
	int64_t ms = clock_from_utc(&c);

	return (int32_t)(ms / CLOCK_DAY - (ms % CLOCK_DAY < 0));
}

static struct civil
date_of(int32_t day)
{
	return clock_to_utc(day * CLOCK_DAY);
}

/* Meeus' Julian algorithm; the Julian calendar is 13 days behind in these two centuries. */
int32_t
calendar_easter(int year)
{
	int d = (19 * (year % 19) + 15) % 30;
	int e = (2 * (year % 4) + 4 * (year % 7) - d + 34) % 7;
	int n = d + e + 114;

	return calendar_day(year, n / 31, n % 31 + 1) + 13;
}

static bool
is_weekend(int32_t day)
{
	int32_t weekday = (day % 7 + 7 + 4) % 7;	/* 1970 began on a Thursday; Sunday is 0 */

	return weekday == 0 || weekday == 6;
}

static bool
is_fixed(const struct civil *date)
{
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (fixed[i].month == date->month && fixed[i].day == date->day)
			return true;
	return false;
}

/* Good Friday to Easter Monday. */
static bool
is_easter(int32_t day, int year)
{
	int32_t sunday = calendar_easter(year);

	return day >= sunday - 2 && day <= sunday + 1;
}

/* By the law alone. */
static bool
is_worked(int32_t day)
{
	bool is_off = false;
	unsigned owed = 0;	/* days off that fixed holidays of a weekend still give */

	for (int32_t d = day - LOOK_BACK; d <= day; d++) {
		struct civil date = date_of(d);

		if (is_fixed(&date) && is_weekend(d) && date.year >= SUBSTITUTES_SINCE)
			owed++;
		is_off = is_weekend(d) || is_fixed(&date) || is_easter(d, date.year);
		if (!is_off && owed > 0) {
			owed--;
			is_off = true;
		}
	}
	return !is_off;
}

static bool
is_listed(const int32_t *days, size_t n, int32_t day)
{
	for (size_t i = 0; i < n; i++)
		if (days[i] == day)
			return true;
	return false;
}

bool
calendar_is_working(const struct calendar *c, int32_t day)
{
	if (is_listed(c->working_days, c->n_working_days, day))
		return true;
	return !is_listed(c->days_off, c->n_days_off, day) && is_worked(day);
}

int64_t
calendar_add_working(const struct calendar *c, int64_t from_ms, unsigned n)
{
	struct civil at = clock_to_sofia(from_ms, NULL);
	int32_t day = calendar_day(at.year, at.month, at.day);
	unsigned idle = 0;

	assert(n > 0);
	while (n > 0) {
		bool is_counted = calendar_is_working(c, ++day) || idle == DAYS_IN_A_ROW_MAX;

		idle = is_counted ? 0 : idle + 1;
		n -= is_counted;
	}
	at = date_of(day + 1);
	return clock_from_sofia(&at) - CLOCK_SECOND;
}
