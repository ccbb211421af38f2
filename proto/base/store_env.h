/* SPDX-License-Identifier: EUPL-1.2 */
/* store_env - the store's own struct and LMDB's words in ours: for store.c, store_room.c and txn.c, which alone know LMDB.
 *
 * LMDB's types are named here and never seen: no header of ours includes a third party's.
 */
#ifndef BASE_STORE_ENV_H
#define BASE_STORE_ENV_H

#include "proto/base/store.h"

struct MDB_env;
struct MDB_val;

struct store {
	struct MDB_env *env;
	char *path;
	unsigned meta, *tables;		/* handles */
	unsigned n_tables;
	bool read_only;
	enum err (*before_sync)(void *arg);
	void *fault_arg;
};

enum err store_env_err(int rc);			/* of LMDB's call */
struct MDB_val store_env_val(struct span s);	/* for reading: LMDB does not write to what it is given */
struct span store_env_span(struct MDB_val v);

/* After a commit that freed much: that the next writer may use it. */
void store_room_turn(struct store *store);

#endif
