/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_reply_in - a Task that is no new request: a step of the referral, a confirmation, and what its output brings.
 *
 * A step and what comes with it are two records of one act; the first fault of either refuses both. Called by fhir_to_record.c.
 */
#include "adapters/health/fhir_result.h"

#include <string.h>

#include <jansson.h>

/* The businessStatus `registered`: our agency's system has what was handed over, whatever its state. */
static bool
is_registered_stage(const struct fhir_resource *reply)
{
	const json_t *coding;

	for (size_t i = 0; (coding = fhir_item(fhir_at(reply->json, "businessStatus"), "coding", i)) != NULL; i++) {
		const char *system = fhir_text(coding, "system"), *code = fhir_text(coding, "code");

		if (system && code && strcmp(system, FHIR_SYS_STAGE) == 0 && strcmp(code, "registered") == 0)
			return true;
	}
	return false;
}

/* Names what is confirmed by the id in the address, since a thread has one number and many statuses. */
static void
read_registered(struct fhir_reading *r, struct fhir_resource *reply, const char *case_no, const char *no)
{
	const char *id = r->path_id != NULL ? r->path_id : fhir_text(reply->json, "id");

	if (id == NULL && no == NULL)
		fhir_fail(r, ERR_REQUIRED, "Task.id", "the id of what is confirmed");
	else if (case_no == NULL && no == NULL)
		fhir_fail(r, ERR_REQUIRED, "Task.identifier", "the agency's own number: FILL, or PLAC where the referral is its own");
	r->item->confirms = arena_str(r->mem, id != NULL ? id : no);
	r->item->case_no = arena_str(r->mem, case_no != NULL ? case_no : no);
}

/* A Task, or a ServiceRequest with the case number in it. A step under a case number registers by itself (status.case_no); only
 * a number without a step is a confirmation. An initiator's system repeats the number of the other side in its Tasks. */
static void
read_reply(struct fhir_reading *r, struct fhir_resource *reply)
{
	const char *case_no = fhir_identifier(reply->json, "FILL"), *no;
	const char *state = strcmp(reply->type, "Task") == 0 ? fhir_task_state(reply) : "requested";
	struct fhir_named wrong;

	no = fhir_referral_no(r, reply, &wrong);
	if (strcmp(reply->type, "Task") == 0 && !is_registered_stage(reply) && fhir_is_consent_answer(reply)) {
		fhir_check_modifiers(r, reply);
		fhir_read_consent_answer(r, reply);
		return;
	}
	if (strcmp(reply->type, "Task") == 0 && (is_registered_stage(reply) || fhir_is_kind_task(reply))) {
		read_registered(r, reply, case_no, no);
		return;
	}
	fhir_check_modifiers(r, reply);
	if (r->e != OK)
		return;
	if (no == NULL)
		no = case_no;
	if (no == NULL && wrong.e != OK) {
		fhir_fail(r, wrong.e, wrong.where, wrong.text);
	} else if (no == NULL) {
		fhir_fail(r, ERR_REQUIRED, strcmp(reply->type, "Task") == 0 ? "Task.identifier" : "ServiceRequest.identifier",
			  "an identifier of type PLAC says which referral this is about");
	} else if (state == NULL) {
		fhir_fail(r, fhir_text(reply->json, "status") == NULL ? ERR_REQUIRED : ERR_UNKNOWN_CODE, "Task.status",
			  "a status of FHIR R4");
	} else if (strcmp(state, "requested") != 0 && strcmp(state, "draft") != 0) {
		fhir_begin_record(r, "status-change");
		if (r->e == OK)
			fhir_read_status(r, reply, no);
	} else if (case_no == NULL) {
		fhir_fail(r, ERR_REQUIRED, "Task.status", "neither a step nor a case number (identifier FILL)");
	} else {
		r->item->confirms = arena_str(r->mem, no);
		r->item->case_no = arena_str(r->mem, case_no);
	}
}

/* A client that copies the Task that it read copies the last step's own words as well: where it came from tells. */
static bool
is_copied(const struct fhir_resource *task, const char *state)
{
	const json_t *x;

	for (size_t i = 0; (x = fhir_item(task->json, "extension", i)) != NULL; i++) {
		const char *url = fhir_peek(x, "url"), *from = fhir_peek(x, "valueCode");

		if (url != NULL && from != NULL && strcmp(url, FHIR_EXT_FIELD "from") == 0)
			return strcmp(from, state) != 0;
	}
	return false;
}

/* Has it more to say of the state that the referral is in already? */
static bool
says_more(const struct fhir_resource *task, const char *state)
{
	const json_t *x;

	for (size_t i = 0; !is_copied(task, state) && (x = fhir_item(task->json, "extension", i)) != NULL; i++) {
		const char *url = fhir_peek(x, "url");

		if (url != NULL && strncmp(url, FHIR_EXT_FIELD, strlen(FHIR_EXT_FIELD)) == 0)
			return true;
	}
	if (fhir_peek(task->json, "executionPeriod.start") != NULL && strcmp(state, "scheduled") == 0)
		return true;
	return json_object_get(task->json, "statusReason") != NULL;
}

/* Does the Task say a step beside what its output brings? One that only repeats where the referral stands says none. */
static bool
says_step(const struct fhir_resource *task, const struct fhir_results *results)
{
	const char *state = fhir_task_state(task), *case_no = fhir_identifier(task->json, "FILL");
	const struct progress *at = &results->at;

	if (state == NULL)
		return true;
	if (strcmp(state, "requested") == 0 || strcmp(state, "draft") == 0)
		return case_no != NULL && (at->case_no == NULL || strcmp(at->case_no, case_no) != 0);
	return at->state == NULL || strcmp(at->state, state) != 0 || says_more(task, state);
}

/* What ends a referral says how it went. One that brings results and no code of ours is "other", unless its goals tell. */
static void
add_outcome(struct fhir_reading *r, const struct fhir_results *results)
{
	const struct status *s = r->e == OK && r->record != NULL ? r->record->status : NULL;
	const char *told;

	if (s == NULL || s->outcome != NULL || (strcmp(s->to, "completed") != 0 && strcmp(s->to, "failed") != 0))
		return;
	told = fhir_result_outcome(r, results);
	fhir_set(r, "status.outcome.outcome", told != NULL ? told : "other");
	if (told == NULL)
		fhir_set(r, "assumed", "status.outcome.outcome");
	fhir_take_date(r, "status.outcome.closed_on", fhir_at(results->task->json, "executionPeriod.end"));
}

/* What is copied is no part of this step: the core says where it leads from. */
static void
drop_copied(struct fhir_reading *r, const struct fhir_results *results)
{
	struct status *s = r->e == OK && r->record != NULL ? r->record->status : NULL;

	if (s == NULL || results->at.state == NULL || !is_copied(results->task, results->at.state))
		return;
	s->from = NULL;
	s->transition = NULL;
}

static void
refuse_both(struct intake_item *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (items[i].e == OK)
			continue;
		for (size_t k = 0; k < n; k++) {
			items[k].e = items[i].e;
			items[k].why = items[i].why;
			items[k].record = NULL;
		}
		return;
	}
}

size_t
fhir_read_reply(struct fhir_reading *r, struct fhir_resource *reply, struct intake_item *items)
{
	struct fhir_results results = { .task = reply };
	size_t n = 0, n_results;
	bool is_task = strcmp(reply->type, "Task") == 0 && !is_registered_stage(reply) && !fhir_is_kind_task(reply);

	fhir_begin_item(r, &items[0], reply);
	if (is_task)
		fhir_gather_results(r, &results);
	n_results = results.n + results.n_activities;
	if (r->e != OK || n_results == 0 || says_step(reply, &results)) {
		if (r->e == OK)
			read_reply(r, reply);
		if (n_results > 0) {
			drop_copied(r, &results);
			add_outcome(r, &results);
		}
		fhir_end_item(r);
		n++;
	}
	if (n_results == 0 || items[0].e != OK)
		return n;
	fhir_begin_item(r, &items[n], reply);
	reply->is_used = true;
	fhir_check_modifiers(r, reply);
	fhir_read_results(r, &results);
	fhir_end_item(r);
	refuse_both(items, ++n);
	return n;
}
