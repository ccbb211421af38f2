/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_world - what the HL7 tests share: an agency's environment, files, and calls that fit on a line. */
#ifndef TEST_HL7_WORLD_H
#define TEST_HL7_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "adapters/health/hl7_sector.h"
#include "tests/support/record_lines.h"

#define WORLD_NOW INT64_C(1772438400000)	/* 2026-03-02T08:00:00Z */
#define WORLD_MEM (8u << 20)

static inline const char *
world_concept(const void *arg, const char *system, const char *code)
{
	(void)arg;
	(void)system;
	if (strcmp(code, "LOGO") == 0)
		return "speech-therapy";
	return strcmp(code, "no-place") == 0 ? "no-capacity" : NULL;
}

static inline const char *
world_agency_of(const void *arg, const char *alias)
{
	static const char *const PAIRS[][2] = {
		{ "OZD", "ozd-plovdiv" }, { "SCHOOL1", "school-1" }, { "UMBAL", "umbal-plovdiv" },
		{ "ozd-plovdiv", "ozd-plovdiv" }, { "umbal-plovdiv", "umbal-plovdiv" },
	};

	(void)arg;
	for (size_t i = 0; i < sizeof(PAIRS) / sizeof(PAIRS[0]); i++)
		if (strcmp(PAIRS[i][0], alias) == 0)
			return PAIRS[i][1];
	return NULL;
}

static inline const char *
world_alias_of(const void *arg, const char *agency)
{
	(void)arg;
	return strcmp(agency, "school-1") == 0 ? "SCHOOL1" : agency;
}

/* The referrals that the core knows, if the test says so: one, by its number, or as many as it says, by any of theirs. */
static const struct progress *world_known;
static size_t world_n_known = 1;

static inline bool
world_is(const char *a, const char *b)
{
	return a && strcmp(a, b) == 0;
}

static inline enum err
world_progress_of(void *core, const char *number, struct arena *mem, struct progress *ret_progress)
{
	(void)core;
	(void)mem;
	for (const struct progress *p = world_known; p && p < world_known + world_n_known; p++)
		if (world_is(p->referral->referral->referral_id, number) || world_is(p->case_no, number) || world_is(p->msg_id, number)) {
			*ret_progress = *p;
			if (world_is(p->msg_id, number))
				ret_progress->namesake = NULL;	/* an id is of one alone */
			return OK;
		}
	return ERR_UNKNOWN_REFERRAL;
}

static inline struct sector_env
world_env(const char *agency)
{
	return (struct sector_env){ .agency = agency, .now_ms = WORLD_NOW, .concept = world_concept,
		.agency_of = world_agency_of, .alias_of = world_alias_of, .progress_of = world_progress_of };
}

static inline const char *
world_file(const char *path, struct arena *mem)
{
	FILE *f = fopen(path, "rb");
	char *text = NULL;
	long n;

	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	n = ftell(f);
	rewind(f);
	assert_true(n >= 0 && (text = arena_alloc(mem, (size_t)n + 1)) != NULL);
	assert_int_equal(fread(text, 1, (size_t)n, f), n);
	fclose(f);
	return text;
}

/* Put the vectors anew with NASOKA_WRITE_VECTORS=1, and read the difference before committing it. */
static inline void
world_same_as_file(const char *path, const char *text, struct arena *mem)
{
	if (getenv("NASOKA_WRITE_VECTORS")) {
		FILE *f = fopen(path, "wb");

		assert_non_null(f);
		fputs(text, f);
		fclose(f);
	}
	assert_string_equal(text, world_file(path, mem));
}

static inline struct intake
world_read(const char *text, struct arena *mem)
{
	struct sector_env env = world_env("umbal-plovdiv");
	struct native in = { .format = FORMAT_HL7, .bytes = span_str(text) };
	struct intake intake;

	health_hl7_to_records(&in, &env, mem, &intake);
	return intake;
}

static inline const char *
world_answer(const char *text, struct arena *mem)
{
	struct sector_env env = world_env("umbal-plovdiv");
	struct native in = { .format = FORMAT_HL7, .bytes = span_str(text) }, answer;
	struct intake intake = world_read(text, mem);

	assert_int_equal(health_hl7_answer(&in, &intake, &env, mem, &answer), OK);
	return answer.bytes.n ? arena_strn(mem, answer.bytes.p, answer.bytes.n) : "";
}

/* Both answers of a message, in order; an empty text where none is due. */
static inline void
world_answers(const char *text, struct arena *mem, const char *ret_answers[static 2])
{
	struct sector_env env = world_env("umbal-plovdiv");
	struct native in = { .format = FORMAT_HL7, .bytes = span_str(text) }, answer;
	struct intake intake = world_read(text, mem);

	assert_int_equal(health_hl7_answer(&in, &intake, &env, mem, &answer), OK);
	ret_answers[0] = answer.bytes.n ? arena_strn(mem, answer.bytes.p, answer.bytes.n) : "";
	ret_answers[1] = answer.then.n ? arena_strn(mem, answer.then.p, answer.then.n) : "";
}

/* How that agency's system wants to be told; REF and RRI unless the test says otherwise. */
static enum dialect world_dialect;

static inline const char *
world_write(const struct outgoing *out, const char *agency, struct arena *mem)
{
	struct sector_env env = world_env(agency);
	struct native native = { .charset = NULL };
	struct why why;

	env.dialect = world_dialect;
	assert_int_equal(health_hl7_from_record(out, FORMAT_HL7, &env, mem, &native, &why), OK);
	return native.bytes.n ? arena_strn(mem, native.bytes.p, native.bytes.n) : "";
}

static inline struct record *
world_record(const char *path, struct arena *mem)
{
	struct record *record = record_of_lines(world_file(path, mem), mem);

	assert_non_null(record);
	return record;
}

/* Two records are the same but for where each came from. */
static inline void
world_same_record(const struct record *a, const struct record *b, struct arena *mem)
{
	struct record x = *a, y = *b;

	x.source = y.source = x.native_id = y.native_id = NULL;
	x.dropped = y.dropped = NULL;
	for (const char *p = record_lines(&x, mem), *q = record_lines(&y, mem); *p || *q;) {
		size_t n = strcspn(p, "\n"), k = strcspn(q, "\n");

		if (n != k || memcmp(p, q, n) != 0)
			fail_msg("'%.*s' became '%.*s'", (int)n, p, (int)k, q);
		p += n + 1;
		q += k + 1;
	}
}

static inline struct outgoing
world_outgoing(const struct record *record, const struct record *referral)
{
	return (struct outgoing){ .msg_id = "019c7d2e-5a11-7c3b-9d42-6f0e1a2b3c4d", .thread = "00", .from = "umbal-plovdiv",
		.record = record, .referral = referral, .at_ms = WORLD_NOW };
}

static inline const struct intake_item *
world_read_item(const char *text, struct arena *mem)
{
	struct intake intake = world_read(text, mem);

	assert_string_equal(intake.why.text, "");
	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 1);
	assert_string_equal(intake.items[0].why.where, "");
	assert_int_equal(intake.items[0].e, OK);
	return arena_copy(mem, &intake.items[0], sizeof(intake.items[0]));
}

static inline const struct record *
world_read_one(const char *text, struct arena *mem)
{
	return world_read_item(text, mem)->record;
}

static inline const char *
world_get(const struct intake_item *item, const char *path, struct arena *mem)
{
	const char *v = record_get(item->record, mem, path);

	return v ? v : "";
}

#endif
