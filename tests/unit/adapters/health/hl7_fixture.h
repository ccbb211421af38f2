/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_fixture - the memory of one test, and the world as it was before it. */
#ifndef TEST_HL7_FIXTURE_H
#define TEST_HL7_FIXTURE_H

#include "tests/unit/adapters/health/hl7_world.h"

static struct arena *mem;

static inline int
setup(void **state)
{
	(void)state;
	mem = arena_new(WORLD_MEM);
	return mem == NULL;
}

static inline int
teardown(void **state)
{
	(void)state;
	world_dialect = DIALECT_REFERRAL;
	world_known = NULL;
	world_n_known = 1;
	arena_free(mem);
	return 0;
}

#endif
