/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_fixture - what the tests of FHIR share: an arena, an environment of one agency, vectors, an outgoing message. */
#ifndef TEST_FHIR_FIXTURE_H
#define TEST_FHIR_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/health/fhir.h"
#include "tests/support/record_lines.h"

#define FIXTURE_MSG_ID "018f3c5e-7b1a-7c33-9f00-0a1b2c3d4e5f"
#define FIXTURE_NOW INT64_C(1772182800000)	/* 2026-02-27T09:00:00Z */
#define FIXTURE_ARENA (16u * 1024 * 1024)

static inline const char *
fixture_concept(const void *arg, const char *system, const char *code)
{
	(void)arg;
	if (strcmp(system, "http://snomed.info/sct") == 0 && strcmp(code, "311555007") == 0)
		return "speech-therapy";
	return NULL;
}

static inline const char *
fixture_agency_of(const void *arg, const char *alias)
{
	(void)arg;
	return strcmp(alias, "DSP-PLOVDIV") == 0 || strcmp(alias, "https://dsp-plovdiv.example/fhir") == 0 ? "dsp-plovdiv" : NULL;
}

static inline const char *
fixture_alias_of(const void *arg, const char *agency)
{
	(void)arg;
	return strcmp(agency, "dsp-plovdiv") == 0 ? "DSP-PLOVDIV" : agency;
}

static const struct sector_env fixture_env = {
	.agency = "gp-plovdiv-1", .now_ms = FIXTURE_NOW, .concept = fixture_concept, .agency_of = fixture_agency_of,
	.alias_of = fixture_alias_of,
};

static inline struct span
fixture_file(struct arena *mem, const char *name)
{
	const char *path = arena_fmt(mem, "tests/vectors/health/%s", name);
	FILE *f = fopen(path, "rb");
	char *bytes = arena_alloc(mem, 100000);
	size_t n;

	if (f == NULL)
		fail_msg("%s is missing", path);
	n = fread(bytes, 1, 99999, f);
	fclose(f);
	return SPAN(bytes, n);
}

static inline struct native
fixture_native(struct span bytes)
{
	return (struct native){ .format = FORMAT_FHIR, .bytes = bytes, .media_type = FHIR_MEDIA_TYPE, .method = "POST", .path = "/fhir" };
}

static inline struct intake
fixture_read(struct arena *mem, struct span bytes)
{
	struct native in = fixture_native(bytes);
	struct intake intake;

	health_fhir_to_records(&in, &fixture_env, mem, &intake);
	return intake;
}

/* The one item of a vector, which must be good. */
static inline struct intake_item *
fixture_item(struct arena *mem, const char *name)
{
	struct intake intake = fixture_read(mem, fixture_file(mem, name));

	if (intake.e != OK || intake.n != 1 || intake.items[0].e != OK)
		fail_msg("%s: %s %s", name, intake.e != OK ? intake.why.where : intake.n == 1 ? intake.items[0].why.where : "n",
			 intake.e != OK ? intake.why.text : intake.n == 1 ? intake.items[0].why.text : "");
	return &intake.items[0];
}

static inline struct outgoing
fixture_out(const struct record *record, const struct record *referral)
{
	return (struct outgoing){
		.msg_id = FIXTURE_MSG_ID, .thread = "00", .from = "dsp-plovdiv", .record = record, .referral = referral,
		.is_initiator = record != referral, .state = "accepted", .at_ms = FIXTURE_NOW,
	};
}

static inline const char *
fixture_text(struct arena *mem, const struct native *native)
{
	return arena_strn(mem, native->bytes.p, native->bytes.n);
}

static inline int
fixture_setup(void **state)
{
	*state = arena_new(FIXTURE_ARENA);
	return *state != NULL ? 0 : -1;
}

static inline int
fixture_teardown(void **state)
{
	arena_free(*state);
	return 0;
}

#define FIXTURE_TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

#endif
