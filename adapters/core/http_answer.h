/* SPDX-License-Identifier: EUPL-1.2 */
/* http_answer - what the adapter answers as a response of HTTP: its status, its headers, and its bytes or those of a file. */
#ifndef ADAPTER_HTTP_ANSWER_H
#define ADAPTER_HTTP_ANSWER_H

#include "adapters/core/door.h"
#include "adapters/core/http_head.h"

struct MHD_Response;

#define HTTP_ANSWER_RETRY_S "5"		/* said with what is refused for now only */

/* `part`: which bytes of a file are given, or that there are none such; NULL: all of the answer. */
unsigned http_answer_status(const struct native *answer, const struct http_part *part);
/* The answer's bytes are copied: it may go before it is sent. A file is read as it is sent, and *n_files counts it until then (http_file.h).
 * ERR_OVERLOAD: no memory, or too many files. */
enum err http_answer_of(struct adapter *a, const struct native *answer, const struct http_part *part, unsigned *n_files,
			struct MHD_Response **ret_response) MUST_USE;

#endif
