/* SPDX-License-Identifier: EUPL-1.2 */
/* http_tls - the HTTP door's certificate, its key, and the authority of its callers' certificates: read and wiped with it. */
#ifndef ADAPTER_HTTP_TLS_H
#define ADAPTER_HTTP_TLS_H

#include <stddef.h>

#include "proto/base/err.h"

struct adapter_config;
struct MHD_OptionItem;

#define HTTP_TLS_OPTIONS 5

struct http_tls {			/* PEM; NULL: none. Zeroed: without TLS */
	char *cert, *key, *ca;
	size_t cert_len, key_len, ca_len;
};

/* As config->in_http says. ERR_KEYFILE: one that cannot be read, or a key that others may. Given to `done` in any case. */
enum err http_tls_load(const struct adapter_config *config, struct http_tls *tls, struct why *why) MUST_USE;
/* HTTP_TLS_OPTIONS of them, for MHD_OPTION_ARRAY; they borrow from `tls`. Without TLS: none. */
void http_tls_options(const struct http_tls *tls, struct MHD_OptionItem *to);
void http_tls_done(struct http_tls *tls);

#endif
