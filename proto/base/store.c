/* SPDX-License-Identifier: EUPL-1.2 */
/* store - LMDB behind spans and sticky errors; the only file that includes its header.
 *
 * Invariants: data.mdb and lock.mdb lie in a directory of mode 0700; the table META says which schema wrote them, from
 * the first commit on; a commit that gave OK is on disk (fdatasync), and so are the names of the files; no transaction
 * is nested, no flag trades durability for speed. NOTLS: a reading transaction is bound to its object, not to a thread.
 */
#include "proto/base/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "proto/base/bug.h"

#define META "_meta"
#define READERS_MAX 510		/* reading transactions at a time, of all processes together */
#define VALUE_MAX ((size_t)1 << 30)
#define FREED_MUCH 16		/* a sixteenth of the map in one commit */
#define FREE_LIST ((MDB_dbi)0)	/* LMDB's own table of free pages */

struct store {
	MDB_env *env;
	char *path;
	MDB_dbi meta, *tables;
	unsigned n_tables;
	bool read_only;
	enum err (*before_sync)(void *arg);
	void *fault_arg;
};

struct txn {
	struct store *store;
	MDB_txn *mdb;		/* NULL if it could not begin; `e` says why */
	bool is_write;
	enum err e;
};

/* Given when there is no memory for a transaction; never changed, so that any thread may have it. */
static struct txn no_memory = { .e = ERR_NOMEM };

static enum err
from_mdb(int rc)
{
	switch (rc) {
	case MDB_SUCCESS:
		return OK;
	case MDB_MAP_FULL:
		return ERR_FULL;
	case MDB_READERS_FULL:
		return ERR_BUSY;
	case ENOMEM:
		return ERR_NOMEM;
	default:
		return ERR_STORE;
	}
}

static void
fail(struct txn *txn, int rc)
{
	if (txn->e == OK)
		txn->e = from_mdb(rc);
}

/* LMDB's values are not const; it does not write to what it is given. */
static MDB_val
to_val(struct span s)
{
	return (MDB_val){ .mv_size = s.n, .mv_data = (void *)(uintptr_t)s.p };
}

static struct span
to_span(MDB_val v)
{
	return SPAN(v.mv_data, v.mv_size);
}

/* -- files -- */

static int
sync_path(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return -1;
	rc = fsync(fd);
	return close(fd) == 0 ? rc : -1;
}

/* A directory that is there, durably if we made it. The one above is synced only then: else it may well be unreadable. */
static int
make_folder(const char *path)
{
	char up[PATH_MAX];

	if (mkdir(path, 0700) != 0)
		return errno == EEXIST ? 0 : -1;
	if ((size_t)snprintf(up, sizeof(up), "%s", path) >= sizeof(up))
		return -1;
	return sync_path(dirname(up), O_RDONLY | O_DIRECTORY);
}

/* LMDB syncs the bytes of its files, not their names. */
static int
sync_names(const char *path)
{
	return sync_path(path, O_RDONLY | O_DIRECTORY);
}

/* -- making -- */

/* LMDB writes the first pages of a new file without a sync: who is stopped there would find a file that is no store, for
 * ever. So they are written and synced under another name, and data.mdb is whole from its first moment on.
 */
static int
make_file(const char *temp, size_t map_bytes)
{
	MDB_env *env = NULL;
	int rc = mdb_env_create(&env);

	if (rc == 0 && map_bytes > 0)
		rc = mdb_env_set_mapsize(env, map_bytes);
	if (rc == 0)
		rc = mdb_env_open(env, temp, MDB_NOSUBDIR | MDB_NOLOCK, 0600);
	if (rc == 0)
		rc = mdb_env_sync(env, 1);
	if (env != NULL)
		mdb_env_close(env);
	return rc;
}

/* Nothing to do when there is one with something in it. What a start before was stopped at is begun anew. */
static int
make_if_new(const char *path, size_t map_bytes)
{
	char file[PATH_MAX], temp[PATH_MAX];
	struct stat st;
	int rc;

	if ((size_t)snprintf(file, sizeof(file), "%s/data.mdb", path) >= sizeof(file) ||
	    (size_t)snprintf(temp, sizeof(temp), "%s/.data.new", path) >= sizeof(temp))
		return ENAMETOOLONG;
	if (stat(file, &st) == 0 && st.st_size > 0)
		return 0;
	if (unlink(temp) != 0 && errno != ENOENT)
		return errno;
	if ((rc = make_file(temp, map_bytes)) == 0 && rename(temp, file) != 0)
		rc = errno;
	if (rc == 0 && sync_names(path) != 0)
		rc = errno;
	return rc;
}

/* -- opening -- */

static enum err
check_schema(uint32_t found, uint32_t wanted, const char *path, struct why *why)
{
	if (found == wanted)
		return OK;
	return why_set(why, ERR_VERSION, path,
		       "the store was written by %s version (schema %u, this program has %u): %s",
		       found > wanted ? "a newer" : "an older", found, wanted,
		       found > wanted ? "install that version or a later one"
				      : "start the version that wrote it, or restore into an empty directory");
}

/* The schema of the store, written into it when the store is new. */
static enum err
open_meta(const struct store_options *o, MDB_txn *mdb, MDB_dbi *ret_meta, struct why *why)
{
	MDB_val key = to_val(SPAN_LIT("schema")), value;
	uint8_t be[4] = { (uint8_t)(o->schema >> 24), (uint8_t)(o->schema >> 16 & 0xFF),
			  (uint8_t)(o->schema >> 8 & 0xFF), (uint8_t)(o->schema & 0xFF) };
	struct cursor c;
	MDB_dbi meta = 0, names;
	MDB_stat stat;
	uint32_t found;
	int rc;

	rc = mdb_dbi_open(mdb, META, o->read_only ? 0 : MDB_CREATE, &meta);
	*ret_meta = meta;
	if (rc == MDB_NOTFOUND)
		return why_set(why, ERR_NOTFOUND, o->path, "there is no store in this directory yet");
	if (rc == 0)
		rc = mdb_get(mdb, meta, &key, &value);
	if (rc == 0) {
		cursor_init(&c, to_span(value));
		found = cursor_u32(&c);
		if (cursor_end(&c) != OK)
			return why_set(why, ERR_CORRUPT, o->path, "the store's schema number is damaged");
		return check_schema(found, o->schema, o->path, why);
	}
	/* A store without a schema is new; one that has tables all the same is somebody else's. */
	if (rc == MDB_NOTFOUND && !o->read_only && (rc = mdb_dbi_open(mdb, NULL, 0, &names)) == 0 &&
	    (rc = mdb_stat(mdb, names, &stat)) == 0) {
		if (stat.ms_entries > 1)
			return why_set(why, ERR_VERSION, o->path, "this directory holds a database of another program");
		value = to_val(SPAN(be, sizeof(be)));
		rc = mdb_put(mdb, meta, &key, &value, 0);
	}
	if (rc != 0)
		return why_set(why, from_mdb(rc), o->path, "%s", mdb_strerror(rc));
	return OK;
}

static enum err
open_tables(struct store *s, const struct store_options *o, struct why *why)
{
	MDB_txn *mdb = NULL;
	enum err e = OK;
	unsigned i;
	int rc;

	rc = mdb_txn_begin(s->env, NULL, o->read_only ? MDB_RDONLY : 0, &mdb);
	if (rc == 0 && (e = open_meta(o, mdb, &s->meta, why)) != OK)
		goto out;
	for (i = 0; rc == 0 && i < s->n_tables; i++) {
		rc = mdb_dbi_open(mdb, o->tables[i], o->read_only ? 0 : MDB_CREATE, &s->tables[i]);
		if (rc != 0)
			e = why_set(why, from_mdb(rc), o->path, "table %s: %s", o->tables[i], mdb_strerror(rc));
	}
	if (e == OK && rc == 0) {
		rc = mdb_txn_commit(mdb);	/* keeps the handles, also of a reading transaction */
		mdb = NULL;
	}
	if (e == OK && rc != 0)
		e = why_set(why, from_mdb(rc), o->path, "%s", mdb_strerror(rc));
out:
	if (mdb != NULL)
		mdb_txn_abort(mdb);
	return e;
}

static enum err
open_env(struct store *s, const struct store_options *o, struct why *why)
{
	unsigned flags = MDB_NORDAHEAD | MDB_NOTLS | (o->read_only ? MDB_RDONLY : 0) | (bug(BUG_SKIP_SYNC) ? MDB_NOSYNC : 0);
	int dead, rc;

	if (!o->read_only && make_folder(o->path) != 0)
		return why_set(why, ERR_STORE, o->path, "cannot make the directory: %s", strerror(errno));
	if (o->read_only && access(o->path, F_OK) != 0)
		return why_set(why, ERR_NOTFOUND, o->path, "%s", strerror(errno));
	rc = o->read_only ? 0 : make_if_new(o->path, o->map_bytes);
	if (rc == 0)
		rc = mdb_env_create(&s->env);
	if (rc == 0 && o->map_bytes > 0)
		rc = mdb_env_set_mapsize(s->env, o->map_bytes);
	if (rc == 0)
		rc = mdb_env_set_maxdbs(s->env, s->n_tables + 1);
	if (rc == 0)
		rc = mdb_env_set_maxreaders(s->env, READERS_MAX);
	if (rc == 0)
		rc = mdb_env_open(s->env, o->path, flags, 0600);
	if (rc == 0)
		rc = mdb_reader_check(s->env, &dead);	/* what a killed process left would keep pages for ever */
	if (rc == MDB_INVALID || rc == MDB_CORRUPTED)
		return why_set(why, ERR_CORRUPT, o->path, "%s", mdb_strerror(rc));
	if (rc != 0)
		return why_set(why, o->read_only && rc == ENOENT ? ERR_NOTFOUND : from_mdb(rc), o->path, "%s",
			       mdb_strerror(rc));
	return OK;
}

enum err
store_open(const struct store_options *options, struct store **ret_store, struct why *why)
{
	struct store *s = calloc(1, sizeof(*s));
	enum err e = ERR_NOMEM;

	*ret_store = NULL;
	if (s == NULL)
		goto out;
	while (options->tables[s->n_tables] != NULL)
		s->n_tables++;
	s->read_only = options->read_only;
	s->path = strdup(options->path);
	s->tables = calloc(s->n_tables + 1, sizeof(*s->tables));
	if (s->path == NULL || s->tables == NULL)
		goto out;
	if ((e = open_env(s, options, why)) != OK || (e = open_tables(s, options, why)) != OK)
		goto out;
	if (!s->read_only && sync_names(s->path) != 0) {
		e = why_set(why, ERR_STORE, s->path, "cannot sync the directory: %s", strerror(errno));
		goto out;
	}
	*ret_store = s;
	s = NULL;
out:
	store_close(s);
	return e;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	if (store->env != NULL)
		mdb_env_close(store->env);
	free(store->tables);
	free(store->path);
	free(store);
}

/* -- room -- */

/* Pages that the next writer may use again: what the last commit freed is not among them, as LMDB keeps the state before
 * it whole. A row of the free list is a transaction's number, then a count and as many page numbers, in the host's words.
 */
static int
count_free_pages(MDB_env *env, uint64_t *ret_usable, uint64_t *ret_last)
{
	MDB_cursor *cursor = NULL;
	MDB_txn *mdb = NULL;
	MDB_val key, value;
	size_t id, count;
	int rc;

	*ret_usable = *ret_last = 0;
	if ((rc = mdb_txn_begin(env, NULL, MDB_RDONLY, &mdb)) != 0)
		return rc;
	rc = mdb_cursor_open(mdb, FREE_LIST, &cursor);
	while (rc == 0 && (rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
		if (key.mv_size != sizeof(id) || value.mv_size < sizeof(count))
			continue;
		memcpy(&id, key.mv_data, sizeof(id));
		memcpy(&count, value.mv_data, sizeof(count));
		*(id < mdb_txn_id(mdb) ? ret_usable : ret_last) += count;
	}
	if (cursor != NULL)
		mdb_cursor_close(cursor);
	mdb_txn_abort(mdb);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

/* After a commit that freed much: one more, of nothing, so that it can be used. Else a store that was full and is cleared
 * at one stroke would stay full, since every writer that needs the room gives up before it commits. That it fails harms
 * nobody: the caller's commit is on disk, and the next writer meets the same trouble.
 */
static void
make_usable(struct store *store)
{
	uint64_t usable, last;
	MDB_txn *mdb = NULL;
	MDB_envinfo info;
	MDB_val key, value;
	MDB_stat stat;

	if (mdb_env_info(store->env, &info) != 0 || mdb_env_stat(store->env, &stat) != 0 ||
	    count_free_pages(store->env, &usable, &last) != 0)
		return;
	if (last < info.me_mapsize / stat.ms_psize / FREED_MUCH || mdb_txn_begin(store->env, NULL, 0, &mdb) != 0)
		return;
	key = to_val(SPAN_LIT("turn"));
	value = to_val(SPAN_LIT(""));
	if (mdb_put(mdb, store->meta, &key, &value, 0) == 0)
		(void)!mdb_txn_commit(mdb);
	else
		mdb_txn_abort(mdb);
}

uint64_t
store_room(struct store *store)
{
	uint64_t pages, last, used, map, disk;
	struct statvfs fs;
	MDB_envinfo info;
	MDB_stat stat;

	if (statvfs(store->path, &fs) != 0 || mdb_env_info(store->env, &info) != 0 ||
	    mdb_env_stat(store->env, &stat) != 0 || count_free_pages(store->env, &pages, &last) != 0)
		return 0;
	used = (uint64_t)info.me_last_pgno + 1;
	used = used > pages ? used - pages : 0;
	map = info.me_mapsize / stat.ms_psize;
	map = map > used ? (map - used) * stat.ms_psize : 0;
	disk = (uint64_t)fs.f_bavail * fs.f_frsize;
	map = map < disk ? map : disk;
	return map > 0 ? map : 1;	/* none left is not unknown */
}

/* -- copy -- */

enum err
store_copy(struct store *store, const char *path)
{
	char file[PATH_MAX];
	enum err e = ERR_STORE;
	int fd = -1, rc;

	if ((size_t)snprintf(file, sizeof(file), "%s/data.mdb", path) >= sizeof(file) || make_folder(path) != 0)
		return errno == ENOENT ? ERR_NOTFOUND : ERR_STORE;
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST ? ERR_EXISTS : ERR_STORE;
	rc = mdb_env_copyfd2(store->env, fd, MDB_CP_COMPACT);
	if (rc == 0 && fsync(fd) != 0)
		rc = errno;
	if (close(fd) != 0 && rc == 0)
		rc = errno;
	if (rc == 0 && sync_names(path) != 0)
		rc = errno;
	e = rc == ENOSPC || rc == EDQUOT ? ERR_FULL : from_mdb(rc);
	if (e != OK)
		unlink(file);
	return e;
}

/* -- transactions -- */

static struct txn *
txn_begin(struct store *store, bool is_write)
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
	return txn_begin(store, false);
}

struct txn *
store_write(struct store *store)
{
	return txn_begin(store, true);
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
		e = from_mdb(mdb_txn_commit(txn->mdb));
		txn->mdb = NULL;	/* freed by LMDB, whatever it said */
		if (e == OK)
			make_usable(txn->store);
	}
	txn_abort(txn);
	return e;
}

enum err
txn_error(const struct txn *txn)
{
	return txn->e;
}

static MDB_dbi
table_get(const struct txn *txn, unsigned table)
{
	assert(table < txn->store->n_tables);
	return txn->store->tables[table];
}

struct span
txn_get(struct txn *txn, unsigned table, struct span key)
{
	MDB_val k = to_val(key), v;
	int rc;

	if (txn->e != OK || key.n == 0 || key.n > STORE_KEY_MAX)
		return SPAN_NONE;
	rc = mdb_get(txn->mdb, table_get(txn, table), &k, &v);
	if (rc == 0)
		return to_span(v);
	if (rc != MDB_NOTFOUND)
		fail(txn, rc);
	return SPAN_NONE;
}

static void
put(struct txn *txn, unsigned table, struct span key, struct span value, unsigned flags)
{
	MDB_val k = to_val(key), v = to_val(value);
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
	MDB_val k = to_val(key);
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
	MDB_val key = to_val(from), value = to_val(SPAN_NONE);
	int rc;

	w->key = w->value = SPAN_NONE;
	if (w->impl == NULL || w->txn->e != OK)
		return false;
	rc = mdb_cursor_get(w->impl, &key, &value, op);
	if (rc == 0) {
		w->key = to_span(key);
		w->value = to_span(value);
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

void
store_set_fault(struct store *store, enum err (*before_sync)(void *arg), void *arg)
{
	store->before_sync = before_sync;
	store->fault_arg = arg;
}
