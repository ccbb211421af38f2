/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_outcome_out - an outcome report as Gravity has it: Procedures as resulting activities, Goals with their achievement, Observations of what was
 * measured, Conditions that remain, a CarePlan of what is to follow, and a DiagnosticReport with its words. Called by fhir_result_out.c.
 */
#include "adapters/health/fhir_result.h"

#include <string.h>

#include <jansson.h>

#define ACHIEVEMENT "http://terminology.hl7.org/CodeSystem/goal-achievement"

static json_t *
new_period(const char *start, const char *end)
{
	return start != NULL || end != NULL ? json_pack("{s:s*, s:s*}", "start", start, "end", end) : NULL;
}

static void
write_services(struct fhir_writing *w, json_t *task, const struct outcome_report *o)
{
	for (size_t i = 0; i < o->n_services_delivered; i++) {
		const struct delivered_service *s = o->services_delivered[i];
		const char *name = fhir_result_name(w, "Procedure", i);
		json_t *to = fhir_new_result(w, name);

		if (s->units != NULL)
			fhir_put_extension(to, FHIR_EXT "units", "valueInteger", json_integer(*s->units));
		fhir_put(to, "status", "completed");
		fhir_put_new(to, "code", fhir_new_coded(FHIR_SYS_SERVICE, s->service_kind, NULL));
		fhir_put_new(to, "performedPeriod", new_period(s->from, s->to));
		fhir_add_result(w, task, name, "resulting-activity", to);
	}
}

static void
write_goals(struct fhir_writing *w, json_t *task, const struct outcome_report *o)
{
	for (size_t i = 0; i < o->n_goals; i++) {
		const struct goal_result *g = o->goals[i];
		const char *name = fhir_result_name(w, "Goal", i);
		const char *code = strcmp(g->result, "achieved") == 0 ? "achieved" : strcmp(g->result, "not") == 0 ? "not-achieved" : "improving";
		json_t *to = fhir_new_result(w, name);

		fhir_put(to, "lifecycleStatus", "active");
		fhir_put_new(to, "achievementStatus", fhir_new_coded(ACHIEVEMENT, code, NULL));
		fhir_put_new(to, "description", fhir_new_coded(NULL, NULL, g->ref));
		fhir_put(to, "statusReason", g->evidence);
		fhir_add_result(w, task, name, NULL, to);
	}
}

static void
write_measures(struct fhir_writing *w, json_t *task, const struct outcome_report *o)
{
	for (size_t i = 0; i < o->n_measures; i++) {
		const struct measure *m = o->measures[i];
		const char *name = fhir_result_name(w, "Observation", i);
		json_t *to = fhir_new_result(w, name);

		fhir_put(to, "status", "final");
		fhir_put_new(to, "code", fhir_new_coded(FHIR_SYS_KIND, "outcome-report", m->code));
		fhir_put_value(to, m->after);
		fhir_put_new(to, "method", fhir_new_coded(NULL, NULL, m->tool));
		fhir_add_component(to, "before", m->before);
		fhir_add_result(w, task, name, NULL, to);
	}
}

static void
write_needs(struct fhir_writing *w, json_t *task, const struct outcome_report *o)
{
	for (size_t i = 0; i < o->remaining_needs.n; i++) {
		const char *name = fhir_result_name(w, "Condition", i);
		json_t *to = fhir_new_result(w, name);

		fhir_put_new(to, "code", fhir_new_coded(FHIR_SYS_NEED, o->remaining_needs.items[i], NULL));
		fhir_add_result(w, task, name, NULL, to);
	}
}

static void
write_follow_ups(struct fhir_writing *w, json_t *task, const struct outcome_report *o)
{
	json_t *to, *detail;

	if (o->n_follow_up == 0)
		return;
	to = fhir_new_result(w, "CarePlan");
	fhir_put(to, "status", "active");
	fhir_put(to, "intent", "plan");
	for (size_t i = 0; i < o->n_follow_up; i++) {
		const struct follow_up *f = o->follow_up[i];

		detail = json_pack("{s:s, s:s*}", "status", "not-started", "description", f->what);
		fhir_add_new(detail, "performer", fhir_new_logical("Organization", FHIR_SYS_AGENCY, f->agency));
		fhir_put_new(detail, "scheduledPeriod", new_period(NULL, f->due));
		fhir_add_new(to, "activity", json_pack("{s:o}", "detail", detail));
	}
	fhir_add_result(w, task, "CarePlan", NULL, to);
}

static bool
has_feedback(const struct outcome_report *o)
{
	return o->family_feedback != NULL && (o->family_feedback->score != NULL || o->family_feedback->text != NULL);
}

static void
write_feedback(struct fhir_writing *w, json_t *task, const struct feedback *f)
{
	json_t *to;

	to = fhir_new_result(w, "Observation");
	fhir_put(to, "status", "final");
	fhir_put_new(to, "code", fhir_new_coded(FHIR_SYS_DOMAIN, "family-feedback", NULL));
	if (f->score != NULL)
		json_object_set_new(to, "valueInteger", json_integer(*f->score));
	if (f->text != NULL)
		fhir_add_new(to, "note", json_pack("{s:s}", "text", f->text));
	fhir_add_result(w, task, "Observation", NULL, to);
}

void
fhir_write_outcome_report(struct fhir_writing *w, json_t *task, const struct outcome_report *o)
{
	json_t *report = fhir_new_result(w, "DiagnosticReport");

	fhir_put(report, "status", "final");
	fhir_put_new(report, "code", fhir_new_coded(FHIR_SYS_KIND, "outcome-report", NULL));
	fhir_add_new(report, "basedOn", fhir_new_logical("ServiceRequest", FHIR_SYS_REFERRAL_NO, o->referral_id));
	fhir_put(report, "effectiveDateTime", o->closed_on);
	fhir_add_new(report, "performer", json_pack("{s:s}", "display", o->closed_by));
	fhir_put(report, "conclusion", o->text);
	for (size_t i = 0; i < o->n_measures; i++)
		fhir_add_new(report, "result", fhir_new_reference(w, fhir_result_name(w, "Observation", i)));
	if (has_feedback(o))
		fhir_add_new(report, "result", fhir_new_reference(w, "Observation"));
	fhir_add_new(task, "output", json_pack("{s:{s:s}, s:o}", "type", "text", "outcome", "valueCodeableConcept",
		     fhir_new_coded(FHIR_SYS_OUTCOME, o->outcome, NULL)));
	fhir_put_new(task, "executionPeriod", new_period(NULL, o->closed_on));
	fhir_add_result(w, task, "DiagnosticReport", NULL, report);
	write_services(w, task, o);
	write_goals(w, task, o);
	write_measures(w, task, o);
	write_needs(w, task, o);
	write_follow_ups(w, task, o);
	if (has_feedback(o))
		write_feedback(w, task, o->family_feedback);
}
