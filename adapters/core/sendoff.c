/* SPDX-License-Identifier: EUPL-1.2 */
/* sendoff - the parts lie closed in the store; one of them is open at a time. */
#include "adapters/core/sendoff.h"

#include "adapters/core/compose.h"
#include "adapters/core/follow.h"
#include "adapters/core/progress.h"
#include "adapters/core/storage.h"

#define PARTS_AT_ONCE 4		/* that become messages in one tick */
#define FILES_AT_ONCE 8		/* that are looked at in one tick */
#define SAID_VERSION 2		/* 1 had no source: it came by HTTP */

/* -- what is said of it -- */

enum err
sendoff_close_said(struct adapter *a, struct txn *txn, uint64_t number, const struct sendoff_said *said)
{
	const char *const texts[] = { said->att_id, said->filename, said->media_type, said->category, said->confidentiality,
				      said->retain_until, said->source };
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
sendoff_open_said(struct adapter *a, struct txn *txn, uint64_t number, struct arena *mem, struct sendoff_said *ret_said)
{
	struct span plain, closed = filebook_staged(txn, number, 0);
	struct file_place place;
	struct cursor c;
	uint8_t version;
	enum err e;

	if (closed.p == NULL)
		return ERR_CORRUPT;
	if ((e = compose_open_bytes(a, "staged", filebook_place(number, 0, &place), closed, mem, &plain)) != OK)
		return e;
	cursor_init(&c, plain);
	version = cursor_u8(&c);
	ret_said->att_id = next_text(&c, mem);
	ret_said->filename = next_text(&c, mem);
	ret_said->media_type = next_text(&c, mem);
	ret_said->category = next_text(&c, mem);
	ret_said->confidentiality = next_text(&c, mem);
	ret_said->retain_until = next_text(&c, mem);
	ret_said->source = version >= 2 ? next_text(&c, mem) : "http";
	return cursor_end(&c) == OK && !arena_is_full(mem) ? OK : ERR_CORRUPT;
}

/* One part of it, as a record; `of` has its size, hash and parts. */
static struct record *
record_of(struct adapter *a, const struct thread *t, const struct sendoff_said *said, const struct whole *of, unsigned part, struct span bytes)
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
	r->source = said->source;
	r->native_id = said->att_id;
	r->attachment = f;
	return arena_is_full(a->mem) ? NULL : r;
}

/* -- a part becomes a message -- */

/* The first that is none yet. Not OK: nothing is written, unless it is fatal. */
enum err
sendoff_next(struct adapter *a, struct txn *txn, struct file *f, struct why *why)
{
	unsigned part = whole_missing(&f->whole);
	struct file_place place;
	struct record *record, *first = NULL;
	struct sendoff_said said;
	struct outbound o;
	struct span bytes;
	struct thread t;
	enum err e;

	if (!casebook_find(txn, &f->thread, &t))
		return ERR_CORRUPT;
	if ((e = sendoff_open_said(a, txn, f->number, a->mem, &said)) != OK ||
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

/* Our system knows that a part was refused, and the file with it; else it is told of the first part. */
static enum err
tell_system(struct adapter *a, struct txn *txn, const struct file *f, enum err code)
{
	struct outbound part, first = { .seq = 0 };

	for (unsigned i = 0; i < f->whole.parts; i++) {
		if (f->whole.at[i] == 0 || !outbox_get(txn, f->whole.at[i], &part))
			continue;
		if (part.refused != OK)
			return OK;
		if (first.seq == 0)
			first = part;
	}
	return first.seq != 0 ? progress_tell(a, txn, &first, a->p.config->agency, STAGE_REFUSED, code) : OK;
}

/* The thread will not have the rest: what has gone cannot be called back, and its recipient finds out that parts are missing. */
static enum err
give_up(struct adapter *a, struct file *f, enum err code)
{
	struct txn *txn = store_write(a->p.store);
	enum err e;

	f->state = FILE_FAILED;
	f->code = code;
	f->changed_ms = core_now(a);
	for (unsigned part = 1; part <= f->whole.parts; part++)
		filebook_unstage(txn, f->number, part);
	filebook_put(txn, a->mem, f);
	if ((e = tell_system(a, txn, f, code)) != OK) {
		txn_abort(txn);
		return e;
	}
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
	e = filebook_get(txn, number, &f) && f.state == FILE_SENDING ? sendoff_next(a, txn, &f, &why) : ERR_BUSY;
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
sendoff_run(struct adapter *a, bool *ret_more)
{
	struct txn *txn = store_read(a->p.store);
	struct file f = { .number = 0 };
	uint64_t sending[FILES_AT_ONCE];
	uint64_t pending = outbox_count_pending(txn);
	bool is_more;
	size_t n = 0;
	enum err e = OK;

	*ret_more = false;
	while (n < FILES_AT_ONCE && filebook_next_open(txn, f.number, &f))
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
sendoff_is_news(struct adapter *a, struct txn *txn, const struct outbound *o, const char *from, enum stage stage, struct outbound *ret_about)
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
