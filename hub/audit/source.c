/* SPDX-License-Identifier: EUPL-1.2 */
/* source - what stores and exports have in common. */
#include "hub/audit/source.h"

#include <stdlib.h>

#include "hub/audit/layout.h"

#define BODY_TAG 0x1a	/* field 3 of Envelope, bytes: the last of its canonical form */

void
source_close(struct source *s)
{
	struct arena *mem;

	if (s == NULL)
		return;
	mem = s->mem;
	s->ops->close(s);
	arena_free(mem);
}

struct span
source_join(struct span head, struct span body, struct arena *mem)
{
	struct buf b;
	size_t n = body.n;

	if (n == 0)
		return head;
	buf_init(&b, mem);
	buf_span(&b, head);
	buf_u8(&b, BODY_TAG);
	for (; n >= 0x80; n >>= 7)
		buf_u8(&b, (uint8_t)(n | 0x80));
	buf_u8(&b, (uint8_t)n);
	buf_span(&b, body);
	return buf_bytes(&b);
}

void
source_bundle_sizes(uint64_t n, uint64_t *ret_first, uint64_t *ret_last)
{
	*ret_first = n == 0 ? 0 : n * LAYOUT_BLOCK + 1;
	*ret_last = (n + 1) * LAYOUT_BLOCK;
}

bool
source_node(void *source, unsigned level, uint64_t index, struct hash *ret_hash)
{
	struct source *s = source;

	return s->ops->node(s, level, index, ret_hash);
}
