/* SPDX-License-Identifier: EUPL-1.2 */
/* announce_check - the rules of PROTOCOL.md 3.5, the same on both ways.
 *
 * Announcements lie in the clear at the hub and go to everybody, so a personal number is looked for in every text. What a fault
 * tells names its field and never holds a value. Called by announce.c, and by adapters before they keep what their system said.
 */
#include "proto/announce.h"

#include <stdio.h>
#include <string.h>

#include "proto/agency.h"
#include "proto/geography.h"
#include "proto/programme.h"
#include "proto/record.h"

#define EGN_DIGITS 10

bool
announce_is_service_id(const char *s)
{
	size_t n = s ? strlen(s) : 0;

	return n > 0 && n <= AGENCY_ID_MAX && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-._") == n;
}

/* Ten digits in a row that are a personal number; a longer row of digits is none. */
static bool
has_personal_number(const char *s)
{
	char digits[EGN_DIGITS + 1];

	while (*s != '\0') {
		size_t n = strspn(s, "0123456789");

		if (n == EGN_DIGITS) {
			memcpy(digits, s, n);
			digits[n] = '\0';
			if (record_is_egn(digits))
				return true;
		}
		s += n > 0 ? n : 1;
	}
	return false;
}

static bool
is_printable(const char *s)
{
	for (; *s != '\0'; s++)
		if (((unsigned char)*s < 0x20 && *s != '\n') || *s == 0x7f)
			return false;
	return true;
}

static enum err
check_text(const char *s, bool must, size_t max, const char *where, struct why *why)
{
	if (s == NULL)
		return must ? why_set(why, ERR_REQUIRED, where, "is missing") : OK;
	if (*s == '\0')
		return why_set(why, ERR_REQUIRED, where, "is empty");
	if (strlen(s) > max)
		return why_set(why, ERR_TOOLONG, where, "its limit in bytes is %zu", max);
	if (!bytes_is_utf8(span_str(s)) || !is_printable(s))
		return why_set(why, ERR_CHARSET, where, "not UTF-8, or a control character");
	if (has_personal_number(s))
		return why_set(why, ERR_NOT_ALLOWED, where, "has a personal number in it");
	return OK;
}

static enum err
check_number(int32_t v, int32_t max, const char *where, struct why *why)
{
	return v >= ANNOUNCE_UNSAID && v <= max ? OK : why_set(why, ERR_BAD_NUMBER, where, "a whole number from 0 to %d", max);
}

static enum err
check_code(const char *s, const char *list, const char *where, struct why *why)
{
	char codes[sizeof(why->text)];

	if (s == NULL)
		return why_set(why, ERR_REQUIRED, where, "is missing");
	if (record_is_code(list, s))
		return OK;
	record_say_codes(record_codes(list), codes, sizeof(codes));
	return why_set(why, ERR_UNKNOWN_CODE, where, "%s", codes);
}

static bool
is_digits(const char *s, size_t n)
{
	return strlen(s) == n && strspn(s, "0123456789") == n;
}

static enum err
check_names(const struct announce *a, struct why *why)
{
	const char *programme = programme_of_service(a->service_kind);
	enum err e;

	if (!announce_is_service_id(a->service_id))
		return why_set(why, a->service_id ? ERR_FORMAT : ERR_REQUIRED, "service_id", "1 to %d of a-z 0-9 - . _", AGENCY_ID_MAX);
	if (!agency_is_id(a->agency) || strcmp(a->agency, AGENCY_HUB) == 0)
		return why_set(why, ERR_FORMAT, "agency", "not an agency");
	if ((e = check_code(a->service_kind, "service_kind", "service_kind", why)) != OK)
		return e;
	if (a->programme ? programme == NULL || strcmp(a->programme, programme) != 0 : programme != NULL)
		return why_set(why, ERR_UNKNOWN_CODE, "programme", "the kind of service is of %s", programme ? programme : "none");
	if ((e = check_text(a->name_bg, true, ANNOUNCE_NAME_MAX, "name_bg", why)) != OK ||
	    (e = check_text(a->name_en, false, ANNOUNCE_NAME_MAX, "name_en", why)) != OK)
		return e;
	return check_text(a->eligibility, false, ANNOUNCE_TEXT_MAX, "eligibility", why);
}

static enum err
check_for_whom(const struct announce *a, struct why *why)
{
	enum err e;

	if (a->n_municipalities == 0)
		return why_set(why, ERR_REQUIRED, "municipalities", "names no municipality");
	if (a->n_municipalities > ANNOUNCE_MUNICIPALITIES_MAX)
		return why_set(why, ERR_TOOMANY, "municipalities", "at most %d", ANNOUNCE_MUNICIPALITIES_MAX);
	for (size_t i = 0; i < a->n_municipalities; i++)
		if (!geography_is_form(a->municipalities[i]) || (i > 0 && strcmp(a->municipalities[i - 1], a->municipalities[i]) >= 0))
			return why_set(why, ERR_UNKNOWN_CODE, "municipalities", "codes such as PDV22, each once, ascending");
	if ((e = check_number(a->min_age, ANNOUNCE_AGE_MAX, "min_age", why)) != OK ||
	    (e = check_number(a->max_age, ANNOUNCE_AGE_MAX, "max_age", why)) != OK)
		return e;
	if (a->max_age != ANNOUNCE_UNSAID && a->min_age > a->max_age)
		return why_set(why, ERR_BAD_NUMBER, "max_age", "below min_age");
	return OK;
}

static enum err
check_lines(const char *const *lines, size_t n, size_t max, const char *name, struct why *why)
{
	char where[64];
	enum err e;

	if (n > max)
		return why_set(why, ERR_TOOMANY, name, "at most %zu", max);
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(where, sizeof(where), "%s[%zu]", name, i);
		if ((e = check_text(lines[i], true, ANNOUNCE_LINE_MAX, where, why)) != OK)
			return e;
	}
	return OK;
}

static enum err
check_languages(const struct announce *a, struct why *why)
{
	if (a->n_languages > ANNOUNCE_LANGUAGES_MAX)
		return why_set(why, ERR_TOOMANY, "languages", "at most %d", ANNOUNCE_LANGUAGES_MAX);
	for (size_t i = 0; i < a->n_languages; i++) {
		size_t n = a->languages[i] ? strspn(a->languages[i], "abcdefghijklmnopqrstuvwxyz") : 0;

		if (n < 2 || n > 3 || a->languages[i][n] != '\0')
			return why_set(why, ERR_UNKNOWN_CODE, "languages", "two or three letters, such as bg");
	}
	return OK;
}

/* A telephone number is ten digits often enough: it is held to its own form instead. */
static bool
is_phone(const char *s)
{
	size_t n = strlen(s);

	return n >= 3 && n <= 30 && strspn(s, "0123456789+-/ ()") == n && strspn(s, "+-/ ()") < n;
}

static enum err
check_contact(const struct announce_contact *c, const char *where, struct why *why)
{
	enum err e;

	if ((e = check_code(c->kind, "contact_kind", where, why)) != OK)
		return e;
	if (strcmp(c->kind, "phone") == 0)
		return c->value && is_phone(c->value) ? OK : why_set(why, ERR_FORMAT, where, "not a telephone number");
	if ((e = check_text(c->value, true, ANNOUNCE_LINE_MAX, where, why)) != OK)
		return e;
	if (strcmp(c->kind, "email") == 0 ? strchr(c->value, '@') == NULL || strpbrk(c->value, " \n") != NULL :
	    strncmp(c->value, "https://", 8) != 0 && strncmp(c->value, "http://", 7) != 0)
		return why_set(why, ERR_FORMAT, where, "not of its kind");
	return OK;
}

static enum err
check_where(const struct announce *a, struct why *why)
{
	char where[64];
	enum err e;

	if (a->n_contacts > ANNOUNCE_CONTACTS_MAX)
		return why_set(why, ERR_TOOMANY, "contacts", "at most %d", ANNOUNCE_CONTACTS_MAX);
	if (a->n_places > ANNOUNCE_PLACES_MAX)
		return why_set(why, ERR_TOOMANY, "places", "at most %d", ANNOUNCE_PLACES_MAX);
	for (size_t i = 0; i < a->n_contacts; i++) {
		(void)snprintf(where, sizeof(where), "contacts[%zu]", i);
		if ((e = check_contact(&a->contacts[i], where, why)) != OK)
			return e;
	}
	for (size_t i = 0; i < a->n_places; i++) {
		const struct announce_place *p = &a->places[i];

		(void)snprintf(where, sizeof(where), "places[%zu]", i);
		if (!geography_is_form(p->municipality))
			return why_set(why, ERR_UNKNOWN_CODE, where, "its municipality is a code such as PDV22");
		if (p->ekatte && !is_digits(p->ekatte, 5))
			return why_set(why, ERR_UNKNOWN_CODE, where, "its ekatte has five digits, leading zeros kept");
		if ((e = check_text(p->address, false, ANNOUNCE_LINE_MAX, where, why)) != OK)
			return e;
	}
	return OK;
}

/* What is said of room must not contradict itself: others count on it. */
static enum err
check_room(const struct announce *a, struct why *why)
{
	enum err e;

	if ((e = check_code(a->capacity_status, "capacity_status", "capacity_status", why)) != OK ||
	    (e = check_code(a->unit, "capacity_unit", "unit", why)) != OK ||
	    (e = check_number(a->total, ANNOUNCE_COUNT_MAX, "total", why)) != OK ||
	    (e = check_number(a->funded, ANNOUNCE_COUNT_MAX, "funded", why)) != OK ||
	    (e = check_number(a->available, ANNOUNCE_COUNT_MAX, "available", why)) != OK ||
	    (e = check_number(a->waiting, ANNOUNCE_COUNT_MAX, "waiting", why)) != OK ||
	    (e = check_number(a->median_wait_days, ANNOUNCE_COUNT_MAX, "median_wait_days", why)) != OK)
		return e;
	if (a->total != ANNOUNCE_UNSAID && (a->available > a->total || a->funded > a->total))
		return why_set(why, ERR_BAD_NUMBER, a->available > a->total ? "available" : "funded", "more than total");
	if (strcmp(a->capacity_status, "capacity") == 0 && a->available == 0)
		return why_set(why, ERR_BAD_NUMBER, "available", "none, while capacity_status says that there is room");
	if (strcmp(a->capacity_status, "capacity") != 0 && a->available > 0 &&
	    strcmp(a->capacity_status, "additional-assessment-required") != 0)
		return why_set(why, ERR_BAD_NUMBER, "available", "some, while capacity_status says that there is no room");
	if (a->as_of_ms <= 0)
		return why_set(why, a->as_of_ms == 0 ? ERR_REQUIRED : ERR_BAD_DATE, "as_of", "the time of which it is true");
	if (a->valid_until_ms <= a->as_of_ms || a->valid_until_ms - a->as_of_ms > ANNOUNCE_VALID_MAX_MS)
		return why_set(why, a->valid_until_ms == 0 ? ERR_REQUIRED : ERR_BAD_DATE, "valid_until",
			       "after as_of, at most 366 days");
	return OK;
}

enum err
announce_check(const struct announce *a, struct why *why)
{
	enum err e;

	if ((e = check_names(a, why)) != OK || (e = check_for_whom(a, why)) != OK ||
	    (e = check_lines(a->schedule, a->n_schedule, ANNOUNCE_SCHEDULE_MAX, "schedule", why)) != OK ||
	    (e = check_languages(a, why)) != OK || (e = check_where(a, why)) != OK)
		return e;
	return check_room(a, why);
}

/* -- sense -- */

static enum err
check_places(const struct announce *a, struct why *why)
{
	char where[64];

	for (size_t i = 0; i < a->n_municipalities; i++)
		if (!geography_may_be(a->municipalities[i])) {
			(void)snprintf(where, sizeof(where), "municipalities[%zu]", i);
			return why_set(why, ERR_UNKNOWN_CODE, where, "no municipality has this code");
		}
	for (size_t i = 0; i < a->n_places; i++) {
		const struct announce_place *p = &a->places[i];

		(void)snprintf(where, sizeof(where), "places[%zu]", i);
		if (!geography_may_be(p->municipality))
			return why_set(why, ERR_UNKNOWN_CODE, where, "no municipality has this code");
		if (p->ekatte && !geography_agrees(p->municipality, p->ekatte))
			return why_set(why, ERR_PLACE_DISAGREES, where, "the settlement is of another municipality");
	}
	return OK;
}

/* What is said of room is of today, or nobody can count on it. That a service is offered no more can be said at any time. */
enum err
announce_check_sense(const struct announce *a, int64_t now_ms, struct why *why)
{
	enum err e = check_places(a, why);

	if (e != OK || a->is_ended)
		return e;
	if (a->as_of_ms > now_ms + ANNOUNCE_SAID_AHEAD_MS)
		return why_set(why, ERR_YET_TO_COME, "as_of", "the time of which it is true is yet to come");
	if (a->as_of_ms < now_ms - ANNOUNCE_SAID_BEFORE_MS)
		return why_set(why, ERR_OVER, "as_of", "more than %d days ago: say how much room there is now",
			       (int)(ANNOUNCE_SAID_BEFORE_MS / CLOCK_DAY));
	return a->valid_until_ms <= now_ms ? why_set(why, ERR_OVER, "valid_until", "over already") : OK;
}
