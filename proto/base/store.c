/* SPDX-License-Identifier: EUPL-1.2 */
/* store - LMDB behind spans and sticky errors: made, opened, copied. Transactions are in txn.c, room in store_room.c.
 *
 * Invariants: data.mdb and lock.mdb lie in a directory of mode 0700; the table META says which schema wrote them, from
 * the first commit on; a commit that gave OK is on disk (fdatasync), and so are the names of the files; no transaction
 * is nested, no flag trades durability for speed. NOTLS: a reading transaction is bound to its object, not to a thread.
 */
#include "proto/base/store_env.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/bug.h"
#include "proto/base/durable.h"

#define META "_meta"
#define READERS_MAX 510		/* reading transactions at a time, of all processes together */

/* -- LMDB's words -- */

enum err
store_env_err(int rc)
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

MDB_val
store_env_val(struct span s)
{
	return (MDB_val){ .mv_size = s.n, .mv_data = (void *)(uintptr_t)s.p };
}

struct span
store_env_span(MDB_val v)
{
	return SPAN(v.mv_data, v.mv_size);
}

/* -- files -- */

/* A directory that is there, durably if we made it. The one above is synced only then: else it may well be unreadable. */
static bool
make_folder(const char *path)
{
	if (mkdir(path, 0700) != 0)
		return errno == EEXIST;
	return durable_folder_of(path);
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
	if (rc == 0 && !durable_folder(path))
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
	MDB_val key = store_env_val(SPAN_LIT("schema")), value;
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
		cursor_init(&c, store_env_span(value));
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
		value = store_env_val(SPAN(be, sizeof(be)));
		rc = mdb_put(mdb, meta, &key, &value, 0);
	}
	if (rc != 0)
		return why_set(why, store_env_err(rc), o->path, "%s", mdb_strerror(rc));
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
			e = why_set(why, store_env_err(rc), o->path, "table %s: %s", o->tables[i], mdb_strerror(rc));
	}
	if (e == OK && rc == 0) {
		rc = mdb_txn_commit(mdb);	/* keeps the handles, also of a reading transaction */
		mdb = NULL;
	}
	if (e == OK && rc != 0)
		e = why_set(why, store_env_err(rc), o->path, "%s", mdb_strerror(rc));
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

	if (!o->read_only && !make_folder(o->path))
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
		return why_set(why, o->read_only && rc == ENOENT ? ERR_NOTFOUND : store_env_err(rc), o->path, "%s",
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
	if (!s->read_only && !durable_folder(s->path)) {
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

/* -- copy -- */

enum err
store_copy(struct store *store, const char *path)
{
	char file[PATH_MAX];
	enum err e = ERR_STORE;
	int fd = -1, rc;

	if ((size_t)snprintf(file, sizeof(file), "%s/data.mdb", path) >= sizeof(file) || !make_folder(path))
		return errno == ENOENT ? ERR_NOTFOUND : ERR_STORE;
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST ? ERR_EXISTS : ERR_STORE;
	rc = mdb_env_copyfd2(store->env, fd, MDB_CP_COMPACT);
	if (rc == 0 && fsync(fd) != 0)
		rc = errno;
	if (close(fd) != 0 && rc == 0)
		rc = errno;
	if (rc == 0 && !durable_folder(path))
		rc = errno;
	e = rc == ENOSPC || rc == EDQUOT ? ERR_FULL : store_env_err(rc);
	if (e != OK)
		unlink(file);
	return e;
}

void
store_set_fault(struct store *store, enum err (*before_sync)(void *arg), void *arg)
{
	store->before_sync = before_sync;
	store->fault_arg = arg;
}
