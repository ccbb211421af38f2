/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_record - the sealed record: what decodes encodes to the same bytes or to a shorter canonical form, and decodes again. */
#include <assert.h>

#include "proto/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new((size_t)64 * 1024 * 1024);
	struct record *record, *again;
	struct span bytes;

	if (record_decode(SPAN(data, size), mem, &record, NULL) == OK && record_encode(record, mem, &bytes, NULL) == OK)
		assert(bytes.n <= size && record_decode(bytes, mem, &again, NULL) == OK);
	arena_free(mem);
	return 0;
}
