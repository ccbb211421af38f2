/* SPDX-License-Identifier: EUPL-1.2 */
/* mllp_in - the MLLP door in: HL7 v2 messages of the systems that may connect, each answered in order.
 *
 * Who is not on the list is closed at once. A connection whose answers are not read is not read either. What breaks the
 * framing is answered as far as it can be, and then the connection is closed.
 */
#ifndef ADAPTER_MLLP_IN_H
#define ADAPTER_MLLP_IN_H

#include "adapters/core/door_host.h"
#include "config/adapter_config.h"

struct mllp_in;

/* config->in_mllp is on; `config` and `host` are borrowed. To be closed after the loop has ended. ERR_CONFIG, ERR_KEYFILE. */
enum err mllp_in_open(const struct adapter_config *config, const struct door_host *host, struct mllp_in **ret_door, struct why *why)
	MUST_USE;
void mllp_in_close(struct mllp_in *d);		/* NULL is fine */
uint16_t mllp_in_port(const struct mllp_in *d);

#endif
