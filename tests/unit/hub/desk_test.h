/* SPDX-License-Identifier: EUPL-1.2 */
/* desk_test - a hub on a desk, alone or with all agencies connected, and a message of the first to the third: what the tests of the
 * core's stages begin with.
 */
#ifndef TEST_DESK_TEST_H
#define TEST_DESK_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/support/hub_desk.h"

static const struct thread_id thread = { "a thread" };

static inline int
set_up_alone(void **state)
{
	struct desk *d = malloc(sizeof(*d));

	desk_init(d, 3);
	*state = d;
	return 0;
}

static inline int
set_up(void **state)
{
	set_up_alone(state);
	for (size_t i = 0; i < WORLD_AGENCIES; i++)
		desk_hello(*state, i, 100);
	return 0;
}

static inline int
tear_down(void **state)
{
	desk_done(*state);
	free(*state);
	return 0;
}

static inline struct span
data(struct desk *d, uint64_t seq, enum priority priority, struct envelope *env)
{
	struct header h;

	world_header(&d->world, 0, 2, &thread, seq, d->now_ms, &h);
	h.priority = priority;
	return world_envelope(&d->world, 0, &h, 500, env);
}

#endif
