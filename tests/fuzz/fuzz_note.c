/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_note - signed notes, checkpoints and verifier keys. */
#include "proto/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new((size_t)4 * 1024 * 1024);
	struct note_verifier verifier = { .name = "log.example" };
	struct checkpoint checkpoint;
	uint64_t valid;
	struct span text;

	if (note_verify(SPAN(data, size), &verifier, 1, &text, &valid) == OK && valid != 0)
		(void)checkpoint_open(SPAN(data, size), &verifier, mem, &checkpoint);
	(void)note_verifier_parse(arena_strn(mem, data, size < 4096 ? size : 4096), mem, &verifier);
	arena_free(mem);
	return 0;
}
