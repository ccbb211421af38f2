/* SPDX-License-Identifier: EUPL-1.2 */
/* http_head - what the HTTP door reads out of a request's head. Pure. */
#ifndef ADAPTER_HTTP_HEAD_H
#define ADAPTER_HTTP_HEAD_H

#include <stdbool.h>

#include "proto/base/err.h"

#define HTTP_HEAD_PATH_MAX 2048
#define HTTP_HEAD_MEDIA_MAX 96
#define HTTP_HEAD_KEY_MAX 128

struct http_head {
	char media_type[HTTP_HEAD_MEDIA_MAX + 1];	/* lower case, without parameters; "" if none was said */
	const char *charset;				/* as charset_name gives it; NULL: not said */
};

/* "application/fhir+json; charset=utf-8". NULL is fine. ERR_MEDIA_TYPE: not of that form; ERR_CHARSET: one unknown here. */
enum err http_head_content(const char *content_type, struct http_head *ret_head, struct why *why) MUST_USE;
bool http_head_is_key(const char *key);		/* an Idempotency-Key: 1 to 128 printable ASCII characters */
bool http_head_is_path(const char *path);	/* starts with '/', printable ASCII, not too long */
/* Is the path, without its query, this one? */
bool http_head_is_at(const char *path, const char *place);

#endif
