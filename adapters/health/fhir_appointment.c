/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_appointment - an Appointment as the step that it is: booked, moved, missed, cancelled; and beside the Task that says it.
 *
 * Only an Appointment that comes without a Task is read: where both are there, the Task says all that it does and more.
 */
#include "adapters/health/fhir.h"

#include <string.h>

#include <jansson.h>

#include "proto/base/clock.h"

/* -- in -- */

static void
read_place(struct fhir_reading *r, const struct fhir_resource *appointment)
{
	const json_t *one;

	for (size_t i = 0; (one = fhir_item(appointment->json, "participant", i)) != NULL; i++) {
		const json_t *actor = fhir_at(one, "actor");
		struct fhir_resource *to = fhir_doc_resolve(r->doc, appointment, actor);
		const char *type = to != NULL ? to->type : fhir_text(actor, "type"), *reference = fhir_text(actor, "reference");
		bool is_place = type != NULL ? strcmp(type, "Location") == 0 : reference != NULL && strstr(reference, "Location/") != NULL;
		const char *name = to != NULL ? fhir_text(to->json, "name") : NULL;

		if (to != NULL)
			to->is_used = true;
		if (is_place)
			fhir_set(r, "status.appointment.place", name != NULL ? name : fhir_text(actor, "display"));
	}
}

static void
read_reason(struct fhir_reading *r, const json_t *appointment, const char *status)
{
	const json_t *reason = fhir_at(appointment, strcmp(status, "cancelled") == 0 ? "cancelationReason" : "reasonCode");
	const char *code = reason != NULL ? fhir_concept(r, reason, FHIR_SYS_REASON, "reason", "Appointment.reasonCode") : NULL;

	if (reason != NULL)
		fhir_set(r, "status.reason_code", code != NULL ? code : "other");
	fhir_set(r, "status.reason_text", reason != NULL ? fhir_concept_text(reason) : fhir_text(appointment, "comment"));
}

void
fhir_read_appointment(struct fhir_reading *r, struct fhir_resource *appointment)
{
	static const struct { const char *status, *to, *transition; } rows[] = {
		{ "booked", "scheduled", NULL }, { "cancelled", "accepted", "T14" }, { "noshow", "scheduled", "T13" },
	};
	const char *status = fhir_text(appointment->json, "status"), *no = fhir_number_needed(r, appointment);
	size_t i = 0;

	appointment->is_used = true;
	while (i < sizeof(rows) / sizeof(rows[0]) && (status == NULL || strcmp(rows[i].status, status) != 0))
		i++;
	if (i == sizeof(rows) / sizeof(rows[0])) {
		fhir_fail(r, status == NULL ? ERR_REQUIRED : ERR_UNSUPPORTED, "Appointment.status", "booked, cancelled or noshow");
		return;
	}
	if (no == NULL) {
		fhir_fail(r, ERR_REQUIRED, "Appointment.basedOn", "which referral it is for");
		return;
	}
	fhir_set(r, "kind", "status-change");
	fhir_set(r, "status.referral_id", no);
	fhir_set(r, "status.to", rows[i].to);
	fhir_set(r, "status.transition", rows[i].transition);
	if (strcmp(rows[i].to, "scheduled") == 0) {
		fhir_take(r, "status.appointment.start", fhir_at(appointment->json, "start"));
		fhir_take(r, "status.appointment.end", fhir_at(appointment->json, "end"));
		read_place(r, appointment);
	}
	read_reason(r, appointment->json, status);
	fhir_take_fields(r, "status", "Task", appointment->json);	/* attempt_no, who acts */
	r->item->native_id = arena_fmt(r->mem, "Appointment/%s/%s/%s", no, status, fhir_content_id(r, appointment->json));
	fhir_set(r, "native_id", fhir_text(appointment->json, "id"));
}

/* The end, the place and what it is for are in the Task's words as well; what else it says is not, and counts. */
void
fhir_read_beside(struct fhir_reading *r, struct fhir_resource *appointment)
{
	const struct status *s = r->e == OK && r->record != NULL ? r->record->status : NULL;
	const char *start = fhir_text(appointment->json, "start");
	struct fhir_named wrong;
	const json_t *one;
	int64_t ms;

	if (s == NULL || s->appointment == NULL || s->appointment->start == NULL || start == NULL || clock_parse(start, &ms) != OK ||
	    ms != *s->appointment->start)
		return;		/* another one: left out whole */
	appointment->is_used = true;
	(void)fhir_text(appointment->json, "status");
	(void)fhir_text(appointment->json, "end");
	(void)fhir_number_based_on(r, appointment, &wrong);
	for (size_t i = 0; (one = fhir_item(appointment->json, "participant", i)) != NULL; i++)
		if (fhir_text(one, "actor.display") == NULL)
			(void)fhir_text(one, "actor.identifier.value");
}

/* -- out -- */

static json_t *
new_participant(const char *type, const char *system, const char *value, const char *display)
{
	json_t *actor = json_pack("{s:s}", "type", type);

	if (value != NULL)
		fhir_put_new(actor, "identifier", json_pack("{s:s*, s:s}", "system", system, "value", value));
	fhir_put(actor, "display", display);
	return json_pack("{s:o, s:s}", "actor", actor, "status", "accepted");
}

/* FHIR wants both ends of a booked one; what has no end stands in the Task only. */
json_t *
fhir_new_appointment(const struct fhir_writing *w)
{
	const struct status *s = w->out->record != NULL ? w->out->record->status : NULL;
	const struct referral *referral = w->out->referral != NULL ? w->out->referral->referral : NULL;
	const struct person_id *id = referral != NULL && referral->child != NULL && referral->child->n_ids > 0 ? referral->child->ids[0] : NULL;
	const struct fhir_id_system *own = id != NULL ? fhir_id_by_type(id->type) : NULL;
	bool is_missed = s != NULL && s->transition != NULL && strcmp(s->transition, "T13") == 0;
	json_t *to;

	if (s == NULL || s->appointment == NULL || s->appointment->start == NULL || s->appointment->end == NULL ||
	    strcmp(s->to, "scheduled") != 0)
		return NULL;
	to = json_pack("{s:s, s:s}", "resourceType", "Appointment", "status", is_missed ? "noshow" : "booked");
	fhir_put_time(to, "start", s->appointment->start);
	fhir_put_time(to, "end", s->appointment->end);
	fhir_add_new(to, "basedOn", fhir_new_logical("ServiceRequest", FHIR_SYS_REFERRAL_NO, s->referral_id));
	fhir_add_new(to, "participant", new_participant("Patient", own != NULL ? own->system : NULL, own != NULL ? id->value : NULL, NULL));
	if (s->appointment->place != NULL)
		fhir_add_new(to, "participant", new_participant("Location", NULL, NULL, s->appointment->place));
	return to;
}
