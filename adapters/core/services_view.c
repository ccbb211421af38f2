/* SPDX-License-Identifier: EUPL-1.2 */
/* services_view - one question and one saying, whichever door they come by. */
#include "adapters/core/services_view.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/core/services.h"
#include "adapters/core/services_json.h"
#include "adapters/core/storage.h"
#include "adapters/core/view_json.h"
#include "adapters/core/views.h"
#include "proto/geography.h"
#include "proto/programme.h"
#include "proto/record.h"

/* -- asking -- */

static bool
is_settlement(const struct settlement *s, const char *text)
{
	size_t n = strlen(s->kind);

	if (strncmp(text, s->kind, n) == 0)
		text += n + strspn(text + n, " ");
	return strcmp(s->name, text) == 0;
}

/* A code, a name in either language, or a settlement's name or EKATTE. ERR_UNKNOWN_CODE, ERR_UNROUTABLE: several may be meant. */
static enum err
find_municipality(const char *text, const char **ret_code, struct why *why)
{
	const struct municipality *m = geography_municipality(text);
	const struct settlement *s;

	for (size_t i = 0; m == NULL && (m = geography_municipality_at(i)) != NULL; i++)
		if (strcmp(m->bg, text) != 0 && strcmp(m->en, text) != 0)
			m = NULL;
	if (m == NULL && geography_municipality_of(text, ret_code, NULL) == ERR_UNROUTABLE)
		return why_set(why, ERR_UNROUTABLE, "municipality", "the seat of several municipalities: name the one that is meant");
	if (m == NULL && geography_settlement(text) != NULL)
		return OK;
	*ret_code = m ? m->code : NULL;
	for (size_t i = 0; m == NULL && (s = geography_settlement_at(i)) != NULL; i++) {
		if (!is_settlement(s, text))
			continue;
		if (*ret_code && strcmp(*ret_code, s->municipality) != 0)
			return why_set(why, ERR_UNROUTABLE, "municipality", "a settlement of this name is in %s and in %s", *ret_code, s->municipality);
		*ret_code = s->municipality;
	}
	return *ret_code ? OK : why_set(why, ERR_UNKNOWN_CODE, "municipality", "a code such as PDV22, its name, or a settlement of it");
}

static enum err
judge(const char *age, const char *free_only, struct services_query *q, struct why *why)
{
	char *end = NULL;
	long years;
	enum err e;

	if (q->kind && !record_is_code("service_kind", q->kind))
		return why_set(why, ERR_UNKNOWN_CODE, "kind", "not a kind of service");
	if (q->programme && !programme_word(q->programme))
		return why_set(why, ERR_UNKNOWN_CODE, "programme", "P1, P2, P3 or statutory");
	if (q->municipality && (e = find_municipality(q->municipality, &q->municipality, why)) != OK)
		return e;
	q->age = ANNOUNCE_UNSAID;
	if (age) {
		years = strtol(age, &end, 10);
		if (end == age || *end != '\0' || years < 0 || years > ANNOUNCE_AGE_MAX)
			return why_set(why, ERR_BAD_NUMBER, "age", "completed years, 0 to %d", ANNOUNCE_AGE_MAX);
		q->age = (int32_t)years;
	}
	if (free_only && strcmp(free_only, "true") != 0 && strcmp(free_only, "false") != 0)
		return why_set(why, ERR_UNKNOWN_CODE, "free", "true or false");
	q->only_free = free_only && strcmp(free_only, "true") == 0;
	return OK;
}

static enum err
list(struct adapter *a, const struct services_query *q, struct arena *mem, json_t **ret_list)
{
	const struct service **found = NULL;
	int64_t now = core_now(a);
	json_t *items = json_array();
	struct service *all;
	struct txn *txn = store_read(a->p.store);
	size_t n = 0;
	enum err e = services_all(a, txn, mem, &all, &n);

	txn_abort(txn);
	if (e == OK && n > 0 && (found = arena_array(mem, n, sizeof(*found))) == NULL)
		e = ERR_TOOBIG;
	if (e == OK) {
		n = found ? services_find(all, n, q, now, found) : 0;
		for (size_t i = 0; i < n; i++)
			json_array_append_new(items, services_json_write(found[i], now));
		*ret_list = json_pack("{s:o}", "services", items);
		return OK;
	}
	json_decref(items);
	return e;
}

static const char *
asked_for(const json_t *asked, const char *name)
{
	return json_string_value(json_object_get(asked, name));
}

enum err
services_view_list(struct adapter *a, const json_t *asked, struct arena *mem, json_t **ret_list, struct why *why)
{
	struct services_query q = {
		.id = asked_for(asked, "id"), .agency = asked_for(asked, "agency"), .kind = asked_for(asked, "kind"),
		.programme = asked_for(asked, "programme"), .municipality = asked_for(asked, "municipality"), .text = asked_for(asked, "text"),
	};
	enum err e = judge(asked_for(asked, "age"), json_is_true(json_object_get(asked, "free")) ? "true" : NULL, &q, why);

	return e == OK ? list(a, &q, mem, ret_list) : e;
}

/* The sector chooses by its format's own words. */
static enum err
in_format(struct adapter *a, const struct native *request, struct arena *mem, struct native *ret_answer, struct why *why)
{
	struct txn *txn = store_read(a->p.store);
	struct service *all;
	size_t n = 0;
	enum err e = services_all(a, txn, mem, &all, &n);

	txn_abort(txn);
	if (e != OK || a->p.sector->services == NULL)
		return e != OK ? e : ERR_UNSUPPORTED;
	return a->p.sector->services(all, n, request, &a->env, mem, ret_answer, why);
}

enum err
services_view_answer(struct adapter *a, const struct native *request, struct arena *mem, struct native *ret_answer, struct why *why)
{
	static const char *const names[] = { "id", "agency", "kind", "programme", "municipality", "text", "age", "free", NULL };
	const char *path = request->path;
	struct services_query q = {
		.id = views_query(path, "id", mem), .agency = views_query(path, "agency", mem), .kind = views_query(path, "kind", mem),
		.programme = views_query(path, "programme", mem), .municipality = views_query(path, "municipality", mem),
		.text = views_query(path, "text", mem),
	};
	json_t *all = NULL;
	enum err e;

	if (request->format != FORMAT_JSON)
		return in_format(a, request, mem, ret_answer, why);
	if ((e = views_check_query(path, names, why)) != OK || (e = judge(views_query(path, "age", mem), views_query(path, "free", mem), &q, why)) != OK ||
	    (e = list(a, &q, mem, &all)) != OK)
		return e;
	return view_json_answer(all, 200, mem, ret_answer);
}

/* -- saying -- */

/* What is said of it now; blank where nothing is. */
static enum err
begin(struct adapter *a, const char *id, bool must, struct arena *mem, struct announce *announce, struct why *why)
{
	struct txn *txn = store_read(a->p.store);
	struct service s;
	bool found = services_ours(a, txn, mem, id, &s);

	txn_abort(txn);
	services_json_blank(announce);
	if (found)
		*announce = s.announce;
	return found || !must ? OK : why_set(why, ERR_NOTFOUND, "service_id", "this agency offers no such service");
}

/* `how`: "put", "patch" or "end". */
static enum err
say(struct adapter *a, const char *id, const char *how, const json_t *said, struct arena *mem, json_t **ret_service, struct why *why)
{
	bool is_put = strcmp(how, "put") == 0, is_end = strcmp(how, "end") == 0;
	struct announce announce;
	struct service s;
	struct txn *txn;
	enum err e;

	if (is_put)
		services_json_blank(&announce);
	else if ((e = begin(a, id, true, mem, &announce, why)) != OK)
		return e;
	if (is_end) {
		announce.is_ended = true;
	} else {
		announce.is_ended = false;
		if ((e = services_json_read(said, core_now(a), mem, &announce, why)) != OK)
			return e;
	}
	if (announce.service_id && strcmp(announce.service_id, id) != 0)
		return why_set(why, ERR_INCONSISTENT, "service_id", "not the one of the address");
	if (announce.agency && strcmp(announce.agency, a->p.config->agency) != 0)
		return why_set(why, ERR_NOT_ALLOWED, "agency", "an agency announces its own services only");
	announce.service_id = id;
	if ((e = services_say(a, &announce, NULL, why)) != OK)
		return e;
	txn = store_read(a->p.store);
	e = services_ours(a, txn, mem, id, &s) ? OK : ERR_CORRUPT;
	if (e == OK)
		*ret_service = services_json_write(&s, core_now(a));
	txn_abort(txn);
	return e;
}

enum err
services_view_say(struct adapter *a, const char *id, const struct native *request, struct arena *mem, struct native *ret_answer,
		  struct why *why)
{
	const char *how = strcmp(request->method, "PUT") == 0 ? "put" : strcmp(request->method, "DELETE") == 0 ? "end" : "patch";
	json_t *said = NULL, *service = NULL;
	enum err e = OK;

	if (strcmp(how, "end") != 0 &&
	    (said = json_loadb((const char *)request->bytes.p, request->bytes.n, JSON_REJECT_DUPLICATES, NULL)) == NULL)
		e = why_set(why, ERR_SYNTAX, "body", "not JSON");
	if (e == OK)
		e = say(a, id, how, said, mem, &service, why);
	json_decref(said);
	return e == OK ? view_json_answer(service, strcmp(how, "end") == 0 ? 200 : 202, mem, ret_answer) : e;
}

enum err
services_view_take(struct adapter *a, const json_t *asked, struct arena *mem, json_t **ret_service, struct why *why)
{
	const char *how = asked_for(asked, "how"), *id = asked_for(asked, "id");
	const json_t *service = json_object_get(asked, "service");

	if (id == NULL)
		id = asked_for(service, "service_id");
	if (id == NULL || how == NULL || (strcmp(how, "put") != 0 && strcmp(how, "patch") != 0 && strcmp(how, "end") != 0))
		return why_set(why, ERR_REQUIRED, "service_id", "name the service");
	return say(a, arena_str(mem, id), how, service, mem, ret_service, why);
}

/* -- the configuration's file -- */

/* One entry: what it does not give stays as it was said last, so that a restart does not undo what was said of room since. */
static enum err
say_entry(struct adapter *a, const json_t *entry, struct arena *mem, struct why *why)
{
	const char *id = asked_for(entry, "service_id");
	char *text = json_dumps(entry, JSON_COMPACT | JSON_SORT_KEYS);
	struct announce announce;
	struct service s;
	struct hash digest;
	struct txn *txn;
	bool is_same;
	enum err e;

	if (text == NULL)
		return ERR_NOMEM;
	merkle_leaf(span_str(text), &digest);
	free(text);
	if (id == NULL)
		return why_set(why, ERR_REQUIRED, "service_id", "name the service");
	txn = store_read(a->p.store);
	is_same = services_ours(a, txn, mem, id, &s) && hash_eq(&s.digest, &digest);
	txn_abort(txn);
	if (is_same)
		return OK;
	if ((e = begin(a, id, false, mem, &announce, why)) != OK ||
	    (e = services_json_read(entry, core_now(a), mem, &announce, why)) != OK)
		return e;
	return services_say(a, &announce, &digest, why);
}

enum err
services_view_file(struct adapter *a, struct span text, struct why *why)
{
	json_t *root = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, NULL), *entry;
	struct arena *mem = arena_new((size_t)8 << 20);
	enum err e = mem ? OK : ERR_NOMEM;
	size_t i;

	if (e == OK && !json_is_array(root))
		e = why_set(why, ERR_SYNTAX, "services.file", "not a list of services in JSON");
	if (e == OK && json_array_size(root) > ANNOUNCE_SERVICES_MAX)
		e = why_set(why, ERR_TOOMANY, "services.file", "at most %d services", ANNOUNCE_SERVICES_MAX);
	json_array_foreach(root, i, entry) {
		if (e == OK)
			e = say_entry(a, entry, mem, why);
		arena_reset(mem);
	}
	json_decref(root);
	arena_free(mem);
	return e;
}
