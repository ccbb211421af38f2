/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_hl7 - any bytes as an HL7 message: read, answered, and read as an answer. What is taken must be writable again. */
#include "adapters/health/hl7_sector.h"

#include <assert.h>

#define MEM (4u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sector_env env = { .agency = "umbal", .now_ms = INT64_C(1772438400000) };
	struct native in = { .format = FORMAT_HL7, .bytes = SPAN(data, size) }, answer, native = { .charset = "windows-1251" };
	struct arena *mem = arena_new(MEM);
	struct intake intake;
	const char *case_no;

	health_hl7_to_records(&in, &env, mem, &intake);
	if (health_hl7_answer(&in, &intake, &env, mem, &answer) == OK)
		assert(answer.bytes.n == 0 || answer.bytes.p[0] == 'M');
	if (intake.n && intake.items[0].record) {
		const struct record *record = intake.items[0].record;
		struct outgoing out = { .msg_id = "019c7d2e-5a11-7c3b-9d42-6f0e1a2b3c4d", .from = "ozd", .record = record,
			.referral = record->referral ? record : NULL };

		/* the core writes only what it has checked */
		if (record_check(record, NULL) == OK)
			(void)!health_hl7_from_record(&out, FORMAT_HL7, &env, mem, &native, NULL);
		(void)!health_hl7_read_answer(&out, &in, mem, &case_no, NULL);
	}
	arena_free(mem);
	return 0;
}
