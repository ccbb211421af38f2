/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_file_out - a file that came whole as a DocumentReference: what it is, and the Binary that its bytes are read from.
 *
 * Stands beside the QuestionnaireResponse of the same message, which says all of it by our names. MAPPING.md, "Files", is the manual.
 */
#include "adapters/health/fhir.h"

#include <string.h>

#include <jansson.h>

#include "proto/kind.h"

#define CONFIDENTIALITY "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"

json_t *
fhir_new_file(struct fhir_writing *w, const char *msg_id)
{
	const struct record *record = w->out->record;
	const struct file_part *f = record->attachment;
	json_t *to = json_pack("{s:s, s:s, s:{s:s, s:s}, s:s}", "resourceType", "DocumentReference", "status", "current", "masterIdentifier",
			       "system", FHIR_SYS_FILE, "value", f->att_id, "description", f->filename);
	json_t *attachment = json_pack("{s:s, s:s, s:I}", "contentType", f->media_type, "title", f->filename, "size", (json_int_t)*f->size);
	json_t *related = fhir_new_logical(record->attachment->conference_id != NULL ? "Encounter" : "ServiceRequest", FHIR_SYS_REFERRAL_NO,
					   kind_reference(record));

	fhir_put_new(to, "type", fhir_new_coded(FHIR_SYS_FILE_CATEGORY, f->category, NULL));
	fhir_put_time(to, "date", record->created);
	fhir_add_new(to, "author", fhir_new_logical("Organization", FHIR_SYS_AGENCY, w->out->from));
	if (f->confidentiality != NULL)
		fhir_add_new(to, "securityLabel", fhir_new_coded(CONFIDENTIALITY, f->confidentiality, NULL));
	if (msg_id != NULL)
		json_object_set_new(attachment, "url", json_sprintf("Binary/%s", msg_id));
	/* R4's Attachment.hash is a SHA-1 */
	fhir_put_extension(attachment, FHIR_EXT "sha256", "valueString", json_string(f->sha256));
	fhir_add_new(to, "content", json_pack("{s:o}", "attachment", attachment));
	if (related != NULL)
		json_object_set_new(to, "context", json_pack("{s:[o]}", "related", related));
	return to;
}
