/* SPDX-License-Identifier: EUPL-1.2 */
/* http_answer - called by the HTTP door for whatever it sends. No answer may be kept by what lies between: it is of a child. */
#include "adapters/core/http_answer.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/core/http_file.h"

unsigned
http_answer_status(const struct native *answer, const struct http_part *part)
{
	if (part && part->n > 0)
		return MHD_HTTP_PARTIAL_CONTENT;
	return answer->status ? answer->status : MHD_HTTP_OK;
}

static enum err
respond_with_bytes(struct span bytes, struct MHD_Response **ret_response)
{
	uint8_t *copy = malloc(bytes.n + 1);	/* outlives the arena until it is sent */

	if (!copy)
		return ERR_OVERLOAD;
	if (bytes.n)
		memcpy(copy, bytes.p, bytes.n);
	*ret_response = MHD_create_response_from_buffer(bytes.n, copy, MHD_RESPMEM_MUST_FREE);
	if (*ret_response)
		return OK;
	free(copy);
	return ERR_OVERLOAD;
}

static void
say(struct MHD_Response *response, const char *header, const char *value)
{
	if (value)
		MHD_add_response_header(response, header, value);
}

/* What stands at the address, and where. */
static void
say_content(struct MHD_Response *response, const struct native *answer)
{
	char modified[HTTP_HEAD_DATE_LEN];

	say(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	say(response, "X-Content-Type-Options", "nosniff");
	if (answer->bytes.n || answer->content)
		say(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->media_type);
	say(response, MHD_HTTP_HEADER_LOCATION, answer->path);
	say(response, MHD_HTTP_HEADER_ETAG, answer->etag);
	if (answer->modified_ms) {
		http_head_date(answer->modified_ms, modified);
		say(response, MHD_HTTP_HEADER_LAST_MODIFIED, modified);
	}
}

/* What a refused caller may do about it. */
static void
say_way_out(struct MHD_Response *response, const struct native *answer, unsigned status)
{
	if (status == MHD_HTTP_UNAUTHORIZED)
		say(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer realm=\"nasoka\"");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		say(response, MHD_HTTP_HEADER_ALLOW, answer->allow);	/* of an address that takes none: unsaid, libmicrohttpd sends no empty one */
	if (status == MHD_HTTP_SERVICE_UNAVAILABLE || status == MHD_HTTP_TOO_MANY_REQUESTS)
		say(response, MHD_HTTP_HEADER_RETRY_AFTER, HTTP_ANSWER_RETRY_S);
	if (status == MHD_HTTP_CONTENT_TOO_LARGE)
		say(response, MHD_HTTP_HEADER_CONNECTION, "close");
}

enum err
http_answer_of(struct adapter *a, const struct native *answer, const struct http_part *part, unsigned *n_files,
	       struct MHD_Response **ret_response)
{
	const struct http_part all = { .n = answer->content ? answer->content->size : 0 };
	enum err e;

	if (answer->content)
		e = http_file_answer(a, answer->content, part ? part : &all, n_files, ret_response);
	else
		e = respond_with_bytes(answer->bytes, ret_response);
	if (e != OK)
		return e;
	if (part)
		http_file_say_part(*ret_response, part);
	say_content(*ret_response, answer);
	say_way_out(*ret_response, answer, http_answer_status(answer, part));
	return OK;
}
