/* SPDX-License-Identifier: EUPL-1.2 */
/* rows - plain encodings through cursor and buf; the fields of each value stand in row.def, once for both ways. */
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
row_due_at(struct span key, struct due_key *ret_due)
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

static size_t
take_count(struct cursor *c, size_t max)
{
	size_t n = cursor_u8(c);

	if (n <= max)
		return n;
	c->e = ERR_FORMAT;
	return 0;
}

static void
add_names(struct buf *b, const char *const *names, size_t n)
{
	buf_u8(b, (uint8_t)n);
	for (size_t i = 0; i < n; i++)
		add_name(b, names[i]);
}

static size_t
take_names(struct cursor *c, struct arena *mem, const char **names, size_t max)
{
	size_t n = take_count(c, max);

	for (size_t i = 0; i < n; i++)
		names[i] = take_name(c, mem);
	return n;
}

static void
add_numbers(struct buf *b, const uint64_t *numbers, size_t n)
{
	buf_u8(b, (uint8_t)n);
	for (size_t i = 0; i < n; i++)
		buf_u64(b, numbers[i]);
}

static size_t
take_numbers(struct cursor *c, uint64_t *numbers, size_t max)
{
	size_t n = take_count(c, max);

	for (size_t i = 0; i < n; i++)
		numbers[i] = cursor_u64(c);
	return n;
}

static void
add_places(struct buf *b, const struct party_place *places, size_t n)
{
	buf_u8(b, (uint8_t)n);
	for (size_t i = 0; i < n; i++) {
		add_name(b, places[i].agency);
		buf_u64(b, places[i].seq);
		buf_u64(b, places[i].last_no);
	}
}

static size_t
take_places(struct cursor *c, struct arena *mem, struct party_place *places, size_t max)
{
	size_t n = take_count(c, max);

	for (size_t i = 0; i < n; i++) {
		places[i].agency = take_name(c, mem);
		places[i].seq = cursor_u64(c);
		places[i].last_no = cursor_u64(c);
	}
	return n;
}

static enum err
end(struct cursor *c)
{
	return cursor_end(c) == OK ? OK : ERR_CORRUPT;
}

#define ROOM(array) (sizeof(array) / sizeof((array)[0]))

/* to bytes */
#define ROW(id) \
	struct span row_##id(const struct id##_row *r, struct arena *mem) \
	{ \
		struct buf b; \
		buf_init(&b, mem);
#define ROW_IN(id) ROW(id)
#define U64(field) buf_u64(&b, (uint64_t)r->field);
#define U32(field) buf_u32(&b, r->field);
#define U8(field) buf_u8(&b, (uint8_t)r->field);
#define OCTETS(field) buf_add(&b, r->field, sizeof(r->field));
#define BYTES(field) buf_var(&b, r->field);
#define NAME(field) add_name(&b, r->field);
#define NAMES(fields, count) add_names(&b, r->fields, r->count);
#define NUMBERS(fields, count) add_numbers(&b, r->fields, r->count);
#define PLACES(places, count) add_places(&b, r->places, r->count);
#define NAME_HERE(field) add_name(&b, r->field);
#define END \
		return buf_bytes(&b); \
	}
#include "hub/row.def"

/* and back */
#define BEGIN \
	{ \
		struct cursor c; \
		cursor_init(&c, value);
#define ROW(id) enum err row_decode_##id(struct span value, struct id##_row *ret_row) BEGIN
#define ROW_IN(id) enum err row_decode_##id(struct span value, struct arena *mem, struct id##_row *ret_row) BEGIN
#define U64(field) ret_row->field = (typeof(ret_row->field))cursor_u64(&c);
#define U32(field) ret_row->field = cursor_u32(&c);
#define U8(field) ret_row->field = (typeof(ret_row->field))cursor_u8(&c);
#define OCTETS(field) cursor_copy(&c, ret_row->field, sizeof(ret_row->field));
#define BYTES(field) ret_row->field = cursor_var(&c);
#define NAME(field) ret_row->field = take_name(&c, mem);
#define NAMES(fields, count) ret_row->count = take_names(&c, mem, ret_row->fields, ROOM(ret_row->fields));
#define NUMBERS(fields, count) ret_row->count = take_numbers(&c, ret_row->fields, ROOM(ret_row->fields));
#define PLACES(places, count) ret_row->count = take_places(&c, mem, ret_row->places, ROOM(ret_row->places));
#define NAME_HERE(field) copy_name(&c, ret_row->field);
#define END \
		return end(&c); \
	}
#include "hub/row.def"

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
