/* SPDX-License-Identifier: EUPL-1.2 */
/* http_ask - what a request asks by its head, and whether its caller may: read before a byte of its body is kept. */
#ifndef ADAPTER_HTTP_ASK_H
#define ADAPTER_HTTP_ASK_H

#include "adapters/core/http_auth.h"
#include "adapters/core/http_head.h"
#include "adapters/core/sector.h"

struct MHD_Connection;

/* Whom the door lets in. */
struct http_gate {
	const struct http_auth *auth;	/* NULL: no token is asked for */
	bool wants_certificate;
	bool is_tls;
	bool is_local;			/* only this machine reaches it */
};

struct http_ask {
	char *path;			/* as sent, with its query; the request's */
	uint64_t length;		/* of the body; 0: not said (chunked) */
	bool is_waiting;		/* for leave to send it */
	struct http_head content;	/* the body's type */
	char key[HTTP_HEAD_KEY_MAX + 1];	/* Idempotency-Key; "": none */
	struct request_head said;	/* borrowed from the connection, `base` from here */
	char base[sizeof("https://") + HTTP_HEAD_HOST_MAX];
};

/* `ask` is zeroed but for its path, stays where it is, and has its length even when it is refused; what is no path is cut to one.
 * ERR_ADDRESS, ERR_UNAUTHORIZED, ERR_METHOD, ERR_SYNTAX, ERR_MEDIA_TYPE, ERR_CHARSET: refused, `why` says at which header. */
enum err http_ask_read(const struct http_gate *gate, struct MHD_Connection *connection, const char *method, struct http_ask *ask,
		       struct why *why) MUST_USE;
/* One of the two addresses that tell how the process is: no business of the sector's. */
bool http_ask_is_health(const struct http_ask *ask);
/* As the adapter takes it; borrows from all three. HEAD is asked as GET is: its body stays unsent. */
struct native http_ask_native(const struct http_ask *ask, const char *method, struct span body);

#endif
