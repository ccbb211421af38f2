/* SPDX-License-Identifier: EUPL-1.2 */
/* null_sector - the shortest sector: what a test writes is what the record says, line by line, and back. Header-only.
 *
 *	id=R-1                         the native id
 *	target=ozd-plovdiv             an agency or alias, where the message names one
 *	confirms=R-7, case_no=7/26     a confirmation
 *	file=a.pdf, named=             a file that lies beside; the id is the agency's own
 *	refuse=1505                    the sector itself refuses the item with this number
 *	referral.service_kind=...      any other line is a path in the record
 *
 * Items are parted by a line "--". The answer has a line an item: "OK msg_id thread new|again" or "NSK-1301 path".
 */
#ifndef SUPPORT_NULL_SECTOR_H
#define SUPPORT_NULL_SECTOR_H

#include <stdlib.h>

#include "adapters/core/sector.h"
#include "proto/kind.h"

#define NULL_ITEMS_MAX 64

static inline void
null_line(struct intake_item *item, char *line, struct arena *mem)
{
	char *value = strchr(line, '=');

	if (value == NULL) {
		item->e = why_set(&item->why, ERR_SYNTAX, "line", "no equals sign");
		return;
	}
	*value++ = '\0';
	if (strcmp(line, "id") == 0) {
		item->native_id = value;
	} else if (strcmp(line, "target") == 0) {
		item->target = value;
	} else if (strcmp(line, "confirms") == 0) {
		item->confirms = value;
	} else if (strcmp(line, "case_no") == 0) {
		item->case_no = value;
	} else if (strcmp(line, "file") == 0) {
		item->file = value;
	} else if (strcmp(line, "named") == 0) {
		item->is_named = true;
	} else if (strcmp(line, "refuse") == 0) {
		item->e = why_set(&item->why, err_by_number((unsigned)atoi(value)), "refuse", "as told");
	} else {
		if (item->record == NULL)
			item->record = record_new(mem, "record");
		if (item->record == NULL)
			item->e = ERR_TOOBIG;
		else if (item->e == OK)
			item->e = record_set(item->record, mem, line, value, &item->why);
	}
}

static inline void
null_to_records(const struct native *in, const struct sector_env *env, struct arena *mem, struct intake *ret_intake)
{
	char *text = arena_strn(mem, in->bytes.p, in->bytes.n), *save = NULL;

	(void)env;
	*ret_intake = (struct intake){ .items = arena_array(mem, NULL_ITEMS_MAX, sizeof(*ret_intake->items)) };
	if (text == NULL || ret_intake->items == NULL) {
		ret_intake->e = ERR_TOOBIG;
		return;
	}
	ret_intake->n = 1;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct intake_item *item = &ret_intake->items[ret_intake->n - 1];

		item->row = (unsigned)ret_intake->n;
		if (strcmp(line, "--") == 0 && ret_intake->n < NULL_ITEMS_MAX)
			ret_intake->n++;
		else
			null_line(item, line, mem);
	}
}

static inline enum err
null_answer(const struct native *in, const struct intake *intake, const struct sector_env *env, struct arena *mem,
	    struct native *ret_answer)
{
	struct buf b;

	(void)in;
	(void)env;
	buf_init(&b, mem);
	if (intake->e != OK)
		buf_fmt(&b, "%s %s\n", err_code(intake->e), intake->why.where);
	for (size_t i = 0; intake->e == OK && i < intake->n; i++) {
		const struct intake_item *item = &intake->items[i];

		if (item->e != OK)
			buf_fmt(&b, "%s %s\n", err_code(item->e), item->why.where);
		else
			buf_fmt(&b, "OK %s %s %s\n", item->msg_id, item->thread, item->is_repeat ? "again" : "new");
	}
	*ret_answer = (struct native){ .bytes = span_str(buf_text(&b)), .status = 200 };
	if (in->method && strcmp(in->method, "PUT") == 0 && in->current)
		ret_answer->shown = in->path;
	return b.e;
}

/* "record kind=... referral_id=... state=... from=... case_no=..." or "stage registered external_no=..." */
static inline enum err
null_from_record(const struct outgoing *out, enum format format, const struct sector_env *env, struct arena *mem,
		 struct native *ret_native, struct why *why)
{
	struct buf b;

	(void)format;
	(void)env;
	buf_init(&b, mem);
	if (out->record && out->record->referral && strcmp(out->record->referral->reason_text, "untranslatable") == 0)
		return why_set(why, ERR_UNSUPPORTED, "reason_text", "not in this format");
	if (out->stage)
		buf_fmt(&b, "stage %s %s %s %s", out->stage, kind_reference(out->referral),
			out->external_no ? out->external_no : "-", err_code(out->stage_err));
	else
		buf_fmt(&b, "%s %s %s %s %s", out->record->kind, kind_reference(out->referral),
			out->record->status ? out->record->status->to : "requested", out->from,
			out->record->referral ? out->record->referral->reason_text :
			out->record->status && out->record->status->reason_text ? out->record->status->reason_text : "-");
	ret_native->bytes = span_str(buf_text(&b));
	return b.e;
}

/* "case 7/26": registered; "taken"; "later"; anything else: never. */
static inline enum err
null_read_answer(const struct outgoing *out, const struct native *answer, struct arena *mem, const char **ret_case_no,
		 struct why *why)
{
	char *text = arena_strn(mem, answer->bytes.p, answer->bytes.n);

	(void)out;
	*ret_case_no = NULL;
	if (text && strncmp(text, "case ", 5) == 0)
		*ret_case_no = text + 5;
	else if (text && strcmp(text, "later") == 0)
		return why_set(why, ERR_PEER_REFUSED, NULL, "asked to come later");
	else if (text && strcmp(text, "taken") != 0)
		return why_set(why, ERR_SYSTEM_REFUSED, NULL, "the system will not have it");
	return OK;
}

static inline enum err
null_listing(const struct outgoing *items, size_t n, const struct native *request, const struct sector_env *env,
	     struct arena *mem, struct native *ret_list)
{
	struct buf b;

	(void)request;
	(void)env;
	buf_init(&b, mem);
	for (size_t i = 0; i < n; i++)
		buf_fmt(&b, "%llu %s %s\n", (unsigned long long)items[i].cursor, items[i].msg_id,
			items[i].stage ? items[i].stage : items[i].record->kind);
	buf_u8(&b, '\n');
	*ret_list = (struct native){ .bytes = span_str(buf_text(&b)), .status = 200 };
	return b.e;
}

static inline enum err
null_progress(const struct progress *p, const struct native *request, struct arena *mem, struct native *ret_view)
{
	struct buf b;

	(void)request;
	buf_init(&b, mem);
	buf_fmt(&b, "%s %s %s %s stored=%d delivered=%d registered=%d seen=%d %s", p->referral->referral->referral_id, p->state,
		p->case_no ? p->case_no : "-", p->external_no ? p->external_no : "-", p->stored_ms != 0, p->delivered_ms != 0,
		p->registered_ms != 0, p->seen_ms != 0, err_code(p->refused));
	*ret_view = (struct native){ .bytes = span_str(buf_text(&b)), .status = 200 };
	return b.e;
}

static inline enum err
null_problem(enum err e, const struct why *why, const struct native *request, struct arena *mem, struct native *ret_problem)
{
	(void)request;
	*ret_problem = (struct native){
		.bytes = span_str(arena_fmt(mem, "%s %s", err_code(e), why ? why->where : "")), .status = 400,
	};
	return OK;
}

static inline enum err
null_document(const struct native *request, struct arena *mem, struct native *ret_document)
{
	(void)request;
	*ret_document = (struct native){ .bytes = span_str(arena_str(mem, "nothing to read")), .status = 200 };
	return OK;
}

/* A line for each: "i1 R-1 referral theirs accepted VERSION", and with ?open=1 what it says. If-None-Exist asks for one state. */
static inline enum err
null_search(const struct catalogue *all, const struct native *request, const struct sector_env *env, struct arena *mem,
	    struct native *ret_list, struct why *why)
{
	const char *state = request->head && request->head->if_none_exist ? strchr(request->path, '?') + 1 : NULL;
	bool must_open = !state && strstr(request->path, "open=1") != NULL;
	struct subject s;
	struct buf b;
	size_t n = 0;
	enum err e;

	(void)env;
	buf_init(&b, mem);
	while (all->next(all->arg, &s)) {
		if (state && (!s.is_referral || strcmp(s.p.state, state) != 0))
			continue;
		n++;
		buf_fmt(&b, "%s %s %s %s %s %s", s.position, s.p.referral_no, s.is_referral ? "referral" : "message",
			s.is_ours ? "ours" : "theirs", s.p.state, s.version);
		if (must_open && (e = all->open(all->arg, &s)) != OK)
			return e;
		if (must_open)
			buf_fmt(&b, " %s %s", s.p.referral->kind, s.record ? s.record->kind : "-");
		buf_u8(&b, '\n');
	}
	if (state && n != 1)
		return why_set(why, n == 0 ? ERR_NOTFOUND : ERR_PRECONDITION, "state", "%zu", n);
	*ret_list = (struct native){ .bytes = span_str(buf_text(&b)), .status = 200 };
	return b.e;
}

static inline enum err
null_show(const struct subject *s, const struct native *request, const struct sector_env *env, struct arena *mem,
	  struct native *ret_view, struct why *why)
{
	(void)request;
	(void)env;
	(void)why;
	*ret_view = (struct native){ .status = 200, .etag = arena_fmt(mem, "W/\"%s\"", s->version), .modified_ms = s->changed_ms };
	ret_view->bytes = span_str(arena_fmt(mem, "%s %s %s %s %s %s", s->msg_id, s->p.referral_no, s->p.state, s->is_referral ? "referral" :
					     "message", s->record ? s->record->kind : "-", s->stage ? s->stage : "-"));
	return OK;
}

static inline bool
null_is_complete(const char *file, struct span bytes)
{
	(void)file;
	return bytes.n > 0 && bytes.p[bytes.n - 1] == '\n';
}

static const struct route null_routes[] = {
	{ "POST", "/submit", ROUTE_SUBMIT, FORMAT_JSON },
	{ "GET", "/inbox", ROUTE_INBOX, FORMAT_JSON },
	{ "POST", "/inbox/{id}/registered", ROUTE_CONFIRM, FORMAT_JSON },
	{ "GET", "/referrals/{id}", ROUTE_PROGRESS, FORMAT_JSON },
	{ "GET", "/document", ROUTE_DOCUMENT, FORMAT_JSON },
	{ "GET", "/things", ROUTE_SEARCH, FORMAT_JSON },
	{ "POST", "/things", ROUTE_SUBMIT, FORMAT_JSON },
	{ "GET", "/things/{id}", ROUTE_SHOW, FORMAT_JSON },
	{ "PUT", "/things/{id}", ROUTE_SUBMIT, FORMAT_JSON },
	{ NULL, NULL, ROUTE_SUBMIT, FORMAT_NONE },
};
static const enum format null_formats[] = { FORMAT_JSON, FORMAT_NONE };

static const struct sector null_sector = {
	.name = "null", .routes = null_routes, .formats = null_formats, .to_records = null_to_records, .answer = null_answer,
	.from_record = null_from_record, .read_answer = null_read_answer, .listing = null_listing,
	.progress = null_progress, .search = null_search, .show = null_show, .problem = null_problem,
	.document = null_document, .is_complete = null_is_complete, .names_files = true,
};

#endif
