/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_write - the small pieces that every FHIR writer is made of. Absent in gives absent out, so that writers are rows of calls. */
#include "adapters/health/fhir.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "proto/base/clock.h"

void
fhir_put_new(json_t *to, const char *key, json_t *value)
{
	if (value != NULL)
		json_object_set_new(to, key, value);
}

void
fhir_put(json_t *to, const char *key, const char *text)
{
	if (text != NULL && *text != '\0')
		json_object_set_new(to, key, json_string(text));
}

void
fhir_put_time(json_t *to, const char *key, const int64_t *ms)
{
	char text[CLOCK_TEXT_LEN];

	if (ms == NULL)
		return;
	clock_format(*ms, text);
	fhir_put(to, key, text);
}

void
fhir_add_new(json_t *to, const char *key, json_t *value)
{
	json_t *list = json_object_get(to, key);

	if (value == NULL)
		return;
	if (list == NULL) {
		list = json_array();
		json_object_set_new(to, key, list);
	}
	json_array_append_new(list, value);
}

json_t *
fhir_new_coded(const char *system, const char *code, const char *text)
{
	json_t *concept;

	if (code == NULL && text == NULL)
		return NULL;
	concept = json_object();
	if (code != NULL)
		fhir_add_new(concept, "coding", json_pack("{s:s*, s:s}", "system", system, "code", code));
	fhir_put(concept, "text", text);
	return concept;
}

json_t *
fhir_new_identifier(const char *type, const char *system, const char *value)
{
	json_t *id;

	if (value == NULL)
		return NULL;
	id = json_object();
	if (type != NULL)
		fhir_put_new(id, "type", fhir_new_coded(FHIR_SYS_IDTYPE, type, NULL));
	fhir_put(id, "system", system);
	fhir_put(id, "value", value);
	return id;
}

json_t *
fhir_new_logical(const char *type, const char *system, const char *value)
{
	if (value == NULL)
		return NULL;
	return json_pack("{s:s, s:{s:s*, s:s}}", "type", type, "identifier", "system", system, "value", value);
}

void
fhir_put_extension(json_t *to, const char *url, const char *value, json_t *what)
{
	if (what != NULL)
		fhir_add_new(to, "extension", json_pack("{s:s, s:o}", "url", url, value, what));
}

static json_t *
field_value(const char *value, const char *text)
{
	if (strcmp(value, "valueInteger") == 0)
		return json_integer(strtoll(text, NULL, 10));
	if (strcmp(value, "valueBoolean") == 0)
		return json_boolean(strcmp(text, "true") == 0);
	return json_string(text);
}

void
fhir_put_fields(struct fhir_writing *w, const char *body, const char *on, json_t *resource)
{
	bool is_status = strcmp(body, "status") == 0;
	const struct record *record = is_status ? w->out->record : w->out->referral;
	const struct texts *several;
	char path[96], url[96];

	for (const struct fhir_field *f = fhir_fields(); f->path != NULL; f++) {
		const char *text;

		if (strcmp(f->on, on) != 0)
			continue;
		snprintf(url, sizeof(url), "%s%s", FHIR_EXT_FIELD, f->path);
		if (strcmp(f->path, "siblings_also_referred") == 0 || strcmp(f->path, "attachments") == 0) {
			several = *f->path == 'a' ? &record->referral->attachments : &record->referral->siblings_also_referred;
			for (size_t i = 0; i < several->n; i++)
				fhir_put_extension(resource, url, f->value, json_string(several->items[i]));
			continue;
		}
		snprintf(path, sizeof(path), "%s.%s", body, f->path);
		text = record_get(record, w->mem, path);
		if (text != NULL)
			fhir_put_extension(resource, url, f->value, field_value(f->value, text));
	}
}

static uint64_t
mix(uint64_t h, const char *text)
{
	for (; *text != '\0'; text++)
		h = (h ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
	return h;
}

/* The Task is the message itself. The rest: a UUID of version 8, "made by the application", from msg_id and the part's name. */
const char *
fhir_uuid(struct fhir_writing *w, const char *name)
{
	uint64_t a = mix(mix(UINT64_C(0xcbf29ce484222325), w->out->msg_id), name);
	uint64_t b = mix(mix(UINT64_C(0x9ae16a3b2f90404f), name), w->out->msg_id);
	const char *text;

	if (strcmp(name, "Task") == 0)
		return w->out->msg_id;
	text = arena_fmt(w->mem, "%08" PRIx32 "-%04x-8%03x-%04x-%012" PRIx64, (uint32_t)(a >> 32), (unsigned)(a >> 16 & 0xffff),
			 (unsigned)(a & 0xfff), (unsigned)(0x8000 | (b >> 48 & 0x3fff)), b & UINT64_C(0xffffffffffff));
	w->is_full = w->is_full || text == NULL;
	return text != NULL ? text : "";
}

json_t *
fhir_new_reference(struct fhir_writing *w, const char *name)
{
	return json_pack("{s:s+}", "reference", "urn:uuid:", fhir_uuid(w, name));
}

/* "Condition-2" is a part's name; its resource says what it is. The id stands first, behind the type, as people look for it. */
void
fhir_add_entry(struct fhir_writing *w, const char *name, json_t *resource)
{
	const char *id = fhir_uuid(w, name);
	json_t *ordered = json_pack("{s:O, s:s}", "resourceType", json_object_get(resource, "resourceType"), "id", id);

	json_object_update_missing(ordered, resource);
	json_decref(resource);
	json_array_append_new(w->entries, json_pack("{s:s+, s:o}", "fullUrl", "urn:uuid:", id, "resource", ordered));
}

enum err
fhir_finish(json_t *root, struct arena *mem, struct native *ret_native)
{
	size_t n = root != NULL ? json_dumpb(root, NULL, 0, JSON_COMPACT) : 0;
	char *text = n > 0 ? arena_array(mem, 1, n + 1) : NULL;

	if (text != NULL)
		json_dumpb(root, text, n, JSON_COMPACT);
	json_decref(root);
	ret_native->format = FORMAT_FHIR;
	ret_native->media_type = FHIR_MEDIA_TYPE;
	ret_native->bytes = text != NULL ? SPAN(text, n) : SPAN_NONE;
	return text != NULL ? OK : ERR_TOOBIG;
}
