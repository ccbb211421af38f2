/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_assessment_out - an assessment as a DiagnosticReport with an Observation (or a Condition) for each domain, Goals and a CarePlan.
 *
 * Called by fhir_result_out.c.
 */
#include "adapters/health/fhir_result.h"

#include <string.h>

#include <jansson.h>

static bool
is_diagnosis(const struct assessed_domain *d)
{
	return d->code != NULL && strchr(d->code, ' ') == NULL && d->scale != NULL && strcmp(d->scale, "ICD-10") == 0 && d->score == NULL &&
	       d->strength == NULL;
}

static json_t *
new_observation(struct fhir_writing *w, const struct assessment *a, const struct assessed_domain *d, const char *name)
{
	json_t *to = fhir_new_result(w, name), *code = fhir_new_named(FHIR_SYS_DOMAIN, d->code);

	fhir_put(to, "status", "final");
	fhir_put_new(to, "code", code != NULL ? code : fhir_new_coded(FHIR_SYS_KIND, "assessment-result", NULL));
	fhir_put(to, "effectiveDateTime", a->done_on);
	fhir_add_new(to, "performer", json_pack("{s:s}", "display", a->done_by));
	if (d->score != NULL) {
		fhir_put_value(to, d->score);
		fhir_add_new(to, "note", json_pack("{s:s}", "text", d->finding));
	} else {
		fhir_put(to, "valueString", d->finding);
	}
	fhir_put_new(to, "method", fhir_new_coded(NULL, NULL, d->scale));
	fhir_add_component(to, "strength", d->strength);
	return to;
}

static json_t *
new_report(struct fhir_writing *w, const struct assessment *a)
{
	json_t *to = fhir_new_result(w, "DiagnosticReport");

	if (a->child_view != NULL)
		fhir_put_extension(to, FHIR_EXT_FIELD "child_view", "valueString", json_string(a->child_view));
	if (a->carer_view != NULL)
		fhir_put_extension(to, FHIR_EXT_FIELD "carer_view", "valueString", json_string(a->carer_view));
	if (a->valid_until != NULL)
		fhir_put_extension(to, FHIR_EXT_FIELD "valid_until", "valueDate", json_string(a->valid_until));
	fhir_put(to, "status", "final");
	fhir_put_new(to, "code", fhir_new_coded(FHIR_SYS_ASSESSMENT, a->assessment_kind, NULL));
	fhir_add_new(to, "basedOn", fhir_new_logical("ServiceRequest", FHIR_SYS_REFERRAL_NO, a->referral_id));
	fhir_put(to, "effectiveDateTime", a->done_on);
	fhir_add_new(to, "performer", json_pack("{s:s}", "display", a->done_by));
	fhir_put(to, "conclusion", a->conclusions);
	for (size_t i = 0; i < a->n_domains; i++)
		if (!is_diagnosis(a->domains[i]))
			fhir_add_new(to, "result", fhir_new_reference(w, fhir_result_name(w, "Observation", i)));
	return to;
}

static void
write_domains(struct fhir_writing *w, json_t *task, const struct assessment *a)
{
	for (size_t i = 0; i < a->n_domains; i++) {
		const struct assessed_domain *d = a->domains[i];
		const char *name = fhir_result_name(w, is_diagnosis(d) ? "Condition" : "Observation", i);
		json_t *to;

		if (is_diagnosis(d)) {
			to = fhir_new_result(w, name);
			fhir_put_new(to, "code", fhir_new_coded(FHIR_SYS_ICD10, d->code, d->finding));
		} else {
			to = new_observation(w, a, d, name);
		}
		fhir_add_result(w, task, name, NULL, to);
	}
}

static json_t *
new_action(const struct plan_action *p)
{
	json_t *detail = json_pack("{s:s, s:s*}", "status", "not-started", "description", p->text);

	if (p->responsible != NULL)
		fhir_add_new(detail, "performer", json_pack("{s:s}", "display", p->responsible));
	if (p->due != NULL)
		fhir_put_new(detail, "scheduledPeriod", json_pack("{s:s}", "end", p->due));
	return json_pack("{s:o}", "detail", detail);
}

static json_t *
new_recommended(const struct recommendation *r)
{
	json_t *detail = json_pack("{s:s, s:o*}", "status", "not-started", "code", fhir_new_coded(FHIR_SYS_SERVICE, r->service_kind, NULL));

	if (r->duration != NULL)
		fhir_put_extension(detail, FHIR_EXT "duration", "valueString", json_string(r->duration));
	fhir_put(detail, "scheduledString", r->intensity);
	return json_pack("{s:o}", "detail", detail);
}

static void
write_plan(struct fhir_writing *w, json_t *task, const struct assessment *a)
{
	const struct care_plan *p = a->plan;
	size_t n_goals = p != NULL ? p->n_goals : 0;
	json_t *to;

	for (size_t i = 0; i < n_goals; i++) {
		const char *name = fhir_result_name(w, "Goal", i);
		json_t *goal = fhir_new_result(w, name);

		fhir_put(goal, "lifecycleStatus", "proposed");
		fhir_put_new(goal, "description", fhir_new_coded(NULL, p->goals[i]->code, p->goals[i]->text));
		if (p->goals[i]->target_date != NULL)
			fhir_add_new(goal, "target", json_pack("{s:s}", "dueDate", p->goals[i]->target_date));
		fhir_add_result(w, task, name, NULL, goal);
	}
	if (p == NULL && a->n_recommended_services == 0)
		return;
	to = fhir_new_result(w, "CarePlan");
	fhir_put(to, "status", "active");
	fhir_put(to, "intent", "plan");
	for (size_t i = 0; i < n_goals; i++)
		fhir_add_new(to, "goal", fhir_new_reference(w, fhir_result_name(w, "Goal", i)));
	for (size_t i = 0; p != NULL && i < p->n_actions; i++)
		fhir_add_new(to, "activity", new_action(p->actions[i]));
	for (size_t i = 0; i < a->n_recommended_services; i++)
		fhir_add_new(to, "activity", new_recommended(a->recommended_services[i]));
	if (p != NULL && p->review_on != NULL)
		fhir_put_new(to, "period", json_pack("{s:s}", "end", p->review_on));
	fhir_add_result(w, task, "CarePlan", NULL, to);
}

void
fhir_write_assessment(struct fhir_writing *w, json_t *task, const struct assessment *a)
{
	fhir_add_result(w, task, "DiagnosticReport", NULL, new_report(w, a));
	write_domains(w, task, a);
	write_plan(w, task, a);
}
