/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_to_record - what a FHIR document says: a referral, status changes, confirmations; and how values get into the record.
 *
 * A document with a new request (ServiceRequest and Patient) is one referral; otherwise each Task in it is one item, a
 * status, a confirmation, or both. The first fault of an item is kept and nothing of that item is read after it.
 */
#include "adapters/health/fhir.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "proto/base/clock.h"

void
fhir_fail(struct fhir_reading *r, enum err e, const char *where, const char *text)
{
	if (r->e == OK)
		r->e = why_set(&r->why, e, where, "%s", text);
}

void
fhir_set(struct fhir_reading *r, const char *path, const char *text)
{
	if (r->e != OK || text == NULL)
		return;
	r->e = record_set(r->record, r->mem, path, text, &r->why);
	if (r->e != OK && r->why.where[0] == '\0')
		r->e = why_set(&r->why, r->e, path, "not taken");
}

void
fhir_take(struct fhir_reading *r, const char *path, const json_t *value)
{
	if (json_is_array(value))
		value = json_array_get(value, 0);
	if (value == NULL || json_is_null(value))
		return;
	if (!json_is_string(value)) {
		fhir_fail(r, ERR_SYNTAX, path, "must be a text");
		return;
	}
	fhir_set(r, path, json_string_value(value));
}

void
fhir_take_scalar(struct fhir_reading *r, const char *path, const json_t *value)
{
	char digits[32];

	if (json_is_boolean(value)) {
		fhir_set(r, path, json_is_true(value) ? "true" : "false");
	} else if (json_is_integer(value)) {
		snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		fhir_set(r, path, digits);
	} else {
		fhir_take(r, path, value);
	}
}

/* A date stays as it is; a dateTime becomes the day that it is in Bulgaria. */
void
fhir_take_date(struct fhir_reading *r, const char *path, const json_t *value)
{
	const char *text = json_string_value(value);
	char day[16];
	struct civil c;
	int64_t ms;

	if (text == NULL || strchr(text, 'T') == NULL) {
		fhir_take(r, path, value);
		return;
	}
	if (clock_parse(text, &ms) != OK) {
		fhir_fail(r, ERR_BAD_DATE, path, "a date, or a date and time with offset");
		return;
	}
	c = clock_to_sofia(ms, NULL);
	snprintf(day, sizeof(day), "%04d-%02d-%02d", c.year % 10000, c.month % 100, c.day % 100);
	fhir_set(r, path, day);
}

void
fhir_take_fields(struct fhir_reading *r, const char *body, const char *on, const json_t *resource)
{
	const json_t *x;
	char path[96];

	for (size_t i = 0; (x = fhir_item(resource, "extension", i)) != NULL; i++) {
		const char *url = fhir_text(x, "url");

		if (url == NULL || strncmp(url, FHIR_EXT_FIELD, strlen(FHIR_EXT_FIELD)) != 0)
			continue;
		for (const struct fhir_field *f = fhir_fields(); f->path != NULL; f++) {
			if (strcmp(f->on, on) != 0 || strcmp(f->path, url + strlen(FHIR_EXT_FIELD)) != 0)
				continue;
			snprintf(path, sizeof(path), "%s.%s", body, f->path);
			fhir_take_scalar(r, path, fhir_at(x, f->value));
		}
	}
}

const char *
fhir_concept(struct fhir_reading *r, const json_t *concept, const char *system, const char *list, const char *where)
{
	const json_t *coding;

	for (size_t i = 0; (coding = fhir_item(concept, "coding", i)) != NULL; i++) {
		const char *its = fhir_text(coding, "system"), *code = fhir_text(coding, "code"), *ours;

		if (code == NULL)
			continue;
		if (its != NULL && strcmp(its, system) == 0) {
			if (record_is_code(list, code))
				return code;
			fhir_fail(r, ERR_UNKNOWN_CODE, where, "no such code in the list named");
			return NULL;
		}
		ours = r->env->concept(r->env->arg, its != NULL ? its : "", code);
		if (ours != NULL && record_is_code(list, ours))
			return ours;
	}
	return NULL;
}

const char *
fhir_concept_text(const json_t *concept)
{
	const char *text = fhir_text(concept, "text");
	const json_t *coding;

	for (size_t i = 0; text == NULL && (coding = fhir_item(concept, "coding", i)) != NULL; i++)
		text = fhir_text(coding, "display");
	return text;
}

static const char *
agency_of_identifiers(struct fhir_reading *r, const json_t *holder)
{
	const json_t *id;

	for (size_t i = 0; (id = fhir_item(holder, "identifier", i)) != NULL; i++) {
		const char *system = fhir_text(id, "system"), *value = fhir_text(id, "value"), *agency;

		if (value == NULL)
			continue;
		if (system != NULL && strcmp(system, FHIR_SYS_AGENCY) == 0)
			return value;
		agency = r->env->agency_of(r->env->arg, value);
		if (agency != NULL)
			return agency;
	}
	return NULL;
}

const char *
fhir_agency(struct fhir_reading *r, const struct fhir_resource *from, const json_t *reference)
{
	struct fhir_resource *to = fhir_doc_resolve(r->doc, from, reference);
	const char *agency = agency_of_identifiers(r, reference), *text;
	const json_t *next;

	if (agency != NULL || to == NULL) {
		text = fhir_text(reference, "reference");
		return agency != NULL || text == NULL ? agency : r->env->agency_of(r->env->arg, text);
	}
	to->is_used = true;
	if ((agency = agency_of_identifiers(r, to->json)) != NULL)
		return agency;
	next = fhir_at(to->json, strcmp(to->type, "HealthcareService") == 0 ? "providedBy" : "organization");
	if (next == NULL || (to = fhir_doc_resolve(r->doc, to, next)) == NULL)
		return agency_of_identifiers(r, next);
	to->is_used = true;	/* one step is enough: a role's or a service's organisation */
	return agency_of_identifiers(r, to->json);
}

static void
begin_item(struct fhir_reading *r, struct intake_item *item, const struct fhir_resource *about)
{
	r->item = item;
	r->record = NULL;
	r->e = OK;
	r->why = (struct why){ 0 };
	item->row = r->doc->bundle_type != NULL ? about->row : 0;
}

static void
end_item(struct fhir_reading *r)
{
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

	if (request == NULL || fhir_identifier(request->json, "FILL") != NULL)
		return false;
	if (task == NULL)
		return true;
	status = fhir_text(task->json, "status");
	state = fhir_task_state(task);
	if (state == NULL || strcmp(state, "requested") == 0 || strcmp(state, "draft") == 0)
		return fhir_identifier(task->json, "FILL") == NULL || fhir_doc_first(doc, "Patient") != NULL;
	return is_request_event(doc) && status != NULL && (strcmp(status, "requested") == 0 || strcmp(status, "draft") == 0);
}

static void
count_dropped(struct fhir_reading *r)
{
	int64_t n = 0;

	for (size_t i = 0; i < r->doc->n; i++)
		n += r->doc->items[i].is_used ? 0 : 1;
	if (r->record != NULL && n > 0)
		r->record->dropped = record_int(r->mem, n);
}

static void
begin_record(struct fhir_reading *r, const char *kind)
{
	r->record = record_new(r->mem, "record");
	if (r->record == NULL) {
		fhir_fail(r, ERR_TOOBIG, NULL, "no room");
		return;
	}
	fhir_set(r, "kind", kind);
	fhir_set(r, "source", "fhir");
}

static void
read_request(struct fhir_reading *r, struct fhir_resource *request, struct fhir_resource *task)
{
	const char *status = fhir_text(request->json, "status");
	bool is_error = status != NULL && strcmp(status, "entered-in-error") == 0;

	if (status != NULL && task == NULL && (is_error || strcmp(status, "revoked") == 0)) {
		begin_record(r, "status-change");
		fhir_read_revoked(r, request);
		return;
	}
	begin_record(r, "referral");
	if (r->e == OK)
		fhir_read_referral(r, request, task);
	count_dropped(r);
}

/* A Task, or a ServiceRequest with the case number in it. */
static void
read_reply(struct fhir_reading *r, struct fhir_resource *reply)
{
	const char *case_no = fhir_identifier(reply->json, "FILL"), *no = fhir_referral_no(r->doc, reply);
	const char *state = strcmp(reply->type, "Task") == 0 ? fhir_task_state(reply) : "requested";

	if (no == NULL) {
		fhir_fail(r, ERR_REQUIRED, strcmp(reply->type, "Task") == 0 ? "Task.identifier" : "ServiceRequest.identifier",
			  "an identifier of type PLAC says which referral this is about");
		return;
	}
	if (case_no != NULL) {
		r->item->confirms = arena_str(r->mem, no);
		r->item->case_no = arena_str(r->mem, case_no);
	}
	if (state == NULL) {
		fhir_fail(r, fhir_text(reply->json, "status") == NULL ? ERR_REQUIRED : ERR_UNKNOWN_CODE, "Task.status",
			  "a status of FHIR R4");
		return;
	}
	if (strcmp(state, "requested") == 0 || strcmp(state, "draft") == 0) {
		if (case_no == NULL)
			fhir_fail(r, ERR_REQUIRED, "Task.status", "neither a step nor a case number (identifier FILL)");
		return;
	}
	begin_record(r, "status-change");
	if (r->e == OK)
		fhir_read_status(r, reply);
}

static bool
is_reply(const struct fhir_doc *doc, const struct fhir_resource *it)
{
	if (it->parent != NULL)
		return false;
	return strcmp(it->type, "Task") == 0 || (fhir_doc_count(doc, "Task") == 0 && strcmp(it->type, "ServiceRequest") == 0);
}

static void
read_replies(struct fhir_reading *r, struct intake *intake)
{
	for (size_t i = 0; i < r->doc->n; i++) {
		if (!is_reply(r->doc, &r->doc->items[i]))
			continue;
		begin_item(r, &intake->items[intake->n], &r->doc->items[i]);
		read_reply(r, &r->doc->items[i]);
		end_item(r);
		intake->n++;
	}
}

static enum err
read_doc(struct fhir_reading *r, struct intake *intake)
{
	struct fhir_resource *request = fhir_doc_first(r->doc, "ServiceRequest"), *task = fhir_doc_first(r->doc, "Task");

	if (request == NULL && task == NULL)
		return why_set(&intake->why, ERR_REQUIRED, "ServiceRequest", r->doc->bundle_type != NULL ?
			       "a Bundle holds a ServiceRequest or a Task" : "a ServiceRequest or a Task is taken here");
	intake->items = arena_array(r->mem, r->doc->n, sizeof(*intake->items));
	if (intake->items == NULL)
		return why_set(&intake->why, ERR_TOOBIG, NULL, "no room");
	if (!is_new_request(r->doc, request, task)) {
		read_replies(r, intake);
		return OK;
	}
	if (fhir_doc_count(r->doc, "ServiceRequest") > 1)
		return why_set(&intake->why, ERR_TOOMANY, "ServiceRequest", "one referral is one ServiceRequest: send a Bundle for each");
	begin_item(r, &intake->items[0], request);
	intake->items[0].row = 0;
	read_request(r, request, task);
	end_item(r);
	intake->n = 1;
	return OK;
}

/* PUT /fhir/Task/{id}: the id that the Task has, or is to have */
static enum err
check_path(const struct native *in, const struct fhir_doc *doc, struct why *why)
{
	const char *id = fhir_text(doc->root, "id"), *last = in->path != NULL ? strrchr(in->path, '/') : NULL;
	const char *type = doc->items[0].type;

	if (doc->bundle_type != NULL) {
		if (in->path != NULL && strncmp(in->path, "/fhir/Task", 10) == 0)
			return why_set(why, ERR_UNSUPPORTED, "Bundle", "a Bundle goes to /fhir");
		return OK;
	}
	if (in->path != NULL && strncmp(in->path, "/fhir/Task", 10) == 0 && strcmp(type, "Task") != 0)
		return why_set(why, ERR_UNSUPPORTED, "resourceType", "only a Task goes to this address");
	if (in->path != NULL && strncmp(in->path, "/fhir/ServiceRequest", 20) == 0 && strcmp(type, "ServiceRequest") != 0)
		return why_set(why, ERR_UNSUPPORTED, "resourceType", "only a ServiceRequest goes to this address");
	if (in->method != NULL && strcmp(in->method, "PUT") == 0 && last != NULL && id != NULL && strcmp(last + 1, id) != 0)
		return why_set(why, ERR_INCONSISTENT, "Task.id", "the Task's id is not the one in the address");
	return OK;
}

void
health_fhir_to_records(const struct native *in, const struct sector_env *env, struct arena *mem, struct intake *ret_intake)
{
	struct fhir_doc doc = { 0 };
	struct fhir_reading r = { .doc = &doc, .env = env, .mem = mem };

	*ret_intake = (struct intake){ 0 };
	if (in->bytes.n == 0) {
		ret_intake->e = why_set(&ret_intake->why, ERR_CUT_OFF, NULL, "an empty body");
		return;
	}
	ret_intake->e = fhir_doc_parse(in->bytes, mem, &doc, &ret_intake->why);
	if (ret_intake->e == OK)
		ret_intake->e = check_path(in, &doc, &ret_intake->why);
	if (ret_intake->e == OK)
		ret_intake->e = read_doc(&r, ret_intake);
	if (ret_intake->e != OK)
		ret_intake->n = 0;
	fhir_doc_done(&doc);
}
