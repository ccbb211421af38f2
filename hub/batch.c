/* SPDX-License-Identifier: EUPL-1.2 */
/* batch - entries in an array, rows in an array and in a hash by table and key; all in the batch's arena. */
#include "hub/batch.h"

#include <assert.h>
#include <stdlib.h>

#define BUCKETS_MIN 64u

/* FNV-1a; keys hold random ids of enrolled agencies, and a bucket is bounded by the batch. */
static uint64_t
hash_of(enum batch_table table, struct span key)
{
	uint64_t h = UINT64_C(14695981039346656037) ^ (uint64_t)table;

	for (size_t i = 0; i < key.n; i++)
		h = (h ^ key.p[i]) * UINT64_C(1099511628211);
	return h ^ (h >> 29);
}

struct batch *
batch_new(size_t cap)
{
	struct batch *b = calloc(1, sizeof(*b));

	if (b && (b->mem = arena_new(cap)) == NULL) {
		free(b);
		b = NULL;
	}
	return b;
}

void
batch_free(struct batch *b)
{
	if (b == NULL)
		return;
	arena_free(b->mem);
	free(b);
}

void
batch_reset(struct batch *b, uint64_t first)
{
	struct arena *mem = b->mem;

	arena_reset(mem);
	*b = (struct batch){ .mem = mem, .first = first };
}

bool
batch_is_empty(const struct batch *b)
{
	return b->n_entries == 0 && b->n_rows == 0;
}

bool
batch_is_full(const struct batch *b)
{
	return arena_is_full(b->mem);
}

struct entry *
batch_entry(struct batch *b, uint64_t *ret_index)
{
	struct entry *e;

	if (b->n_entries == b->cap_entries) {
		size_t cap = b->cap_entries ? 2 * b->cap_entries : 32;

		e = arena_grow(b->mem, b->entries, b->cap_entries * sizeof(*e), cap * sizeof(*e));
		if (e == NULL)
			return NULL;
		b->entries = e;
		b->cap_entries = cap;
	}
	e = &b->entries[b->n_entries];
	memset(e, 0, sizeof(*e));
	*ret_index = b->first + b->n_entries++;
	return e;
}

static bool
rehash(struct batch *b)
{
	size_t n = b->n_buckets ? 2 * b->n_buckets : BUCKETS_MIN;
	struct row **buckets = arena_array(b->mem, n, sizeof(struct row *));

	if (buckets == NULL)
		return false;
	for (size_t i = 0; i < b->n_rows; i++) {
		struct row *row = b->rows[i];
		struct row **at = &buckets[hash_of(row->table, row->key) & (n - 1)];

		row->next = *at;
		*at = row;
	}
	b->buckets = buckets;
	b->n_buckets = n;
	return true;
}

static struct row *
find(const struct batch *b, enum batch_table table, struct span key)
{
	struct row *row;

	if (b->n_buckets == 0)
		return NULL;
	for (row = b->buckets[hash_of(table, key) & (b->n_buckets - 1)]; row; row = row->next)
		if (row->table == table && span_eq(row->key, key))
			return row;
	return NULL;
}

const struct row *
batch_find(const struct batch *b, enum batch_table table, struct span key)
{
	return find(b, table, key);
}

static struct row *
row_of(struct batch *b, enum batch_table table, struct span key)
{
	struct row *row = find(b, table, key), **rows, **at;
	size_t cap;

	if (row)
		return row;
	if (b->n_rows >= b->n_buckets && !rehash(b))
		return NULL;
	if (b->n_rows == b->cap_rows) {
		cap = b->cap_rows ? 2 * b->cap_rows : BUCKETS_MIN;
		rows = arena_grow(b->mem, b->rows, b->cap_rows * sizeof(struct row *), cap * sizeof(struct row *));
		if (rows == NULL)
			return NULL;
		b->rows = rows;
		b->cap_rows = cap;
	}
	if ((row = arena_alloc(b->mem, sizeof(*row))) == NULL)
		return NULL;
	row->table = table;
	row->key = arena_span(b->mem, key);
	if (row->key.p == NULL)
		return NULL;
	at = &b->buckets[hash_of(table, key) & (b->n_buckets - 1)];
	row->next = *at;
	*at = row;
	b->rows[b->n_rows++] = row;
	return row;
}

void
batch_put(struct batch *b, enum batch_table table, struct span key, struct span value)
{
	struct row *row = row_of(b, table, key);

	assert(value.n > 0);
	if (row == NULL)
		return;
	row->is_del = false;
	if (row->value.n == value.n)	/* counters are put again and again */
		memcpy((uint8_t *)(uintptr_t)row->value.p, value.p, value.n);
	else
		row->value = arena_span(b->mem, value);
}

void
batch_del(struct batch *b, enum batch_table table, struct span key)
{
	struct row *row = row_of(b, table, key);

	if (row) {
		row->is_del = true;
		row->value = SPAN_NONE;
	}
}
