/* SPDX-License-Identifier: EUPL-1.2 */
/* tiles - a tree's tiles made from its leaf hashes, as tlog-tiles has them, in constant memory. Pure. */
#ifndef AUDIT_TILES_H
#define AUDIT_TILES_H

#include "hub/audit/layout.h"
#include "proto/merkle.h"

struct tile { unsigned level; uint64_t n; unsigned width; struct hash hashes[LAYOUT_BLOCK]; };

struct tiles {
	struct frontier frontier;
	struct tile open[LAYOUT_LEVELS];
	/* A tile is told when it is full, and at the end when it is not empty. */
	void (*each)(void *arg, const struct tile *tile);
	void *arg;
};

void tiles_init(struct tiles *t, void (*each)(void *arg, const struct tile *tile), void *arg);
void tiles_add(struct tiles *t, const struct hash *leaf);
void tiles_end(struct tiles *t);

#endif
