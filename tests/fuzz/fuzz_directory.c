/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_directory - directories, key sheets, leaves and their details. */
#include <assert.h>

#include "proto/directory.h"
#include "proto/leaf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new((size_t)32 * 1024 * 1024);
	struct directory *directory, *again;
	struct detail detail;
	struct leaf leaf;
	struct span bytes;
	uint8_t back[LEAF_LEN];

	if (directory_decode(SPAN(data, size), mem, &directory, NULL) == OK &&
	    directory_encode(directory, mem, &bytes) == OK)
		assert(directory_decode(bytes, mem, &again, NULL) == OK);
	if (leaf_decode(SPAN(data, size), &leaf) == OK) {
		leaf_encode(&leaf, back);
		assert(memcmp(back, data, LEAF_LEN) == 0);
	}
	if (detail_decode(SPAN(data, size), mem, &detail) == OK)
		assert(detail_encode(&detail, mem, &bytes) == OK || arena_is_full(mem));
	arena_free(mem);
	return 0;
}
