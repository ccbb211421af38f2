/* SPDX-License-Identifier: EUPL-1.2 */
/* circuit - counts the entries that failed in a row. */
#include "adapters/core/circuit.h"

#include "proto/base/clock.h"

bool
circuit_is_open(const struct circuit *c)
{
	return c->n_failed == CIRCUIT_OPENS_AT;
}

void
circuit_took(struct circuit *c)
{
	*c = (struct circuit){ .began = c->began, .took = c->took + 1 };
}

static void
note(struct circuit *c, uint64_t entry)
{
	for (unsigned i = 0; i < c->n_failed; i++)
		if (c->failed[i] == entry)
			return;
	if (c->n_failed < CIRCUIT_OPENS_AT)
		c->failed[c->n_failed++] = entry;
}

void
circuit_failed(struct circuit *c, uint64_t entry, int64_t now_ms, int64_t min_ms, int64_t max_ms)
{
	note(c, entry);
	if (circuit_is_open(c))
		c->until_ms = now_ms + clock_backoff(++c->waits, min_ms, max_ms < CIRCUIT_WAIT_MAX ? max_ms : CIRCUIT_WAIT_MAX);
}
