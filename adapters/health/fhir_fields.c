/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_fields - the fields that FHIR has no element for, and where in FHIR each path of the record stands. Tables only. */
#include "adapters/health/fhir.h"

#include <string.h>

static const struct fhir_field fields[] = {
	{ "group_id", "ServiceRequest", "valueString" },
	{ "supersedes", "ServiceRequest", "valueString" },
	{ "continues", "ServiceRequest", "valueString" },
	{ "target.unit", "ServiceRequest", "valueString" },
	{ "target.worker.name", "ServiceRequest", "valueString" },
	{ "target.worker.role", "ServiceRequest", "valueString" },
	{ "target.worker.phone", "ServiceRequest", "valueString" },
	{ "target.worker.email", "ServiceRequest", "valueString" },
	{ "household_size", "ServiceRequest", "valueInteger" },
	{ "siblings_also_referred", "ServiceRequest", "valueString" },
	{ "attachments", "ServiceRequest", "valueString" },
	{ "risk_level", "ServiceRequest", "valueCode" },
	{ "safety.do_not_contact_carer", "ServiceRequest", "valueBoolean" },
	{ "safety.do_not_visit_alone", "ServiceRequest", "valueBoolean" },
	{ "safety.secret_address", "ServiceRequest", "valueBoolean" },
	{ "safety.contact_via", "ServiceRequest", "valueString" },
	{ "disposition_wanted", "ServiceRequest", "valueCode" },
	{ "legal_basis", "ServiceRequest", "valueCode" },
	{ "disability_support", "ServiceRequest", "valueString" },
	{ "attendance.absences_excused", "ServiceRequest", "valueInteger" },
	{ "attendance.absences_unexcused", "ServiceRequest", "valueInteger" },
	{ "attendance.period_from", "ServiceRequest", "valueDate" },
	{ "attendance.period_to", "ServiceRequest", "valueDate" },
	{ "attendance.measures_taken", "ServiceRequest", "valueString" },
	{ "preview.age_band", "ServiceRequest", "valueCode" },
	{ "preview.service_kind", "ServiceRequest", "valueCode" },
	{ "preview.municipality", "ServiceRequest", "valueString" },
	{ "preview.priority", "ServiceRequest", "valueCode" },
	{ "child.birth_date_accuracy", "Patient", "valueCode" },
	{ "child.school.code", "Patient", "valueString" },
	{ "child.school.name", "Patient", "valueString" },
	{ "child.school.grade", "Patient", "valueString" },
	{ "from", "Task", "valueCode" },
	{ "transition", "Task", "valueCode" },
	{ "actor.name", "Task", "valueString" },
	{ "actor.role", "Task", "valueString" },
	{ "actor.phone", "Task", "valueString" },
	{ "actor.email", "Task", "valueString" },
	{ "new_target", "Task", "valueString" },
	{ "waitlist.position", "Task", "valueInteger" },
	{ "waitlist.band", "Task", "valueString" },
	{ "waitlist.estimated_wait_days", "Task", "valueInteger" },
	{ "waitlist.review_by", "Task", "valueDate" },
	{ "expected_start", "Task", "valueDate" },
	{ "milestone", "Task", "valueString" },
	{ "attempt_no", "Task", "valueInteger" },
	{ "answer_by", "Task", "valueDateTime" },
	{ "supersedes", "Task", "valueString" },
	{ "outcome.closed_on", "Task", "valueDate" },
	{ "outcome.closed_by", "Task", "valueString" },
	{ "satisfied", "Task", "valueBoolean" },
	{ "follow_up_referral", "Task", "valueString" },
	{ "needs_new_consent", "Task", "valueBoolean" },
	{ NULL, NULL, NULL },
};

const struct fhir_field *
fhir_fields(void)
{
	return fields;
}

/* Longest first where one begins another. `referral.` and `status.` are left out, indexes too. */
static const struct {
	const char *path, *fhir;
} places[] = {
	{ "referral_id", "ServiceRequest.identifier" },
	{ "external_id", "ServiceRequest.identifier" },
	{ "initiator.unit", "Organization.name" },
	{ "initiator.worker", "ServiceRequest.requester" },
	{ "initiator", "ServiceRequest.requester" },
	{ "target", "ServiceRequest.performer" },
	{ "child.ids", "Patient.identifier" },
	{ "child.given", "Patient.name.given" },
	{ "child.middle", "Patient.name.given" },
	{ "child.family", "Patient.name.family" },
	{ "child.birth_date", "Patient.birthDate" },
	{ "child.gender", "Patient.gender" },
	{ "child.address", "Patient.address" },
	{ "child.actual_address", "Patient.address" },
	{ "child.phone", "Patient.telecom" },
	{ "child.email", "Patient.telecom" },
	{ "child.nationality", "Patient.extension" },
	{ "child.gp", "Patient.generalPractitioner" },
	{ "child", "Patient" },
	{ "carers", "Patient.contact" },
	{ "service_kind", "ServiceRequest.code" },
	{ "service_text", "ServiceRequest.code.text" },
	{ "need", "ServiceRequest.reasonCode" },
	{ "reason_text", "ServiceRequest.reasonCode.text" },
	{ "diagnosis", "Condition.code" },
	{ "priority", "ServiceRequest.priority" },
	{ "consent.valid_until", "Consent.provision.period.end" },
	{ "consent.recipients_allowed", "Consent.provision.actor.reference" },
	{ "consent.given_on", "Consent.dateTime" },
	{ "consent.evidence", "Consent.source" },
	{ "consent", "Consent" },
	{ "requested_start", "ServiceRequest.occurrence" },
	{ "respond_by", "Task.restriction.period.end" },
	{ "goals", "Goal" },
	{ "services_already_used", "ServiceRequest.extension" },
	{ "language", "Patient.communication" },
	{ "interpreter", "Patient.extension" },
	{ "authored_on", "ServiceRequest.authoredOn" },
	{ "native_id", "ServiceRequest.identifier" },
	{ "confirms", "Task.identifier" },
	{ "case_no", "Task.identifier" },
};

static const struct {
	const char *path, *fhir;
} status_places[] = {
	{ "referral_id", "Task.identifier" },
	{ "native_id", "Task.identifier" },
	{ "to", "Task.status" },
	{ "at", "Task.lastModified" },
	{ "reason_code", "Task.statusReason" },
	{ "reason_text", "Task.statusReason.text" },
	{ "case_no", "Task.identifier" },
	{ "appointment.place", "Task.location" },
	{ "appointment", "Task.executionPeriod" },
	{ "assigned_worker", "Task.owner" },
	{ "outcome", "Task.output" },
	{ "questions", "Task.input" },
	{ "continuity", "Task.extension" },
};

static bool
begins(const char *path, const char *row)
{
	size_t n = strlen(row);

	return strncmp(path, row, n) == 0 && (path[n] == '\0' || path[n] == '.' || path[n] == '_');
}

const char *
fhir_expression(const char *where, struct arena *mem)
{
	bool is_status = strncmp(where, "status.", 7) == 0;
	char path[96];
	size_t n = 0;

	if (is_status)
		where += 7;
	else if (strncmp(where, "referral.", 9) == 0)
		where += 9;
	for (const char *p = where; *p != '\0' && n + 1 < sizeof(path); p++) {
		if (*p == '[')
			while (p[1] != '\0' && *p != ']')
				p++;
		else
			path[n++] = *p;
	}
	path[n] = '\0';
	for (size_t i = 0; is_status && i < sizeof(status_places) / sizeof(status_places[0]); i++)
		if (begins(path, status_places[i].path))
			return status_places[i].fhir;
	for (const struct fhir_field *f = fields; f->path != NULL; f++)
		if (strcmp(f->path, path) == 0 && (strcmp(f->on, "Task") == 0) == is_status)
			return arena_fmt(mem, "%s.extension('%s%s')", f->on, FHIR_EXT_FIELD, f->path);
	for (size_t i = 0; !is_status && i < sizeof(places) / sizeof(places[0]); i++)
		if (begins(path, places[i].path))
			return places[i].fhir;
	return where;
}
