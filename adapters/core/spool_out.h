/* SPDX-License-Identifier: EUPL-1.2 */
/* spool_out - the folder door out: each message a file that appears whole, under a name of its own that never changes. */
#ifndef ADAPTER_SPOOL_OUT_H
#define ADAPTER_SPOOL_OUT_H

#include "adapters/core/door_host.h"
#include "config/adapter_config.h"

struct spool_out;

/* config->out_folder is on; `config` and `host` are borrowed. Answers each handover before `hand` returns. */
enum err spool_out_open(const struct adapter_config *config, const struct door_host *host, struct spool_out **ret_door,
			struct why *why) MUST_USE;
void spool_out_close(struct spool_out *d);	/* NULL is fine */
struct door *spool_out_door(struct spool_out *d);

#endif
