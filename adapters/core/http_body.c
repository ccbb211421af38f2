/* SPDX-License-Identifier: EUPL-1.2 */
/* http_body - a buffer that doubles. Invariant: *all is the sum of the `cap` of all bodies. */
#include "adapters/core/http_body.h"

#include <stdlib.h>
#include <string.h>

#define CAP_MIN 4096

/* A new buffer rather than realloc, so that nothing of a body is left behind in the old one. */
static enum err
grow(struct http_body *b, size_t cap, size_t *all, struct why *why)
{
	struct http_body grown = { .n = b->n, .cap = cap };

	if (*all + (cap - b->cap) > HTTP_BODY_ALL_MAX)
		return why_set(why, ERR_OVERLOAD, "body", "too many requests at once");
	if (!(grown.p = malloc(cap)))
		return ERR_OVERLOAD;
	if (b->n)
		memcpy(grown.p, b->p, b->n);
	http_body_drop(b, all);
	*all += cap;
	*b = grown;
	return OK;
}

enum err
http_body_add(struct http_body *b, struct span more, size_t most, size_t *all, struct why *why)
{
	size_t cap = b->cap ? b->cap : CAP_MIN;
	enum err e;

	if (more.n > most - b->n)
		return why_set(why, ERR_TOOBIG, "body", "more than %zu bytes", most);
	while (cap < b->n + more.n)
		cap *= 2;
	if (cap > most)
		cap = most;
	if (cap > b->cap && (e = grow(b, cap, all, why)) != OK)
		return e;
	if (more.n)
		memcpy(b->p + b->n, more.p, more.n);
	b->n += more.n;
	return OK;
}

void
http_body_drop(struct http_body *b, size_t *all)
{
	if (b->p)
		explicit_bzero(b->p, b->cap);
	free(b->p);
	*all -= b->cap;
	*b = (struct http_body){ .p = NULL };
}
