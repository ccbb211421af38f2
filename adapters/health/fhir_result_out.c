/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_result_out - an assessment or an outcome report as the resources that any hospital knows, and what leads to them from Task.output.
 *
 * They stand beside the QuestionnaireResponse of the same message, which says all of it by our names; fhir_result_in.c reads them where that is
 * not there. Called by fhir_from_record.c and fhir_shown.c. MAPPING.md, "Results", is the manual.
 */
#include "adapters/health/fhir_result.h"

#include <string.h>

#include <jansson.h>

#include "proto/kind.h"

bool
fhir_has_results(const struct record *record)
{
	return record != NULL && (record->assessment != NULL || record->outcome_report != NULL);
}

/* R4 wants somebody: a child without a number is a Patient all the same. */
json_t *
fhir_new_subject(const struct fhir_writing *w)
{
	const struct referral *referral = w->out->referral != NULL ? w->out->referral->referral : NULL;
	const struct person_id *id = referral != NULL && referral->child != NULL && referral->child->n_ids > 0 ? referral->child->ids[0] : NULL;
	const struct fhir_id_system *own = id != NULL ? fhir_id_by_type(id->type) : NULL;

	return own != NULL ? fhir_new_logical("Patient", own->system, id->value) : json_pack("{s:s}", "type", "Patient");
}

/* What FHIR calls a code: no blank at its ends, and no two of them together. */
static bool
is_token(const char *code)
{
	size_t n = strlen(code);

	for (size_t i = 0; i < n; i++)
		if (strchr(" \t\r\n", code[i]) != NULL && (i == 0 || i + 1 == n || code[i] != ' ' || code[i + 1] == ' '))
			return false;
	return n > 0;
}

json_t *
fhir_new_named(const char *system, const char *code)
{
	if (code == NULL)
		return NULL;
	return is_token(code) ? fhir_new_coded(system, code, NULL) : fhir_new_coded(NULL, NULL, code);
}

/* A number where it is one that reads back the same, else words. */
void
fhir_put_value(json_t *to, const char *text)
{
	size_t n = text != NULL ? strspn(text, "0123456789") : 0;

	if (n > 0 && n < 10 && text[n] == '\0' && (n == 1 || text[0] != '0'))
		json_object_set_new(to, "valueInteger", json_integer(strtol(text, NULL, 10)));
	else
		fhir_put(to, "valueString", text);
}

void
fhir_add_component(json_t *observation, const char *part, const char *text)
{
	json_t *to;

	if (text == NULL)
		return;
	to = json_pack("{s:o}", "code", fhir_new_coded(FHIR_SYS_DOMAIN, part, NULL));
	fhir_put(to, "valueString", text);
	fhir_add_new(observation, "component", to);
}

/* "Observation" of the name "Observation-3" */
static const char *
type_of(struct fhir_writing *w, const char *name)
{
	const char *type = arena_strn(w->mem, name, strcspn(name, "-"));

	w->is_full |= type == NULL;
	return type != NULL ? type : "";
}

json_t *
fhir_new_result(struct fhir_writing *w, const char *name)
{
	json_t *to = json_pack("{s:s}", "resourceType", type_of(w, name));

	fhir_put_new(to, "subject", fhir_new_subject(w));
	return to;
}

const char *
fhir_result_name(struct fhir_writing *w, const char *type, size_t i)
{
	const char *name = arena_fmt(w->mem, "%s-%zu", type, i + 1);

	w->is_full |= name == NULL;
	return name != NULL ? name : type;
}

void
fhir_add_result(struct fhir_writing *w, json_t *task, const char *name, const char *code, json_t *resource)
{
	json_t *type = code != NULL ? fhir_new_coded(FHIR_SYS_GRAVITY, code, NULL) : fhir_new_coded(NULL, NULL, type_of(w, name));

	fhir_add_new(task, "output", json_pack("{s:o, s:o}", "type", type, "valueReference", fhir_new_reference(w, name)));
	fhir_add_entry(w, name, resource);
}

void
fhir_write_results(struct fhir_writing *w, json_t *task)
{
	if (w->out->record->assessment != NULL)
		fhir_write_assessment(w, task, w->out->record->assessment);
	else
		fhir_write_outcome_report(w, task, w->out->record->outcome_report);
}
