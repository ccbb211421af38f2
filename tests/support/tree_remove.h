/* SPDX-License-Identifier: EUPL-1.2 */
/* tree_remove - a test's folder goes with all that is in it; links are removed, not followed. Needs _GNU_SOURCE and cmocka.h before it. */
#ifndef TREE_REMOVE_H
#define TREE_REMOVE_H

#include <ftw.h>
#include <stdio.h>

static inline int
tree_remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline void
tree_remove(const char *dir)
{
	assert_int_equal(nftw(dir, tree_remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

#endif
