/* SPDX-License-Identifier: EUPL-1.2 */
/* http_file - a reader that libmicrohttpd asks for the next bytes. What a part was read into is wiped before it is used again. */
#include "adapters/core/http_file.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PART_ARENA ((size_t)8 * 1024 * 1024)
#define PART_BYTES ((uint64_t)512 * 1024)
#define BLOCK_BYTES ((size_t)32 * 1024)

struct reader {
	struct adapter *adapter;
	struct file_bytes file;
	uint64_t from;			/* the first byte that is given */
	unsigned *n_open;
	struct arena *mem;
	struct span bytes;		/* of part `part`, in `mem` */
	unsigned part;			/* 0: none yet */
};

static void
wipe(struct reader *r)
{
	if (r->bytes.n > 0)
		explicit_bzero((void *)(uintptr_t)r->bytes.p, r->bytes.n);
	r->bytes = SPAN_NONE;
	arena_reset(r->mem);
}

static ssize_t
on_read(void *cls, uint64_t pos, char *to, size_t max)
{
	struct reader *r = cls;
	uint64_t at = r->from + pos;
	unsigned part = (unsigned)(at / PART_BYTES) + 1;
	size_t from = (size_t)(at % PART_BYTES), n;

	if (at >= r->file.size)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (part != r->part) {
		wipe(r);
		r->part = part;
		/* too late for an error: the connection is closed before the length that was said */
		if (adapter_file_part(r->adapter, &r->file, part, r->mem, &r->bytes) != OK)
			return MHD_CONTENT_READER_END_WITH_ERROR;
	}
	if (from >= r->bytes.n)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	n = r->bytes.n - from < max ? r->bytes.n - from : max;
	memcpy(to, r->bytes.p + from, n);
	return (ssize_t)n;
}

static void
on_free(void *cls)
{
	struct reader *r = cls;

	(*r->n_open)--;
	wipe(r);
	arena_free(r->mem);
	free(r);
}

void
http_file_disposition(const char *name, char to[static HTTP_FILE_NAME_LEN])
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	size_t n = (size_t)snprintf(to, HTTP_FILE_NAME_LEN, "attachment; filename*=UTF-8''");

	for (; *name != '\0' && n + 4 < HTTP_FILE_NAME_LEN; name++)
		n += (size_t)snprintf(to + n, HTTP_FILE_NAME_LEN - n, strchr(plain, *name) ? "%c" : "%%%02X", (uint8_t)*name);
}

enum err
http_file_answer(struct adapter *a, const struct file_bytes *f, const struct http_part *part, unsigned *n_open,
		 struct MHD_Response **ret_response)
{
	struct reader *r;
	char text[HTTP_FILE_NAME_LEN];

	if (*n_open >= HTTP_FILES_MAX)
		return ERR_OVERLOAD;
	if (!(r = calloc(1, sizeof(*r))) || !(r->mem = arena_new(PART_ARENA))) {
		free(r);
		return ERR_OVERLOAD;
	}
	r->adapter = a;
	r->file = *f;
	r->from = part->from;
	r->n_open = n_open;
	*ret_response = MHD_create_response_from_callback(part->n, BLOCK_BYTES, on_read, r, on_free);
	if (!*ret_response) {
		arena_free(r->mem);
		free(r);
		return ERR_OVERLOAD;
	}
	(*n_open)++;
	http_file_disposition(f->name, text);
	MHD_add_response_header(*ret_response, MHD_HTTP_HEADER_CONTENT_DISPOSITION, text);
	snprintf(text, sizeof(text), "sha-256=:%s:", f->digest);
	MHD_add_response_header(*ret_response, "Repr-Digest", text);	/* of all of it, whichever part this is */
	MHD_add_response_header(*ret_response, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
	return OK;
}

void
http_file_say_part(struct MHD_Response *response, const struct http_part *part)
{
	unsigned long long from = part->from, end = part->from + part->n, of = part->of;
	char text[80];

	if (part->n > 0)
		snprintf(text, sizeof(text), "bytes %llu-%llu/%llu", from, end - 1, of);
	else
		snprintf(text, sizeof(text), "bytes */%llu", of);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_RANGE, text);
}
