/* SPDX-License-Identifier: EUPL-1.2 */
/* hollow - the rows of TABLE_HOLLOW, by their keys: thread id (a thread that is missing); thread id, leaf u64, 0 (a message that the hub has
 * not heard to be delivered: it is on its way, or was lost between two acknowledgements); thread id, outbox seq u64, u8 that is not 0 (a
 * stage to be told: its number in the upper three bits, below them the place of who said it among the recipients, from 1; 0: the hub).
 */
#include "adapters/core/hollow.h"

#include <stdio.h>

#include "adapters/core/progress.h"
#include "adapters/core/storage.h"

#define HOLLOW_VERSION 2
#define PLACE_LEN (THREAD_LEN + 8 + 1)
#define SAID_BITS 5			/* room for ENVELOPE_TO_MAX recipients and the hub */

/* -- threads -- */

void
hollow_put(struct txn *txn, struct arena *mem, const struct hollow *h)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u8(&b, HOLLOW_VERSION);
	buf_u8(&b, (uint8_t)h->n_others);
	for (size_t i = 0; i < h->n_others; i++)
		buf_var(&b, span_str(h->others[i]));
	buf_u8(&b, h->is_begun_here);
	buf_u8(&b, (uint8_t)h->priority);
	buf_u8(&b, h->is_needed);
	buf_u64(&b, h->my_seq);
	buf_add(&b, h->mine.b, MSGID_LEN);
	buf_add(&b, h->theirs.b, MSGID_LEN);
	buf_u32(&b, h->theirs_bits);
	buf_u64(&b, h->asked_seq);
	buf_u64(&b, (uint64_t)h->asked_ms);
	buf_u32(&b, h->asked);
	buf_u32(&b, h->without);
	txn_put(txn, TABLE_HOLLOW, SPAN(h->id.b, THREAD_LEN), buf_bytes(&b));
}

bool
hollow_read(struct span key, struct span row, struct hollow *h)
{
	struct cursor c;

	memset(h, 0, sizeof(*h));
	if (key.n != THREAD_LEN || row.p == NULL)
		return false;
	memcpy(h->id.b, key.p, THREAD_LEN);
	cursor_init(&c, row);
	if (cursor_u8(&c) != HOLLOW_VERSION)
		return false;
	h->n_others = cursor_u8(&c);
	if (h->n_others > ENVELOPE_TO_MAX)
		return false;
	for (size_t i = 0; i < h->n_others; i++)
		storage_text(&c, h->others[i], sizeof(h->others[i]));
	h->is_begun_here = cursor_u8(&c) != 0;
	h->priority = (enum priority)cursor_u8(&c);
	h->is_needed = cursor_u8(&c) != 0;
	h->my_seq = cursor_u64(&c);
	cursor_copy(&c, h->mine.b, MSGID_LEN);
	cursor_copy(&c, h->theirs.b, MSGID_LEN);
	h->theirs_bits = cursor_u32(&c);
	h->asked_seq = cursor_u64(&c);
	h->asked_ms = (int64_t)cursor_u64(&c);
	h->asked = cursor_u32(&c);
	h->without = cursor_u32(&c);
	return cursor_end(&c) == OK;
}

bool
hollow_find(struct txn *txn, const struct thread_id *thread, struct hollow *ret_h)
{
	struct span key = SPAN(thread->b, THREAD_LEN);

	return hollow_read(key, txn_get(txn, TABLE_HOLLOW, key), ret_h);
}

void
hollow_del(struct txn *txn, const struct thread_id *thread)
{
	txn_del(txn, TABLE_HOLLOW, SPAN(thread->b, THREAD_LEN));
}

int
hollow_party(const struct hollow *h, const char *agency)
{
	for (size_t i = 0; i < h->n_others; i++)
		if (strcmp(h->others[i], agency) == 0)
			return (int)i;
	return -1;
}

int
hollow_next(const struct hollow *h)
{
	for (size_t i = 0; i < h->n_others; i++)
		if (!((h->asked | h->without) >> i & 1))
			return (int)i;
	return -1;
}

bool
hollow_is_lost(const struct hollow *h)
{
	return hollow_next(h) < 0 && (h->asked & ~h->without) == 0;
}

/* -- what is known of them -- */

static struct span
place_of(const struct thread_id *thread, uint64_t number, uint8_t what, uint8_t key[PLACE_LEN])
{
	struct key8 k = storage_key(number);

	memcpy(key, thread->b, THREAD_LEN);
	memcpy(key + THREAD_LEN, k.b, 8);
	key[PLACE_LEN - 1] = what;
	return SPAN(key, PLACE_LEN);
}

void
hollow_note_stage(struct txn *txn, const struct outbound *o, const char *from, enum stage stage, enum err code)
{
	uint16_t number = (uint16_t)err_number(code);
	size_t said_by = 0;
	uint8_t key[PLACE_LEN], row[2] = { (uint8_t)(number >> 8), (uint8_t)number };

	for (size_t i = 0; i < o->n_to; i++)
		if (strcmp(o->to[i].agency, from) == 0)
			said_by = i + 1;
	txn_put(txn, TABLE_HOLLOW, place_of(&o->thread, o->seq, (uint8_t)((size_t)stage << SAID_BITS | said_by), key), SPAN(row, sizeof(row)));
}

enum err
hollow_tell(struct adapter *a, struct txn *txn, const struct hollow *h, bool is_told)
{
	uint8_t key[PLACE_LEN];
	struct outbound o;
	struct walk w;
	enum err e = OK;

	for (bool more = walk_from(txn, TABLE_HOLLOW, SPAN(h->id.b, THREAD_LEN), &w); more && e == OK; more = walk_next(&w)) {
		uint64_t seq;
		uint8_t what, said_by;
		enum err code;

		if (w.key.n < THREAD_LEN || memcmp(w.key.p, h->id.b, THREAD_LEN) != 0)
			break;
		if (w.key.n != PLACE_LEN || w.key.p[PLACE_LEN - 1] == 0 || w.value.n != 2)
			continue;
		seq = storage_number(SPAN(w.key.p + THREAD_LEN, 8));
		what = w.key.p[PLACE_LEN - 1];
		said_by = what & ((1u << SAID_BITS) - 1);
		code = err_by_number((uint32_t)w.value.p[0] << 8 | w.value.p[1]);
		txn_del(txn, TABLE_HOLLOW, place_of(&h->id, seq, what, key));
		if (is_told && outbox_get(txn, seq, &o) && said_by <= o.n_to)
			e = progress_tell(a, txn, &o, said_by ? o.to[said_by - 1].agency : a->p.config->agency,
					  (enum stage)(what >> SAID_BITS), code);
	}
	walk_end(&w);
	return e;
}

void
hollow_keep_late(struct txn *txn, struct arena *mem, const struct standing *s)
{
	uint8_t key[PLACE_LEN];
	struct buf b;

	buf_init(&b, mem);
	buf_add(&b, s->id.b, MSGID_LEN);
	buf_add(&b, s->env_hash.b, sizeof(s->env_hash.b));
	buf_u8(&b, (uint8_t)s->priority);
	buf_u64(&b, s->seq);
	buf_var(&b, span_str(s->from));
	txn_put(txn, TABLE_HOLLOW, place_of(&s->thread, s->leaf, 0, key), buf_bytes(&b));
}

bool
hollow_read_late(struct span key, struct span row, struct late *late)
{
	struct cursor c;

	if (key.n != PLACE_LEN || key.p[PLACE_LEN - 1] != 0)
		return false;
	memset(late, 0, sizeof(*late));
	memcpy(late->thread.b, key.p, THREAD_LEN);
	late->leaf = storage_number(SPAN(key.p + THREAD_LEN, 8));
	cursor_init(&c, row);
	cursor_copy(&c, late->id.b, MSGID_LEN);
	cursor_copy(&c, late->hash.b, sizeof(late->hash.b));
	late->priority = (enum priority)cursor_u8(&c);
	late->seq = cursor_u64(&c);
	storage_text(&c, late->from, sizeof(late->from));
	return cursor_end(&c) == OK;
}

void
hollow_drop_late(struct txn *txn, const struct late *late)
{
	uint8_t key[PLACE_LEN];

	txn_del(txn, TABLE_HOLLOW, place_of(&late->thread, late->leaf, 0, key));
}

bool
hollow_has_late(struct txn *txn, const struct thread_id *thread, const char *from, uint64_t last, uint64_t seq)
{
	bool has = false;
	struct late late;
	struct walk w;

	for (bool more = walk_from(txn, TABLE_HOLLOW, SPAN(thread->b, THREAD_LEN), &w); more && !has; more = walk_next(&w)) {
		if (w.key.n < THREAD_LEN || memcmp(w.key.p, thread->b, THREAD_LEN) != 0)
			break;
		has = hollow_read_late(w.key, w.value, &late) && strcmp(late.from, from) == 0 && late.seq > last && late.seq < seq;
	}
	walk_end(&w);
	return has;
}

void
hollow_count(struct txn *txn, uint64_t *ret_threads, uint64_t *ret_late)
{
	struct walk w;

	*ret_threads = *ret_late = 0;
	for (bool more = walk_from(txn, TABLE_HOLLOW, SPAN_NONE, &w); more; more = walk_next(&w)) {
		*ret_threads += w.key.n == THREAD_LEN;
		*ret_late += w.key.n == PLACE_LEN && w.key.p[PLACE_LEN - 1] == 0;
	}
	walk_end(&w);
}
