/* SPDX-License-Identifier: EUPL-1.2 */
/* arena_fixture - `setup` and `teardown` of a test that needs an arena and nothing else: `mem`, empty for each test. */
#ifndef SUPPORT_ARENA_FIXTURE_H
#define SUPPORT_ARENA_FIXTURE_H

#include "proto/base/arena.h"

static struct arena *mem;

static int
setup(void **state)
{
	(void)state;
	mem = arena_new(64u << 20);
	return mem == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

#endif
