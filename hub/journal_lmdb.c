/* SPDX-License-Identifier: EUPL-1.2 */
/* journal_lmdb - the journal on base/store: the embedded default. Tables are the store's, one for one. */
#include <stdlib.h>

#include "hub/journal_back.h"
#include "proto/base/store.h"

static const char *const table_names[] = {
	"ids", "queue", "threads", "stages", "agencies", "clocks", "directory", "sheets", "due", "party", "shares", "dead",
	"offers", "bulletin",
	"leaves", "details", "heads", "bodies", "rowkeys", "nodes", "checkpoints", "meta", NULL,
};
_Static_assert(sizeof(table_names) / sizeof(table_names[0]) == N_TABLES + 1, "a name for each table");

static void *
lmdb_read(void *back)
{
	return store_read(back);
}

static struct span
lmdb_get(void *txn, unsigned table, struct span key)
{
	return txn_get(txn, table, key);
}

static void *
lmdb_walk(bool found, struct walk *walk, struct span *ret_key, struct span *ret_value)
{
	if (!found) {
		walk_end(walk);
		free(walk);
		return NULL;
	}
	*ret_key = walk->key;
	*ret_value = walk->value;
	return walk;
}

static void *
lmdb_walk_from(void *txn, unsigned table, struct span from, struct span *ret_key, struct span *ret_value)
{
	struct walk *walk = calloc(1, sizeof(*walk));

	return walk ? lmdb_walk(walk_from(txn, table, from, walk), walk, ret_key, ret_value) : NULL;
}

static void *
lmdb_walk_last(void *txn, unsigned table, struct span *ret_key, struct span *ret_value)
{
	struct walk *walk = calloc(1, sizeof(*walk));

	return walk ? lmdb_walk(walk_before(txn, table, SPAN_NONE, walk), walk, ret_key, ret_value) : NULL;
}

static bool
lmdb_walk_next(void *impl, struct span *ret_key, struct span *ret_value)
{
	struct walk *walk = impl;

	if (!walk_next(walk))
		return false;
	*ret_key = walk->key;
	*ret_value = walk->value;
	return true;
}

static void
lmdb_walk_end(void *impl)
{
	walk_end(impl);
	free(impl);
}

static enum err
lmdb_read_end(void *txn)
{
	enum err e = txn_error(txn);

	txn_abort(txn);
	return e;
}

static void *
lmdb_write(void *back)
{
	return store_write(back);
}

static void
lmdb_put(void *txn, unsigned table, struct span key, struct span value)
{
	txn_put(txn, table, key, value);
}

static void
lmdb_del(void *txn, unsigned table, struct span key)
{
	txn_del(txn, table, key);
}

static enum err
lmdb_commit(void *txn)
{
	return txn_commit(txn);
}

static void
lmdb_abort(void *txn)
{
	txn_abort(txn);
}

static uint64_t
lmdb_room(void *back)
{
	return store_room(back);
}

static void
lmdb_close(void *back)
{
	store_close(back);
}

static const struct journal_back lmdb_back = {
	.read = lmdb_read, .get = lmdb_get, .walk_from = lmdb_walk_from, .walk_last = lmdb_walk_last,
	.walk_next = lmdb_walk_next, .walk_end = lmdb_walk_end, .read_end = lmdb_read_end, .write = lmdb_write,
	.put = lmdb_put, .del = lmdb_del, .commit = lmdb_commit, .abort = lmdb_abort, .room = lmdb_room,
	.close = lmdb_close,
};

enum err
journal_open_lmdb(const struct journal_options *options, const char *path, size_t map_bytes, struct journal **ret_journal,
		  struct why *why)
{
	struct store_options store = {
		.path = path, .tables = table_names, .map_bytes = map_bytes, .schema = JOURNAL_SCHEMA,
		.read_only = options->read_only,
	};
	struct store *back;
	enum err e;

	if ((e = store_open(&store, &back, why)) != OK)
		return e;
	return journal_new(options, &lmdb_back, back, ret_journal, why);
}
