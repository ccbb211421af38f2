/* SPDX-License-Identifier: EUPL-1.2 */
/* gather - a row a file; the whole is hashed part by part, in memory of one part. */
#include "adapters/core/gather.h"

#include <assert.h>
#include <stdio.h>

#include "adapters/core/compose.h"
#include "adapters/core/register.h"
#include "adapters/core/storage.h"
#include "proto/base/clock.h"

#define PART_ARENA ((size_t)8 * 1024 * 1024)
#define LOOK_MS CLOCK_MINUTE	/* how often it is looked for what stays away */
#define GATHER_ENDS_MAX 64	/* files given up in one look */

static_assert(FILE_PARTS_MAX == WHOLE_PARTS_MAX, "doors see all parts");

static bool
is_part(const struct record *record)
{
	return record->attachment != NULL && record->attachment->parts != NULL && *record->attachment->parts > 1;
}

static void
name_of(const char *from, const char *att_id, struct hash *ret_name)
{
	char both[AGENCY_ID_MAX + 1 + 64 + 2];

	snprintf(both, sizeof(both), "%s|%s", from, att_id);
	hash_sha256(span_str(both), ret_name);
}

static enum err
open_part(struct adapter *a, struct txn *txn, uint64_t cursor, struct arena *mem, struct record **ret_record)
{
	struct inbound in;
	struct span closed;

	if (!inbox_get(txn, cursor, &in))
		return ERR_CORRUPT;
	if (in.state == INBOUND_ERASED || in.state == INBOUND_WITHDRAWN || (closed = inbox_record(txn, cursor)).p == NULL)
		return ERR_GONE;
	return compose_open(a, "inrecord", SPAN(in.first.b, MSGID_LEN), closed, mem, ret_record);
}

static void
wipe(const struct record *record)
{
	if (record && record->attachment && record->attachment->data)
		explicit_bzero((void *)(uintptr_t)record->attachment->data->p, record->attachment->data->n);
}

/* -- one number for one file -- */

/* The message that said this number first; 0: none did, or it was refused, taken back or erased since: then the number is free. */
static uint64_t
first_of(struct txn *txn, bool is_ours, const struct thread_id *thread, const struct hash *name, struct outbound *ret_o)
{
	uint64_t at = filebook_first(txn, is_ours, thread, name);
	struct inbound in;

	if (at == 0)
		return 0;
	if (is_ours)
		return outbox_get(txn, at, ret_o) && ret_o->stage != STAGE_REFUSED && ret_o->stage != STAGE_WITHDRAWN ? at : 0;
	return inbox_get(txn, at, &in) && in.state < INBOUND_REFUSED ? at : 0;
}

/* Is it the same file; and the same part of it, said alike? */
static enum err
compare(const struct file_part *f, const struct file_part *first, struct arena *mem, struct why *why)
{
	struct hash said, had;
	enum err e;

	if (strcmp(f->sha256, first->sha256) != 0)
		return why_set(why, ERR_INCONSISTENT, "attachment.att_id", "another file has this number in the thread");
	if ((e = whole_said(f, mem, &said)) != OK || (e = whole_said(first, mem, &had)) != OK)
		return e;
	return *f->part == *first->part && hash_eq(&said, &had) ?
	    why_set(why, ERR_DUPLICATE, "attachment.att_id", "this file was sent before in the thread") : OK;
}

enum err
gather_check_number(struct adapter *a, struct txn *txn, const struct number_of *n, struct outbound *ret_o, struct why *why)
{
	struct record *first = NULL;
	struct hash name;
	uint64_t at;
	enum err e;

	if (n->file == NULL)
		return OK;
	name_of(n->from, n->file->att_id, &name);
	if ((at = first_of(txn, n->is_ours, n->thread, &name, ret_o)) == 0)
		return OK;
	e = n->is_ours ? compose_sent(a, txn, ret_o, &first) : open_part(a, txn, at, a->mem, &first);
	if (e == OK)
		e = compare(n->file, first->attachment, a->mem, why);
	wipe(first);
	return e == ERR_GONE || e == ERR_NOTFOUND ? OK : e;
}

void
gather_note_number(struct txn *txn, const struct number_of *n, uint64_t at)
{
	struct outbound o;
	struct hash name;

	if (n->file == NULL)
		return;
	name_of(n->from, n->file->att_id, &name);
	if (first_of(txn, n->is_ours, n->thread, &name, &o) == 0)
		filebook_put_first(txn, n->is_ours, n->thread, &name, at);
}

/* -- may it come -- */

static enum err
check_room(struct txn *txn, const struct header *h, uint64_t size, struct why *why)
{
	struct file f = { .number = 0 };
	uint64_t waiting = size;
	unsigned n = 0;

	while (filebook_next_open(txn, f.number, &f)) {
		if (f.is_ours)
			continue;
		waiting += f.whole.size;
		n += memcmp(f.thread.b, h->thread.b, THREAD_LEN) == 0 && strcmp(f.from, h->from) == 0;
	}
	if (n >= GATHER_THREAD_MAX)
		return why_set(why, ERR_TOOMANY, "attachment.att_id", "%d files of this thread lack parts already", GATHER_THREAD_MAX);
	if (waiting > GATHER_WAITING_MAX)
		return why_set(why, ERR_TOOMANY, "attachment.att_id", "too many files lack parts");
	return OK;
}

enum err
gather_judge(struct adapter *a, struct txn *txn, const struct header *h, const struct record *record, struct why *why)
{
	const struct number_of number = { .thread = &h->thread, .from = h->from, .file = record->attachment };
	struct outbound none;
	struct hash name, said;
	struct file f;
	enum err e;

	if (record->attachment == NULL)
		return OK;
	if ((e = whole_check_hash(record->attachment, why)) != OK || (e = gather_check_number(a, txn, &number, &none, why)) != OK || !is_part(record))
		return e;
	name_of(h->from, record->attachment->att_id, &name);
	if (!filebook_named(txn, false, &h->thread, &name, &f))
		return check_room(txn, h, (uint64_t)*record->attachment->size, why);
	if (f.state == FILE_FAILED)
		return why_set(why, f.code, "attachment", "the file was refused before");
	if ((e = whole_said(record->attachment, a->mem, &said)) != OK)
		return e;
	if (!hash_eq(&said, &f.said))
		return why_set(why, ERR_INCONSISTENT, "attachment", "another part of this att_id says another file");
	return whole_add(&f.whole, (unsigned)*record->attachment->part, 1, why);
}

/* -- it came -- */

/* The file's row with this part in it. */
static enum err
add_part(struct adapter *a, struct txn *txn, const struct inbound *in, const struct file_part *part, struct file *f)
{
	struct hash name;

	name_of(in->from, part->att_id, &name);
	if (!filebook_named(txn, false, &in->thread, &name, f)) {
		*f = (struct file){ .state = FILE_GATHERING, .thread = in->thread, .name = name, .began_ms = in->at_ms };
		snprintf(f->from, sizeof(f->from), "%s", in->from);
		f->whole.size = (uint64_t)*part->size;
		f->whole.parts = (unsigned)*part->parts;
		if (bytes_unhex(part->sha256, f->whole.sha256.b, sizeof(f->whole.sha256.b)) != OK ||
		    whole_said(part, a->mem, &f->said) != OK)
			return ERR_NOMEM;	/* judged before */
		filebook_add(txn, a->mem, f);
		filebook_name(txn, f);
	}
	if (whole_add(&f->whole, (unsigned)*part->part, in->cursor, NULL) != OK)
		return ERR_CORRUPT;
	f->changed_ms = in->at_ms;
	filebook_join(txn, f, in->cursor);
	return txn_error(txn);
}

/* All parts are here. ERR_FILE_DIFFERS, or ERR_FILE_PARTS where one was taken back meanwhile. */
static enum err
check_whole(struct adapter *a, struct txn *txn, const struct file *f)
{
	struct arena *mem = arena_new(PART_ARENA);
	struct hash_run run;
	struct hash hash;
	enum err e = mem ? OK : ERR_NOMEM;

	hash_begin(&run);
	for (unsigned i = 0; i < f->whole.parts && e == OK; i++) {
		struct record *record = NULL;

		arena_reset(mem);
		if ((e = open_part(a, txn, f->whole.at[i], mem, &record)) == OK) {
			hash_more(&run, *record->attachment->data);
			wipe(record);
		} else if (e == ERR_GONE) {
			e = ERR_FILE_PARTS;
		}
	}
	hash_end(&run, &hash);
	arena_free(mem);
	return e == OK && !hash_eq(&hash, &f->whole.sha256) ? ERR_FILE_DIFFERS : e;
}

/* Could its sender be told now, and why? Else it is tried again at the next look. */
static bool
can_refuse(struct adapter *a, struct txn *txn, const struct file *f)
{
	struct receipt_detail detail = { .code = ERR_FILE_PARTS, .text = "", .at_ms = core_now(a) };
	struct receipt_of r;
	struct inbound in;

	for (unsigned i = 0; i < f->whole.parts; i++)
		if (f->whole.at[i] != 0 && inbox_get(txn, f->whole.at[i], &in)) {
			r = compose_about_entry(&in, STAGE_REFUSED);
			r.refusal = REFUSAL_PERMANENT;
			r.detail = &detail;
			return compose_receipt(a, NULL, &r, NULL) == OK;
		}
	return true;
}

/* What is here of it goes back as refused; it never becomes whole. */
static enum err
fail(struct adapter *a, struct txn *txn, struct file *f, enum err code)
{
	const char *text = code == ERR_FILE_DIFFERS ? "the whole file is not what its sha256 says" : "other parts of the file did not come";
	struct inbound in;
	enum err e = OK;

	core_tell(a, LOG_FILE_FAILED, "id=%llu from=%s code=%s parts=%u of=%u", (unsigned long long)f->number, f->from, err_code(code),
		  whole_have(&f->whole), f->whole.parts);
	f->state = FILE_FAILED;
	f->code = code;
	f->changed_ms = core_now(a);
	filebook_put(txn, a->mem, f);
	for (unsigned i = 0; i < f->whole.parts && e == OK; i++)
		if (f->whole.at[i] != 0 && inbox_get(txn, f->whole.at[i], &in) && in.state < INBOUND_REGISTERED)
			e = register_refused(a, txn, &in, code, text);
	return e;
}

enum err
gather_keep(struct adapter *a, struct txn *txn, struct inbound *in, const struct record *record, bool *ret_is_hidden)
{
	char id[MSGID_TEXT_LEN];
	struct file f;
	enum err e;

	*ret_is_hidden = false;
	gather_note_number(txn, &(struct number_of){ .thread = &in->thread, .from = in->from, .file = record->attachment }, in->cursor);
	if (!is_part(record))
		return txn_error(txn);
	*ret_is_hidden = true;
	if ((e = add_part(a, txn, in, record->attachment, &f)) != OK)
		return e;
	if (whole_missing(&f.whole) != 0) {
		filebook_put(txn, a->mem, &f);
		return txn_error(txn);
	}
	if ((e = check_whole(a, txn, &f)) != OK) {
		filebook_put(txn, a->mem, &f);
		return err_is_fatal(e) || !can_refuse(a, txn, &f) ? (err_is_fatal(e) ? e : OK) : fail(a, txn, &f, e);
	}
	f.state = FILE_WHOLE;
	f.face = in->cursor;
	filebook_put(txn, a->mem, &f);
	msgid_format(&in->first, id);
	core_tell(a, LOG_FILE_WHOLE, "id=%s from=%s parts=%u", id, f.from, f.whole.parts);
	*ret_is_hidden = false;
	return txn_error(txn);
}

/* -- what stays away -- */

static bool
is_due(const struct file *f, int64_t now)
{
	return f->state == FILE_GATHERING && (whole_missing(&f->whole) == 0 || f->changed_ms + GATHER_WAIT_MS <= now);
}

static enum err
end_one(struct adapter *a, uint64_t number)
{
	struct txn *txn = store_write(a->p.store);
	struct file f;
	enum err e = filebook_get(txn, number, &f) ? OK : ERR_CORRUPT;

	arena_reset(a->mem);
	if (e == OK && !can_refuse(a, txn, &f))
		e = ERR_BUSY;
	if (e == OK)
		e = fail(a, txn, &f, whole_missing(&f.whole) != 0 ? ERR_FILE_PARTS : check_whole(a, txn, &f));
	if (e == OK)
		return txn_commit(txn);
	txn_abort(txn);
	return err_is_fatal(e) ? e : OK;
}

enum err
gather_tick(struct adapter *a)
{
	uint64_t due[GATHER_ENDS_MAX];
	struct file f = { .number = 0 };
	int64_t now = core_now(a);
	struct txn *txn;
	enum err e = OK;
	size_t n = 0;

	if (now >= a->gather_ms && now < a->gather_ms + LOOK_MS)
		return OK;
	a->gather_ms = now;
	txn = store_read(a->p.store);
	while (n < GATHER_ENDS_MAX && filebook_next_open(txn, f.number, &f))
		if (is_due(&f, now))
			due[n++] = f.number;
	txn_abort(txn);
	for (size_t i = 0; i < n && e == OK; i++)
		e = end_one(a, due[i]);
	return e;
}

/* -- what our system sees -- */

enum err
gather_parts(struct txn *txn, uint64_t face, enum err (*each)(void *arg, struct txn *txn, struct inbound *in), void *arg)
{
	struct inbound in;
	struct file f;
	enum err e = OK;

	if (!filebook_of(txn, false, face, &f) || f.face != face)
		return OK;
	for (unsigned i = 0; i < f.whole.parts && e == OK; i++)
		if (f.whole.at[i] != face && inbox_get(txn, f.whole.at[i], &in))
			e = each(arg, txn, &in);
	return e;
}

enum err
gather_face(struct txn *txn, struct inbound *in, struct why *why)
{
	struct file f;

	if (!filebook_of(txn, false, in->cursor, &f))
		return OK;
	if (f.state == FILE_FAILED && f.face == 0)
		return why_set(why, f.code, "id", "the file was refused");
	if (f.face == 0)
		return why_set(why, ERR_FILE_PARTS, "id", "%u of %u are here", whole_have(&f.whole), f.whole.parts);
	return f.face == in->cursor || inbox_get(txn, f.face, in) ? OK : ERR_CORRUPT;
}

static const char *
constant_type(const char *media_type)
{
	const struct field *f = record_field(record_type_by_name("file_part"), "media_type");

	for (size_t i = 0; f->codes[i]; i++)
		if (strcmp(f->codes[i], media_type) == 0)
			return f->codes[i];
	return "application/octet-stream";
}

static void
bytes_of(const struct inbound *in, const struct file_part *part, const struct whole *w, struct file_bytes *b)
{
	*b = (struct file_bytes){ .size = w->size, .parts = w->parts, .media_type = constant_type(part->media_type) };
	msgid_format(&in->first, b->id);
	whole_digest(&w->sha256, b->digest);
	snprintf(b->name, sizeof(b->name), "%s", whole_is_name(part->filename) ? part->filename : b->id);
	memcpy(b->at, w->at, sizeof(b->at));
}

bool
gather_show(struct txn *txn, const struct inbound *in, struct record *record, struct file_bytes *ret_bytes)
{
	struct whole one = { .parts = 1, .at = { in->cursor } };
	struct file f;

	if (record == NULL || record->attachment == NULL)
		return false;
	if (!is_part(record)) {
		one.size = (uint64_t)*record->attachment->size;
		if (bytes_unhex(record->attachment->sha256, one.sha256.b, sizeof(one.sha256.b)) != OK)
			return false;
		bytes_of(in, record->attachment, &one, ret_bytes);
		return true;
	}
	if (!filebook_of(txn, false, in->cursor, &f) || f.face != in->cursor)
		return false;
	bytes_of(in, record->attachment, &f.whole, ret_bytes);
	record->attachment->part = record->attachment->parts = NULL;
	record->attachment->data = NULL;
	return true;
}

enum err
gather_find(struct adapter *a, struct txn *txn, const char *id, struct arena *mem, struct inbound *ret_face, struct record **ret_record,
	    struct file_bytes *ret_bytes, struct why *why)
{
	struct thread t;
	struct msgid msg;
	enum err e;

	if (id == NULL || msgid_parse(id, &msg) != OK || !inbox_by_id(txn, &msg, ret_face))
		return why_set(why, ERR_NOTFOUND, "id", "no file has this number");
	if (casebook_find(txn, &ret_face->thread, &t) && t.hold == HOLD_PREVIEW)
		return why_set(why, ERR_HELD, "id", "open its referral first");
	if ((e = gather_face(txn, ret_face, why)) != OK)
		return e;
	if ((e = open_part(a, txn, ret_face->cursor, mem, ret_record)) != OK)
		return e == ERR_GONE ? why_set(why, e, "id", "the file was taken back or destroyed") : e;
	return gather_show(txn, ret_face, *ret_record, ret_bytes) ? OK : why_set(why, ERR_NOTFOUND, "id", "this message is no file");
}

enum err
adapter_file_part(struct adapter *a, const struct file_bytes *f, unsigned part, struct arena *mem, struct span *ret_bytes)
{
	struct txn *txn = store_read(a->p.store);
	struct record *record = NULL;
	enum err e = part == 0 || part > f->parts ? ERR_NOTFOUND : open_part(a, txn, f->at[part - 1], mem, &record);

	txn_abort(txn);
	if (e == OK && (record->attachment == NULL || record->attachment->data == NULL))
		e = ERR_CORRUPT;
	if (e == OK)
		*ret_bytes = *record->attachment->data;
	return e;
}
