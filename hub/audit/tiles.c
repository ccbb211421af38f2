/* SPDX-License-Identifier: EUPL-1.2 */
/* tiles - the frontier tells of each complete subtree; those at every eighth level are the hashes of tiles. */
#include "hub/audit/tiles.h"

#include <assert.h>

void
tiles_init(struct tiles *t, void (*each)(void *arg, const struct tile *tile), void *arg)
{
	frontier_init(&t->frontier);
	for (unsigned level = 0; level < LAYOUT_LEVELS; level++)
		t->open[level] = (struct tile){ .level = level };
	t->each = each;
	t->arg = arg;
}

static void
on_subtree(void *arg, unsigned level, uint64_t index, const struct hash *hash)
{
	struct tiles *t = arg;
	struct tile *tile;

	if (level % 8 != 0)
		return;
	tile = &t->open[level / 8];
	assert(index == tile->n * LAYOUT_BLOCK + tile->width);
	tile->hashes[tile->width++] = *hash;
	if (tile->width < LAYOUT_BLOCK)
		return;
	t->each(t->arg, tile);
	tile->n++;
	tile->width = 0;
}

void
tiles_add(struct tiles *t, const struct hash *leaf)
{
	frontier_add(&t->frontier, leaf, on_subtree, t);
}

void
tiles_end(struct tiles *t)
{
	for (unsigned level = 0; level < LAYOUT_LEVELS; level++)
		if (t->open[level].width > 0)
			t->each(t->arg, &t->open[level]);
}
