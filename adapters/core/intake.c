/* SPDX-License-Identifier: EUPL-1.2 */
/* intake - one thing that the agency's system said: had before, or begun (begin.c) or said in a thread (follow.c), or a confirmation.
 *
 * The same native id with the same content is the same message and gets the stored ids; with another content it is refused.
 * All checks come before the first write of an item, so that a refused item leaves nothing behind.
 */
#include "adapters/core/intake.h"

#include "adapters/core/begin.h"
#include "adapters/core/casework.h"
#include "adapters/core/compose.h"
#include "adapters/core/follow.h"
#include "adapters/core/preview.h"
#include "adapters/core/register.h"
#include "adapters/core/scope.h"
#include "adapters/core/storage.h"
#include "proto/base/bug.h"
#include "proto/base/visible.h"
#include "proto/kind.h"

#define NATIVE_VERSION 1
#define NATIVE_KEY_MAX 500

/* -- the same input twice -- */

static void
digest_message(struct buf *b, const struct record_type *type, const void *msg)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		const void *p = (const char *)msg + f->offset;
		const void *one;
		size_t n = 0;

		if (!record_has(msg, f))
			continue;
		memcpy(&one, p, sizeof(one));
		buf_u32(b, f->tag);
		switch (f->kind) {
		case FIELD_TEXT:
		case FIELD_CODE:
		case FIELD_DATE:
			buf_var(b, span_str(one));
			break;
		case FIELD_TIME:
		case FIELD_INT:
			buf_add(b, one, sizeof(int64_t));
			break;
		case FIELD_BOOL:
			buf_add(b, one, sizeof(bool));
			break;
		case FIELD_ID:
			buf_add(b, one, f->limit);
			break;
		case FIELD_BYTES:
			buf_var(b, *(const struct span *)one);
			break;
		case FIELD_MSG:
			digest_message(b, f->of, one);
			break;
		case FIELD_TEXTS:
		case FIELD_CODES:
		case FIELD_MSGS:
			memcpy(&n, (const char *)p + sizeof(void *), sizeof(n));
			buf_u32(b, (uint32_t)n);
			for (size_t k = 0; k < n; k++) {
				const void *item = ((const void *const *)one)[k];

				if (f->kind == FIELD_MSGS)
					digest_message(b, f->of, item);
				else
					buf_var(b, span_str(item));
			}
			break;
		}
		buf_u32(b, 0);
	}
}

static enum err
digest_of(const struct intake_item *item, struct arena *mem, struct hash *ret_digest)
{
	struct buf b;

	buf_init(&b, mem);
	digest_message(&b, record_type(), item->record);
	buf_var(&b, span_str(item->target ? item->target : ""));
	if (b.e != OK)
		return b.e;
	merkle_leaf(buf_bytes(&b), ret_digest);
	return OK;
}

static struct span
native_key(char *text, struct arena *mem)
{
	/* longer ids are told apart by their hash */
	if (text && strlen(text) > NATIVE_KEY_MAX) {
		struct hash h;
		char hex[2 * sizeof(h.b) + 1];

		merkle_leaf(span_str(text), &h);
		bytes_hex(h.b, sizeof(h.b), hex);
		text = arena_fmt(mem, "h%s", hex);
	}
	return span_str(text);
}

static void
name_ids(struct intake_item *item, const struct msgid *id, const struct thread_id *thread, struct arena *mem)
{
	char text[MSGID_TEXT_LEN], hex[2 * THREAD_LEN + 1];

	msgid_format(id, text);
	bytes_hex(thread->b, THREAD_LEN, hex);
	item->msg_id = arena_str(mem, text);
	item->thread = arena_str(mem, hex);
}

static enum err
referral_of(struct adapter *a, struct txn *txn, const struct thread_id *thread, const struct record **ret_record)
{
	struct record *record;
	enum err e = compose_referral(a, txn, thread, &record);

	if (e == OK)
		*ret_record = record;
	return e;
}

void
intake_warn(struct adapter *a, struct intake_item *item, const char *const text[], const char *detail)
{
	const enum lang langs[] = { a->p.config->language, LANG_EN };
	const char **warnings[] = { &item->warning, &item->warning_en };

	for (size_t i = 0; i < 2; i++) {
		const char *one = detail ? arena_fmt(a->mem, "%s %s.", text[langs[i]], detail) : text[langs[i]];

		*warnings[i] = *warnings[i] ? arena_fmt(a->mem, "%s %s", *warnings[i], one) : one;
	}
}

/* Where a repeat's first has ended without arriving, whoever says it again must hear that nothing goes. */
static void
tell_repeat(struct adapter *a, struct txn *txn, const struct msgid *id, struct intake_item *item)
{
	static const char *const REFUSED[] = {
		[LANG_EN] = "It was said before and was refused. Nothing goes now. Unless operators have sent it again, say it under a new number. Why:",
		[LANG_BG] = "Казано е преди и е отказано. Сега не тръгва нищо. Ако операторите не са го изпратили пак, кажете го под нов номер. Защо:",
	};
	static const char *const WITHDRAWN[] = {
		[LANG_EN] = "It was said before and was taken back. Nothing goes now. To say it again give it a new number.",
		[LANG_BG] = "Казано е преди и е оттеглено. Сега не тръгва нищо. За да се каже пак, дайте му нов номер.",
	};
	struct outbound o;

	item->is_repeat = true;
	if (!outbox_find(txn, id, &o))
		return;
	item->stage = envelope_stage_name(o.stage);
	if (o.stage == STAGE_REFUSED)
		intake_warn(a, item, REFUSED, err_code(o.refused));
	else if (o.stage == STAGE_WITHDRAWN)
		intake_warn(a, item, WITHDRAWN, NULL);
}

/* True if it was taken before: the item then has its stored ids, or its refusal, which is about `where`. */
static bool
is_repeat(struct adapter *a, struct txn *txn, struct span key, const struct hash *digest, const char *where,
	  struct intake_item *item)
{
	struct span row = txn_get(txn, TABLE_NATIVE, key);
	struct thread_id thread;
	struct hash stored;
	struct cursor c;
	struct msgid id;

	if (row.p == NULL)
		return false;
	cursor_init(&c, row);
	(void)cursor_u8(&c);
	cursor_copy(&c, stored.b, sizeof(stored.b));
	cursor_copy(&c, id.b, MSGID_LEN);
	cursor_copy(&c, thread.b, THREAD_LEN);
	if (cursor_end(&c) != OK || !hash_eq(&stored, digest)) {
		item->e = why_set(&item->why, ERR_DUPLICATE, where, "the same id was used before for another content");
		return true;
	}
	name_ids(item, &id, &thread, a->mem);
	tell_repeat(a, txn, &id, item);
	item->e = referral_of(a, txn, &thread, &item->referral);
	return true;
}

void
intake_note(struct adapter *a, struct txn *txn, struct span key, const struct hash *digest, const struct outbound *o)
{
	struct buf b;

	buf_init(&b, a->mem);
	buf_u8(&b, NATIVE_VERSION);
	buf_add(&b, digest->b, sizeof(digest->b));
	buf_add(&b, o->first.b, MSGID_LEN);
	buf_add(&b, o->thread.b, THREAD_LEN);
	txn_put(txn, TABLE_NATIVE, key, buf_bytes(&b));
}

enum err
intake_native(struct adapter *a, const struct intake_item *item, struct span *ret_key, struct hash *ret_digest)
{
	enum err e = digest_of(item, a->mem, ret_digest);

	*ret_key = native_key(arena_fmt(a->mem, "n%s", item->native_id), a->mem);
	return e == OK && ret_key->p == NULL ? ERR_TOOBIG : e;
}

bool
intake_is_known(struct adapter *a, struct txn *txn, const struct intake_item *item)
{
	struct span key = native_key(arena_fmt(a->mem, "n%s", item->native_id), a->mem);

	return key.p != NULL && txn_get(txn, TABLE_NATIVE, key).p != NULL;
}

bool
intake_had(struct adapter *a, struct txn *txn, struct span key, const struct hash *digest, struct intake_item *item)
{
	return is_repeat(a, txn, key, digest, "attachment.native_id", item);
}

static enum err
send_follower(struct adapter *a, struct txn *txn, struct intake_item *item, struct outbound *ret_o)
{
	struct record *first = NULL;
	struct thread t;
	enum err e = follow_find(txn, item->record, &t, &item->why);

	if (e == OK)
		e = follow_say(a, txn, &t, item->record, &first, ret_o, &item->why);
	if (e == ERR_DUPLICATE && item->record->attachment) {	/* under another number of its sender's, but the same file: it is that message */
		item->why = (struct why){ .where = "" };
		tell_repeat(a, txn, &ret_o->first, item);
		return referral_of(a, txn, &t.id, &item->referral);
	}
	/* it is written: what follows elsewhere must be as well */
	if (e == OK && casework_said(a, txn, &t, item->record) != OK)
		e = ERR_NOMEM;
	item->referral = first;
	return e;
}

/* -- does it make sense -- */

/* A deadline that is over is no reason to keep a letter back, but whoever wrote it should hear of it. */
static void
warn_over(struct adapter *a, struct intake_item *item)
{
	static const char *const TEXT[] = {
		[LANG_EN] = "A deadline in it is over already, so it is late from the beginning:",
		[LANG_BG] = "Срок в него вече е минал, затова е закъсняло още от началото:",
	};
	char path[sizeof(item->why.where)];

	if (record_find_over(item->record, core_now(a), path, sizeof(path)))
		intake_warn(a, item, TEXT, path);
}

/* -- both -- */

static enum err
take_record(struct adapter *a, struct txn *txn, struct intake_item *item, const char *key)
{
	const struct kind *kind = kind_by_code(item->record->kind);
	struct span native, by_key = SPAN_NONE;
	struct outbound o;
	struct hash digest;
	const char *where;
	enum err e;

	if (kind == NULL || kind_body(item->record) == NULL)
		return why_set(&item->why, ERR_REQUIRED, "kind", "the kind, and the body that it names");
	if (kind->topic == TOPIC_THREAD || kind->topic == TOPIC_REPORT)
		return why_set(&item->why, ERR_UNKNOWN_CODE, "kind", "goes between adapters alone");
	where = arena_fmt(a->mem, "%s.native_id", kind->body);
	if ((e = intake_native(a, item, &native, &digest)) != OK)
		return e;
	if (key)
		by_key = native_key(arena_fmt(a->mem, "k%s#%u", key, item->row), a->mem);
	if (key && by_key.p == NULL)
		return ERR_TOOBIG;
	/* by the caller's key, or under a new one: the same message either way */
	if ((key && is_repeat(a, txn, by_key, &digest, "Idempotency-Key", item)) ||
	    (is_repeat(a, txn, native, &digest, where, item) && !bug(BUG_INPUT_TWICE)))
		return item->e;
	if ((e = record_check_sense(item->record, core_now(a), &item->why)) != OK)
		return e;
	warn_over(a, item);
	e = kind->begins ? begin_thread(a, txn, item, &o) : send_follower(a, txn, item, &o);
	if (e != OK)
		return e;
	intake_note(a, txn, native, &digest, &o);
	if (key)
		intake_note(a, txn, by_key, &digest, &o);
	name_ids(item, &o.first, &o.thread, a->mem);
	return OK;
}

/* Before the record is written: a confirmation that cannot be sealed now (its receiver's key sheet has not come yet) refuses the
 * item for now, with nothing of it written. What declines an unopened referral under a number registers it as a step: its cursor is 0.
 */
static enum err
check_confirmation(struct adapter *a, struct txn *txn, struct intake_item *item, struct inbound *ret_in)
{
	enum err e;

	if (!visible_any(span_str(item->case_no)))
		return why_set(&item->why, ERR_REQUIRED, "case_no", "a confirmation needs the case number");
	if ((e = register_find(txn, item->confirms, ret_in, &item->why)) != OK)
		return e;
	e = preview_check_registered(a, txn, ret_in, &item->why);
	if (e == ERR_HELD && item->record && item->record->status) {
		ret_in->cursor = 0;
		return OK;
	}
	if (e != OK)
		return e;
	return register_try(a, ret_in, item->case_no, &item->why);
}

/* After the record, if there is one: a status may have registered it already, under the same number. Tried before, so that what
 * fails now fails for want of memory.
 */
static enum err
take_confirmation(struct adapter *a, struct txn *txn, struct intake_item *item, uint64_t cursor)
{
	struct inbound in;
	enum err e;

	if (!inbox_get(txn, cursor, &in))
		return ERR_CORRUPT;
	if ((e = register_inbound(a, txn, &in, item->case_no, &item->why)) != OK)
		return item->record && !err_is_fatal(e) && !item->is_repeat ? ERR_NOMEM : e;
	if (item->record == NULL)
		name_ids(item, &in.first, &in.thread, a->mem);
	return OK;
}

enum err
intake_item(struct adapter *a, struct txn *txn, struct intake_item *item, const char *key)
{
	struct inbound in = { .cursor = 0 };

	if (item->e != OK || item->file)	/* a file was taken before, or refused: enclose.c */
		return OK;
	if (arena_left(a->mem) < WRITE_ROOM)
		item->e = why_set(&item->why, ERR_TOOBIG, NULL, "too much at once");
	if (item->e == OK && item->confirms)
		item->e = check_confirmation(a, txn, item, &in);
	if (item->e == OK && item->confirms && item->record && item->record->status)
		item->record->status->case_no = item->case_no;
	if (item->e == OK && item->record)
		item->e = take_record(a, txn, item, key);
	if (item->e == OK && item->confirms && in.cursor != 0)
		item->e = take_confirmation(a, txn, item, in.cursor);
	if (item->e != OK) {
		item->msg_id = NULL;
		item->thread = NULL;
		item->referral = NULL;
	}
	return err_is_fatal(item->e) ? item->e : OK;
}
