/* SPDX-License-Identifier: EUPL-1.2 */
/* preview_view - a list is of one moment; an act is one transaction. Called by adapter.c, handover.c and verbs.c. */
#include "adapters/core/preview_view.h"

#include <jansson.h>
#include <stdlib.h>

#include "adapters/core/flights.h"
#include "adapters/core/outgoing.h"
#include "adapters/core/preview.h"
#include "adapters/core/register.h"
#include "adapters/core/view_json.h"
#include "adapters/core/views.h"

static json_t *
item_of(const struct outgoing *out)
{
	const struct referral *r = out->referral->referral;
	json_t *item = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "kind", "preview", "msg_id", out->msg_id, "thread", out->thread, "from",
				 out->from, "referral_id", r->referral_id, "state", out->state);
	json_t *preview = json_object();

	view_json_time(item, "received_at", out->at_ms);
	view_json_time(item, "respond_by", *r->respond_by);
	view_json_text(preview, "age_band", r->preview->age_band);
	view_json_text(preview, "service_kind", r->preview->service_kind);
	view_json_text(preview, "municipality", r->preview->municipality);
	view_json_text(preview, "priority", r->preview->priority);
	json_object_set_new(item, "preview", preview);
	return item;
}

enum err
preview_view_one(const struct outgoing *out, struct arena *mem, struct native *ret_native)
{
	enum err e = view_json_answer(item_of(out), 200, mem, ret_native);

	ret_native->method = "POST";
	return e;
}

/* -- the list -- */

/* Referrals that are held are among what is not registered: as many entries as that is are looked at. */
static bool
next_held(struct txn *txn, uint64_t after, struct inbound *in)
{
	struct thread t;

	in->cursor = after;
	while (inbox_unregistered_next(txn, in->cursor, in))
		if (casebook_find(txn, &in->thread, &t) && t.hold == HOLD_PREVIEW && t.place == in->cursor)
			return true;
	return false;
}

static enum err
list_after(struct adapter *a, uint64_t at, struct arena *mem, json_t **ret_root)
{
	struct txn *txn = store_read(a->p.store);
	json_t *root, *list = json_array();
	struct inbound in = { .cursor = 0 };
	struct outgoing out;
	bool is_more;
	enum err e = OK;

	while ((is_more = next_held(txn, at, &in)) && json_array_size(list) < PREVIEW_VIEW_MAX && e == OK)
		if ((e = outgoing_of(a, txn, &in, mem, &out)) == OK) {
			at = in.cursor;
			json_array_append_new(list, item_of(&out));
		}
	txn_abort(txn);
	root = json_pack("{s:o}", "previews", list);
	if (is_more)
		json_object_set_new(root, "next", json_integer((json_int_t)at));
	if (e != OK)
		json_decref(root);
	*ret_root = e == OK ? root : NULL;
	return e;
}

uint64_t
preview_view_count(struct txn *txn)
{
	struct inbound in = { .cursor = 0 };
	uint64_t n = 0;

	while (next_held(txn, in.cursor, &in))
		n++;
	return n;
}

enum err
preview_view_list(struct adapter *a, const struct native *request, struct arena *mem, struct native *ret_answer, struct why *why)
{
	const char *after = views_query(request->path, "after", mem);
	json_t *root;
	char *end = NULL;
	uint64_t at = after ? strtoull(after, &end, 10) : 0;
	enum err e;

	if (after && (end == after || *end != '\0' || *after == '-'))
		return why_set(why, ERR_BAD_NUMBER, "after", "a whole number, `next` of the last answer");
	e = list_after(a, at, mem, &root);
	return e == OK ? view_json_answer(root, 200, mem, ret_answer) : e;
}

enum err
preview_view_ask_list(struct adapter *a, const json_t *asked, struct arena *mem, json_t **ret_said, struct why *why)
{
	const json_t *after = json_object_get(asked, "after");

	if (after && (!json_is_integer(after) || json_integer_value(after) < 0))
		return why_set(why, ERR_BAD_NUMBER, "after", "a whole number, `next` of the last answer");
	return list_after(a, (uint64_t)json_integer_value(after), mem, ret_said);
}

/* -- opening and declining -- */

static enum err
take_text(const json_t *from, const char *name, const char *path, struct arena *mem, struct record *record, struct why *why)
{
	const json_t *value = json_object_get(from, name);

	if (value == NULL || json_is_null(value))
		return OK;
	if (!json_is_string(value))
		return why_set(why, ERR_SYNTAX, path, "a text");
	return record_set(record, mem, path, json_string_value(value), why);
}

/* A status with what was said, NULL: nothing; what is not known there is refused. */
static enum err
read_said(json_t *said, bool is_decline, struct arena *mem, struct record **ret_record, struct why *why)
{
	static const char *const known[] = { "actor", "reason_code", "reason_text", "case_no" };
	struct record *record = record_new(mem, "record");
	const json_t *actor = json_object_get(said, "actor"), *value;
	const char *key;
	enum err e;

	if (record == NULL || (record->status = record_new(mem, "status")) == NULL)
		return ERR_TOOBIG;
	*ret_record = record;
	json_object_foreach(said, key, value) {
		bool is_known = false;

		for (size_t i = 0; i < (is_decline ? 4 : 1); i++)
			is_known |= strcmp(key, known[i]) == 0;
		if (!is_known)
			return why_set(why, ERR_UNKNOWN_FIELD, "body", "no such field here");
	}
	if (actor && !json_is_object(actor))
		return why_set(why, ERR_SYNTAX, "actor", "an object with role and name");
	if ((e = take_text(actor, "role", "status.actor.role", mem, record, why)) != OK ||
	    (e = take_text(actor, "name", "status.actor.name", mem, record, why)) != OK ||
	    (e = take_text(said, "reason_code", "status.reason_code", mem, record, why)) != OK ||
	    (e = take_text(said, "reason_text", "status.reason_text", mem, record, why)) != OK)
		return e;
	return take_text(said, "case_no", "status.case_no", mem, record, why);
}

static enum err
act(struct adapter *a, struct txn *txn, const char *id, struct record *record, bool is_decline, struct thread *t, struct why *why)
{
	if (id == NULL || !register_find_thread(txn, id, t) || t->is_initiator || t->topic != TOPIC_REFERRAL)
		return why_set(why, ERR_UNKNOWN_REFERRAL, "id", "no referral came here under this number");
	return is_decline ? preview_decline(a, txn, t, record, why) : preview_open(a, txn, t, record, why);
}

static enum err
say(struct adapter *a, const char *id, json_t *said, bool is_decline, struct arena *mem, json_t **ret_answer, struct why *why)
{
	char msg_id[MSGID_TEXT_LEN], hex[2 * THREAD_LEN + 1];
	struct record *record;
	struct thread t;
	struct txn *txn;
	enum err e;

	if ((e = read_said(said, is_decline, mem, &record, why)) != OK)
		return e;
	arena_reset(a->mem);
	txn = store_write(a->p.store);
	if ((e = act(a, txn, id, record, is_decline, &t, why)) != OK) {
		txn_abort(txn);
		return e;
	}
	if ((e = txn_commit(txn)) != OK)
		return e;
	msgid_format(&t.referral, msg_id);
	bytes_hex(t.id.b, THREAD_LEN, hex);
	core_tell(a, LOG_PREVIEW, "thread=%s what=%s", hex, is_decline ? "declined" : "opened");
	e = flights_submit(a);
	if (err_is_fatal(e))
		return e;
	*ret_answer = json_pack("{s:s, s:s, s:s, s:s, s:b}", "msg_id", msg_id, "thread", hex, "referral_id", t.referral_id, "state",
				lifecycle_state_code(t.state), "opened", !is_decline);
	return *ret_answer ? OK : ERR_TOOBIG;
}

static enum err
post(struct adapter *a, const char *id, const struct native *request, bool is_decline, struct arena *mem, struct native *ret_answer,
     struct why *why)
{
	struct span body = request->bytes;
	json_t *said = NULL, *answer = NULL;
	enum err e = OK;

	if (body.n > PREVIEW_BODY_MAX)
		return why_set(why, ERR_TOOBIG, "body", "at most %d bytes", PREVIEW_BODY_MAX);
	if (body.n > 0 && (said = json_loadb((const char *)body.p, body.n, JSON_REJECT_DUPLICATES, NULL)) == NULL)
		e = why_set(why, ERR_SYNTAX, "body", "a JSON object");
	if (said && !json_is_object(said))
		e = why_set(why, ERR_SYNTAX, "body", "a JSON object");
	if (e == OK)
		e = say(a, id, said, is_decline, mem, &answer, why);
	json_decref(said);
	return e == OK ? view_json_answer(answer, 200, mem, ret_answer) : e;
}

/* The same over the control socket: what is posted by HTTP stands there beside `verb` and `id`. */
static enum err
ask(struct adapter *a, const json_t *asked, bool is_decline, struct arena *mem, json_t **ret_said, struct why *why)
{
	const char *id = json_string_value(json_object_get(asked, "id"));
	json_t *said = json_object();
	enum err e;

	json_object_update(said, (json_t *)(uintptr_t)asked);
	json_object_del(said, "verb");
	json_object_del(said, "id");
	e = id ? say(a, id, said, is_decline, mem, ret_said, why) : why_set(why, ERR_REQUIRED, "id", "which referral");
	json_decref(said);
	return e;
}

enum err
preview_view_ask_open(struct adapter *a, const json_t *asked, struct arena *mem, json_t **ret_said, struct why *why)
{
	return ask(a, asked, false, mem, ret_said, why);
}

enum err
preview_view_ask_decline(struct adapter *a, const json_t *asked, struct arena *mem, json_t **ret_said, struct why *why)
{
	return ask(a, asked, true, mem, ret_said, why);
}

enum err
preview_view_open(struct adapter *a, const char *id, const struct native *request, struct arena *mem, struct native *ret_answer,
		  struct why *why)
{
	return post(a, id, request, false, mem, ret_answer, why);
}

enum err
preview_view_decline(struct adapter *a, const char *id, const struct native *request, struct arena *mem, struct native *ret_answer,
		     struct why *why)
{
	return post(a, id, request, true, mem, ret_answer, why);
}
