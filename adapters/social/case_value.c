/* SPDX-License-Identifier: EUPL-1.2 */
/* case_value - single values of a case's JSON into the record: tolerant in their form, strict in what they mean. */
#include "adapters/social/case.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "proto/base/clock.h"

#define EKATTE_LEN 5
#define DIGITS "0123456789"
#define BLANKS " \t\r\n"

static const char *
text_of(struct arena *mem, const json_t *value)
{
	const char *text = json_string_value(value);
	size_t n;

	if (json_is_integer(value))
		return arena_fmt(mem, "%lld", (long long)json_integer_value(value));
	if (text == NULL)
		return NULL;
	text += strspn(text, BLANKS);
	for (n = strlen(text); n > 0 && strchr(BLANKS, text[n - 1]) != NULL; n--)
		;
	return n > 0 ? arena_strn(mem, text, n) : NULL;
}

const char *
case_text(struct arena *mem, const json_t *object, const char *member)
{
	return text_of(mem, json_object_get(object, member));
}

const char *
case_text_like(struct arena *mem, json_t *object, const char *prefix)
{
	const char *key, *text;
	json_t *value;

	json_object_foreach(object, key, value)
		if (strncmp(key, prefix, strlen(prefix)) == 0 && (text = text_of(mem, value)) != NULL)
			return text;
	return NULL;
}

enum case_truth
case_truth(const json_t *object, const char *member)
{
	const json_t *value = json_object_get(object, member);
	const char *text = json_string_value(value);

	if (json_is_true(value) || (text != NULL && strcasecmp(text, "true") == 0))
		return CASE_TRUE;
	return json_is_false(value) || (text != NULL && strcasecmp(text, "false") == 0) ? CASE_FALSE : CASE_UNSAID;
}

/* -- setting -- */

void
case_fail(struct case_reading *r, enum err e, const char *where, const char *text)
{
	if (r->e == OK)
		r->e = why_set(&r->item->why, e, where, "%s", text);
}

void
case_set(struct case_reading *r, const char *path, const char *text)
{
	if (r->e == OK && text != NULL)
		r->e = record_set(r->record, r->mem, path, text, &r->item->why);
}

/* A number of `least` to `most` digits at *at, which moves behind it; -1: there is none. */
static int
number_at(const char **at, size_t least, size_t most)
{
	size_t n = strspn(*at, DIGITS);
	int v = 0;

	if (n < least || n > most)
		return -1;
	for (; n > 0; n--)
		v = v * 10 + *(*at)++ - '0';
	return v;
}

static bool
is_next(const char **at, const char *any)
{
	bool is = **at != '\0' && strchr(any, **at) != NULL;

	*at += is;
	return is;
}

/* The date that a text begins with, as yyyy-mm-dd, and what follows it; NULL: it begins with none. */
static const char *
date_in(struct arena *mem, const char *text, const char **ret_rest)
{
	int year = number_at(&text, 4, 4), month, day;

	if (!is_next(&text, "-/"))
		return NULL;
	month = number_at(&text, 1, 2);
	if (!is_next(&text, "-/"))
		return NULL;
	day = number_at(&text, 1, 2);
	*ret_rest = text;
	if (!clock_is_date(year, month, day) || (*text != '\0' && *text != ' ' && *text != 'T'))
		return NULL;
	return arena_fmt(mem, "%04d-%02d-%02d", year, month, day);
}

/* " 13:17:05 +0000" as RFC 3339 has it; NULL: it is not of that form. */
static const char *
time_in(struct arena *mem, const char *text)
{
	int hour, minute, second, zone;
	char sign;

	if (!is_next(&text, " ") || (hour = number_at(&text, 1, 2)) < 0 || !is_next(&text, ":") || (minute = number_at(&text, 2, 2)) < 0 ||
	    !is_next(&text, ":") || (second = number_at(&text, 2, 2)) < 0 || !is_next(&text, " "))
		return NULL;
	sign = *text;
	if (!is_next(&text, "+-") || (zone = number_at(&text, 4, 4)) < 0 || *text != '\0')
		return NULL;
	return arena_fmt(mem, "T%02d:%02d:%02d%c%02d:%02d", hour, minute, second, sign, zone / 100, zone % 100);
}

void
case_set_date(struct case_reading *r, const char *path, const char *text)
{
	const char *rest, *date;

	if (r->e != OK || text == NULL)
		return;
	if ((date = date_in(r->mem, text, &rest)) == NULL)
		case_fail(r, ERR_BAD_DATE, path, "not a date yyyy-mm-dd or yyyy/mm/dd");
	case_set(r, path, date);
}

void
case_set_time(struct case_reading *r, const char *path, const char *text)
{
	const char *rest = NULL, *date, *time;

	if (r->e != OK || text == NULL)
		return;
	if ((date = date_in(r->mem, text, &rest)) == NULL) {
		case_fail(r, ERR_BAD_DATE, path, "not a date or time");
		return;
	}
	time = time_in(r->mem, rest);
	case_set(r, path, arena_fmt(r->mem, "%s%s", date, time != NULL ? time : rest));
}

void
case_set_ekatte(struct case_reading *r, const char *path, const char *text)
{
	size_t n = text != NULL ? strlen(text) : 0;

	if (n == 0)
		return;
	if (n > EKATTE_LEN || strspn(text, DIGITS) != n || strspn(text, "0") == n)
		r->dropped++;
	else
		case_set(r, path, arena_fmt(r->mem, "%.*s%s", (int)(EKATTE_LEN - n), "00000", text));
}

static bool
is_hex_of(const char *text, const char *form)
{
	static const char hex[] = "0123456789abcdefABCDEF";

	for (; *text != '\0' && *form != '\0'; text++, form++)
		if (*form == '-' ? *text != '-' : strchr(hex, *text) == NULL)
			return false;
	return *text == '\0' && *form == '\0';
}

/* An UUID goes without its hyphens, so that there is room for it. */
void
case_add_id(struct case_reading *r, const char *type, const char *value)
{
	const struct person *child = r->record->referral != NULL ? r->record->referral->child : NULL;
	const size_t i = child != NULL ? child->n_ids : 0, most = record_field(record_type_by_name("person_id"), "value")->limit;
	char *bare;

	if (r->e != OK || value == NULL || (bare = arena_str(r->mem, value)) == NULL)
		return;
	if (is_hex_of(value, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")) {
		char *to = bare;

		for (const char *from = value; *from != '\0'; from++)
			if (*from != '-')
				*to++ = *from;
		*to = '\0';
	}
	if (strlen(bare) > most) {
		r->dropped++;
		return;
	}
	case_set(r, arena_fmt(r->mem, "referral.child.ids[%zu].type", i), type);
	case_set(r, arena_fmt(r->mem, "referral.child.ids[%zu].value", i), bare);
}

/* Ten digits were meant as one of the two: a mistyped one is told, and not passed over. */
void
case_add_state_number(struct case_reading *r, const char *value)
{
	if (value == NULL)
		return;
	if (strlen(value) != 10 || strspn(value, DIGITS) != 10)
		r->dropped++;
	else
		case_add_id(r, !record_is_egn(value) && record_is_lnch(value) ? "LNCH" : "EGN", value);
}

void
case_set_phone(struct case_reading *r, const char *path, const char *text)
{
	if (text != NULL && strspn(text, "0") != strlen(text))
		case_set(r, path, text);
}

/* Their name for an agency, with or without its prefix ("agency-cif"); our own says nothing of the recipient. The core refuses what it does
 * not know.
 */
void
case_set_target(struct case_reading *r, const char *name, const char *prefix)
{
	const char *agency = name != NULL ? r->env->agency_of(r->env->arg, name) : NULL;

	if (name == NULL)
		return;
	if (agency == NULL && prefix != NULL && strncmp(name, prefix, strlen(prefix)) == 0)
		agency = r->env->agency_of(r->env->arg, name + strlen(prefix));
	if (agency == NULL)
		agency = name;
	if (strcmp(agency, r->env->agency) == 0)
		return;
	r->item->target = arena_str(r->mem, agency);
	case_set(r, "referral.target.agency", agency);
}

/* -- what stays away -- */

static int64_t
leaves(json_t *value)
{
	int64_t n = 0;
	const char *key;
	json_t *inner;
	size_t i;

	json_object_foreach(value, key, inner)
		n += leaves(inner);
	json_array_foreach(value, i, inner)
		n += leaves(inner);
	if (json_is_object(value) || json_is_array(value) || json_is_null(value))
		return n;
	return json_is_string(value) && json_string_length(value) == 0 ? 0 : 1;
}

static int64_t
unread(enum case_shape shape, json_t *object, bool is_of_service)
{
	const char *key;
	json_t *value;
	int64_t n = 0;

	json_object_foreach(object, key, value)
		if (!case_is_read(shape, is_of_service, key))
			n += leaves(value);
	return n;
}

void
case_count_dropped(struct case_reading *r)
{
	r->dropped += unread(r->shape, r->unit->client, false) + unread(r->shape, r->unit->service, true);
	if (r->e == OK && r->dropped > 0)
		r->record->dropped = record_int(r->mem, r->dropped);
}
