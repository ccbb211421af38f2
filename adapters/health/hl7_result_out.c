/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_result_out - a record of any kind that HL7 has no message of its own for, as ORU^R01: OBR-4 names the kind, and every
 * field of its body is an OBX whose OBX-3 is its path.
 *
 * Called by hl7_from_record.c.
 */
#include "adapters/health/hl7_out.h"

#include "adapters/health/hl7_file.h"
#include "proto/kind.h"

static const char *const HELD[] = { "referral_id", NULL };

/* A file of several parts is too large for a message (HL7_BYTES_MAX): where its bytes are. */
static void
put_pointer(struct hl7_writing *t)
{
	const struct file_part *file = t->record->attachment;
	const char *type, *subtype;

	if (!file || file->data || !t->out->href)
		return;
	hl7_file_type(file->media_type, &type, &subtype);
	hl7_begin(&t->w, "OBX");
	hl7_put(&t->w, 1, 1, 1, hl7_number(t, ++t->n_obx));
	hl7_put(&t->w, 2, 1, 1, "RP");
	hl7_put(&t->w, 3, 1, 1, "file");
	hl7_put(&t->w, 3, 1, 2, file->filename);
	hl7_put(&t->w, 3, 1, 3, "L");
	hl7_put(&t->w, 5, 1, 1, t->out->href);
	hl7_put(&t->w, 5, 1, 3, type);
	hl7_put(&t->w, 5, 1, 4, subtype);
	hl7_put(&t->w, 11, 1, 1, "F");
	hl7_end(&t->w);
}

void
hl7_write_result(struct hl7_writing *t)
{
	const struct kind *kind = kind_by_code(t->record->kind);
	const void *body = kind ? kind_body(t->record) : NULL;
	bool is_on_referral = t->out->referral && t->out->referral->referral;

	if (!body)
		return;
	hl7_put_msh(t, "ORU", "R01", "ORU_R01");
	hl7_put_short_pid(t);
	hl7_begin(&t->w, "OBR");
	hl7_put(&t->w, 1, 1, 1, "1");
	hl7_put(&t->w, 2, 1, 1, kind_reference(t->record));
	if (is_on_referral)
		hl7_put(&t->w, 3, 1, 1, hl7_case_no(t));
	hl7_put(&t->w, 4, 1, 1, kind->code);
	hl7_put(&t->w, 4, 1, 3, HL7_SYSTEM);
	if (t->record->created)
		hl7_put(&t->w, 22, 1, 1, hl7_time_text(t, *t->record->created));
	hl7_put(&t->w, 25, 1, 1, "F");
	hl7_end(&t->w);
	hl7_put_observations(t, HELD, body, record_field(record_type(), kind->body)->of->name);
	put_pointer(t);
}
