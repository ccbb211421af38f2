/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_subject - whose a resource is: the child that its subject, or what stands for it, leads to, and whether that is the one that was referred.
 *
 * A child is said by a Patient in the document, by a number of a person, or by our own address of another referral's Patient. Called by fhir_about.c
 * for what names a referral, and by fhir_result_in.c for what comes with it.
 */
#include "adapters/health/fhir.h"

#include <string.h>

#include <jansson.h>

#include "adapters/health/child.h"

#define PATIENT "Patient/"

static void
add_number(struct fhir_reading *r, struct person *child, const json_t *on, const json_t *identifier)
{
	struct person_id *id = arena_alloc(r->mem, sizeof(*id));
	const char *use = fhir_peek(identifier, "use");

	if (id == NULL || (id->value = fhir_peek(identifier, "value")) == NULL || (use != NULL && strcmp(use, "old") == 0))
		return;
	id->type = fhir_child_id_type(on, identifier, id->value);
	id->country = json_string_value(fhir_extension(identifier, FHIR_EXT "country"));
	child->ids[child->n_ids++] = id;
}

/* The numbers of a Patient, or the one in a Reference. */
static const struct person *
person_of(struct fhir_reading *r, const json_t *on)
{
	struct person *child = arena_alloc(r->mem, sizeof(*child));
	const json_t *id;
	size_t n = 0;

	while (fhir_item(on, "identifier", n) != NULL)
		n++;
	if (child == NULL || (child->ids = arena_array(r->mem, n + 1, sizeof(*child->ids))) == NULL)
		return NULL;
	for (size_t i = 0; (id = fhir_item(on, "identifier", i)) != NULL; i++)
		add_number(r, child, on, id);
	return child;
}

/* "Patient/{id that we gave out}": the child of that referral. A number of an agency's may be a client's own id of its Patient. */
static const struct person *
person_at(struct fhir_reading *r, const json_t *reference, const struct progress *at)
{
	const char *said = fhir_peek(reference, "reference"), *from = said != NULL ? strstr(said, PATIENT) : NULL, *id;
	struct progress there;

	if (from == NULL || (from != said && from[-1] != '/'))
		return NULL;
	from += strlen(PATIENT);
	id = arena_strn(r->mem, from, strcspn(from, "/?#"));
	if (!fhir_known(r, id, &there) || there.thread == NULL || at->thread == NULL || strcmp(there.thread, at->thread) == 0 ||
	    fhir_is_number_of(&there, id))
		return NULL;
	return there.referral != NULL && there.referral->referral != NULL ? there.referral->referral->child : NULL;
}

/* Is it said to be somebody else, or something else, than a child? */
static bool
is_patient(const struct fhir_resource *to, const json_t *reference, bool is_sure)
{
	const char *type = fhir_peek(reference, "type"), *said = fhir_peek(reference, "reference");

	if (to != NULL)
		return strcmp(to->type, "Patient") == 0;
	if (type != NULL)
		return strcmp(type, "Patient") == 0;
	if (said != NULL && strchr(said, '/') != NULL)
		return strstr(said, PATIENT) != NULL;
	return is_sure;
}

static const char *
referral_of(struct fhir_reading *r, const struct fhir_resource *from, const json_t *reference, const char *number, const struct progress *at)
{
	const struct fhir_resource *to = fhir_doc_resolve(r->doc, from, reference);
	const struct person *there = to == NULL ? person_at(r, reference, at) : NULL;
	const char *is = child_referral(at, number, person_of(r, to != NULL ? to->json : reference));

	return is != NULL && there != NULL ? child_referral(at, is, there) : is;
}

bool
fhir_is_anothers(struct fhir_reading *r, const struct fhir_resource *from, const json_t *reference, const struct progress *at)
{
	return is_patient(fhir_doc_resolve(r->doc, from, reference), reference, true) && referral_of(r, from, reference, "", at) == NULL;
}

/* Where each type says whose it is; `is_sure`: it may be nobody else unless it says so. */
static const struct { const char *type, *list, *path; bool is_sure; } subjects[] = {
	{ "Task", NULL, "for", true }, { "ServiceRequest", NULL, "subject", true }, { "Observation", NULL, "subject", true },
	{ "DiagnosticReport", NULL, "subject", true }, { "DocumentReference", NULL, "subject", true },
	{ "QuestionnaireResponse", NULL, "subject", true }, { "Consent", NULL, "patient", true }, { "Appointment", "participant", "actor", false },
};

const char *
fhir_check_child(struct fhir_reading *r, const struct fhir_resource *of, const char *number, const struct progress *at)
{
	const json_t *on, *reference;

	for (size_t k = 0; k < sizeof(subjects) / sizeof(subjects[0]); k++)
		for (size_t i = 0; number != NULL && strcmp(of->type, subjects[k].type) == 0; i++) {
			on = subjects[k].list != NULL ? fhir_item(of->json, subjects[k].list, i) : i == 0 ? of->json : NULL;
			if (on == NULL)
				break;
			reference = fhir_at(on, subjects[k].path);
			if (reference == NULL || !is_patient(fhir_doc_resolve(r->doc, of, reference), reference, subjects[k].is_sure))
				continue;
			if ((number = referral_of(r, of, reference, number, at)) == NULL)
				fhir_fail(r, ERR_INCONSISTENT, subjects[k].list != NULL ? arena_fmt(r->mem, "%s.%s[%zu].%s", of->type, subjects[k].list, i,
					  subjects[k].path) : arena_fmt(r->mem, "%s.%s", of->type, subjects[k].path), "another child than was referred");
		}
	return number;
}
