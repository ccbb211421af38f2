/* SPDX-License-Identifier: EUPL-1.2 */
/* inbox - entries, the table of what was seen, and egress rows. */
#include "adapters/core/inbox.h"

#include "adapters/core/storage.h"

#define INBOUND_VERSION 2
#define EGRESS_VERSION 1
#define EGRESS_LEN 28

static struct span
inbound_encode(const struct inbound *in, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u8(&b, INBOUND_VERSION);
	buf_u8(&b, in->is_stage);
	buf_add(&b, in->id.b, MSGID_LEN);
	buf_add(&b, in->first.b, MSGID_LEN);
	buf_add(&b, in->hash.b, sizeof(in->hash.b));
	buf_var(&b, span_str(in->from));
	buf_add(&b, in->thread.b, THREAD_LEN);
	buf_u8(&b, (uint8_t)in->priority);
	buf_u8(&b, (uint8_t)in->stage);
	buf_u16(&b, (uint16_t)err_number(in->code));
	buf_u8(&b, (uint8_t)in->state);
	buf_var(&b, span_str(in->case_no));
	buf_u64(&b, (uint64_t)in->at_ms);
	buf_u64(&b, (uint64_t)in->registered_ms);
	return buf_bytes(&b);
}

static bool
inbound_decode(struct span bytes, struct inbound *in)
{
	struct cursor c;
	uint8_t version;

	memset(in, 0, sizeof(*in));
	cursor_init(&c, bytes);
	if ((version = cursor_u8(&c)) == 0 || version > INBOUND_VERSION)
		return false;
	in->is_stage = cursor_u8(&c) != 0;
	cursor_copy(&c, in->id.b, MSGID_LEN);
	in->first = in->id;
	if (version > 1)
		cursor_copy(&c, in->first.b, MSGID_LEN);
	cursor_copy(&c, in->hash.b, sizeof(in->hash.b));
	storage_text(&c, in->from, sizeof(in->from));
	cursor_copy(&c, in->thread.b, THREAD_LEN);
	in->priority = (enum priority)cursor_u8(&c);
	in->stage = (enum stage)cursor_u8(&c);
	in->code = err_by_number(cursor_u16(&c));
	in->state = (enum inbound_state)cursor_u8(&c);
	storage_text(&c, in->case_no, sizeof(in->case_no));
	in->at_ms = (int64_t)cursor_u64(&c);
	in->registered_ms = (int64_t)cursor_u64(&c);
	return cursor_end(&c) == OK;
}

static size_t
seen_key(uint8_t *key, const char *from, const struct msgid *id)
{
	size_t n = strlen(from);

	memcpy(key, id->b, MSGID_LEN);
	memcpy(key + MSGID_LEN, from, n);
	return MSGID_LEN + n;
}

void
inbox_note(struct txn *txn, const char *from, const struct msgid *id, uint64_t cursor, const struct hash *hash)
{
	uint8_t key[MSGID_LEN + AGENCY_ID_MAX], value[8 + sizeof(hash->b)];
	struct key8 k = storage_key(cursor);

	memcpy(value, k.b, 8);
	memcpy(value + 8, hash->b, sizeof(hash->b));
	txn_put_new(txn, TABLE_SEEN, SPAN(key, seen_key(key, from, id)), SPAN(value, sizeof(value)));
}

/* The first id leads to the entry as well; it keeps the hash that came under it. */
static void
lead(struct txn *txn, const struct inbound *in)
{
	uint8_t key[MSGID_LEN + AGENCY_ID_MAX], value[8 + sizeof(in->hash.b)];
	size_t n = seen_key(key, in->from, &in->first);
	struct span row = txn_get(txn, TABLE_SEEN, SPAN(key, n));
	struct key8 k = storage_key(in->cursor);

	memcpy(value, k.b, 8);
	memcpy(value + 8, row.n == sizeof(value) ? row.p + 8 : in->hash.b, sizeof(in->hash.b));
	txn_put(txn, TABLE_SEEN, SPAN(key, n), SPAN(value, sizeof(value)));
}

uint64_t
inbox_newest(struct txn *txn)
{
	struct walk w;
	uint64_t cursor = walk_before(txn, TABLE_INBOX, SPAN_NONE, &w) ? storage_number(w.key) : 0;

	walk_end(&w);
	return cursor;
}

void
inbox_add(struct txn *txn, struct arena *mem, struct inbound *in, struct span closed)
{
	struct key8 key;

	if (msgid_is_zero(&in->first))
		in->first = in->id;
	in->cursor = inbox_newest(txn) + 1;
	key = storage_key(in->cursor);
	txn_put(txn, TABLE_INBOX, SPAN(key.b, 8), inbound_encode(in, mem));
	if (closed.n > 0)
		txn_put(txn, TABLE_INRECORD, SPAN(key.b, 8), closed);
	if (in->is_stage)
		return;
	inbox_note(txn, in->from, &in->id, in->cursor, &in->hash);
	if (!msgid_eq(&in->first, &in->id))
		lead(txn, in);
	txn_put(txn, TABLE_UNREGISTERED, SPAN(key.b, 8), SPAN(key.b, 8));
}

bool
inbox_get(struct txn *txn, uint64_t cursor, struct inbound *ret_in)
{
	struct key8 key = storage_key(cursor);
	struct span row = txn_get(txn, TABLE_INBOX, SPAN(key.b, 8));

	if (row.p == NULL || !inbound_decode(row, ret_in))
		return false;
	ret_in->cursor = cursor;
	return true;
}

bool
inbox_next(struct txn *txn, uint64_t after, struct inbound *ret_in)
{
	struct key8 key = storage_key(after + 1);
	struct walk w;
	bool found = walk_from(txn, TABLE_INBOX, SPAN(key.b, 8), &w) && inbound_decode(w.value, ret_in);

	if (found)
		ret_in->cursor = storage_number(w.key);
	walk_end(&w);
	return found;
}

struct span
inbox_record(struct txn *txn, uint64_t cursor)
{
	struct key8 key = storage_key(cursor);

	return txn_get(txn, TABLE_INRECORD, SPAN(key.b, 8));
}

void
inbox_put(struct txn *txn, struct arena *mem, const struct inbound *in)
{
	struct key8 key = storage_key(in->cursor);

	txn_put(txn, TABLE_INBOX, SPAN(key.b, 8), inbound_encode(in, mem));
	if (in->state >= INBOUND_REGISTERED)
		txn_del(txn, TABLE_UNREGISTERED, SPAN(key.b, 8));
}

void
inbox_erase(struct txn *txn, struct arena *mem, struct inbound *in)
{
	struct key8 key = storage_key(in->cursor);

	in->state = INBOUND_ERASED;
	inbox_put(txn, mem, in);
	txn_del(txn, TABLE_INRECORD, SPAN(key.b, 8));
}

bool
inbox_unregistered_next(struct txn *txn, uint64_t after, struct inbound *ret_in)
{
	struct key8 key = storage_key(after + 1);
	uint64_t cursor = 0;
	struct walk w;

	if (walk_from(txn, TABLE_UNREGISTERED, SPAN(key.b, 8), &w))
		cursor = storage_number(w.key);
	walk_end(&w);
	return cursor != 0 && inbox_get(txn, cursor, ret_in);
}

bool
inbox_unregistered(struct txn *txn, struct inbound *ret_in)
{
	return inbox_unregistered_next(txn, 0, ret_in);
}

bool
inbox_seen(struct txn *txn, const char *from, const struct msgid *id, uint64_t *ret_cursor, struct hash *ret_hash)
{
	uint8_t key[MSGID_LEN + AGENCY_ID_MAX];
	struct span row = txn_get(txn, TABLE_SEEN, SPAN(key, seen_key(key, from, id)));

	if (row.n != 8 + sizeof(ret_hash->b))
		return false;
	*ret_cursor = storage_number(row);
	memcpy(ret_hash->b, row.p + 8, sizeof(ret_hash->b));
	return true;
}

bool
inbox_find(struct txn *txn, const char *from, const struct msgid *id, struct inbound *ret_in)
{
	struct hash hash;
	uint64_t cursor;

	return inbox_seen(txn, from, id, &cursor, &hash) && cursor != 0 && inbox_get(txn, cursor, ret_in);
}

void
inbox_again(struct txn *txn, struct arena *mem, struct inbound *in, const struct msgid *id, const struct hash *hash)
{
	in->id = *id;
	in->hash = *hash;
	inbox_note(txn, in->from, id, in->cursor, hash);
	inbox_put(txn, mem, in);
}

bool
inbox_by_id(struct txn *txn, const struct msgid *id, struct inbound *ret_in)
{
	struct walk w;
	uint64_t cursor = 0;

	if (walk_from(txn, TABLE_SEEN, SPAN(id->b, MSGID_LEN), &w) && w.key.n > MSGID_LEN &&
	    memcmp(w.key.p, id->b, MSGID_LEN) == 0)
		cursor = storage_number(w.value);
	walk_end(&w);
	return cursor != 0 && inbox_get(txn, cursor, ret_in);
}

void
egress_put(struct txn *txn, const struct due *d)
{
	struct key8 key = storage_key(d->cursor), due = storage_key((uint64_t)d->due_ms), took = storage_key(d->took);
	uint16_t code = (uint16_t)err_number(d->code);
	uint8_t value[EGRESS_LEN];

	value[0] = EGRESS_VERSION;
	memcpy(value + 1, due.b, 8);
	memcpy(value + 9, took.b, 8);
	for (int i = 0; i < 4; i++) {
		value[17 + i] = (uint8_t)(d->tries >> (24 - 8 * i));
		value[21 + i] = (uint8_t)(d->strikes >> (24 - 8 * i));
	}
	value[25] = (uint8_t)(code >> 8);
	value[26] = (uint8_t)code;
	value[27] = d->is_parked;
	txn_put(txn, TABLE_EGRESS, SPAN(key.b, 8), SPAN(value, sizeof(value)));
}

static bool
egress_decode(struct span key, struct span value, struct due *d)
{
	struct cursor c;

	memset(d, 0, sizeof(*d));
	d->cursor = storage_number(key);
	cursor_init(&c, value);
	if (cursor_u8(&c) != EGRESS_VERSION)
		return false;
	d->due_ms = (int64_t)cursor_u64(&c);
	d->took = cursor_u64(&c);
	d->tries = cursor_u32(&c);
	d->strikes = cursor_u32(&c);
	d->code = err_by_number(cursor_u16(&c));
	d->is_parked = cursor_u8(&c) != 0;
	return cursor_end(&c) == OK;
}

void
egress_del(struct txn *txn, uint64_t cursor)
{
	struct key8 key = storage_key(cursor);

	txn_del(txn, TABLE_EGRESS, SPAN(key.b, 8));
}

bool
egress_get(struct txn *txn, uint64_t cursor, struct due *ret_d)
{
	struct key8 key = storage_key(cursor);
	struct span row = txn_get(txn, TABLE_EGRESS, SPAN(key.b, 8));

	return row.p != NULL && egress_decode(SPAN(key.b, 8), row, ret_d);
}

bool
egress_next(struct txn *txn, uint64_t after, struct due *ret_d)
{
	struct key8 key = storage_key(after + 1);
	struct walk w;
	bool found = walk_from(txn, TABLE_EGRESS, SPAN(key.b, 8), &w) && egress_decode(w.key, w.value, ret_d);

	walk_end(&w);
	return found;
}
