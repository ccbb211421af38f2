/* SPDX-License-Identifier: EUPL-1.2 */
/* clock - time as int64 Unix milliseconds UTC, and its text forms.
 *
 * Only the doing parts of a process read the clock; deciding parts get `now_ms` as an argument. Local civil time is
 * Bulgaria's (EET/EEST by the EU rule), computed here so that the process's TZ never matters.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/err.h"

#define CLOCK_SECOND INT64_C(1000)
#define CLOCK_MINUTE (60 * CLOCK_SECOND)
#define CLOCK_HOUR (60 * CLOCK_MINUTE)
#define CLOCK_DAY (24 * CLOCK_HOUR)
#define CLOCK_TEXT_LEN 32

struct civil { int year, month, day, hour, minute, second, ms; };

int64_t clock_wall_ms(void);
int64_t clock_mono_ms(void);

/* The wait before the next try after `failures` of them: doubled each time, from `min_ms` to `max_ms`. */
int64_t clock_backoff(unsigned failures, int64_t min_ms, int64_t max_ms);

bool clock_is_date(int year, int month, int day);		/* proleptic Gregorian, 1..9999 */
int64_t clock_from_utc(const struct civil *c);
int64_t clock_from_sofia(const struct civil *c);		/* an hour that does not exist moves forward */
/* What lies outside of the years 1 to 9999 is taken as the nearest time inside, here and in the formats. */
struct civil clock_to_utc(int64_t ms);
struct civil clock_to_sofia(int64_t ms, int *ret_offset_min);	/* offset may be NULL */

/* "2026-03-02T10:00:00.123Z"; milliseconds only when there are any */
void clock_format(int64_t ms, char to[static CLOCK_TEXT_LEN]);
void clock_format_sofia(int64_t ms, char to[static CLOCK_TEXT_LEN]);	/* "2026-03-02T12:00:00+02:00" */
/* RFC 3339 with an offset, or a bare local time taken as Bulgaria's, or a bare date (midnight in Bulgaria) */
enum err clock_parse(const char *text, int64_t *ret_ms) MUST_USE;
enum err clock_parse_date(const char *text, struct civil *ret_date) MUST_USE;	/* yyyy-mm-dd only */

#endif
