/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_service - the directory of services as HealthcareService: read and searched, never written. MAPPING.md, "Services". */
#include "adapters/health/fhir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "adapters/core/services_find.h"

#define ID_MAX 64		/* of a FHIR id */

/* -- one service -- */

/* "plovdiv-cop.psych-1"; what FHIR would not take as an id becomes a number that is always the same. */
static const char *
id_of(const struct announce *a, struct arena *mem)
{
	const char *id = arena_fmt(mem, "%s.%s", a->agency, a->service_id);
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	if (id != NULL && strlen(id) <= ID_MAX && strchr(id, '_') == NULL)
		return id;
	for (const char *p = id; p != NULL && *p != '\0'; p++)
		h = (h ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
	return arena_fmt(mem, "service-%016llx", (unsigned long long)h);
}

static void
put_count(json_t *to, const char *name, int32_t n)
{
	if (n != ANNOUNCE_UNSAID)
		fhir_put_extension(to, name, "valueInteger", json_integer(n));
}

static json_t *
new_time(int64_t ms)
{
	json_t *holder = json_object(), *text;

	fhir_put_time(holder, "t", &ms);
	text = json_incref(json_object_get(holder, "t"));
	json_decref(holder);
	return text;
}

static json_t *
new_capacity(const struct announce *a)
{
	json_t *to = json_pack("{s:s}", "url", FHIR_EXT "capacity");

	fhir_put_extension(to, "status", "valueCode", json_string(a->capacity_status));
	fhir_put_extension(to, "unit", "valueCode", json_string(a->unit));
	put_count(to, "total", a->total);
	put_count(to, "funded", a->funded);
	put_count(to, "available", a->available);
	put_count(to, "waiting", a->waiting);
	put_count(to, "median-wait-days", a->median_wait_days);
	fhir_put_extension(to, "as-of", "valueDateTime", new_time(a->as_of_ms));
	fhir_put_extension(to, "valid-until", "valueDateTime", new_time(a->valid_until_ms));
	return to;
}

static void
put_where(json_t *to, const struct announce *a)
{
	for (size_t i = 0; i < a->n_places; i++) {
		const struct announce_place *p = &a->places[i];
		json_t *at = fhir_new_logical("Location", p->ekatte != NULL ? FHIR_SYS_EKATTE : FHIR_SYS_MUNICIPALITY,
					      p->ekatte != NULL ? p->ekatte : p->municipality);

		if (at == NULL)
			at = json_object();
		fhir_put(at, "display", p->address);
		fhir_add_new(to, "location", at);
	}
	for (size_t i = 0; i < a->n_municipalities; i++)
		fhir_add_new(to, "coverageArea", fhir_new_logical("Location", FHIR_SYS_MUNICIPALITY, a->municipalities[i]));
}

static void
put_reach(json_t *to, const struct announce *a)
{
	static const char *const systems[] = { "phone", "fax", "email", "pager", "url", "sms" };

	for (size_t i = 0; i < a->n_contacts; i++) {
		const char *system = "other";

		for (size_t k = 0; k < sizeof(systems) / sizeof(systems[0]); k++)
			if (strcmp(systems[k], a->contacts[i].kind) == 0)
				system = systems[k];
		fhir_add_new(to, "telecom", json_pack("{s:s, s:s}", "system", system, "value", a->contacts[i].value));
	}
	for (size_t i = 0; i < a->n_languages; i++)
		fhir_add_new(to, "communication", fhir_new_coded("urn:ietf:bcp:47", a->languages[i], NULL));
}

static void
put_for_whom(json_t *to, const struct announce *a, struct arena *mem)
{
	json_t *who = json_object();
	struct buf text;

	put_count(who, FHIR_EXT "min-age", a->min_age);
	put_count(who, FHIR_EXT "max-age", a->max_age);
	fhir_put(who, "comment", a->eligibility);
	if (json_object_size(who) > 0)
		fhir_add_new(to, "eligibility", who);
	else
		json_decref(who);
	buf_init(&text, mem);
	for (size_t i = 0; i < a->n_schedule; i++)
		buf_fmt(&text, "%s%s", i > 0 ? "; " : "", a->schedule[i]);
	if (text.n > 0)
		fhir_put(to, "availabilityExceptions", buf_text(&text));
}

static json_t *
new_service(const struct service *s, int64_t now_ms, struct arena *mem)
{
	const struct announce *a = &s->announce;
	json_t *to = json_pack("{s:s, s:s*, s:{s:o}}", "resourceType", "HealthcareService", "id", id_of(a, mem), "meta", "lastUpdated",
			       new_time(s->created_ms));
	json_t *by = fhir_new_logical("Organization", FHIR_SYS_AGENCY, a->agency);

	fhir_add_new(to, "extension", new_capacity(a));
	fhir_put_extension(to, FHIR_EXT "requires-napravlenie", "valueBoolean", json_boolean(a->requires_napravlenie));
	fhir_add_new(to, "identifier", fhir_new_identifier(NULL, FHIR_SYS_SERVICE_ID, a->service_id));
	json_object_set_new(to, "active", json_boolean(!a->is_ended));
	if (s->agency != NULL)
		fhir_put(by, "display", s->agency->name_bg);
	fhir_put_new(to, "providedBy", by);
	if (a->programme != NULL)
		fhir_add_new(to, "category", fhir_new_coded(FHIR_SYS_PROGRAMME, a->programme, NULL));
	fhir_add_new(to, "type", fhir_new_coded(FHIR_SYS_SERVICE, a->service_kind, NULL));
	fhir_put(to, "name", a->name_bg);
	fhir_put(to, "comment", a->name_en);
	put_where(to, a);
	put_reach(to, a);
	put_for_whom(to, a, mem);
	fhir_add_new(to, "characteristic", fhir_new_coded(FHIR_SYS_ROOM, announce_room_name(announce_room(a, now_ms)), NULL));
	return to;
}

/* -- which of them -- */

/* What stands behind the last '|' or '/'. */
static const char *
tail(const char *value)
{
	const char *bar = strrchr(value, '|');

	if (bar == NULL)
		bar = strrchr(value, '/');
	return bar != NULL ? bar + 1 : value;
}

static bool
fits_term(const struct fhir_term *t, const struct service *s, struct services_query *q, const struct sector_env *env, struct arena *mem)
{
	const struct announce *a = &s->announce;
	const char *value = tail(t->value), *agency = env->agency_of(env->arg, value);
	bool holds = false;

	switch (t->param) {
	case FHIR_ID:
		return strcmp(t->value, id_of(a, mem)) == 0;
	case FHIR_LAST_UPDATED:
		return fhir_periods_hold(t->value, s->created_ms, &holds) == OK && holds;
	case FHIR_IDENTIFIER:
		q->id = value;
		return true;
	case FHIR_STATUS:
		return strcmp(value, a->is_ended ? "false" : "true") == 0;
	case FHIR_OWNER:
		q->agency = agency != NULL ? agency : value;
		return true;
	case FHIR_SERVICE_TYPE:
		q->kind = value;
		return true;
	case FHIR_PROGRAMME:
		q->programme = value;
		return true;
	case FHIR_AREA:
		q->municipality = value;
		return true;
	case FHIR_NAME:
		q->text = t->value;
		return true;
	case FHIR_AGE:
		q->age = (int32_t)strtol(value, NULL, 10);
		return true;
	case FHIR_ROOM:
		return strcmp(value, announce_room_name(announce_room(a, env->now_ms))) == 0;
	case FHIR_REQUESTER:
	case FHIR_PATIENT:
	case FHIR_PATIENT_NUMBER:
	case FHIR_FOCUS:
	case FHIR_PART_OF:
	case FHIR_BIRTHDATE:
	case FHIR_QUESTIONNAIRE:
		break;
	}
	return false;
}

/* One that has ended is found only by who asks for it. */
static bool
fits_all(const struct fhir_query *q, const struct service *s, const struct sector_env *env, struct arena *mem)
{
	struct services_query wanted = { .age = ANNOUNCE_UNSAID };
	bool is_asked = !s->announce.is_ended;

	for (size_t i = 0; i < q->n_terms; i++) {
		if (fits_term(&q->terms[i], s, &wanted, env, mem) == q->terms[i].is_not)
			return false;
		is_asked |= q->terms[i].param == FHIR_STATUS || q->terms[i].param == FHIR_ID;
	}
	return is_asked && services_fits(s, &wanted, env->now_ms);
}

static enum err
check_age(const struct fhir_query *q, struct why *why)
{
	for (size_t i = 0; i < q->n_terms; i++)
		if (q->terms[i].param == FHIR_AGE && (strspn(q->terms[i].value, "0123456789") != strlen(q->terms[i].value) ||
						      strlen(q->terms[i].value) > 3))
			return why_set(why, ERR_BAD_NUMBER, "age", "in whole years");
	return OK;
}

static enum err
list(const struct service *items, size_t n, const struct native *request, const struct sector_env *env, struct arena *mem,
     struct native *ret_list, struct why *why)
{
	const char *base = request->head != NULL && request->head->base != NULL ? request->head->base : "http://localhost";
	const struct service **found = arena_array(mem, n + 1, sizeof(*found));
	struct service *fitting = arena_array(mem, n + 1, sizeof(*fitting));
	const struct services_query any = { .age = ANNOUNCE_UNSAID };
	json_t *root, *entries;
	struct fhir_query q;
	size_t n_fit = 0;
	enum err e;

	if ((e = fhir_query_parse(request, mem, &q, why)) != OK || (e = check_age(&q, why)) != OK)
		return e;
	if (found == NULL || fitting == NULL)
		return ERR_TOOBIG;
	for (size_t i = 0; i < n; i++)
		if (fits_all(&q, &items[i], env, mem))
			fitting[n_fit++] = items[i];
	n_fit = services_find(fitting, n_fit, &any, env->now_ms, found);	/* in order of room */
	root = json_pack("{s:s, s:s, s:I, s:[{s:s, s:o}]}", "resourceType", "Bundle", "type", "searchset", "total", (json_int_t)n_fit,
			 "link", "relation", "self", "url", json_sprintf("%s/fhir/HealthcareService?%s", base, q.self));
	entries = json_array();
	for (size_t i = 0; i < n_fit && q.count > 0; i++)
		json_array_append_new(entries, json_pack("{s:o, s:o, s:{s:s}}", "fullUrl", json_sprintf("%s/fhir/HealthcareService/%s",
				      base, id_of(&found[i]->announce, mem)), "resource", new_service(found[i], env->now_ms, mem),
				      "search", "mode", "match"));
	if (json_array_size(entries) > 0)
		json_object_set(root, "entry", entries);
	json_decref(entries);
	*ret_list = (struct native){ .status = 200 };
	return fhir_finish(root, mem, ret_list);
}

enum err
health_fhir_services(const struct service *items, size_t n, const struct native *request, const struct sector_env *env,
		     struct arena *mem, struct native *ret_list, struct why *why)
{
	const char *id = strncmp(request->path, "/fhir/HealthcareService/", 24) == 0 ? request->path + 24 : NULL;
	enum err e = fhir_check_accept(request, mem, why);

	if (e != OK)
		return e;
	if (id == NULL || strncmp(id, "_search", 7) == 0)
		return list(items, n, request, env, mem, ret_list, why);
	id = arena_strn(mem, id, strcspn(id, "?"));
	for (size_t i = 0; id != NULL && i < n; i++) {
		if (strcmp(id, id_of(&items[i].announce, mem)) != 0)
			continue;
		*ret_list = (struct native){ .status = 200, .modified_ms = items[i].created_ms };
		return fhir_finish(new_service(&items[i], env->now_ms, mem), mem, ret_list);
	}
	return why_set(why, ERR_NOTFOUND, "id", "no service has this id");
}
