/* SPDX-License-Identifier: EUPL-1.2 */
/* http_body - the body of one request, collected within two bounds: its own, and that of all bodies together. */
#ifndef ADAPTER_HTTP_BODY_H
#define ADAPTER_HTTP_BODY_H

#include "proto/base/bytes.h"
#include "proto/base/err.h"

#define HTTP_BODY_ALL_MAX (32 * 1024 * 1024)	/* being collected, all connections together */

struct http_body {			/* zeroed: empty */
	uint8_t *p;
	size_t n, cap;
};

/* *all: the sum of all bodies' buffers. ERR_TOOBIG: more than `most`; ERR_OVERLOAD: for now there is no room. */
enum err http_body_add(struct http_body *b, struct span more, size_t most, size_t *all, struct why *why) MUST_USE;
void http_body_drop(struct http_body *b, size_t *all);	/* wiped; empty again */

#endif
