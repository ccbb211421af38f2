/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_to_record - what a FHIR document says: a referral, status changes, confirmations, results.
 *
 * A document with a new request (ServiceRequest and Patient) is one referral; otherwise each Task in it is an item or two, a
 * status or a confirmation, and what its output brings. The first fault of an item is kept and nothing of that item is read after it.
 */
#include "adapters/health/fhir_result.h"

#include <string.h>

#include <jansson.h>

void
fhir_begin_item(struct fhir_reading *r, struct intake_item *item, const struct fhir_resource *about)
{
	r->item = item;
	r->record = NULL;
	r->e = OK;
	r->why = (struct why){ 0 };
	item->row = r->doc->bundle_type != NULL ? about->row : 0;
}

/* An entry, or contained in the Task, the ServiceRequest or the Consent that brings it. */
static bool
is_file(const struct fhir_resource *it)
{
	return (it->parent == NULL || strcmp(it->parent->type, "Task") == 0 || strcmp(it->parent->type, "ServiceRequest") == 0 ||
		strcmp(it->parent->type, "Consent") == 0) && strcmp(it->type, "DocumentReference") == 0;
}

void
fhir_end_item(struct fhir_reading *r)
{
	fhir_own(r);
	if (r->e == OK && arena_is_full(r->mem))
		fhir_fail(r, ERR_TOOBIG, NULL, "no room");
	r->item->e = r->e;
	r->item->why = r->why;
	r->item->record = r->e == OK ? r->record : NULL;
	if (r->item->native_id == NULL)
		r->item->native_id = "";
}

/* Does MessageHeader say that this is a new request? Systems exist that send it with a Task already marked complete. */
static bool
is_request_event(const struct fhir_doc *doc)
{
	static const char *const events[] = { "I12", "servicerequest-request", "referral" };
	struct fhir_resource *header = fhir_doc_first(doc, "MessageHeader");
	const char *code;

	if (header == NULL)
		return false;
	code = fhir_text(header->json, "eventCoding.code");
	if (code == NULL && (code = fhir_text(header->json, "eventUri")) != NULL && strrchr(code, '/') != NULL)
		code = strrchr(code, '/') + 1;
	for (size_t i = 0; code != NULL && i < sizeof(events) / sizeof(events[0]); i++)
		if (strcmp(code, events[i]) == 0)
			return true;
	return false;
}

static bool
is_new_request(const struct fhir_doc *doc, const struct fhir_resource *request, const struct fhir_resource *task)
{
	const char *state, *status;

	if (task == NULL)	/* a lone request that bears our number answers the one we handed over */
		return fhir_identifier(request->json, "FILL") == NULL;
	status = fhir_text(task->json, "status");
	state = fhir_task_state(task);
	if (state == NULL || strcmp(state, "requested") == 0 || strcmp(state, "draft") == 0)
		return fhir_identifier(task->json, "FILL") == NULL || fhir_doc_first(doc, "Patient") != NULL;
	return is_request_event(doc) && status != NULL && (strcmp(status, "requested") == 0 || strcmp(status, "draft") == 0);
}

void
fhir_begin_record(struct fhir_reading *r, const char *kind)
{
	r->record = record_new(r->mem, "record");
	if (r->record == NULL) {
		fhir_fail(r, ERR_TOOBIG, NULL, "no room");
		return;
	}
	fhir_set(r, "kind", kind);
	fhir_set(r, "source", "fhir");
}

/* An extension may be passed over, one that modifies may turn the sense of its resource around: none is known here. */
void
fhir_check_modifiers(struct fhir_reading *r, const struct fhir_resource *of)
{
	if (of != NULL && fhir_item(of->json, "modifierExtension", 0) != NULL)
		fhir_fail(r, ERR_UNSUPPORTED, arena_fmt(r->mem, "%s.modifierExtension", of->type), "a modifier that is not known here");
}

static void
read_request(struct fhir_reading *r, struct fhir_resource *request, struct fhir_resource *task)
{
	const char *status = fhir_text(request->json, "status");
	bool is_error = status != NULL && strcmp(status, "entered-in-error") == 0;

	fhir_check_modifiers(r, request);
	fhir_check_modifiers(r, task);
	fhir_check_modifiers(r, fhir_doc_first(r->doc, "Patient"));
	fhir_check_modifiers(r, fhir_doc_first(r->doc, "Consent"));
	if (r->e != OK)
		return;
	if (status != NULL && task == NULL && (is_error || strcmp(status, "revoked") == 0)) {
		fhir_begin_record(r, "status-change");
		fhir_read_revoked(r, request);
		return;
	}
	fhir_begin_record(r, "referral");
	if (r->e == OK)
		fhir_read_referral(r, request, task);
}

static bool
is_reply(const struct fhir_doc *doc, const struct fhir_resource *it)
{
	if (it->parent != NULL)
		return false;
	return strcmp(it->type, "Task") == 0 || (fhir_doc_count(doc, "Task") == 0 && strcmp(it->type, "ServiceRequest") == 0);
}

/* What is one act for its sender (a message, a transaction) must be one here: several could be taken in part. */
static enum err
read_replies(struct fhir_reading *r, struct intake *intake)
{
	const char *type = r->doc->bundle_type;
	size_t n = 0;

	for (size_t i = 0; i < r->doc->n; i++)
		n += is_reply(r->doc, &r->doc->items[i]) ? 1 : 0;
	if (n > 1 && (strcmp(type, "message") == 0 || strcmp(type, "transaction") == 0))
		return why_set(&intake->why, ERR_TOOMANY, "Task", "one Task in a message or transaction: send a batch");
	for (size_t i = 0; i < r->doc->n; i++) {
		if (!is_reply(r->doc, &r->doc->items[i]))
			continue;
		n = fhir_read_reply(r, &r->doc->items[i], &intake->items[intake->n]);
		intake->is_one_act |= n > 1 && (type == NULL || strcmp(type, "message") == 0 || strcmp(type, "transaction") == 0);
		intake->n += n;
	}
	return OK;
}

/* The resources beside a message of ours that say the same once more. */
static void
pass_results(struct fhir_reading *r, struct fhir_resource *task)
{
	struct fhir_results results = { .task = task };

	task->is_passed = true;
	fhir_gather_results(r, &results);
	for (size_t i = 0; i < results.n; i++)
		results.items[i]->is_passed = true;
	r->e = OK;
}

/* Messages of other kinds; in a batch or collection steps beside them. */
static enum err
read_kinds(struct fhir_reading *r, struct intake *intake, size_t n_kinds)
{
	const char *type = r->doc->bundle_type, *kind;

	for (size_t i = 0; i < r->doc->n; i++) {
		struct fhir_resource *it = &r->doc->items[i];
		bool is_step = it->parent == NULL && strcmp(it->type, "Task") == 0 && !fhir_is_kind_task(it);

		if (it->parent != NULL || ((kind = fhir_kind_of(r->doc, it, r->mem)) == NULL && !is_step)) {
			if (fhir_is_kind_task(it))
				pass_results(r, it);
			it->is_passed |= strcmp(it->type, "Consent") == 0;	/* which the message beside it says as well */
			continue;
		}
		n_kinds += is_step;
		if (n_kinds > 1 && type != NULL && (strcmp(type, "message") == 0 || strcmp(type, "transaction") == 0))
			return why_set(&intake->why, ERR_TOOMANY, "QuestionnaireResponse", "one thing in a message or transaction: send a batch");
		if (is_step) {
			intake->n += fhir_read_reply(r, it, &intake->items[intake->n]);
			continue;
		}
		fhir_begin_item(r, &intake->items[intake->n], it);
		fhir_begin_record(r, NULL);
		fhir_read_response(r, it, kind);
		fhir_end_item(r);
		intake->n++;
	}
	return OK;
}

/* Appointments that come by themselves, one for each step. */
static enum err
read_appointments(struct fhir_reading *r, struct intake *intake)
{
	const char *type = r->doc->bundle_type;

	if (fhir_doc_count(r->doc, "Appointment") > 1 && (strcmp(type, "message") == 0 || strcmp(type, "transaction") == 0))
		return why_set(&intake->why, ERR_TOOMANY, "Appointment", "one Appointment in a message or transaction: send a batch");
	for (size_t i = 0; i < r->doc->n; i++) {
		struct fhir_resource *it = &r->doc->items[i];

		if (it->parent != NULL || strcmp(it->type, "Appointment") != 0)
			continue;
		fhir_begin_item(r, &intake->items[intake->n], it);
		fhir_begin_record(r, NULL);
		fhir_check_modifiers(r, it);
		if (r->e == OK)
			fhir_read_appointment(r, it);
		fhir_end_item(r);
		intake->n++;
	}
	return OK;
}

/* A Consent by itself, or beside a request that is known here: it changes what that request rests on. In a new request it is part of it. */
static struct fhir_resource *
lone_consent(struct fhir_reading *r, const struct fhir_resource *request, const struct fhir_resource *task)
{
	struct fhir_resource *consent = fhir_doc_first(r->doc, "Consent");
	struct progress at;
	const char *no;

	/* with a Patient it is a referral, perhaps once more */
	if (consent == NULL || consent->parent != NULL || task != NULL || (request != NULL && fhir_doc_first(r->doc, "Patient") != NULL))
		return NULL;
	if (request == NULL)
		return consent;
	no = fhir_identifier(request->json, "PLAC");
	return no != NULL && r->env->progress_of != NULL && r->env->progress_of(r->env->core, no, r->mem, &at) == OK && at.is_initiator ?
	    consent : NULL;
}

static enum err
read_consent(struct fhir_reading *r, struct fhir_resource *consent, struct intake *intake)
{
	if (fhir_doc_count(r->doc, "Consent") > 1)
		return why_set(&intake->why, ERR_TOOMANY, "Consent", "one Consent at a time");
	fhir_begin_item(r, &intake->items[0], consent);
	fhir_begin_record(r, NULL);
	fhir_check_modifiers(r, consent);
	if (r->e == OK)
		fhir_read_consent(r, consent);
	fhir_end_item(r);
	intake->n = 1;
	return OK;
}

static struct fhir_resource *
first_report(const struct fhir_doc *doc)
{
	for (size_t i = 0; i < doc->n; i++)
		if (fhir_is_report(&doc->items[i]))
			return &doc->items[i];
	return NULL;
}

/* A report with all that is beside it is one assessment. */
static void
read_report(struct fhir_reading *r, struct fhir_resource *first, struct intake *intake)
{
	struct fhir_results results = { .task = first };

	fhir_begin_item(r, &intake->items[0], first);
	fhir_gather_reports(r, &results);
	if (r->e == OK)
		fhir_read_results(r, &results);
	fhir_end_item(r);
	intake->n = 1;
}

static bool
has_files(const struct fhir_doc *doc)
{
	return fhir_doc_count(doc, "DocumentReference") > 0;	/* entries: what a Task contains comes with it */
}

static void
read_file(struct fhir_reading *r, struct fhir_resource *it, const struct record *about, struct intake *intake)
{
	const char *type = r->doc->bundle_type;
	struct intake_item *first = &intake->items[intake->n];
	size_t n;

	fhir_begin_item(r, first, it);
	fhir_begin_record(r, "attachment");
	fhir_check_modifiers(r, it);
	n = fhir_read_file(r, it, about, first);
	intake->is_one_act |= intake->n > 0 && (type == NULL || strcmp(type, "message") == 0 || strcmp(type, "transaction") == 0);
	it->owner = first;
	if (r->e != OK)
		fhir_end_item(r);
	else
		fhir_own(r);
	intake->n += n;
}

/* What a report or a consent that was read shows as files; nothing of it is taken without them. */
static void
read_forms(struct fhir_reading *r, struct intake *intake, const struct record *about)
{
	struct fhir_resource *form;

	for (size_t i = 0; about != NULL && i < r->doc->n; i++) {
		const struct fhir_resource *it = &r->doc->items[i];

		if ((strcmp(it->type, "DiagnosticReport") != 0 && strcmp(it->type, "Consent") != 0) || !it->is_used ||
		    (it->is_passed && about->consent_change == NULL))
			continue;
		for (size_t k = 0; fhir_form(it, k) != NULL; k++)
			if ((form = fhir_form_file(r, it, k)) != NULL)
				read_file(r, form, about, intake);
	}
}

/* Files beside what the document says otherwise, or by themselves. */
static void
read_files(struct fhir_reading *r, struct intake *intake)
{
	const struct record *about = intake->n > 0 ? intake->items[0].record : NULL;

	if (about != NULL && about->attachment != NULL) {
		for (size_t i = 0; i < r->doc->n; i++)
			r->doc->items[i].is_passed |= is_file(&r->doc->items[i]);
		return;		/* the same file, as our own writer says it beside */
	}
	for (size_t i = 0; i < r->doc->n; i++)
		if (is_file(&r->doc->items[i]))
			read_file(r, &r->doc->items[i], about, intake);
	read_forms(r, intake, about);
}

/* The referral that a document brings names the files that come with it. */
static void
name_files(struct fhir_reading *r)
{
	for (size_t i = 0; i < r->doc->n; i++)
		if (is_file(&r->doc->items[i]) && r->record != NULL && r->record->referral != NULL)
			fhir_set(r, "referral.attachments", fhir_file_id(r, &r->doc->items[i]));
}

static enum err
read_others(struct fhir_reading *r, struct intake *intake)
{
	bool has_appointment = fhir_doc_count(r->doc, "Appointment") > 0;

	size_t n_kinds = 0;

	struct fhir_resource *request = fhir_doc_first(r->doc, "ServiceRequest"), *task = fhir_doc_first(r->doc, "Task"), *consent, *report;

	if (request != NULL && request->parent != NULL && strcmp(request->parent->type, "DocumentReference") == 0)
		request = NULL;		/* it only says what the file belongs to */
	for (size_t i = 0; i < r->doc->n; i++)
		n_kinds += r->doc->items[i].parent == NULL && fhir_kind_of(r->doc, &r->doc->items[i], r->mem) != NULL;
	if (n_kinds == 0 && (consent = lone_consent(r, request, task)) != NULL)
		return read_consent(r, consent, intake);
	if (task == NULL && n_kinds == 0 && !has_appointment && (report = first_report(r->doc)) != NULL &&
	    (request == NULL || fhir_is_only_named(r->doc, request, report))) {
		read_report(r, report, intake);
		return OK;
	}
	if (request == NULL && task == NULL && n_kinds == 0 && !has_appointment && has_files(r->doc))
		return OK;
	if (request == NULL && task == NULL && n_kinds == 0 && !has_appointment)
		return why_set(&intake->why, ERR_REQUIRED, "ServiceRequest", r->doc->bundle_type != NULL ?
			       "a Bundle holds a ServiceRequest or a Task" : "a ServiceRequest or a Task is taken here");
	if (n_kinds > 0)
		return read_kinds(r, intake, n_kinds);
	if (has_appointment && task == NULL && (request == NULL || !is_new_request(r->doc, request, task) || fhir_doc_first(r->doc, "Patient") == NULL))
		return read_appointments(r, intake);
	if (request == NULL || !is_new_request(r->doc, request, task))
		return read_replies(r, intake);
	if (fhir_doc_count(r->doc, "ServiceRequest") > 1)
		return why_set(&intake->why, ERR_TOOMANY, "ServiceRequest", "one referral is one ServiceRequest: send a Bundle for each");
	fhir_begin_item(r, &intake->items[0], request);
	intake->items[0].row = 0;
	read_request(r, request, task);
	name_files(r);
	fhir_end_item(r);
	intake->n = 1;
	return OK;
}

static enum err
read_doc(struct fhir_reading *r, struct intake *intake)
{
	size_t n_forms = 0;
	enum err e;

	if (!fhir_marks_begin())
		return why_set(&intake->why, ERR_TOOBIG, NULL, "no room");

	/* of files every begun 512 KiB is one, and all are within the document */
	for (size_t i = 0; i < r->doc->n; i++)
		for (size_t k = 0; fhir_form(&r->doc->items[i], k) != NULL; k++)
			n_forms++;
	intake->items = arena_array(r->mem, 2 * r->doc->n + n_forms + FHIR_BYTES_MAX / (512 * 1024), sizeof(*intake->items));
	if (intake->items == NULL) {
		e = why_set(&intake->why, ERR_TOOBIG, NULL, "no room");
		goto out;
	}
	for (size_t i = 0; i < r->doc->n; i++)
		r->doc->items[i].is_used |= is_file(&r->doc->items[i]);
	if ((e = read_others(r, intake)) == OK)
		read_files(r, intake);
	if (e == OK)
		fhir_count_dropped(r, intake);
out:
	if (!fhir_marks_end() && e == OK)
		e = why_set(&intake->why, ERR_TOOBIG, NULL, "no room");
	return e;
}

/* A Task written back as it was read says nothing new: taken, and nothing follows. */
static void
say_unchanged(struct arena *mem, struct intake *ret_intake)
{
	ret_intake->items = arena_array(mem, 1, sizeof(*ret_intake->items));
	if (ret_intake->items == NULL)
		ret_intake->e = why_set(&ret_intake->why, ERR_TOOBIG, NULL, "no room");
	else
		ret_intake->n = 1;
}

void
health_fhir_to_records(const struct native *in, const struct sector_env *env, struct arena *mem, struct intake *ret_intake)
{
	struct fhir_doc doc = { 0 };
	struct fhir_reading r = { .doc = &doc, .env = env, .mem = mem, .current = in->current,
				  .base = in->head != NULL ? in->head->base : NULL };

	struct span bytes = in->bytes;

	*ret_intake = (struct intake){ 0 };
	if ((ret_intake->e = fhir_check_accept(in, mem, &ret_intake->why)) != OK ||
	    (ret_intake->e = fhir_check_media_type(in, &ret_intake->why)) != OK)
		return;
	if (in->bytes.n == 0) {
		ret_intake->e = why_set(&ret_intake->why, ERR_CUT_OFF, NULL, "an empty body");
		return;
	}
	ret_intake->e = fhir_revise(in, env, mem, &bytes, &ret_intake->why);
	if (ret_intake->e == OK && bytes.n == 0) {
		say_unchanged(mem, ret_intake);
		return;
	}
	if (ret_intake->e == OK)
		ret_intake->e = fhir_doc_parse(bytes, mem, &doc, &ret_intake->why);
	if (ret_intake->e == OK)
		ret_intake->e = fhir_check_type(&doc, &ret_intake->why);
	if (ret_intake->e == OK)
		ret_intake->e = fhir_check_entries(&doc, mem, &ret_intake->why);
	if (ret_intake->e == OK)
		ret_intake->e = fhir_check_path(in, &doc, mem, &r.path_id, &ret_intake->why);
	if (ret_intake->e == OK)
		ret_intake->e = read_doc(&r, ret_intake);
	if (ret_intake->e != OK)
		ret_intake->n = 0;
	fhir_doc_done(&doc);
}
