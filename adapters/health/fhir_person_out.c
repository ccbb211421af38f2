/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_person_out - the child as Patient, with its carers as contacts; workers as PractitionerRole. */
#include "adapters/health/fhir.h"

#include <string.h>

#include <jansson.h>

static json_t *
new_telecom(const char *system, const char *value)
{
	return value != NULL ? json_pack("{s:s, s:s}", "system", system, "value", value) : NULL;
}

static json_t *
new_address(const struct address *a, const char *use)
{
	json_t *to;

	if (a == NULL)
		return NULL;
	to = json_pack("{s:s*}", "use", use);
	if (a->municipality != NULL)
		fhir_put_extension(to, FHIR_EXT "municipality", "valueString", json_string(a->municipality));
	if (a->ekatte != NULL)
		fhir_put_extension(to, FHIR_EXT "ekatte", "valueString", json_string(a->ekatte));
	if (a->line != NULL)
		fhir_add_new(to, "line", json_string(a->line));
	fhir_put(to, "city", a->city);
	fhir_put(to, "state", a->county);
	fhir_put(to, "postalCode", a->postal);
	fhir_put(to, "country", a->country);
	return to;
}

static json_t *
new_id(const struct person_id *id)
{
	const struct fhir_id_system *own = fhir_id_by_type(id->type);
	json_t *to = fhir_new_identifier(own != NULL ? own->code : NULL, own != NULL ? own->system : NULL, id->value);

	if (to != NULL && id->country != NULL)
		fhir_put_extension(to, FHIR_EXT "country", "valueString", json_string(id->country));
	return to;
}

/* What is not known of the day is left away, as FHIR writes it. */
static const char *
birth_date(const struct person *child, struct arena *mem)
{
	const char *day = child->birth_date, *accuracy = child->birth_date_accuracy;

	if (day != NULL && accuracy != NULL && strcmp(accuracy, "year") == 0 && strcmp(day + 4, "-01-01") == 0)
		return arena_strn(mem, day, 4);
	if (day != NULL && accuracy != NULL && strcmp(accuracy, "month") == 0 && strcmp(day + 7, "-01") == 0)
		return arena_strn(mem, day, 7);
	return day;
}

static void
put_name(json_t *patient, const struct person *child)
{
	json_t *name = json_pack("{s:s, s:s*}", "use", "official", "family", child->family);

	if (child->given != NULL)
		fhir_add_new(name, "given", json_string(child->given));
	if (child->middle != NULL)
		fhir_add_new(name, "given", json_string(child->middle));
	fhir_add_new(patient, "name", name);
}

static void
put_speech(json_t *patient, const struct referral *referral)
{
	const struct person *child = referral->child;

	if (child->nationality != NULL)
		fhir_add_new(patient, "extension", json_pack("{s:s, s:[{s:s, s:{s:[{s:s, s:s}]}}]}", "url", FHIR_EXT_NATIONALITY,
			     "extension", "url", "code", "valueCodeableConcept", "coding", "system", "urn:iso:std:iso:3166",
			     "code", child->nationality));
	if (referral->interpreter != NULL)
		fhir_put_extension(patient, FHIR_EXT_INTERPRETER, "valueBoolean", json_boolean(*referral->interpreter));
	if (referral->language != NULL)
		fhir_add_new(patient, "communication", json_pack("{s:o, s:b}", "language",
			     fhir_new_coded("urn:ietf:bcp:47", referral->language, NULL), "preferred", 1));
}

static void
put_contacts(json_t *patient, const struct referral *referral)
{
	for (size_t i = 0; i < referral->n_carers; i++) {
		const struct carer *carer = referral->carers[i];
		json_t *contact = json_object();

		if (carer->relation != NULL)
			fhir_add_new(contact, "relationship",
				     fhir_new_coded(FHIR_SYS_ROLE, fhir_relation_code(carer->relation), NULL));
		if (carer->name != NULL)
			fhir_put_new(contact, "name", json_pack("{s:s}", "text", carer->name));
		fhir_add_new(contact, "telecom", new_telecom("phone", carer->phone));
		fhir_put_new(contact, "address", new_address(carer->address, NULL));
		fhir_add_new(patient, "contact", contact);
	}
}

void
fhir_write_patient(struct fhir_writing *w, const struct referral *referral)
{
	const struct person *child = referral->child;
	json_t *patient = json_pack("{s:s}", "resourceType", "Patient");

	put_speech(patient, referral);
	fhir_put_fields(w, "referral", "Patient", patient);
	for (size_t i = 0; i < child->n_ids; i++)
		fhir_add_new(patient, "identifier", new_id(child->ids[i]));
	put_name(patient, child);
	fhir_add_new(patient, "telecom", new_telecom("phone", child->phone));
	fhir_add_new(patient, "telecom", new_telecom("email", child->email));
	fhir_put(patient, "gender", child->gender);
	fhir_put(patient, "birthDate", birth_date(child, w->mem));
	fhir_add_new(patient, "address", new_address(child->address, "home"));
	fhir_add_new(patient, "address", new_address(child->actual_address, "temp"));
	put_contacts(patient, referral);
	if (child->gp != NULL) {
		fhir_add_new(patient, "generalPractitioner", fhir_new_logical("Practitioner", FHIR_SYS_UIN, child->gp->uin));
		fhir_add_new(patient, "generalPractitioner", fhir_new_logical("Organization", FHIR_SYS_PRACTICE, child->gp->practice));
	}
	fhir_add_entry(w, "Patient", patient);
}

json_t *
fhir_new_worker(const struct worker *worker, json_t *organization)
{
	json_t *role = json_pack("{s:s}", "resourceType", "PractitionerRole");

	if (worker->name != NULL)
		fhir_put_new(role, "practitioner", json_pack("{s:s}", "display", worker->name));
	fhir_put_new(role, "organization", organization);
	fhir_add_new(role, "code", fhir_new_coded(NULL, NULL, worker->role));
	fhir_add_new(role, "telecom", new_telecom("phone", worker->phone));
	fhir_add_new(role, "telecom", new_telecom("email", worker->email));
	return role;
}
