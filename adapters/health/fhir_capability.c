/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_capability - the CapabilityStatement: a table of what the routes of sector.c and the parameters of fhir_query.c serve. */
#include "adapters/health/fhir.h"

#include <string.h>

#include <jansson.h>

struct param { const char *name, *type; };

static const struct {
	const char *type, *profile;
	const char *does[5];
	bool is_conditional;		/* If-None-Exist */
	struct param params[12];
	const char *says;
} served[] = {
	{ "ServiceRequest", "http://hl7.org/fhir/StructureDefinition/ServiceRequest", { "read", "create", "search-type", NULL }, true,
	  { { "_id", "token" }, { "_lastUpdated", "date" }, { "identifier", "token" }, { "status", "token" }, { "patient", "reference" },
	    { "subject", "reference" }, { "requester", "reference" }, { "performer", "reference" }, { NULL, NULL } },
	  "a referral; its Patient is contained" },
	{ "Task", "http://hl7.org/fhir/StructureDefinition/Task", { "read", "create", "update", "patch", "search-type" }, true,
	  { { "_id", "token" }, { "_lastUpdated", "date" }, { "identifier", "token" }, { "status", "token" }, { "owner", "reference" },
	    { "performer", "reference" }, { "requester", "reference" }, { "patient", "reference" }, { "subject", "reference" },
	    { "focus", "reference" }, { "part-of", "reference" }, { NULL, NULL } },
	  "a referral as it stands, and each step that came" },
	{ "Patient", "http://hl7.org/fhir/StructureDefinition/Patient", { "read", "search-type", NULL }, false,
	  { { "_id", "token" }, { "_lastUpdated", "date" }, { "identifier", "token" }, { "birthdate", "date" }, { NULL, NULL } },
	  "the child of a referral" },
	{ "QuestionnaireResponse", "http://hl7.org/fhir/StructureDefinition/QuestionnaireResponse", { "read", "create", "search-type", NULL },
	  false, { { "_id", "token" }, { "_lastUpdated", "date" }, { "identifier", "token" }, { "questionnaire", "reference" },
	    { NULL, NULL } },
	  "a message of any other kind, field by field" },
	{ "Appointment", "http://hl7.org/fhir/StructureDefinition/Appointment", { "create", NULL }, false, { { NULL, NULL } },
	  "booked, cancelled or missed: a step of the referral that it is based on" },
	{ "DocumentReference", "http://hl7.org/fhir/StructureDefinition/DocumentReference", { "read", "create", NULL }, false, { { NULL, NULL } },
	  "a file, its bytes in it; what came names its Binary" },
	{ "Consent", "http://hl7.org/fhir/StructureDefinition/Consent", { "read", "create", "update", "search-type", NULL }, false,
	  { { "_id", "token" }, { "_lastUpdated", "date" }, { "identifier", "token" }, { "patient", "reference" }, { NULL, NULL } },
	  "a change of the consent that a referral rests on: inactive withdraws it" },
	{ "Observation", "http://hl7.org/fhir/StructureDefinition/Observation", { "create", NULL }, false, { { NULL, NULL } },
	  "one thing found out: an assessment for the ServiceRequest that it is based on" },
	{ "DiagnosticReport", "http://hl7.org/fhir/StructureDefinition/DiagnosticReport", { "read", "create", "search-type", NULL }, false,
	  { { "_id", "token" }, { "_lastUpdated", "date" }, { "identifier", "token" }, { "patient", "reference" }, { "subject", "reference" },
	    { NULL, NULL } },
	  "taken: an assessment for the ServiceRequest that it is based on; given: an assessment or an outcome report that came, "
	  "with its Observations, Conditions, Goals, Procedures and CarePlan contained" },
	{ "Binary", "http://hl7.org/fhir/StructureDefinition/Binary", { "read", NULL }, false, { { NULL, NULL } },
	  "the bytes of a file that came, under its own media type" },
	{ "HealthcareService", "http://hl7.org/fhir/StructureDefinition/HealthcareService", { "read", "search-type", NULL }, false,
	  { { "_id", "token" }, { "_lastUpdated", "date" }, { "identifier", "token" }, { "active", "token" }, { "organization", "reference" },
	    { "service-type", "token" }, { "service-category", "token" }, { "coverage-area", "reference" }, { "name", "string" },
	    { "characteristic", "token" }, { "age", "number" }, { NULL, NULL } },
	  "who offers what where, and whether there is room" },
};

/* What the parameter takes besides values of its type: fhir_query.c, fhir_period.c. */
static const char *
says_of(const struct param *p, const char *type)
{
	if (strcmp(p->type, "date") == 0)
		return "a year, month, day or time; prefixes eq, ne, gt, ge, lt, le, sa, eb";
	if (strcmp(p->name, "active") == 0 || (strcmp(p->type, "token") == 0 && strcmp(type, "HealthcareService") != 0))
		return "modifier :not";
	return NULL;
}

static json_t *
new_served(size_t row)
{
	json_t *to = json_pack("{s:s, s:s, s:s}", "type", served[row].type, "profile", served[row].profile, "documentation",
			       served[row].says);

	for (size_t i = 0; i < sizeof(served[row].does) / sizeof(served[row].does[0]) && served[row].does[i] != NULL; i++)
		fhir_add_new(to, "interaction", json_pack("{s:s}", "code", served[row].does[i]));
	json_object_set_new(to, "versioning", json_string("versioned-update"));
	json_object_set_new(to, "readHistory", json_false());
	json_object_set_new(to, "updateCreate", json_false());
	json_object_set_new(to, "conditionalCreate", json_boolean(served[row].is_conditional));
	json_object_set_new(to, "conditionalRead", json_string("not-match"));
	for (const struct param *p = served[row].params; p->name != NULL; p++)
		fhir_add_new(to, "searchParam", json_pack("{s:s, s:s, s:s*}", "name", p->name, "type", p->type, "documentation",
							  says_of(p, served[row].type)));
	return to;
}

enum err
health_fhir_document(const struct native *request, struct arena *mem, struct native *ret_document)
{
	const char *base = request != NULL && request->head != NULL ? request->head->base : NULL;
	json_t *rest = json_pack("{s:s, s:s, s:[{s:s}, {s:s}], s:[{s:s, s:s}]}", "mode", "server", "documentation", "see MAPPING.md",
				 "interaction", "code", "transaction", "code", "batch", "operation", "name", "process-message",
				 "definition", "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message");
	json_t *root = json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s}, s:{s:s}, s:s, s:[s, s], s:[s], s:[o], s:[{s:s}]}",
				 "resourceType", "CapabilityStatement", "name", "NasokaHealth", "status", "active", "date", "2026-11-22",
				 "kind", "instance", "software", "name", "nasoka-health", "version", NASOKA_VERSION, "implementation",
				 "description", "Nasoka, health adapter", "fhirVersion", "4.0.1", "format", "json", FHIR_MEDIA_TYPE,
				 "patchFormat", "application/json-patch+json", "rest", rest,
				 "messaging", "documentation", "POST [base]/$process-message or [base]; see MAPPING.md");
	struct why why = { 0 };

	for (size_t i = 0; i < sizeof(served) / sizeof(served[0]); i++)
		fhir_add_new(rest, "resource", new_served(i));
	if (base != NULL)
		json_object_set_new(json_object_get(root, "implementation"), "url", json_sprintf("%s/fhir", base));
	if (request != NULL && fhir_check_accept(request, mem, &why) != OK) {
		json_decref(root);
		return ERR_NOT_ACCEPTABLE;
	}
	*ret_document = (struct native){ .status = 200 };
	return fhir_finish(root, mem, ret_document);
}
