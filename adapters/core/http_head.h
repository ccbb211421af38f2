/* SPDX-License-Identifier: EUPL-1.2 */
/* http_head - what the HTTP door reads out of a request's head. Pure. */
#ifndef ADAPTER_HTTP_HEAD_H
#define ADAPTER_HTTP_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/err.h"

#define HTTP_HEAD_PATH_MAX 2048
#define HTTP_HEAD_MEDIA_MAX 96
#define HTTP_HEAD_KEY_MAX 128
#define HTTP_HEAD_HOST_MAX 255
#define HTTP_HEAD_DATE_LEN 30

struct http_head {
	char media_type[HTTP_HEAD_MEDIA_MAX + 1];	/* lower case, without parameters; "" if none was said */
	const char *charset;				/* as charset_name gives it; NULL: not said */
};

/* "application/fhir+json; charset=utf-8". NULL is fine. ERR_MEDIA_TYPE: not of that form; ERR_CHARSET: one unknown here. */
enum err http_head_content(const char *content_type, struct http_head *ret_head, struct why *why) MUST_USE;
bool http_head_is_key(const char *key);		/* an Idempotency-Key: 1 to 128 printable ASCII characters */
/* `path` is not empty. ERR_ADDRESS: not of at most HTTP_HEAD_PATH_MAX printable ASCII characters that start with '/'. It is then
 * cut to what can be read of it, "/" at least, so that its answer has the form of its place. */
enum err http_head_path(char *path, struct why *why) MUST_USE;
bool http_head_is_value(const char *value);	/* of another header that is read: printable ASCII, not too long */
bool http_head_is_host(const char *host);	/* a Host header that may stand in a URL: name or address, and port */
void http_head_date(int64_t ms, char to[static HTTP_HEAD_DATE_LEN]);	/* ms >= 0 */	/* "Sun, 22 Nov 2026 07:00:00 GMT" */
/* Which bytes of a file: `n` from `from` on, of `of`; n 0: it has no such ones. */
struct http_part { uint64_t from, n, of; };
/* What a Range header asks for of a file of `size` bytes: one range. What is none, is not in bytes, names several, or follows an If-Range
 * that does not name `etag` asks for all of it; either header may be NULL. */
enum http_range { HTTP_ALL, HTTP_PART, HTTP_NO_SUCH_PART };
enum http_range http_head_range(const char *range, const char *if_range, const char *etag, uint64_t size, struct http_part *ret_part);
/* Is the path, without its query, this one? */
bool http_head_is_at(const char *path, const char *place);

#endif
