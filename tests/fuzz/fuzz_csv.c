/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_csv - any bytes as a school's table: read, and answered with a line for every row; a record of it is written and read again. */
#include "adapters/education/education.h"

#include <assert.h>
#include <string.h>

#include "adapters/education/csv_kind.h"

#define MEM (16u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was written reads as one record of the same kind, unless it is larger than a table may be. */
static void
write_again(const struct record *record, const struct sector_env *env, struct arena *mem)
{
	struct outgoing out = { .msg_id = "019c7d2e-5a11-7c3b-9d42-6f0e1a2b3c4d", .from = "ozd-1", .record = record, .file = "a.pdf" };
	struct native native = { .charset = NULL };
	struct intake intake;

	if (!csv_kind_has_rows(kind_by_code(record->kind)) || kind_body(record) == NULL ||
	    education_from_record(&out, FORMAT_CSV, env, mem, &native, NULL) != OK)
		return;
	education_to_records(&native, env, mem, &intake);
	if (arena_is_full(mem))
		return;
	assert(intake.e == OK && intake.n == 1 && intake.items[0].e == OK);
	assert(strcmp(intake.items[0].record->kind, record->kind) == 0);
}

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
	if (intake.n > 0 && intake.items[0].record != NULL)
		write_again(intake.items[0].record, &env, mem);
	arena_free(mem);
	return 0;
}
