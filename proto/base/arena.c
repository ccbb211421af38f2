/* SPDX-License-Identifier: EUPL-1.2 */
/* arena - a list of chunks, filled from the front, the newest first.
 *
 * Invariants: `used` <= `cap`, counted in rounded-up pieces; every piece lies in one chunk; the first chunk made is kept
 * over resets, all others are given back. Under ASan everything that is not handed out is poisoned, so a pointer kept
 * over a reset is found by the first test that does it.
 */
#include "proto/base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define WITH_ASAN 1
#endif
#ifdef WITH_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

#define ALIGN 16
#define CHUNK_FIRST ((size_t)16 * 1024)
#define CHUNK_MOST ((size_t)1024 * 1024)

struct chunk {
	struct chunk *older;
	size_t size, used;
	alignas(ALIGN) uint8_t bytes[];
};

struct arena {
	struct chunk *newest;	/* NULL until the first allocation */
	size_t cap, used;
	bool full;
};

static size_t
rounded(size_t n)
{
	return n == 0 ? ALIGN : (n + ALIGN - 1) / ALIGN * ALIGN;
}

static void
chunk_free(struct chunk *c)
{
	ASAN_UNPOISON_MEMORY_REGION(c->bytes, c->size);
	free(c);
}

/* A chunk that holds at least `n`: twice the last one, but never more than may still be handed out. */
static struct chunk *
chunk_add(struct arena *a, size_t n)
{
	size_t size = a->newest == NULL ? CHUNK_FIRST : a->newest->size * 2;
	struct chunk *c;

	if (size > CHUNK_MOST)
		size = CHUNK_MOST;
	if (size < n)
		size = n + n / 4;	/* a large piece is likely to be grown */
	if (size > a->cap - a->used)
		size = a->cap - a->used;
	if (size < n)
		size = n;
	c = malloc(sizeof(*c) + size);
	if (c == NULL)
		return NULL;
	c->older = a->newest;
	c->size = size;
	c->used = 0;
	ASAN_POISON_MEMORY_REGION(c->bytes, c->size);
	a->newest = c;
	return c;
}

/* The last `n` bytes of the chunk before the newest are free again, and it with them if nothing else was in it. */
static void
give_back(struct arena *a, struct chunk *c, size_t n)
{
	assert(a->newest != c && a->newest->older == c);
	c->used -= n;
	ASAN_POISON_MEMORY_REGION(c->bytes + c->used, n);
	if (c->used == 0 && c->older != NULL) {
		a->newest->older = c->older;
		chunk_free(c);
	}
}

struct arena *
arena_new(size_t cap)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a != NULL)
		a->cap = cap / ALIGN * ALIGN;
	return a;
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	while (a->newest != NULL) {
		struct chunk *c = a->newest;

		a->newest = c->older;
		chunk_free(c);
	}
	free(a);
}

void
arena_reset(struct arena *a)
{
	struct chunk *c;

	while ((c = a->newest) != NULL && (c->older != NULL || c->size > CHUNK_FIRST)) {
		a->newest = c->older;
		chunk_free(c);
	}
	if (c != NULL) {
		c->used = 0;
		ASAN_POISON_MEMORY_REGION(c->bytes, c->size);
	}
	a->used = 0;
	a->full = false;
}

bool
arena_is_full(const struct arena *a)
{
	return a->full;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}

size_t
arena_left(const struct arena *a)
{
	return a->full ? 0 : a->cap - a->used;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	struct chunk *c = a->newest;
	uint8_t *p;

	if (a->full || n > a->cap || rounded(n) > a->cap - a->used)
		goto full;
	if (c == NULL || rounded(n) > c->size - c->used)
		c = chunk_add(a, rounded(n));
	if (c == NULL)
		goto full;
	p = c->bytes + c->used;
	c->used += rounded(n);
	a->used += rounded(n);
	ASAN_UNPOISON_MEMORY_REGION(p, n);
	return memset(p, 0, n);
full:
	a->full = true;
	return NULL;
}

void *
arena_array(struct arena *a, size_t count, size_t each)
{
	size_t n;

	if (__builtin_mul_overflow(count, each, &n)) {
		a->full = true;
		return NULL;
	}
	return arena_alloc(a, n);
}

/* The last piece is grown where it stands, or moved and its old place given back; any other is copied. */
void *
arena_grow(struct arena *a, void *p, size_t old_n, size_t n)
{
	struct chunk *c = a->newest;
	uint8_t *old = p, *to;
	size_t back = 0;	/* what of the old piece can be given back */

	assert(n >= old_n);
	if (p != NULL && old + rounded(old_n) == c->bytes + c->used)
		back = rounded(old_n);
	if (a->full || n > a->cap || rounded(n) > a->cap - (a->used - back)) {
		a->full = true;
		return NULL;
	}
	if (back > 0 && rounded(n) - back <= c->size - c->used) {
		c->used += rounded(n) - back;
		a->used += rounded(n) - back;
		ASAN_UNPOISON_MEMORY_REGION(old, n);
		memset(old + old_n, 0, n - old_n);
		return old;
	}
	a->used -= back;
	if ((to = arena_alloc(a, n)) == NULL)
		return NULL;
	if (old_n > 0)
		memcpy(to, old, old_n);
	if (back > 0)
		give_back(a, c, back);
	return to;
}

void *
arena_copy(struct arena *a, const void *p, size_t n)
{
	void *to = arena_alloc(a, n);

	if (to != NULL && n > 0)
		memcpy(to, p, n);
	return to;
}

char *
arena_str(struct arena *a, const char *s)
{
	return s != NULL ? arena_strn(a, s, strlen(s)) : NULL;
}

char *
arena_strn(struct arena *a, const void *p, size_t n)
{
	char *to = arena_alloc(a, n < SIZE_MAX ? n + 1 : n);	/* SIZE_MAX never fits */

	if (to != NULL && n > 0)
		memcpy(to, p, n);
	return to;
}

char *
arena_fmt(struct arena *a, const char *fmt, ...)
{
	va_list args;
	char *to;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0) {
		a->full = true;
		return NULL;
	}
	to = arena_alloc(a, (size_t)n + 1);
	if (to == NULL)
		return NULL;
	va_start(args, fmt);
	vsnprintf(to, (size_t)n + 1, fmt, args);
	va_end(args);
	return to;
}

struct span
arena_span(struct arena *a, struct span s)
{
	void *to = s.p != NULL ? arena_copy(a, s.p, s.n) : NULL;

	return to != NULL ? SPAN(to, s.n) : SPAN_NONE;
}
