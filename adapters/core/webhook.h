/* SPDX-License-Identifier: EUPL-1.2 */
/* webhook - the HTTP door out: each message a signed POST (Standard Webhooks) to the one address of the agency's system.
 *
 * No redirect is followed, no proxy used, no other host called. What the system answers goes to the sector to judge; no
 * answer at all is ERR_PEER_DOWN.
 */
#ifndef ADAPTER_WEBHOOK_H
#define ADAPTER_WEBHOOK_H

#include "adapters/core/door_host.h"
#include "config/adapter_config.h"

#define WEBHOOK_CALLS_MAX 8
#define WEBHOOK_ANSWER_MAX (1024 * 1024)
#define WEBHOOK_CONNECT_MS 10000	/* or the whole timeout, if that is less */

struct webhook;

/* config->out_webhook is on; `config` and `host` are borrowed. To be closed after the loop has ended. ERR_CONFIG: the url is
 * not one, or its host is not allowed; ERR_KEYFILE: the secret. */
enum err webhook_open(const struct adapter_config *config, const struct door_host *host, struct webhook **ret_door, struct why *why)
	MUST_USE;
void webhook_close(struct webhook *w);		/* NULL is fine */
struct door *webhook_door(struct webhook *w);

#endif
