/* SPDX-License-Identifier: EUPL-1.2 */
/* nhis_world - what the tests of НЗИС messages share: the environment of hl7_world.h with its concepts, and calls that fit on a line. */
#ifndef TEST_NHIS_WORLD_H
#define TEST_NHIS_WORLD_H

#include "adapters/health/nhis.h"
#include "tests/unit/adapters/health/hl7_world.h"

#define NHIS_VECTOR(name) "tests/vectors/health/" name
#define NHIS_ID "01999999-0000-7000-8000-000000000001"

static inline const char *
nhis_world_concept(const void *arg, const char *system, const char *code)
{
	(void)arg;
	if (strcmp(system, "CL006") == 0 && strcmp(code, "1042") == 0)
		return "speech-therapy";
	return strcmp(system, "CL027") == 0 && strcmp(code, "2") == 0 ? "urgent" : NULL;
}

static inline const char *
nhis_world_native_of(const void *arg, const char *system, const char *code)
{
	(void)arg;
	return strcmp(system, "CL006") == 0 && strcmp(code, "psych-counselling") == 0 ? "1055" : NULL;
}

static inline struct sector_env
nhis_world_env(void)
{
	struct sector_env env = world_env("umbal-plovdiv");

	env.concept = nhis_world_concept;
	env.native_of = nhis_world_native_of;
	return env;
}

static inline struct intake
nhis_world_read(const char *text, struct arena *mem)
{
	struct sector_env env = nhis_world_env();
	struct native in = { .format = FORMAT_NHIS, .bytes = span_str(text) };
	struct intake intake;

	health_nhis_to_records(&in, &env, mem, &intake);
	return intake;
}

/* What the core would have filled in. */
static inline struct record *
nhis_world_complete(struct record *record, struct arena *mem)
{
	static const char *const DEFAULTS[][2] = {
		{ "case_id", "00112233445566778899aabbccddeeff" }, { "created", "2026-03-02T09:16:00Z" },
		{ "referral.target.agency", "ozd-plovdiv" }, { "referral.risk_level", "medium" },
		{ "referral.disposition_wanted", "assess-and-return" }, { "referral.legal_basis", "statutory-task" },
		{ "referral.respond_by", "2026-03-05T15:00:00Z" },
	};
	struct why why;

	for (size_t i = 0; i < sizeof(DEFAULTS) / sizeof(DEFAULTS[0]); i++)
		assert_int_equal(record_set(record, mem, DEFAULTS[i][0], DEFAULTS[i][1], &why), OK);
	if (record->referral->priority == NULL)
		assert_int_equal(record_set(record, mem, "referral.priority", "routine", &why), OK);
	return record;
}

static inline const char *
nhis_world_answer(const char *text, struct intake *intake, struct arena *mem, unsigned *ret_status)
{
	struct sector_env env = nhis_world_env();
	struct native in = { .format = FORMAT_NHIS, .bytes = span_str(text), .path = "/nhis" }, answer;

	assert_int_equal(health_nhis_answer(&in, intake, &env, mem, &answer), OK);
	*ret_status = answer.status;
	return arena_strn(mem, answer.bytes.p, answer.bytes.n);
}

static inline const char *
nhis_world_write(const struct outgoing *out, struct arena *mem)
{
	struct sector_env env = nhis_world_env();
	struct native native = { .charset = NULL };
	struct why why;

	assert_int_equal(health_nhis_from_record(out, FORMAT_NHIS, &env, mem, &native, &why), OK);
	return native.bytes.n > 0 ? arena_strn(mem, native.bytes.p, native.bytes.n) : "";
}

/* The contents of a document that must be well formed and ours; its values by nhis_value. */
static inline const struct xml_node *
nhis_world_contents(const char *text, struct arena *mem)
{
	const struct xml_node *root;
	struct why why;

	assert_int_equal(xml_parse(span_str(text), NULL, mem, &root, &why), OK);
	assert_non_null(nhis_contents(root));
	return nhis_contents(root);
}

static inline int
nhis_world_set_up(void **state)
{
	*state = arena_new(WORLD_MEM);
	return 0;
}

static inline int
nhis_world_tear_down(void **state)
{
	arena_free(*state);
	return 0;
}

#define NHIS_TEST(name) cmocka_unit_test_setup_teardown(name, nhis_world_set_up, nhis_world_tear_down)

#endif
