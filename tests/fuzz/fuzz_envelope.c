/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_envelope - envelopes and headers: only the canonical form of a header decodes. */
#include <assert.h>

#include "proto/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new((size_t)16 * 1024 * 1024);
	struct envelope envelope;
	struct header header;
	struct span bytes;

	if (header_decode(SPAN(data, size), mem, &header, NULL) == OK && header_encode(&header, mem, &bytes) == OK)
		assert(span_eq(bytes, SPAN(data, size)));
	if (envelope_decode(SPAN(data, size), mem, &envelope, NULL) == OK && envelope_encode(&envelope, mem, &bytes) == OK)
		assert(envelope_decode(bytes, mem, &envelope, NULL) == OK);
	arena_free(mem);
	return 0;
}
