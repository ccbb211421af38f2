/* SPDX-License-Identifier: EUPL-1.2 */
/* bytes - the one bounded reader and the one bounded writer.
 *
 * Invariants: a cursor never reads outside [p, p + n) and after its first failure reads nothing more; a buf never writes
 * outside what its arena gave and after its first failure writes nothing more. No other file does pointer arithmetic on
 * bytes from outside.
 */
#include "proto/base/bytes.h"

#include <stdarg.h>
#include <stdio.h>

#include "proto/base/arena.h"

#define BUF_FIRST 64	/* the first step of a buf; most of ours hold more than a word and less than a line */

static const uint8_t nothing[1];	/* what a span of no bytes points to when it is there, but empty */

bool
bytes_is_zero(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	while (n > 0 && p[n - 1] == 0)
		n--;
	return n == 0;
}

void
cursor_init(struct cursor *c, struct span bytes)
{
	c->p = bytes.p != NULL ? bytes.p : nothing;
	c->n = bytes.p != NULL ? bytes.n : 0;
	c->at = 0;
	c->e = OK;
}

struct span
cursor_take(struct cursor *c, size_t n)
{
	struct span s;

	if (c->e != OK || n > c->n - c->at) {
		c->e = ERR_FORMAT;
		return SPAN_NONE;
	}
	s = SPAN(c->p + c->at, n);
	c->at += n;
	return s;
}

static uint64_t
take_uint(struct cursor *c, size_t n)
{
	struct span s = cursor_take(c, n);
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < s.n; i++)
		v = v << 8 | s.p[i];
	return v;
}

uint8_t
cursor_u8(struct cursor *c)
{
	return (uint8_t)take_uint(c, 1);
}

uint16_t
cursor_u16(struct cursor *c)
{
	return (uint16_t)take_uint(c, 2);
}

uint32_t
cursor_u32(struct cursor *c)
{
	return (uint32_t)take_uint(c, 4);
}

uint64_t
cursor_u64(struct cursor *c)
{
	return take_uint(c, 8);
}

void
cursor_copy(struct cursor *c, void *to, size_t n)
{
	struct span s = cursor_take(c, n);

	if (n == 0)
		return;
	if (s.p != NULL)
		memcpy(to, s.p, n);
	else
		memset(to, 0, n);
}

struct span
cursor_var(struct cursor *c)
{
	uint32_t n = cursor_u32(c);

	return cursor_take(c, n);
}

size_t
cursor_left(const struct cursor *c)
{
	return c->e == OK ? c->n - c->at : 0;
}

enum err
cursor_end(struct cursor *c)
{
	if (c->e == OK && c->at != c->n)
		c->e = ERR_FORMAT;
	return c->e;
}

void
buf_init(struct buf *b, struct arena *mem)
{
	*b = (struct buf){ .mem = mem };
}

/* Room for `n` more bytes and a NUL; where to write them, or NULL and the sticky error. */
static uint8_t *
buf_room(struct buf *b, size_t n)
{
	size_t cap = b->cap != 0 ? b->cap : BUF_FIRST;
	uint8_t *p;

	if (b->e != OK)
		return NULL;
	if (b->p != NULL && n < b->cap - b->n)
		return b->p + b->n;
	if (n >= SIZE_MAX / 2 - b->n)
		goto full;
	while (n >= cap - b->n)
		cap *= 2;
	if (cap > arena_left(b->mem))
		cap = b->n + n + 1;	/* near the arena's cap take what is needed and no more */
	p = arena_grow(b->mem, b->p, b->cap, cap);
	if (p == NULL)
		goto full;
	b->p = p;
	b->cap = cap;
	return b->p + b->n;
full:
	b->e = ERR_TOOBIG;
	return NULL;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	uint8_t *to = buf_room(b, n);

	if (to == NULL || n == 0)
		return;
	memcpy(to, p, n);
	b->n += n;
}

static void
add_uint(struct buf *b, uint64_t v, size_t n)
{
	uint8_t be[8];
	size_t i;

	for (i = n; i > 0; i--, v >>= 8)
		be[i - 1] = (uint8_t)(v & 0xFF);
	buf_add(b, be, n);
}

void
buf_u8(struct buf *b, uint8_t v)
{
	add_uint(b, v, 1);
}

void
buf_u16(struct buf *b, uint16_t v)
{
	add_uint(b, v, 2);
}

void
buf_u32(struct buf *b, uint32_t v)
{
	add_uint(b, v, 4);
}

void
buf_u64(struct buf *b, uint64_t v)
{
	add_uint(b, v, 8);
}

void
buf_span(struct buf *b, struct span s)
{
	buf_add(b, s.p, s.n);
}

void
buf_var(struct buf *b, struct span s)
{
	if (s.n > UINT32_MAX) {
		b->e = ERR_TOOBIG;
		return;
	}
	buf_u32(b, (uint32_t)s.n);
	buf_span(b, s);
}

void
buf_str(struct buf *b, const char *s)
{
	buf_span(b, span_str(s));
}

void
buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list args;
	uint8_t *to;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0) {
		b->e = ERR_TOOBIG;
		return;
	}
	to = buf_room(b, (size_t)n);
	if (to == NULL)
		return;
	va_start(args, fmt);
	vsnprintf((char *)to, (size_t)n + 1, fmt, args);
	va_end(args);
	b->n += (size_t)n;
}

struct span
buf_bytes(const struct buf *b)
{
	if (b->e != OK)
		return SPAN_NONE;
	return SPAN(b->p != NULL ? b->p : nothing, b->n);
}

const char *
buf_text(struct buf *b)
{
	uint8_t *end = buf_room(b, 0);

	if (end == NULL)
		return NULL;
	*end = '\0';
	return (const char *)b->p;
}

void
bytes_hex(const void *p, size_t n, char *to)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *from = p;
	size_t i;

	for (i = 0; i < n; i++) {
		to[2 * i] = digits[from[i] >> 4];
		to[2 * i + 1] = digits[from[i] & 15];
	}
	to[2 * n] = '\0';
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

enum err
bytes_unhex(const char *hex, void *to, size_t n)
{
	uint8_t *out = to;
	size_t i;

	if (hex == NULL)
		return ERR_FORMAT;
	for (i = 0; i < 2 * n; i++)	/* all looked at first: `to` is either filled or untouched */
		if (hex_digit(hex[i]) < 0)
			return ERR_FORMAT;
	if (hex[2 * n] != '\0')
		return ERR_FORMAT;
	for (i = 0; i < n; i++)
		/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): each was looked at above */
		out[i] = (uint8_t)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
	return OK;
}

size_t
bytes_utf8_len(struct span s)
{
	uint8_t lo = 0x80, hi = 0xBF;	/* what the second byte may be: Unicode 15, table 3-7 */
	size_t len, i;

	if (s.n == 0 || s.p[0] == 0)
		return 0;
	if (s.p[0] < 0x80)
		return 1;
	if (s.p[0] < 0xC2 || s.p[0] > 0xF4)
		return 0;
	len = s.p[0] < 0xE0 ? 2 : s.p[0] < 0xF0 ? 3 : 4;
	if (s.n < len)
		return 0;
	if (s.p[0] == 0xE0)
		lo = 0xA0;		/* overlong */
	else if (s.p[0] == 0xED)
		hi = 0x9F;		/* surrogates */
	else if (s.p[0] == 0xF0)
		lo = 0x90;		/* overlong */
	else if (s.p[0] == 0xF4)
		hi = 0x8F;		/* past U+10FFFF */
	if (s.p[1] < lo || s.p[1] > hi)
		return 0;
	for (i = 2; i < len; i++)
		if ((s.p[i] & 0xC0) != 0x80)
			return 0;
	return len;
}

bool
bytes_is_utf8(struct span s)
{
	while (s.n > 0) {
		size_t len = bytes_utf8_len(s);

		if (len == 0)
			return false;
		s = SPAN(s.p + len, s.n - len);
	}
	return true;
}

static bool
is_hidden(const uint8_t *c, size_t len)
{
	if (len == 1)
		return c[0] < 0x20 || c[0] == 0x7F;
	if (len == 2)
		return c[0] == 0xC2 && c[1] < 0xA0;		/* C1 controls */
	if (len == 3 && c[0] == 0xE2 && c[1] == 0x80)
		return c[2] == 0x8E || c[2] == 0x8F || (c[2] >= 0xA8 && c[2] <= 0xAE);	/* U+200E, U+200F, U+2028 to U+202E */
	return len == 3 && c[0] == 0xE2 && c[1] == 0x81 && c[2] >= 0xA6 && c[2] <= 0xA9;	/* U+2066 to U+2069 */
}

void
bytes_make_shown(char *text)
{
	uint8_t *p = (uint8_t *)text;
	size_t left = strlen(text), len;

	for (; left > 0; p += len, left -= len) {
		len = bytes_utf8_len(SPAN(p, left));
		if (len == 0)
			len = 1, *p = '?';
		else if (is_hidden(p, len))
			memset(p, '?', len);
	}
}
