/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_hl7 - any bytes as an HL7 message or a batch of them: read, answered, and read as an answer. What is taken must be writable
 * again, in each way of writing, and be what it was before where the text is ours.
 */
#include "adapters/health/hl7_sector.h"

#include <assert.h>

#include "proto/kind.h"

#define MEM (16u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The one referral that the core knows, so that changes of it and questions about it are read to their end. */
static enum err
known(void *core, const char *number, struct arena *mem, struct progress *ret_progress)
{
	static const char *const FIELDS[][2] = {
		{ "kind", "referral" }, { "referral.referral_id", "R-1" }, { "referral.initiator.agency", "umbal" },
		{ "referral.target.agency", "ozd" }, { "referral.child.given", "K" }, { "referral.child.family", "T" },
		{ "referral.reason_text", "x" }, { "referral.service_kind", "other" },
	};
	struct record *record = record_new(mem, "record");

	(void)core;
	if (strcmp(number, "R-1") != 0 || !record)
		return ERR_UNKNOWN_REFERRAL;
	for (size_t i = 0; i < sizeof(FIELDS) / sizeof(FIELDS[0]); i++)
		if (record_set(record, mem, FIELDS[i][0], FIELDS[i][1], NULL) != OK || arena_is_full(mem))
			return ERR_UNKNOWN_REFERRAL;
	*ret_progress = (struct progress){ .state = "info-requested", .is_initiator = true, .referral = record };
	return OK;
}

/* As each agency's system might want it. */
static void
write_again(const struct record *record, struct sector_env *env, const struct native *in, struct arena *mem)
{
	struct outgoing out = { .msg_id = "019c7d2e-5a11-7c3b-9d42-6f0e1a2b3c4d", .from = "ozd", .record = record,
		.referral = record->referral ? record : NULL };
	const char *case_no;

	for (int i = 0; i < 6; i++) {
		struct native native = { .charset = i % 2 ? "windows-1251" : NULL };

		env->dialect = (enum dialect)(i / 2);
		out.is_initiator = i % 2;
		if (health_hl7_from_record(&out, FORMAT_HL7, env, mem, &native, NULL) == OK)
			assert(native.bytes.n == 0 || native.bytes.p[0] == 'M');
	}
	(void)!health_hl7_read_answer(&out, in, mem, &case_no, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sector_env env = { .agency = "umbal", .now_ms = INT64_C(1772438400000), .progress_of = known };
	struct native in = { .format = FORMAT_HL7, .bytes = SPAN(data, size) }, answer;
	struct arena *mem = arena_new(MEM);
	struct intake intake;

	health_hl7_to_records(&in, &env, mem, &intake);
	assert(intake.e == OK || intake.n == 0);
	if (health_hl7_answer(&in, &intake, &env, mem, &answer) == OK)
		assert(answer.bytes.n == 0 || strchr("MFB", answer.bytes.p[0]));
	for (size_t i = 0; i < intake.n && i < 8; i++) {
		struct record *record = intake.items[i].record;

		assert((intake.items[i].e == OK) || !record);
		if (!record)
			continue;
		/* the core completes and checks, and only what passes is ever written */
		record->case_id = arena_copy(mem, "0123456789abcdef", 16);
		record->created = record_int(mem, env.now_ms);
		assert(arena_is_full(mem) || kind_body(record));
		if (!arena_is_full(mem) && record_check(record, NULL) == OK)
			write_again(record, &env, &in, mem);
	}
	arena_free(mem);
	return 0;
}
