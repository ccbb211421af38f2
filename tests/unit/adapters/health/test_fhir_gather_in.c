/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_results.h"

#define REPORT(rest) "{\"resourceType\":\"DiagnosticReport\",\"id\":\"r\",\"status\":\"final\"," \
	"\"conclusion\":\"Добре е.\"" rest "}"
#define ON(what) ",\"basedOn\":[{" what "}]"
#define ON_R1 ON("\"identifier\":{\"value\":\"R-1\"}")
#define CALM(rest) RESULTS_OBSERVATION(",\"valueString\":\"спокоен\"" rest)
#define ENTRY(resource) "{\"resource\":" resource "}"
#define BUNDLE(entries) "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[" entries "]}"
#define FORM(type, data) ",\"presentedForm\":[{\"contentType\":\"" type "\",\"title\":\"извод.pdf\"" data "}]"
#define BYTES ",\"data\":\"JVBERi0xLjQK\""

static struct intake
read_of(struct arena *mem, const char *text)
{
	struct results_world w = { .state = "completed", .service = "mentoring" };

	return results_read(mem, &w, text);
}

/* A report or an observation by itself is an assessment of the referral that it is based on, by number, address or the request in the document, with
 * all that stands beside it; no step. */
static void
by_itself(void **state)
{
	static const struct { const char *text, *conclusions, *finding; } rows[] = {
		{ REPORT(ON_R1), "Добре е.", NULL },
		{ REPORT(ON("\"reference\":\"ServiceRequest/R-1\"")), "Добре е.", NULL },
		{ REPORT(",\"identifier\":[{\"type\":{\"coding\":[{\"code\":\"PLAC\"}]},\"value\":\"R-1\"}]"), "Добре е.", NULL },
		{ REPORT(ON_R1 ",\"contained\":[" CALM("") "],\"result\":[{\"reference\":\"#a\"}]"), "Добре е.", "спокоен" },
		{ CALM(ON_R1), "спокоен", "спокоен" },
		{ BUNDLE(ENTRY(CALM("")) "," ENTRY(REPORT(ON_R1))), "Добре е.", "спокоен" },
		{ BUNDLE(ENTRY(REPORT(ON_R1)) "," ENTRY(CALM(ON_R1))), "Добре е.", "спокоен" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct intake intake = read_of(*state, rows[i].text);

		if (intake.e != OK || intake.n != 1 || intake.items[0].e != OK)
			fail_msg("%s: %s %s", rows[i].text, intake.why.where, intake.n > 0 ? intake.items[0].why.where : "");
		assert_string_equal(intake.items[0].record->kind, "assessment-result");
		assert_field(*state, intake.items[0].record, "assessment.referral_id", "R-1");
		assert_field(*state, intake.items[0].record, "assessment.conclusions", rows[i].conclusions);
		assert_field(*state, intake.items[0].record, "assessment.domains[0].finding", rows[i].finding);
	}
}

/* What leads to no referral that is known here, or to two, or is of another child, is refused with its place. */
static void
refused(void **state)
{
	static const struct { const char *text; enum err e; const char *where; } rows[] = {
		{ REPORT(""), ERR_REQUIRED, "DiagnosticReport.basedOn" },
		{ RESULTS_OBSERVATION(""), ERR_REQUIRED, "Observation.basedOn" },
		{ REPORT(ON("\"reference\":\"ServiceRequest/R-9\"")), ERR_UNKNOWN_REFERRAL, "DiagnosticReport.basedOn" },
		{ RESULTS_OBSERVATION(ON("\"display\":\"направление\"")), ERR_REQUIRED, "Observation.basedOn" },
		{ BUNDLE(ENTRY(REPORT(ON_R1)) "," ENTRY(RESULTS_OBSERVATION(ON("\"reference\":\"ServiceRequest/R-2\"")))), ERR_TOOMANY, "Observation.basedOn" },
		{ REPORT(ON_R1 ",\"subject\":{\"reference\":\"#p\"},\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"p\",\"identifier\":["
		  "{\"system\":\"urn:nasoka:egn\",\"value\":\"1545123455\"}]}]"), ERR_INCONSISTENT, "DiagnosticReport.subject" },
		{ REPORT(ON_R1 ",\"result\":[{\"reference\":\"Observation/7\"}]"), ERR_REQUIRED, "DiagnosticReport.result" },
		{ "{\"resourceType\":\"DiagnosticReport\",\"status\":\"cancelled\"" ON_R1 "}", ERR_UNSUPPORTED, "DiagnosticReport.status" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct intake intake = read_of(*state, rows[i].text);

		if (intake.e != OK || intake.n != 1 || intake.items[0].e != rows[i].e || strcmp(intake.items[0].why.where, rows[i].where) != 0)
			fail_msg("%s: %s %s", rows[i].text, intake.n > 0 ? err_name(intake.items[0].e) : err_name(intake.e),
				 intake.n > 0 ? intake.items[0].why.where : intake.why.where);
	}
}

/* The file that a report shows comes with it, as one act; a form whose bytes are elsewhere, or that is no file of ours, is counted as left out. */
static void
forms(void **state)
{
	static const struct { const char *text; size_t n; bool is_left_out; } rows[] = {
		{ REPORT(ON_R1 FORM("application/pdf", BYTES)), 2, false },
		{ RESULTS_TASK("completed", RESULTS_OUTPUT("оценка") "[{\"resourceType\":\"DiagnosticReport\",\"id\":\"a\",\"conclusion\":\"х\""
			       FORM("application/pdf", BYTES) "}]"), 2, false },
		{ REPORT(ON_R1 FORM("text/html", BYTES)), 1, true },
		{ REPORT(ON_R1 FORM("application/pdf", ",\"url\":\"https://pacs.example/1\"")), 1, true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct intake intake = read_of(*state, rows[i].text);
		const struct record *found, *file;

		if (intake.e != OK || intake.n != rows[i].n)
			fail_msg("%zu: %zu items, %s", i, intake.n, intake.why.where);
		found = intake.items[0].record;
		assert_non_null(found);
		assert_int_equal(found->dropped != NULL && *found->dropped > 0, rows[i].is_left_out);
		if (rows[i].n == 1)
			continue;
		file = intake.items[1].record;
		assert_true(intake.is_one_act);
		assert_string_equal(file->attachment->referral_id, "R-1");
		assert_string_equal(file->attachment->filename, "извод.pdf");
		assert_string_equal(file->attachment->category, "assessment");
		assert_int_equal(file->attachment->data->n, 9);
		assert_field(*state, found, "assessment.attachments", file->attachment->att_id);
	}
	assert_int_equal(read_of(*state, REPORT(ON_R1 FORM("application/pdf", ",\"data\":\"?\""))).items[1].e, ERR_SYNTAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { FIXTURE_TEST(by_itself), FIXTURE_TEST(refused), FIXTURE_TEST(forms) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
