/* SPDX-License-Identifier: EUPL-1.2 */
/* journal_mem - the journal on memory, for the simulator: what was not committed is gone when its journal crashes.
 *
 * A disk is one sorted array of rows a table; a transaction is a list of changes that the commit applies all or none. Its
 * failures are those of a real disk: an error with everything on it, or with nothing.
 */
#include <assert.h>
#include <stdlib.h>

#include "hub/journal_back.h"

struct cell { uint8_t *bytes; size_t key_n, value_n; };
struct cells { struct cell *at; size_t n, cap; };

struct journal_disk {
	struct cells tables[N_TABLES];
	bool fails, lost;
};

struct change { unsigned table; bool is_del; struct cell cell; };

struct mem_txn {
	struct journal_disk *disk;
	struct change *changes;
	size_t n, cap;
};

struct mem_walk { struct cells *cells; size_t at; };

struct journal_disk *
journal_disk_new(void)
{
	return calloc(1, sizeof(struct journal_disk));
}

void
journal_disk_free(struct journal_disk *disk)
{
	if (disk == NULL)
		return;
	for (unsigned t = 0; t < N_TABLES; t++) {
		for (size_t i = 0; i < disk->tables[t].n; i++)
			free(disk->tables[t].at[i].bytes);
		free(disk->tables[t].at);
	}
	free(disk);
}

void
journal_disk_fail(struct journal_disk *disk, bool fails, bool lost)
{
	disk->fails = fails;
	disk->lost = lost;
}

static struct span
key_of(const struct cell *c)
{
	return SPAN(c->bytes, c->key_n);
}

static struct span
value_of(const struct cell *c)
{
	return SPAN(c->bytes + c->key_n, c->value_n);
}

/* The first cell whose key is >= `key`. */
static size_t
place(const struct cells *cells, struct span key, bool *ret_is_equal)
{
	size_t low = 0, high = cells->n;

	*ret_is_equal = false;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		struct span k = key_of(&cells->at[mid]);
		size_t n = k.n < key.n ? k.n : key.n;
		int cmp = n ? memcmp(k.p, key.p, n) : 0;

		if (cmp == 0 && k.n == key.n)
			*ret_is_equal = true;
		if (cmp < 0 || (cmp == 0 && k.n < key.n))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void *
mem_begin(void *back)
{
	struct mem_txn *txn = calloc(1, sizeof(*txn));

	assert(txn);
	txn->disk = back;
	return txn;
}

static struct span
mem_get(void *impl, unsigned table, struct span key)
{
	struct mem_txn *txn = impl;
	struct cells *cells = &txn->disk->tables[table];
	bool is_equal;
	size_t at = place(cells, key, &is_equal);

	return is_equal ? value_of(&cells->at[at]) : SPAN_NONE;
}

static void *
mem_walk_at(struct cells *cells, size_t at, struct span *ret_key, struct span *ret_value)
{
	struct mem_walk *walk;

	if (at >= cells->n)
		return NULL;
	walk = calloc(1, sizeof(*walk));
	assert(walk);
	*walk = (struct mem_walk){ cells, at };
	*ret_key = key_of(&cells->at[at]);
	*ret_value = value_of(&cells->at[at]);
	return walk;
}

static void *
mem_walk_from(void *impl, unsigned table, struct span from, struct span *ret_key, struct span *ret_value)
{
	struct mem_txn *txn = impl;
	bool is_equal;

	return mem_walk_at(&txn->disk->tables[table], place(&txn->disk->tables[table], from, &is_equal), ret_key, ret_value);
}

static void *
mem_walk_last(void *impl, unsigned table, struct span *ret_key, struct span *ret_value)
{
	struct mem_txn *txn = impl;
	struct cells *cells = &txn->disk->tables[table];

	return cells->n ? mem_walk_at(cells, cells->n - 1, ret_key, ret_value) : NULL;
}

static bool
mem_walk_next(void *impl, struct span *ret_key, struct span *ret_value)
{
	struct mem_walk *walk = impl;

	if (++walk->at >= walk->cells->n)
		return false;
	*ret_key = key_of(&walk->cells->at[walk->at]);
	*ret_value = value_of(&walk->cells->at[walk->at]);
	return true;
}

static void
mem_abort(void *impl)
{
	struct mem_txn *txn = impl;

	for (size_t i = 0; i < txn->n; i++)
		free(txn->changes[i].cell.bytes);
	free(txn->changes);
	free(txn);
}

static enum err
mem_read_end(void *impl)
{
	mem_abort(impl);
	return OK;
}

static struct change *
change(struct mem_txn *txn, unsigned table, struct span key, struct span value)
{
	struct change *c;

	if (txn->n == txn->cap) {
		txn->cap = txn->cap ? 2 * txn->cap : 16;
		txn->changes = realloc(txn->changes, txn->cap * sizeof(*txn->changes));
		assert(txn->changes);
	}
	c = &txn->changes[txn->n++];
	*c = (struct change){ .table = table, .cell = { .key_n = key.n, .value_n = value.n } };
	c->cell.bytes = malloc(key.n + value.n + 1);
	assert(c->cell.bytes);
	memcpy(c->cell.bytes, key.p, key.n);
	if (value.n)
		memcpy(c->cell.bytes + key.n, value.p, value.n);
	return c;
}

static void
mem_put(void *impl, unsigned table, struct span key, struct span value)
{
	(void)change(impl, table, key, value);
}

static void
mem_del(void *impl, unsigned table, struct span key)
{
	change(impl, table, key, SPAN_NONE)->is_del = true;
}

static void
apply(struct journal_disk *disk, struct change *c)
{
	struct cells *cells = &disk->tables[c->table];
	bool is_equal;
	size_t at = place(cells, key_of(&c->cell), &is_equal);

	if (c->is_del && !is_equal)
		return;
	if (is_equal)
		free(cells->at[at].bytes);
	if (c->is_del) {
		memmove(&cells->at[at], &cells->at[at + 1], (cells->n - at - 1) * sizeof(struct cell));
		cells->n--;
		return;
	}
	if (!is_equal) {
		if (cells->n == cells->cap) {
			cells->cap = cells->cap ? 2 * cells->cap : 64;
			cells->at = realloc(cells->at, cells->cap * sizeof(struct cell));
			assert(cells->at);
		}
		memmove(&cells->at[at + 1], &cells->at[at], (cells->n - at) * sizeof(struct cell));
		cells->n++;
	}
	cells->at[at] = c->cell;
	c->cell.bytes = NULL;
}

static enum err
mem_commit(void *impl)
{
	struct mem_txn *txn = impl;
	bool fails = txn->disk->fails;

	if (!fails || !txn->disk->lost)
		for (size_t i = 0; i < txn->n; i++)
			apply(txn->disk, &txn->changes[i]);
	mem_abort(txn);
	return fails ? ERR_STORE : OK;
}

static uint64_t
mem_room(void *back)
{
	(void)back;
	return 0;
}

static void
mem_close(void *back)
{
	(void)back;	/* the disk is its maker's */
}

static const struct journal_back mem_back = {
	.read = mem_begin, .get = mem_get, .walk_from = mem_walk_from, .walk_last = mem_walk_last,
	.walk_next = mem_walk_next, .walk_end = free, .read_end = mem_read_end, .write = mem_begin, .put = mem_put,
	.del = mem_del, .commit = mem_commit, .abort = mem_abort, .room = mem_room, .close = mem_close,
};

enum err
journal_open_mem(const struct journal_options *options, struct journal_disk *disk, struct journal **ret_journal,
		 struct why *why)
{
	return journal_new(options, &mem_back, disk, ret_journal, why);
}
