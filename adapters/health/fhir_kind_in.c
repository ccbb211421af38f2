/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_kind_in - a QuestionnaireResponse as a record of the kind that its questionnaire names.
 *
 * An item's linkId is a path of the record, with the body's name in front or without. Groups of items are walked, an answer of any
 * value[x] is taken by its text: the record judges what it may be.
 */
#include "adapters/health/fhir.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "proto/kind.h"

#define GROUPS_MAX 8	/* items within items */

/* "urn:nasoka:kind:info-request", with a version behind '|' or without; else the code of the message's event */
const char *
fhir_kind_of(const struct fhir_doc *doc, const struct fhir_resource *response, struct arena *mem)
{
	const char *said = fhir_text(response->json, "questionnaire"), *kind;
	struct fhir_resource *header = fhir_doc_first(doc, "MessageHeader");

	if (strcmp(response->type, "QuestionnaireResponse") != 0)
		return NULL;
	if (said != NULL && strncmp(said, FHIR_KIND, strlen(FHIR_KIND)) == 0) {
		said += strlen(FHIR_KIND);
		return arena_strn(mem, said, strcspn(said, "|"));
	}
	kind = said == NULL && header != NULL ? fhir_text(header->json, "eventCoding.code") : NULL;
	return kind_by_code(kind) != NULL ? kind : NULL;
}

bool
fhir_is_kind_task(const struct fhir_resource *task)
{
	const json_t *coding;

	for (size_t i = 0; (coding = fhir_item(fhir_at(task->json, "code"), "coding", i)) != NULL; i++) {
		const char *system = fhir_text(coding, "system");

		if (system != NULL && strcmp(system, FHIR_SYS_KIND) == 0)
			return true;
	}
	return false;
}

/* The one value[x] of an answer, as the record's text. NULL: it has none. */
static const json_t *
value_of(const json_t *answer)
{
	json_t *of = (json_t *)(uintptr_t)answer;

	for (void *at = json_object_iter(of); at != NULL; at = json_object_iter_next(of, at)) {
		const char *key = json_object_iter_key(at);
		const json_t *value = json_object_iter_value(at);

		if (strncmp(key, "value", 5) != 0)
			continue;
		if (strcmp(key, "valueCoding") == 0)
			return fhir_at(value, "code");
		if (strcmp(key, "valueAttachment") == 0)
			return fhir_at(value, "data");
		if (strcmp(key, "valueReference") == 0)
			return fhir_at(value, "identifier.value");
		fhir_mark_member(at, value);
		return value;
	}
	return NULL;
}

static void
read_item(struct fhir_reading *r, const char *body, const json_t *item, unsigned depth)
{
	const char *link = fhir_text(item, "linkId"), *path = link;
	size_t n = strlen(body);
	const json_t *answer, *value;

	if (link != NULL && (strncmp(link, body, n) != 0 || link[n] != '.'))
		path = arena_fmt(r->mem, "%s.%s", body, link);
	for (size_t i = 0; path != NULL && r->e == OK && (answer = fhir_item(item, "answer", i)) != NULL; i++) {
		value = value_of(answer);
		if (value == NULL)
			fhir_fail(r, ERR_REQUIRED, link, "an answer has a value");
		else
			fhir_take_scalar(r, path, value);
	}
	if (fhir_item(item, "item", 0) != NULL && depth == GROUPS_MAX)
		fhir_fail(r, ERR_TOOMANY, "QuestionnaireResponse.item", "groups within groups within groups");
	for (size_t i = 0; r->e == OK && fhir_item(item, "item", i) != NULL; i++)
		read_item(r, body, fhir_item(item, "item", i), depth + 1);
}

/* What it is based on is a referral's, its other identifier may be its own. An item that says the number says the same. */
static const char *
named_by(struct fhir_reading *r, const struct fhir_resource *response)
{
	const char *said = kind_reference(r->record), *number;

	if (fhir_item(response->json, "basedOn", 0) == NULL)
		return fhir_text(response->json, "identifier.value");
	if (said == NULL)
		return fhir_number_needed(r, response);
	number = fhir_number_based_on(r, response, &(struct fhir_named){ .e = OK });
	if (number != NULL && !fhir_same(r, said, number, &number))
		fhir_fail(r, ERR_INCONSISTENT, "QuestionnaireResponse.basedOn", "another referral than its items name");
	return said;
}

void
fhir_read_response(struct fhir_reading *r, struct fhir_resource *response, const char *code)
{
	const struct kind *kind = kind_by_code(code);
	const char *status = fhir_text(response->json, "status"), *number, *id = fhir_text(response->json, "id");
	struct progress at;
	const char *field;

	response->is_used = true;
	if (kind == NULL) {
		fhir_fail(r, ERR_UNKNOWN_CODE, "QuestionnaireResponse.questionnaire", "no such kind of record");
		return;
	}
	if (status == NULL || (strcmp(status, "completed") != 0 && strcmp(status, "amended") != 0)) {
		fhir_fail(r, ERR_UNSUPPORTED, "QuestionnaireResponse.status", "completed: what is not finished is not sent");
		return;
	}
	fhir_set(r, "kind", code);
	for (size_t i = 0; r->e == OK && fhir_item(response->json, "item", i) != NULL; i++)
		read_item(r, kind->body, fhir_item(response->json, "item", i), 0);
	if (r->e != OK)
		return;
	if (kind_body(r->record) == NULL) {
		fhir_fail(r, ERR_REQUIRED, "QuestionnaireResponse.item", "an item for each field that there is");
		return;
	}
	field = kind_reference_field(r->record);
	number = named_by(r, response);
	if (kind_reference(r->record) == NULL && number != NULL && field != NULL)
		fhir_set(r, arena_fmt(r->mem, "%s.%s", kind->body, field), number);
	number = kind_reference(r->record);
	if (r->record->referral == NULL && fhir_known(r, number, &at))	/* a new one is known nowhere */
		(void)fhir_check_child(r, response, number, &at);
	if (id == NULL)
		id = fhir_content_id(r, response->json);
	r->item->native_id = arena_fmt(r->mem, "QuestionnaireResponse/%s/%s", code, id != NULL ? id : "");
	fhir_set(r, "native_id", id);
}
