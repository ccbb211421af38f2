/* SPDX-License-Identifier: EUPL-1.2 */
/* services_json - a table of fields for what is plain, and a function for each list. What it must say is announce_check's affair. */
#include "adapters/core/services_json.h"

#include <jansson.h>
#include <stdlib.h>

#include "adapters/core/view_json.h"

#define LIST_MAX 64		/* more than any list may have */

enum kind { KIND_TEXT, KIND_NUMBER, KIND_BOOL, KIND_TIME, KIND_TEXTS };

#define AT(member) offsetof(struct announce, member)
static const struct plain {
	const char *name;
	enum kind kind;
	size_t offset, n_offset;
} plains[] = {
	{ "service_id", KIND_TEXT, AT(service_id), 0 },
	{ "agency", KIND_TEXT, AT(agency), 0 },
	{ "service_kind", KIND_TEXT, AT(service_kind), 0 },
	{ "programme", KIND_TEXT, AT(programme), 0 },
	{ "name_bg", KIND_TEXT, AT(name_bg), 0 },
	{ "name_en", KIND_TEXT, AT(name_en), 0 },
	{ "municipalities", KIND_TEXTS, AT(municipalities), AT(n_municipalities) },
	{ "min_age", KIND_NUMBER, AT(min_age), 0 },
	{ "max_age", KIND_NUMBER, AT(max_age), 0 },
	{ "eligibility", KIND_TEXT, AT(eligibility), 0 },
	{ "requires_napravlenie", KIND_BOOL, AT(requires_napravlenie), 0 },
	{ "schedule", KIND_TEXTS, AT(schedule), AT(n_schedule) },
	{ "languages", KIND_TEXTS, AT(languages), AT(n_languages) },
	{ "capacity_status", KIND_TEXT, AT(capacity_status), 0 },
	{ "unit", KIND_TEXT, AT(unit), 0 },
	{ "total", KIND_NUMBER, AT(total), 0 },
	{ "funded", KIND_NUMBER, AT(funded), 0 },
	{ "available", KIND_NUMBER, AT(available), 0 },
	{ "waiting", KIND_NUMBER, AT(waiting), 0 },
	{ "median_wait_days", KIND_NUMBER, AT(median_wait_days), 0 },
	{ "as_of", KIND_TIME, AT(as_of_ms), 0 },
	{ "valid_until", KIND_TIME, AT(valid_until_ms), 0 },
	{ "ended", KIND_BOOL, AT(is_ended), 0 },
};
#undef AT

void
services_json_blank(struct announce *announce)
{
	*announce = (struct announce){
		.min_age = ANNOUNCE_UNSAID, .max_age = ANNOUNCE_UNSAID, .total = ANNOUNCE_UNSAID, .funded = ANNOUNCE_UNSAID,
		.available = ANNOUNCE_UNSAID, .waiting = ANNOUNCE_UNSAID, .median_wait_days = ANNOUNCE_UNSAID,
	};
}

/* -- reading -- */

static enum err
wrong(const char *name, const char *text, struct why *why)
{
	return why_set(why, ERR_FORMAT, name, "%s", text);
}

static const char *
text_of(const json_t *value, struct arena *mem)
{
	return json_string_length(value) == strlen(json_string_value(value)) ? arena_str(mem, json_string_value(value)) : NULL;
}

static enum err
read_texts(const json_t *value, const char *name, struct arena *mem, const char ***ret, size_t *ret_n, struct why *why)
{
	size_t n = json_array_size(value);
	const char **items;

	if (!json_is_array(value))
		return wrong(name, "a list of texts", why);
	if (n > LIST_MAX)
		return why_set(why, ERR_TOOMANY, name, "at most %d", LIST_MAX);
	if ((items = arena_array(mem, n, sizeof(*items))) == NULL && n > 0)
		return ERR_TOOBIG;
	for (size_t i = 0; i < n; i++) {
		if (!json_is_string(json_array_get(value, i)))
			return wrong(name, "a list of texts", why);
		if ((items[i] = text_of(json_array_get(value, i), mem)) == NULL)
			return wrong(name, "a text with a NUL in it", why);
	}
	*ret = items;
	*ret_n = n;
	return OK;
}

static enum err
read_number(const json_t *value, const char *name, int32_t *ret, struct why *why)
{
	if (json_is_null(value)) {
		*ret = ANNOUNCE_UNSAID;
		return OK;
	}
	if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > ANNOUNCE_COUNT_MAX)
		return why_set(why, ERR_BAD_NUMBER, name, "a whole number from 0 to %d", ANNOUNCE_COUNT_MAX);
	*ret = (int32_t)json_integer_value(value);
	return OK;
}

static enum err
read_plain(const struct plain *f, const json_t *value, struct arena *mem, struct announce *a, struct why *why)
{
	void *at = (char *)a + f->offset;
	const char *text = NULL;
	const char **texts = NULL;
	int32_t number;
	size_t n = 0;
	int64_t ms;
	bool b;
	enum err e;

	switch (f->kind) {
	case KIND_TEXT:
		if (!json_is_null(value) && (!json_is_string(value) || (text = text_of(value, mem)) == NULL))
			return wrong(f->name, "a text", why);
		memcpy(at, &text, sizeof(text));
		return OK;
	case KIND_NUMBER:
		if ((e = read_number(value, f->name, &number, why)) == OK)
			memcpy(at, &number, sizeof(number));
		return e;
	case KIND_BOOL:
		if (!json_is_boolean(value))
			return wrong(f->name, "true or false", why);
		b = json_is_true(value);
		memcpy(at, &b, sizeof(b));
		return OK;
	case KIND_TIME:
		if (!json_is_string(value) || clock_parse(json_string_value(value), &ms) != OK)
			return why_set(why, ERR_BAD_DATE, f->name, "a time such as 2026-03-02T10:00:00Z");
		memcpy(at, &ms, sizeof(ms));
		return OK;
	case KIND_TEXTS:
		if ((e = read_texts(value, f->name, mem, &texts, &n, why)) != OK)
			return e;
		memcpy(at, &texts, sizeof(texts));
		memcpy((char *)a + f->n_offset, &n, sizeof(n));
		return OK;
	}
	return OK;
}

/* A text of an object in a list; NULL: absent, or none. */
static const char *
part(const json_t *object, const char *name, struct arena *mem)
{
	const json_t *value = json_object_get(object, name);

	return json_is_string(value) ? text_of(value, mem) : NULL;
}

static enum err
read_contacts(const json_t *value, struct arena *mem, struct announce *a, struct why *why)
{
	size_t n = json_array_size(value);

	if (!json_is_array(value) || n > LIST_MAX)
		return wrong("contacts", "a list of objects with kind and value", why);
	if ((a->contacts = arena_array(mem, n, sizeof(*a->contacts))) == NULL && n > 0)
		return ERR_TOOBIG;
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_array_get(value, i);

		if (!json_is_object(one) || json_object_size(one) != 2)
			return wrong("contacts", "a list of objects with kind and value", why);
		a->contacts[i] = (struct announce_contact){ part(one, "kind", mem), part(one, "value", mem) };
	}
	a->n_contacts = n;
	return OK;
}

static enum err
read_places(const json_t *value, struct arena *mem, struct announce *a, struct why *why)
{
	size_t n = json_array_size(value), known;

	if (!json_is_array(value) || n > LIST_MAX)
		return wrong("places", "a list of objects with municipality, ekatte and address", why);
	if ((a->places = arena_array(mem, n, sizeof(*a->places))) == NULL && n > 0)
		return ERR_TOOBIG;
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_array_get(value, i);
		struct announce_place *p = &a->places[i];

		*p = (struct announce_place){ part(one, "municipality", mem), part(one, "ekatte", mem), part(one, "address", mem) };
		known = (size_t)(p->municipality != NULL) + (p->ekatte != NULL) + (p->address != NULL);
		if (!json_is_object(one) || json_object_size(one) != known)
			return wrong("places", "a list of objects with municipality, ekatte and address", why);
	}
	a->n_places = n;
	return OK;
}

/* What only the view says, so that what was read may be sent back. */
static bool
is_views(const char *name)
{
	static const char *const names[] = { "agency_name_bg", "agency_name_en", "room", "stored", "refused", "ours" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static enum err
read_field(const char *name, const json_t *value, struct arena *mem, struct announce *a, int32_t *days, struct why *why)
{
	char known[VIEW_NAME_LEN];

	for (size_t i = 0; i < sizeof(plains) / sizeof(plains[0]); i++)
		if (strcmp(plains[i].name, name) == 0)
			return read_plain(&plains[i], value, mem, a, why);
	if (strcmp(name, "contacts") == 0)
		return read_contacts(value, mem, a, why);
	if (strcmp(name, "places") == 0)
		return read_places(value, mem, a, why);
	if (strcmp(name, "valid_days") == 0) {
		enum err e = read_number(value, name, days, why);

		return e == OK && (*days < 1 || *days > 366) ? why_set(why, ERR_BAD_NUMBER, name, "from 1 to 366") : e;
	}
	if (is_views(name))
		return OK;
	view_json_name(name, strlen(name), known);
	return why_set(why, ERR_UNKNOWN_FIELD, known, "is not a field of a service");
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum err
services_json_read(const json_t *root, int64_t now_ms, struct arena *mem, struct announce *announce, struct why *why)
{
	int64_t lasted = announce->valid_until_ms - announce->as_of_ms;
	json_t *object = (json_t *)(uintptr_t)root;	/* jansson iterates over what it does not change */
	int32_t days = ANNOUNCE_UNSAID;
	const char *name;
	json_t *value;
	enum err e;

	if (!json_is_object(root))
		return why_set(why, ERR_SYNTAX, "announcement", "not an object");
	announce->as_of_ms = now_ms;
	announce->valid_until_ms = 0;
	json_object_foreach(object, name, value)
		if ((e = read_field(name, value, mem, announce, &days, why)) != OK)
			return e;
	if (announce->valid_until_ms == 0 && days != ANNOUNCE_UNSAID)
		announce->valid_until_ms = announce->as_of_ms + days * CLOCK_DAY;
	else if (announce->valid_until_ms == 0 && lasted > 0)
		announce->valid_until_ms = announce->as_of_ms + lasted;
	if (announce->n_municipalities > 1)
		qsort(announce->municipalities, announce->n_municipalities, sizeof(*announce->municipalities), compare_texts);
	return arena_is_full(mem) ? ERR_TOOBIG : OK;
}

/* -- writing -- */

static json_t *
texts_json(const char *const *items, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_string(items[i]));
	return list;
}

static void
write_plain(const struct plain *f, const struct announce *a, json_t *to)
{
	const void *at = (const char *)a + f->offset;
	const char *const *texts;
	const char *text;
	int32_t number;
	int64_t ms;
	size_t n;
	bool b;

	switch (f->kind) {
	case KIND_TEXT:
		memcpy(&text, at, sizeof(text));
		view_json_text(to, f->name, text);
		break;
	case KIND_NUMBER:
		memcpy(&number, at, sizeof(number));
		if (number != ANNOUNCE_UNSAID)
			json_object_set_new(to, f->name, json_integer(number));
		break;
	case KIND_BOOL:
		memcpy(&b, at, sizeof(b));
		json_object_set_new(to, f->name, json_boolean(b));
		break;
	case KIND_TIME:
		memcpy(&ms, at, sizeof(ms));
		view_json_time(to, f->name, ms);
		break;
	case KIND_TEXTS:
		memcpy(&texts, at, sizeof(texts));
		memcpy(&n, (const char *)a + f->n_offset, sizeof(n));
		json_object_set_new(to, f->name, texts_json(texts, n));
		break;
	}
}

json_t *
services_json_write(const struct service *s, int64_t now_ms)
{
	const struct announce *a = &s->announce;
	json_t *to = json_object(), *contacts = json_array(), *places = json_array();

	for (size_t i = 0; i < sizeof(plains) / sizeof(plains[0]); i++)
		write_plain(&plains[i], a, to);
	for (size_t i = 0; i < a->n_contacts; i++)
		json_array_append_new(contacts, json_pack("{s:s, s:s}", "kind", a->contacts[i].kind, "value", a->contacts[i].value));
	for (size_t i = 0; i < a->n_places; i++)
		json_array_append_new(places, json_pack("{s:s, s:s*, s:s*}", "municipality", a->places[i].municipality, "ekatte",
							a->places[i].ekatte, "address", a->places[i].address));
	json_object_set_new(to, "contacts", contacts);
	json_object_set_new(to, "places", places);
	if (s->agency) {
		view_json_text(to, "agency_name_bg", s->agency->name_bg);
		view_json_text(to, "agency_name_en", s->agency->name_en);
	}
	json_object_set_new(to, "room", json_string(announce_room_name(announce_room(a, now_ms))));
	json_object_set_new(to, "ours", json_boolean(s->is_ours));
	if (s->is_ours)
		json_object_set_new(to, "stored", json_boolean(s->leaf != 0));
	if (s->refused != OK)
		json_object_set_new(to, "refused", json_string(err_code(s->refused)));
	return to;
}
