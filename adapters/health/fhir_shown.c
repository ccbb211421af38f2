/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_shown - a referral or a step as the resources that stand at our addresses: Task, ServiceRequest, Patient.
 *
 * They are written as for a message and linked anew: what is served is named by its address, all else is contained in the
 * ServiceRequest. The three of a referral have one id, its message id. Pure; called by fhir_serve.c and for PUT and PATCH.
 */
#include "adapters/health/fhir_result.h"

#include <string.h>

#include <jansson.h>

#include "proto/base/clock.h"

static struct outgoing
out_of(const struct subject *s)
{
	struct outgoing out = {
		.msg_id = s->msg_id, .thread = s->p.thread, .from = s->from, .record = s->record, .referral = s->p.referral,
		.is_initiator = s->p.is_initiator, .state = s->p.state, .case_no = s->p.case_no, .external_no = s->p.external_no,
		.cursor = s->cursor, .at_ms = s->changed_ms,
	};

	/* the step that is told of is the one that brought it here; what another kind says stands in a Task of its own */
	if (s->is_referral && (s->record == NULL || s->record->status == NULL || s->p.state == NULL ||
			       strcmp(s->record->status->to, s->p.state) != 0))
		out.record = NULL;
	return out;
}

/* To the millisecond, zeros too: a search for what is later than a time means all that the time leaves open. */
static void
put_instant(json_t *meta, int64_t ms)
{
	char text[CLOCK_TEXT_LEN + 4];

	clock_format(ms, text);
	if (strchr(text, '.') == NULL)
		memcpy(text + strlen(text) - 1, ".000Z", sizeof(".000Z"));
	fhir_put(meta, "lastUpdated", text);
}

static void
put_meta(json_t *resource, const struct subject *s, const char *id)
{
	json_t *meta = json_pack("{s:s*}", "versionId", s->version);

	if (s->changed_ms != 0)
		put_instant(meta, s->changed_ms);
	fhir_put(resource, "id", id);
	fhir_put_new(resource, "meta", meta);
}

/* -- Task -- */

static void
put_stages(json_t *task, const struct progress *p)
{
	const struct { const char *name; int64_t ms; } stages[] = {
		{ "queued", p->queued_ms }, { "stored", p->stored_ms }, { "delivered", p->delivered_ms },
		{ "registered", p->registered_ms }, { "seen", p->seen_ms }, { "refused", p->refused_ms },
	};
	json_t *to = json_pack("{s:s}", "url", FHIR_EXT "stages");
	char text[CLOCK_TEXT_LEN];

	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		if (stages[i].ms == 0)
			continue;
		clock_format(stages[i].ms, text);
		fhir_put_extension(to, stages[i].name, "valueInstant", json_string(text));
	}
	if (json_object_get(to, "extension") != NULL)
		fhir_add_new(task, "extension", to);
	else
		json_decref(to);
}

static void
add_stage(json_t *task, const char *stage)
{
	if (json_object_get(task, "businessStatus") == NULL)
		json_object_set_new(task, "businessStatus", json_object());
	fhir_add_new(json_object_get(task, "businessStatus"), "coding", json_pack("{s:s, s:s}", "system", FHIR_SYS_STAGE, "code", stage));
}

/* The state, and beside it how far the request itself came. */
static void
put_standing(json_t *task, const struct progress *p)
{
	const char *state = p->state != NULL && fhir_task_status(p->state) != NULL ? p->state : "requested";
	const char *stage = p->refused != OK ? "refused" : p->registered_ms != 0 ? "registered" : p->delivered_ms != 0 ? "delivered" :
		p->stored_ms != 0 ? "stored" : NULL;
	json_t *concept = fhir_new_coded(FHIR_SYS_STATE, state, NULL), *said;

	if (fhir_bser_code(state) != NULL)
		fhir_add_new(concept, "coding", json_pack("{s:s, s:s}", "system", FHIR_SYS_BSER, "code", fhir_bser_code(state)));
	fhir_put_new(task, "businessStatus", concept);
	if (stage != NULL)
		add_stage(task, stage);
	fhir_put(task, "status", p->refused != OK ? fhir_refused_status(p->refused, state) : fhir_task_status(state));
	if (p->refused == ERR_UNOPENED && (said = json_object_get(task, "statusReason")) != NULL)	/* its recipient's own words stay */
		fhir_add_new(said, "coding", json_pack("{s:s, s:s}", "system", FHIR_SYS_ERROR, "code", err_code(p->refused)));
	else if (p->refused != OK)
		fhir_put_new(task, "statusReason", fhir_new_coded(FHIR_SYS_ERROR, err_code(p->refused), err_text(p->refused, LANG_BG)));
}

/* A reference by address, beside what it says of its target otherwise. */
static void
put_link(json_t *task, const char *key, const char *type, const char *id)
{
	json_t *link = json_pack("{s:s++}", "reference", type, "/", id), *had = json_object_get(task, key);

	if (json_object_get(had, "identifier") != NULL)
		json_object_set(link, "identifier", json_object_get(had, "identifier"));
	json_object_set_new(task, key, link);
}

/* How much of what was sent has no place here: its sender reads it in the answer. */
static void
put_dropped(json_t *resource, const struct record *record)
{
	if (record->dropped != NULL)
		fhir_put_extension(resource, FHIR_EXT "dropped", "valueInteger", json_integer(*record->dropped));
}

static json_t *
new_task(const struct subject *s, const struct sector_env *env, struct arena *mem)
{
	const struct outgoing out = out_of(s);
	struct fhir_writing w = { .out = &out, .env = env, .mem = mem };
	const struct referral *referral = s->p.referral->referral;
	bool has_response = !s->is_referral && fhir_has_response(s->record);
	json_t *task = fhir_new_task(&w);

	if (!s->is_referral && fhir_has_results(s->record))
		fhir_add_new(task, "output", json_pack("{s:{s:s}, s:{s:s+}}", "type", "text", "DiagnosticReport", "valueReference", "reference",
			     "DiagnosticReport/", s->msg_id));

	put_meta(task, s, s->msg_id);
	if (has_response)
		put_link(task, "focus", "QuestionnaireResponse", s->msg_id);
	else
		put_link(task, "focus", "ServiceRequest", s->p.msg_id);
	if (has_response && referral != NULL)
		json_object_set_new(task, "basedOn", json_pack("[{s:s+}]", "reference", "ServiceRequest/", s->p.msg_id));
	if (referral != NULL)
		put_link(task, "for", "Patient", s->p.msg_id);
	put_dropped(task, s->is_referral ? s->p.referral : s->record);
	if (!s->is_referral) {
		if (s->stage != NULL)
			add_stage(task, s->stage);
		if (strcmp(s->msg_id, s->p.msg_id) != 0)
			fhir_add_new(task, "partOf", json_pack("{s:s+}", "reference", "Task/", s->p.msg_id));
		return task;
	}
	put_standing(task, &s->p);
	put_stages(task, &s->p);
	if (referral->respond_by != NULL) {
		json_t *period = json_object();

		fhir_put_time(period, "end", referral->respond_by);
		json_object_set_new(task, "restriction", json_pack("{s:o}", "period", period));
	}
	return task;
}

static json_t *
new_response(const struct subject *s, const struct sector_env *env, struct arena *mem)
{
	const struct outgoing out = out_of(s);
	struct fhir_writing w = { .out = &out, .env = env, .mem = mem };
	json_t *response = fhir_new_response(&w);

	put_meta(response, s, s->msg_id);
	if (s->p.referral->referral != NULL) {
		fhir_put_new(response, "subject", json_pack("{s:s+}", "reference", "Patient/", s->p.msg_id));
		fhir_add_new(response, "basedOn", json_pack("{s:s+}", "reference", "ServiceRequest/", s->p.msg_id));
	}
	return response;
}

static json_t *
new_file(const struct subject *s, const struct sector_env *env, struct arena *mem)
{
	const struct outgoing out = out_of(s);
	struct fhir_writing w = { .out = &out, .env = env, .mem = mem };
	json_t *file = fhir_new_file(&w, s->is_ours ? NULL : s->msg_id);

	put_meta(file, s, s->msg_id);
	return file;
}

static json_t *
new_consent(const struct subject *s, const struct sector_env *env, struct arena *mem)
{
	const struct outgoing out = out_of(s);
	struct fhir_writing w = { .out = &out, .env = env, .mem = mem };
	json_t *consent = fhir_new_consent(&w);

	put_meta(consent, s, s->msg_id);
	if (s->p.referral->referral != NULL)
		put_link(consent, "patient", "Patient", s->p.msg_id);
	return consent;
}

/* -- ServiceRequest and Patient -- */

const char *
fhir_request_status(const char *state)
{
	static const struct { const char *state, *status; } rows[] = {
		{ "waitlisted", "on-hold" }, { "on-hold", "on-hold" }, { "completed", "completed" }, { "declined", "revoked" },
		{ "redirected", "revoked" }, { "expired", "revoked" }, { "cancelled", "revoked" }, { "withdrawn", "revoked" },
		{ "transferred", "revoked" }, { "failed", "revoked" }, { "entered-in-error", "entered-in-error" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (state != NULL && strcmp(rows[i].state, state) == 0)
			return rows[i].status;
	return "active";
}

static bool
is_served(const char *type)
{
	return strcmp(type, "ServiceRequest") == 0 || strcmp(type, "Patient") == 0;
}

/* Every reference to `from` becomes one to `to`. The tree is ours and no deeper than what we write. */
static void
relink(json_t *tree, const char *from, const char *to)
{
	const char *key, *said;
	json_t *value;
	size_t i;

	if (json_is_array(tree)) {
		json_array_foreach(tree, i, value)
			relink(value, from, to);
		return;
	}
	json_object_foreach(tree, key, value) {
		said = json_string_value(value);
		if (said == NULL)
			relink(value, from, to);
		else if (strcmp(key, "reference") == 0 && strcmp(said, from) == 0)
			json_string_set(value, to);
	}
}

/* The report, and in it all that belongs to it. */
static json_t *
new_report(const struct subject *s, const struct sector_env *env, struct arena *mem)
{
	const struct outgoing out = out_of(s);
	struct fhir_writing w = { .out = &out, .env = env, .mem = mem, .entries = json_array() };
	json_t *task = json_object(), *report, *entry;
	size_t i;

	fhir_write_results(&w, task);
	json_decref(task);
	report = json_incref(json_object_get(json_array_get(w.entries, 0), "resource"));
	json_array_foreach(w.entries, i, entry) {
		const char *name = arena_fmt(mem, "part-%zu", i), *url = fhir_text(entry, "fullUrl");
		json_t *resource = json_object_get(entry, "resource");

		if (i == 0 || name == NULL || url == NULL)
			continue;
		fhir_put(resource, "id", name);
		if (strcmp(fhir_text(resource, "resourceType"), "Observation") != 0)	/* FHIR contains nothing that is not referred to */
			fhir_put_extension(report, FHIR_EXT "result", "valueReference", json_pack("{s:s+}", "reference", "#", name));
		relink(w.entries, url, arena_fmt(mem, "#%s", name));
	}
	json_array_foreach(w.entries, i, entry)
		if (i > 0)
			fhir_add_new(report, "contained", json_incref(json_object_get(entry, "resource")));
	json_decref(w.entries);
	put_meta(report, s, s->msg_id);
	put_dropped(report, s->record);
	if (s->p.referral->referral != NULL)
		put_link(report, "subject", "Patient", s->p.msg_id);
	return report;
}

static json_t *
new_of_referral(const struct subject *s, const char *type, const struct sector_env *env, struct arena *mem)
{
	struct outgoing out = out_of(s);
	struct fhir_writing w = { .out = &out, .env = env, .mem = mem, .entries = json_array() };
	json_t *entry, *found = NULL, *resource;
	size_t i;

	out.msg_id = s->p.msg_id;
	out.record = s->p.referral;
	fhir_write_referral(&w, s->p.referral->referral);
	json_array_foreach(w.entries, i, entry) {
		const char *its = fhir_text(entry, "resource.resourceType"), *url = fhir_text(entry, "fullUrl");
		const char *name = arena_fmt(mem, "part-%zu", i);

		resource = json_object_get(entry, "resource");
		if (its == NULL || url == NULL || name == NULL)
			continue;
		if (strcmp(its, type) == 0)
			found = resource;
		if (!is_served(its))
			fhir_put(resource, "id", name);
		relink(w.entries, url, is_served(its) ? arena_fmt(mem, "%s/%s", its, s->p.msg_id) : arena_fmt(mem, "#%s", name));
	}
	json_incref(found);
	json_array_foreach(w.entries, i, entry) {
		resource = json_object_get(entry, "resource");
		if (found != NULL && strcmp(type, "ServiceRequest") == 0 && !is_served(fhir_text(resource, "resourceType")))
			fhir_add_new(found, "contained", json_incref(resource));
	}
	json_decref(w.entries);
	if (found == NULL)
		return NULL;
	put_meta(found, s, s->p.msg_id);
	if (strcmp(type, "ServiceRequest") == 0)
		fhir_put(found, "status", fhir_request_status(s->p.state));
	return found;
}

json_t *
fhir_new_shown(const struct subject *s, const char *type, const struct sector_env *env, struct arena *mem)
{
	const struct referral *referral = s->p.referral != NULL ? s->p.referral->referral : NULL;
	bool is_whole = s->p.referral != NULL && (referral == NULL || referral->child != NULL);

	if (!is_whole || (s->is_referral ? referral == NULL : s->record == NULL))
		return NULL;
	if (strcmp(type, "Task") == 0)
		return new_task(s, env, mem);
	if (strcmp(type, "DocumentReference") == 0)
		return !s->is_referral && s->record->attachment != NULL ? new_file(s, env, mem) : NULL;
	if (strcmp(type, "DiagnosticReport") == 0)
		return !s->is_referral && fhir_has_results(s->record) ? new_report(s, env, mem) : NULL;
	if (strcmp(type, "Consent") == 0)
		return !s->is_referral && s->record->consent_change != NULL ? new_consent(s, env, mem) : NULL;
	if (strcmp(type, "QuestionnaireResponse") == 0)
		return !s->is_referral && fhir_has_response(s->record) ? new_response(s, env, mem) : NULL;
	return s->is_referral && is_served(type) ? new_of_referral(s, type, env, mem) : NULL;
}
