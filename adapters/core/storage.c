/* SPDX-License-Identifier: EUPL-1.2 */
/* storage - what the rows of all tables are written with. */
#include "adapters/core/storage.h"

struct key8
storage_key(uint64_t number)
{
	struct key8 k;

	for (int i = 7; i >= 0; i--, number >>= 8)
		k.b[i] = (uint8_t)number;
	return k;
}

uint64_t
storage_number(struct span key)
{
	struct cursor c;

	cursor_init(&c, key);
	return cursor_u64(&c);
}

void
storage_text(struct cursor *c, char *to, size_t cap)
{
	struct span s = cursor_var(c);

	if (s.n >= cap) {
		c->e = ERR_FORMAT;
		s.n = 0;
	}
	if (s.n > 0)
		memcpy(to, s.p, s.n);
	to[s.n] = '\0';
}
