/* SPDX-License-Identifier: EUPL-1.2 */
/* case_answer - what the door says of a case's JSON: for each service under which ids it is on its way, or why not.
 *
 * One service alone is answered as any body of ours. Of several, some may be refused: then the status is 207, and each refusal stands at its
 * service. The pages of what came are here as well.
 */
#include "adapters/social/case.h"

#include <jansson.h>
#include <string.h>

#define JSON_TYPE "application/json"

void
social_case_place(const struct native *in, enum format format, size_t i, struct arena *mem, struct why *why)
{
	const enum case_shape shape = format == FORMAT_OSCAR ? CASE_OSCAR : CASE_PRIMERO;
	struct case_unit *units;
	struct json_t *root = NULL;
	const char *where;
	size_t n;

	if (why->where[0] == '\0' || social_json_parse(in->bytes, &root, NULL) != OK)
		return;
	if (case_walk(shape, root, mem, &units, &n, NULL) == OK && i < n) {
		where = case_where(shape, &units[i], why->where, mem);
		if (where != why->where && strlen(where) < sizeof(why->where))
			memcpy(why->where, where, strlen(where) + 1);
	}
	json_decref(root);
}

static const char *
state_of(const struct intake_item *item)
{
	return item->record != NULL ? (item->stage ? item->stage : "queued") : item->confirms != NULL ? "registered" : "known";
}

static void
write_taken(struct buf *b, const struct intake_item *item)
{
	social_json_member(b, "msg_id", item->msg_id);
	social_json_member(b, "thread", item->thread);
	social_json_member(b, "state", state_of(item));
	if (item->record != NULL && item->record->referral != NULL)
		social_json_member(b, "referral_id", item->record->referral->referral_id);
	social_json_member(b, "case_no", item->case_no);
	if (item->record != NULL && item->record->dropped != NULL)
		social_json_number(b, "dropped", (uint64_t)*item->record->dropped);
	if (item->is_repeat)
		social_json_bool(b, "is_repeat", true);
	social_json_member(b, "warning", item->warning);
}

/* 202: something is on its way; 200: nothing had to go; 207: not all was taken; a refusal's own: nothing was. */
static unsigned
status_of(const struct intake *intake)
{
	size_t n_refused = 0, n_queued = 0;

	for (size_t i = 0; i < intake->n; i++) {
		n_refused += intake->items[i].e != OK;
		n_queued += intake->items[i].e == OK && intake->items[i].record != NULL;
	}
	if (n_refused == intake->n)
		return social_http_status(intake->items[0].e);
	return n_refused > 0 ? 207 : n_queued > 0 ? 202 : 200;
}

enum err
social_case_answer(const struct native *in, const struct intake *intake, struct arena *mem, struct native *ret_answer)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u8(&b, '{');
	if (intake->n > 1) {
		social_json_key(&b, "data");
		buf_u8(&b, '[');
	}
	for (size_t i = 0; i < intake->n; i++) {
		const struct intake_item *item = &intake->items[i];
		struct why why = item->why;

		if (intake->n > 1) {
			social_json_comma(&b);
			buf_u8(&b, '{');
			social_json_number(&b, "row", item->row);
		}
		if (item->e != OK) {
			social_case_place(in, social_case_format(in, NULL), i, mem, &why);
			if (intake->n == 1)
				return social_problem(item->e, &why, in, mem, ret_answer);
			social_json_key(&b, "problem");
			social_write_problem(&b, item->e, &why);
		} else {
			write_taken(&b, item);
		}
		if (intake->n > 1)
			buf_u8(&b, '}');
	}
	if (intake->n > 1)
		buf_u8(&b, ']');
	buf_u8(&b, '}');
	return social_json_finish(&b, status_of(intake), JSON_TYPE, ret_answer);
}

enum err
social_case_listing(const struct outgoing *items, size_t n, const struct native *request, const struct sector_env *env, struct arena *mem,
		    struct native *ret_list)
{
	struct buf b;

	buf_init(&b, mem);
	buf_str(&b, "{\"items\":[");
	for (size_t i = 0; i < n; i++) {
		social_json_comma(&b);
		case_write(&b, request->format == FORMAT_OSCAR ? CASE_OSCAR : CASE_PRIMERO, &items[i], env);
	}
	buf_u8(&b, ']');
	social_json_number(&b, "next_after", n > 0 ? items[n - 1].cursor : social_after(request->path));
	buf_u8(&b, '}');
	return social_json_finish(&b, 200, JSON_TYPE, ret_list);
}
