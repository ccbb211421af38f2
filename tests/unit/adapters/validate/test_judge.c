/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/validate/judge.h"
#include "config/adapter_config.h"
#include "proto/base/clock.h"
#include "tests/support/arena_fixture.h"

#define CHILD "\"given\":\"А\",\"family\":\"Б\",\"birth_date\":\"2015-03-07\",\"gender\":\"female\""
#define REFERRAL "{\n\"referral_id\":\"7\",\n\"child\":{" CHILD "%s},\n\"service_kind\":\"mentoring\",\"reason_text\":\"x\"%s}"

#define FILE_OF(type, sha256) \
	"{\"record_id\":\"1\",\"kind\":\"attachment\",\"attachment\":{\"referral_id\":\"7\",\"att_id\":\"1\",\"filename\":\"a\",\"size\":3,\"part\":1," \
	"\"parts\":1,\"category\":\"other\",\"media_type\":" type ",\n\"data\":\"YWJj\",\n\"sha256\":\"" sha256 "\"}}"

static struct judgement
judged(const char *file, struct span bytes, const struct adapter_config *config)
{
	struct judge_request request = { .bytes = bytes, .file = file, .config = config };
	struct judgement j;

	assert_int_equal(judge(&request, mem, &j), OK);
	return j;
}

static struct span
vector(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *bytes = arena_alloc(mem, 1 << 20);
	size_t n;

	assert_non_null(f);
	n = fread(bytes, 1, 1 << 20, f);
	fclose(f);
	return SPAN(bytes, n);
}

/* Format and sector are found out from name and bytes; what is good has no errors. */
static void
finds_format_and_sector(void **state)
{
	static const struct { const char *path, *sector, *format; } CASES[] = {
		{ "tests/fuzz/corpus/xml/referral.xml", "social", "xml" }, { "tests/vectors/health/nhis-r001.xml", "health", "nhis" },
		{ "tests/vectors/health/full.hl7", "health", "hl7" }, { "tests/vectors/health/fhir-referral-message.json", "health", "fhir" },
		{ "tests/vectors/education/referrals_utf8.csv", "education", "csv" },
		{ "tests/vectors/education/referrals_windows1251.csv", "education", "csv" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct judgement j = judged(CASES[i].path, vector(CASES[i].path), NULL);

		assert_string_equal(j.sector, CASES[i].sector);
		assert_string_equal(j.format, CASES[i].format);
		if (j.n_errors != 0)
			fail_msg("%s: %s %s", CASES[i].path, j.findings[0].why.where, j.findings[0].why.text);
		assert_true(j.n_items > 0);
	}
}

/* All faults of a record come in one run, each with its field and place; what defaults would give is a note. */
static void
finds_every_fault(void **state)
{
	const char *text = arena_fmt(mem, REFERRAL, ",\n \"ids\":[{\"type\":\"EGN\",\"value\":\"1543079014\"}],\n"
						    " \"address\":{\"ekatte\":\"702\",\"municipality\":\"PDV2\"}", "");
	static const struct { const char *where; enum err e; unsigned line; bool is_note; } WANT[] = {
		{ "child.ids[0].value", ERR_BAD_ID, 4, false }, { "child.address.municipality", ERR_UNKNOWN_CODE, 5, false },
		{ "child.address.ekatte", ERR_UNKNOWN_CODE, 5, false }, { "risk_level", ERR_REQUIRED, 1, true },
		{ "priority", ERR_REQUIRED, 1, true }, { "disposition_wanted", ERR_REQUIRED, 1, true }, { "legal_basis", ERR_REQUIRED, 1, true },
	};
	struct judgement j = judged("a.json", span_str(text), NULL);

	(void)state;
	assert_int_equal(j.n_findings, sizeof(WANT) / sizeof(WANT[0]));
	assert_int_equal(j.n_errors, 3);
	for (size_t i = 0; i < j.n_findings; i++) {
		assert_string_equal(j.findings[i].why.where, WANT[i].where);
		assert_int_equal(j.findings[i].e, WANT[i].e);
		assert_int_equal(j.findings[i].why.line, WANT[i].line);
		assert_int_equal(j.findings[i].is_note, WANT[i].is_note);
	}
}

/* With the agency's configuration its defaults count, and what they do not give is an error. */
static void
configuration_counts(void **state)
{
	static const struct adapter_pair defaults[] = {
		{ "risk_level", "medium" }, { "referral.priority", "routine" }, { "disposition_wanted", "take-over" },
	};
	static const struct adapter_pair concepts[] = { { "CL006|1042", "speech-therapy" } };
	struct adapter_config config = { .defaults = defaults, .n_defaults = 3, .concepts = concepts, .n_concepts = 1 };
	struct judgement j = judged("a.json", span_str(arena_fmt(mem, REFERRAL, "", "")), &config);

	(void)state;
	assert_int_equal(j.n_findings, 1);
	assert_int_equal(j.n_errors, 1);
	assert_string_equal(j.findings[0].why.where, "legal_basis");
	j = judged("a.xml", vector("tests/vectors/health/nhis-r001.xml"), &config);
	for (size_t i = 0; i < j.n_codes; i++)
		assert_string_not_equal(j.codes[i].system, "CL006");
	j = judged("a.xml", vector("tests/vectors/health/nhis-r001.xml"), NULL);
	assert_int_equal(j.n_codes, 3);
	assert_string_equal(j.codes[0].system, "CL006");
	assert_string_equal(j.codes[0].code, "1042");
}

/* Each format's own fault has line and column in the file, and the field in the format's terms. */
static void
every_format_has_places(void **state)
{
	static const struct { const char *file, *text, *where; unsigned line; bool has_col; } CASES[] = {
		{ "a.json", "{\"referral_id\":\n7}", "referral_id", 2, true },
		{ "a.json", "{\"a\":\n...}", "", 2, true },
		{ "a.xml", "<referral>\n<child>\n<birth_date>7.3.2015</birth_date></child></referral>", "referral.child.birth_date", 3, true },
		{ "a.xml", "<nhis:message xmlns:nhis='https://www.his.bg'><nhis:header><nhis:messageType value='R001'/></nhis:header>\n"
			   "<nhis:contents><nhis:referral><nhis:lrn value='7'/>\n<nhis:category value='R1'/></nhis:referral></nhis:contents>"
			   "</nhis:message>", "referral/category", 3, true },
		{ "a.hl7", "MSH|^~\\&|A|B|C|D|20260302||REF^I12|1|P|2.5.1\rRF1|P|R||||1\rPRD|RP\rPID|1||7||X^Y||19761325|F\r", "PID-7", 4, true },
		{ "a.csv", "referral_no;birth_date\n1;2015-03-07\n2;2015-13-07\n", "birth_date", 3, true },
		{ "a.csv", "kind;referral_no;file\nattachment;1;a.pdf\nattachment;1;../b.pdf\n", "file", 3, true },
		{ "a.csv", "kind;referral_no;file\nattachment;1;a.exe\n", "file", 2, true },
		{ "a.json", FILE_OF("\"application/pdf\"", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"), "attachment.data", 2, true },
		{ "a.json", FILE_OF("\"text/plain\"", "0000000000000000000000000000000000000000000000000000000000000000"), "attachment.sha256", 3, true },
		{ "a.csv", "kind;file;category\nattachment;a.pdf;other\n", "referral_id", 2, false },
		{ "a.json", "{\"resourceType\":\"ServiceRequest\",\n\"id\":\"1\",\n\"priority\":\"soon\",\"subject\":{\"reference\":\"#p\"},"
			    "\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"p\"}]}", "ServiceRequest.priority", 3, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct judgement j = judged(CASES[i].file, span_str(CASES[i].text), NULL);
		const struct finding *f = NULL;

		for (size_t k = 0; k < j.n_findings && f == NULL; k++)
			if (strcmp(j.findings[k].why.where, CASES[i].where) == 0)
				f = &j.findings[k];
		if (f == NULL)
			fail_msg("case %zu: %s: %s", i, j.n_findings > 0 ? j.findings[0].why.where : "-",
				 j.n_findings > 0 ? j.findings[0].why.text : "nothing found");
		assert_int_equal(f->why.line, CASES[i].line);
		assert_int_equal(f->why.col > 0, CASES[i].has_col);
	}
}

/* A consent that is over on the day of judging is a fault in every format, at its own field; without a day nothing is said. */
static void
a_consent_that_has_ended_is_told(void **state)
{
	static const struct { const char *file, *vector, *where; } CASES[] = {
		{ "a.json", NULL, "consent.valid_until" }, { "a.hl7", "tests/vectors/health/full.hl7", NULL },
		{ "a.csv", "tests/vectors/education/full.csv", "consent_until" },
		{ "fhir.json", "tests/vectors/health/fhir-referral-message.json", "Consent.provision.period.end" },
	};
	const char *json = arena_fmt(mem, REFERRAL, "", ",\n\"risk_level\":\"low\",\"priority\":\"routine\",\"disposition_wanted\":\"take-over\","
				     "\"legal_basis\":\"consent\",\"consent\":{\"given_by\":\"parent\",\"given_on\":\"2026-02-20\","
				     "\n\"valid_until\":\"2036-12-31\"}");
	int64_t last_ms, over_ms;

	(void)state;
	assert_int_equal(clock_parse("2036-12-31T23:59:59", &last_ms), OK);
	assert_int_equal(clock_parse("2037-01-01T00:00:00", &over_ms), OK);
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct span bytes = CASES[i].vector ? vector(CASES[i].vector) : span_str(json);
		struct judge_request request = { .bytes = bytes, .file = CASES[i].file };
		const int64_t days[] = { 0, last_ms, over_ms };
		struct judgement j;

		for (size_t k = 0; k < 3; k++) {
			request.now_ms = days[k];
			assert_int_equal(judge(&request, mem, &j), OK);
			assert_int_equal(j.n_errors, days[k] == over_ms);
		}
		assert_int_equal(j.findings[0].e, ERR_CONSENT_ENDED);
		assert_true(j.findings[0].why.line > 0);
		if (CASES[i].where)
			assert_string_equal(j.findings[0].why.where, CASES[i].where);
		else
			assert_non_null(strstr(j.findings[0].why.where, "OBX"));
	}
}

/* A table with more faults than are told says that there are more. */
static void
findings_are_bounded(void **state)
{
	struct judgement j;
	struct buf b;

	(void)state;
	buf_init(&b, mem);
	buf_str(&b, "referral_no;birth_date\n");
	for (int i = 0; i < JUDGE_FINDINGS_MAX; i++)
		buf_fmt(&b, "%d;x\n", i);
	j = judged("a.csv", buf_bytes(&b), NULL);
	assert_int_equal(j.n_findings, JUDGE_FINDINGS_MAX);
	assert_false(j.has_more);
	buf_str(&b, "z;x\n");
	j = judged("a.csv", buf_bytes(&b), NULL);
	assert_true(j.has_more);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_format_and_sector), TEST(finds_every_fault), TEST(configuration_counts), TEST(every_format_has_places),
		TEST(a_consent_that_has_ended_is_told), TEST(findings_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
