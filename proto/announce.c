/* SPDX-License-Identifier: EUPL-1.2 */
/* announce - struct announce <-> canonical bytes. What it must say stands in announce_check.c. */
#include "proto/announce.h"

#include "proto/pack.h"
#include "proto/schema/announce.pb-c.h"

static void
put_number(int32_t v, protobuf_c_boolean *has, uint32_t *to)
{
	*has = v != ANNOUNCE_UNSAID;
	*to = v == ANNOUNCE_UNSAID ? 0 : (uint32_t)v;
}

static bool
put_texts(const char *const *from, size_t n, struct arena *mem, char ***ret_to, size_t *ret_n)
{
	char **to = arena_array(mem, n, sizeof(*to));

	for (size_t i = 0; to && i < n; i++)
		to[i] = pack_text(from[i]);
	*ret_to = to;
	*ret_n = n;
	return to != NULL || n == 0;
}

/* An absent text of proto2 is NULL, not empty. */
static char *
text(const char *s)
{
	return s ? pack_text(s) : NULL;
}

static bool
put_contacts(const struct announce *a, struct arena *mem, Hub__V1__Announce *m)
{
	Hub__V1__AnnounceContact *items = arena_array(mem, a->n_contacts, sizeof(*items));

	m->contacts = arena_array(mem, a->n_contacts, sizeof(*m->contacts));
	for (size_t i = 0; items && m->contacts && i < a->n_contacts; i++) {
		m->contacts[i] = &items[i];
		hub__v1__announce_contact__init(&items[i]);
		items[i].kind = text(a->contacts[i].kind);
		items[i].value = text(a->contacts[i].value);
	}
	m->n_contacts = a->n_contacts;
	return a->n_contacts == 0 || (items && m->contacts);
}

static bool
put_places(const struct announce *a, struct arena *mem, Hub__V1__Announce *m)
{
	Hub__V1__AnnouncePlace *items = arena_array(mem, a->n_places, sizeof(*items));

	m->places = arena_array(mem, a->n_places, sizeof(*m->places));
	for (size_t i = 0; items && m->places && i < a->n_places; i++) {
		m->places[i] = &items[i];
		hub__v1__announce_place__init(&items[i]);
		items[i].municipality = text(a->places[i].municipality);
		items[i].ekatte = text(a->places[i].ekatte);
		items[i].address = text(a->places[i].address);
	}
	m->n_places = a->n_places;
	return a->n_places == 0 || (items && m->places);
}

enum err
announce_encode(const struct announce *a, struct arena *mem, struct span *ret_bytes, struct why *why)
{
	Hub__V1__Announce m;
	struct span bytes;
	enum err e;

	if ((e = announce_check(a, why)) != OK)
		return e;
	hub__v1__announce__init(&m);
	m.service_id = text(a->service_id);
	m.agency = text(a->agency);
	m.service_kind = text(a->service_kind);
	m.programme = text(a->programme);
	m.name_bg = text(a->name_bg);
	m.name_en = text(a->name_en);
	m.eligibility = text(a->eligibility);
	m.capacity_status = text(a->capacity_status);
	m.unit = text(a->unit);
	put_number(a->min_age, &m.has_min_age, &m.min_age);
	put_number(a->max_age, &m.has_max_age, &m.max_age);
	put_number(a->total, &m.has_total, &m.total);
	put_number(a->funded, &m.has_funded, &m.funded);
	put_number(a->available, &m.has_available, &m.available);
	put_number(a->waiting, &m.has_waiting, &m.waiting);
	put_number(a->median_wait_days, &m.has_median_wait_days, &m.median_wait_days);
	m.has_requires_napravlenie = true;
	m.requires_napravlenie = a->requires_napravlenie;
	m.has_as_of_ms = m.has_valid_until_ms = true;
	m.as_of_ms = a->as_of_ms;
	m.valid_until_ms = a->valid_until_ms;
	m.has_ended = m.ended = a->is_ended;
	if (!put_texts(a->municipalities, a->n_municipalities, mem, &m.municipalities, &m.n_municipalities) ||
	    !put_texts(a->schedule, a->n_schedule, mem, &m.schedule, &m.n_schedule) ||
	    !put_texts(a->languages, a->n_languages, mem, &m.languages, &m.n_languages) || !put_contacts(a, mem, &m) ||
	    !put_places(a, mem, &m) || pack_encode(&m.base, mem, &bytes) != OK)
		return why_set(why, ERR_TOOBIG, "announce", "no room");
	if (bytes.n > ANNOUNCE_BODY_MAX)
		return why_set(why, ERR_TOOBIG, "announce", "%zu bytes, at most %d", bytes.n, ANNOUNCE_BODY_MAX);
	*ret_bytes = bytes;
	return OK;
}

/* False: a number beyond what it may be. */
static bool
take_number(protobuf_c_boolean has, uint32_t v, int32_t *to)
{
	*to = has ? (int32_t)(v & INT32_MAX) : ANNOUNCE_UNSAID;
	return v <= INT32_MAX;
}

static const char **
take_texts(char **from, size_t n, struct arena *mem)
{
	const char **to = arena_array(mem, n, sizeof(*to));

	for (size_t i = 0; to && i < n; i++)
		to[i] = from[i];
	return to;
}

static bool
take_lists(const Hub__V1__Announce *m, struct arena *mem, struct announce *a)
{
	a->n_municipalities = m->n_municipalities;
	a->municipalities = take_texts(m->municipalities, m->n_municipalities, mem);
	a->n_schedule = m->n_schedule;
	a->schedule = take_texts(m->schedule, m->n_schedule, mem);
	a->n_languages = m->n_languages;
	a->languages = take_texts(m->languages, m->n_languages, mem);
	a->n_contacts = m->n_contacts;
	a->contacts = arena_array(mem, m->n_contacts, sizeof(*a->contacts));
	a->n_places = m->n_places;
	a->places = arena_array(mem, m->n_places, sizeof(*a->places));
	if (arena_is_full(mem))
		return false;
	for (size_t i = 0; i < m->n_contacts; i++)
		a->contacts[i] = (struct announce_contact){ m->contacts[i]->kind, m->contacts[i]->value };
	for (size_t i = 0; i < m->n_places; i++)
		a->places[i] = (struct announce_place){ m->places[i]->municipality, m->places[i]->ekatte, m->places[i]->address };
	return true;
}

static bool
take_numbers(const Hub__V1__Announce *m, struct announce *a)
{
	return take_number(m->has_min_age, m->min_age, &a->min_age) && take_number(m->has_max_age, m->max_age, &a->max_age) &&
	       take_number(m->has_total, m->total, &a->total) && take_number(m->has_funded, m->funded, &a->funded) &&
	       take_number(m->has_available, m->available, &a->available) &&
	       take_number(m->has_waiting, m->waiting, &a->waiting) &&
	       take_number(m->has_median_wait_days, m->median_wait_days, &a->median_wait_days);
}

enum err
announce_decode(struct span bytes, struct arena *mem, struct announce *ret_announce, struct why *why)
{
	struct announce a = { 0 };
	const Hub__V1__Announce *m;
	ProtobufCMessage *base;
	enum err e;

	if (bytes.n > ANNOUNCE_BODY_MAX)
		return why_set(why, ERR_TOOBIG, "announce", "%zu bytes", bytes.n);
	if ((e = pack_decode(&hub__v1__announce__descriptor, bytes, true, mem, &base)) != OK)
		return why_set(why, e, "announce", "not an announcement in canonical form");
	m = (const Hub__V1__Announce *)base;
	a.service_id = m->service_id;
	a.agency = m->agency;
	a.service_kind = m->service_kind;
	a.programme = m->programme;
	a.name_bg = m->name_bg;
	a.name_en = m->name_en;
	a.eligibility = m->eligibility;
	a.requires_napravlenie = m->requires_napravlenie != 0;
	a.capacity_status = m->capacity_status;
	a.unit = m->unit;
	a.as_of_ms = m->as_of_ms;
	a.valid_until_ms = m->valid_until_ms;
	a.is_ended = m->ended != 0;
	/* what is always written, and what is written only if true: one form for one content */
	if (!m->has_requires_napravlenie || m->has_ended != m->ended)
		return why_set(why, ERR_FORMAT, "announce", "not an announcement in canonical form");
	if (!take_numbers(m, &a))
		return why_set(why, ERR_BAD_NUMBER, "announce", "a number is too great");
	if (!take_lists(m, mem, &a))
		return why_set(why, ERR_TOOBIG, "announce", "no room");
	if ((e = announce_check(&a, why)) != OK)
		return e;
	*ret_announce = a;
	return OK;
}

enum announce_room
announce_room(const struct announce *a, int64_t now_ms)
{
	if (now_ms >= a->valid_until_ms)
		return ANNOUNCE_STALE;
	if (strcmp(a->capacity_status, "waitlist") == 0)
		return ANNOUNCE_WAITLIST;
	if (strcmp(a->capacity_status, "additional-assessment-required") == 0)
		return ANNOUNCE_ASSESSMENT_FIRST;
	return strcmp(a->capacity_status, "capacity") == 0 ? ANNOUNCE_FREE : ANNOUNCE_FULL;
}

const char *
announce_room_name(enum announce_room room)
{
	switch (room) {
	case ANNOUNCE_FREE:
		return "free";
	case ANNOUNCE_WAITLIST:
		return "waitlist";
	case ANNOUNCE_FULL:
		return "full";
	case ANNOUNCE_ASSESSMENT_FIRST:
		return "assessment-first";
	case ANNOUNCE_STALE:
		return "stale";
	}
	return "?";
}
