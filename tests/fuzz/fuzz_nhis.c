/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_nhis - any bytes as a message of НЗИС: read, answered, written again; and read as a practice's answer. */
#include "adapters/health/nhis.h"
#include "adapters/health/sector.h"
#include "tests/fuzz/one_way.h"

#define MEM ((size_t)16 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct native answer = { .status = 200, .bytes = SPAN(data, size) };
	struct outgoing out = { .msg_id = "01999999-0000-7000-8000-000000000001" };
	struct arena *mem = arena_new(MEM);
	const char *case_no;

	one_way(&health_sector, FORMAT_NHIS, "/nhis", SPAN(data, size));
	(void)xml_is_whole(SPAN(data, size));
	(void)!health_nhis_read_answer(&out, &answer, mem, &case_no, NULL);
	arena_free(mem);
	return 0;
}
