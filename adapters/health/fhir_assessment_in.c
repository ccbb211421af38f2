/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_assessment_in - the results of a Task as an assessment: findings, conclusions, a plan. Called by fhir_result_in.c. */
#include "adapters/health/fhir_result.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

struct assessed {
	struct fhir_reading *r;
	const struct fhir_results *results;
	size_t n_domains, n_goals, n_actions, n_services, n_files;
	struct buf conclusions, findings;	/* the findings stand for the conclusions where nobody drew any */
};

static bool
is_type(const struct fhir_resource *it, const char *type)
{
	return strcmp(it->type, type) == 0;
}

static void
set_at(struct assessed *a, const char *of, size_t i, const char *name, const char *text)
{
	char path[80];

	snprintf(path, sizeof(path), "assessment.%s[%zu].%s", of, i, name);
	fhir_set(a->r, path, text);
}

static void
add_line(struct buf *to, const char *text)
{
	if (text != NULL)
		buf_fmt(to, "%s%s", to->n > 0 ? "\n" : "", text);
}

/* -- findings -- */

static void
put_domain(struct assessed *a, const struct fhir_finding *f)
{
	const char *text = fhir_finding_text(a->r, f);
	size_t i = a->n_domains;

	if (text == NULL)
		return;		/* a group: its members say it */
	set_at(a, "domains", i, "finding", text);
	set_at(a, "domains", i, "code", f->code);
	set_at(a, "domains", i, "score", f->score);
	set_at(a, "domains", i, "scale", f->scale);
	set_at(a, "domains", i, "strength", f->strength);
	add_line(&a->findings, text);
	a->n_domains++;
}

static void
read_answers(struct assessed *a, struct fhir_resource *it)
{
	struct fhir_finding found[FHIR_RESULT_TEXTS_MAX];
	size_t n = fhir_read_answers(a->r, it, found);

	for (size_t i = 0; i < n && a->r->e == OK; i++)
		put_domain(a, &found[i]);
}

/* -- the report -- */

static void
read_report(struct assessed *a, struct fhir_resource *it)
{
	static const char *const views[] = { "child_view", "carer_view", "valid_until" };
	const char *status = fhir_text(it->json, "status");
	const struct fhir_resource *form;
	const json_t *code;
	char path[64], url[64];

	it->is_used = true;
	if (status != NULL && (strcmp(status, "entered-in-error") == 0 || strcmp(status, "cancelled") == 0 || strcmp(status, "registered") == 0))
		fhir_fail(a->r, ERR_UNSUPPORTED, "DiagnosticReport.status", "a report that is there and was not taken back");
	add_line(&a->conclusions, fhir_text(it->json, "conclusion"));
	for (size_t i = 0; (code = fhir_item(it->json, "conclusionCode", i)) != NULL; i++)
		add_line(&a->conclusions, fhir_concept_words(code));
	for (size_t i = 0; fhir_item(it->json, "presentedForm", i) != NULL; i++)
		if ((form = fhir_form_file(a->r, it, i)) != NULL)
			fhir_set(a->r, "assessment.attachments", fhir_file_id(a->r, form));
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		snprintf(path, sizeof(path), "assessment.%s", views[i]);
		snprintf(url, sizeof(url), "%s%s", FHIR_EXT_FIELD, views[i]);
		fhir_take(a->r, path, fhir_extension(it->json, url));
	}
}

/* Of the report, the Task or its output; a health agency's own is medical. */
static void
read_kind(struct assessed *a)
{
	static const char list[] = "assessment_kind", where[] = "Task.output";
	const json_t *output;
	const char *kind = NULL;

	for (size_t i = 0; i < a->results->n && kind == NULL; i++)
		if (is_type(a->results->items[i], "DiagnosticReport"))
			kind = fhir_concept(a->r, fhir_at(a->results->items[i]->json, "code"), FHIR_SYS_ASSESSMENT, list, "DiagnosticReport.code");
	if (kind == NULL)
		kind = fhir_concept(a->r, fhir_at(a->results->task->json, "code"), FHIR_SYS_ASSESSMENT, list, "Task.code");
	for (size_t i = 0; kind == NULL && (output = fhir_item(a->results->task->json, "output", i)) != NULL; i++)
		kind = fhir_concept(a->r, fhir_at(output, "type"), FHIR_SYS_ASSESSMENT, list, where);
	fhir_set(a->r, "assessment.assessment_kind", kind != NULL ? kind : "medical");
	if (kind == NULL)
		fhir_set(a->r, "assumed", "assessment.assessment_kind");
}

/* -- the plan -- */

static void
read_goal(struct assessed *a, struct fhir_resource *it)
{
	const char *now = fhir_peek(it->json, "lifecycleStatus"), *text = fhir_concept_words(fhir_at(it->json, "description"));

	if (now != NULL && (strcmp(now, "entered-in-error") == 0 || strcmp(now, "rejected") == 0 || strcmp(now, "cancelled") == 0)) {
		fhir_fail(a->r, ERR_UNSUPPORTED, "Goal.lifecycleStatus", "what was given up is no goal");
		return;
	}
	it->is_used = true;
	if (text == NULL) {
		fhir_fail(a->r, ERR_REQUIRED, "Goal.description", "what is to be reached");
		return;
	}
	set_at(a, "plan.goals", a->n_goals, "text", text);
	set_at(a, "plan.goals", a->n_goals, "code", fhir_text(it->json, "description.coding.code"));
	set_at(a, "plan.goals", a->n_goals, "target_date", fhir_text(it->json, "target.dueDate"));
	a->n_goals++;
}

/* What a service that is known here is to do, as long as nobody says it in words. */
static void
read_recommended(struct assessed *a, const json_t *detail, const char *kind)
{
	char path[64];

	set_at(a, "recommended_services", a->n_services, "service_kind", kind);
	set_at(a, "recommended_services", a->n_services, "intensity", fhir_text(detail, "scheduledString"));
	snprintf(path, sizeof(path), "assessment.recommended_services[%zu].duration", a->n_services);
	fhir_take(a->r, path, fhir_extension(detail, FHIR_EXT "duration"));
	a->n_services++;
}

static void
read_activity(struct assessed *a, const struct fhir_resource *plan, const json_t *detail)
{
	const char *text = fhir_text(detail, "description"), *status = fhir_text(detail, "status"), *kind;
	const json_t *performer = fhir_item(detail, "performer", 0), *due = fhir_at(detail, "scheduledPeriod.end");

	if (status != NULL && (strcmp(status, "cancelled") == 0 || strcmp(status, "entered-in-error") == 0)) {
		fhir_fail(a->r, ERR_UNSUPPORTED, "CarePlan.activity.detail.status", "what was given up is no plan");
		return;
	}
	kind = fhir_concept(a->r, fhir_at(detail, "code"), FHIR_SYS_SERVICE, "service_kind", "CarePlan.activity.detail.code");
	if (kind != NULL && text == NULL) {
		read_recommended(a, detail, kind);
		return;
	}
	if (text == NULL)
		text = fhir_concept_words(fhir_at(detail, "code"));
	if (text == NULL)
		return;
	set_at(a, "plan.actions", a->n_actions, "text", text);
	if (performer != NULL)
		set_at(a, "plan.actions", a->n_actions, "responsible", fhir_party_name(a->r, plan, performer));
	if (due != NULL) {
		char path[64];

		snprintf(path, sizeof(path), "assessment.plan.actions[%zu].due", a->n_actions);
		fhir_take_date(a->r, path, due);
	}
	a->n_actions++;
}

static void
read_plan(struct assessed *a, struct fhir_resource *it)
{
	const char *status = fhir_text(it->json, "status");
	const json_t *activity;

	it->is_used = true;
	(void)fhir_text(it->json, "intent");
	if (status != NULL && (strcmp(status, "revoked") == 0 || strcmp(status, "entered-in-error") == 0))
		fhir_fail(a->r, ERR_UNSUPPORTED, "CarePlan.status", "what was taken back is no plan");
	for (size_t i = 0; a->r->e == OK && (activity = fhir_item(it->json, "activity", i)) != NULL; i++)
		if (fhir_at(activity, "detail") != NULL)
			read_activity(a, it, fhir_at(activity, "detail"));
	fhir_take_date(a->r, "assessment.plan.review_on", fhir_at(it->json, "period.end"));
	add_line(&a->conclusions, fhir_text(it->json, "description"));
}

/* -- all of them -- */

static void
read_one(struct assessed *a, struct fhir_resource *it)
{
	struct fhir_finding f;

	if (is_type(it, "Observation") || is_type(it, "Condition")) {
		fhir_read_finding(a->r, it, &f);
		if (a->r->e == OK)
			put_domain(a, &f);
	} else if (is_type(it, "QuestionnaireResponse")) {
		read_answers(a, it);
	} else if (is_type(it, "DiagnosticReport")) {
		read_report(a, it);
	} else if (is_type(it, "Goal")) {
		read_goal(a, it);
	} else if (is_type(it, "CarePlan")) {
		read_plan(a, it);
	} else if (is_type(it, "DocumentReference")) {
		fhir_set(a->r, "assessment.attachments", fhir_file_id(a->r, it));
	}
}

void
fhir_read_assessment(struct fhir_reading *r, const struct fhir_results *results)
{
	struct assessed a = { .r = r, .results = results };

	buf_init(&a.conclusions, r->mem);
	buf_init(&a.findings, r->mem);
	read_kind(&a);
	fhir_read_done(r, results, "assessment.done_on", "assessment.done_by");
	for (size_t i = 0; i < results->n && r->e == OK; i++)
		read_one(&a, results->items[i]);
	if (a.conclusions.n > 0) {
		fhir_set(r, "assessment.conclusions", buf_text(&a.conclusions));
	} else if (a.findings.n > 0) {
		fhir_set(r, "assessment.conclusions", buf_text(&a.findings));
		fhir_set(r, "assumed", "assessment.conclusions");
	} else {
		fhir_fail(r, ERR_REQUIRED, "DiagnosticReport.conclusion", "what was found, or a conclusion");
	}
}
