/* SPDX-License-Identifier: EUPL-1.2 */
/* resume - how the run before ended, for the line that each start says: in good order, by a crash, or there was none.
 *
 * One small row, written when a run begins and when it ends well. It tells; nothing is decided by it, so a store that is too
 * full for it stops nobody. But its commit is the first of a run, and puts on the disk what a run that died within a failing
 * write may have left in the page cache alone: where it fails for another reason, what was read cannot be relied on.
 */
#ifndef ADAPTER_RESUME_H
#define ADAPTER_RESUME_H

#include "proto/base/store.h"

enum resume_last { RESUME_NONE, RESUME_CLEAN, RESUME_CRASH };

struct resumed {
	enum resume_last last;
	int64_t last_ms;	/* when the run before began (after a crash) or ended; 0: there was none */
};

/* What the run before left; from now on this one is under way. */
enum err resume_begin(struct store *store, int64_t now_ms, struct resumed *ret_resumed) MUST_USE;	/* ERR_STORE: end */
void resume_end(struct store *store, int64_t now_ms);
const char *resume_last_name(enum resume_last last);	/* "none", "clean", "crash" */

#endif
