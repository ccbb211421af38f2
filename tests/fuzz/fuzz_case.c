/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_case - the JSON of OSCaR and Primero: at both addresses, from the folder, with a referral that stands somewhere and with none:
 * the input's length says which. */
#include "adapters/social/social.h"
#include "tests/fuzz/one_way.h"

#define MEM ((size_t)16 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *
word_as_it_is(const void *arg, const char *system, const char *code)
{
	(void)arg;
	(void)system;
	return code;
}

static const char *
agency_as_it_is(const void *arg, const char *name)
{
	(void)arg;
	return name;
}

/* Any number is known, its referral's state and side are drawn from it. */
static enum err
standing(void *core, const char *number, struct arena *mem, struct progress *ret_progress)
{
	static const char *const states[] = { "requested", "accepted", "waitlisted", "cancel-requested", "completed", "declined" };
	const uint8_t *size = core;
	struct record *record = record_new(mem, "record");

	if (record == NULL || (record->referral = record_new(mem, "referral")) == NULL)
		return ERR_TOOBIG;
	record->referral->service_kind = "other";
	*ret_progress = (struct progress){
		.msg_id = "01999999-0000-7000-8000-000000000001", .thread = "ff", .state = states[(uint8_t)(*number + *size) % 6],
		.referral_no = number, .case_no = *size % 3 == 0 ? number : NULL, .is_initiator = *size % 2 == 0, .referral = record,
	};
	return OK;
}

static void
with_a_standing(enum format format, struct span input)
{
	struct arena *mem = arena_new(MEM);
	uint8_t size = (uint8_t)input.n;
	struct sector_env env = { .agency = "plovdiv-cop", .concept = word_as_it_is, .native_of = word_as_it_is, .agency_of = agency_as_it_is,
				  .alias_of = agency_as_it_is, .progress_of = standing, .core = &size };
	struct native in = { .format = format, .bytes = input, .method = "POST", .path = "/v1/x" }, answer = { 0 };
	struct intake intake = { 0 };

	social_sector.to_records(&in, &env, mem, &intake);
	(void)!social_sector.answer(&in, &intake, &env, mem, &answer);
	arena_free(mem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	switch (size % 5) {
	case 0: one_way(&social_sector, FORMAT_OSCAR, "/v1/oscar", SPAN(data, size)); break;
	case 1: one_way(&social_sector, FORMAT_PRIMERO, "/v1/primero", SPAN(data, size)); break;
	case 2: one_way(&social_sector, FORMAT_NONE, NULL, SPAN(data, size)); break;
	case 3: with_a_standing(FORMAT_OSCAR, SPAN(data, size)); break;
	case 4: with_a_standing(FORMAT_PRIMERO, SPAN(data, size)); break;
	}
	return 0;
}
