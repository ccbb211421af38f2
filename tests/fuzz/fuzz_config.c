/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_config - configuration files: YAML with places. */
#include "config/document.h"
#include "config/problem.h"
#include "proto/base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new((size_t)16 * 1024 * 1024);
	struct problems *problems = problems_new("input.yaml");
	struct node *root = NULL;

	if (problems)
		(void)document_parse(SPAN(data, size), mem, &root, problems);
	problems_free(problems);
	arena_free(mem);
	return 0;
}
