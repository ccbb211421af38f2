/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_frame - frames of both directions. */
#include <assert.h>

#include "proto/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new((size_t)32 * 1024 * 1024);
	struct frame frame;
	struct span bytes;

	if (frame_decode(SPAN(data, size), mem, &frame, NULL) == OK && frame_encode(&frame, mem, &bytes) == OK)
		assert(frame_decode(bytes, mem, &frame, NULL) == OK);
	arena_free(mem);
	return 0;
}
