/* SPDX-License-Identifier: EUPL-1.2 */
/* file_view - one read transaction, so all is of one moment. Called by adapter.c and upload.c. */
#include "adapters/core/file_view.h"

#include <jansson.h>

#include "adapters/core/gather.h"
#include "adapters/core/sendoff.h"
#include "adapters/core/storage.h"
#include "adapters/core/view_json.h"

static void
put_refusal(json_t *to, enum err e)
{
	if (e != OK)
		json_object_set_new(to, "refusal", json_pack("{s:s, s:s, s:s}", "code", err_code(e), "title", err_text(e, LANG_EN), "title_bg",
							     err_text(e, LANG_BG)));
}

static void
put_whole(json_t *to, const struct thread_id *thread, const char *sha256, uint64_t size, unsigned parts)
{
	char hex[2 * THREAD_LEN + 1];

	bytes_hex(thread->b, THREAD_LEN, hex);
	view_json_text(to, "thread", hex);
	view_json_text(to, "sha256", sha256);
	json_object_set_new(to, "size", json_integer((json_int_t)size));
	json_object_set_new(to, "parts", json_integer(parts));
}

/* -- ours -- */

/* When the last of its parts came so far; 0: one has not. */
static int64_t
last_of(const struct outbound *parts, unsigned n, unsigned of, size_t offset)
{
	int64_t last = 0, at;

	for (unsigned i = 0; i < n; i++) {
		memcpy(&at, (const char *)&parts[i] + offset, sizeof(at));
		if (at == 0)
			return 0;
		last = at > last ? at : last;
	}
	return n == of ? last : 0;
}

static void
put_stages(json_t *to, const struct file *f, const struct outbound *parts, unsigned n)
{
	json_t *stages = json_object();
	unsigned of = f->whole.parts;
	enum err refused = f->state == FILE_FAILED ? f->code : OK;

	view_json_time(stages, "queued", f->began_ms);
	view_json_time(stages, "stored", last_of(parts, n, of, offsetof(struct outbound, stored_ms)));
	view_json_time(stages, "delivered", last_of(parts, n, of, offsetof(struct outbound, delivered_ms)));
	view_json_time(stages, "registered", last_of(parts, n, of, offsetof(struct outbound, registered_ms)));
	for (unsigned i = 0; i < n && refused == OK; i++)
		if (parts[i].refused_ms != 0) {
			refused = parts[i].refused != OK ? parts[i].refused : ERR_SYSTEM_REFUSED;
			view_json_time(stages, "refused", parts[i].refused_ms);
		}
	if (parts[0].stage == STAGE_WITHDRAWN)
		view_json_time(stages, "withdrawn", parts[0].withdrawn_ms);
	json_object_set_new(to, "stages", stages);
	put_refusal(to, refused);
}

static const char *
state_name(enum file_state state)
{
	switch (state) {
	case FILE_COMING:
		return "coming";
	case FILE_SENDING:
		return "sending";
	case FILE_SENT:
		return "sent";
	case FILE_GATHERING:
		return "gathering";
	case FILE_WHOLE:
		return "whole";
	case FILE_FAILED:
		break;
	}
	return "failed";
}

static enum err
ours(struct adapter *a, struct txn *txn, const struct file *f, struct arena *mem, json_t **ret_json)
{
	struct outbound *parts = arena_array(mem, WHOLE_PARTS_MAX, sizeof(*parts));
	char id[MSGID_TEXT_LEN], sha256[2 * sizeof(f->whole.sha256.b) + 1];
	struct sendoff_said said;
	unsigned n = 0;
	json_t *all;
	enum err e;

	if (parts == NULL)
		return ERR_TOOBIG;
	if ((e = sendoff_open_said(a, txn, f->number, mem, &said)) != OK)
		return e;
	for (unsigned i = 0; i < f->whole.parts; i++)
		n += f->whole.at[i] != 0 && outbox_get(txn, f->whole.at[i], &parts[n]);
	if (n == 0)
		return ERR_CORRUPT;
	msgid_format(&parts[0].first, id);
	all = json_pack("{s:s, s:b, s:s, s:i}", "msg_id", id, "is_ours", true, "state", state_name(f->state), "parts_sent", (int)n);
	bytes_hex(f->whole.sha256.b, sizeof(f->whole.sha256.b), sha256);
	put_whole(all, &f->thread, sha256, f->whole.size, f->whole.parts);
	view_json_text(all, "att_id", said.att_id);
	view_json_text(all, "filename", said.filename);
	view_json_text(all, "media_type", said.media_type);
	view_json_text(all, "category", said.category);
	view_json_text(all, "confidentiality", said.confidentiality);
	view_json_text(all, "retain_until", said.retain_until);
	put_stages(all, f, parts, n);
	*ret_json = all;
	return OK;
}

enum err
file_view_taken(struct adapter *a, const struct file *f, struct arena *mem, struct native *ret_answer)
{
	struct txn *txn = store_read(a->p.store);
	struct outbound first;
	char id[MSGID_TEXT_LEN];
	json_t *all = NULL;
	enum err e = outbox_get(txn, f->whole.at[0], &first) ? ours(a, txn, f, mem, &all) : ERR_CORRUPT;

	txn_abort(txn);
	if (e != OK || (e = view_json_answer(all, 202, mem, ret_answer)) != OK)
		return e;
	msgid_format(&first.first, id);
	ret_answer->path = arena_fmt(mem, "/v1/files/%s", id);
	return OK;
}

/* -- theirs -- */

static json_t *
theirs(const struct inbound *face, const struct record *record, const struct file_bytes *bytes)
{
	const struct file_part *p = record->attachment;
	json_t *all = json_pack("{s:s, s:b, s:s, s:s}", "msg_id", bytes->id, "is_ours", false, "from", face->from, "state",
				face->state == INBOUND_REFUSED ? "failed" : "whole");

	put_whole(all, &face->thread, p->sha256, bytes->size, bytes->parts);
	view_json_text(all, "att_id", p->att_id);
	view_json_text(all, "filename", p->filename);
	view_json_text(all, "media_type", p->media_type);
	view_json_text(all, "category", p->category);
	view_json_text(all, "confidentiality", p->confidentiality);
	view_json_text(all, "retain_until", p->retain_until);
	view_json_text(all, "case_no", face->case_no);
	view_json_time(all, "received_at", face->at_ms);
	view_json_time(all, "registered_at", face->registered_ms);
	json_object_set_new(all, "href", json_sprintf("/v1/files/%s/content", bytes->id));
	put_refusal(all, face->state == INBOUND_REFUSED ? face->code : OK);
	return all;
}

enum err
file_view_answer(struct adapter *a, const char *id, struct arena *mem, struct native *ret_answer, struct why *why)
{
	struct txn *txn = store_read(a->p.store);
	struct file_bytes bytes;
	struct record *record;
	struct inbound face;
	struct outbound o;
	struct msgid msg;
	struct file f;
	json_t *all = NULL;
	enum err e;

	if (id && msgid_parse(id, &msg) == OK && outbox_find(txn, &msg, &o) && filebook_of(txn, true, o.seq, &f))
		e = ours(a, txn, &f, mem, &all);
	else if ((e = gather_find(a, txn, id, mem, &face, &record, &bytes, why)) == OK)
		all = theirs(&face, record, &bytes);
	txn_abort(txn);
	return e == OK ? view_json_answer(all, 200, mem, ret_answer) : e;
}

enum err
file_view_bytes(struct adapter *a, const char *id, struct arena *mem, struct native *ret_answer, struct why *why)
{
	struct txn *txn = store_read(a->p.store);
	struct file_bytes *bytes = arena_alloc(mem, sizeof(*bytes));
	struct record *record;
	struct inbound face;
	enum err e = bytes ? gather_find(a, txn, id, mem, &face, &record, bytes, why) : ERR_TOOBIG;

	txn_abort(txn);
	if (e == OK)
		*ret_answer = (struct native){
			.media_type = bytes->media_type, .status = 200, .content = bytes, .etag = arena_fmt(mem, "\"%s\"", bytes->digest),
		};
	return e;
}
