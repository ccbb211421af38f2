/* SPDX-License-Identifier: EUPL-1.2 */
/* http_file - the answer whose body is a file: read part by part as its caller takes it, one part in memory at a time. */
#ifndef ADAPTER_HTTP_FILE_H
#define ADAPTER_HTTP_FILE_H

#include "adapters/core/door.h"
#include "adapters/core/http_head.h"

struct MHD_Response;

#define HTTP_FILES_MAX 8		/* given at once: each holds a part in memory */

/* `f` is copied. *n_open counts those that are given, and is the caller's for as long as one is. ERR_OVERLOAD: too many. */
enum err http_file_answer(struct adapter *a, const struct file_bytes *f, const struct http_part *part, unsigned *n_open,
			  struct MHD_Response **ret_response) MUST_USE;
void http_file_say_part(struct MHD_Response *response, const struct http_part *part);	/* Content-Range */
/* "attachment; filename*=UTF-8''..." (RFC 6266), for a name of at most 200 bytes. Pure. */
#define HTTP_FILE_NAME_LEN 700
void http_file_disposition(const char *name, char to[static HTTP_FILE_NAME_LEN]);

#endif
