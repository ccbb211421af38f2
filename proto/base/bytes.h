/* SPDX-License-Identifier: EUPL-1.2 */
/* bytes - borrowed bytes (span), bounded reading (cursor) and bounded writing (buf).
 *
 * A span borrows; it lives as long as its owner says. Every byte from outside is read through a cursor: its error is
 * sticky, a read past the end gives zeroes and sets it, and the caller looks once at the end. A buf grows in an arena
 * and is sticky as well.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#include <string.h>

#include "proto/base/err.h"

struct arena;

struct span {
	const uint8_t *p;	/* NULL: absent */
	size_t n;
};

#define SPAN(ptr, len) ((struct span){ (const uint8_t *)(ptr), (len) })
#define SPAN_LIT(s) ((struct span){ (const uint8_t *)(s), sizeof(s) - 1 })
#define SPAN_NONE ((struct span){ NULL, 0 })

static inline struct span
span_str(const char *s)
{
	return (struct span){ (const uint8_t *)s, s ? strlen(s) : 0 };
}
static inline bool
span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
/* Nothing but zeroes, as keys, ids and hashes are where there is none. Not for secrets. */
bool bytes_is_zero(const void *bytes, size_t n);

/* -- reading: integers are big-endian -- */
struct cursor {
	const uint8_t *p;
	size_t n, at;
	enum err e;		/* sticky: OK or ERR_FORMAT */
};

void cursor_init(struct cursor *c, struct span bytes);
uint8_t cursor_u8(struct cursor *c);
uint16_t cursor_u16(struct cursor *c);
uint32_t cursor_u32(struct cursor *c);
uint64_t cursor_u64(struct cursor *c);
struct span cursor_take(struct cursor *c, size_t n);		/* borrows; SPAN_NONE past the end */
void cursor_copy(struct cursor *c, void *to, size_t n);		/* zeroes past the end */
struct span cursor_var(struct cursor *c);			/* u32 length, then bytes */
size_t cursor_left(const struct cursor *c);			/* 0 after an error, so that loops over it end */
enum err cursor_end(struct cursor *c) MUST_USE;			/* OK only if all was read and nothing failed */

/* -- writing, in an arena -- */
struct buf {
	struct arena *mem;
	uint8_t *p;
	size_t n, cap;
	enum err e;		/* sticky: OK or ERR_TOOBIG */
};

void buf_init(struct buf *b, struct arena *mem);
void buf_u8(struct buf *b, uint8_t v);
void buf_u16(struct buf *b, uint16_t v);
void buf_u32(struct buf *b, uint32_t v);
void buf_u64(struct buf *b, uint64_t v);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_span(struct buf *b, struct span s);
void buf_var(struct buf *b, struct span s);			/* u32 length, then bytes */
void buf_str(struct buf *b, const char *s);			/* without its NUL */
void buf_fmt(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct span buf_bytes(const struct buf *b);			/* what was written; SPAN_NONE after an error */
const char *buf_text(struct buf *b);				/* NUL-terminated; NULL after an error */

/* -- text forms -- */
void bytes_hex(const void *p, size_t n, char *to);		/* 2n+1 bytes at `to` */
enum err bytes_unhex(const char *hex, void *to, size_t n) MUST_USE;	/* exactly 2n digits of either case */
size_t bytes_utf8_len(struct span s);				/* of the first character; 0 if it is not one */
bool bytes_is_utf8(struct span s);				/* strict: no surrogates, overlongs or NUL */
/* What could move a terminal or turn a line of text around (controls, bytes that are not UTF-8, bidirectional marks) becomes '?'. */
void bytes_make_shown(char *text);

#endif
