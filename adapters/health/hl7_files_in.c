/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_files_in - each OBX of type ED as an attachment: records of its parts, on the thread of what the message says.
 *
 * Its id comes from the message's number and the bytes, so that the same message gives the same file. One that cannot be
 * taken refuses the whole message: a report without its document would be half of what was sent. Called by hl7_to_record.c.
 */
#include "adapters/health/hl7_in.h"

#include <stdio.h>

#include "adapters/health/hl7_file.h"
#include "adapters/health/hl7_obx.h"
#include "proto/kind.h"
#include "proto/merkle.h"

#define PART_BYTES ((size_t)512 * 1024)
#define ID_DIGITS 16

static bool
is_file(const struct hl7_reading *r, const struct hl7_segment *s)
{
	const char *type = hl7_get(&r->m, s, 2, 1, 1);

	return type && strcmp(type, "ED") == 0 && !hl7_is_void_obx(&r->m, s);
}

/* One part of a file, as our own writer says it: then the size and the hash are those of the whole. */
static bool
is_part(const struct file_part *file)
{
	return file->part && file->parts && *file->parts > 1;
}

/* What the message says of the file as a whole; in an ORU of kind attachment the record read so far says the rest. */
static bool
describe(struct hl7_reading *r, const struct hl7_segment *s, struct file_part *file, struct span *ret_bytes)
{
	const char *code = hl7_get(&r->m, s, 3, 1, 1), *title = hl7_get(&r->m, s, 3, 1, 2), *where = hl7_place(r, s, 5);
	struct hash h;
	char hex[2 * sizeof(h.b) + 1];
	enum err e = hl7_file_bytes(hl7_get(&r->m, s, 5, 1, 4), hl7_get(&r->m, s, 5, 1, 5), r->mem, ret_bytes);

	(void)hl7_get(&r->m, s, 5, 1, 1);	/* which program made it: no part of the file */
	if (e != OK) {
		hl7_fail(r, e, where, e == ERR_SYNTAX ? "the file's bytes are not in its encoding" : NULL);
		return false;
	}
	if (!file->media_type)
		file->media_type = hl7_file_media(hl7_get(&r->m, s, 5, 1, 2), hl7_get(&r->m, s, 5, 1, 3), title ? title : code);
	if (!file->media_type) {
		hl7_fail(r, ERR_MEDIA_TYPE, where, "a file of this type is not taken");
		return false;
	}
	hash_sha256(*ret_bytes, &h);
	bytes_hex(h.b, sizeof(h.b), hex);
	if (!is_part(file)) {
		file->sha256 = arena_str(r->mem, hex);
		file->size = record_int(r->mem, (int64_t)ret_bytes->n);
	}
	if (!file->att_id)
		file->att_id = arena_fmt(r->mem, "hl7-%.*s-%u", ID_DIGITS, hex, s->nth);
	if (!file->filename)
		file->filename = title && strchr(title, '.') ? title :
			arena_fmt(r->mem, "%s%s", title ? title : file->att_id, hl7_file_ending(file->media_type));
	if (!file->category)
		file->category = code && record_is_code("attachment_category", code) ? code : "other";
	return !arena_is_full(r->mem);
}

/* One record for each part, behind what the message gave so far. */
static void
add_parts(struct hl7_reading *r, const struct file_part *whole, struct span bytes, const char *where)
{
	bool is_one = is_part(whole);
	size_t n = is_one ? 1 : (bytes.n + PART_BYTES - 1) / PART_BYTES;

	if (is_one && bytes.n > PART_BYTES)
		hl7_fail(r, ERR_TOOLONG, where, NULL);
	for (size_t i = 0; i < n && r->e == OK; i++) {
		size_t from = i * PART_BYTES, len = bytes.n - from < PART_BYTES ? bytes.n - from : PART_BYTES;
		struct intake_item *item = hl7_add_item(r);
		struct record *record = record_new(r->mem, "record");
		struct span *data = arena_alloc(r->mem, sizeof(*data));

		if (!item || !record || !data || !(record->attachment = arena_copy(r->mem, whole, sizeof(*whole)))) {
			hl7_fail(r, ERR_TOOBIG, where, NULL);
			return;
		}
		*data = SPAN(bytes.p + from, len);
		record->kind = "attachment";
		record->source = r->record ? r->record->source : HL7_SOURCE;
		record->native_id = r->native_id;
		if (!is_one) {
			record->attachment->part = record_int(r->mem, (int64_t)i + 1);
			record->attachment->parts = record_int(r->mem, (int64_t)n);
		}
		record->attachment->data = data;
		item->record = record;
		item->target = r->item->target;
		item->native_id = arena_fmt(r->mem, "%s#%s/%zu", r->item->native_id, whole->att_id, i + 1);
		/* a part that is sent by itself is told by its own number as well */
		if (is_one)
			item->native_id = r->item->native_id;
	}
}

/* The first form of consent that comes with a consent is what proves it: no sender knows beforehand by what id the record will name it. */
static void
name_evidence(struct hl7_reading *r, const struct file_part *file, const char *where)
{
	const char *body = hl7_body(r), *path = arena_fmt(r->mem, "%sconsent.evidence", body);

	if (strcmp(file->category, "consent-form") == 0 && record_field(hl7_body_type(r), "consent") &&
	    record_get(r->record, r->mem, arena_fmt(r->mem, "%sconsent.given_on", body)) && !record_get(r->record, r->mem, path))
		hl7_set(r, path, file->att_id, where);
}

void
hl7_read_files(struct hl7_reading *r)
{
	bool is_own = r->record && r->record->attachment;
	const char *number = r->record && !is_own ? kind_reference(r->record) : r->record ? r->record->attachment->referral_id : r->item->confirms;
	const char *list = r->record && !is_own ? arena_fmt(r->mem, "%sattachments", hl7_body(r)) : NULL;
	const struct hl7_segment *s;
	struct span bytes;

	for (unsigned i = 1; r->e == OK && (s = hl7_find(&r->m, "OBX", i)); i++) {
		struct file_part file = is_own ? *r->record->attachment : (struct file_part){ .referral_id = number };	/* each its own */

		if (!is_file(r, s))
			continue;
		if (!describe(r, s, &file, &bytes))
			break;
		add_parts(r, &file, bytes, hl7_place(r, s, 5));
		if (list && record_field(hl7_body_type(r), "attachments"))
			hl7_set(r, list, file.att_id, hl7_place(r, s, 5));
		if (list)
			name_evidence(r, &file, hl7_place(r, s, 5));
	}
	if (is_own)
		r->record = NULL;	/* it described the files, and is none */
}
