/* SPDX-License-Identifier: EUPL-1.2 */
/* http - the HTTP door in: one request collected, its caller checked, answered by the adapter.
 *
 * Answers /livez and /readyz itself; all else, errors included, in the form of the sector. A token is asked for whenever
 * tokens_file is set, a client certificate whenever client_ca is.
 */
#ifndef ADAPTER_HTTP_H
#define ADAPTER_HTTP_H

#include "adapters/core/door_host.h"
#include "config/adapter_config.h"

#define HTTP_HEAD_BYTES_MAX (32 * 1024)
#define HTTP_SWALLOW_MAX (64 * 1024 * 1024)	/* of a refused body: read and dropped for HTTP_SWALLOW_S, so that its sender hears why */

struct http;

/* config->in_http is on; `config` is borrowed. To be closed after the loop has ended. ERR_CONFIG: cannot listen there;
 * ERR_KEYFILE: tokens, certificate or key; `why` says. */
enum err http_open(const struct adapter_config *config, const struct door_host *host, struct http **ret_http, struct why *why)
	MUST_USE;
void http_close(struct http *h);	/* NULL is fine */
uint16_t http_port(const struct http *h);

#endif
