/* SPDX-License-Identifier: EUPL-1.2 */
/* paper_files - whole files between two agencies with a hub on paper: party 0 has referred R-1 to party 1. Header-only. */
#ifndef SUPPORT_PAPER_FILES_H
#define SUPPORT_PAPER_FILES_H

#include "adapters/core/filebook.h"
#include "tests/support/paper_hub.h"

#define PAPER_FILES "/v1/referrals/R-1/files?filename=%D0%9F%D0%B8%D1%81%D0%BC%D0%BE.pdf&category=assessment"

static inline struct paper *
files_up(void)
{
	struct paper *p = paper_up();

	paper_refer(p, "R-1", "routine");
	paper_run(p);
	return p;
}

/* A file of that size that looks like a PDF. */
static inline struct span
files_make(struct paper *p, size_t n)
{
	uint8_t *bytes = arena_alloc(p->mem, n);

	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(i * 31 + i / 4093);
	memcpy(bytes, "%PDF-1.7\n", n < 9 ? n : 9);
	return SPAN(bytes, n);
}

struct files_ask { const char *path, *type, *key, *digest; size_t piece; };

/* Party `i` uploads it, in pieces. ERR, and the answer in *ret_text. */
static inline enum err
files_upload(struct paper *p, size_t i, const struct files_ask *ask, struct span file, const char **ret_text, struct why *why)
{
	struct request_head head = { .digest = ask->digest };
	struct native request = {
		.method = "POST", .path = ask->path ? ask->path : PAPER_FILES, .media_type = ask->type ? ask->type : "application/pdf",
		.head = &head,
	}, answer = { 0 };
	struct upload *u = NULL;
	size_t piece = ask->piece ? ask->piece : 10007;
	enum err e = adapter_upload_begin(p->party[i].desk.adapter, &request, ask->key, file.n, &u, why);

	if (e != OK)
		return e;
	assert_non_null(u);
	for (size_t at = 0; at < file.n && e == OK; at += piece)
		e = adapter_upload_more(u, SPAN(file.p + at, file.n - at < piece ? file.n - at : piece), why);
	if (e != OK) {
		assert_int_equal(adapter_upload_drop(u), OK);
		return e;
	}
	e = adapter_upload_end(u, p->mem, &answer, why);
	if (ret_text)
		*ret_text = (const char *)answer.bytes.p;
	return e;
}

/* All parts become messages of party `i`, and go. */
static inline void
files_send(struct paper *p, size_t i)
{
	for (int n = 0; n < 20; n++)
		paper_tick(p, i, 10);
}

static inline const char *
files_ask(struct paper *p, size_t i, const char *method, const char *path, const char *body)
{
	struct native in = { .method = method, .path = path, .bytes = span_str(body) }, answer = { 0 };

	assert_int_equal(adapter_request(p->party[i].desk.adapter, &in, NULL, p->mem, &answer), OK);
	return (const char *)answer.bytes.p;
}

/* The message id in a line of party `i`'s inbox that speaks of `kind`, the last one; NULL: none. Through all pages. */
static inline const char *
files_in_inbox(struct paper *p, size_t i, const char *kind, unsigned *ret_n)
{
	const char *list, *found = NULL, *end;
	unsigned long long after = 0;
	unsigned n = 0;

	while (*(list = files_ask(p, i, "GET", arena_fmt(p->mem, "/inbox?after=%llu", after), "")) != '\n')
		for (; *list != '\n'; list = end + 1) {
			const char *id = strchr(list, ' ') + 1;

			end = strchr(list, '\n');
			after = strtoull(list, NULL, 10);
			if (strncmp(id + 37, kind, strlen(kind)) != 0)
				continue;
			found = arena_strn(p->mem, id, 36);
			n++;
		}
	if (ret_n)
		*ret_n = n;
	return found;
}

/* The whole file's bytes, as party `i` reads them. */
static inline struct span
files_read(struct paper *p, size_t i, const char *id)
{
	struct native in = { .method = "GET", .path = arena_fmt(p->mem, "/v1/files/%s/content", id) }, answer = { 0 };
	struct span part;
	struct buf b;

	assert_int_equal(adapter_request(p->party[i].desk.adapter, &in, NULL, p->mem, &answer), OK);
	if (answer.content == NULL)
		return SPAN_NONE;
	buf_init(&b, p->mem);
	for (unsigned k = 1; k <= answer.content->parts; k++) {
		assert_int_equal(adapter_file_part(p->party[i].desk.adapter, answer.content, k, p->mem, &part), OK);
		buf_span(&b, part);
	}
	assert_int_equal(b.n, answer.content->size);
	return buf_bytes(&b);
}

#endif
