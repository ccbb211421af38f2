/* SPDX-License-Identifier: EUPL-1.2 */
/* txn - a store's transactions and the walks in them: errors are sticky, a commit that gave OK is on disk. */
#include "proto/base/store_env.h"

#include <assert.h>
#include <errno.h>
#include <lmdb.h>
#include <stdlib.h>

#define VALUE_MAX ((size_t)1 << 30)

struct txn {
	struct store *store;
	MDB_txn *mdb;		/* NULL if it could not begin; `e` says why */
	bool is_write;
	enum err e;
};

/* Given when there is no memory for a transaction; never changed, so that any thread may have it. */
static struct txn no_memory = { .e = ERR_NOMEM };

static void
fail(struct txn *txn, int rc)
{
	if (txn->e == OK)
		txn->e = store_env_err(rc);
}

/* -- begin and end -- */

static struct txn *
begin(struct store *store, bool is_write)
{
	struct txn *txn = calloc(1, sizeof(*txn));
	int rc;

	if (txn == NULL)
		return &no_memory;
	txn->store = store;
	txn->is_write = is_write;
	if (is_write && store->read_only)
		rc = EACCES;
	else
		rc = mdb_txn_begin(store->env, NULL, is_write ? 0 : MDB_RDONLY, &txn->mdb);
	if (rc != 0) {
		txn->mdb = NULL;
		fail(txn, rc);
	}
	return txn;
}

struct txn *
store_read(struct store *store)
{
	return begin(store, false);
}

struct txn *
store_write(struct store *store)
{
	return begin(store, true);
}

void
txn_abort(struct txn *txn)
{
	if (txn == NULL || txn == &no_memory)
		return;
	if (txn->mdb != NULL)
		mdb_txn_abort(txn->mdb);
	free(txn);
}

enum err
txn_commit(struct txn *txn)
{
	enum err e = txn->e;

	if (e == OK && txn->is_write && txn->store->before_sync != NULL)
		e = txn->store->before_sync(txn->store->fault_arg);
	if (e == OK && txn->is_write) {
		e = store_env_err(mdb_txn_commit(txn->mdb));
		txn->mdb = NULL;	/* freed by LMDB, whatever it said */
		if (e == OK)
			store_room_turn(txn->store);
	}
	txn_abort(txn);
	return e;
}

enum err
txn_error(const struct txn *txn)
{
	return txn->e;
}

/* -- rows -- */

static MDB_dbi
table_get(const struct txn *txn, unsigned table)
{
	assert(table < txn->store->n_tables);
	return txn->store->tables[table];
}

struct span
txn_get(struct txn *txn, unsigned table, struct span key)
{
	MDB_val k = store_env_val(key), v;
	int rc;

	if (txn->e != OK || key.n == 0 || key.n > STORE_KEY_MAX)
		return SPAN_NONE;
	rc = mdb_get(txn->mdb, table_get(txn, table), &k, &v);
	if (rc == 0)
		return store_env_span(v);
	if (rc != MDB_NOTFOUND)
		fail(txn, rc);
	return SPAN_NONE;
}

static void
put(struct txn *txn, unsigned table, struct span key, struct span value, unsigned flags)
{
	MDB_val k = store_env_val(key), v = store_env_val(value);
	int rc;

	if (txn->e != OK)
		return;
	assert(txn->is_write && key.n > 0);
	if (key.n > STORE_KEY_MAX || value.n > VALUE_MAX) {
		txn->e = ERR_TOOBIG;
		return;
	}
	rc = mdb_put(txn->mdb, table_get(txn, table), &k, &v, flags);
	if (rc == MDB_KEYEXIST)
		txn->e = ERR_EXISTS;
	else
		fail(txn, rc);
}

void
txn_put(struct txn *txn, unsigned table, struct span key, struct span value)
{
	put(txn, table, key, value, 0);
}

void
txn_put_new(struct txn *txn, unsigned table, struct span key, struct span value)
{
	put(txn, table, key, value, MDB_NOOVERWRITE);
}

void
txn_del(struct txn *txn, unsigned table, struct span key)
{
	MDB_val k = store_env_val(key);
	int rc;

	if (txn->e != OK || key.n == 0 || key.n > STORE_KEY_MAX)
		return;
	assert(txn->is_write);
	rc = mdb_del(txn->mdb, table_get(txn, table), &k, NULL);
	if (rc != MDB_NOTFOUND)
		fail(txn, rc);
}

uint64_t
txn_count(struct txn *txn, unsigned table)
{
	MDB_stat stat;
	int rc;

	if (txn->e != OK)
		return 0;
	rc = mdb_stat(txn->mdb, table_get(txn, table), &stat);
	fail(txn, rc);
	return rc == 0 ? stat.ms_entries : 0;
}

/* -- walks -- */

static bool
walk_step(struct walk *w, struct span from, MDB_cursor_op op)
{
	MDB_val key = store_env_val(from), value = store_env_val(SPAN_NONE);
	int rc;

	w->key = w->value = SPAN_NONE;
	if (w->impl == NULL || w->txn->e != OK)
		return false;
	rc = mdb_cursor_get(w->impl, &key, &value, op);
	if (rc == 0) {
		w->key = store_env_span(key);
		w->value = store_env_span(value);
	} else if (rc != MDB_NOTFOUND) {
		fail(w->txn, rc);
	}
	return rc == 0;
}

static void
walk_begin(struct txn *txn, unsigned table, struct walk *w)
{
	MDB_cursor *cursor = NULL;

	*w = (struct walk){ .txn = txn };
	if (txn->e != OK)
		return;
	fail(txn, mdb_cursor_open(txn->mdb, table_get(txn, table), &cursor));
	if (txn->e == OK)
		w->impl = cursor;
}

bool
walk_from(struct txn *txn, unsigned table, struct span from, struct walk *ret_walk)
{
	walk_begin(txn, table, ret_walk);
	return walk_step(ret_walk, from, from.n > 0 ? MDB_SET_RANGE : MDB_FIRST);
}

bool
walk_before(struct txn *txn, unsigned table, struct span before, struct walk *ret_walk)
{
	walk_begin(txn, table, ret_walk);
	if (before.n > 0 && walk_step(ret_walk, before, MDB_SET_RANGE))
		return walk_step(ret_walk, SPAN_NONE, MDB_PREV);
	return walk_step(ret_walk, SPAN_NONE, MDB_LAST);
}

bool
walk_next(struct walk *walk)
{
	/* a cursor of LMDB that found nothing would begin anew */
	return walk->key.p != NULL && walk_step(walk, SPAN_NONE, MDB_NEXT);
}

bool
walk_prev(struct walk *walk)
{
	return walk->key.p != NULL && walk_step(walk, SPAN_NONE, MDB_PREV);
}

void
walk_end(struct walk *walk)
{
	if (walk->impl != NULL)
		mdb_cursor_close(walk->impl);
	*walk = (struct walk){ 0 };
}
