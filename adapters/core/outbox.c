/* SPDX-License-Identifier: EUPL-1.2 */
/* outbox - rows, sealed bytes, pending keys. */
#include "adapters/core/outbox.h"

#include <stddef.h>
#include <stdio.h>

#include "adapters/core/storage.h"

#define OUTBOUND_VERSION 4

/* A smaller byte sorts first: the most urgent. */
static uint8_t
urgency(enum priority p)
{
	return (uint8_t)(PRIORITY_EMERGENCY - p);
}

/* -- recipients -- */

struct outbound_to *
outbox_to(struct outbound *o, const char *agency)
{
	for (size_t i = 0; i < o->n_to; i++)
		if (strcmp(o->to[i].agency, agency) == 0)
			return &o->to[i];
	return NULL;
}

bool
outbox_is_end(const struct outbound_to *to)
{
	return to->registered_ms != 0 || to->refused_ms != 0 || to->stage == STAGE_WITHDRAWN;
}

bool
outbox_has_ended(const struct outbound *o)
{
	for (size_t i = 0; i < o->n_to; i++)
		if (!outbox_is_end(&o->to[i]))
			return false;
	return true;
}

static void
note_one(struct outbound_to *to, enum stage stage, enum err code, int64_t at_ms)
{
	int64_t *place = stage == STAGE_DELIVERED ? &to->delivered_ms : stage == STAGE_REGISTERED ? &to->registered_ms :
	    stage == STAGE_SEEN ? &to->seen_ms : stage == STAGE_REFUSED ? &to->refused_ms : NULL;

	if (place && *place == 0)
		*place = at_ms;
	if (stage == STAGE_REFUSED)
		to->refused = code;
	if (stage > to->stage)
		to->stage = stage;
}

static bool
is_gone(const struct outbound_to *to)
{
	return to->stage == STAGE_REFUSED || to->stage == STAGE_WITHDRAWN;
}

/* The least far of those that it has not ended badly at; of all, where it has at each. */
static enum stage
least(const struct outbound *o)
{
	enum stage least = STAGE_RESEAL, most = STAGE_NONE;

	for (size_t i = 0; i < o->n_to; i++) {
		if (!is_gone(&o->to[i]) && o->to[i].stage < least)
			least = o->to[i].stage;
		if (o->to[i].stage > most)
			most = o->to[i].stage;
	}
	return least == STAGE_RESEAL ? most : least;
}

/* When the last of those that count has said it; 0: not all have. */
static int64_t
all_said(const struct outbound *o, size_t offset)
{
	int64_t last = 0, at;

	for (size_t i = 0; i < o->n_to; i++) {
		memcpy(&at, (const char *)&o->to[i] + offset, sizeof(at));
		if (at == 0 && !is_gone(&o->to[i]))
			return 0;
		if (at > last)
			last = at;
	}
	return last;
}

void
outbox_note(struct outbound *o, const char *from, enum stage stage, enum err code, int64_t at_ms)
{
	if (stage == STAGE_STORED)
		o->stored_ms = at_ms;
	for (size_t i = 0; i < o->n_to; i++)
		/* what the hub ends it ends where nobody was first */
		if (from ? strcmp(o->to[i].agency, from) == 0 : stage == STAGE_STORED || !outbox_is_end(&o->to[i]))
			note_one(&o->to[i], stage, code, at_ms);
	if (stage == STAGE_REFUSED && o->refused_ms == 0)
		o->refused_ms = at_ms;
	if (stage == STAGE_REFUSED && o->refused == OK)
		o->refused = code;
	o->stage = least(o);
	o->delivered_ms = all_said(o, offsetof(struct outbound_to, delivered_ms));
	o->registered_ms = all_said(o, offsetof(struct outbound_to, registered_ms));
	o->seen_ms = all_said(o, offsetof(struct outbound_to, seen_ms));
}

/* -- rows -- */

static struct span
outbound_encode(const struct outbound *o, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u8(&b, OUTBOUND_VERSION);
	buf_add(&b, o->id.b, MSGID_LEN);
	buf_add(&b, o->first.b, MSGID_LEN);
	buf_add(&b, o->replaces.b, MSGID_LEN);
	buf_u8(&b, o->is_accepted);
	buf_u32(&b, o->again);
	buf_u8(&b, (uint8_t)o->class);
	buf_u8(&b, (uint8_t)o->priority);
	buf_add(&b, o->thread.b, THREAD_LEN);
	buf_u64(&b, o->thread_seq);
	buf_add(&b, o->in_reply_to.b, MSGID_LEN);
	buf_u8(&b, (uint8_t)o->receipt);
	buf_add(&b, o->hash.b, sizeof(o->hash.b));
	buf_u64(&b, o->leaf);
	buf_u64(&b, (uint64_t)o->queued_ms);
	buf_u64(&b, (uint64_t)o->stored_ms);
	buf_u64(&b, (uint64_t)o->withdrawn_ms);
	buf_u64(&b, (uint64_t)o->refused_ms);
	buf_u16(&b, (uint16_t)err_number(o->refused));
	buf_u8(&b, (uint8_t)o->n_to);
	for (size_t i = 0; i < o->n_to; i++) {
		const struct outbound_to *to = &o->to[i];

		buf_var(&b, span_str(to->agency));
		buf_u8(&b, (uint8_t)to->stage);
		buf_u16(&b, (uint16_t)err_number(to->refused));
		buf_u64(&b, (uint64_t)to->delivered_ms);
		buf_u64(&b, (uint64_t)to->registered_ms);
		buf_u64(&b, (uint64_t)to->seen_ms);
		buf_u64(&b, (uint64_t)to->refused_ms);
	}
	buf_u8(&b, o->is_own);
	return buf_bytes(&b);
}

static void
recipients_decode(struct cursor *c, struct outbound *o)
{
	o->n_to = cursor_u8(c);
	if (o->n_to > ENVELOPE_TO_MAX) {
		c->e = ERR_FORMAT;
		o->n_to = 0;
	}
	for (size_t i = 0; i < o->n_to; i++) {
		struct outbound_to *to = &o->to[i];

		storage_text(c, to->agency, sizeof(to->agency));
		to->stage = (enum stage)cursor_u8(c);
		to->refused = err_by_number(cursor_u16(c));
		to->delivered_ms = (int64_t)cursor_u64(c);
		to->registered_ms = (int64_t)cursor_u64(c);
		to->seen_ms = (int64_t)cursor_u64(c);
		to->refused_ms = (int64_t)cursor_u64(c);
	}
	o->stage = least(o);
	o->delivered_ms = all_said(o, offsetof(struct outbound_to, delivered_ms));
	o->registered_ms = all_said(o, offsetof(struct outbound_to, registered_ms));
	o->seen_ms = all_said(o, offsetof(struct outbound_to, seen_ms));
}

static bool
outbound_decode(struct span bytes, struct outbound *o)
{
	struct cursor c;

	memset(o, 0, sizeof(*o));
	cursor_init(&c, bytes);
	if (cursor_u8(&c) != OUTBOUND_VERSION)
		return false;
	cursor_copy(&c, o->id.b, MSGID_LEN);
	cursor_copy(&c, o->first.b, MSGID_LEN);
	cursor_copy(&c, o->replaces.b, MSGID_LEN);
	o->is_accepted = cursor_u8(&c) != 0;
	o->again = cursor_u32(&c);
	o->class = (enum envelope_class)cursor_u8(&c);
	o->priority = (enum priority)cursor_u8(&c);
	cursor_copy(&c, o->thread.b, THREAD_LEN);
	o->thread_seq = cursor_u64(&c);
	cursor_copy(&c, o->in_reply_to.b, MSGID_LEN);
	o->receipt = (enum stage)cursor_u8(&c);
	cursor_copy(&c, o->hash.b, sizeof(o->hash.b));
	o->leaf = cursor_u64(&c);
	o->queued_ms = (int64_t)cursor_u64(&c);
	o->stored_ms = (int64_t)cursor_u64(&c);
	o->withdrawn_ms = (int64_t)cursor_u64(&c);
	o->refused_ms = (int64_t)cursor_u64(&c);
	o->refused = err_by_number(cursor_u16(&c));
	recipients_decode(&c, o);
	o->is_own = cursor_u8(&c) != 0;
	return cursor_end(&c) == OK;
}

static size_t
pending_key(uint8_t key[9], uint8_t urgency, uint64_t seq)
{
	struct key8 k = storage_key(seq);

	key[0] = urgency;
	memcpy(key + 1, k.b, sizeof(k.b));
	return 9;
}

static uint64_t
next_seq(struct txn *txn)
{
	struct walk w;
	uint64_t seq = walk_before(txn, TABLE_OUTBOX, SPAN_NONE, &w) ? storage_number(w.key) + 1 : 1;

	walk_end(&w);
	return seq;
}

void
outbox_restore(struct txn *txn, struct arena *mem, struct outbound *o)
{
	struct key8 key;

	o->seq = next_seq(txn);
	o->first = o->id;
	key = storage_key(o->seq);
	txn_put(txn, TABLE_OUTBOX, SPAN(key.b, 8), outbound_encode(o, mem));
	txn_put_new(txn, TABLE_SENT, SPAN(o->id.b, MSGID_LEN), SPAN(key.b, 8));
}

bool
outbox_has_record(struct txn *txn, const struct outbound *o)
{
	struct key8 key = storage_key(o->seq);

	return txn_get(txn, TABLE_OUTRECORD, SPAN(key.b, 8)).p != NULL;
}

void
outbox_add(struct txn *txn, struct arena *mem, struct outbound *o, struct span header, struct span body, struct span closed)
{
	uint8_t pending[9];
	struct key8 key;
	struct buf b;

	o->seq = next_seq(txn);
	o->first = o->id;
	key = storage_key(o->seq);
	buf_init(&b, mem);
	buf_var(&b, header);
	buf_var(&b, body);
	txn_put(txn, TABLE_OUTBOX, SPAN(key.b, 8), outbound_encode(o, mem));
	txn_put(txn, TABLE_OUTBODY, SPAN(key.b, 8), buf_bytes(&b));
	if (closed.n > 0)
		txn_put(txn, TABLE_OUTRECORD, SPAN(key.b, 8), closed);
	txn_put_new(txn, TABLE_SENT, SPAN(o->id.b, MSGID_LEN), SPAN(key.b, 8));
	txn_put(txn, TABLE_PENDING, SPAN(pending, pending_key(pending, urgency(o->priority), o->seq)), SPAN(key.b, 8));
}

bool
outbox_newest(struct txn *txn, struct outbound *ret_o)
{
	struct walk w;
	bool is_there = walk_before(txn, TABLE_OUTBOX, SPAN_NONE, &w) && outbound_decode(w.value, ret_o);

	if (is_there)
		ret_o->seq = storage_number(w.key);
	walk_end(&w);
	return is_there;
}

bool
outbox_get(struct txn *txn, uint64_t seq, struct outbound *ret_o)
{
	struct key8 key = storage_key(seq);
	struct span row = txn_get(txn, TABLE_OUTBOX, SPAN(key.b, 8));

	if (row.p == NULL || !outbound_decode(row, ret_o))
		return false;
	ret_o->seq = seq;
	return true;
}

bool
outbox_find(struct txn *txn, const struct msgid *id, struct outbound *ret_o)
{
	struct hash hash;

	return outbox_find_as(txn, id, ret_o, &hash);
}

bool
outbox_find_as(struct txn *txn, const struct msgid *id, struct outbound *ret_o, struct hash *ret_hash)
{
	struct span row = txn_get(txn, TABLE_SENT, SPAN(id->b, MSGID_LEN));

	if (row.p == NULL || !outbox_get(txn, storage_number(row), ret_o))
		return false;
	*ret_hash = ret_o->hash;
	if (row.n == 8 + sizeof(ret_hash->b))
		memcpy(ret_hash->b, row.p + 8, sizeof(ret_hash->b));
	return true;
}

bool
outbox_sealed(struct txn *txn, uint64_t seq, struct span *ret_header, struct span *ret_body)
{
	struct key8 key = storage_key(seq);
	struct span row = txn_get(txn, TABLE_OUTBODY, SPAN(key.b, 8));
	struct cursor c;

	if (row.p == NULL)
		return false;
	cursor_init(&c, row);
	*ret_header = cursor_var(&c);
	*ret_body = cursor_var(&c);
	return cursor_end(&c) == OK;
}

void
outbox_put(struct txn *txn, struct arena *mem, const struct outbound *o)
{
	struct key8 key = storage_key(o->seq);

	txn_put(txn, TABLE_OUTBOX, SPAN(key.b, 8), outbound_encode(o, mem));
}

void
outbox_settle(struct txn *txn, const struct outbound *o)
{
	uint8_t key[9];

	txn_del(txn, TABLE_PENDING, SPAN(key, pending_key(key, urgency(o->priority), o->seq)));
}

/* -- what the hub was never shown -- */

#define WAITS SPAN_LIT("w")	/* in place of its number, which the key has as well */

void
outbox_wait(struct txn *txn, const struct outbound *o)
{
	uint8_t pending[9];
	struct span key = SPAN(pending, pending_key(pending, urgency(o->priority), o->seq));

	if (txn_get(txn, TABLE_PENDING, key).p != NULL)
		txn_put(txn, TABLE_PENDING, key, WAITS);
}

bool
outbox_waits(struct txn *txn, const struct outbound *o)
{
	uint8_t key[9];

	return txn_get(txn, TABLE_PENDING, SPAN(key, pending_key(key, urgency(o->priority), o->seq))).n == WAITS.n;
}

void
outbox_show(struct txn *txn, const struct outbound *o)
{
	struct key8 seq = storage_key(o->seq);
	uint8_t key[9];

	txn_put(txn, TABLE_PENDING, SPAN(key, pending_key(key, urgency(o->priority), o->seq)), SPAN(seq.b, 8));
}

bool
outbox_waits_before(struct txn *txn, const struct outbound *o)
{
	uint8_t key[9];
	struct walk w;
	bool waits;

	pending_key(key, urgency(o->priority), o->seq);
	waits = walk_before(txn, TABLE_PENDING, SPAN(key, 9), &w) && w.key.n == 9 && w.key.p[0] == key[0] && w.value.n == WAITS.n;
	walk_end(&w);
	return waits;
}

bool
outbox_next_pending(struct txn *txn, struct pending_at *state, uint64_t *ret_seq)
{
	uint8_t key[9];
	struct walk w;
	bool found;

	pending_key(key, state->urgency, state->is_begun ? state->seq + 1 : 0);
	found = walk_from(txn, TABLE_PENDING, SPAN(key, 9), &w) && w.key.n == 9;
	if (found) {
		state->is_begun = true;
		state->urgency = w.key.p[0];
		state->seq = storage_number(SPAN(w.key.p + 1, 8));
		*ret_seq = state->seq;
	}
	walk_end(&w);
	return found;
}

uint64_t
outbox_count_pending(struct txn *txn)
{
	return txn_count(txn, TABLE_PENDING);
}

/* -- sealed again -- */

void
outbox_wish(struct txn *txn, const struct outbound *o, int64_t due_ms)
{
	struct key8 key = storage_key(o->seq), due = storage_key((uint64_t)due_ms);

	outbox_settle(txn, o);
	txn_put(txn, TABLE_WISHES, SPAN(key.b, 8), SPAN(due.b, 8));
}

bool
outbox_next_wish(struct txn *txn, uint64_t after, uint64_t *ret_seq, int64_t *ret_due_ms)
{
	struct key8 key = storage_key(after + 1);
	struct walk w;
	bool found = walk_from(txn, TABLE_WISHES, SPAN(key.b, 8), &w);

	if (found) {
		*ret_seq = storage_number(w.key);
		*ret_due_ms = (int64_t)storage_number(w.value);
	}
	walk_end(&w);
	return found;
}

void
outbox_no_wish(struct txn *txn, uint64_t seq)
{
	struct key8 key = storage_key(seq);

	txn_del(txn, TABLE_WISHES, SPAN(key.b, 8));
}

void
outbox_renew(struct txn *txn, struct arena *mem, struct outbound *o, const struct msgid *id, const struct hash *hash,
	     struct span header, struct span body)
{
	uint8_t old[8 + sizeof(o->hash.b)], pending[9];
	struct key8 key = storage_key(o->seq);
	struct buf b;

	memcpy(old, key.b, 8);
	memcpy(old + 8, o->hash.b, sizeof(o->hash.b));
	txn_put(txn, TABLE_SENT, SPAN(o->id.b, MSGID_LEN), SPAN(old, sizeof(old)));
	if (o->is_accepted)
		o->replaces = o->id;
	o->id = *id;
	o->hash = *hash;
	o->is_accepted = false;
	o->again++;
	buf_init(&b, mem);
	buf_var(&b, header);
	buf_var(&b, body);
	outbox_put(txn, mem, o);
	txn_put(txn, TABLE_OUTBODY, SPAN(key.b, 8), buf_bytes(&b));
	txn_put_new(txn, TABLE_SENT, SPAN(o->id.b, MSGID_LEN), SPAN(key.b, 8));
	txn_put(txn, TABLE_PENDING, SPAN(pending, pending_key(pending, urgency(o->priority), o->seq)), SPAN(key.b, 8));
	outbox_no_wish(txn, o->seq);
}
