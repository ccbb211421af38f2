/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_outcome_in - the results of a Task that ended a referral as an outcome report: what was done, goals, measures, what is to follow.
 *
 * Called by fhir_result_in.c.
 */
#include "adapters/health/fhir_result.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

struct report {
	struct fhir_reading *r;
	const struct fhir_results *results;
	size_t n_services, n_goals, n_measures, n_follow_ups;
	struct buf text;
};

static bool
is_type(const struct fhir_resource *it, const char *type)
{
	return strcmp(it->type, type) == 0;
}

static const char *
path_of(char to[static 80], const char *of, size_t i, const char *name)
{
	snprintf(to, 80, "outcome_report.%s[%zu].%s", of, i, name);
	return to;
}

static void
set_at(struct report *o, const char *of, size_t i, const char *name, const char *text)
{
	char path[80];

	fhir_set(o->r, path_of(path, of, i, name), text);
}

static void
add_line(struct report *o, const char *text)
{
	if (text != NULL)
		buf_fmt(&o->text, "%s%s", o->text.n > 0 ? "\n" : "", text);
}

static void
read_finding(struct report *o, struct fhir_resource *it)
{
	struct fhir_finding f;
	const char *need = NULL;
	char path[80];

	if (is_type(it, "Condition"))
		need = fhir_concept(o->r, fhir_at(it->json, "code"), FHIR_SYS_NEED, "need", "Condition.code");
	fhir_read_finding(o->r, it, &f);
	if (need != NULL) {
		fhir_set(o->r, "outcome_report.remaining_needs", need);
		add_line(o, f.text);
		return;
	}
	if (f.code == NULL || (f.score == NULL && !f.is_measure)) {
		add_line(o, fhir_finding_text(o->r, &f));
		return;
	}
	fhir_set(o->r, path_of(path, "measures", o->n_measures, "code"), f.code);
	set_at(o, "measures", o->n_measures, "after", f.score != NULL ? f.score : f.text);
	set_at(o, "measures", o->n_measures, "before", f.before);
	set_at(o, "measures", o->n_measures, "tool", f.scale);
	o->n_measures++;
	if (f.score != NULL && (f.text != NULL || f.name != NULL))
		add_line(o, fhir_finding_text(o->r, &f));
}

static void
read_answers(struct report *o, struct fhir_resource *it)
{
	struct fhir_finding found[FHIR_RESULT_TEXTS_MAX];
	size_t n = fhir_read_answers(o->r, it, found);

	for (size_t i = 0; i < n; i++)
		add_line(o, found[i].text);
}

/* What was done: by our list where the agency's map has it, and in its own words. */
static void
read_service(struct report *o, const json_t *concept, const char *where)
{
	const char *kind = fhir_concept(o->r, concept, FHIR_SYS_SERVICE, "service_kind", where);

	set_at(o, "services_delivered", o->n_services, "service_kind", kind != NULL ? kind : "other");
	add_line(o, kind != NULL ? fhir_text(concept, "text") : fhir_concept_words(concept));
	o->n_services++;
}

static void
read_procedure(struct report *o, struct fhir_resource *it)
{
	const char *status = fhir_text(it->json, "status");
	const json_t *start = fhir_at(it->json, "performedPeriod.start"), *end = fhir_at(it->json, "performedPeriod.end");
	size_t i = o->n_services;
	char path[80];

	it->is_used = true;
	if (status != NULL && (strcmp(status, "not-done") == 0 || strcmp(status, "entered-in-error") == 0)) {
		fhir_fail(o->r, ERR_UNSUPPORTED, "Procedure.status", "what was not done is no result");
		return;
	}
	read_service(o, fhir_at(it->json, "code"), "Procedure.code");
	if (start == NULL && end == NULL)
		start = end = fhir_at(it->json, "performedDateTime");
	fhir_take_date(o->r, path_of(path, "services_delivered", i, "from"), start);
	fhir_take_date(o->r, path_of(path, "services_delivered", i, "to"), end);
	fhir_take_scalar(o->r, path_of(path, "services_delivered", i, "units"), fhir_extension(it->json, FHIR_EXT "units"));
	add_line(o, fhir_notes(o->r, it->json));
}

static void
read_goal(struct report *o, struct fhir_resource *it)
{
	const char *result = fhir_goal_result(it), *text = fhir_concept_words(fhir_at(it->json, "description")), *why;

	if (result == NULL || text == NULL)
		return;		/* nobody says how it went: it counts as left out */
	it->is_used = true;
	set_at(o, "goals", o->n_goals, "ref", text);
	set_at(o, "goals", o->n_goals, "result", result);
	why = fhir_text(it->json, "statusReason");
	set_at(o, "goals", o->n_goals, "evidence", why != NULL ? why : fhir_notes(o->r, it->json));
	o->n_goals++;
}

static void
read_plan(struct report *o, struct fhir_resource *it)
{
	const json_t *activity, *detail;
	char path[80];

	it->is_used = true;
	(void)fhir_text(it->json, "status");
	(void)fhir_text(it->json, "intent");
	for (size_t i = 0; o->r->e == OK && (activity = fhir_item(it->json, "activity", i)) != NULL; i++) {
		const char *text = fhir_text(detail = fhir_at(activity, "detail"), "description");

		if (text == NULL)
			text = fhir_concept_words(fhir_at(detail, "code"));
		if (text == NULL)
			continue;
		(void)fhir_text(detail, "status");
		set_at(o, "follow_up", o->n_follow_ups, "what", text);
		set_at(o, "follow_up", o->n_follow_ups, "agency", fhir_agency(o->r, it, fhir_item(detail, "performer", 0)));
		fhir_take_date(o->r, path_of(path, "follow_up", o->n_follow_ups, "due"), fhir_at(detail, "scheduledPeriod.end"));
		o->n_follow_ups++;
	}
	add_line(o, fhir_text(it->json, "description"));
}

static void
read_report(struct report *o, struct fhir_resource *it)
{
	const char *status = fhir_text(it->json, "status");
	const json_t *code;

	it->is_used = true;
	if (status != NULL && (strcmp(status, "entered-in-error") == 0 || strcmp(status, "cancelled") == 0 || strcmp(status, "registered") == 0))
		fhir_fail(o->r, ERR_UNSUPPORTED, "DiagnosticReport.status", "a report that is there and was not taken back");
	if (fhir_peek(it->json, "code.coding.system") != NULL && strcmp(fhir_peek(it->json, "code.coding.system"), FHIR_SYS_KIND) == 0)
		(void)fhir_text(it->json, "code.coding.code");		/* that it is one */
	add_line(o, fhir_text(it->json, "conclusion"));
	for (size_t i = 0; (code = fhir_item(it->json, "conclusionCode", i)) != NULL; i++)
		add_line(o, fhir_concept_words(code));
}

/* As our own writer says what the family said. */
static bool
is_feedback(const struct fhir_resource *it)
{
	const char *system = fhir_peek(it->json, "code.coding.system"), *code = fhir_peek(it->json, "code.coding.code");

	return is_type(it, "Observation") && system != NULL && code != NULL && strcmp(system, FHIR_SYS_DOMAIN) == 0 &&
	       strcmp(code, "family-feedback") == 0;
}

static void
read_feedback(struct report *o, struct fhir_resource *it)
{
	it->is_used = true;
	(void)fhir_text(it->json, "status");
	(void)fhir_text(it->json, "code.coding.code");
	fhir_take_scalar(o->r, "outcome_report.family_feedback.score", fhir_at(it->json, "valueInteger"));
	fhir_set(o->r, "outcome_report.family_feedback.text", fhir_notes(o->r, it->json));
}

static void
read_one(struct report *o, struct fhir_resource *it)
{
	if (is_feedback(it))
		read_feedback(o, it);
	else if (is_type(it, "Observation") || is_type(it, "Condition"))
		read_finding(o, it);
	else if (is_type(it, "QuestionnaireResponse"))
		read_answers(o, it);
	else if (is_type(it, "Procedure"))
		read_procedure(o, it);
	else if (is_type(it, "Goal"))
		read_goal(o, it);
	else if (is_type(it, "CarePlan"))
		read_plan(o, it);
	else if (is_type(it, "DiagnosticReport"))
		read_report(o, it);
}

/* What the Task itself says: how it went by our list, and activities that are only a code. */
static const char *
read_outputs(struct report *o)
{
	const json_t *output, *value;
	const char *outcome = NULL;

	for (size_t i = 0; (output = fhir_item(o->results->task->json, "output", i)) != NULL; i++) {
		value = fhir_at(output, "valueCodeableConcept");
		if (fhir_is_activity(output))
			read_service(o, value, "Task.output");
		else if (value != NULL && outcome == NULL)
			outcome = fhir_concept(o->r, value, FHIR_SYS_OUTCOME, "outcome", "Task.output");
	}
	return outcome;
}

void
fhir_read_outcome_report(struct fhir_reading *r, const struct fhir_results *results)
{
	struct report o = { .r = r, .results = results };
	const char *outcome;

	buf_init(&o.text, r->mem);
	outcome = read_outputs(&o);
	if (outcome == NULL)
		outcome = fhir_result_outcome(r, results);
	fhir_set(r, "outcome_report.outcome", outcome != NULL ? outcome : "other");
	if (outcome == NULL)
		fhir_set(r, "assumed", "outcome_report.outcome");
	fhir_take_date(r, "outcome_report.closed_on", fhir_at(results->task->json, "executionPeriod.end"));
	fhir_read_done(r, results, "outcome_report.closed_on", "outcome_report.closed_by");
	for (size_t i = 0; i < results->n && r->e == OK; i++)
		read_one(&o, results->items[i]);
	if (o.text.n > 0)
		fhir_set(r, "outcome_report.text", buf_text(&o.text));
}
