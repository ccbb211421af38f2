/* SPDX-License-Identifier: EUPL-1.2 */
/* lookup - linear probing, at most half full. Keys are hashes, random ids and agency names of a log: no one gains by collisions. */
#include "hub/audit/lookup.h"

#include <assert.h>
#include <stdlib.h>

#define CAP_MIN 64u

void
lookup_done(struct lookup *l)
{
	free(l->slots);
	*l = (struct lookup){ .slots = NULL };
}

static uint64_t
mix(uint64_t h, struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ s.p[i]) * UINT64_C(1099511628211);
	return h;
}

uint64_t
lookup_hash(struct span a, struct span b)
{
	uint64_t h = mix(mix(UINT64_C(14695981039346656037), a), b);

	return h ^ (h >> 32);
}

uint32_t
lookup_next(const struct lookup *l, uint64_t hash, size_t *at)
{
	while (l->cap > 0 && *at < l->cap) {
		const struct lookup_slot *s = &l->slots[(hash + (*at)++) & (l->cap - 1)];

		if (!s->used)
			return LOOKUP_NONE;
		if (s->hash == hash)
			return s->item;
	}
	return LOOKUP_NONE;
}

static void
put(struct lookup_slot *slots, size_t cap, uint64_t hash, uint32_t item)
{
	size_t at = hash & (cap - 1);

	while (slots[at].used)
		at = (at + 1) & (cap - 1);
	slots[at] = (struct lookup_slot){ hash, item, 1 };
}

enum err
lookup_add(struct lookup *l, uint64_t hash, uint32_t item)
{
	size_t cap = l->cap ? 2 * l->cap : CAP_MIN;
	struct lookup_slot *slots;

	assert(item != LOOKUP_NONE);
	if (2 * (l->n + 1) > l->cap) {
		if ((slots = calloc(cap, sizeof(*slots))) == NULL)
			return ERR_NOMEM;
		for (size_t i = 0; i < l->cap; i++)
			if (l->slots[i].used)
				put(slots, cap, l->slots[i].hash, l->slots[i].item);
		free(l->slots);
		l->slots = slots;
		l->cap = cap;
	}
	put(l->slots, l->cap, hash, item);
	l->n++;
	return OK;
}
