/* SPDX-License-Identifier: EUPL-1.2 */
/* calendar - Bulgaria's working days: the official holidays of the Labour Code, article 154, the days off that follow them, and
 * the days that the Council of Ministers moves, which a configuration names.
 *
 * A day is a number, 0 the first of January 1970. Pure; days are those of Bulgarian civil time, whatever the process's zone.
 */
#ifndef PROTO_CALENDAR_H
#define PROTO_CALENDAR_H

#include <stddef.h>

#include "proto/base/clock.h"

/* What differs from the law's own rule. A day of both lists is a working one. Borrowed; {0}: nothing differs. */
struct calendar {
	const int32_t *days_off, *working_days;
	size_t n_days_off, n_working_days;
};

int32_t calendar_day(int year, int month, int day);		/* a date's number */
int32_t calendar_easter(int year);				/* Orthodox Easter Sunday, 1900 to 2099 */
bool calendar_is_working(const struct calendar *calendar, int32_t day);
/* The end of the n-th working day after the day of `from_ms`: its last second in Bulgaria. The day of the event itself never
 * counts. n is at least 1. */
int64_t calendar_add_working(const struct calendar *calendar, int64_t from_ms, unsigned n);

#endif
