/* SPDX-License-Identifier: EUPL-1.2 */
/* tree_remove - a test's folder goes with all that is in it; links are removed, not followed. */
#ifndef TREE_REMOVE_H
#define TREE_REMOVE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fts.h>
#include <stdio.h>

static inline void
tree_remove(const char *dir)
{
	char root[4096];
	char *roots[] = { root, NULL };
	assert_in_range(snprintf(root, sizeof(root), "%s", dir), 1, sizeof(root) - 1);
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	assert_non_null(walk);
	for (FTSENT *at = fts_read(walk); at != NULL; at = fts_read(walk))
		if (at->fts_info != FTS_D)
			assert_int_equal(remove(at->fts_accpath), 0);
	fts_close(walk);
}

#endif
