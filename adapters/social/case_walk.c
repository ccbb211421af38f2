/* SPDX-License-Identifier: EUPL-1.2 */
/* case_walk - which system's body it is, and the units in it: one for each service that is referred, or that a word is said on.
 *
 * Known by its own members where no address tells. A service that the child gets already, or that is planned within the agency, is no
 * referral. Called by case_in.c, and again for the place of a fault.
 */
#include "adapters/social/case.h"

#include <jansson.h>
#include <string.h>

struct walking {
	enum case_shape shape;
	struct arena *mem;
	struct case_unit *units;
	size_t n;
	struct why *why;
};

/* -- whose it is -- */

static bool
has(const json_t *object, const char *member)
{
	return json_object_get(object, member) != NULL;
}

static enum format
format_of_client(const json_t *client)
{
	if (has(client, "services_section") || (has(client, "record_id") && has(client, "status")))
		return FORMAT_PRIMERO;
	return has(client, "services") || has(client, "referral_status") ? FORMAT_OSCAR : FORMAT_NONE;
}

static enum format
format_of_body(const json_t *root)
{
	const json_t *around = json_object_get(root, "organization"), *data = json_object_get(root, "data");

	if (has(root, "kind") || has(root, "to"))
		return FORMAT_NONE;
	if (json_is_object(around) || json_is_array(around))
		return FORMAT_OSCAR;
	if (data != NULL)
		return format_of_client(json_is_array(data) ? json_array_get(data, 0) : data);
	return has(root, "services_section") ? FORMAT_PRIMERO : FORMAT_NONE;
}

enum format
social_case_format(const struct native *in, const json_t *root)
{
	json_t *own = NULL;
	enum format format;

	if (in != NULL && (in->format == FORMAT_OSCAR || in->format == FORMAT_PRIMERO))
		return in->format;
	if (in == NULL || in->path != NULL || social_xml_is(in))
		return FORMAT_NONE;
	if (root == NULL && social_json_parse(in->bytes, &own, NULL) != OK)
		return FORMAT_NONE;
	format = format_of_body(root != NULL ? root : own);
	json_decref(own);
	return format;
}

/* -- what of it is a unit -- */

static enum err
add(struct walking *w, json_t *client, const char *client_at, json_t *service, const char *service_at)
{
	if (w->n >= CASE_UNITS_MAX)
		return why_set(w->why, ERR_TOOMANY, service_at, "at most %d services in one body", CASE_UNITS_MAX);
	w->units[w->n++] = (struct case_unit){ client, service, client_at, service_at };
	return OK;
}

bool
case_is_running(const json_t *service)
{
	const json_t *since = json_object_get(service, "enrollment_date");

	return json_is_string(since) && json_string_length(since) > 0 && !json_is_integer(json_object_get(service, "referral_id")) &&
	       json_string_length(json_object_get(service, "referral_status")) == 0;
}

/* Of one that says is_referred no service is asked for; a word on one it may say all the same. */
static bool
is_said_by_oscar(const json_t *client, const json_t *service)
{
	if (json_string_length(json_object_get(service, "referral_status")) > 0 ||
	    json_string_length(json_object_get(client, "referral_status")) > 0)
		return true;
	return case_truth(client, "is_referred") != CASE_FALSE;
}

json_t *
case_transition(json_t *client, json_t *service)
{
	static const char *const lists[] = { "referrals", "transitions" }, *const keys[] = { "service_record_id", "service_section_unique_id" };
	const char *id = json_string_value(json_object_get(service, "unique_id"));
	json_t *found = NULL, *one;
	size_t i;

	for (size_t list = 0; id != NULL && found == NULL && list < 2; list++)
		json_array_foreach(json_object_get(client, lists[list]), i, one)
			for (size_t k = 0; k < 2; k++) {
				const char *of = json_string_value(json_object_get(one, keys[k]));

				if (of != NULL && strcmp(of, id) == 0)
					found = one;
			}
	return found;
}

static bool
is_said_by_primero(json_t *client, json_t *service, struct arena *mem)
{
	static const struct sector_env none = { .agency = NULL };
	const char *type = case_text(mem, service, "service_response_type");
	enum case_word word = case_word_by_text(CASE_PRIMERO, case_text_like(mem, service, "referral_status"), &none);

	return type == NULL || strncmp(type, "referral", strlen("referral")) == 0 ||
	       case_truth(service, "service_status_referred") == CASE_TRUE || case_transition(client, service) != NULL ||
	       (word != CASE_SILENT && word != CASE_ASKED && word != CASE_FOREIGN);	/* each new row is "pending" in some of them */
}

static bool
is_said(const struct walking *w, json_t *client, json_t *service, bool is_running_asked)
{
	if (w->shape == CASE_PRIMERO)
		return is_said_by_primero(client, service, w->mem);
	return (is_running_asked || !case_is_running(service)) && is_said_by_oscar(client, service);
}

static enum err
walk_services(struct walking *w, json_t *client, const char *at, const char *member, bool is_running_asked)
{
	json_t *service;
	size_t i;
	enum err e = OK;

	json_array_foreach(json_object_get(client, member), i, service) {
		const char *service_at = arena_fmt(w->mem, "%s%s%s[%zu]", at, *at != '\0' ? "." : "", member, i);

		if (service_at == NULL)
			return why_set(w->why, ERR_TOOBIG, NULL, "no room for the body");
		if (!json_is_object(service))
			return why_set(w->why, ERR_SYNTAX, service_at, "an object is expected");
		if (is_said(w, client, service, is_running_asked) && (e = add(w, client, at, service, service_at)) != OK)
			return e;
	}
	return OK;
}

static enum err
walk_client(struct walking *w, json_t *client, const char *at)
{
	const char *member = w->shape == CASE_OSCAR ? "services" : "services_section";
	json_t *services = json_object_get(client, member);
	const size_t before = w->n;
	enum err e;

	if (at == NULL)
		return why_set(w->why, ERR_TOOBIG, NULL, "no room for the body");
	if (!json_is_object(client))
		return why_set(w->why, ERR_SYNTAX, at, "an object is expected");
	if (services == NULL || json_is_null(services))
		return has(client, "referral_status") || has(client, "status") ? add(w, client, at, NULL, at) : OK;
	if (!json_is_array(services))
		return why_set(w->why, ERR_SYNTAX, arena_fmt(w->mem, "%s%s%s", at, *at != '\0' ? "." : "", member), "a list is expected");
	if ((e = walk_services(w, client, at, member, false)) != OK || w->n > before)
		return e;
	/* of the older form, in which what is asked for has a date as well */
	return w->shape == CASE_OSCAR && case_truth(client, "is_referred") == CASE_TRUE ? walk_services(w, client, at, member, true) : OK;
}

static enum err
walk_clients(struct walking *w, json_t *root)
{
	static const char *const around[] = { "organization", "data" };
	json_t *clients = NULL, *client;
	const char *name = "";
	size_t i;
	enum err e;

	for (size_t k = 0; clients == NULL && k < 2; k++)
		clients = json_object_get(root, name = around[k]);
	if (clients == NULL)
		return walk_client(w, root, "");
	if (!json_is_array(clients))
		return walk_client(w, clients, name);
	json_array_foreach(clients, i, client)
		if ((e = walk_client(w, client, arena_fmt(w->mem, "%s[%zu]", name, i))) != OK)
			return e;
	return OK;
}

enum err
case_walk(enum case_shape shape, json_t *root, struct arena *mem, struct case_unit **ret_units, size_t *ret_n, struct why *why)
{
	struct walking w = { .shape = shape, .mem = mem, .why = why };
	enum err e;

	if ((w.units = arena_array(mem, CASE_UNITS_MAX, sizeof(*w.units))) == NULL)
		return why_set(why, ERR_TOOBIG, NULL, "no room for the body");
	if ((e = walk_clients(&w, root)) != OK)
		return e;
	if (w.n == 0)
		return why_set(why, ERR_REQUIRED, shape == CASE_OSCAR ? "services" : "services_section",
			       "no service in it is referred, and no word is said on one");
	*ret_units = w.units;
	*ret_n = w.n;
	return OK;
}
