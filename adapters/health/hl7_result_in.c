/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_result_in - ORU^R01 to a record of any kind that has no message of its own: OBR-4 names the kind, OBX its fields.
 *
 * One whose OBR-4 is another system's is taken for its files alone, if it has any. Called by hl7_to_record.c.
 */
#include "adapters/health/hl7_in.h"

#include "adapters/health/hl7_obx.h"
#include "proto/kind.h"

/* OBR-4 of ours, or an OBX `kind`. NULL: neither. */
static const char *
kind_said(struct hl7_reading *r, const struct hl7_segment *obr)
{
	const char *system = hl7_get(&r->m, obr, 4, 1, 3), *code;
	const struct hl7_segment *s;

	if (system && (strcmp(system, HL7_SYSTEM) == 0 || strcmp(system, HL7_SYSTEM_SHORT) == 0))
		return hl7_get(&r->m, obr, 4, 1, 1);
	for (unsigned i = 1; (s = hl7_find(&r->m, "OBX", i)); i++)
		if ((code = hl7_get(&r->m, s, 3, 1, 1)) && strcmp(code, "kind") == 0 && !hl7_is_void_obx(&r->m, s))
			return hl7_get(&r->m, s, 5, 1, 1);
	return NULL;
}

static bool
has_file(const struct hl7_reading *r)
{
	const struct hl7_segment *s;
	const char *type;

	for (unsigned i = 1; (s = hl7_find(&r->m, "OBX", i)); i++)
		if ((type = hl7_get(&r->m, s, 2, 1, 1)) && strcmp(type, "ED") == 0 && !hl7_is_void_obx(&r->m, s))
			return true;
	return false;
}

void
hl7_read_result(struct hl7_reading *r)
{
	const struct hl7_segment *obr = hl7_find(&r->m, "OBR", 1);
	const char *said = kind_said(r, obr), *number = hl7_get(&r->m, obr, 2, 1, 1);
	const struct kind *kind = kind_by_code(said ? said : "attachment");

	if (!obr)
		hl7_fail(r, ERR_REQUIRED, "OBR", NULL);
	else if (hl7_find(&r->m, "OBR", 2))
		hl7_fail(r, ERR_TOOMANY, "OBR[2]", "one report a message");
	else if (!kind || kind->number <= 2 || (!said && !has_file(r)))	/* referrals and statuses have their own messages */
		hl7_fail(r, ERR_UNKNOWN_CODE, "OBR-4", NULL);
	if (r->e != OK || !kind)
		return;
	hl7_begin_record(r, kind->code);
	hl7_read_texts(r, NULL);
	/* where an OBX names a conference or a transfer, OBR-2 says it again */
	if (r->e == OK && !kind_reference(r->record) && record_field(hl7_body_type(r), "referral_id"))
		hl7_set(r, arena_fmt(r->mem, "%sreferral_id", hl7_body(r)), number, "OBR-2");
	if (r->e == OK && !kind_reference(r->record))
		hl7_fail(r, ERR_REQUIRED, "OBR-2", NULL);
	if (r->e == OK && kind->number == kind_by_code("attachment")->number && !has_file(r))
		hl7_fail(r, ERR_REQUIRED, "OBX", "the file itself, as ED");
}
