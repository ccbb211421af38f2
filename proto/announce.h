/* SPDX-License-Identifier: EUPL-1.2 */
/* announce - what an agency says to all of one service: what it is, for whom, and how much room there is. PROTOCOL.md 3.5.
 *
 * The body of an ANNOUNCE: clear, canonical, signed as its envelope is, without a word about any person. The newest of each
 * (agency, service) counts. After valid_until_ms what it says of room is stale: shown as such, and never counted as free.
 * Pure. Agencies' adapters make and keep them, the hub checks and passes them on.
 */
#ifndef PROTO_ANNOUNCE_H
#define PROTO_ANNOUNCE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/base/bytes.h"
#include "proto/base/clock.h"
#include "proto/base/err.h"

#define ANNOUNCE_BODY_MAX (16 * 1024)
#define ANNOUNCE_SERVICES_MAX 64	/* of one agency */
#define ANNOUNCE_MUNICIPALITIES_MAX 32
#define ANNOUNCE_SCHEDULE_MAX 14
#define ANNOUNCE_CONTACTS_MAX 8
#define ANNOUNCE_LANGUAGES_MAX 8
#define ANNOUNCE_PLACES_MAX 8
#define ANNOUNCE_NAME_MAX 200		/* bytes, as are the next */
#define ANNOUNCE_TEXT_MAX 2000
#define ANNOUNCE_LINE_MAX 200
#define ANNOUNCE_AGE_MAX 25
#define ANNOUNCE_COUNT_MAX 100000
#define ANNOUNCE_VALID_MAX_MS (366 * CLOCK_DAY)
#define ANNOUNCE_SAID_BEFORE_MS (31 * CLOCK_DAY)	/* how old what a system says of its room may be, when it says it */
#define ANNOUNCE_SAID_AHEAD_MS CLOCK_HOUR	/* its clock may be ahead of ours */
#define ANNOUNCE_UNSAID (-1)		/* a number that is not given */

struct announce_contact { const char *kind, *value; };
struct announce_place { const char *municipality, *ekatte, *address; };	/* ekatte and address may be NULL */

struct announce {
	const char *service_id, *agency;
	const char *service_kind;
	const char *programme;		/* that of the kind; NULL: the kind is of none */
	const char *name_bg, *name_en;	/* name_en may be NULL */
	const char **municipalities;	/* ascending */
	size_t n_municipalities;
	int32_t min_age, max_age;	/* completed years, both included; ANNOUNCE_UNSAID: no bound */
	const char *eligibility;	/* NULL: none */
	bool requires_napravlenie;
	const char **schedule;
	size_t n_schedule;
	struct announce_contact *contacts;
	size_t n_contacts;
	const char **languages;		/* "bg", "en", "rom" */
	size_t n_languages;
	struct announce_place *places;
	size_t n_places;
	const char *capacity_status;	/* "capacity", "no-capacity", "waitlist", "additional-assessment-required" */
	const char *unit;		/* "place", "hour", "visit", "family" */
	int32_t total, funded, available, waiting, median_wait_days;	/* ANNOUNCE_UNSAID each */
	int64_t as_of_ms, valid_until_ms;
	bool is_ended;			/* the service is offered no more */
};

/* Room at some moment: what a reader may count on. */
enum announce_room { ANNOUNCE_FREE, ANNOUNCE_WAITLIST, ANNOUNCE_FULL, ANNOUNCE_ASSESSMENT_FIRST, ANNOUNCE_STALE };

/* Limits, codes, order, no personal number in any text, counts and times that agree. The first fault is told with its field in
 * why->where: ERR_REQUIRED, ERR_TOOLONG, ERR_TOOMANY, ERR_UNKNOWN_CODE, ERR_BAD_NUMBER, ERR_BAD_DATE, ERR_CHARSET, ERR_NOT_ALLOWED
 * (a personal number). */
enum err announce_check(const struct announce *a, struct why *why) MUST_USE;
/* Could it be true, of one that passes announce_check? Asked of the agency alone, and once: others take what it says. ERR_UNKNOWN_CODE: no
 * municipality; ERR_PLACE_DISAGREES: a settlement of another one; and unless it is ended, ERR_YET_TO_COME: as_of lies ahead; ERR_OVER: as_of is
 * too old, or valid_until over. */
enum err announce_check_sense(const struct announce *a, int64_t now_ms, struct why *why) MUST_USE;
/* Checks, then encodes. ERR_TOOBIG: beyond ANNOUNCE_BODY_MAX, or the arena is full. */
enum err announce_encode(const struct announce *a, struct arena *mem, struct span *ret_bytes, struct why *why) MUST_USE;
/* ERR_FORMAT: not canonical; else as announce_check. Texts live in `mem`. */
enum err announce_decode(struct span bytes, struct arena *mem, struct announce *ret_announce, struct why *why) MUST_USE;

enum announce_room announce_room(const struct announce *a, int64_t now_ms);
const char *announce_room_name(enum announce_room room);	/* "free", "waitlist", "full", "assessment-first", "stale" */
bool announce_is_service_id(const char *s);	/* 1 to 64 of a-z 0-9 - . _ */

#endif
