/* SPDX-License-Identifier: EUPL-1.2 */
/* rows - plain encodings through cursor and buf; each value is exactly its fields in the order of the struct. */
#include "hub/rows.h"

/* -- keys -- */

static size_t
put_agency(uint8_t *to, const char *agency)
{
	size_t n = strnlen(agency, AGENCY_ID_MAX);

	memcpy(to, agency, n);
	to[n] = 0;
	return n + 1;
}

static size_t
put_u64(uint8_t *to, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		to[i] = (uint8_t)(v >> (56 - 8 * i));
	return 8;
}

struct span
row_key_id(const struct msgid *id, const char *from, struct row_key *key)
{
	memcpy(key->b, id->b, MSGID_LEN);
	return SPAN(key->b, MSGID_LEN + put_agency(key->b + MSGID_LEN, from));
}

struct span
row_key_queue(const char *agency, enum lane lane, uint64_t no, struct row_key *key)
{
	size_t n = put_agency(key->b, agency);

	key->b[n++] = (uint8_t)lane;
	n += put_u64(key->b + n, no);
	return SPAN(key->b, n);
}

struct span
row_key_thread(const struct thread_id *thread, struct row_key *key)
{
	memcpy(key->b, thread->b, THREAD_LEN);
	return SPAN(key->b, THREAD_LEN);
}

struct span
row_key_stage(uint64_t leaf, const char *recipient, struct row_key *key)
{
	size_t n = put_u64(key->b, leaf);

	return SPAN(key->b, n + put_agency(key->b + n, recipient));
}

struct span
row_key_agency(const char *agency, struct row_key *key)
{
	return SPAN(key->b, put_agency(key->b, agency));
}

struct span
row_key_clock(const char *agency, enum owed owed, uint64_t leaf, struct row_key *key)
{
	size_t n = put_agency(key->b, agency);

	key->b[n++] = (uint8_t)owed;
	return SPAN(key->b, n + put_u64(key->b + n, leaf));
}

struct span
row_key_due(const struct due_key *due, struct row_key *key)
{
	size_t n = 0;

	key->b[n++] = (uint8_t)due->lane;
	n += put_u64(key->b + n, (uint64_t)due->at_ms);
	n += put_u64(key->b + n, due->leaf);
	key->b[n++] = due->place;
	return SPAN(key->b, n);
}

struct span
row_key_party(const char *agency, enum party_range range, uint64_t leaf, struct row_key *key)
{
	size_t n = put_agency(key->b, agency);

	key->b[n++] = (uint8_t)range;
	n += put_u64(key->b + n, leaf);
	return SPAN(key->b, n);
}

struct span
row_key_share(const char *recipient, const char *sender, struct row_key *key)
{
	size_t n = put_agency(key->b, recipient);

	return SPAN(key->b, n + put_agency(key->b + n, sender));
}

struct span
row_key_dead(const char *recipient, uint64_t leaf, struct row_key *key)
{
	size_t n = put_agency(key->b, recipient);

	return SPAN(key->b, n + put_u64(key->b + n, leaf));
}

struct span
row_key_offer(const char *agency, const char *service, struct row_key *key)
{
	size_t n = put_agency(key->b, agency);

	return SPAN(key->b, n + put_agency(key->b + n, service));
}

struct span
row_key_bulletin(uint64_t leaf, struct row_key *key)
{
	return SPAN(key->b, put_u64(key->b, leaf));
}

struct span
row_key_directory(uint64_t version, struct row_key *key)
{
	return SPAN(key->b, put_u64(key->b, version));
}

static bool
number_after(struct span key, struct span prefix, uint64_t *ret_no)
{
	struct cursor c;

	if (key.n != prefix.n + 8 || memcmp(key.p, prefix.p, prefix.n) != 0)
		return false;
	cursor_init(&c, SPAN(key.p + prefix.n, 8));
	*ret_no = cursor_u64(&c);
	return true;
}

bool
row_queue_no(struct span key, const char *agency, enum lane lane, uint64_t *ret_no)
{
	struct row_key mine;
	struct span prefix = row_key_queue(agency, lane, 0, &mine);

	return number_after(key, SPAN(prefix.p, prefix.n - 8), ret_no);
}

bool
row_clock_leaf(struct span key, const char *agency, enum owed owed, uint64_t *ret_leaf)
{
	struct row_key mine;
	struct span prefix = row_key_clock(agency, owed, 0, &mine);

	return number_after(key, SPAN(prefix.p, prefix.n - 8), ret_leaf);
}

bool
row_due(struct span key, struct due_key *ret_due)
{
	struct cursor c;

	cursor_init(&c, key);
	ret_due->lane = (enum due_lane)cursor_u8(&c);
	ret_due->at_ms = (int64_t)cursor_u64(&c);
	ret_due->leaf = cursor_u64(&c);
	ret_due->place = cursor_u8(&c);
	return cursor_end(&c) == OK;
}

bool
row_party_leaf(struct span key, const char *agency, enum party_range range, uint64_t *ret_leaf)
{
	struct row_key mine;
	struct span prefix = row_key_party(agency, range, 0, &mine);

	return number_after(key, SPAN(prefix.p, prefix.n - 8), ret_leaf);
}

bool
row_bulletin_leaf(struct span key, uint64_t *ret_leaf)
{
	return number_after(key, SPAN(key.p, 0), ret_leaf);
}

enum err
row_dead_key(struct span key, char ret_recipient[AGENCY_ID_MAX + 1], uint64_t *ret_leaf)
{
	const uint8_t *end = key.n > 8 ? memchr(key.p, 0, key.n - 8) : NULL;
	size_t n = end ? (size_t)(end - key.p) : 0;

	if (n == 0 || n > AGENCY_ID_MAX || key.n != n + 1 + 8)
		return ERR_CORRUPT;
	memcpy(ret_recipient, key.p, n + 1);
	return number_after(key, SPAN(key.p, n + 1), ret_leaf) ? OK : ERR_CORRUPT;
}

/* -- values -- */

static void
add_name(struct buf *b, const char *name)
{
	size_t n = strnlen(name, AGENCY_ID_MAX);

	buf_u8(b, (uint8_t)n);
	buf_add(b, name, n);
}

static const char *
take_name(struct cursor *c, struct arena *mem)
{
	struct span s = cursor_take(c, cursor_u8(c));
	const char *name = arena_strn(mem, s.p ? s.p : (const uint8_t *)"", s.n);

	if (name == NULL || s.n == 0 || s.n > AGENCY_ID_MAX)
		c->e = ERR_FORMAT;
	return name;
}

/* A name that may be empty. */
static void
copy_name(struct cursor *c, char to[AGENCY_ID_MAX + 1])
{
	struct span s = cursor_take(c, cursor_u8(c));

	if (s.n > AGENCY_ID_MAX)
		c->e = ERR_FORMAT;
	if (c->e != OK)
		s = SPAN_NONE;
	if (s.n > 0)
		memcpy(to, s.p, s.n);
	to[s.n] = '\0';
}

static enum err
end(struct cursor *c)
{
	return cursor_end(c) == OK ? OK : ERR_CORRUPT;
}

struct span
row_id(const struct id_row *r, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_add(&b, r->hash.b, sizeof(r->hash.b));
	buf_u64(&b, r->leaf);
	buf_u8(&b, (uint8_t)r->class);
	buf_add(&b, r->thread.b, THREAD_LEN);
	buf_u64(&b, r->seq);
	buf_u8(&b, (uint8_t)r->n_to);
	for (size_t i = 0; i < r->n_to; i++)
		add_name(&b, r->to[i]);
	return buf_bytes(&b);
}

enum err
row_decode_id(struct span value, struct arena *mem, struct id_row *ret_row)
{
	struct cursor c;

	cursor_init(&c, value);
	cursor_copy(&c, ret_row->hash.b, sizeof(ret_row->hash.b));
	ret_row->leaf = cursor_u64(&c);
	ret_row->class = (enum envelope_class)cursor_u8(&c);
	cursor_copy(&c, ret_row->thread.b, THREAD_LEN);
	ret_row->seq = cursor_u64(&c);
	ret_row->n_to = cursor_u8(&c);
	if (ret_row->n_to > ENVELOPE_TO_MAX)
		return ERR_CORRUPT;
	for (size_t i = 0; i < ret_row->n_to; i++)
		ret_row->to[i] = take_name(&c, mem);
	return end(&c);
}

struct span
row_queue(const struct queue_row *r, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u64(&b, r->leaf);
	buf_u32(&b, r->bytes);
	buf_u64(&b, (uint64_t)r->at_ms);
	buf_add(&b, r->thread.b, THREAD_LEN);
	buf_u64(&b, r->before);
	add_name(&b, r->from);
	return buf_bytes(&b);
}

enum err
row_decode_queue(struct span value, struct queue_row *ret_row)
{
	struct cursor c;

	cursor_init(&c, value);
	ret_row->leaf = cursor_u64(&c);
	ret_row->bytes = cursor_u32(&c);
	ret_row->at_ms = (int64_t)cursor_u64(&c);
	cursor_copy(&c, ret_row->thread.b, THREAD_LEN);
	ret_row->before = cursor_u64(&c);
	copy_name(&c, ret_row->from);
	return end(&c);
}

struct span
row_thread(const struct thread_row *r, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u8(&b, (uint8_t)r->n);
	for (size_t i = 0; i < r->n; i++) {
		add_name(&b, r->at[i].agency);
		buf_u64(&b, r->at[i].seq);
		buf_u64(&b, r->at[i].last_no);
	}
	return buf_bytes(&b);
}

enum err
row_decode_thread(struct span value, struct arena *mem, struct thread_row *ret_row)
{
	struct cursor c;

	cursor_init(&c, value);
	ret_row->n = cursor_u8(&c);
	if (ret_row->n > ENVELOPE_TO_MAX + 1)
		return ERR_CORRUPT;
	for (size_t i = 0; i < ret_row->n; i++) {
		ret_row->at[i].agency = take_name(&c, mem);
		ret_row->at[i].seq = cursor_u64(&c);
		ret_row->at[i].last_no = cursor_u64(&c);
	}
	return end(&c);
}

struct span
row_agency(const struct agency_row *r, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u64(&b, r->last_no);
	buf_u64(&b, r->epoch);
	buf_u64(&b, r->queued);
	buf_u64(&b, r->queued_bytes);
	buf_u64(&b, r->unregistered);
	buf_u64(&b, r->accepted);
	buf_u64(&b, r->delivered);
	buf_u64(&b, r->late);
	buf_u64(&b, r->under_way);
	buf_u64(&b, r->under_way_bytes);
	return buf_bytes(&b);
}

enum err
row_decode_agency(struct span value, struct agency_row *ret_row)
{
	struct cursor c;

	cursor_init(&c, value);
	ret_row->last_no = cursor_u64(&c);
	ret_row->epoch = cursor_u64(&c);
	ret_row->queued = cursor_u64(&c);
	ret_row->queued_bytes = cursor_u64(&c);
	ret_row->unregistered = cursor_u64(&c);
	ret_row->accepted = cursor_u64(&c);
	ret_row->delivered = cursor_u64(&c);
	ret_row->late = cursor_u64(&c);
	ret_row->under_way = cursor_u64(&c);
	ret_row->under_way_bytes = cursor_u64(&c);
	return end(&c);
}

struct span
row_share(const struct share_row *r, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u64(&b, r->messages);
	buf_u64(&b, r->bytes);
	return buf_bytes(&b);
}

enum err
row_decode_share(struct span value, struct share_row *ret_row)
{
	struct cursor c;

	cursor_init(&c, value);
	ret_row->messages = cursor_u64(&c);
	ret_row->bytes = cursor_u64(&c);
	return end(&c);
}

struct span
row_dead(const struct dead_row *r, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u64(&b, r->submit);
	buf_u32(&b, r->code);
	buf_u64(&b, (uint64_t)r->at_ms);
	add_name(&b, r->from);
	return buf_bytes(&b);
}

enum err
row_decode_dead(struct span value, struct dead_row *ret_row)
{
	struct cursor c;

	cursor_init(&c, value);
	ret_row->submit = cursor_u64(&c);
	ret_row->code = cursor_u32(&c);
	ret_row->at_ms = (int64_t)cursor_u64(&c);
	copy_name(&c, ret_row->from);
	return end(&c);
}

struct span
row_party(const struct party_row *r, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u8(&b, (uint8_t)r->priority);
	buf_u64(&b, (uint64_t)r->registered_by_ms);
	buf_u64(&b, (uint64_t)r->respond_by_ms);
	buf_u64(&b, (uint64_t)r->expires_ms);
	add_name(&b, r->from);
	buf_u8(&b, (uint8_t)r->n_to);
	for (size_t i = 0; i < r->n_to; i++)
		add_name(&b, r->to[i]);
	return buf_bytes(&b);
}

enum err
row_decode_party(struct span value, struct arena *mem, struct party_row *ret_row)
{
	struct cursor c;

	cursor_init(&c, value);
	ret_row->priority = (enum priority)cursor_u8(&c);
	ret_row->registered_by_ms = (int64_t)cursor_u64(&c);
	ret_row->respond_by_ms = (int64_t)cursor_u64(&c);
	ret_row->expires_ms = (int64_t)cursor_u64(&c);
	ret_row->from = take_name(&c, mem);
	ret_row->n_to = cursor_u8(&c);
	if (ret_row->n_to > ENVELOPE_TO_MAX)
		return ERR_CORRUPT;
	for (size_t i = 0; i < ret_row->n_to; i++)
		ret_row->to[i] = take_name(&c, mem);
	return end(&c);
}

struct span
row_directory(const struct directory_row *r, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u64(&b, (uint64_t)r->since_ms);
	buf_u64(&b, r->leaf);
	buf_var(&b, r->bytes);
	buf_var(&b, r->note);
	return buf_bytes(&b);
}

enum err
row_decode_directory(struct span value, struct directory_row *ret_row)
{
	struct cursor c;

	cursor_init(&c, value);
	ret_row->since_ms = (int64_t)cursor_u64(&c);
	ret_row->leaf = cursor_u64(&c);
	ret_row->bytes = cursor_var(&c);
	ret_row->note = cursor_var(&c);
	return end(&c);
}

struct span
row_sheet(const struct sheet_row *r, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u64(&b, r->leaf);
	buf_var(&b, r->bytes);
	return buf_bytes(&b);
}

enum err
row_decode_sheet(struct span value, struct sheet_row *ret_row)
{
	struct cursor c;

	cursor_init(&c, value);
	ret_row->leaf = cursor_u64(&c);
	ret_row->bytes = cursor_var(&c);
	return end(&c);
}

struct span
row_clock(const struct clock_row *r, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u64(&b, (uint64_t)r->since_ms);
	buf_u64(&b, (uint64_t)r->registered_by_ms);
	buf_u64(&b, (uint64_t)r->respond_by_ms);
	buf_u64(&b, (uint64_t)r->expires_ms);
	buf_u8(&b, (uint8_t)r->priority);
	buf_u8(&b, r->place);
	add_name(&b, r->from);
	buf_add(&b, r->id.b, MSGID_LEN);
	buf_add(&b, r->hash.b, sizeof(r->hash.b));
	buf_add(&b, r->thread.b, THREAD_LEN);
	return buf_bytes(&b);
}

enum err
row_decode_clock(struct span value, struct arena *mem, struct clock_row *ret_row)
{
	struct cursor c;

	cursor_init(&c, value);
	ret_row->since_ms = (int64_t)cursor_u64(&c);
	ret_row->registered_by_ms = (int64_t)cursor_u64(&c);
	ret_row->respond_by_ms = (int64_t)cursor_u64(&c);
	ret_row->expires_ms = (int64_t)cursor_u64(&c);
	ret_row->priority = (enum priority)cursor_u8(&c);
	ret_row->place = cursor_u8(&c);
	ret_row->from = take_name(&c, mem);
	cursor_copy(&c, ret_row->id.b, MSGID_LEN);
	cursor_copy(&c, ret_row->hash.b, sizeof(ret_row->hash.b));
	cursor_copy(&c, ret_row->thread.b, THREAD_LEN);
	return end(&c);
}

struct span
row_due_value(const struct due_row *r, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u8(&b, (uint8_t)r->fact);
	buf_u8(&b, (uint8_t)r->priority);
	add_name(&b, r->from);
	add_name(&b, r->to);
	return buf_bytes(&b);
}

enum err
row_decode_due(struct span value, struct arena *mem, struct due_row *ret_row)
{
	struct cursor c;

	cursor_init(&c, value);
	ret_row->fact = (enum notice_fact)cursor_u8(&c);
	ret_row->priority = (enum priority)cursor_u8(&c);
	ret_row->from = take_name(&c, mem);
	ret_row->to = take_name(&c, mem);
	return end(&c);
}

struct span
row_leaf(uint64_t leaf, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u64(&b, leaf);
	return buf_bytes(&b);
}

enum err
row_decode_leaf(struct span value, uint64_t *ret_leaf)
{
	struct cursor c;

	cursor_init(&c, value);
	*ret_leaf = cursor_u64(&c);
	return end(&c);
}

struct span
row_offer(const struct offer_row *r, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u64(&b, r->leaf);
	buf_u64(&b, (uint64_t)r->created_ms);
	buf_u8(&b, r->is_ended);
	return buf_bytes(&b);
}

enum err
row_decode_offer(struct span value, struct offer_row *ret_row)
{
	struct cursor c;

	cursor_init(&c, value);
	ret_row->leaf = cursor_u64(&c);
	ret_row->created_ms = (int64_t)cursor_u64(&c);
	ret_row->is_ended = cursor_u8(&c) != 0;
	return end(&c);
}

struct span
row_stages(uint16_t bits, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u16(&b, bits);
	return buf_bytes(&b);
}

enum err
row_decode_stages(struct span value, uint16_t *ret_bits)
{
	struct cursor c;

	cursor_init(&c, value);
	*ret_bits = cursor_u16(&c);
	return end(&c);
}
