/* SPDX-License-Identifier: EUPL-1.2 */
/* merkle_grove - a log of MOST leaves and all its complete subtrees, for the tests of roots and proofs. */
#ifndef MERKLE_GROVE_H
#define MERKLE_GROVE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/merkle.h"

#define MOST 40

static struct hash leaves[MOST], nodes[7][MOST];

static void
put_node(void *arg, unsigned level, uint64_t index, const struct hash *hash)
{
	(void)arg;
	nodes[level][index] = *hash;
}

/* Complete subtrees within *arg leaves; anything else is not there. */
static bool
read_node(void *arg, unsigned level, uint64_t index, struct hash *ret_hash)
{
	if ((index + 1) << level > *(const uint64_t *)arg)
		return false;
	*ret_hash = nodes[level][index];
	return true;
}

static int
make(void **state)
{
	struct frontier f;

	(void)state;
	frontier_init(&f);
	for (uint8_t i = 0; i < MOST; i++) {
		merkle_leaf(SPAN(&i, 1), &leaves[i]);
		frontier_add(&f, &leaves[i], put_node, NULL);
	}
	return 0;
}

#endif
