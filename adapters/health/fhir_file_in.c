/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_file_in - a DocumentReference with its bytes in it as a file: records of its parts, on the thread of what it belongs to.
 *
 * Its number comes from the resource, so that the same resource gives the same file. Bytes that are elsewhere are not fetched. Called by
 * fhir_to_record.c.
 */
#include "adapters/health/fhir.h"

#include <string.h>

#include <jansson.h>

#include "adapters/health/hl7_file.h"
#include "proto/kind.h"
#include "proto/merkle.h"

#define PART_BYTES ((size_t)512 * 1024)
#define WHERE "DocumentReference.content.attachment"

/* What names it in records: its own number, or one of its content. */
const char *
fhir_file_id(struct fhir_reading *r, const struct fhir_resource *of)
{
	const char *said = fhir_text(of->json, "masterIdentifier.value");

	if (said == NULL)
		said = fhir_text(of->json, "identifier.value");
	if (said == NULL)
		said = fhir_text(of->json, "id");
	return said != NULL ? said : arena_fmt(r->mem, "fhir-%s", fhir_content_id(r, of->json));
}

/* Is it what proves the consent? What comes with a withdrawal is the letter that says it. */
static bool
is_evidence(const struct record *about, const char *att_id)
{
	const struct consent_change *change = about != NULL ? about->consent_change : NULL;
	const struct consent *c = about == NULL ? NULL : about->referral != NULL ? about->referral->consent :
		about->consent_change != NULL ? about->consent_change->consent : NULL;

	return (change != NULL && strcmp(change->change, "withdrawn") == 0) || (c != NULL && c->evidence != NULL && strcmp(c->evidence, att_id) == 0);
}

/* The bytes, and what they are. */
static void
describe(struct fhir_reading *r, const struct fhir_resource *of, const struct record *about, struct record *like)
{
	const json_t *attachment = fhir_at(of->json, "content.attachment");
	bool is_conference = false;
	const char *number = fhir_file_no(r, of, &is_conference), *type = fhir_text(attachment, "contentType"), *title = fhir_text(attachment, "title");
	const char *label = fhir_text(of->json, "securityLabel.coding.code"), *topic = is_conference ? "conference_id" : "referral_id";
	struct span *data = arena_alloc(r->mem, sizeof(*data));
	struct progress at;
	struct hash h;
	char hex[2 * sizeof(h.b) + 1];

	if (number == NULL && about != NULL) {
		number = kind_reference(about);
		if (about->referral == NULL && fhir_known(r, number, &at))	/* a new one is known nowhere */
			number = fhir_check_child(r, of, number, &at);
		topic = kind_topic(about) == TOPIC_CONFERENCE ? "conference_id" : topic;
	}
	if (number == NULL)
		fhir_fail(r, ERR_REQUIRED, "DocumentReference.context.related", "the referral that it belongs to");
	if (type != NULL && !record_is_code("media_type", type))
		fhir_fail(r, ERR_MEDIA_TYPE, WHERE ".contentType", "a file of this type is not taken");
	if (fhir_text(attachment, "data") == NULL)
		fhir_fail(r, ERR_REQUIRED, WHERE ".data", "the file's bytes in base64: a url is not fetched");
	if (title == NULL)
		title = fhir_text(of->json, "description");
	fhir_set(r, arena_fmt(r->mem, "attachment.%s", topic), number);
	fhir_set(r, "attachment.att_id", fhir_file_id(r, of));
	fhir_set(r, "attachment.filename", title != NULL ? title : fhir_file_id(r, of));
	fhir_set(r, "attachment.media_type", type);
	fhir_set(r, "attachment.category", fhir_concept(r, fhir_at(of->json, "type"), FHIR_SYS_FILE_CATEGORY, "attachment_category",
							"DocumentReference.type"));
	if (label != NULL && record_is_code("confidentiality", label))
		fhir_set(r, "attachment.confidentiality", label);
	if (r->e == OK && (data == NULL || hl7_file_bytes("Base64", fhir_text(attachment, "data"), r->mem, data) != OK))
		fhir_fail(r, data == NULL ? ERR_TOOBIG : ERR_SYNTAX, WHERE ".data", "the file's bytes in base64");
	if (r->e != OK || data == NULL)
		return;
	like->attachment->data = data;
	if (like->attachment->category == NULL)
		like->attachment->category = is_evidence(about, like->attachment->att_id) ? "consent-form" : "other";
	hash_sha256(*like->attachment->data, &h);
	bytes_hex(h.b, sizeof(h.b), hex);
	like->attachment->sha256 = arena_str(r->mem, hex);
	like->attachment->size = record_int(r->mem, (int64_t)like->attachment->data->n);
}

/* Part k of n, from 0, of the file that `whole` is. */
static void
put_part(struct fhir_reading *r, struct intake_item *item, const struct record *whole, size_t k, size_t n)
{
	struct record *record = arena_copy(r->mem, whole, sizeof(*whole));
	struct file_part *part = arena_copy(r->mem, whole->attachment, sizeof(*whole->attachment));
	struct span all = *whole->attachment->data, *data = arena_alloc(r->mem, sizeof(*data));
	size_t from = k * PART_BYTES;

	if (record == NULL || part == NULL || data == NULL) {
		item->e = ERR_TOOBIG;
		return;
	}
	*data = SPAN(all.p + from, all.n - from < PART_BYTES ? all.n - from : PART_BYTES);
	part->data = data;
	part->part = record_int(r->mem, (int64_t)k + 1);
	part->parts = record_int(r->mem, (int64_t)n);
	record->attachment = part;
	item->record = record;
	item->native_id = arena_fmt(r->mem, "DocumentReference/%s/%s/%s/%zu", kind_reference(record), part->sha256, part->att_id, k + 1);
	if (item->native_id == NULL)
		item->e = ERR_TOOBIG;
}

size_t
fhir_read_file(struct fhir_reading *r, struct fhir_resource *of, const struct record *about, struct intake_item *items)
{
	struct record *like = r->record;
	size_t n = 1;

	of->is_used = true;
	fhir_set(r, "native_id", fhir_text(of->json, "id"));
	describe(r, of, about, like);
	if (r->e != OK) {
		r->record = NULL;
		return 1;
	}
	n = (like->attachment->data->n + PART_BYTES - 1) / PART_BYTES;
	for (size_t k = 0; k < n; k++) {
		items[k].row = items[0].row;
		put_part(r, &items[k], like, k, n);
	}
	return n;
}

const json_t *
fhir_form(const struct fhir_resource *of, size_t i)
{
	return fhir_item(of->json, strcmp(of->type, "Consent") == 0 ? "sourceAttachment" : "presentedForm", i);
}

struct fhir_resource *
fhir_form_file(struct fhir_reading *r, const struct fhir_resource *from, size_t i)
{
	const char *category = strcmp(from->type, "Consent") == 0 ? "consent-form" : "assessment";
	const json_t *form = fhir_form(from, i);
	const char *type = fhir_peek(form, "contentType");
	bool is_taken = strcmp(from->type, "Consent") == 0 || (type != NULL && record_is_code("media_type", type));
	struct fhir_resource *of = arena_alloc(r->mem, sizeof(*of));
	json_t *made;

	if (of == NULL || !is_taken || fhir_peek(form, "data") == NULL)
		return NULL;
	if (r->doc->made == NULL)
		r->doc->made = json_array();
	made = json_pack("{s:s, s:{s:[{s:s, s:s}]}, s:[{s:O}]}", "resourceType", "DocumentReference", "type", "coding", "system",
			 FHIR_SYS_FILE_CATEGORY, "code", category, "content", "attachment", (json_t *)(uintptr_t)form);
	if (json_array_append_new(r->doc->made, made) != 0)
		return NULL;
	*of = (struct fhir_resource){ .json = made, .type = "DocumentReference", .parent = from, .row = from->row };
	return of;
}
