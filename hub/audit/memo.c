/* SPDX-License-Identifier: EUPL-1.2 */
/* memo - a set of hashes; only what was found valid is in it. */
#include "hub/audit/memo.h"

#include <stdlib.h>

struct memo {
	struct lookup lookup;
	struct hash *items;
	size_t n, cap;
};

struct memo *
memo_new(void)
{
	return calloc(1, sizeof(struct memo));
}

void
memo_free(struct memo *m)
{
	if (m == NULL)
		return;
	lookup_done(&m->lookup);
	free(m->items);
	free(m);
}

static uint64_t
key_of(const struct hash *statement)
{
	uint64_t key;

	memcpy(&key, statement->b, sizeof(key));
	return key;
}

bool
memo_has(const struct memo *m, const struct hash *statement)
{
	size_t at = 0;
	uint32_t i;

	while ((i = lookup_next(&m->lookup, key_of(statement), &at)) != LOOKUP_NONE)
		if (hash_eq(&m->items[i], statement))
			return true;
	return false;
}

void
memo_put(struct memo *m, const struct hash *statement)
{
	size_t cap = m->cap ? 2 * m->cap : 64;
	struct hash *items;

	if (m->n == m->cap) {
		if (m->n >= LOOKUP_NONE / 2 || (items = realloc(m->items, cap * sizeof(*items))) == NULL)
			return;
		m->items = items;
		m->cap = cap;
	}
	m->items[m->n] = *statement;
	if (lookup_add(&m->lookup, key_of(statement), (uint32_t)m->n) == OK)
		m->n++;
}

bool
memo_is_signed(struct memo *m, const struct envelope *e, const struct public_key *signer)
{
	struct { struct public_key signer; struct hash root; uint8_t sig[KEY_SIG_LEN]; uint8_t size[4]; } s;
	struct hash statement;

	s.signer = *signer;
	if (!envelope_batch_root(e, &s.root))
		return false;
	memcpy(s.sig, e->signature.sig, sizeof(s.sig));
	memcpy(s.size, &e->signature.size, sizeof(s.size));
	hash_sha256(SPAN(&s, sizeof(s)), &statement);
	if (memo_has(m, &statement))
		return true;
	if (!envelope_is_root_signed(&s.root, e->signature.size, e->signature.sig, signer))
		return false;
	memo_put(m, &statement);
	return true;
}
