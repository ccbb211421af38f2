/* SPDX-License-Identifier: EUPL-1.2 */
/* spool_place - the folders of the folder door, held open.
 *
 * A share that is mounted anew, or a folder that somebody removes and makes again, is another one under the old name: what is held open leads nowhere
 * then. So it is looked at before each scan. Called by spool_in.c.
 */
#ifndef ADAPTER_SPOOL_PLACE_H
#define ADAPTER_SPOOL_PLACE_H

#include <limits.h>

#include "adapters/core/door_host.h"
#include "config/adapter_config.h"

/* Where files lie; -1: not open. */
struct spool_place {
	int in_fd, claimed_fd, done_fd, bad_fd;
	int64_t settle_ms;		/* a file untouched for so long is complete */
	char claimed_path[PATH_MAX];
};

/* ERR_CONFIG, and what errno says: `why` names the setting. What was opened is open also then. */
enum err spool_place_open(struct spool_place *place, const struct adapter_config *config, struct why *why) MUST_USE;
void spool_place_close(struct spool_place *place);
/* Open again what is another folder now. *ret_is_moved: the one where files come in, or that of the claimed ones. Else as open; what cannot be
 * opened stays as it was. */
enum err spool_place_renew(struct spool_place *place, const struct adapter_config *config, bool *ret_is_moved, struct why *why) MUST_USE;

#endif
