/* SPDX-License-Identifier: EUPL-1.2 */
/* resume - how the run before ended, for the line that each start says: in good order, by a crash, or there was none.
 *
 * One small row, written when a run begins and when it ends well. It tells; nothing is decided by it, so a disk that is too
 * full for it stops nobody.
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
void resume_begin(struct store *store, int64_t now_ms, struct resumed *ret_resumed);
void resume_end(struct store *store, int64_t now_ms);
const char *resume_last_name(enum resume_last last);	/* "none", "clean", "crash" */

#endif
