/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_consent_out - a Consent: that of a referral, or a change of it as it stands after the change.
 *
 * Called by fhir_referral_out.c, fhir_from_record.c and fhir_shown.c; fhir_consent_in.c reads it back.
 */
#include "adapters/health/fhir.h"

#include <string.h>

#include <jansson.h>

#include "proto/kind.h"

#define SCOPE "http://terminology.hl7.org/CodeSystem/consentscope"
#define ACT_CODE "http://terminology.hl7.org/CodeSystem/v3-ActCode"

static json_t *
new_provision(const struct consent *c)
{
	json_t *to = json_pack("{s:s}", "type", "permit");

	if (c->valid_until != NULL)
		fhir_put_new(to, "period", json_pack("{s:s}", "end", c->valid_until));
	for (size_t i = 0; i < c->recipients_allowed.n; i++)
		fhir_add_new(to, "actor", json_pack("{s:{s:[{s:s, s:s}]}, s:{s:s}}", "role", "coding", "system",
			     "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code", "IRCP", "reference",
			     "display", c->recipients_allowed.items[i]));
	for (size_t i = 0; i < c->purposes.n; i++)
		fhir_add_new(to, "purpose", json_pack("{s:s}", "display", c->purposes.items[i]));
	for (size_t i = 0; i < c->data_categories.n; i++)
		fhir_add_new(to, "class", json_pack("{s:s, s:s}", "system", FHIR_SYS_CATEGORY, "code", c->data_categories.items[i]));
	return to;
}

json_t *
fhir_new_consent_of(const struct consent *c, const char *given_on, json_t *patient)
{
	json_t *to = json_pack("{s:s, s:s, s:o, s:[o], s:o*, s:s*}", "resourceType", "Consent", "status", "active", "scope",
			       fhir_new_coded(SCOPE, "patient-privacy", NULL), "category", fhir_new_coded(ACT_CODE, "IDSCL", NULL), "patient", patient,
			       "dateTime", given_on);

	if (c != NULL && c->given_by != NULL)
		fhir_put_extension(to, FHIR_EXT "consent-giver", "valueCode", json_string(c->given_by));
	if (c != NULL && c->form != NULL)
		fhir_put_extension(to, FHIR_EXT "consent-form", "valueCode", json_string(c->form));
	if (c != NULL && c->giver_name != NULL)
		fhir_add_new(to, "performer", json_pack("{s:s}", "display", c->giver_name));
	if (c != NULL && c->evidence != NULL)
		fhir_put_new(to, "sourceReference", fhir_new_logical("DocumentReference", FHIR_SYS_FILE, c->evidence));
	fhir_put_new(to, "policyRule", fhir_new_coded(ACT_CODE, "OPTIN", NULL));
	if (c != NULL)
		fhir_put_new(to, "provision", new_provision(c));
	return to;
}

static json_t *
new_child(const struct fhir_writing *w)
{
	const struct referral *referral = w->out->referral != NULL ? w->out->referral->referral : NULL;
	const struct person_id *id = referral != NULL && referral->child != NULL && referral->child->n_ids > 0 ? referral->child->ids[0] : NULL;
	const struct fhir_id_system *own = id != NULL ? fhir_id_by_type(id->type) : NULL;

	return own != NULL ? fhir_new_logical("Patient", own->system, id->value) : NULL;
}

json_t *
fhir_new_consent(struct fhir_writing *w)
{
	const struct consent_change *c = w->out->record->consent_change;
	bool is_withdrawn = strcmp(c->change, "withdrawn") == 0;
	json_t *to = fhir_new_consent_of(c->consent, c->consent != NULL ? c->consent->given_on : NULL, new_child(w)), *covered;

	fhir_put(to, "status", is_withdrawn ? "inactive" : "active");
	if (c->consent == NULL || c->consent->given_by == NULL)
		fhir_put_extension(to, FHIR_EXT "consent-giver", "valueCode", json_string(c->changed_by));
	if (c->text != NULL)
		fhir_put_extension(to, FHIR_EXT_FIELD "text", "valueString", json_string(c->text));
	if (c->shred != NULL)
		fhir_put_extension(to, FHIR_EXT_FIELD "shred", "valueBoolean", json_boolean(*c->shred));
	fhir_add_new(to, "identifier", fhir_new_identifier("PLAC", FHIR_SYS_REFERRAL_NO, kind_reference(w->out->record)));
	if (c->referral_id == NULL)
		return to;
	if (json_object_get(to, "provision") == NULL)
		json_object_set_new(to, "provision", json_object());
	covered = json_pack("{s:s, s:o}", "meaning", "related", "reference", fhir_new_logical("ServiceRequest", FHIR_SYS_REFERRAL_NO, c->referral_id));
	fhir_add_new(json_object_get(to, "provision"), "data", covered);
	return to;
}
