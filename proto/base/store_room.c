/* SPDX-License-Identifier: EUPL-1.2 */
/* store_room - how much can still be written, and how what was freed comes to be used: LMDB's free list, read as it writes it. */
#include "proto/base/store_env.h"

#include <lmdb.h>
#include <sys/statvfs.h>

#define FREED_MUCH 16		/* a sixteenth of the map in one commit */
#define FREE_LIST ((MDB_dbi)0)	/* LMDB's own table of free pages */

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
void
store_room_turn(struct store *store)
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
	key = store_env_val(SPAN_LIT("turn"));
	value = store_env_val(SPAN_LIT(""));
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
