/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_gather_in - which resources a Task brings in its output, or come as a report by themselves, and of which referral they tell. */
#include "adapters/health/fhir_result.h"

#include <string.h>

#include <jansson.h>

static bool
is_among(const char *word, const char *const *list)
{
	while (word != NULL && *list != NULL && strcmp(*list, word) != 0)
		list++;
	return word != NULL && *list != NULL;
}

/* -- which -- */

static const char *const result_types[] = {
	"Observation", "DiagnosticReport", "Condition", "Goal", "CarePlan", "Procedure", "QuestionnaireResponse", "DocumentReference", NULL,
};

static bool
is_result(struct fhir_reading *r, const struct fhir_resource *it)
{
	return is_among(it->type, result_types) && fhir_kind_of(r->doc, it, r->mem) == NULL;
}

static void
add_result(struct fhir_reading *r, struct fhir_results *results, struct fhir_resource *it)
{
	struct fhir_named wrong;

	for (size_t i = 0; i < results->n; i++)
		if (results->items[i] == it)
			return;
	(void)fhir_number_based_on(r, it, &wrong);	/* the referral again; another order of theirs is counted */
	if (results->n == FHIR_RESULTS_MAX)
		fhir_fail(r, ERR_TOOMANY, "Task.output", "more resources than one Task brings");
	else
		results->items[results->n++] = it;
}

/* "Observation" of "http://host/fhir/Observation/7" */
static bool
names_result(struct fhir_reading *r, const json_t *reference)
{
	const char *type = fhir_peek(reference, "type"), *said = fhir_peek(reference, "reference"), *end, *start;

	if (type != NULL || said == NULL)
		return said != NULL && is_among(type, result_types);
	if (*said == '#' || strncmp(said, "urn:uuid:", 9) == 0)
		return true;	/* of this document, and not in it */
	if ((end = strrchr(said, '/')) == NULL)
		return false;
	for (start = end; start > said && start[-1] != '/'; start--)
		;
	return is_among(arena_strn(r->mem, start, (size_t)(end - start)), result_types);
}

static void
follow(struct fhir_reading *r, struct fhir_results *results, const struct fhir_resource *from, const json_t *reference, const char *where)
{
	struct fhir_resource *to = fhir_doc_resolve(r->doc, from, reference);

	if (to != NULL && is_result(r, to))
		add_result(r, results, to);
	else if (to == NULL && names_result(r, reference))
		fhir_fail(r, ERR_REQUIRED, where, "the resource itself, contained or in the Bundle: nothing is fetched from elsewhere");
}

/* What a result consists of, wherever it stands. */
static void
follow_parts(struct fhir_reading *r, struct fhir_results *results, const struct fhir_resource *of)
{
	static const struct { const char *type, *part, *where; } parts[] = {
		{ "DiagnosticReport", "result", "DiagnosticReport.result" }, { "Observation", "hasMember", "Observation.hasMember" },
		{ "CarePlan", "goal", "CarePlan.goal" }, { "CarePlan", "addresses", "CarePlan.addresses" },
	};
	const json_t *reference;

	for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++)
		for (size_t i = 0; strcmp(of->type, parts[k].type) == 0 && (reference = fhir_item(of->json, parts[k].part, i)) != NULL; i++)
			follow(r, results, of, reference, parts[k].where);
}

static void
find_progress(struct fhir_reading *r, struct fhir_results *results)
{
	results->no = fhir_referral_no(r, results->task, NULL);
	if (results->no == NULL)
		results->no = fhir_identifier(results->task->json, "FILL");
	if (r->current != NULL)
		results->at = r->current->p;
	else if (results->no == NULL || r->env->progress_of == NULL ||
		 r->env->progress_of(r->env->core, results->no, r->mem, &results->at) != OK)
		results->at = (struct progress){ .referral = NULL };
}

bool
fhir_is_activity(const json_t *output)
{
	const char *code = fhir_peek(output, "type.coding.code");

	return code != NULL && strcmp(code, "resulting-activity") == 0 && fhir_at(output, "valueCodeableConcept") != NULL;
}

void
fhir_gather_results(struct fhir_reading *r, struct fhir_results *results)
{
	const json_t *output;

	for (size_t i = 0; r->e == OK && (output = fhir_item(results->task->json, "output", i)) != NULL; i++)
		if (fhir_at(output, "valueReference") != NULL)
			follow(r, results, results->task, fhir_at(output, "valueReference"), "Task.output");
		else if (fhir_is_activity(output))
			results->n_activities++;
	for (size_t i = 0; r->e == OK && i < results->n; i++)
		follow_parts(r, results, results->items[i]);
	if (r->e == OK && results->n + results->n_activities > 0)
		find_progress(r, results);
}

/* -- a report by itself -- */

bool
fhir_is_report(const struct fhir_resource *it)
{
	static const char *const types[] = { "DiagnosticReport", "Observation", NULL };

	return it->parent == NULL && is_among(it->type, types);
}

static const char *
where_of(struct fhir_reading *r, const struct fhir_resource *report)
{
	return arena_fmt(r->mem, "%s.basedOn", report->type);
}

static void
find_referral(struct fhir_reading *r, struct fhir_results *results)
{
	for (size_t i = 0; i < results->n; i++) {
		struct fhir_resource *it = results->items[i];
		const char *no = fhir_is_report(it) ? fhir_number_needed(r, it) : NULL;

		if (no != NULL && results->no != NULL && strcmp(no, results->no) != 0)
			fhir_fail(r, ERR_TOOMANY, where_of(r, it), "another referral than the one before: send each by itself");
		if (no != NULL && results->no == NULL) {
			results->no = no;
			results->task = it;
		}
	}
	if (results->no == NULL)
		fhir_fail(r, ERR_REQUIRED, where_of(r, results->task), "the ServiceRequest that it answers, by number or address");
	if (r->e == OK && r->env->progress_of != NULL && r->env->progress_of(r->env->core, results->no, r->mem, &results->at) != OK)
		fhir_fail(r, ERR_UNKNOWN_REFERRAL, where_of(r, results->task), "no referral here has this number or id");
}

void
fhir_gather_reports(struct fhir_reading *r, struct fhir_results *results)
{
	for (size_t i = 0; i < r->doc->n; i++)
		if (r->doc->items[i].parent == NULL && is_result(r, &r->doc->items[i]))
			add_result(r, results, &r->doc->items[i]);
	for (size_t i = 0; r->e == OK && i < results->n; i++)
		follow_parts(r, results, results->items[i]);
	if (r->e == OK)
		find_referral(r, results);
}
