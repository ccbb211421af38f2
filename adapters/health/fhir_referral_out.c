/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_referral_out - a referral as ServiceRequest and the resources around it. Only what is there is written. */
#include "adapters/health/fhir.h"

#include <string.h>

#include <jansson.h>

static void
write_organization(struct fhir_writing *w, const char *name, const char *agency, const char *unit)
{
	json_t *to = json_pack("{s:s}", "resourceType", "Organization");
	const char *alias = w->env != NULL && agency != NULL ? w->env->alias_of(w->env->arg, agency) : NULL;

	fhir_add_new(to, "identifier", fhir_new_identifier(NULL, FHIR_SYS_AGENCY, agency));
	if (alias != NULL && strcmp(alias, agency) != 0)
		fhir_add_new(to, "identifier", fhir_new_identifier(NULL, NULL, alias));
	fhir_put(to, "name", unit);
	fhir_add_entry(w, name, to);
}

static void
write_requester(struct fhir_writing *w, const struct referral *referral, json_t *request)
{
	const struct party *by = referral->initiator;
	json_t *role, *person;

	write_organization(w, "Organization", by != NULL && by->agency != NULL ? by->agency : w->out->from,
			   by != NULL ? by->unit : NULL);
	if (by == NULL || by->worker == NULL) {
		fhir_put_new(request, "requester", fhir_new_reference(w, "Organization"));
		return;
	}
	role = fhir_new_worker(by->worker, fhir_new_reference(w, "Organization"));
	if (by->worker->name != NULL) {
		person = json_pack("{s:s, s:[{s:s}]}", "resourceType", "Practitioner", "name", "text", by->worker->name);
		fhir_put_new(json_object_get(role, "practitioner"), "reference",
			     json_string(arena_fmt(w->mem, "urn:uuid:%s", fhir_uuid(w, "Practitioner"))));
		fhir_add_entry(w, "Practitioner", person);
	}
	fhir_add_entry(w, "PractitionerRole", role);
	fhir_put_new(request, "requester", fhir_new_reference(w, "PractitionerRole"));
}

static void
write_performer(struct fhir_writing *w, const struct referral *referral, json_t *request)
{
	const struct party *to = referral->target;

	if (to != NULL && to->agency != NULL) {
		write_organization(w, "Organization-target", to->agency, NULL);
		fhir_add_new(request, "performer", fhir_new_reference(w, "Organization-target"));
	}
	if (to != NULL)
		fhir_add_new(request, "performer", fhir_new_logical("HealthcareService", FHIR_SYS_SERVICE_ID, to->service_id));
}

static void
write_diagnoses(struct fhir_writing *w, const struct referral *referral, json_t *request)
{
	for (size_t i = 0; i < referral->n_diagnosis; i++) {
		const struct diagnosis *d = referral->diagnosis[i];
		const char *name = arena_fmt(w->mem, "Condition-%zu", i + 1);
		json_t *to = json_pack("{s:s, s:o, s:o}", "resourceType", "Condition", "code",
				       fhir_new_coded(FHIR_SYS_ICD10, d->code, d->text), "subject", fhir_new_reference(w, "Patient"));

		if (d->use != NULL)
			fhir_put_extension(to, FHIR_EXT "diagnosis-use", "valueString", json_string(d->use));
		if (d->rank != NULL)
			fhir_put_extension(to, FHIR_EXT "diagnosis-rank", "valueInteger", json_integer(*d->rank));
		if (name == NULL) {
			w->is_full = true;
			json_decref(to);
			return;
		}
		fhir_add_entry(w, name, to);
		fhir_add_new(request, "reasonReference", fhir_new_reference(w, name));
	}
}

static void
write_goals(struct fhir_writing *w, const struct referral *referral, json_t *request)
{
	for (size_t i = 0; i < referral->n_goals; i++) {
		const struct goal *g = referral->goals[i];
		const char *name = arena_fmt(w->mem, "Goal-%zu", i + 1);
		json_t *to = json_pack("{s:s, s:s, s:o, s:o}", "resourceType", "Goal", "lifecycleStatus", "proposed", "description",
				       fhir_new_coded(NULL, g->code, g->text), "subject", fhir_new_reference(w, "Patient"));

		if (g->target_date != NULL)
			fhir_add_new(to, "target", json_pack("{s:s}", "dueDate", g->target_date));
		if (name == NULL) {
			w->is_full = true;
			json_decref(to);
			return;
		}
		fhir_add_entry(w, name, to);
		fhir_put_extension(request, FHIR_EXT_GOAL, "valueReference", fhir_new_reference(w, name));
	}
}

static void
put_prior_services(const struct referral *referral, json_t *request)
{
	for (size_t i = 0; i < referral->n_services_already_used; i++) {
		const struct prior_service *p = referral->services_already_used[i];
		json_t *to = json_pack("{s:s}", "url", FHIR_EXT "prior-service");

		if (p->service_kind != NULL)
			fhir_put_extension(to, "service_kind", "valueCode", json_string(p->service_kind));
		if (p->agency != NULL)
			fhir_put_extension(to, "agency", "valueString", json_string(p->agency));
		if (p->since != NULL)
			fhir_put_extension(to, "since", "valueDate", json_string(p->since));
		fhir_add_new(request, "extension", to);
	}
}

/* -- consent -- */
static void
write_consent(struct fhir_writing *w, const struct referral *referral, json_t *request)
{
	const struct consent *c = referral->consent;

	if (c == NULL)
		return;
	fhir_add_entry(w, "Consent", fhir_new_consent_of(c, c->given_on, fhir_new_reference(w, "Patient")));
	fhir_add_new(request, "supportingInfo", fhir_new_reference(w, "Consent"));
}

/* -- the request itself -- */
static void
put_reasons(const struct referral *referral, json_t *request)
{
	fhir_add_new(request, "reasonCode", fhir_new_coded(NULL, NULL, referral->reason_text));
	for (size_t i = 0; i < referral->need.n; i++)
		fhir_add_new(request, "reasonCode", fhir_new_coded(FHIR_SYS_NEED, referral->need.items[i], NULL));
}

void
fhir_write_referral(struct fhir_writing *w, const struct referral *referral)
{
	const char *external = referral->external_id != NULL ? referral->external_id : w->out->case_no;
	json_t *request = json_pack("{s:s}", "resourceType", "ServiceRequest");

	fhir_put_fields(w, "referral", "ServiceRequest", request);
	put_prior_services(referral, request);
	if (referral->respond_by != NULL) {
		json_t *by = json_object();

		fhir_put_time(by, "text", referral->respond_by);
		fhir_put_extension(request, FHIR_EXT "respond-by", "valueDateTime", json_incref(json_object_get(by, "text")));
		json_decref(by);
	}
	fhir_add_new(request, "identifier", fhir_new_identifier("PLAC", FHIR_SYS_REFERRAL_NO, referral->referral_id));
	fhir_add_new(request, "identifier", fhir_new_identifier("FILL", FHIR_SYS_CASE_NO, external));
	fhir_put(request, "status", "active");
	fhir_put(request, "intent", "order");
	fhir_put(request, "priority", fhir_priority_code(referral->priority));
	fhir_put_new(request, "code", fhir_new_coded(FHIR_SYS_SERVICE, referral->service_kind, referral->service_text));
	fhir_put_new(request, "subject", fhir_new_reference(w, "Patient"));
	fhir_put(request, "occurrenceDateTime", referral->requested_start);
	fhir_put_time(request, "authoredOn", referral->authored_on);
	write_requester(w, referral, request);
	write_performer(w, referral, request);
	put_reasons(referral, request);
	write_diagnoses(w, referral, request);
	write_consent(w, referral, request);
	write_goals(w, referral, request);
	fhir_add_entry(w, "ServiceRequest", request);
	fhir_write_patient(w, referral);
}
