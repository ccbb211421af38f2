/* SPDX-License-Identifier: EUPL-1.2 */
/* views - routes are matched segment by segment; lists come from one read transaction, so they are of one moment. */
#include "adapters/core/views.h"

#include <stdlib.h>

#include "adapters/core/compose.h"
#include "adapters/core/filebook.h"
#include "adapters/core/outgoing.h"
#include "adapters/core/preview.h"
#include "adapters/core/register.h"
#include "adapters/core/storage.h"
#include "adapters/core/view_json.h"
#include "proto/base/clock.h"

#define LISTING_BYTES ((size_t)2 * 1024 * 1024)

/* -- routes -- */

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static const char *
percent_decode(const char *p, size_t n, struct arena *mem)
{
	char *out = arena_strn(mem, p, n);
	size_t at = 0;

	for (size_t i = 0; out && i < n; i++) {
		if (p[i] == '%' && i + 2 < n && hex_digit(p[i + 1]) >= 0 && hex_digit(p[i + 2]) >= 0) {
			out[at++] = (char)(hex_digit(p[i + 1]) * 16 + hex_digit(p[i + 2]));
			i += 2;
		} else {
			out[at++] = p[i];
		}
	}
	if (out)
		out[at] = '\0';
	return out;
}

static bool
is_match(const char *pattern, const char *path, struct arena *mem, const char **ret_id)
{
	size_t path_len = strcspn(path, "?");
	const char *end = path + path_len;

	while (*pattern != '\0') {
		if (*pattern == '{') {
			size_t n = strcspn(path, "/?");

			if (n == 0)
				return false;
			*ret_id = percent_decode(path, n, mem);
			path += n;
			pattern = strchr(pattern, '}') + 1;
		} else if (path < end && *pattern == *path) {
			pattern++;
			path++;
		} else {
			return false;
		}
	}
	return path == end;
}

/* Addresses that every sector has. */
static const struct route common[] = {
	{ "GET", "/v1/deadlines", ROUTE_DEADLINES, FORMAT_JSON },
	{ "GET", "/v1/services", ROUTE_SERVICES, FORMAT_JSON },
	{ "PUT", "/v1/services/{id}", ROUTE_SERVICE_SAY, FORMAT_JSON },
	{ "PATCH", "/v1/services/{id}", ROUTE_SERVICE_SAY, FORMAT_JSON },
	{ "DELETE", "/v1/services/{id}", ROUTE_SERVICE_SAY, FORMAT_JSON },
	{ "GET", "/v1/conferences/{id}", ROUTE_CONFERENCE, FORMAT_JSON },
	{ "GET", "/v1/previews", ROUTE_PREVIEWS, FORMAT_JSON },
	{ "POST", "/v1/previews/{id}/open", ROUTE_PREVIEW_OPEN, FORMAT_JSON },
	{ "POST", "/v1/previews/{id}/decline", ROUTE_PREVIEW_DECLINE, FORMAT_JSON },
	{ "POST", "/v1/referrals/{id}/files", ROUTE_FILE_IN, FORMAT_JSON },
	{ "POST", "/v1/conferences/{id}/files", ROUTE_FILE_IN, FORMAT_JSON },
	{ "GET", "/v1/files/{id}", ROUTE_FILE, FORMAT_JSON },
	{ "GET", "/v1/files/{id}/content", ROUTE_FILE_BYTES, FORMAT_JSON },
	{ NULL, NULL, ROUTE_DEADLINES, FORMAT_NONE },
};

enum err
views_route(const struct sector *sector, const struct native *request, struct arena *mem, const struct route **ret_route,
	    const char **ret_id)
{
	bool is_known = false;

	*ret_id = NULL;
	for (size_t i = 0; i < 2; i++)
		for (const struct route *r = i == 0 ? sector->routes : common; r->method; r++) {
			if (!is_match(r->pattern, request->path, mem, ret_id))
				continue;
			is_known = true;
			if (strcmp(r->method, request->method) == 0) {
				*ret_route = r;
				return OK;
			}
		}
	return is_known ? ERR_METHOD : ERR_NOTFOUND;
}

const char *
views_methods(const struct sector *sector, const struct native *request, struct arena *mem)
{
	const char *methods = NULL, *id;

	for (size_t i = 0; i < 2; i++)
		for (const struct route *r = i == 0 ? sector->routes : common; r->method; r++)
			if (is_match(r->pattern, request->path, mem, &id))
				methods = arena_fmt(mem, "%s%s%s%s", methods ? methods : "", methods ? ", " : "", r->method,
						    strcmp(r->method, "GET") == 0 ? ", HEAD" : "");
	return methods;
}

const char *
views_query(const char *path, const char *name, struct arena *mem)
{
	const char *p = strchr(path, '?');
	size_t n = strlen(name);

	while (p && *++p != '\0') {
		size_t len = strcspn(p, "&");

		if (len > n && strncmp(p, name, n) == 0 && p[n] == '=')
			return percent_decode(p + n + 1, len - n - 1, mem);
		p = p[len] == '&' ? p + len : NULL;
	}
	return NULL;
}

enum err
views_check_query(const char *path, const char *const *names, struct why *why)
{
	const char *p = strchr(path, '?');
	char name[VIEW_NAME_LEN];

	while (p && *++p != '\0') {
		size_t len = strcspn(p, "&"), n = strcspn(p, "=&"), i = 0;

		while (names[i] && (strlen(names[i]) != n || strncmp(p, names[i], n) != 0))
			i++;
		if (names[i] == NULL && len > 0) {
			view_json_name(p, n, name);
			return why_set(why, ERR_UNKNOWN_FIELD, name, "is not asked by here");
		}
		p = p[len] == '&' ? p + len : NULL;
	}
	return OK;
}

/* -- the inbox -- */

struct window { uint64_t after, limit; int64_t newer_than_ms; };

static enum err
window_of(const struct native *request, struct arena *mem, struct window *w, struct why *why)
{
	const char *after = views_query(request->path, "after", mem), *since = views_query(request->path, "_lastUpdated", mem);
	const char *limit = views_query(request->path, "limit", mem), *count = views_query(request->path, "_count", mem);
	char *end = NULL;

	*w = (struct window){ .limit = VIEW_ITEMS_MAX };
	if (after && (w->after = strtoull(after, &end, 10), end == after || *end != '\0' || *after == '-'))
		return why_set(why, ERR_BAD_NUMBER, "after", "a whole number, the cursor of the last item seen");
	if (limit == NULL)
		limit = count;
	if (limit && (w->limit = strtoull(limit, &end, 10), end == limit || *end != '\0' || w->limit == 0 || *limit == '-'))
		return why_set(why, ERR_BAD_NUMBER, "limit", "a whole number from 1 to %d", VIEW_ITEMS_MAX);
	if (w->limit > VIEW_ITEMS_MAX)
		w->limit = VIEW_ITEMS_MAX;
	if (since && (strncmp(since, "gt", 2) == 0 || strncmp(since, "ge", 2) == 0)) {
		if (clock_parse(since + 2, &w->newer_than_ms) != OK)
			return why_set(why, ERR_BAD_DATE, "_lastUpdated", "gt or ge, and a date or time");
		if (since[1] == 'e')
			w->newer_than_ms--;
	}
	return OK;
}

enum err
views_listing(struct adapter *a, const struct native *request, struct arena *mem, struct native *ret_answer, struct why *why)
{
	struct outgoing *items = arena_array(mem, VIEW_ITEMS_MAX, sizeof(*items));
	struct inbound in = { .cursor = 0 };
	struct window w;
	struct txn *txn;
	size_t n = 0;
	enum err e;

	if (items == NULL)
		return ERR_TOOBIG;
	if ((e = window_of(request, mem, &w, why)) != OK)
		return e;
	txn = store_read(a->p.store);
	in.cursor = w.after;
	/* as many as fit beside what the answer needs; the next call goes on */
	while (e == OK && n < w.limit && (n == 0 || arena_used(mem) < LISTING_BYTES) && inbox_next(txn, in.cursor, &in))
		if (in.at_ms > w.newer_than_ms && !filebook_is_hidden(txn, in.cursor)) {
			e = outgoing_of(a, txn, &in, mem, &items[n]);
			n += e == OK;
			e = e == ERR_HELD ? OK : e;	/* not to be shown yet; it comes at the end when it is */
		}
	txn_abort(txn);
	return e == OK ? a->p.sector->listing(items, n, request, &a->env, mem, ret_answer) : e;
}

/* -- one referral -- */

static enum err
tell_progress(struct adapter *a, struct txn *txn, const struct thread *t, struct arena *mem, struct progress *ret_progress)
{
	char hex[2 * THREAD_LEN + 1], msg_id[MSGID_TEXT_LEN];
	struct record *referral = NULL;
	enum err e;

	e = compose_open(a, "referral", SPAN(t->id.b, THREAD_LEN), arena_span(mem, txn_get(txn, TABLE_REFERRAL, SPAN(t->id.b, THREAD_LEN))), mem,
			 &referral);
	if (e == OK && t->hold == HOLD_PREVIEW && (referral = preview_of(referral, mem)) == NULL)
		e = ERR_TOOBIG;
	if (e != OK)
		return e;
	bytes_hex(t->id.b, THREAD_LEN, hex);
	msgid_format(&t->referral, msg_id);
	*ret_progress = (struct progress){
		.msg_id = arena_str(mem, msg_id),
		.thread = arena_str(mem, hex),
		.state = casebook_state(t),
		.other_agency = arena_str(mem, t->n_others ? t->others[0].agency : ""),
		.external_no = t->external_no[0] ? arena_str(mem, t->external_no) : NULL,
		.case_no = t->case_no[0] ? arena_str(mem, t->case_no) : NULL,
		.referral_no = arena_str(mem, t->referral_id),
		.is_initiator = t->is_initiator,
		.queued_ms = t->queued_ms,
		.stored_ms = t->stored_ms,
		.delivered_ms = t->delivered_ms,
		.registered_ms = t->registered_ms,
		.seen_ms = t->seen_ms,
		.refused_ms = t->refused_ms,
		.refused = t->refused,
		.referral = referral,
	};
	return arena_is_full(mem) ? ERR_TOOBIG : OK;
}

/* One of ours may have the number of another agency's. */
static void
tell_namesake(struct adapter *a, struct txn *txn, const char *number, struct arena *mem, struct progress *p)
{
	struct progress *namesake;
	struct thread theirs;

	if (!casebook_is_of_two(txn, number) || !casebook_theirs(txn, number, NULL, &theirs))
		return;
	if ((namesake = arena_alloc(mem, sizeof(*namesake))) != NULL && tell_progress(a, txn, &theirs, mem, namesake) == OK)
		p->namesake = namesake;
}

enum err
views_find(struct adapter *a, const char *id, struct arena *mem, struct progress *ret_progress, struct why *why)
{
	struct txn *txn = store_read(a->p.store);
	struct thread t;
	enum err e;

	if (register_find_thread(txn, id, &t))
		e = tell_progress(a, txn, &t, mem, ret_progress);
	else
		e = why_set(why, ERR_UNKNOWN_REFERRAL, "id", "no referral here has this number");
	if (e == OK)
		tell_namesake(a, txn, id, mem, ret_progress);
	txn_abort(txn);
	return e;
}

enum err
views_progress(struct adapter *a, const char *id, const struct native *request, struct arena *mem, struct native *ret_answer,
	       struct why *why)
{
	struct progress p;
	enum err e = views_find(a, id, mem, &p, why);

	return e == OK ? a->p.sector->progress(&p, request, mem, ret_answer) : e;
}
