/* SPDX-License-Identifier: EUPL-1.2 */
/* upload - the body goes through one buffer of a part's size; each part is closed and committed when it is full. */
#include "adapters/core/upload.h"

#include <stdio.h>
#include <stdlib.h>

#include "adapters/core/compose.h"
#include "adapters/core/file_view.h"
#include "adapters/core/flights.h"
#include "adapters/core/intake.h"
#include "adapters/core/rebuild.h"
#include "adapters/core/register.h"
#include "adapters/core/scope.h"
#include "adapters/core/storage.h"
#include "adapters/core/views.h"

#define SAID_ARENA ((size_t)32 * 1024)

static const struct thread_id no_thread = { .b = { 0 } };	/* a key of ours names a file in whichever thread */

struct upload {
	struct adapter *a;
	struct arena *mem;		/* of what is said, for as long as it comes in */
	struct file file;		/* COMING, durable */
	struct upload_offer offer;	/* its texts in `mem` */
	struct hash_run run;
	unsigned n_parts;		/* staged */
	size_t n;			/* of the part that is filling */
	uint8_t part[WHOLE_PART_BYTES];
};

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

/* What is offered, into the upload's own memory. */
static enum err
keep_offer(struct upload *u, const struct upload_offer *from, struct why *why)
{
	const char **said[] = { &u->offer.said.att_id, &u->offer.said.filename, &u->offer.said.media_type, &u->offer.said.category,
				&u->offer.said.confidentiality, &u->offer.said.retain_until, &u->offer.said.source, &u->offer.digest,
				&u->offer.key };
	char text[MSGID_TEXT_LEN];
	uint8_t random[10];
	struct msgid id;

	u->offer = *from;
	if (from->said.att_id == NULL) {
		core_random(u->a, random, sizeof(random));
		msgid_make(core_now(u->a), random, &id);
		msgid_format(&id, text);
		u->offer.said.att_id = text;
	}
	if (from->said.category == NULL)
		u->offer.said.category = "other";
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		*said[i] = *said[i] ? arena_str(u->mem, *said[i]) : NULL;
	u->offer.native = arena_span(u->mem, from->native);
	u->offer.number = NULL;		/* its thread, from here on */
	return arena_is_full(u->mem) ? why_set(why, ERR_TOOBIG, NULL, "too much is said of it") : OK;
}

static enum err
check_said(const struct sendoff_said *said, struct why *why)
{
	enum err e;

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
open_file(struct upload *u, const char *id, struct why *why)
{
	struct adapter *a = u->a;
	struct txn *txn = store_write(a->p.store);
	uint64_t length = u->offer.length ? u->offer.length : WHOLE_BYTES_MAX;
	struct file had;
	struct thread t;
	enum err e = OK;

	if (id != NULL && casebook_is_of_two(txn, id))
		e = why_set(why, ERR_TWO_REFERRALS, "id", "one of ours, and one of another agency");
	else if (id == NULL || !register_find_thread(txn, id, &t))
		e = rebuild_unknown(txn, why_set(why, ERR_UNKNOWN_REFERRAL, "id", "no referral or conference here has this number"), why);
	else if (t.topic != TOPIC_REFERRAL && t.topic != TOPIC_CONFERENCE)
		e = why_set(why, ERR_UNSUPPORTED, "id", "files go with a referral or a conference");
	else
		e = room_for(a, txn, &t.id, length, why);
	if (e != OK)
		goto abort;
	u->file = (struct file){ .state = FILE_COMING, .is_ours = true, .thread = t.id, .began_ms = core_now(a) };
	u->file.changed_ms = u->file.began_ms;
	u->file.whole.size = length;
	if (u->offer.key && !u->offer.is_key_of_bytes)
		hash_sha256(span_str(u->offer.key), &u->file.name);
	/* before its bytes have come, and again when they are here; after that its parts go, whatever the family says next */
	if (!u->offer.is_key_of_bytes && !filebook_named(txn, true, &no_thread, &u->file.name, &had) &&
	    (e = scope_file(a, txn, &t, u->offer.said.category, "category", why)) != OK)
		goto abort;
	filebook_add(txn, a->mem, &u->file);
	return txn_commit(txn);
abort:
	txn_abort(txn);
	return e;
}

enum err
upload_begin(struct adapter *a, const struct upload_offer *offer, struct upload **ret_upload, struct why *why)
{
	struct upload *u;
	enum err e;

	*ret_upload = NULL;
	if (offer->length > WHOLE_BYTES_MAX)
		return why_set(why, ERR_TOOBIG, "body", "a file has at most %zu bytes", (size_t)WHOLE_BYTES_MAX);
	if ((u = calloc(1, sizeof(*u))) == NULL || (u->mem = arena_new(SAID_ARENA)) == NULL) {
		free(u);
		return ERR_OVERLOAD;
	}
	u->a = a;
	hash_begin(&u->run);
	if ((e = keep_offer(u, offer, why)) != OK || (e = check_said(&u->offer.said, why)) != OK ||
	    (e = open_file(u, offer->number, why)) != OK) {
		free_upload(u);
		return e;
	}
	*ret_upload = u;
	return OK;
}

enum err
adapter_upload_begin(struct adapter *a, const struct native *request, const char *key, uint64_t length, struct upload **ret_upload,
		     struct why *why)
{
	const struct route *route = NULL;
	struct upload_offer offer = { .length = length, .key = key };
	enum err e;

	*ret_upload = NULL;
	arena_reset(a->mem);
	if (views_route(a->p.sector, request, a->mem, &route, &offer.number) != OK || route->act != ROUTE_FILE_IN)
		return OK;
	offer.said.filename = views_query(request->path, "filename", a->mem);
	offer.said.category = views_query(request->path, "category", a->mem);
	offer.said.confidentiality = views_query(request->path, "confidentiality", a->mem);
	offer.said.retain_until = views_query(request->path, "retain_until", a->mem);
	offer.said.media_type = request->media_type;
	offer.said.source = "http";
	offer.digest = request->head ? request->head->digest : NULL;
	e = arena_is_full(a->mem) ? ERR_TOOBIG : upload_begin(a, &offer, ret_upload, why);
	return e;
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

	if (u->n_parts == 0 && !whole_is_type(u->offer.said.media_type, SPAN(u->part, u->n)))
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
	*ret_is_had = false;
	if (bytes_is_zero(u->file.name.b, sizeof(u->file.name.b)) || !filebook_named(txn, true, &no_thread, &u->file.name, ret_had))
		return OK;
	if (!hash_eq(&ret_had->said, &u->file.said) || memcmp(ret_had->thread.b, u->file.thread.b, THREAD_LEN) != 0)
		return why_set(why, ERR_DUPLICATE, "Idempotency-Key", "the same key was used before for another file");
	*ret_is_had = true;
	return OK;
}

/* What our system said of it in its own words is known from now on, with the first message's id. */
static enum err
note_native(struct upload *u, struct txn *txn, const struct file *f)
{
	struct outbound first;

	if (u->offer.native.n == 0)
		return OK;
	if (!outbox_get(txn, f->whole.at[0], &first))
		return ERR_CORRUPT;
	intake_note(u->a, txn, u->offer.native, &u->offer.native_said, &first);
	return OK;
}

/* All of it is staged: it is sent from here on, or nothing of it. */
static enum err
commit(struct upload *u, struct file *ret_file, bool *ret_is_had, struct why *why)
{
	struct adapter *a = u->a;
	struct txn *txn = store_write(a->p.store);
	struct thread t;
	enum err e;

	if ((e = find_repeat(u, txn, ret_file, ret_is_had, why)) != OK)
		goto abort;
	if (*ret_is_had) {
		filebook_forget(txn, &u->file);
		if ((e = note_native(u, txn, ret_file)) != OK)
			goto abort;
		return txn_commit(txn);
	}
	if ((e = casebook_find(txn, &u->file.thread, &t) ? scope_file(a, txn, &t, u->offer.said.category, "category", why) : ERR_CORRUPT) != OK)
		goto abort;
	u->file.state = FILE_SENDING;
	if (!bytes_is_zero(u->file.name.b, sizeof(u->file.name.b)))
		filebook_name(txn, &u->file);
	if ((e = sendoff_close_said(a, txn, u->file.number, &u->offer.said)) != OK || (e = sendoff_next(a, txn, &u->file, why)) != OK ||
	    (e = note_native(u, txn, &u->file)) != OK)
		goto abort;
	*ret_file = u->file;
	if ((e = txn_commit(txn)) == OK)
		core_tell(a, LOG_FILE_TAKEN, "id=%s parts=%u bytes=%llu", u->offer.said.att_id, u->file.whole.parts,
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
		.filename = u->offer.said.filename, .media_type = u->offer.said.media_type, .category = u->offer.said.category,
		.confidentiality = u->offer.said.confidentiality, .retain_until = u->offer.said.retain_until,
	};
	char hex[2 * sizeof(w->sha256.b) + 1];
	enum err e;

	w->size = u->n_parts * WHOLE_PART_BYTES + u->n;
	if (w->size == 0)
		return why_set(why, ERR_REQUIRED, "body", "the file is empty");
	hash_end(&u->run, &w->sha256);
	if (!whole_is_digest(u->offer.digest, &w->sha256))
		return why_set(why, ERR_FILE_DIFFERS, "Content-Digest", "these bytes have another SHA-256");
	if (u->n > 0 && (e = stage(u, why)) != OK)
		return e;
	w->parts = whole_parts(w->size);
	bytes_hex(w->sha256.b, sizeof(w->sha256.b), hex);
	if (u->offer.is_key_of_bytes && u->offer.key)
		hash_sha256(span_str(arena_fmt(u->mem, "%s|%s", u->offer.key, hex)), &u->file.name);
	like.sha256 = hex;
	like.size = record_int(u->a->mem, (int64_t)w->size);
	like.parts = record_int(u->a->mem, w->parts);
	return like.size && like.parts && !arena_is_full(u->mem) ? whole_said(&like, u->a->mem, &u->file.said) : ERR_TOOBIG;
}

enum err
upload_end(struct upload *u, struct file *ret_file, bool *ret_is_had, struct why *why)
{
	enum err e;

	arena_reset(u->a->mem);
	*ret_is_had = false;
	if ((e = measure(u, why)) == OK && (e = commit(u, ret_file, ret_is_had, why)) == OK)
		free_upload(u);
	return e;
}

enum err
adapter_upload_end(struct upload *u, struct arena *mem, struct native *ret_answer, struct why *why)
{
	struct adapter *a = u->a;
	struct file file;
	bool is_had;
	enum err e, broken;

	if ((e = upload_end(u, &file, &is_had, why)) != OK) {
		if (err_is_fatal(e)) {
			free_upload(u);
			return e;
		}
		broken = adapter_upload_drop(u);
		return err_is_fatal(broken) ? broken : e;
	}
	if ((e = file_view_taken(a, &file, mem, ret_answer)) != OK)
		return e;
	e = flights_submit(a);	/* it is in the outbox: what hinders its sending is no news for the caller */
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
