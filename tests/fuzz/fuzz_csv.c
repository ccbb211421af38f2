/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_csv - any bytes as a school's table: read, and answered with a line for every row. */
#include "adapters/education/education.h"

#include <assert.h>

#define MEM (16u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sector_env env = { .agency = "school-1", .now_ms = INT64_C(1772438400000) };
	struct native in = { .format = FORMAT_CSV, .bytes = SPAN(data, size), .file = "a.csv" }, answer;
	struct arena *mem = arena_new(MEM);
	struct intake intake;

	(void)education_sector.is_complete(in.file, in.bytes);
	education_to_records(&in, &env, mem, &intake);
	for (size_t i = 0; i < intake.n; i++)
		assert(intake.items[i].e != OK || intake.items[i].confirms || intake.items[i].native_id);
	(void)!education_answer(&in, &intake, &env, mem, &answer);
	arena_free(mem);
	return 0;
}
