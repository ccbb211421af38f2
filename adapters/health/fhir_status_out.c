/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_status_out - the Task: of a referral that arrived, of a status coming home, of a stage that what we sent has reached. */
#include "adapters/health/fhir.h"

#include <string.h>

#include <jansson.h>

#include "proto/base/clock.h"
#include "proto/kind.h"

static void
put_business_status(json_t *task, const char *state)
{
	json_t *concept = fhir_new_coded(FHIR_SYS_STATE, state, NULL);

	if (fhir_bser_code(state) != NULL)
		fhir_add_new(concept, "coding", json_pack("{s:s, s:s}", "system", FHIR_SYS_BSER, "code", fhir_bser_code(state)));
	fhir_put_new(task, "businessStatus", concept);
}

static void
put_reason(json_t *task, const struct status *s)
{
	if (s->reason_code != NULL || s->reason_text != NULL)
		fhir_put_new(task, "statusReason", fhir_new_coded(FHIR_SYS_REASON, s->reason_code, s->reason_text));
}

static json_t *
new_period(const int64_t *start, const int64_t *end)
{
	json_t *period = json_object();

	fhir_put_time(period, "start", start);
	fhir_put_time(period, "end", end);
	return period;
}

static void
put_outcome(json_t *task, const struct outcome *o)
{
	if (o == NULL)
		return;
	fhir_add_new(task, "output", json_pack("{s:{s:s}, s:o}", "type", "text", "outcome", "valueCodeableConcept",
		     fhir_new_coded(FHIR_SYS_OUTCOME, o->outcome, o->text)));
}

static void
put_questions(json_t *task, const struct status *s)
{
	for (size_t i = 0; i < s->n_questions; i++) {
		const struct question *q = s->questions[i];
		json_t *input = json_object();

		if (q->qid != NULL)
			fhir_put_extension(input, FHIR_EXT "question-id", "valueString", json_string(q->qid));
		if (q->code != NULL)
			fhir_put_extension(input, FHIR_EXT "question-code", "valueString", json_string(q->code));
		if (q->answer_type != NULL)
			fhir_put_extension(input, FHIR_EXT "answer-type", "valueCode", json_string(q->answer_type));
		if (q->required != NULL)
			fhir_put_extension(input, FHIR_EXT "required", "valueBoolean", json_boolean(*q->required));
		if (q->why_needed != NULL)
			fhir_put_extension(input, FHIR_EXT "why-needed", "valueString", json_string(q->why_needed));
		fhir_put_new(input, "type", fhir_new_coded(FHIR_SYS_INPUT, "question", NULL));
		fhir_put(input, "valueString", q->text);
		fhir_add_new(task, "input", input);
	}
}

static void
put_continuity(json_t *task, const struct status *s)
{
	for (size_t i = 0; i < s->n_continuity; i++) {
		const struct continuity *c = s->continuity[i];
		json_t *to = json_pack("{s:s}", "url", FHIR_EXT "continuity");

		if (c->item != NULL)
			fhir_put_extension(to, "item", "valueCode", json_string(c->item));
		if (c->kept != NULL)
			fhir_put_extension(to, "kept", "valueBoolean", json_boolean(*c->kept));
		if (c->text != NULL)
			fhir_put_extension(to, "text", "valueString", json_string(c->text));
		fhir_add_new(task, "extension", to);
	}
}

static void
put_worker(json_t *task, const struct worker *worker, const char *agency)
{
	json_t *role;

	if (worker == NULL) {
		fhir_put_new(task, "owner", fhir_new_logical("Organization", FHIR_SYS_AGENCY, agency));
		return;
	}
	role = fhir_new_worker(worker, fhir_new_logical("Organization", FHIR_SYS_AGENCY, agency));
	fhir_put(role, "id", "worker");
	fhir_add_new(task, "contained", role);
	fhir_put_new(task, "owner", json_pack("{s:s}", "reference", "#worker"));
}

static void
put_status(struct fhir_writing *w, json_t *task, const struct status *s, const char *recipient)
{
	fhir_put_fields(w, "status", "Task", task);
	fhir_put(task, "status", fhir_task_status(s->to));
	put_reason(task, s);
	put_business_status(task, s->to);
	if (s->appointment != NULL) {
		fhir_put_new(task, "executionPeriod", new_period(s->appointment->start, s->appointment->end));
		if (s->appointment->place != NULL)
			fhir_put_new(task, "location", json_pack("{s:s}", "display", s->appointment->place));
	}
	fhir_put_time(task, "lastModified", s->at);
	put_worker(task, s->assigned_worker, recipient);
	put_questions(task, s);
	put_continuity(task, s);
	put_outcome(task, s->outcome);
}

/* A stage has no state of its own: "refused" is the end of it all the same, the rest leaves the request as it was. What was declined
 * unopened has ended as the step before this has said. */
static void
put_stage(const struct fhir_writing *w, json_t *task, const char *recipient)
{
	bool is_refused = w->out->stage != NULL && strcmp(w->out->stage, "refused") == 0;
	const int64_t at = w->out->at_ms;

	fhir_put(task, "status", is_refused ? fhir_refused_status(w->out->stage_err, w->out->state) : "requested");
	if (is_refused)
		fhir_put_new(task, "statusReason", fhir_new_coded(FHIR_SYS_ERROR, err_code(w->out->stage_err),
							  err_text(w->out->stage_err, LANG_BG)));
	if (w->out->stage != NULL)
		fhir_put_new(task, "businessStatus", fhir_new_coded(FHIR_SYS_STAGE, w->out->stage, NULL));
	else
		put_business_status(task, "requested");
	fhir_put_time(task, "lastModified", at != 0 ? &at : NULL);
	put_worker(task, NULL, recipient);
}

static const char *
case_number(const struct outgoing *out)
{
	const struct status *s = out->record != NULL ? out->record->status : NULL;

	if (s != NULL && s->case_no != NULL)
		return s->case_no;
	return out->is_initiator || out->record == NULL ? out->external_no : out->case_no;
}

static void
put_links(struct fhir_writing *w, json_t *task, const struct referral *referral, bool is_referral)
{
	const struct person_id *id = referral->child != NULL && referral->child->n_ids > 0 ? referral->child->ids[0] : NULL;
	const struct fhir_id_system *own = id != NULL ? fhir_id_by_type(id->type) : NULL;

	if (is_referral) {
		fhir_put_new(task, "focus", fhir_new_reference(w, "ServiceRequest"));
		fhir_put_new(task, "for", fhir_new_reference(w, "Patient"));
	} else {
		fhir_put_new(task, "focus", fhir_new_logical("ServiceRequest", FHIR_SYS_REFERRAL_NO, referral->referral_id));
		if (own != NULL)
			fhir_put_new(task, "for", fhir_new_logical("Patient", own->system, id->value));
	}
	fhir_put_time(task, "authoredOn", referral->authored_on != NULL ? referral->authored_on : NULL);
}

/* Of a kind that takes a step by itself: which one, as a status change says it. */
static void
put_step(json_t *task, const struct life_step *step)
{
	if (step == NULL)
		return;
	fhir_put_extension(task, FHIR_EXT_FIELD "from", "valueCode", json_string(step->from));
	fhir_put_extension(task, FHIR_EXT_FIELD "transition", "valueCode", json_string(step->transition));
}

/* What it is to do: carry out the request, or take notice of a message of another kind. */
static void
put_code(json_t *task, const struct record *record, const struct referral *referral)
{
	bool has_response = record != NULL && fhir_has_response(record);

	fhir_put(task, "intent", "order");
	if (referral != NULL)
		fhir_put(task, "priority", fhir_priority_code(referral->priority));
	fhir_put_new(task, "code", fhir_new_coded(has_response ? FHIR_SYS_KIND : "http://hl7.org/fhir/CodeSystem/task-code",
						  has_response ? record->kind : "fulfill", NULL));
}

/* Its content is the focus then; the request is what it is based on. */
static void
put_response(struct fhir_writing *w, json_t *task)
{
	if (json_object_get(task, "focus") != NULL)
		fhir_add_new(task, "basedOn", json_incref(json_object_get(task, "focus")));
	fhir_put_new(task, "focus", fhir_new_reference(w, "QuestionnaireResponse"));
	fhir_put_time(task, "authoredOn", w->out->record->created);
}

/* Nothing is changed before it was made, says FHIR; two clocks may say otherwise, and then the step's own time is what counts. */
static void
put_in_order(json_t *task)
{
	const char *made = fhir_text(task, "authoredOn"), *changed = fhir_text(task, "lastModified");
	int64_t made_ms, changed_ms;

	if (made == NULL || changed == NULL || clock_parse(made, &made_ms) != OK || clock_parse(changed, &changed_ms) != OK)
		return;
	if (changed_ms < made_ms)
		json_object_del(task, "authoredOn");
	else if (made_ms % 1000 == 0 && changed_ms > made_ms && changed_ms - made_ms < 1000)	/* whoever compares letters finds "05Z" after "05.120Z" */
		fhir_put_new(task, "authoredOn", json_sprintf("%.*s.000Z", (int)strlen(made) - 1, made));
}

json_t *
fhir_new_task(struct fhir_writing *w)
{
	const struct outgoing *out = w->out;
	const struct record *record = out->record, *first = out->referral;
	const struct referral *referral = first != NULL ? first->referral : NULL;
	bool is_referral = record != NULL && record->referral != NULL;
	const char *from = referral != NULL && referral->initiator != NULL ? referral->initiator->agency : NULL;
	const char *to = referral != NULL && referral->target != NULL ? referral->target->agency : NULL;
	const char *no = record != NULL && !is_referral ? kind_reference(record) : NULL;
	json_t *task = json_pack("{s:s}", "resourceType", "Task");
	struct status step;

	if (no == NULL && first != NULL)
		no = kind_reference(first);
	fhir_add_new(task, "identifier", fhir_new_identifier("PLAC", FHIR_SYS_REFERRAL_NO, no));
	fhir_add_new(task, "identifier", fhir_new_identifier("FILL", FHIR_SYS_CASE_NO, case_number(out)));
	if (record != NULL && kind_step(record, &step)) {
		put_status(w, task, &step, to);
		put_step(task, record->step);
	} else {
		put_stage(w, task, to);
	}
	put_code(task, record, referral);
	if (referral != NULL)
		put_links(w, task, referral, is_referral);
	if (fhir_has_response(record))
		put_response(w, task);
	put_in_order(task);
	fhir_put_new(task, "requester", fhir_new_logical("Organization", FHIR_SYS_AGENCY, from != NULL ? from : out->from));
	if (is_referral && referral != NULL && referral->respond_by != NULL)
		fhir_put_new(task, "restriction", json_pack("{s:o}", "period", new_period(NULL, referral->respond_by)));
	return task;
}
