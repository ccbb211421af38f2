/* SPDX-License-Identifier: EUPL-1.2 */
/* filebook - one row a file, and tables that lead to it: by name, by message, and those that are not done with. */
#include "adapters/core/filebook.h"

#include "adapters/core/storage.h"

#define FILE_VERSION 1
#define NAME_KEY (1 + THREAD_LEN + sizeof(struct hash))
#define OF_KEY 9

static bool
is_open(const struct file *f)
{
	return f->state == FILE_COMING || f->state == FILE_SENDING || f->state == FILE_GATHERING;
}

static struct span
encode(const struct file *f, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u8(&b, FILE_VERSION);
	buf_u8(&b, (uint8_t)f->state);
	buf_u8(&b, f->is_ours);
	buf_add(&b, f->thread.b, THREAD_LEN);
	buf_var(&b, span_str(f->from));
	buf_add(&b, f->name.b, sizeof(f->name.b));
	buf_add(&b, f->said.b, sizeof(f->said.b));
	buf_u64(&b, f->whole.size);
	buf_add(&b, f->whole.sha256.b, sizeof(f->whole.sha256.b));
	buf_u8(&b, (uint8_t)f->whole.parts);
	for (unsigned i = 0; i < f->whole.parts; i++)
		buf_u64(&b, f->whole.at[i]);
	buf_u64(&b, f->face);
	buf_u16(&b, (uint16_t)err_number(f->code));
	buf_u64(&b, (uint64_t)f->began_ms);
	buf_u64(&b, (uint64_t)f->changed_ms);
	return buf_bytes(&b);
}

static bool
decode(struct span row, struct file *f)
{
	struct cursor c;

	memset(f, 0, sizeof(*f));
	cursor_init(&c, row);
	if (cursor_u8(&c) != FILE_VERSION)
		return false;
	f->state = (enum file_state)cursor_u8(&c);
	f->is_ours = cursor_u8(&c) != 0;
	cursor_copy(&c, f->thread.b, THREAD_LEN);
	storage_text(&c, f->from, sizeof(f->from));
	cursor_copy(&c, f->name.b, sizeof(f->name.b));
	cursor_copy(&c, f->said.b, sizeof(f->said.b));
	f->whole.size = cursor_u64(&c);
	cursor_copy(&c, f->whole.sha256.b, sizeof(f->whole.sha256.b));
	if ((f->whole.parts = cursor_u8(&c)) > WHOLE_PARTS_MAX)
		return false;
	for (unsigned i = 0; i < f->whole.parts; i++)
		f->whole.at[i] = cursor_u64(&c);
	f->face = cursor_u64(&c);
	f->code = err_by_number(cursor_u16(&c));
	f->began_ms = (int64_t)cursor_u64(&c);
	f->changed_ms = (int64_t)cursor_u64(&c);
	return cursor_end(&c) == OK;
}

void
filebook_put(struct txn *txn, struct arena *mem, const struct file *f)
{
	struct key8 key = storage_key(f->number);

	txn_put(txn, TABLE_FILE, SPAN(key.b, sizeof(key.b)), encode(f, mem));
	if (is_open(f))
		txn_put(txn, TABLE_FILE_OPEN, SPAN(key.b, sizeof(key.b)), SPAN(key.b, sizeof(key.b)));
	else
		txn_del(txn, TABLE_FILE_OPEN, SPAN(key.b, sizeof(key.b)));
}

void
filebook_add(struct txn *txn, struct arena *mem, struct file *f)
{
	struct walk w;

	f->number = walk_before(txn, TABLE_FILE, SPAN_NONE, &w) ? storage_number(w.key) + 1 : 1;
	walk_end(&w);
	filebook_put(txn, mem, f);
}

bool
filebook_get(struct txn *txn, uint64_t number, struct file *ret_file)
{
	struct key8 key = storage_key(number);
	struct span row = txn_get(txn, TABLE_FILE, SPAN(key.b, sizeof(key.b)));

	if (row.p == NULL || !decode(row, ret_file))
		return false;
	ret_file->number = number;
	return true;
}

static struct span
name_key(char table, const struct thread_id *thread, const struct hash *name, uint8_t key[static NAME_KEY])
{
	key[0] = (uint8_t)table;
	memcpy(key + 1, thread->b, THREAD_LEN);
	memcpy(key + 1 + THREAD_LEN, name->b, sizeof(name->b));
	return SPAN(key, NAME_KEY);
}

bool
filebook_named(struct txn *txn, bool is_ours, const struct thread_id *thread, const struct hash *name, struct file *ret_file)
{
	uint8_t key[NAME_KEY];
	struct span row = txn_get(txn, TABLE_FILE_NAME, name_key(is_ours ? 'o' : 'i', thread, name, key));

	return row.n == 8 && filebook_get(txn, storage_number(row), ret_file);
}

void
filebook_name(struct txn *txn, const struct file *f)
{
	static const struct thread_id none = { .b = { 0 } };
	struct key8 number = storage_key(f->number);
	uint8_t key[NAME_KEY];

	txn_put(txn, TABLE_FILE_NAME, name_key(f->is_ours ? 'o' : 'i', f->is_ours ? &none : &f->thread, &f->name, key),
		SPAN(number.b, sizeof(number.b)));
}

uint64_t
filebook_first(struct txn *txn, bool is_ours, const struct thread_id *thread, const struct hash *name)
{
	uint8_t key[NAME_KEY];
	struct span row = txn_get(txn, TABLE_FILE_NAME, name_key(is_ours ? 'O' : 'I', thread, name, key));

	return row.n == 8 ? storage_number(row) : 0;
}

void
filebook_put_first(struct txn *txn, bool is_ours, const struct thread_id *thread, const struct hash *name, uint64_t at)
{
	struct key8 place = storage_key(at);
	uint8_t key[NAME_KEY];

	txn_put(txn, TABLE_FILE_NAME, name_key(is_ours ? 'O' : 'I', thread, name, key), SPAN(place.b, sizeof(place.b)));
}

static struct span
of_key(bool is_ours, uint64_t at, uint8_t key[static OF_KEY])
{
	struct key8 k = storage_key(at);

	key[0] = is_ours ? 'o' : 'i';
	memcpy(key + 1, k.b, sizeof(k.b));
	return SPAN(key, OF_KEY);
}

bool
filebook_of(struct txn *txn, bool is_ours, uint64_t at, struct file *ret_file)
{
	uint8_t key[OF_KEY];
	struct span row = txn_get(txn, TABLE_FILE_OF, of_key(is_ours, at, key));

	return row.n == 8 && filebook_get(txn, storage_number(row), ret_file);
}

void
filebook_join(struct txn *txn, const struct file *f, uint64_t at)
{
	struct key8 number = storage_key(f->number);
	uint8_t key[OF_KEY];

	txn_put(txn, TABLE_FILE_OF, of_key(f->is_ours, at, key), SPAN(number.b, sizeof(number.b)));
}

bool
filebook_is_hidden(struct txn *txn, uint64_t cursor)
{
	struct file f;

	return filebook_of(txn, false, cursor, &f) && f.face != cursor;
}

bool
filebook_next_open(struct txn *txn, uint64_t after, struct file *ret_file)
{
	struct key8 key = storage_key(after + 1);
	uint64_t number = 0;
	struct walk w;

	if (walk_from(txn, TABLE_FILE_OPEN, SPAN(key.b, sizeof(key.b)), &w))
		number = storage_number(w.key);
	walk_end(&w);
	return number != 0 && filebook_get(txn, number, ret_file);
}

/* -- what waits -- */

struct span
filebook_place(uint64_t number, unsigned part, struct file_place *place)
{
	struct key8 k = storage_key(number);

	memcpy(place->b, k.b, sizeof(k.b));
	place->b[sizeof(k.b)] = (uint8_t)part;
	return SPAN(place->b, sizeof(place->b));
}

void
filebook_stage(struct txn *txn, uint64_t number, unsigned part, struct span closed)
{
	struct file_place place;

	txn_put(txn, TABLE_STAGED, filebook_place(number, part, &place), closed);
}

struct span
filebook_staged(struct txn *txn, uint64_t number, unsigned part)
{
	struct file_place place;

	return txn_get(txn, TABLE_STAGED, filebook_place(number, part, &place));
}

void
filebook_unstage(struct txn *txn, uint64_t number, unsigned part)
{
	struct file_place place;

	txn_del(txn, TABLE_STAGED, filebook_place(number, part, &place));
}

void
filebook_forget(struct txn *txn, const struct file *f)
{
	struct key8 key = storage_key(f->number);

	for (unsigned part = 0; part <= WHOLE_PARTS_MAX; part++)
		filebook_unstage(txn, f->number, part);
	txn_del(txn, TABLE_FILE_OPEN, SPAN(key.b, sizeof(key.b)));
	txn_del(txn, TABLE_FILE, SPAN(key.b, sizeof(key.b)));
}
