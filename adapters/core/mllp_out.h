/* SPDX-License-Identifier: EUPL-1.2 */
/* mllp_out - the MLLP door out: one connection to the agency's system, one message on it at a time, its answer awaited. */
#ifndef ADAPTER_MLLP_OUT_H
#define ADAPTER_MLLP_OUT_H

#include "adapters/core/door_host.h"
#include "config/adapter_config.h"

struct mllp_out;

/* config->out_mllp is on; `config` and `host` are borrowed. Connects when there is something to send, and stays connected. To
 * be closed after the loop has ended. ERR_KEYFILE. */
enum err mllp_out_open(const struct adapter_config *config, const struct door_host *host, struct mllp_out **ret_door, struct why *why)
	MUST_USE;
void mllp_out_close(struct mllp_out *d);	/* NULL is fine */
struct door *mllp_out_door(struct mllp_out *d);

#endif
