/* SPDX-License-Identifier: EUPL-1.2 */
/* http_auth - who may call the HTTP door: the tokens file, and whether a header proves one of them. */
#ifndef ADAPTER_HTTP_AUTH_H
#define ADAPTER_HTTP_AUTH_H

#include "proto/base/bytes.h"
#include "proto/base/err.h"

#define HTTP_AUTH_TOKENS_MAX 64
#define HTTP_AUTH_NAME_MAX 32
#define HTTP_AUTH_TOKEN_MIN 16
#define HTTP_AUTH_TOKEN_MAX 128

struct http_auth;

/* A file of mode 0600. ERR_KEYFILE: its mode, or a line that is wrong (why->line). */
enum err http_auth_load(const char *path, struct http_auth **ret_auth, struct why *why) MUST_USE;
/* "name:token" a line, comments after '#' at a line's start. At least one; names are unique. */
enum err http_auth_parse(struct span text, struct http_auth **ret_auth, struct why *why) MUST_USE;
void http_auth_free(struct http_auth *auth);	/* wipes; NULL is fine */
/* The name whose token stands in "Bearer <token>"; NULL: none. Takes as long for a wrong token as for a right one. */
const char *http_auth_find(const struct http_auth *auth, const char *authorization);

#endif
