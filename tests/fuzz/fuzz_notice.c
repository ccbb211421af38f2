/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_notice - bodies of notices: what is taken is said again in the same bytes. */
#include <assert.h>

#include "proto/notice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new((size_t)1 << 20);
	struct notice notice;
	struct span bytes;

	if (notice_decode(SPAN(data, size), mem, &notice, NULL) == OK) {
		assert(notice_encode(&notice, mem, &bytes) == OK);
		assert(span_eq(bytes, SPAN(data, size)));
	}
	arena_free(mem);
	return 0;
}
