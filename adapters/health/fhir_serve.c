/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_serve - GET and _search: which Tasks, ServiceRequests and Patients a query asks for, and one of them. */
#include "adapters/health/fhir_result.h"

#include <string.h>

#include <jansson.h>

#include "proto/base/clock.h"
#include "proto/kind.h"

/* -- does it fit? -- */

/* Is `word` one of the comma-separated ones? */
static bool
is_listed(const char *list, const char *word)
{
	size_t n = word != NULL ? strlen(word) : 0;

	for (const char *p = list; n > 0 && *p != '\0'; p += strcspn(p, ",") + (p[strcspn(p, ",")] == ','))
		if (strcspn(p, ",") == n && memcmp(p, word, n) == 0)
			return true;
	return false;
}

/* The same of references: "Patient/7", "http://host/fhir/Patient/7", "7" all end in the id. */
static bool
is_referred(const char *list, const char *id)
{
	size_t n = id != NULL ? strlen(id) : 0;

	for (const char *p = list; n > 0 && *p != '\0'; p += strcspn(p, ",") + (p[strcspn(p, ",")] == ',')) {
		size_t len = strcspn(p, ",");

		if (len >= n && memcmp(p + len - n, id, n) == 0 && (len == n || p[len - n - 1] == '/' || p[len - n - 1] == '|'))
			return true;
	}
	return false;
}

/* "system|value", "|value" or "value". A system that is not ours is the client's own name for it: then the value decides. */
static bool
is_token(const char *list, const char *system, const char *value, struct arena *mem)
{
	for (const char *p = list; value != NULL && *p != '\0'; p += strcspn(p, ",") + (p[strcspn(p, ",")] == ',')) {
		const char *said = arena_strn(mem, p, strcspn(p, ",")), *bar = said != NULL ? strchr(said, '|') : NULL;
		size_t n = bar != NULL ? (size_t)(bar - said) : 0;

		if (said == NULL || strcmp(bar != NULL ? bar + 1 : said, value) != 0)
			continue;
		if (n == 0 || strncmp(said, "urn:nasoka:", 11) != 0 || (system != NULL && strlen(system) == n && strncmp(said, system, n) == 0))
			return true;
	}
	return false;
}

static bool
is_party(const struct fhir_term *t, const char *agency, const struct sector_env *env)
{
	const char *alias = env->alias_of(env->arg, agency), *meant = env->agency_of(env->arg, t->value);

	return is_referred(t->value, agency) || (alias != NULL && is_referred(t->value, alias)) ||
	       (meant != NULL && strcmp(meant, agency) == 0);
}

static bool
is_child(const struct fhir_term *t, const struct person *child, struct arena *mem)
{
	for (size_t i = 0; child != NULL && i < child->n_ids; i++) {
		const struct fhir_id_system *own = fhir_id_by_type(child->ids[i]->type);

		if (is_token(t->value, own != NULL ? own->system : NULL, child->ids[i]->value, mem))
			return true;
	}
	return false;
}

static bool
is_numbered(const struct fhir_term *t, const struct subject *s, struct arena *mem)
{
	return is_token(t->value, FHIR_SYS_REFERRAL_NO, s->p.referral_no, mem) ||
	       is_token(t->value, FHIR_SYS_CASE_NO, s->p.is_initiator ? s->p.external_no : s->p.case_no, mem);
}

/* Can it be told without opening what it says? */
static bool
is_deep(const struct fhir_query *q, const struct fhir_term *t, const struct subject *s)
{
	if (t->param == FHIR_PATIENT_NUMBER || t->param == FHIR_BIRTHDATE || t->param == FHIR_QUESTIONNAIRE)
		return true;
	if (t->param == FHIR_IDENTIFIER)
		return strcmp(q->type, "Patient") == 0;
	return t->param == FHIR_STATUS && !s->is_referral;
}

static const struct person *
child_of(const struct subject *s)
{
	return s->p.referral->referral != NULL ? s->p.referral->referral->child : NULL;
}

static const char *
status_of(const struct fhir_query *q, const struct subject *s)
{
	struct status step;

	if (strcmp(q->type, "ServiceRequest") == 0)
		return fhir_request_status(s->p.state);
	if (!s->is_referral)
		return s->record == NULL ? NULL : kind_step(s->record, &step) ? fhir_task_status(step.to) : "requested";
	return s->p.refused != OK ? fhir_refused_status(s->p.refused, s->p.state) :
		fhir_task_status(s->p.state != NULL ? s->p.state : "requested");
}

/* A day is asked for by days, months or years: wherever in it one looks, it is before, in or after them. */
static bool
is_born(const struct fhir_term *t, const char *birth_date)
{
	bool holds = false;
	int64_t ms;

	return birth_date != NULL && clock_parse(birth_date, &ms) == OK && fhir_periods_hold(t->value, ms + CLOCK_DAY / 2, &holds) == OK && holds;
}

static bool
fits(const struct fhir_query *q, const struct fhir_term *t, const struct subject *s, const struct sector_env *env, struct arena *mem)
{
	bool holds = false;

	switch (t->param) {
	case FHIR_ID:
		return is_listed(t->value, s->msg_id);
	case FHIR_LAST_UPDATED:
		return fhir_periods_hold(t->value, s->changed_ms, &holds) == OK && holds;
	case FHIR_IDENTIFIER:
		return strcmp(q->type, "Patient") == 0 ? is_child(t, child_of(s), mem) : is_numbered(t, s, mem);
	case FHIR_STATUS:
		return is_token(t->value, NULL, status_of(q, s), mem);
	case FHIR_OWNER:
		return is_party(t, s->p.is_initiator ? s->p.other_agency : env->agency, env);
	case FHIR_REQUESTER:
		return is_party(t, s->p.is_initiator ? env->agency : s->p.other_agency, env);
	case FHIR_PATIENT:
	case FHIR_FOCUS:
		return is_referred(t->value, s->p.msg_id);
	case FHIR_PART_OF:
		return !s->is_referral && is_referred(t->value, s->p.msg_id);
	case FHIR_PATIENT_NUMBER:
		return is_child(t, child_of(s), mem);
	case FHIR_BIRTHDATE:
		return child_of(s) != NULL && is_born(t, child_of(s)->birth_date);
	case FHIR_QUESTIONNAIRE:
		return s->record != NULL && is_listed(t->value, arena_fmt(mem, FHIR_KIND "%s", s->record->kind));
	case FHIR_SERVICE_TYPE:
	case FHIR_PROGRAMME:
	case FHIR_AREA:
	case FHIR_NAME:
	case FHIR_ROOM:
	case FHIR_AGE:
		break;		/* of services: fhir_service.c */
	}
	return false;
}

/* Of a message, and of no referral; a Task is of both. */
static bool
is_of_message(const char *type)
{
	static const char *const types[] = { "QuestionnaireResponse", "DocumentReference", "Consent", "DiagnosticReport" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i], type) == 0)
			return true;
	return false;
}

/* Opened only if what can be told without does not rule it out, or `must_open`. ret_fits false: it is not among the matches. */
static enum err
judge(const struct catalogue *all, const struct fhir_query *q, struct subject *s, bool must_open, const struct sector_env *env,
      struct arena *mem, bool *ret_fits)
{
	bool has_deep = false;
	enum err e;

	*ret_fits = false;
	if (strcmp(q->type, "Task") != 0 && s->is_referral == is_of_message(q->type))
		return OK;
	for (size_t i = 0; i < q->n_terms; i++) {
		if (is_deep(q, &q->terms[i], s))
			has_deep = true;
		else if (fits(q, &q->terms[i], s, env, mem) == q->terms[i].is_not)
			return OK;
	}
	if (has_deep || must_open || !s->is_referral) {
		if ((e = all->open(all->arg, s)) == ERR_GONE)
			return OK;
		if (e != OK)
			return e;
		if (s->is_referral ? s->p.referral->referral == NULL : s->record == NULL)
			return OK;
		if (strcmp(q->type, "QuestionnaireResponse") == 0 && !fhir_has_response(s->record))
			return OK;
		if (strcmp(q->type, "DiagnosticReport") == 0 && !fhir_has_results(s->record))
			return OK;
		if (strcmp(q->type, "Consent") == 0 && s->record->consent_change == NULL)
			return OK;
	}
	for (size_t i = 0; i < q->n_terms; i++)
		if (is_deep(q, &q->terms[i], s) && fits(q, &q->terms[i], s, env, mem) == q->terms[i].is_not)
			return OK;
	*ret_fits = true;
	return OK;
}

/* -- the searchset -- */

struct listing {
	const struct native *request;
	const struct sector_env *env;
	struct arena *mem;
	json_t *entries;
	size_t total, n;
	bool is_begun;			/* past the page before */
	bool is_more;
	const char *position;		/* of the last one on this page */
};

static const char *
base_of(const struct native *request, struct arena *mem)
{
	return request->head != NULL && request->head->base != NULL ? arena_fmt(mem, "%s/fhir", request->head->base) : NULL;
}

static void
add_entry(struct listing *l, const struct subject *s, const char *type, const char *mode)
{
	json_t *resource = fhir_new_shown(s, type, l->env, l->mem), *entry;
	const char *base = base_of(l->request, l->mem), *id = fhir_text(resource, "id");

	if (resource == NULL)
		return;
	entry = json_pack("{s:s+++, s:o, s:{s:s}}", "fullUrl", base != NULL ? base : "http://localhost/fhir", "/", type, "/", "resource",
			  resource, "search", "mode", mode);
	if (id != NULL)
		json_object_set_new(entry, "fullUrl", json_sprintf("%s/%s/%s", base != NULL ? base : "http://localhost/fhir", type, id));
	json_array_append_new(l->entries, entry);
}

static void
list_one(struct listing *l, const struct fhir_query *q, const struct subject *s)
{
	add_entry(l, s, q->type, "match");
	/* with a referral comes what it consists of: nobody polls to ask twice more for each */
	if (strcmp(q->type, "Task") == 0 && s->is_referral && !s->is_ours) {
		add_entry(l, s, "ServiceRequest", "include");
		add_entry(l, s, "Patient", "include");
	} else if (strcmp(q->type, "Task") == 0 && !s->is_referral && fhir_has_response(s->record)) {
		add_entry(l, s, "QuestionnaireResponse", "include");
		if (fhir_has_results(s->record))
			add_entry(l, s, "DiagnosticReport", "include");
	}
	l->position = arena_str(l->mem, s->position);
	l->n++;
}

static void
add_link(json_t *root, const struct native *request, const char *relation, const struct fhir_query *q, const char *more, struct arena *mem)
{
	const char *base = base_of(request, mem);

	fhir_add_new(root, "link", json_pack("{s:s, s:o}", "relation", relation, "url",
		     json_sprintf("%s/%s?%s%s", base != NULL ? base : "/fhir", q->type, q->self, more)));
}

static enum err
finish_listing(struct listing *l, const struct fhir_query *q, struct native *ret_list)
{
	json_t *root = json_pack("{s:s, s:s, s:I}", "resourceType", "Bundle", "type", "searchset", "total", (json_int_t)l->total);

	add_link(root, l->request, "self", q, q->position != NULL ? arena_fmt(l->mem, "_after=%s", q->position) : "", l->mem);
	if (l->is_more && l->position != NULL)
		add_link(root, l->request, "next", q, arena_fmt(l->mem, "_after=%s", l->position), l->mem);
	if (json_array_size(l->entries) > 0)
		json_object_set(root, "entry", l->entries);	/* an empty list is no list in FHIR */
	*ret_list = (struct native){ .status = 200 };
	return fhir_finish(root, l->mem, ret_list);
}

static enum err
list(const struct catalogue *all, const struct fhir_query *q, struct listing *l)
{
	struct subject s;
	bool is_match;
	enum err e;

	while (all->next(all->arg, &s)) {
		bool is_here = l->is_begun && l->n < q->count;

		if ((e = judge(all, q, &s, is_here, l->env, l->mem, &is_match)) != OK)
			return e;
		if (is_match && is_here)
			list_one(l, q, &s);
		else if (is_match && l->is_begun && q->count > 0)
			l->is_more = true;
		l->total += is_match ? 1 : 0;
		if (!l->is_begun && strcmp(s.position, q->position) == 0)
			l->is_begun = true;
		if (arena_is_full(l->mem))
			return ERR_TOOBIG;
	}
	return OK;
}

/* -- one -- */

static enum err
say_one(const struct subject *s, const char *type, const struct native *request, const struct sector_env *env, struct arena *mem,
	struct native *ret_view, struct why *why)
{
	const char *preferred = fhir_prefers(request, "return", mem);
	json_t *resource = fhir_new_shown(s, type, env, mem);

	if (resource == NULL)
		return why_set(why, ERR_UNKNOWN_REFERRAL, "id", "no %s has this id", type);
	if (fhir_text(resource, "id") == NULL) {
		json_decref(resource);
		return ERR_TOOBIG;
	}
	*ret_view = (struct native){ .status = 200 };
	ret_view->etag = arena_fmt(mem, "W/\"%s\"", s->version);
	ret_view->modified_ms = s->changed_ms;
	if (request->head != NULL && request->head->if_none_match != NULL && ret_view->etag != NULL &&
	    strcmp(request->method, "GET") == 0 && strstr(request->head->if_none_match, ret_view->etag + 2) != NULL) {
		json_decref(resource);
		ret_view->status = 304;
		return OK;
	}
	if (preferred == NULL || strcmp(request->method, "GET") == 0 || strcmp(preferred, "representation") == 0)
		return fhir_finish(resource, mem, ret_view);
	json_decref(resource);
	if (strcmp(preferred, "OperationOutcome") == 0)
		return fhir_finish(json_pack("{s:s, s:[{s:s, s:s, s:s}]}", "resourceType", "OperationOutcome", "issue", "severity",
					     "information", "code", "informational", "diagnostics", "taken / прието"), mem, ret_view);
	return OK;
}

enum err
health_fhir_show(const struct subject *s, const struct native *request, const struct sector_env *env, struct arena *mem,
		 struct native *ret_view, struct why *why)
{
	const char *type = fhir_path_type(request->path, mem);
	enum err e = fhir_check_accept(request, mem, why);

	if (e == OK && (type == NULL || (strcmp(type, "Task") != 0 && s->is_referral == is_of_message(type))))
		e = why_set(why, ERR_UNKNOWN_REFERRAL, "id", "no such resource has this id");
	return e == OK ? say_one(s, type, request, env, mem, ret_view, why) : e;
}

/* If-None-Exist: none, the one, or too many. */
static enum err
only_one(const struct catalogue *all, const struct fhir_query *q, const struct native *request, const struct sector_env *env,
	 struct arena *mem, struct native *ret_view, struct why *why)
{
	struct native found = { 0 };
	struct subject s;
	bool is_match;
	size_t n = 0;
	enum err e;

	if (q->n_terms == 0)
		return why_set(why, ERR_REQUIRED, "If-None-Exist", "a condition that is known here");
	while (all->next(all->arg, &s)) {
		const char *id = s.is_referral ? s.p.msg_id : s.msg_id;

		if (!s.is_referral)
			continue;
		if ((e = judge(all, q, &s, n == 0, env, mem, &is_match)) != OK)
			return e;
		if (is_match && n++ == 0) {
			if ((e = say_one(&s, q->type, request, env, mem, &found, why)) != OK)
				return e;
			found.path = arena_fmt(mem, "/fhir/%s/%s", q->type, id);
			found.etag = arena_str(mem, found.etag);
		}
	}
	if (n == 0)
		return ERR_NOTFOUND;
	if (n > 1)
		return why_set(why, ERR_PRECONDITION, "If-None-Exist", "%zu fit it", n);
	*ret_view = found;
	return OK;
}

enum err
health_fhir_search(const struct catalogue *all, const struct native *request, const struct sector_env *env, struct arena *mem,
		   struct native *ret_list, struct why *why)
{
	struct listing l = { .request = request, .env = env, .mem = mem };
	struct fhir_query q;
	enum err e;

	if ((e = fhir_check_accept(request, mem, why)) != OK || (e = fhir_query_parse(request, mem, &q, why)) != OK)
		return e;
	if (request->head != NULL && request->head->if_none_exist != NULL)
		return only_one(all, &q, request, env, mem, ret_list, why);
	l.entries = json_array();
	l.is_begun = q.position == NULL;
	if ((e = list(all, &q, &l)) == OK)
		e = finish_listing(&l, &q, ret_list);
	json_decref(l.entries);
	return e;
}
