/* SPDX-License-Identifier: EUPL-1.2 */
/* spool_in - the folder door in: files are claimed, taken, answered by a result file, and only then put away.
 *
 * A file is moved into in_dir/.claimed-AGENCY before it is read, so that nobody takes it twice; what a crash leaves there
 * is taken again at the start, which changes nothing, since its messages are known by their ids. done_dir gets what was
 * taken, wholly or in part, bad_dir the rest. What is refused for now only (too much waits, disk full) stays claimed.
 * A table may name files that lie beside it: it waits for them (in.folder.file_wait), they go with it (spool_set.h), and what no table
 * names in that time is refused by itself.
 */
#ifndef ADAPTER_SPOOL_IN_H
#define ADAPTER_SPOOL_IN_H

#include "adapters/core/door_host.h"
#include "config/adapter_config.h"

#define SPOOL_IN_RETRY_MS 5000		/* what was refused for now */

struct spool_in;

/* config->in_folder is on; `config` and `host` are borrowed. To be closed after the loop has ended. ERR_CONFIG: a folder is
 * not there or not ours. */
enum err spool_in_open(const struct adapter_config *config, const struct door_host *host, struct spool_in **ret_door, struct why *why)
	MUST_USE;
void spool_in_close(struct spool_in *d);	/* NULL is fine */

#endif
