/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_referral_in - a ServiceRequest and what it refers to, as a referral. */
#include "adapters/health/fhir.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "proto/base/clock.h"

static const char *
first_number(const struct fhir_doc *doc, const struct fhir_resource *request)
{
	const char *no = fhir_identifier(request->json, "PLAC");
	const json_t *id;

	for (size_t i = 0; no == NULL && (id = fhir_item(request->json, "identifier", i)) != NULL; i++) {
		const char *type = fhir_text(id, "type.coding.code");

		if (type == NULL || strcmp(type, "FILL") != 0)
			no = fhir_text(id, "value");
	}
	if (no == NULL && doc->bundle_type != NULL)
		no = fhir_text(doc->root, "identifier.value");
	if (no == NULL)
		no = fhir_text(request->json, "id");
	if (no == NULL && request->full_url != NULL)
		no = strncmp(request->full_url, "urn:uuid:", 9) == 0 ? request->full_url + 9 : request->full_url;
	return no;
}

/* MessageHeader.destination, then performer, names who shall get it. */
static void
read_target(struct fhir_reading *r, const struct fhir_resource *request)
{
	struct fhir_resource *header = fhir_doc_first(r->doc, "MessageHeader"), *to;
	const json_t *performer, *id;
	const char *agency = NULL, *system, *alias;

	for (size_t i = 0; (performer = fhir_item(request->json, "performer", i)) != NULL; i++) {
		if (agency == NULL)
			agency = fhir_agency(r, request, performer);
		to = fhir_doc_resolve(r->doc, request, performer);
		if (to != NULL)
			to->is_used = true;
		for (size_t k = 0; (id = k == 0 ? fhir_at(performer, "identifier") :
				    to != NULL ? fhir_item(to->json, "identifier", k - 1) : NULL) != NULL || k == 0; k++) {
			system = fhir_text(id, "system");
			if (system != NULL && strcmp(system, FHIR_SYS_SERVICE_ID) == 0)
				fhir_take(r, "referral.target.service_id", fhir_at(id, "value"));
		}
	}
	if (header != NULL) {
		header->is_used = true;
		if (agency == NULL)
			agency = fhir_agency(r, header, fhir_at(header->json, "destination.receiver"));
		alias = fhir_text(header->json, "destination.endpoint");
		if (agency == NULL && alias != NULL)
			agency = r->env->agency_of(r->env->arg, alias);
		alias = fhir_text(header->json, "destination.name");
		if (agency == NULL && alias != NULL)
			agency = r->env->agency_of(r->env->arg, alias);
	}
	fhir_set(r, "referral.target.agency", agency);
	r->item->target = arena_str(r->mem, agency);
}

static void
read_service(struct fhir_reading *r, const json_t *request)
{
	const json_t *concept = fhir_at(request, "code"), *category;
	const char *kind = fhir_concept(r, concept, FHIR_SYS_SERVICE, "service_kind", "ServiceRequest.code");
	const char *text = fhir_text(concept, "text");

	for (size_t i = 0; kind == NULL && (category = fhir_item(request, "category", i)) != NULL; i++) {
		kind = fhir_concept(r, category, FHIR_SYS_SERVICE, "service_kind", "ServiceRequest.category");
		if (concept == NULL)
			concept = category;
	}
	if (kind == NULL && concept != NULL) {	/* not in the concept map: a person reads the text */
		kind = "other";
		if (text == NULL)
			text = fhir_concept_text(concept);
		if (text == NULL)
			text = fhir_text(concept, "coding.code");
	}
	fhir_set(r, "referral.service_kind", kind);
	fhir_set(r, "referral.service_text", text);
}

static bool
is_icd10(const json_t *coding)
{
	const char *system = fhir_text(coding, "system");

	return system != NULL && (strncmp(system, FHIR_SYS_ICD10, strlen(FHIR_SYS_ICD10)) == 0 ||
				  strcmp(system, "urn:oid:2.16.840.1.113883.6.3") == 0);
}

static void
read_diagnosis(struct fhir_reading *r, size_t i, const json_t *concept, const json_t *condition)
{
	const json_t *coding;
	char path[64];

	for (size_t k = 0; (coding = fhir_item(concept, "coding", k)) != NULL && !is_icd10(coding); k++)
		;
	if (coding == NULL)
		coding = fhir_item(concept, "coding", 0);
	snprintf(path, sizeof(path), "referral.diagnosis[%zu].code", i);
	fhir_take(r, path, fhir_at(coding, "code"));
	snprintf(path, sizeof(path), "referral.diagnosis[%zu].text", i);
	fhir_set(r, path, fhir_concept_text(concept));
	snprintf(path, sizeof(path), "referral.diagnosis[%zu].use", i);
	fhir_take(r, path, fhir_extension(condition, FHIR_EXT "diagnosis-use"));
	snprintf(path, sizeof(path), "referral.diagnosis[%zu].rank", i);
	fhir_take_scalar(r, path, fhir_extension(condition, FHIR_EXT "diagnosis-rank"));
}

/* reasonCode: need codes, ICD-10 codes and the text; reasonReference: Condition */
static void
read_reasons(struct fhir_reading *r, const struct fhir_resource *request)
{
	const json_t *concept, *reference, *note;
	size_t n_diagnosis = 0;
	struct buf text;

	buf_init(&text, r->mem);
	for (size_t i = 0; (concept = fhir_item(request->json, "reasonCode", i)) != NULL; i++) {
		const char *need = fhir_concept(r, concept, FHIR_SYS_NEED, "need", "ServiceRequest.reasonCode");

		fhir_set(r, "referral.need", need);
		if (need == NULL && is_icd10(fhir_at(concept, "coding")))
			read_diagnosis(r, n_diagnosis++, concept, NULL);
		else if (need == NULL && fhir_text(concept, "text") == NULL && fhir_concept_text(concept) != NULL)
			buf_fmt(&text, "%s%s", text.n > 0 ? "\n" : "", fhir_concept_text(concept));
		if (fhir_text(concept, "text") != NULL)
			buf_fmt(&text, "%s%s", text.n > 0 ? "\n" : "", fhir_text(concept, "text"));
	}
	for (size_t i = 0; (note = fhir_item(request->json, "note", i)) != NULL; i++)
		if (fhir_text(note, "text") != NULL)
			buf_fmt(&text, "%s%s", text.n > 0 ? "\n" : "", fhir_text(note, "text"));
	if (text.n > 0)
		fhir_set(r, "referral.reason_text", buf_text(&text));
	for (size_t i = 0; (reference = fhir_item(request->json, "reasonReference", i)) != NULL; i++) {
		struct fhir_resource *to = fhir_doc_resolve(r->doc, request, reference);

		if (to == NULL || strcmp(to->type, "Condition") != 0)
			continue;
		to->is_used = true;
		read_diagnosis(r, n_diagnosis++, fhir_at(to->json, "code"), to->json);
	}
}

static void
read_goals(struct fhir_reading *r, const struct fhir_resource *request)
{
	const json_t *x;
	char path[64];
	size_t n = 0;

	for (size_t i = 0; (x = fhir_item(request->json, "extension", i)) != NULL; i++) {
		const char *url = fhir_text(x, "url");
		struct fhir_resource *goal;

		if (url == NULL || strcmp(url, FHIR_EXT_GOAL) != 0)
			continue;
		goal = fhir_doc_resolve(r->doc, request, fhir_at(x, "valueReference"));
		if (goal == NULL || strcmp(goal->type, "Goal") != 0)
			continue;
		goal->is_used = true;
		snprintf(path, sizeof(path), "referral.goals[%zu].code", n);
		fhir_take(r, path, fhir_at(goal->json, "description.coding.code"));
		snprintf(path, sizeof(path), "referral.goals[%zu].text", n);
		fhir_set(r, path, fhir_concept_text(fhir_at(goal->json, "description")));
		snprintf(path, sizeof(path), "referral.goals[%zu].target_date", n);
		fhir_take(r, path, fhir_at(goal->json, "target.dueDate"));
		n++;
	}
}

static void
read_prior_services(struct fhir_reading *r, const struct fhir_resource *request)
{
	static const char *const names[] = { "service_kind", "agency", "since" };
	const json_t *x;
	char path[64];
	size_t n = 0;

	for (size_t i = 0; (x = fhir_item(request->json, "extension", i)) != NULL; i++) {
		const char *url = fhir_text(x, "url");

		if (url == NULL || strcmp(url, FHIR_EXT "prior-service") != 0)
			continue;
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			snprintf(path, sizeof(path), "referral.services_already_used[%zu].%s", n, names[k]);
			fhir_take(r, path, fhir_extension(x, names[k]));
		}
		n++;
	}
}

/* -- consent -- */
static void
read_consent(struct fhir_reading *r, struct fhir_resource *consent)
{
	const char *status = fhir_text(consent->json, "status"), *type = fhir_text(consent->json, "provision.type");

	/* One that was refused, has ended or forbids is no consent, whatever else it says. */
	if (status == NULL || strcmp(status, "active") != 0 || (type != NULL && strcmp(type, "permit") != 0))
		return;
	fhir_read_consent_fields(r, "referral.consent", consent);
	if (r->e == OK && r->record->referral->legal_basis == NULL)
		fhir_set(r, "referral.legal_basis", "consent");
}

static void
read_supporting(struct fhir_reading *r, const struct fhir_resource *request)
{
	struct fhir_resource *consent = NULL;
	const json_t *reference;

	for (size_t i = 0; consent == NULL && (reference = fhir_item(request->json, "supportingInfo", i)) != NULL; i++) {
		struct fhir_resource *to = fhir_doc_resolve(r->doc, request, reference);

		if (to != NULL && strcmp(to->type, "Consent") == 0)
			consent = to;
	}
	if (consent == NULL)
		consent = fhir_doc_first(r->doc, "Consent");	/* senders leave the link out; a second one is not guessed at */
	if (consent != NULL)
		read_consent(r, consent);
}

/* -- the request itself -- */
static void
read_times(struct fhir_reading *r, const json_t *request, const struct fhir_resource *task)
{
	const json_t *start = fhir_at(request, "occurrenceDateTime"), *by = NULL, *else_by;

	if (start == NULL)
		start = fhir_at(request, "occurrencePeriod.start");
	fhir_take_date(r, "referral.requested_start", start);
	fhir_take(r, "referral.authored_on", fhir_at(request, "authoredOn"));
	if (task != NULL)
		by = fhir_at(task->json, "restriction.period.end");
	else_by = fhir_extension(request, FHIR_EXT "respond-by");
	fhir_take(r, "referral.respond_by", by != NULL ? by : else_by);
}

/* Its own; one that has none is as urgent as the Task that asks for it; and where nobody says it, R4 says: routine. */
static void
read_priority(struct fhir_reading *r, const json_t *request, const struct fhir_resource *task)
{
	const char *own = fhir_text(request, "priority"), *said = own != NULL || task == NULL ? own : fhir_text(task->json, "priority");

	if (said == NULL)
		said = "routine";
	if (fhir_priority_of(said) == NULL)
		fhir_fail(r, ERR_UNKNOWN_CODE, own != NULL ? "ServiceRequest.priority" : "Task.priority", "routine, urgent, asap or stat");
	fhir_set(r, "referral.priority", fhir_priority_of(said));
}

static void
read_codes(struct fhir_reading *r, const json_t *request)
{
	const char *intent = fhir_text(request, "intent");
	const json_t *detail, *coding;

	if (intent != NULL && (strcmp(intent, "proposal") == 0 || strcmp(intent, "option") == 0))
		fhir_fail(r, ERR_UNSUPPORTED, "ServiceRequest.intent", "an order, or a plan, asks for something");
	if (json_is_true(fhir_at(request, "doNotPerform")))
		fhir_fail(r, ERR_UNSUPPORTED, "ServiceRequest.doNotPerform", "a request not to act is no referral");
	for (size_t i = 0; (detail = fhir_item(request, "orderDetail", i)) != NULL; i++)
		for (size_t k = 0; (coding = fhir_item(detail, "coding", k)) != NULL; k++) {
			const char *code = fhir_peek(coding, "code");

			if (code != NULL && strcmp(code, "contacting-subject-prohibited") == 0 && fhir_text(coding, "code") != NULL)
				fhir_set(r, "referral.safety.do_not_contact_carer", "true");
		}
}

/* The request that this one takes the place of: one or a list of them, by our number of it. */
static void
read_based_on(struct fhir_reading *r, const struct fhir_resource *request)
{
	const json_t *on;

	if (r->e != OK || r->record->referral->supersedes != NULL)
		return;		/* said in so many words */
	for (size_t i = 0; (on = fhir_item(request->json, "basedOn", i)) != NULL; i++) {
		struct fhir_resource *to = fhir_doc_resolve(r->doc, request, on);
		const char *no = to != NULL ? fhir_identifier(to->json, "PLAC") : fhir_peek(on, "identifier.value");
		const char *system = fhir_text(on, "identifier.system");

		if (no == NULL || (to == NULL && (system == NULL || strcmp(system, FHIR_SYS_REFERRAL_NO) != 0)))
			continue;	/* a plan or an order of theirs: no number that we know */
		fhir_set(r, "referral.supersedes", to != NULL ? no : fhir_text(on, "identifier.value"));
		return;
	}
}

static struct fhir_resource *
find_patient(struct fhir_reading *r, const struct fhir_resource *request)
{
	struct fhir_resource *patient = fhir_doc_resolve(r->doc, request, fhir_at(request->json, "subject"));
	size_t n = fhir_doc_count(r->doc, "Patient");

	if (patient != NULL && strcmp(patient->type, "Patient") == 0)
		return patient;
	if (n == 1 && fhir_text(request->json, "subject.reference") == NULL)
		return fhir_doc_first(r->doc, "Patient");
	fhir_fail(r, ERR_REQUIRED, n == 0 ? "Patient" : "ServiceRequest.subject", "the Patient comes with the request");
	return NULL;
}

void
fhir_read_referral(struct fhir_reading *r, struct fhir_resource *request, struct fhir_resource *task)
{
	const char *no = first_number(r->doc, request);
	struct fhir_resource *patient = find_patient(r, request);

	if (patient == NULL)
		return;
	request->is_used = true;
	if (task != NULL) {
		task->is_used = true;
		(void)fhir_identifier(task->json, "PLAC");	/* the same number again */
		(void)fhir_identifier(task->json, "FILL");
	}
	fhir_set(r, "referral.referral_id", no);
	fhir_set(r, "native_id", no);
	r->item->native_id = no != NULL ? arena_fmt(r->mem, "ServiceRequest/%s", no) : NULL;
	fhir_set(r, "referral.external_id", fhir_identifier(request->json, "FILL"));
	fhir_set(r, "referral.initiator.agency", r->env->agency);
	fhir_read_party(r, "referral.initiator", request, fhir_at(request->json, "requester"));
	read_target(r, request);
	fhir_read_patient(r, patient);
	fhir_read_carers(r, patient);
	read_service(r, request->json);
	read_priority(r, request->json, task);
	read_codes(r, request->json);
	read_reasons(r, request);
	fhir_take_fields(r, "referral", "ServiceRequest", request->json);
	read_based_on(r, request);
	read_times(r, request->json, task);
	read_goals(r, request);
	read_prior_services(r, request);
	if (r->e == OK)
		read_supporting(r, request);
}
