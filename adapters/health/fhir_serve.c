/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_serve - what a FHIR client can GET: the Tasks that wait for it, one Task with the stages it has reached, metadata. */
#include "adapters/health/fhir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "proto/base/clock.h"

#define COUNT_MAX 1000u		/* Tasks in one searchset */

/* -- the query -- */
struct query {
	int64_t after, before;		/* _lastUpdated, both inclusive */
	const char *status, *identifier, *id;
	size_t count;
};

static int
digit_of(char c)
{
	const char *digits = "0123456789abcdef", *at = c != '\0' ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* A "+" stays itself: in FHIR's query strings it is the sign of a time zone more often than a blank. */
static char *
unescaped(struct arena *mem, const char *text, size_t n)
{
	char *to = arena_strn(mem, text, n), *at = to;

	for (size_t i = 0; to != NULL && i < n; i++) {
		int high = text[i] == '%' && i + 2 < n ? digit_of(text[i + 1]) : -1;
		int low = high >= 0 ? digit_of(text[i + 2]) : -1;

		if (low >= 0 && (high != 0 || low != 0)) {
			*at++ = (char)(high << 4 | low);
			i += 2;
		} else {
			*at++ = text[i];
		}
	}
	if (to != NULL)
		*at = '\0';
	return to;
}

static enum err
set_last_updated(struct query *q, const char *value)
{
	bool is_two = value[0] >= 'a' && value[0] <= 'z' && value[1] >= 'a' && value[1] <= 'z';
	int64_t ms;

	if (clock_parse(is_two ? value + 2 : value, &ms) != OK)
		return ERR_BAD_DATE;
	if (!is_two || strncmp(value, "eq", 2) == 0) {
		q->after = ms;
		q->before = strlen(is_two ? value + 2 : value) == 10 ? ms + CLOCK_DAY - 1 : ms + CLOCK_SECOND - 1;
	} else if (strncmp(value, "gt", 2) == 0 || strncmp(value, "sa", 2) == 0) {
		q->after = ms + 1;
	} else if (strncmp(value, "ge", 2) == 0) {
		q->after = ms;
	} else if (strncmp(value, "lt", 2) == 0 || strncmp(value, "eb", 2) == 0) {
		q->before = ms - 1;
	} else if (strncmp(value, "le", 2) == 0) {
		q->before = ms;
	} else {
		return ERR_BAD_DATE;
	}
	return OK;
}

/* Parameters that we do not know are left aside, as the standard lets a server do. */
static enum err
parse_query(const char *path, struct arena *mem, struct query *ret_query)
{
	const char *p = path != NULL ? strchr(path, '?') : NULL;
	struct query q = { .after = INT64_MIN, .before = INT64_MAX, .count = COUNT_MAX };
	enum err e = OK;

	while (p != NULL && *++p != '\0') {
		size_t n = strcspn(p, "&"), n_name = strcspn(p, "=&");
		const char *name = unescaped(mem, p, n_name), *value = n > n_name ? unescaped(mem, p + n_name + 1, n - n_name - 1) : "";

		if (name == NULL || value == NULL)
			return ERR_TOOBIG;
		if (strcmp(name, "_lastUpdated") == 0 && (e = set_last_updated(&q, value)) != OK)
			return e;
		if (strcmp(name, "status") == 0)
			q.status = value;
		else if (strcmp(name, "identifier") == 0)
			q.identifier = strrchr(value, '|') != NULL ? strrchr(value, '|') + 1 : value;
		else if (strcmp(name, "_id") == 0)
			q.id = value;
		else if (strcmp(name, "_count") == 0 && strtoul(value, NULL, 10) < COUNT_MAX)
			q.count = strtoul(value, NULL, 10);
		p += n;
		if (*p == '\0')
			break;
	}
	*ret_query = q;
	return OK;
}

/* Is `word` one of the comma-separated ones? */
static bool
is_listed(const char *list, const char *word)
{
	size_t n = word != NULL ? strlen(word) : 0;

	for (const char *p = list; n > 0 && *p != '\0'; p += strcspn(p, ",") + (p[strcspn(p, ",")] == ',')) {
		if (strcspn(p, ",") == n && memcmp(p, word, n) == 0)
			return true;
	}
	return false;
}

static bool
is_identified(const json_t *task, const char *value)
{
	const char *plac = fhir_identifier(task, "PLAC"), *fill = fhir_identifier(task, "FILL");

	return (plac != NULL && strcmp(plac, value) == 0) || (fill != NULL && strcmp(fill, value) == 0);
}

/* -- the list -- */
static bool
may_be_listed(const struct outgoing *out, const struct query *q)
{
	const struct record *about = out->record != NULL && out->record->referral != NULL ? out->record : out->referral;

	if (about == NULL || about->referral == NULL || (out->record == NULL && out->stage == NULL))
		return false;
	return out->at_ms >= q->after && out->at_ms <= q->before && (q->id == NULL || is_listed(q->id, out->msg_id));
}

/* The Task of `out`, and behind it what a referral consists of; nothing if the query does not ask for it. */
static bool
list_one(const struct outgoing *out, const struct query *q, const struct sector_env *env, struct arena *mem, json_t *entries)
{
	struct outgoing whole = *out;
	struct fhir_writing w = { .out = &whole, .env = env, .mem = mem, .entries = json_array() };
	bool is_referral = out->record != NULL && out->record->referral != NULL, is_asked;
	json_t *task, *meta = json_object();
	size_t i;
	json_t *entry;

	if (is_referral)
		whole.referral = out->record;
	task = fhir_new_task(&w);
	fhir_put_time(meta, "lastUpdated", &out->at_ms);
	fhir_put_new(task, "meta", meta);
	is_asked = (q->status == NULL || is_listed(q->status, fhir_text(task, "status"))) &&
		   (q->identifier == NULL || is_identified(task, q->identifier));
	fhir_add_entry(&w, "Task", task);
	if (is_referral && is_asked)
		fhir_write_referral(&w, out->record->referral);
	json_array_foreach(w.entries, i, entry) {
		fhir_put_new(entry, "search", json_pack("{s:s}", "mode", i == 0 ? "match" : "include"));
		if (is_asked)
			json_array_append(entries, entry);
	}
	json_decref(w.entries);
	return is_asked;
}

enum err
health_fhir_listing(const struct outgoing *items, size_t n, const struct native *request, const struct sector_env *env,
		    struct arena *mem, struct native *ret_list)
{
	json_t *entries;
	struct query q;
	size_t total = 0;
	enum err e;
	json_t *root;

	if ((e = parse_query(request->path, mem, &q)) != OK)
		return e;
	entries = json_array();
	for (size_t i = 0; i < n && total < q.count; i++)
		if (may_be_listed(&items[i], &q))
			total += list_one(&items[i], &q, env, mem, entries) ? 1 : 0;
	root = json_pack("{s:s, s:s, s:I, s:[{s:s, s:s}]}", "resourceType", "Bundle", "type", "searchset", "total",
			 (json_int_t)total, "link", "relation", "self", "url", request->path != NULL ? request->path : "/fhir/Task");
	if (json_array_size(entries) > 0)
		json_object_set(root, "entry", entries);	/* an empty list is no list in FHIR */
	json_decref(entries);
	*ret_list = (struct native){ .status = 200 };
	return fhir_finish(root, mem, ret_list);	/* a full arena has no room for the text either */
}

/* -- one -- */
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

static const char *
state_of(const struct progress *p)
{
	return p->state != NULL && fhir_task_status(p->state) != NULL ? p->state : "requested";
}

enum err
health_fhir_progress(const struct progress *p, const struct native *request, struct arena *mem, struct native *ret_view)
{
	const struct outgoing out = {
		.msg_id = p->msg_id, .thread = p->thread, .referral = p->referral, .is_initiator = p->is_initiator,
		.external_no = p->is_initiator ? p->external_no : p->case_no, .case_no = p->case_no, .state = p->state,
	};
	struct fhir_writing w = { .out = &out, .mem = mem };
	json_t *task;

	(void)request;
	*ret_view = (struct native){ .status = 200 };
	if (p->referral != NULL && p->referral->referral != NULL)
		task = fhir_new_task(&w);
	else
		task = json_pack("{s:s, s:s}", "resourceType", "Task", "intent", "order");
	json_object_set_new(task, "id", json_string(p->msg_id));
	put_stages(task, p);
	if (p->refused != OK) {
		fhir_put(task, "status", "failed");
		fhir_put_new(task, "statusReason", fhir_new_coded(FHIR_SYS_ERROR, err_code(p->refused),
								  err_text(p->refused, LANG_BG)));
	} else {
		fhir_put(task, "status", fhir_task_status(state_of(p)));
		fhir_put_new(task, "businessStatus", fhir_new_coded(FHIR_SYS_STATE, state_of(p), NULL));
	}
	return fhir_finish(task, mem, ret_view);
}

/* -- metadata -- */
static json_t *
new_resource_doc(const char *type, const char *const *interactions, const char *const *params)
{
	json_t *to = json_pack("{s:s}", "type", type);

	for (; *interactions != NULL; interactions++)
		fhir_add_new(to, "interaction", json_pack("{s:s}", "code", *interactions));
	for (; *params != NULL; params += 2)
		fhir_add_new(to, "searchParam", json_pack("{s:s, s:s}", "name", params[0], "type", params[1]));
	return to;
}

enum err
health_fhir_document(const struct native *request, struct arena *mem, struct native *ret_document)
{
	static const char *const task_does[] = { "create", "update", "read", "search-type", NULL };
	static const char *const request_does[] = { "create", NULL };
	static const char *const params[] = { "_lastUpdated", "date", "_id", "token", "status", "token", "identifier", "token", NULL };
	json_t *rest = json_pack("{s:s, s:[o, o], s:[{s:s}, {s:s}]}", "mode", "server", "resource",
				 new_resource_doc("ServiceRequest", request_does, params + 8),
				 new_resource_doc("Task", task_does, params), "interaction", "code", "transaction", "code", "batch");
	json_t *root = json_pack("{s:s, s:s, s:s, s:s, s:{s:s, s:s}, s:{s:s}, s:s, s:[s], s:[o], s:[{s:s}]}",
				 "resourceType", "CapabilityStatement", "status", "active", "date", "2026-11-22", "kind", "instance",
				 "software", "name", "nasoka-health", "version", NASOKA_VERSION, "implementation", "description",
				 "Nasoka, health adapter", "fhirVersion", "4.0.1", "format", "json", "rest", rest,
				 "messaging", "documentation", "POST [base]/$process-message or [base]; see MAPPING.md");

	(void)request;
	*ret_document = (struct native){ .status = 200 };
	return fhir_finish(root, mem, ret_document);
}
