/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_mllp_frame - any bytes on an MLLP connection, cut in two: the messages are the same wherever the cut is. */
#include "adapters/core/mllp_frame.h"

#include <assert.h>
#include <stdlib.h>

#define MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t
run(const uint8_t *data, size_t size, size_t cut)
{
	uint64_t sum = 0;
	struct mllp_frame f;
	enum mllp_event event;
	struct span message;
	size_t at = 0, end;

	mllp_frame_init(&f, MAX);
	while (at < size) {
		end = at < cut ? cut : size;
		at += mllp_frame_feed(&f, SPAN(data + at, end - at), &event, &message);
		if (event == MLLP_MORE)
			continue;
		assert(message.n <= MAX);
		sum = sum * 31 + (uint64_t)event;
		for (size_t i = 0; i < message.n; i++)
			sum = sum * 31 + message.p[i];
	}
	mllp_frame_done(&f);
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 1)
		assert(run(data + 1, size - 1, data[0] % size) == run(data + 1, size - 1, 0));
	return 0;
}
