/* SPDX-License-Identifier: EUPL-1.2 */
/* record_sense - of a record that is whole and in form: could it be true? What a tired person or a wrong column makes of a child: the number
 * of a sister, the settlement of the next municipality, a year that has not come.
 *
 * Walks by the type description, as record_check does; what is to be asked stands in four tables. The texts given never hold a value.
 */
#include "proto/record.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/geography.h"
#include "proto/record_place.h"

#define CLOCKS_APART_MS CLOCK_DAY	/* how far ahead a system's clock or its time zone may be before a time is called a future one */
#define MIDNIGHTS_APART_MS CLOCK_HOUR	/* how far around midnight a day is not held against a clock that is on another */

enum moment { MOMENT_HAPPENED, MOMENT_PROMISED, MOMENT_DEADLINE };

static const struct { const char *type, *field; enum moment moment; } moments[] = {
	{ "person", "birth_date", MOMENT_HAPPENED },
	{ "consent", "given_on", MOMENT_HAPPENED },
	{ "prior_service", "since", MOMENT_HAPPENED },
	{ "attendance", "period_from", MOMENT_HAPPENED },
	{ "referral", "authored_on", MOMENT_HAPPENED },
	{ "referral", "respond_by", MOMENT_DEADLINE },
	{ "status", "at", MOMENT_HAPPENED },
	{ "status", "answer_by", MOMENT_DEADLINE },
	{ "waitlist", "review_by", MOMENT_DEADLINE },
	{ "outcome", "closed_on", MOMENT_HAPPENED },
	{ "assessment", "done_on", MOMENT_HAPPENED },
	{ "info_request", "answer_by", MOMENT_DEADLINE },
	{ "delivered_service", "from", MOMENT_HAPPENED },
	{ "outcome_report", "closed_on", MOMENT_HAPPENED },
	{ "cancellation", "at", MOMENT_HAPPENED },
	{ "cancellation", "shred_confirmed_at", MOMENT_HAPPENED },
	{ "consent_change", "at", MOMENT_HAPPENED },
	{ "consent_answer", "at", MOMENT_HAPPENED },
	{ "conference", "start", MOMENT_DEADLINE },
	{ "conference", "decide_by", MOMENT_DEADLINE },
	{ "decision", "next_review", MOMENT_DEADLINE },
	{ "commitment", "due", MOMENT_PROMISED },
	{ "commitment_update", "at", MOMENT_HAPPENED },
	{ "commitment_update", "new_due", MOMENT_PROMISED },
	{ "transfer", "respond_by", MOMENT_DEADLINE },
};

static const struct { const char *type, *first, *last; } spans[] = {
	{ "attendance", "period_from", "period_to" },
	{ "appointment", "start", "end" },
	{ "assessment", "done_on", "valid_until" },
	{ "delivered_service", "from", "to" },
	{ "conference", "start", "end" },
};

static const struct { const char *type, *field; } municipalities[] = {
	{ "address", "municipality" }, { "preview", "municipality" }, { "transfer", "from_municipality" }, { "transfer", "to_municipality" },
	{ "responsibility", "municipality" },
};

struct sense {
	int64_t now_ms;
	struct why *why;
	bool is_over;			/* deadlines are what is looked for */
};

/* -- days and times -- */

static int
before(const struct civil *a, const struct civil *b)
{
	return a->year != b->year ? a->year < b->year : a->month != b->month ? a->month < b->month : a->day < b->day;
}

/* -1: over, 1: yet to come, 0: now, absent or none. A day is over when it has ended in Bulgaria, by a clock that is late too. */
static int
side_of(const struct field *f, const void *value, int64_t now_ms)
{
	struct civil first, last, day;
	int64_t ms;

	if (value == NULL || now_ms <= 0)
		return 0;
	if (f->kind == FIELD_TIME) {
		memcpy(&ms, value, sizeof(ms));
		return ms < now_ms ? -1 : ms > now_ms + CLOCKS_APART_MS ? 1 : 0;
	}
	if (clock_parse_date(value, &day) != OK)
		return 0;
	first = clock_to_sofia(now_ms - MIDNIGHTS_APART_MS, NULL);
	last = clock_to_sofia(now_ms + MIDNIGHTS_APART_MS, NULL);
	return before(&day, &first) ? -1 : before(&last, &day);
}

static enum err
check_moment(const struct sense *s, const struct field *f, const void *value, enum moment moment, const struct record_place *at)
{
	int side = side_of(f, value, s->now_ms);

	if (s->is_over)
		return moment == MOMENT_DEADLINE && side < 0 ? record_place_fault(at, ERR_OVER, "is over already", s->why) : OK;
	if (moment == MOMENT_HAPPENED && side > 0)
		return record_place_fault(at, ERR_YET_TO_COME, "says what has happened, and is yet to come", s->why);
	if (moment == MOMENT_PROMISED && side < 0)
		return record_place_fault(at, ERR_OVER, "is promised, and is over already", s->why);
	return OK;
}

static enum err
check_moments(const struct sense *s, const struct record_type *type, const void *msg, const struct record_place *up)
{
	enum err e = OK;

	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]) && e == OK; i++)
		if (strcmp(moments[i].type, type->name) == 0) {
			const struct field *f = record_field(type, moments[i].field);
			const struct record_place at = { up, f->name, 0, false };

			e = check_moment(s, f, record_at(msg, f), moments[i].moment, &at);
		}
	return e;
}

/* -- spans -- */

static bool
is_reversed(const struct field *f, const void *first, const void *last)
{
	struct civil from, to;
	int64_t a, b;

	if (first == NULL || last == NULL)
		return false;
	if (f->kind == FIELD_DATE)
		return clock_parse_date(first, &from) == OK && clock_parse_date(last, &to) == OK && before(&to, &from);
	memcpy(&a, first, sizeof(a));
	memcpy(&b, last, sizeof(b));
	return b < a;
}

static enum err
check_spans(const struct sense *s, const struct record_type *type, const void *msg, const struct record_place *up)
{
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
		if (strcmp(spans[i].type, type->name) == 0) {
			const struct field *first = record_field(type, spans[i].first), *last = record_field(type, spans[i].last);
			const struct record_place at = { up, last->name, 0, false };

			if (is_reversed(first, record_at(msg, first), record_at(msg, last)))
				return record_place_fault(&at, ERR_ENDS_FIRST, "ends before it begins", s->why);
		}
	return OK;
}

/* -- people -- */

static enum err
check_person(const struct sense *s, const struct person *p, const struct record_place *up)
{
	for (size_t i = 0; i < p->n_ids; i++) {
		const struct record_place id = { up, "ids", i, true }, value = { &id, "value", 0, false };
		const char *type = p->ids[i]->type, *number = p->ids[i]->value;

		if (type == NULL || strcmp(type, "EGN") != 0 || !record_is_egn(number))
			continue;
		if (!record_egn_tells_date(number, p->birth_date, p->birth_date_accuracy))
			return record_place_fault(&value, ERR_ID_DISAGREES, "this EGN is of another birth date than the one beside it", s->why);
		if (!record_egn_tells_gender(number, p->gender))
			return record_place_fault(&value, ERR_ID_DISAGREES, "this EGN is of the other sex than the one beside it", s->why);
	}
	return OK;
}

/* -- places -- */

static enum err
check_municipalities(const struct sense *s, const struct record_type *type, const void *msg, const struct record_place *up)
{
	for (size_t i = 0; i < sizeof(municipalities) / sizeof(municipalities[0]); i++)
		if (strcmp(municipalities[i].type, type->name) == 0) {
			const struct field *f = record_field(type, municipalities[i].field);
			const struct record_place at = { up, f->name, 0, false };
			const char *code = record_at(msg, f);

			if (code && geography_is_form(code) && !geography_may_be(code))
				return record_place_fault(&at, ERR_UNKNOWN_CODE, "no municipality has this code", s->why);
		}
	return OK;
}

/* What stands for the oblast outside of Bulgaria, or is no code of three letters, is not ours to judge. */
static enum err
check_address(const struct sense *s, const struct address *a, const struct record_place *up)
{
	const struct record_place county = { up, "county", 0, false }, ekatte = { up, "ekatte", 0, false };
	bool is_here = a->country == NULL || strcmp(a->country, "BG") == 0 || strcmp(a->country, "BGR") == 0;

	if (is_here && a->county && strlen(a->county) == 3 && strspn(a->county, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3 && !geography_is_oblast(a->county))
		return record_place_fault(&county, ERR_UNKNOWN_CODE, "no oblast has this code", s->why);
	if (geography_is_form(a->municipality) && a->ekatte && !geography_agrees(a->municipality, a->ekatte))
		return record_place_fault(&ekatte, ERR_PLACE_DISAGREES, "this settlement is of another municipality than the one beside it", s->why);
	return OK;
}

/* -- the walk -- */

static enum err
check_one(const struct sense *s, const struct record_type *type, const void *msg, const struct record_place *up)
{
	enum err e = check_moments(s, type, msg, up);

	if (e != OK || s->is_over)
		return e;
	if ((e = check_spans(s, type, msg, up)) != OK || (e = check_municipalities(s, type, msg, up)) != OK)
		return e;
	if (strcmp(type->name, "person") == 0)
		return check_person(s, msg, up);
	return strcmp(type->name, "address") == 0 ? check_address(s, msg, up) : OK;
}

static enum err
check_message(const struct sense *s, const struct record_type *type, const void *msg, const struct record_place *up)
{
	enum err e = check_one(s, type, msg, up);

	for (size_t i = 0; i < type->n_fields && e == OK; i++) {
		const struct field *f = &type->fields[i];
		struct record_place at = { up, f->name, 0, f->kind == FIELD_MSGS };
		const void *const *items = record_at(msg, f);

		if (f->kind == FIELD_MSG && items)
			e = check_message(s, f->of, items, &at);
		for (size_t n = f->kind == FIELD_MSGS ? record_count(msg, f) : 0; at.index < n && e == OK; at.index++)
			e = check_message(s, f->of, items[at.index], &at);
	}
	return e;
}

enum err
record_check_sense(const struct record *record, int64_t now_ms, struct why *why)
{
	return check_message(&(struct sense){ .now_ms = now_ms, .why = why }, record_type(), record, NULL);
}

bool
record_find_over(const struct record *record, int64_t now_ms, char *to, size_t cap)
{
	struct why why;

	if (check_message(&(struct sense){ .now_ms = now_ms, .why = &why, .is_over = true }, record_type(), record, NULL) == OK)
		return false;
	(void)snprintf(to, cap, "%s", why.where);
	return true;
}
