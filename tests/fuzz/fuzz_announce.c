/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_announce - bodies of announcements: what is taken is said again in the same bytes, and has a room at any time. */
#include <assert.h>

#include "proto/announce.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new((size_t)1 << 20);
	struct announce a;
	struct span bytes;

	if (announce_decode(SPAN(data, size), mem, &a, NULL) == OK) {
		assert(announce_encode(&a, mem, &bytes, NULL) == OK);
		assert(span_eq(bytes, SPAN(data, size)));
		assert(announce_room(&a, a.valid_until_ms) == ANNOUNCE_STALE);
	}
	arena_free(mem);
	return 0;
}
