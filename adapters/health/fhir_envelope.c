/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_envelope - what of a request is looked at beside its content: the Bundle's type, the address, the media type. */
#include "adapters/health/fhir.h"

#include <string.h>
#include <strings.h>

#include <jansson.h>

enum err
fhir_check_type(const struct fhir_doc *doc, struct why *why)
{
	static const char *const taken[] = { "message", "transaction", "collection", "batch" };

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (doc->bundle_type == NULL || strcmp(taken[i], doc->bundle_type) == 0)
			return OK;
	return why_set(why, ERR_UNSUPPORTED, "Bundle.type", "message, transaction, collection or batch");
}

/* In a batch or transaction each entry may say what is to be done with it: to bring it, or to put it where its own id says. */
static enum err
check_entry(const json_t *entry, unsigned i, struct arena *mem, struct why *why)
{
	const char *method = fhir_peek(entry, "request.method"), *url = fhir_peek(entry, "request.url"), *id = fhir_peek(entry, "resource.id");
	const char *last = url != NULL ? strrchr(url, '/') : NULL;

	if (method == NULL || strcmp(method, "POST") == 0)
		return OK;
	if (strcmp(method, "PUT") != 0)
		return why_set(why, ERR_UNSUPPORTED, arena_fmt(mem, "Bundle.entry[%u].request.method", i), "POST or PUT");
	if (last == NULL || (id != NULL && strcmp(last + 1, id) != 0))
		return why_set(why, ERR_SYNTAX, arena_fmt(mem, "Bundle.entry[%u].request.url", i), "the resource's id is not the one in the address");
	return OK;
}

enum err
fhir_check_entries(const struct fhir_doc *doc, struct arena *mem, struct why *why)
{
	bool does = doc->bundle_type != NULL && (strcmp(doc->bundle_type, "batch") == 0 || strcmp(doc->bundle_type, "transaction") == 0);
	const json_t *list = json_object_get(doc->root, "entry"), *entry;
	enum err e = OK;
	size_t i;

	if (!does)
		return OK;
	json_array_foreach((json_t *)(uintptr_t)list, i, entry)
		if (e == OK)
			e = check_entry(entry, (unsigned)i, mem, why);
	return e;
}

static bool
is_under(const struct native *in, const char *address)
{
	return in->path != NULL && strncmp(in->path, address, strlen(address)) == 0;
}

/* Each address takes its own resource, and PUT the one that it names. Gives the {id} of PUT /fhir/Task/{id}. */
enum err
fhir_check_path(const struct native *in, const struct fhir_doc *doc, struct arena *mem, const char **ret_id, struct why *why)
{
	const char *id = fhir_text(doc->root, "id"), *last = in->path != NULL ? strrchr(in->path, '/') : NULL;
	const char *type = doc->bundle_type != NULL ? "Bundle" : doc->items[0].type;
	static const char *const own[] = {
		"Bundle", "Task", "Appointment", "QuestionnaireResponse", "DocumentReference", "ServiceRequest", "Consent", "DiagnosticReport",
		"Observation",
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		size_t n = sizeof("/fhir/") - 1 + strlen(own[i]);

		if (is_under(in, "/fhir/") && is_under(in, arena_fmt(mem, "/fhir/%s", own[i])) && strchr("/?", in->path[n]) != NULL &&
		    strcmp(type, own[i]) != 0)
			return why_set(why, ERR_UNSUPPORTED, "resourceType", "only %s %s goes to this address",
				       strchr("AEIOU", own[i][0]) != NULL ? "an" : "a", own[i]);
	}
	if (in->method == NULL || (strcmp(in->method, "PUT") != 0 && strcmp(in->method, "PATCH") != 0) || last == NULL)
		return OK;
	*ret_id = arena_strn(mem, last + 1, strcspn(last + 1, "?"));
	if (id != NULL && *ret_id != NULL && strcmp(*ret_id, id) != 0)
		return why_set(why, ERR_SYNTAX, arena_fmt(mem, "%s.id", type), "the resource's id is not the one in the address");
	return OK;
}

/* JSON under any of the names it goes by. A client that names no type at all is believed. */
enum err
fhir_check_media_type(const struct native *in, struct why *why)
{
	static const char *const taken[] = { FHIR_MEDIA_TYPE, "application/json+fhir", "application/json", "text/json" };
	static const char *const patches[] = { "application/json-patch+json" };
	bool is_patch = in->method != NULL && strcmp(in->method, "PATCH") == 0;
	const char *said = in->media_type;
	size_t n = said != NULL ? strcspn(said, "; \t") : 0;

	if (is_patch)
		return n == strlen(patches[0]) && strncasecmp(said, patches[0], n) == 0 ? OK :
		    why_set(why, ERR_MEDIA_TYPE, NULL, "%s", patches[0]);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (n == 0 || (strlen(taken[i]) == n && strncasecmp(said, taken[i], n) == 0))
			return OK;
	return why_set(why, ERR_MEDIA_TYPE, NULL, "%s", FHIR_MEDIA_TYPE);
}
