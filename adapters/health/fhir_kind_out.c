/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_kind_out - a record of any kind as a QuestionnaireResponse: one item for each field that is there, its path as linkId.
 *
 * Loses nothing, whatever kinds there will be. MAPPING.md, "Other kinds", is the manual; fhir_kind_in.c reads it back.
 */
#include "adapters/health/fhir.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "proto/kind.h"

static json_t *
new_answer(const struct field *f, const char *text)
{
	switch (f->kind) {
	case FIELD_CODE:
	case FIELD_CODES:
		return json_pack("{s:{s:s}}", "valueCoding", "code", text);
	case FIELD_DATE:
		return json_pack("{s:s}", "valueDate", text);
	case FIELD_TIME:
		return json_pack("{s:s}", "valueDateTime", text);
	case FIELD_INT:
		return json_pack("{s:I}", "valueInteger", (json_int_t)strtoll(text, NULL, 10));
	case FIELD_BOOL:
		return json_pack("{s:b}", "valueBoolean", strcmp(text, "true") == 0);
	case FIELD_BYTES:
		return json_pack("{s:{s:s}}", "valueAttachment", "data", text);
	case FIELD_TEXT:
	case FIELD_TEXTS:
	case FIELD_ID:
	case FIELD_MSG:
	case FIELD_MSGS:
		break;
	}
	return json_pack("{s:s}", "valueString", text);
}

static json_t *
add_item(json_t *response, const char *path)
{
	json_t *item = json_pack("{s:s}", "linkId", path);

	fhir_add_new(response, "item", item);
	return item;
}

static void
put_items(struct fhir_writing *w, json_t *response, const char *prefix, const void *msg, const struct record_type *type)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		const char *path = arena_fmt(w->mem, "%s.%s", prefix, f->name), *text;
		const void *at = record_at(msg, f);
		json_t *item;

		if (path == NULL) {
			w->is_full = true;
			return;
		}
		if (!record_has(msg, f))
			continue;
		if (f->kind == FIELD_MSG) {
			put_items(w, response, path, at, f->of);
		} else if (f->kind == FIELD_MSGS) {
			for (size_t k = 0; k < record_count(msg, f) && !w->is_full; k++) {
				const char *one = arena_fmt(w->mem, "%s[%zu]", path, k);

				if (one == NULL)
					w->is_full = true;
				else
					put_items(w, response, one, ((const void *const *)at)[k], f->of);
			}
		} else if (record_field_is_list(f)) {
			item = add_item(response, path);
			for (size_t k = 0; k < record_count(msg, f); k++)
				fhir_add_new(item, "answer", new_answer(f, ((const char *const *)at)[k]));
		} else if ((text = record_text(msg, f, w->mem)) != NULL) {
			fhir_add_new(add_item(response, path), "answer", new_answer(f, text));
		} else {
			w->is_full = true;
		}
	}
}

bool
fhir_has_response(const struct record *record)
{
	return record != NULL && record->referral == NULL && record->status == NULL && kind_body(record) != NULL;
}

json_t *
fhir_new_response(struct fhir_writing *w)
{
	const struct record *record = w->out->record;
	const struct kind *kind = kind_by_code(record->kind);
	const void *body = kind_body(record);
	json_t *to;

	if (kind == NULL || body == NULL)
		return NULL;
	to = json_pack("{s:s, s:s+, s:s}", "resourceType", "QuestionnaireResponse", "questionnaire", FHIR_KIND, record->kind,
		       "status", "completed");
	if (kind_reference(record) != NULL)
		fhir_put_new(to, "identifier", fhir_new_identifier("PLAC", FHIR_SYS_REFERRAL_NO, kind_reference(record)));
	fhir_put_time(to, "authored", record->created);
	fhir_put_new(to, "author", fhir_new_logical("Organization", FHIR_SYS_AGENCY, w->out->from));
	put_items(w, to, kind->body, body, record_field(record_type(), kind->body)->of);
	return to;
}
