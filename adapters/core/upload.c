/* SPDX-License-Identifier: EUPL-1.2 */
/* upload - the body goes through one buffer of a part's size; each part is closed and committed when it is full. */
#include "adapters/core/upload.h"

#include <stdio.h>
#include <stdlib.h>

#include "adapters/core/casework.h"
#include "adapters/core/compose.h"
#include "adapters/core/file_view.h"
#include "adapters/core/follow.h"
#include "adapters/core/rebuild.h"
#include "adapters/core/register.h"
#include "adapters/core/session.h"
#include "adapters/core/storage.h"
#include "adapters/core/views.h"

#define PARTS_AT_ONCE 4		/* that become messages in one tick */
#define SAID_ARENA ((size_t)32 * 1024)
#define SAID_VERSION 1

struct upload {
	struct adapter *a;
	struct arena *mem;		/* of what is said, for as long as it comes in */
	struct file file;		/* COMING, durable */
	struct upload_said said;
	const char *digest;		/* as the caller said it; NULL: not */
	struct hash_run run;
	unsigned n_parts;		/* staged */
	size_t n;			/* of the part that is filling */
	uint8_t part[WHOLE_PART_BYTES];
};

/* -- what is said of it -- */

static enum err
close_said(struct adapter *a, struct txn *txn, uint64_t number, const struct upload_said *said)
{
	const char *const texts[] = { said->att_id, said->filename, said->media_type, said->category, said->confidentiality,
				      said->retain_until };
	struct file_place place;
	struct span closed;
	struct buf b;
	enum err e;

	buf_init(&b, a->mem);
	buf_u8(&b, SAID_VERSION);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		buf_var(&b, span_str(texts[i] ? texts[i] : ""));
	if (b.e != OK)
		return b.e;
	if ((e = compose_close(a, "staged", filebook_place(number, 0, &place), buf_bytes(&b), &closed)) == OK)
		filebook_stage(txn, number, 0, closed);
	return e;
}

static const char *
next_text(struct cursor *c, struct arena *mem)
{
	struct span s = cursor_var(c);

	return s.n > 0 ? arena_strn(mem, s.p, s.n) : NULL;
}

enum err
upload_open_said(struct adapter *a, struct txn *txn, uint64_t number, struct arena *mem, struct upload_said *ret_said)
{
	struct span plain, closed = filebook_staged(txn, number, 0);
	struct file_place place;
	struct cursor c;
	enum err e;

	if (closed.p == NULL)
		return ERR_CORRUPT;
	if ((e = compose_open_bytes(a, "staged", filebook_place(number, 0, &place), closed, mem, &plain)) != OK)
		return e;
	cursor_init(&c, plain);
	(void)cursor_u8(&c);
	ret_said->att_id = next_text(&c, mem);
	ret_said->filename = next_text(&c, mem);
	ret_said->media_type = next_text(&c, mem);
	ret_said->category = next_text(&c, mem);
	ret_said->confidentiality = next_text(&c, mem);
	ret_said->retain_until = next_text(&c, mem);
	return cursor_end(&c) == OK && !arena_is_full(mem) ? OK : ERR_CORRUPT;
}

/* One part of it, as a record; `of` has its size, hash and parts. */
static struct record *
record_of(struct adapter *a, const struct thread *t, const struct upload_said *said, const struct whole *of, unsigned part, struct span bytes)
{
	struct record *r = record_new(a->mem, "record");
	struct file_part *f = record_new(a->mem, "file_part");
	struct span *data = arena_copy(a->mem, &bytes, sizeof(bytes));
	char hex[2 * sizeof(of->sha256.b) + 1];

	if (r == NULL || f == NULL || data == NULL)
		return NULL;
	bytes_hex(of->sha256.b, sizeof(of->sha256.b), hex);
	*f = (struct file_part){
		.referral_id = t->topic == TOPIC_REFERRAL ? t->referral_id : NULL,
		.conference_id = t->topic == TOPIC_CONFERENCE ? t->referral_id : NULL,
		.att_id = said->att_id, .filename = said->filename, .media_type = said->media_type, .category = said->category,
		.confidentiality = said->confidentiality, .retain_until = said->retain_until, .sha256 = arena_str(a->mem, hex),
		.size = record_int(a->mem, (int64_t)of->size), .part = record_int(a->mem, part), .parts = record_int(a->mem, of->parts),
		.data = data,
	};
	r->kind = "attachment";
	r->source = "http";
	r->native_id = said->att_id;
	r->attachment = f;
	return arena_is_full(a->mem) ? NULL : r;
}

/* -- a part becomes a message -- */

/* The first that is none yet. Not OK: nothing is written, unless it is fatal. */
static enum err
say_next(struct adapter *a, struct txn *txn, struct file *f, struct why *why)
{
	unsigned part = whole_missing(&f->whole);
	struct file_place place;
	struct record *record, *first = NULL;
	struct upload_said said;
	struct outbound o;
	struct span bytes;
	struct thread t;
	enum err e;

	if (!casebook_find(txn, &f->thread, &t))
		return ERR_CORRUPT;
	if ((e = upload_open_said(a, txn, f->number, a->mem, &said)) != OK ||
	    (e = compose_open_bytes(a, "staged", filebook_place(f->number, part, &place), filebook_staged(txn, f->number, part), a->mem,
				    &bytes)) != OK)
		return e;
	if ((record = record_of(a, &t, &said, &f->whole, part, bytes)) == NULL)
		return ERR_TOOBIG;
	if ((e = follow_say(a, txn, &t, record, &first, &o, why)) != OK || (e = whole_add(&f->whole, part, o.seq, why)) != OK)
		return e;
	f->changed_ms = core_now(a);
	if (whole_missing(&f->whole) == 0)
		f->state = FILE_SENT;
	filebook_unstage(txn, f->number, part);
	filebook_join(txn, f, o.seq);
	filebook_put(txn, a->mem, f);
	return txn_error(txn);
}

static void
tell_failed(struct adapter *a, const struct file *f, enum err e)
{
	core_tell(a, LOG_FILE_FAILED, "id=%llu from=%s code=%s parts=%u of=%u", (unsigned long long)f->number, a->p.config->agency,
		  err_code(e), whole_have(&f->whole), f->whole.parts);
}

/* The thread will not have the rest: what has gone cannot be called back, and its recipient finds out that parts are missing. */
static enum err
give_up(struct adapter *a, struct file *f, enum err code)
{
	struct txn *txn = store_write(a->p.store);

	f->state = FILE_FAILED;
	f->code = code;
	f->changed_ms = core_now(a);
	for (unsigned part = 1; part <= f->whole.parts; part++)
		filebook_unstage(txn, f->number, part);
	filebook_put(txn, a->mem, f);
	tell_failed(a, f, code);
	return txn_commit(txn);
}

/* *ret_more: there may be another of this file. */
static enum err
send_one(struct adapter *a, uint64_t number, bool *ret_more)
{
	struct txn *txn = store_write(a->p.store);
	struct why why = { .where = "" };
	struct file f;
	enum err e;

	arena_reset(a->mem);
	*ret_more = false;
	e = filebook_get(txn, number, &f) && f.state == FILE_SENDING ? say_next(a, txn, &f, &why) : ERR_BUSY;
	if (e == OK) {
		*ret_more = f.state == FILE_SENDING;
		return txn_commit(txn);
	}
	txn_abort(txn);
	if (err_is_fatal(e) || err_verdict(e) == VERDICT_RETRY)
		return err_is_fatal(e) ? e : OK;	/* its keys come with the next greeting */
	return give_up(a, &f, e);
}

enum err
upload_run(struct adapter *a, bool *ret_more)
{
	struct txn *txn = store_read(a->p.store);
	struct file f = { .number = 0 };
	uint64_t sending[UPLOAD_THREAD_MAX];
	uint64_t pending = outbox_count_pending(txn);
	bool is_more;
	size_t n = 0;
	enum err e = OK;

	*ret_more = false;
	while (n < UPLOAD_THREAD_MAX && filebook_next_open(txn, f.number, &f))
		if (f.state == FILE_SENDING)
			sending[n++] = f.number;
	txn_abort(txn);
	if (n == 0 || pending >= a->p.config->limits.outbox_messages || store_room(a->p.store) < a->p.config->limits.disk_low_bytes)
		return OK;
	/* one file after the other, so that each is whole soon */
	for (size_t i = 0, done = 0; i < n && e == OK && done < PARTS_AT_ONCE; i++)
		do {
			e = send_one(a, sending[i], &is_more);
			*ret_more |= is_more && e == OK;
		} while (e == OK && is_more && ++done < PARTS_AT_ONCE);
	return e;
}

void
upload_sweep(struct adapter *a)
{
	struct txn *txn = store_write(a->p.store);
	struct file f = { .number = 0 };
	bool is_found = false;

	while (filebook_next_open(txn, f.number, &f))
		if (f.state == FILE_COMING) {
			filebook_forget(txn, &f);
			is_found = true;
		}
	if (!is_found || txn_error(txn) != OK)
		txn_abort(txn);
	else if (txn_commit(txn) != OK)
		return;		/* whoever writes next finds the same */
}

/* -- coming in -- */

/* For a new file of `length` bytes: not too many, and room on the disk for its parts, closed, sealed and kept. */
static enum err
room_for(struct adapter *a, struct txn *txn, const struct thread_id *thread, uint64_t length, struct why *why)
{
	const struct adapter_config *config = a->p.config;
	unsigned coming = 0, of_thread = 0;
	struct file f = { .number = 0 };
	uint64_t waiting = length;

	while (filebook_next_open(txn, f.number, &f)) {
		if (!f.is_ours)
			continue;
		coming += f.state == FILE_COMING;
		of_thread += memcmp(f.thread.b, thread->b, THREAD_LEN) == 0;
		waiting += f.whole.size;
	}
	if (coming >= UPLOADS_MAX)
		return why_set(why, ERR_OVERLOAD, NULL, "%d files are coming in already", UPLOADS_MAX);
	if (of_thread >= UPLOAD_THREAD_MAX)
		return why_set(why, ERR_OVERLOAD, NULL, "%d files of this thread wait to be sent", UPLOAD_THREAD_MAX);
	if (waiting > UPLOAD_WAITING_MAX)
		return why_set(why, ERR_OVERLOAD, NULL, "files of %llu bytes wait to be sent", (unsigned long long)(waiting - length));
	if (outbox_count_pending(txn) >= config->limits.outbox_messages)
		return why_set(why, ERR_OVERLOAD, NULL, "too many messages wait for the hub");
	if (store_room(a->p.store) < config->limits.disk_low_bytes + 4 * length)
		return why_set(why, ERR_FULL, NULL, "the disk is nearly full");
	return OK;
}

static enum err
check_code(const char *list, const char *value, struct why *why)
{
	return value == NULL || record_is_code(list, value) ? OK :
	    why_set(why, ERR_UNKNOWN_CODE, list, "not a code of its list");
}

/* The query and the head, into the upload's own memory. */
static enum err
read_said(struct upload *u, const struct native *request, struct why *why)
{
	struct upload_said *said = &u->said;
	uint8_t random[10];
	struct msgid id;
	char text[MSGID_TEXT_LEN];
	enum err e;

	core_random(u->a, random, sizeof(random));
	msgid_make(core_now(u->a), random, &id);
	msgid_format(&id, text);
	said->att_id = arena_str(u->mem, text);
	said->filename = views_query(request->path, "filename", u->mem);
	said->category = views_query(request->path, "category", u->mem);
	said->confidentiality = views_query(request->path, "confidentiality", u->mem);
	said->retain_until = views_query(request->path, "retain_until", u->mem);
	said->media_type = arena_str(u->mem, request->media_type);
	u->digest = request->head ? arena_str(u->mem, request->head->digest) : NULL;
	if (arena_is_full(u->mem))
		return ERR_TOOBIG;
	if (said->category == NULL)
		said->category = "other";
	if (said->media_type == NULL || !record_is_code("media_type", said->media_type))
		return why_set(why, ERR_MEDIA_TYPE, "Content-Type", "files of this type are not taken");
	if (said->filename == NULL)
		return why_set(why, ERR_REQUIRED, "filename", "the file's name, in the query");
	if (!whole_is_name(said->filename))
		return why_set(why, ERR_FORMAT, "filename", "a name of at most %d bytes of UTF-8, and no path", WHOLE_NAME_MAX);
	if ((e = check_code("attachment_category", said->category, why)) != OK)
		return e;
	return check_code("confidentiality", said->confidentiality, why);
}

static void
free_upload(struct upload *u)
{
	arena_free(u->mem);
	explicit_bzero(u, sizeof(*u));
	free(u);
}

/* Its thread, and its row. */
static enum err
open_file(struct upload *u, const char *id, const char *key, uint64_t length, struct why *why)
{
	struct adapter *a = u->a;
	struct txn *txn = store_write(a->p.store);
	struct thread t;
	enum err e = OK;

	if (id == NULL || !register_find_thread(txn, id, &t))
		e = rebuild_unknown(txn, why_set(why, ERR_UNKNOWN_REFERRAL, "id", "no referral or conference here has this number"), why);
	else if (t.topic != TOPIC_REFERRAL && t.topic != TOPIC_CONFERENCE)
		e = why_set(why, ERR_UNSUPPORTED, "id", "files go with a referral or a conference");
	else
		e = room_for(a, txn, &t.id, length ? length : WHOLE_BYTES_MAX, why);
	if (e != OK)
		goto abort;
	u->file = (struct file){ .state = FILE_COMING, .is_ours = true, .thread = t.id, .began_ms = core_now(a) };
	u->file.changed_ms = u->file.began_ms;
	u->file.whole.size = length ? length : WHOLE_BYTES_MAX;
	if (key)
		hash_sha256(span_str(key), &u->file.name);
	filebook_add(txn, a->mem, &u->file);
	return txn_commit(txn);
abort:
	txn_abort(txn);
	return e;
}

enum err
adapter_upload_begin(struct adapter *a, const struct native *request, const char *key, uint64_t length, struct upload **ret_upload,
		     struct why *why)
{
	const struct route *route = NULL;
	const char *id = NULL;
	struct upload *u;
	enum err e;

	*ret_upload = NULL;
	arena_reset(a->mem);
	if (views_route(a->p.sector, request, a->mem, &route, &id) != OK || route->act != ROUTE_FILE_IN)
		return OK;
	if (length > WHOLE_BYTES_MAX)
		return why_set(why, ERR_TOOBIG, "body", "a file has at most %zu bytes", (size_t)WHOLE_BYTES_MAX);
	if ((u = calloc(1, sizeof(*u))) == NULL || (u->mem = arena_new(SAID_ARENA)) == NULL) {
		free(u);
		return ERR_OVERLOAD;
	}
	u->a = a;
	hash_begin(&u->run);
	if ((e = read_said(u, request, why)) != OK || (e = open_file(u, id, key, length, why)) != OK) {
		free_upload(u);
		return e;
	}
	*ret_upload = u;
	return OK;
}

/* The part that is full, or the last one. */
static enum err
stage(struct upload *u, struct why *why)
{
	struct adapter *a = u->a;
	struct file_place place;
	struct span closed;
	struct txn *txn;
	enum err e;

	if (u->n_parts == 0 && !whole_is_type(u->said.media_type, SPAN(u->part, u->n)))
		return why_set(why, ERR_MEDIA_TYPE, "body", "the bytes are not of the type that Content-Type says");
	arena_reset(a->mem);
	e = compose_close(a, "staged", filebook_place(u->file.number, u->n_parts + 1, &place), SPAN(u->part, u->n), &closed);
	if (e != OK)
		return e;
	txn = store_write(a->p.store);
	filebook_stage(txn, u->file.number, ++u->n_parts, closed);
	explicit_bzero(u->part, u->n);
	u->n = 0;
	return txn_commit(txn);
}

enum err
adapter_upload_more(struct upload *u, struct span bytes, struct why *why)
{
	enum err e = OK;

	if (bytes.n > WHOLE_BYTES_MAX - u->n_parts * WHOLE_PART_BYTES - u->n)
		return why_set(why, ERR_TOOBIG, "body", "a file has at most %zu bytes", (size_t)WHOLE_BYTES_MAX);
	hash_more(&u->run, bytes);
	while (bytes.n > 0 && e == OK) {
		size_t room = WHOLE_PART_BYTES - u->n, n = bytes.n < room ? bytes.n : room;

		memcpy(u->part + u->n, bytes.p, n);
		u->n += n;
		bytes = SPAN(bytes.p + n, bytes.n - n);
		if (u->n == WHOLE_PART_BYTES)
			e = stage(u, why);
	}
	return e;
}

/* The same under this key: was it this one? */
static enum err
find_repeat(struct upload *u, struct txn *txn, struct file *ret_had, bool *ret_is_had, struct why *why)
{
	static const struct thread_id none = { .b = { 0 } };

	*ret_is_had = false;
	if (bytes_is_zero(u->file.name.b, sizeof(u->file.name.b)) || !filebook_named(txn, true, &none, &u->file.name, ret_had))
		return OK;
	if (!hash_eq(&ret_had->said, &u->file.said) || memcmp(ret_had->thread.b, u->file.thread.b, THREAD_LEN) != 0)
		return why_set(why, ERR_DUPLICATE, "Idempotency-Key", "the same key was used before for another file");
	*ret_is_had = true;
	return OK;
}

/* All of it is staged: it is sent from here on, or nothing of it. */
static enum err
commit(struct upload *u, struct file *ret_file, struct why *why)
{
	struct adapter *a = u->a;
	struct txn *txn = store_write(a->p.store);
	struct file had;
	bool is_had;
	enum err e;

	if ((e = find_repeat(u, txn, &had, &is_had, why)) != OK)
		goto abort;
	if (is_had) {
		filebook_forget(txn, &u->file);
		*ret_file = had;
		return txn_commit(txn);
	}
	u->file.state = FILE_SENDING;
	if (!bytes_is_zero(u->file.name.b, sizeof(u->file.name.b)))
		filebook_name(txn, &u->file);
	if ((e = close_said(a, txn, u->file.number, &u->said)) != OK || (e = say_next(a, txn, &u->file, why)) != OK)
		goto abort;
	*ret_file = u->file;
	if ((e = txn_commit(txn)) == OK)
		core_tell(a, LOG_FILE_TAKEN, "id=%s parts=%u bytes=%llu", u->said.att_id, u->file.whole.parts,
			  (unsigned long long)u->file.whole.size);
	return e;
abort:
	txn_abort(txn);
	return e;
}

/* Its size and hash are known now. */
static enum err
measure(struct upload *u, struct why *why)
{
	struct whole *w = &u->file.whole;
	struct file_part like = {
		.filename = u->said.filename, .media_type = u->said.media_type, .category = u->said.category,
		.confidentiality = u->said.confidentiality, .retain_until = u->said.retain_until,
	};
	char hex[2 * sizeof(w->sha256.b) + 1];
	enum err e;

	w->size = u->n_parts * WHOLE_PART_BYTES + u->n;
	if (w->size == 0)
		return why_set(why, ERR_REQUIRED, "body", "the file is empty");
	hash_end(&u->run, &w->sha256);
	if (!whole_is_digest(u->digest, &w->sha256))
		return why_set(why, ERR_FILE_DIFFERS, "Content-Digest", "these bytes have another SHA-256");
	if (u->n > 0 && (e = stage(u, why)) != OK)
		return e;
	w->parts = whole_parts(w->size);
	bytes_hex(w->sha256.b, sizeof(w->sha256.b), hex);
	like.sha256 = hex;
	like.size = record_int(u->a->mem, (int64_t)w->size);
	like.parts = record_int(u->a->mem, w->parts);
	return like.size && like.parts ? whole_said(&like, u->a->mem, &u->file.said) : ERR_TOOBIG;
}

enum err
adapter_upload_end(struct upload *u, struct arena *mem, struct native *ret_answer, struct why *why)
{
	struct adapter *a = u->a;
	struct file file;
	enum err e, broken;

	arena_reset(a->mem);
	if ((e = measure(u, why)) != OK || (e = commit(u, &file, why)) != OK) {
		if (err_is_fatal(e)) {
			free_upload(u);
			return e;
		}
		broken = adapter_upload_drop(u);
		return err_is_fatal(broken) ? broken : e;
	}
	free_upload(u);
	if ((e = file_view_taken(a, &file, mem, ret_answer)) != OK)
		return e;
	e = session_submit(a);	/* it is in the outbox: what hinders its sending is no news for the caller */
	return err_is_fatal(e) ? e : OK;
}

enum err
adapter_upload_drop(struct upload *u)
{
	struct txn *txn;
	enum err e;

	if (u == NULL)
		return OK;
	txn = store_write(u->a->p.store);
	filebook_forget(txn, &u->file);
	e = txn_commit(txn);
	free_upload(u);
	return err_is_fatal(e) ? e : OK;
}

/* -- how far it came -- */

/* Has it come so far at `from`, or at the hub? */
static bool
has_reached(struct outbound *o, const char *from, enum stage stage)
{
	const struct outbound_to *to = outbox_to(o, from);

	if (to == NULL)
		return stage == STAGE_STORED ? o->stored_ms != 0 : o->stage == stage;
	if (stage == STAGE_DELIVERED)
		return to->delivered_ms != 0;
	if (stage == STAGE_REGISTERED)
		return to->registered_ms != 0;
	return stage == STAGE_SEEN ? to->seen_ms != 0 : to->stage == stage;
}

bool
upload_is_news(struct adapter *a, struct txn *txn, const struct outbound *o, const char *from, enum stage stage, struct outbound *ret_about)
{
	bool is_end = stage == STAGE_REFUSED || stage == STAGE_WITHDRAWN;
	unsigned reached = 0;
	struct outbound part;
	struct file f;

	(void)a;
	*ret_about = *o;
	if (!filebook_of(txn, true, o->seq, &f))
		return true;
	for (unsigned i = 0; i < f.whole.parts; i++)
		if (f.whole.at[i] != 0 && outbox_get(txn, f.whole.at[i], &part)) {
			reached += has_reached(&part, from, stage);
			if (i == 0)
				*ret_about = part;
		}
	/* a file has failed with its first part that has, and is somewhere with its last */
	return is_end ? reached == 1 : reached == f.whole.parts;
}
