/* SPDX-License-Identifier: EUPL-1.2 */
/* committer - the thread that commits: one batch at a time; a door bell tells the loop that it is done.
 *
 * The only thread that opens write transactions while the hub serves. When it has nothing else to do it writes the last
 * checkpoint outside the store, where a restored older store is found out.
 */
#ifndef HUB_COMMITTER_H
#define HUB_COMMITTER_H

#include "hub/journal.h"
#include "proto/base/loop.h"

struct committer;

struct committer_options {
	struct loop *loop;
	struct journal *journal;
	const char *checkpoint_file;
	void (*on_done)(void *arg, struct batch *batch, enum err e);	/* in the loop */
	void *arg;
};

enum err committer_start(const struct committer_options *options, struct committer **ret_committer) MUST_USE;
void committer_commit(struct committer *c, struct batch *batch);	/* the batch is the thread's until on_done */
/* Waits for the batch under way (on_done is not called any more), writes the checkpoint file; NULL is fine. */
void committer_stop(struct committer *c);

#endif
