/* SPDX-License-Identifier: EUPL-1.2 */
/* csv_world - what the tests of the school's tables share: an environment, files, calls that fit on a line. */
#ifndef TEST_CSV_WORLD_H
#define TEST_CSV_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "adapters/education/education.h"
#include "tests/support/record_lines.h"

#define WORLD_NOW INT64_C(1772438400000)	/* 2026-03-02T08:00:00Z */

static inline const char *
world_concept(const void *arg, const char *system, const char *code)
{
	(void)arg;
	(void)system;
	return strcmp(code, "логопед") == 0 ? "speech-therapy" : NULL;
}

static inline const char *
world_agency_of(const void *arg, const char *alias)
{
	(void)arg;
	return strcmp(alias, "ОЗД Пловдив") == 0 ? "ozd-plovdiv" : NULL;
}

static inline const char *
world_alias_of(const void *arg, const char *agency)
{
	(void)arg;
	return strcmp(agency, "ozd-plovdiv") == 0 ? "ОЗД Пловдив" : agency;
}

static inline struct sector_env
world_env(void)
{
	return (struct sector_env){ .agency = "school-1", .now_ms = WORLD_NOW, .concept = world_concept,
		.agency_of = world_agency_of, .alias_of = world_alias_of };
}

static inline struct span
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
	return SPAN(text, (size_t)n);
}

/* Put the vectors anew with NASOKA_WRITE_VECTORS=1, and read the difference before committing it. */
static inline void
world_same_as_file(const char *path, struct span bytes, struct arena *mem)
{
	struct span golden;

	if (getenv("NASOKA_WRITE_VECTORS")) {
		FILE *f = fopen(path, "wb");

		assert_non_null(f);
		assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
		fclose(f);
	}
	golden = world_file(path, mem);
	assert_int_equal(golden.n, bytes.n);
	assert_memory_equal(golden.p, bytes.p, bytes.n);
}

static inline struct intake
world_read_bytes(struct span bytes, struct arena *mem)
{
	struct sector_env env = world_env();
	struct native in = { .format = FORMAT_CSV, .bytes = bytes };
	struct intake intake;

	education_to_records(&in, &env, mem, &intake);
	return intake;
}

static inline struct intake
world_read(const char *text, struct arena *mem)
{
	return world_read_bytes(span_str(text), mem);
}

static inline const char *
world_answer(const char *text, struct arena *mem)
{
	struct sector_env env = world_env();
	struct native in = { .format = FORMAT_CSV, .bytes = span_str(text) }, answer;
	struct intake intake = world_read(text, mem);

	assert_int_equal(education_answer(&in, &intake, &env, mem, &answer), OK);
	return arena_strn(mem, answer.bytes.p, answer.bytes.n);
}

#endif
