/* SPDX-License-Identifier: EUPL-1.2 */
/* sector - the social sector's table: its addresses, its answers, its document.
 *
 * Errors are problem+json (RFC 9457) with the catalogued code, in English and Bulgarian. The OpenAPI document is put into
 * the program by the assembler, from the one file that people read.
 */
#include "adapters/social/social.h"

#include <string.h>

#include "adapters/core/xml.h"

#define PROBLEM_TYPE "application/problem+json"

__asm__(".pushsection .rodata\n"
	".globl social_openapi\n"
	"social_openapi:\n"
	".incbin \"adapters/social/openapi.yaml\"\n"
	".byte 0\n"
	".popsection\n");
extern const char social_openapi[];

static const struct route routes[] = {
	{ "POST", "/v1/referrals", ROUTE_SUBMIT, FORMAT_JSON },
	{ "GET", "/v1/referrals/{id}", ROUTE_PROGRESS, FORMAT_JSON },
	{ "POST", "/v1/referrals/{id}/withdraw", ROUTE_WITHDRAW, FORMAT_JSON },
	{ "POST", "/v1/statuses", ROUTE_SUBMIT, FORMAT_JSON },
	{ "POST", "/v1/records", ROUTE_SUBMIT, FORMAT_JSON },
	{ "GET", "/v1/inbox", ROUTE_INBOX, FORMAT_JSON },
	{ "POST", "/v1/inbox/{id}/registered", ROUTE_CONFIRM, FORMAT_JSON },
	{ "POST", "/v1/oscar", ROUTE_SUBMIT, FORMAT_OSCAR },
	{ "GET", "/v1/oscar", ROUTE_INBOX, FORMAT_OSCAR },
	{ "POST", "/v1/primero", ROUTE_SUBMIT, FORMAT_PRIMERO },
	{ "GET", "/v1/primero", ROUTE_INBOX, FORMAT_PRIMERO },
	{ "GET", "/v1/openapi.yaml", ROUTE_DOCUMENT, FORMAT_JSON },
	{ NULL, NULL, ROUTE_SUBMIT, FORMAT_NONE },
};

static const enum format formats[] = { FORMAT_JSON, FORMAT_XML, FORMAT_OSCAR, FORMAT_PRIMERO, FORMAT_NONE };

/* What is not here has its verdict's number: 422 for REJECT, 503 for RETRY, 500 for FATAL. */
static const struct {
	enum err e;
	unsigned status;
} http_statuses[] = {
	{ ERR_TOOBIG, 413 }, { ERR_NOTFOUND, 404 }, { ERR_EXISTS, 409 }, { ERR_FORMAT, 400 }, { ERR_CONFLICT, 409 },
	{ ERR_NOT_YOU, 403 }, { ERR_NOT_ALLOWED, 403 }, { ERR_UNKNOWN_THREAD, 404 }, { ERR_OVERLOAD, 429 },
	{ ERR_BAD_TRANSITION, 409 }, { ERR_BAD_ACTOR, 409 }, { ERR_UNKNOWN_REFERRAL, 404 }, { ERR_DUPLICATE, 409 },
	{ ERR_HELD, 409 }, { ERR_UNOPENED, 409 }, { ERR_TOO_EARLY, 409 }, { ERR_UNPREPARED, 409 }, { ERR_GONE, 410 }, { ERR_RANGE, 416 },
	{ ERR_SYNTAX, 400 }, { ERR_CHARSET, 400 }, { ERR_CUT_OFF, 400 }, { ERR_UNAUTHORIZED, 401 }, { ERR_METHOD, 405 },
	{ ERR_MEDIA_TYPE, 415 }, { ERR_ADDRESS, 400 },
};

unsigned
social_http_status(enum err e)
{
	for (size_t i = 0; i < sizeof(http_statuses) / sizeof(http_statuses[0]); i++)
		if (http_statuses[i].e == e)
			return http_statuses[i].status;
	switch (err_verdict(e)) {
	case VERDICT_OK:
		return 200;
	case VERDICT_REJECT:
		return 422;
	case VERDICT_RETRY:
		return 503;
	case VERDICT_FATAL:
		break;
	}
	return 500;
}

/* The record's paths begin with the body that they are in; the agency's JSON is that body. What the core calls a native id or
 * a confirmation has other names here. */
static const char *
path_for_agency(const char *where)
{
	if (strcmp(where, "referral.native_id") == 0)
		return "referral_id";
	if (strcmp(where, "status.native_id") == 0)
		return "status_id";
	if (strcmp(where, "confirms") == 0)
		return "id";
	if (strlen(where) > strlen(".native_id") && strcmp(where + strlen(where) - strlen(".native_id"), ".native_id") == 0)
		return "record_id";
	if (strncmp(where, "referral.", strlen("referral.")) == 0)
		return where + strlen("referral.");
	if (strncmp(where, "status.", strlen("status.")) == 0)
		return where + strlen("status.");
	return where;
}

void
social_write_problem(struct buf *b, enum err e, const struct why *why)
{
	buf_u8(b, '{');
	social_json_key(b, "type");
	buf_fmt(b, "\"urn:nasoka:error:%s\"", err_code(e));
	social_json_member(b, "title", err_text(e, LANG_EN));
	social_json_member(b, "title_bg", err_text(e, LANG_BG));
	social_json_number(b, "status", social_http_status(e));
	social_json_member(b, "code", err_code(e));
	if (why != NULL && why->text[0] != '\0')
		social_json_member(b, "detail", why->text);
	if (why != NULL && why->where[0] != '\0')
		social_json_member(b, "where", path_for_agency(why->where));
	if (why != NULL && why->line != 0)
		social_json_number(b, "line", why->line);
	if (why != NULL && why->col != 0)
		social_json_number(b, "col", why->col);
	social_json_member(b, "remedy", err_remedy(e, LANG_EN));
	social_json_member(b, "remedy_bg", err_remedy(e, LANG_BG));
	buf_u8(b, '}');
}

enum err
social_problem(enum err e, const struct why *why, const struct native *request, struct arena *mem,
	       struct native *ret_problem)
{
	struct buf b;

	(void)request;
	buf_init(&b, mem);
	social_write_problem(&b, e, why);
	return social_json_finish(&b, social_http_status(e), PROBLEM_TYPE, ret_problem);
}

/* One body is one thing, so its answer is either the problem or the ids under which it is on its way. */
enum err
social_answer(const struct native *in, const struct intake *intake, const struct sector_env *env, struct arena *mem,
	      struct native *ret_answer)
{
	const struct intake_item *item = intake->n > 0 ? &intake->items[0] : NULL;
	struct buf b;

	(void)env;
	if (intake->e != OK || item == NULL)
		return social_problem(intake->e != OK ? intake->e : ERR_SYNTAX, &intake->why, in, mem, ret_answer);
	if (social_case_format(in, NULL) != FORMAT_NONE)
		return social_case_answer(in, intake, mem, ret_answer);
	if (item->e != OK)
		return social_problem(item->e, &item->why, in, mem, ret_answer);
	buf_init(&b, mem);
	buf_u8(&b, '{');
	social_json_member(&b, "msg_id", item->msg_id);
	social_json_member(&b, "thread", item->thread);
	if (item->record != NULL) {
		social_json_member(&b, "state", item->stage ? item->stage : "queued");
	} else {
		social_json_member(&b, "id", item->confirms);
		social_json_member(&b, "case_no", item->case_no);
		social_json_member(&b, "state", "registered");
	}
	if (item->record != NULL && item->record->dropped != NULL)
		social_json_number(&b, "dropped", (uint64_t)*item->record->dropped);
	if (item->is_repeat)
		social_json_bool(&b, "is_repeat", true);
	if (item->warning != NULL)
		social_json_member(&b, "warning", item->warning);
	buf_u8(&b, '}');
	return social_json_finish(&b, item->record != NULL ? 202 : 200, "application/json", ret_answer);
}

enum err
social_document(const struct native *request, struct arena *mem, struct native *ret_document)
{
	(void)request;
	(void)mem;
	*ret_document = (struct native){
		.format = FORMAT_NONE, .bytes = span_str(social_openapi), .media_type = "application/yaml", .status = 200,
	};
	return OK;
}

/* -- the same in XML, where that is wanted -- */

static enum err
answer(const struct native *in, const struct intake *intake, const struct sector_env *env, struct arena *mem,
       struct native *ret_answer)
{
	struct intake placed = *intake;
	enum err e;

	if (social_xml_is(in)) {
		social_xml_place(in->bytes, in->charset, mem, &placed.why);
		if (placed.n > 0)
			social_xml_place(in->bytes, in->charset, mem, &placed.items[0].why);
	}
	if ((e = social_answer(in, &placed, env, mem, ret_answer)) != OK || !social_xml_is_wanted(in))
		return e;
	return social_xml_turn(ret_answer, "answer", mem);
}

static enum err
listing(const struct outgoing *items, size_t n, const struct native *request, const struct sector_env *env, struct arena *mem,
	struct native *ret_list)
{
	enum err e;

	if (social_case_format(request, NULL) != FORMAT_NONE)
		return social_case_listing(items, n, request, env, mem, ret_list);
	e = social_listing(items, n, request, env, mem, ret_list);
	return e == OK && social_xml_is_wanted(request) ? social_xml_turn(ret_list, "inbox", mem) : e;
}

static enum err
progress(const struct progress *p, const struct native *request, struct arena *mem, struct native *ret_view)
{
	enum err e = social_progress(p, request, mem, ret_view);

	return e == OK && social_xml_is_wanted(request) ? social_xml_turn(ret_view, "progress", mem) : e;
}

static enum err
problem(enum err e, const struct why *why, const struct native *request, struct arena *mem, struct native *ret_problem)
{
	enum err said = social_problem(e, why, request, mem, ret_problem);

	return said == OK && social_xml_is_wanted(request) ? social_xml_turn(ret_problem, "problem", mem) : said;
}

static bool
is_complete(const char *file, struct span bytes)
{
	(void)file;
	if (xml_is_likely(bytes))
		return xml_is_whole(bytes);
	return social_json_is_whole(bytes);
}

const struct sector social_sector = {
	.name = "social",
	.routes = routes,
	.formats = formats,
	.to_records = social_to_records,
	.answer = answer,
	.from_record = social_from_record,
	.read_answer = social_read_answer,
	.listing = listing,
	.progress = progress,
	.problem = problem,
	.document = social_document,
	.is_complete = is_complete,
};
