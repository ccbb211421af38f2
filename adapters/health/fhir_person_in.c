/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_person_in - people from FHIR: the child from Patient, carers from its contacts and RelatedPerson, workers. */
#include "adapters/health/fhir.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

static void
set_at(struct fhir_reading *r, const char *path, const char *name, const json_t *value)
{
	char whole[96];

	snprintf(whole, sizeof(whole), "%s.%s", path, name);
	fhir_take(r, whole, value);
}

void
fhir_read_address(struct fhir_reading *r, const char *path, const json_t *address)
{
	char line[400] = "";
	const json_t *part;
	size_t n = 0;

	set_at(r, path, "country", fhir_at(address, "country"));
	set_at(r, path, "county", fhir_at(address, "state"));
	set_at(r, path, "municipality", fhir_extension(address, FHIR_EXT "municipality"));
	set_at(r, path, "ekatte", fhir_extension(address, FHIR_EXT "ekatte"));
	set_at(r, path, "city", fhir_at(address, "city"));
	set_at(r, path, "postal", fhir_at(address, "postalCode"));
	for (size_t i = 0; (part = fhir_item(address, "line", i)) != NULL; i++) {
		const char *text = json_string_value(part);
		int written;

		if (text == NULL) {
			fhir_fail(r, ERR_SYNTAX, path, "a line of an address must be a text");
			return;
		}
		written = snprintf(line + n, sizeof(line) - n, "%s%s", n > 0 ? ", " : "", text);
		if (written < 0 || (size_t)written >= sizeof(line) - n) {
			fhir_fail(r, ERR_TOOLONG, path, "the lines of an address together");
			return;
		}
		n += (size_t)written;
	}
	if (n > 0) {
		char whole[96];

		snprintf(whole, sizeof(whole), "%s.line", path);
		fhir_set(r, whole, line);
	}
}

/* FHIR lets the month and the day be unknown; the record says so by its accuracy. False: it is no such date. */
static bool
whole_day(const char *text, char day[static 16], const char **ret_accuracy)
{
	size_t n = text != NULL ? strlen(text) : 0;

	if (n != 4 && n != 7)
		return false;
	snprintf(day, 16, "%s%s", text, n == 4 ? "-01-01" : "-01");
	*ret_accuracy = n == 4 ? "year" : "month";
	return true;
}

/* A number that nobody called an EGN, and that is of another day than the child's, only looks like one. */
const char *
fhir_child_id_type(const json_t *patient, const json_t *id, const char *value)
{
	const char *system = fhir_text(id, "system"), *code = fhir_text(id, "type.coding.code");
	const char *type = fhir_id_type(system, code, value);
	const struct fhir_id_system *own = fhir_id_by_type(type);
	const char *born = fhir_peek(patient, "birthDate"), *accuracy = NULL;
	char day[16];
	bool is_said = own != NULL && ((system != NULL && strcmp(system, own->system) == 0) || (code != NULL && strcmp(code, own->code) == 0));

	if (whole_day(born, day, &accuracy))
		born = day;
	if (is_said || strcmp(type, "EGN") != 0 || record_egn_tells_date(value, born, accuracy))
		return own != NULL ? type : "other";
	return code == NULL ? "local" : "other";
}

static void
read_identifiers(struct fhir_reading *r, const json_t *patient)
{
	const json_t *id;
	char path[64];
	size_t n = 0;

	for (size_t i = 0; (id = fhir_item(patient, "identifier", i)) != NULL; i++) {
		const char *value = fhir_peek(id, "value"), *use = fhir_text(id, "use");

		if (value == NULL || (use != NULL && strcmp(use, "old") == 0))
			continue;
		snprintf(path, sizeof(path), "referral.child.ids[%zu].type", n);
		fhir_set(r, path, fhir_child_id_type(patient, id, value));
		snprintf(path, sizeof(path), "referral.child.ids[%zu].value", n);
		fhir_set(r, path, fhir_text(id, "value"));
		snprintf(path, sizeof(path), "referral.child.ids[%zu].country", n);
		fhir_take(r, path, fhir_extension(id, FHIR_EXT "country"));
		n++;
	}
}

/* The official name, else the first that is no old one */
static const json_t *
best_name(const json_t *person)
{
	const json_t *name, *best = NULL;

	for (size_t i = 0; (name = fhir_item(person, "name", i)) != NULL; i++) {
		const char *use = fhir_text(name, "use");

		if (use != NULL && strcmp(use, "official") == 0)
			return name;
		if (best == NULL && (use == NULL || strcmp(use, "old") != 0))
			best = name;
	}
	return best;
}

static void
read_name(struct fhir_reading *r, const json_t *patient)
{
	const json_t *name = best_name(patient), *given;
	char rest[256] = "";
	size_t n = 0;

	fhir_take(r, "referral.child.family", fhir_at(name, "family"));
	fhir_take(r, "referral.child.given", fhir_item(name, "given", 0));
	for (size_t i = 1; (given = fhir_item(name, "given", i)) != NULL; i++) {
		int written = snprintf(rest + n, sizeof(rest) - n, "%s%s", n > 0 ? " " : "",
				       json_string_value(given) != NULL ? json_string_value(given) : "");

		if (written < 0 || (size_t)written >= sizeof(rest) - n) {
			fhir_fail(r, ERR_TOOLONG, "referral.child.middle", "the given names together");
			return;
		}
		n += (size_t)written;
	}
	fhir_set(r, "referral.child.middle", rest);
}

static void
read_birth_date(struct fhir_reading *r, const json_t *patient)
{
	const char *accuracy;
	char day[16];

	if (fhir_text(patient, "birthDate") != NULL && whole_day(fhir_peek(patient, "birthDate"), day, &accuracy)) {
		fhir_set(r, "referral.child.birth_date", day);
		fhir_set(r, "referral.child.birth_date_accuracy", accuracy);
		return;
	}
	fhir_take(r, "referral.child.birth_date", fhir_at(patient, "birthDate"));
}

static const json_t *
telecom(const json_t *person, const char *system)
{
	const json_t *t;

	for (size_t i = 0; (t = fhir_item(person, "telecom", i)) != NULL; i++) {
		const char *its = fhir_text(t, "system"), *use = fhir_text(t, "use");

		if (its != NULL && strcmp(its, system) == 0 && (use == NULL || strcmp(use, "old") != 0))
			return fhir_at(t, "value");
	}
	return NULL;
}

static void
read_addresses(struct fhir_reading *r, const json_t *patient)
{
	const json_t *address;
	size_t n = 0;

	for (size_t i = 0; (address = fhir_item(patient, "address", i)) != NULL; i++) {
		const char *use = fhir_text(address, "use");

		if (use != NULL && strcmp(use, "old") == 0)
			continue;
		if (use != NULL && strcmp(use, "temp") == 0)
			fhir_read_address(r, "referral.child.actual_address", address);
		else if (n++ == 0)
			fhir_read_address(r, "referral.child.address", address);
	}
}

static void
read_gp(struct fhir_reading *r, const json_t *patient)
{
	const json_t *gp;

	for (size_t i = 0; (gp = fhir_item(patient, "generalPractitioner", i)) != NULL; i++) {
		const char *system = fhir_text(gp, "identifier.system");

		if (system != NULL && strcmp(system, FHIR_SYS_UIN) == 0)
			fhir_take(r, "referral.child.gp.uin", fhir_at(gp, "identifier.value"));
		else if (system != NULL && strcmp(system, FHIR_SYS_PRACTICE) == 0)
			fhir_take(r, "referral.child.gp.practice", fhir_at(gp, "identifier.value"));
	}
}

void
fhir_read_patient(struct fhir_reading *r, struct fhir_resource *patient)
{
	const json_t *p = patient->json, *nationality;

	patient->is_used = true;
	if (json_is_true(fhir_at(p, "deceasedBoolean")) || fhir_at(p, "deceasedDateTime") != NULL) {
		fhir_fail(r, ERR_UNSUPPORTED, "Patient.deceased", "no referral for a child who has died");
		return;
	}
	read_identifiers(r, p);
	read_name(r, p);
	read_birth_date(r, p);
	fhir_take(r, "referral.child.gender", fhir_at(p, "gender"));
	read_addresses(r, p);
	fhir_take(r, "referral.child.phone", telecom(p, "phone"));
	fhir_take(r, "referral.child.email", telecom(p, "email"));
	nationality = fhir_extension(p, FHIR_EXT_NATIONALITY);
	if (nationality != NULL && (nationality = fhir_extension(nationality, "code")) != NULL)
		fhir_take(r, "referral.child.nationality", fhir_at(nationality, "coding.code"));
	fhir_take(r, "referral.language", fhir_at(p, "communication.language.coding.code"));
	fhir_take_scalar(r, "referral.interpreter", fhir_extension(p, FHIR_EXT_INTERPRETER));
	read_gp(r, p);
	fhir_take_fields(r, "referral", "Patient", p);
}

/* -- carers -- */
static const char *
name_text(struct fhir_reading *r, const json_t *person)
{
	const json_t *name = best_name(person), *given;
	struct buf whole;

	if (name == NULL || fhir_text(name, "text") != NULL)
		return fhir_text(name, "text");
	buf_init(&whole, r->mem);
	for (size_t i = 0; (given = fhir_item(name, "given", i)) != NULL; i++)
		if (json_is_string(given))
			buf_fmt(&whole, "%s%s", whole.n > 0 ? " " : "", json_string_value(given));
	if (fhir_text(name, "family") != NULL)
		buf_fmt(&whole, "%s%s", whole.n > 0 ? " " : "", fhir_text(name, "family"));
	return whole.n > 0 ? buf_text(&whole) : NULL;
}

static const char *
relation(const json_t *person)
{
	const json_t *concept, *coding;

	for (size_t i = 0; (concept = fhir_item(person, "relationship", i)) != NULL; i++)
		for (size_t k = 0; (coding = fhir_item(concept, "coding", k)) != NULL; k++) {
			const char *system = fhir_text(coding, "system"), *code = fhir_text(coding, "code");

			if (code != NULL && (system == NULL || strcmp(system, FHIR_SYS_ROLE) == 0))
				return fhir_relation_of(code);
		}
	return fhir_at(person, "relationship") != NULL ? "other" : NULL;
}

static void
read_carer(struct fhir_reading *r, size_t i, const json_t *person)
{
	char path[64];

	snprintf(path, sizeof(path), "referral.carers[%zu].name", i);
	fhir_set(r, path, name_text(r, person));
	snprintf(path, sizeof(path), "referral.carers[%zu].relation", i);
	fhir_set(r, path, relation(person));
	snprintf(path, sizeof(path), "referral.carers[%zu].phone", i);
	fhir_take(r, path, telecom(person, "phone"));
	snprintf(path, sizeof(path), "referral.carers[%zu].address", i);
	fhir_read_address(r, path, fhir_item(person, "address", 0));
}

void
fhir_read_carers(struct fhir_reading *r, struct fhir_resource *patient)
{
	const json_t *person;
	size_t n = 0;

	for (size_t i = 0; (person = fhir_item(patient->json, "contact", i)) != NULL; i++)
		if (name_text(r, person) != NULL)
			read_carer(r, n++, person);
	for (size_t i = 0; i < r->doc->n; i++) {
		struct fhir_resource *it = &r->doc->items[i];

		if (strcmp(it->type, "RelatedPerson") != 0 ||
		    fhir_doc_resolve(r->doc, it, fhir_at(it->json, "patient")) != patient || name_text(r, it->json) == NULL)
			continue;
		it->is_used = true;
		read_carer(r, n++, it->json);
	}
}

/* -- workers -- */
static void
read_practitioner(struct fhir_reading *r, const char *path, const json_t *person, const json_t *role)
{
	char whole[96];
	const json_t *phone = telecom(role, "phone"), *email = telecom(role, "email");

	snprintf(whole, sizeof(whole), "%s.name", path);
	fhir_set(r, whole, name_text(r, person));
	snprintf(whole, sizeof(whole), "%s.role", path);
	fhir_set(r, whole, fhir_concept_text(fhir_at(role, "code")));
	set_at(r, path, "phone", phone != NULL ? phone : telecom(person, "phone"));
	set_at(r, path, "email", email != NULL ? email : telecom(person, "email"));
}

const char *
fhir_party_name(struct fhir_reading *r, const struct fhir_resource *from, const json_t *reference)
{
	struct fhir_resource *to = fhir_doc_resolve(r->doc, from, reference);
	const char *name = NULL, *display = fhir_text(reference, "display");

	if (to != NULL && strcmp(to->type, "PractitionerRole") == 0) {
		to->is_used = true;
		name = fhir_text(to->json, "practitioner.display");
		to = fhir_doc_resolve(r->doc, to, fhir_at(to->json, "practitioner"));
	}
	if (to != NULL) {
		to->is_used = true;
		name = strcmp(to->type, "Organization") == 0 ? fhir_text(to->json, "name") : name_text(r, to->json);
	}
	if (name == NULL)
		name = display;
	return name != NULL ? name : fhir_text(reference, "identifier.value");
}

void
fhir_read_worker(struct fhir_reading *r, const char *path, const struct fhir_resource *from, const json_t *reference)
{
	struct fhir_resource *to = fhir_doc_resolve(r->doc, from, reference), *person;
	const json_t *next;

	if (to == NULL)
		return;
	to->is_used = true;
	if (strcmp(to->type, "Practitioner") == 0) {
		read_practitioner(r, path, to->json, NULL);
	} else if (strcmp(to->type, "PractitionerRole") == 0) {
		next = fhir_at(to->json, "practitioner");
		person = fhir_doc_resolve(r->doc, to, next);
		if (person != NULL)
			person->is_used = true;
		else
			set_at(r, path, "name", fhir_at(next, "display"));
		read_practitioner(r, path, person != NULL ? person->json : NULL, to->json);
	}
}

void
fhir_read_party(struct fhir_reading *r, const char *path, const struct fhir_resource *from, const json_t *reference)
{
	struct fhir_resource *to = fhir_doc_resolve(r->doc, from, reference);
	char worker[64];

	snprintf(worker, sizeof(worker), "%s.worker", path);
	fhir_read_worker(r, worker, from, reference);
	if (to != NULL && strcmp(to->type, "PractitionerRole") == 0)
		to = fhir_doc_resolve(r->doc, to, fhir_at(to->json, "organization"));
	if (to != NULL && strcmp(to->type, "Organization") == 0) {
		to->is_used = true;
		set_at(r, path, "unit", fhir_at(to->json, "name"));
	}
}
