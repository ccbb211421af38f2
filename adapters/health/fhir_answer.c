/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_answer - what FHIR clients are told about what they sent, and what FHIR servers told us about what we sent. */
#include "adapters/health/fhir_result.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "proto/base/clock.h"

/* -- OperationOutcome -- */
static const char *
diagnostics(enum err e, const struct why *why, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_str(&b, err_code(e));
	if (why != NULL && why->text[0] != '\0')
		buf_fmt(&b, ": %s", why->text);
	if (why != NULL && why->line > 0)
		buf_fmt(&b, " (line %u, column %u)", why->line, why->col);
	buf_fmt(&b, ". %s / %s", err_remedy(e, LANG_EN), err_remedy(e, LANG_BG));
	return buf_text(&b);
}

json_t *
fhir_new_outcome(enum err e, const struct why *why, struct arena *mem)
{
	const char *where = why != NULL && why->where[0] != '\0' ? fhir_expression(why->where, mem) : NULL;
	const char *text = arena_fmt(mem, "%s / %s", err_text(e, LANG_EN), err_text(e, LANG_BG));
	json_t *issue = json_pack("{s:s, s:s, s:{s:[{s:s, s:s}], s:s*}, s:s*}", "severity", err_is_fatal(e) ? "fatal" : "error",
				  "code", fhir_issue_code(e), "details", "coding", "system", FHIR_SYS_ERROR, "code", err_code(e),
				  "text", text, "diagnostics", diagnostics(e, why, mem));

	if (where != NULL)
		fhir_add_new(issue, "expression", json_string(where));
	return json_pack("{s:s, s:[o]}", "resourceType", "OperationOutcome", "issue", issue);
}

json_t *
fhir_new_warning(const struct intake_item *item)
{
	if (item->e != OK || item->warning == NULL)
		return NULL;
	return json_pack("{s:s, s:s*, s:[{s:s, s:s, s:{s:s}, s:s*}]}", "resourceType", "OperationOutcome", "id", item->msg_id, "issue",
			 "severity", "warning", "code", "business-rule", "details", "text", item->warning, "diagnostics", item->warning_en);
}

enum err
health_fhir_problem(enum err e, const struct why *why, const struct native *request, struct arena *mem, struct native *ret_problem)
{
	(void)request;
	*ret_problem = (struct native){ .status = fhir_http_status(e) };
	return fhir_finish(fhir_new_outcome(e, why, mem), mem, ret_problem);
}

/* -- answers -- */
static const char *
task_path(const struct intake_item *item, struct arena *mem)
{
	return item->msg_id != NULL ? arena_fmt(mem, "Task/%s", item->msg_id) : NULL;
}

static bool
is_referral(const struct intake_item *item)
{
	return item->record != NULL && item->record->referral != NULL;
}

/* Where what was sent stands now: a referral as the ServiceRequest that it was, a step or confirmation as a Task. */
static const char *
location(const struct intake_item *item, const char *type, struct arena *mem)
{
	if (item->msg_id != NULL && is_referral(item) && type != NULL && strcmp(type, "ServiceRequest") == 0)
		return arena_fmt(mem, "ServiceRequest/%s", item->msg_id);
	if (item->msg_id != NULL && fhir_has_response(item->record) && type != NULL && strcmp(type, "QuestionnaireResponse") == 0)
		return arena_fmt(mem, "QuestionnaireResponse/%s", item->msg_id);
	if (item->msg_id != NULL && item->record != NULL && item->record->consent_change != NULL && type != NULL && strcmp(type, "Consent") == 0)
		return arena_fmt(mem, "Consent/%s", item->msg_id);
	if (item->msg_id != NULL && fhir_has_results(item->record) && type != NULL &&
	    (strcmp(type, "DiagnosticReport") == 0 || strcmp(type, "Observation") == 0))
		return arena_fmt(mem, "DiagnosticReport/%s", item->msg_id);	/* all that came is one report */
	if (item->msg_id != NULL && item->record != NULL && item->record->attachment != NULL && type != NULL &&
	    strcmp(type, "DocumentReference") == 0)
		return arena_fmt(mem, "DocumentReference/%s", item->msg_id);
	return task_path(item, mem);
}

static json_t *
new_entry_response(const struct intake_item *item, const char *type, const struct sector_env *env, struct arena *mem)
{
	char now[CLOCK_TEXT_LEN], status[16];
	json_t *response;

	if (item->e != OK) {
		snprintf(status, sizeof(status), "%u", fhir_http_status(item->e));
		return json_pack("{s:{s:s, s:o}}", "response", "status", status, "outcome", fhir_new_outcome(item->e, &item->why, mem));
	}
	clock_format(env->now_ms, now);
	response = json_pack("{s:s, s:s*}", "status", item->record != NULL && !item->is_repeat ? "201 Created" : "200 OK",
			     "location", location(item, type, mem));
	if (item->msg_id != NULL)
		fhir_put(response, "lastModified", now);
	if (item->warning != NULL)
		fhir_put_new(response, "outcome", fhir_new_warning(item));
	return json_pack("{s:o}", "response", response);
}

/* One entry for each of the request's, in its order; those that only belong to another are told that they were taken. */
static json_t *
new_bundle_response(const struct fhir_doc *doc, const struct intake *intake, const struct sector_env *env, struct arena *mem)
{
	bool is_transaction = strcmp(doc->bundle_type, "transaction") == 0;
	json_t *entries = json_array();

	for (unsigned row = 1; fhir_item(doc->root, "entry", row - 1) != NULL; row++) {
		const char *type = fhir_text(fhir_item(doc->root, "entry", row - 1), "resource.resourceType");
		const struct intake_item *item = NULL;

		for (size_t i = 0; i < intake->n && item == NULL; i++)
			if (intake->items[i].row == row ||
			    (intake->items[i].row == 0 && type != NULL && strcmp(type, "ServiceRequest") == 0))
				item = &intake->items[i];
		json_array_append_new(entries, item != NULL ? new_entry_response(item, type, env, mem) :
				      json_pack("{s:{s:s}}", "response", "status", "200 OK"));
	}
	return json_pack("{s:s, s:s, s:o}", "resourceType", "Bundle", "type", is_transaction ? "transaction-response" :
			 "batch-response", "entry", entries);
}

static json_t *
new_message_response(const struct fhir_doc *doc, const struct intake_item *item, const struct sector_env *env, struct arena *mem)
{
	const struct fhir_resource *header = fhir_doc_first(doc, "MessageHeader");
	const char *id = header != NULL ? fhir_text(header->json, "id") : NULL, *plac = NULL;
	const struct outgoing none = { .msg_id = item->msg_id != NULL ? item->msg_id : "confirmation" };
	struct fhir_writing w = { .out = &none, .env = env, .mem = mem, .entries = json_array() };
	char now[CLOCK_TEXT_LEN];
	json_t *event = NULL, *reply, *task, *warning = fhir_new_warning(item);

	if (id == NULL && header != NULL && header->full_url != NULL && strncmp(header->full_url, "urn:uuid:", 9) == 0)
		id = header->full_url + 9;
	if (id == NULL && (id = fhir_text(doc->root, "id")) == NULL)
		id = "unknown";
	if (header != NULL)
		event = json_deep_copy(fhir_at(header->json, "eventCoding"));
	if (event == NULL)
		event = json_pack("{s:s, s:s}", "system", FHIR_SYS_EVENT, "code", "answer");
	reply = json_pack("{s:s, s:o, s:{s:s+, s:s}, s:{s:s, s:s}}", "resourceType", "MessageHeader", "eventCoding", event,
			  "source", "endpoint", "urn:nasoka:agency:", env->agency, "name", env->agency,
			  "response", "identifier", id, "code", "ok");
	if (item->msg_id != NULL) {
		if (item->referral != NULL && item->referral->referral != NULL)
			plac = item->referral->referral->referral_id;
		else if (item->record != NULL && item->record->referral != NULL)
			plac = item->record->referral->referral_id;
		fhir_add_new(reply, "focus", fhir_new_reference(&w, "Task"));
		task = json_pack("{s:s, s:s, s:s}", "resourceType", "Task", "status", "requested", "intent", "order");
		fhir_add_new(task, "identifier", fhir_new_identifier("PLAC", FHIR_SYS_REFERRAL_NO, plac));
		if (item->record != NULL && item->record->status != NULL)
			fhir_put(task, "status", fhir_task_status(item->record->status->to));
		if (warning != NULL)
			fhir_put_new(json_object_get(reply, "response"), "details", fhir_new_reference(&w, "OperationOutcome"));
		fhir_add_entry(&w, "MessageHeader", reply);
		fhir_add_entry(&w, "Task", task);
		if (warning != NULL)
			fhir_add_entry(&w, "OperationOutcome", warning);
	} else {
		fhir_add_entry(&w, "MessageHeader", reply);
	}
	clock_format(env->now_ms, now);
	return json_pack("{s:s, s:s, s:s, s:o}", "resourceType", "Bundle", "type", "message", "timestamp", now, "entry", w.entries);
}

/* The resource as it was sent, under the id that it has here. */
static json_t *
new_resource_response(const struct native *in, const struct fhir_doc *doc, const struct intake_item *item, struct arena *mem)
{
	json_t *resource = json_deep_copy(doc->root);
	bool is_put = in->method != NULL && strcmp(in->method, "PUT") == 0;
	const char *last = in->path != NULL ? strrchr(in->path, '/') : NULL;

	if (is_put && last != NULL && json_object_get(resource, "id") == NULL)
		fhir_put(resource, "id", last + 1);
	else if (!is_put)
		fhir_put(resource, "id", item->msg_id);
	if (item->msg_id != NULL && strcmp(doc->items[0].type, "ServiceRequest") == 0)
		fhir_put_extension(resource, FHIR_EXT "task", "valueReference",
				   json_pack("{s:s*}", "reference", task_path(item, mem)));
	return resource;
}

/* A warning is the body of the answer to a resource, unless the client asked for another; its id is the resource's. */
static bool
is_warned(const struct native *in, const struct intake_item *item, struct arena *mem)
{
	const char *preferred = fhir_prefers(in, "return", mem);

	return item->warning != NULL && (preferred == NULL || strcmp(preferred, "OperationOutcome") == 0);
}

enum err
health_fhir_answer(const struct native *in, const struct intake *intake, const struct sector_env *env, struct arena *mem,
		   struct native *ret_answer)
{
	bool is_patch = in->method != NULL && strcmp(in->method, "PATCH") == 0;
	bool is_put = is_patch || (in->method != NULL && strcmp(in->method, "PUT") == 0);
	const struct intake_item *item = intake->n > 0 ? &intake->items[0] : NULL;
	struct fhir_doc doc = { 0 };
	json_t *body;

	if (intake->e != OK || item == NULL)
		return health_fhir_problem(intake->e != OK ? intake->e : ERR_FORMAT, &intake->why, in, mem, ret_answer);
	if (item->e != OK && (intake->n == 1 || item->row == 0))
		return health_fhir_problem(item->e, &item->why, in, mem, ret_answer);
	if (is_patch) {		/* its own text is no resource */
		*ret_answer = (struct native){ .status = 200, .shown = arena_strn(mem, in->path, strcspn(in->path, "?")) };
		return OK;
	}
	if (fhir_doc_parse(in->bytes, mem, &doc, NULL) != OK)	/* it was read once already: only room can be missing */
		return health_fhir_problem(ERR_TOOBIG, NULL, in, mem, ret_answer);
	*ret_answer = (struct native){ .status = 200 };
	if (doc.bundle_type == NULL && is_warned(in, item, mem))
		body = fhir_new_warning(item);
	else if (doc.bundle_type == NULL)
		body = new_resource_response(in, &doc, item, mem);
	else if (strcmp(doc.bundle_type, "message") == 0)
		body = new_message_response(&doc, item, env, mem);
	else
		body = new_bundle_response(&doc, intake, env, mem);
	if (item->msg_id != NULL && (intake->n == 1 || doc.bundle_type == NULL)) {
		ret_answer->path = arena_fmt(mem, "/fhir/%s", location(item, doc.bundle_type == NULL ? doc.items[0].type : NULL, mem));
		if (doc.bundle_type == NULL && !is_put && !item->is_repeat && item->record != NULL)
			ret_answer->status = 201;
	}
	if (doc.bundle_type == NULL && !is_warned(in, item, mem))
		ret_answer->shown = is_put && in->path != NULL ? arena_strn(mem, in->path, strcspn(in->path, "?")) : ret_answer->path;
	fhir_doc_done(&doc);
	return fhir_finish(body, mem, ret_answer);
}

/* -- what a FHIR server answered -- */

/* The case number in a Task or ServiceRequest about this referral */
static const char *
case_no_in(const struct fhir_doc *doc, const struct outgoing *out)
{
	const char *ours = out->referral != NULL && out->referral->referral != NULL ? out->referral->referral->referral_id : NULL;

	for (size_t i = 0; i < doc->n; i++) {
		const struct fhir_resource *it = &doc->items[i];
		const char *fill = fhir_identifier(it->json, "FILL"), *plac = fhir_identifier(it->json, "PLAC");

		if (strcmp(it->type, "Task") != 0 && strcmp(it->type, "ServiceRequest") != 0)
			continue;
		if (fill != NULL && (plac == NULL || ours == NULL || strcmp(plac, ours) == 0))
			return fill;
	}
	return NULL;
}

/* 2xx with a message that says it went wrong */
static enum err
check_response(const struct fhir_doc *doc, struct why *why)
{
	const struct fhir_resource *header = fhir_doc_first(doc, "MessageHeader");
	const char *code = header != NULL ? fhir_text(header->json, "response.code") : NULL;

	if (code != NULL && strcmp(code, "fatal-error") == 0)
		return why_set(why, ERR_SYSTEM_REFUSED, "MessageHeader.response", "fatal-error");
	if (code != NULL && strcmp(code, "transient-error") == 0)
		return why_set(why, ERR_PEER_REFUSED, "MessageHeader.response", "transient-error");
	return OK;
}

enum err
health_fhir_read_answer(const struct outgoing *out, const struct native *answer, struct arena *mem, const char **ret_case_no,
			struct why *why)
{
	/* Of the client errors these say "later", or that our credentials are being changed. */
	static const unsigned later[] = { 401, 403, 407, 408, 409, 425, 429 };
	struct fhir_doc doc = { 0 };
	enum err e;

	*ret_case_no = NULL;
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (answer->status == later[i])
			return why_set(why, ERR_PEER_REFUSED, NULL, "HTTP %u", answer->status);
	if (answer->status >= 400 && answer->status < 500)
		return why_set(why, ERR_SYSTEM_REFUSED, NULL, "HTTP %u", answer->status);
	if (answer->status < 200 || answer->status > 299)
		return why_set(why, ERR_PEER_REFUSED, NULL, "HTTP %u", answer->status);
	if (answer->bytes.n == 0 || fhir_doc_parse(answer->bytes, mem, &doc, NULL) != OK)
		return OK;	/* taken; whatever the body is, it holds no case number that we could read */
	e = check_response(&doc, why);
	if (e == OK)
		*ret_case_no = arena_str(mem, case_no_in(&doc, out));
	fhir_doc_done(&doc);
	return e;
}
