/* SPDX-License-Identifier: EUPL-1.2 */
/* arena - memory of one message: allocate freely, give all back at once, never more than the cap.
 *
 * When the cap is reached the arena stays full (sticky) and every allocation gives NULL until the reset: the message is
 * then refused with ERR_TOOBIG, the process lives on. Memory is zeroed, aligned for any type, and poisoned under ASan
 * after a reset. No secret is ever put in an arena.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/bytes.h"

struct arena;

struct arena *arena_new(size_t cap);		/* NULL only if the process has no memory */
void arena_free(struct arena *a);		/* NULL is fine */
void arena_reset(struct arena *a);
bool arena_is_full(const struct arena *a);
size_t arena_used(const struct arena *a);
size_t arena_left(const struct arena *a);	/* what can still be handed out; 0 when full */

/* The cap counts what is handed out (rounded up to 16 each); what lies behind is chunked and stays under twice the cap.
 * After a reset only the first, small chunk is kept: an idle process holds little.
 */
void *arena_alloc(struct arena *a, size_t n);			/* zeroed; NULL when full */
void *arena_array(struct arena *a, size_t count, size_t each);	/* checks the product */
/* `p` (NULL, or of `old_n` bytes from here) made larger: in place if it was the last one given, else a copy */
void *arena_grow(struct arena *a, void *p, size_t old_n, size_t n);
void *arena_copy(struct arena *a, const void *p, size_t n);
char *arena_str(struct arena *a, const char *s);		/* NULL gives NULL */
char *arena_strn(struct arena *a, const void *p, size_t n);	/* NUL-terminated copy */
char *arena_fmt(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct span arena_span(struct arena *a, struct span s);		/* a copy; SPAN_NONE when full */

#endif
