/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_status_in - a Task as a status change. What the thread was in before is the core's to know: `from` and the
 * transition are set only where the sender names them. */
#include "adapters/health/fhir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

const char *
fhir_task_state(const struct fhir_resource *task)
{
	const char *status = fhir_text(task->json, "status"), *code = NULL, *system = NULL, *state;
	const json_t *coding;

	for (size_t i = 0; (coding = fhir_item(fhir_at(task->json, "businessStatus"), "coding", i)) != NULL; i++) {
		const char *its = fhir_text(coding, "system");

		state = fhir_state_of(NULL, its, fhir_text(coding, "code"));
		if (state == NULL || (system != NULL && strcmp(system, FHIR_SYS_STATE) == 0))
			continue;	/* ours says it exactly; BSeR's is the next best */
		system = its != NULL ? its : "";
		code = fhir_text(coding, "code");
	}
	return fhir_state_of(status, system, code);
}

static void
read_reason(struct fhir_reading *r, const json_t *task)
{
	const json_t *reason = fhir_at(task, "statusReason");
	const char *code = fhir_concept(r, reason, FHIR_SYS_REASON, "reason", "Task.statusReason");

	if (reason == NULL)
		return;
	fhir_set(r, "status.reason_code", code != NULL ? code : "other");
	fhir_set(r, "status.reason_text", code != NULL ? fhir_text(reason, "text") : fhir_concept_text(reason));
}

static void
read_outcome(struct fhir_reading *r, const struct fhir_resource *task)
{
	const json_t *output, *value;
	const char *code;

	for (size_t i = 0; (output = fhir_item(task->json, "output", i)) != NULL; i++) {
		value = fhir_at(output, "valueCodeableConcept");
		code = fhir_concept(r, value, FHIR_SYS_OUTCOME, "outcome", "Task.output");
		if (code != NULL) {
			fhir_set(r, "status.outcome.outcome", code);
			fhir_set(r, "status.outcome.text", fhir_text(value, "text"));
		} else if (value == NULL) {
			fhir_take(r, "status.outcome.text", fhir_at(output, "valueString"));
		}
	}
	if (r->e == OK && r->record->status->outcome != NULL)
		fhir_take_date(r, "status.outcome.closed_on", fhir_at(task->json, "executionPeriod.end"));
}

/* When it shall be, or has been: an appointment if that is what the state is about, else the day of the start. */
static void
read_period(struct fhir_reading *r, const struct fhir_resource *task, const char *state)
{
	const json_t *start = fhir_at(task->json, "executionPeriod.start"), *place = fhir_at(task->json, "location");
	struct fhir_resource *location = fhir_doc_resolve(r->doc, task, place);

	if (strcmp(state, "scheduled") != 0) {
		fhir_take_date(r, "status.expected_start", start);
		return;
	}
	fhir_take(r, "status.appointment.start", start);
	if (start == NULL)
		return;
	fhir_take(r, "status.appointment.end", fhir_at(task->json, "executionPeriod.end"));
	if (location != NULL)
		location->is_used = true;
	fhir_take(r, "status.appointment.place", location != NULL && fhir_text(location->json, "name") != NULL ?
		  fhir_at(location->json, "name") : fhir_at(place, "display"));
}

static void
read_questions(struct fhir_reading *r, const json_t *task)
{
	const json_t *input;
	char path[64];
	size_t n = 0;

	for (size_t i = 0; (input = fhir_item(task, "input", i)) != NULL; i++) {
		const char *code = fhir_text(input, "type.coding.code");

		if (code == NULL || strcmp(code, "question") != 0)
			continue;
		snprintf(path, sizeof(path), "status.questions[%zu].qid", n);
		fhir_take(r, path, fhir_extension(input, FHIR_EXT "question-id"));
		snprintf(path, sizeof(path), "status.questions[%zu].text", n);
		fhir_take(r, path, fhir_at(input, "valueString"));
		snprintf(path, sizeof(path), "status.questions[%zu].code", n);
		fhir_take(r, path, fhir_extension(input, FHIR_EXT "question-code"));
		snprintf(path, sizeof(path), "status.questions[%zu].answer_type", n);
		fhir_take(r, path, fhir_extension(input, FHIR_EXT "answer-type"));
		snprintf(path, sizeof(path), "status.questions[%zu].required", n);
		fhir_take_scalar(r, path, fhir_extension(input, FHIR_EXT "required"));
		snprintf(path, sizeof(path), "status.questions[%zu].why_needed", n);
		fhir_take(r, path, fhir_extension(input, FHIR_EXT "why-needed"));
		n++;
	}
}

/* For a child that moves into a family: what stays as it was. */
static void
read_continuity(struct fhir_reading *r, const json_t *task)
{
	static const char *const names[] = { "item", "kept", "text" };
	const json_t *x;
	char path[64];
	size_t n = 0;

	for (size_t i = 0; (x = fhir_item(task, "extension", i)) != NULL; i++) {
		const char *url = fhir_text(x, "url");

		if (url == NULL || strcmp(url, FHIR_EXT "continuity") != 0)
			continue;
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			snprintf(path, sizeof(path), "status.continuity[%zu].%s", n, names[k]);
			fhir_take_scalar(r, path, fhir_extension(x, names[k]));
		}
		n++;
	}
}

static uint64_t
content_hash(const json_t *json)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);	/* FNV-1a: tells one agency's own versions apart, guards nothing */
	char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);

	for (const char *p = text; p != NULL && *p != '\0'; p++)
		h = (h ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
	free(text);
	return h;
}

const char *
fhir_content_id(struct fhir_reading *r, const json_t *json)
{
	return arena_fmt(r->mem, "%016llx", (unsigned long long)content_hash(json));
}

/* A repeated step is the same message; the next step of the same kind (another appointment) is not. */
static void
name_it(struct fhir_reading *r, const struct fhir_resource *of, const char *no, const char *state)
{
	const char *version = fhir_text(of->json, "lastModified");

	if (version == NULL)
		version = fhir_text(of->json, "meta.versionId");
	if (version == NULL)
		version = fhir_content_id(r, of->json);
	r->item->native_id = arena_fmt(r->mem, "Task/%s/%s/%s", no, state, version != NULL ? version : "");
	fhir_set(r, "native_id", fhir_text(of->json, "id") != NULL ? fhir_text(of->json, "id") : no);
}

void
fhir_read_status(struct fhir_reading *r, struct fhir_resource *task, const char *no)
{
	const char *state = fhir_task_state(task);
	struct fhir_resource *header = fhir_doc_first(r->doc, "MessageHeader");

	task->is_used = true;
	if (header != NULL)
		header->is_used = true;
	fhir_set(r, "status.referral_id", no);
	fhir_set(r, "status.to", state);
	name_it(r, task, no, state);
	fhir_set(r, "status.case_no", fhir_identifier(task->json, "FILL"));
	fhir_take(r, "status.at", fhir_at(task->json, "lastModified"));	/* a Bundle's own time changes with each try */
	read_reason(r, task->json);
	read_outcome(r, task);
	read_period(r, task, state);
	fhir_read_worker(r, "status.assigned_worker", task, fhir_at(task->json, "owner"));
	read_questions(r, task->json);
	read_continuity(r, task->json);
	fhir_take_fields(r, "status", "Task", task->json);
	if (strcmp(state, "info-requested") == 0)
		fhir_take(r, "status.answer_by", fhir_at(task->json, "restriction.period.end"));
	for (size_t i = 0; i < r->doc->n; i++)
		if (r->doc->items[i].parent == NULL && strcmp(r->doc->items[i].type, "Appointment") == 0)
			fhir_read_beside(r, &r->doc->items[i]);
}

void
fhir_read_revoked(struct fhir_reading *r, struct fhir_resource *request)
{
	const char *no = fhir_referral_no(r, request, NULL), *status = fhir_text(request->json, "status");
	const char *state = strcmp(status, "revoked") == 0 ? "cancelled" : "entered-in-error";
	const json_t *note = fhir_at(request->json, "note.text");

	request->is_used = true;
	if (no == NULL) {
		fhir_fail(r, ERR_REQUIRED, "ServiceRequest.identifier", "an identifier of type PLAC says which referral this is");
		return;
	}
	fhir_set(r, "status.referral_id", no);
	fhir_set(r, "status.to", state);
	name_it(r, request, no, state);
	fhir_set(r, "status.reason_code", strcmp(state, "cancelled") == 0 ? "other" : "entered-in-error");
	fhir_take(r, "status.reason_text", note);
	if (note == NULL)
		fhir_set(r, "status.reason_text", fhir_concept_text(fhir_at(request->json, "reasonCode")));
}
