/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_results.h"

#define REPORT(based_on) "{\"resourceType\":\"DiagnosticReport\",\"id\":\"r\",\"status\":\"final\",\"conclusion\":\"Добре е.\",\"basedOn\":" based_on "}"
#define TO(said) "[{\"reference\":\"" said "\"}]"
#define CONTAINED(type, rest) REPORT(TO("#c") ",\"contained\":[{\"resourceType\":\"" type "\",\"id\":\"c\"" rest "}]")
#define PLAC ",\"identifier\":[{\"type\":{\"coding\":[{\"code\":\"PLAC\"}]},\"value\":\"R-1\"}]"
#define IN_BUNDLE(url, type, rest) "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[{\"resource\":" REPORT(TO(url)) \
	"},{\"fullUrl\":\"" url "\",\"resource\":{\"resourceType\":\"" type "\",\"id\":\"c\"" rest "}}]}"

static struct intake
read_of(struct arena *mem, const char *text)
{
	struct results_world w = { .state = "completed", .service = "mentoring" };
	static const struct request_head head = { .base = "http://his.example:8080" };
	struct native in = fixture_native(span_str(text));
	struct sector_env env = fixture_env;
	struct intake intake;

	in.head = &head;
	env.progress_of = results_progress;
	env.core = &w;
	health_fhir_to_records(&in, &env, mem, &intake);
	return intake;
}

/* A referral is named by what the document holds, by its number, and by our own address of it, of whatever version. */
static void
named(void **state)
{
	static const char *const rows[] = {
		REPORT(TO("ServiceRequest/R-1")), REPORT(TO("Task/R-1")), REPORT(TO("ServiceRequest/R-1/_history/2")),
		REPORT(TO("http://his.example:8080/fhir/ServiceRequest/R-1")), REPORT(TO("https://his.example:8080/fhir/ServiceRequest/R-1/_history/2")),
		REPORT("[{\"type\":\"ServiceRequest\",\"identifier\":{\"value\":\"R-1\"}}]"), REPORT("{\"reference\":\"ServiceRequest/R-1\"}"),
		REPORT("[{\"reference\":\"https://lab.example/ServiceRequest/7\",\"identifier\":{\"value\":\"R-1\"}}]"),
		CONTAINED("ServiceRequest", PLAC), CONTAINED("ServiceRequest", ",\"groupIdentifier\":{\"value\":\"R-1\"}"),
		IN_BUNDLE("urn:uuid:0f0e1f00-0000-4000-8000-000000000001", "ServiceRequest", PLAC),
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct intake intake = read_of(*state, rows[i]);

		if (intake.e != OK || intake.items[0].e != OK)
			fail_msg("%s: %s %s", rows[i], intake.why.where, intake.n > 0 ? intake.items[0].why.where : "");
		assert_field(*state, intake.items[0].record, "assessment.referral_id", "R-1");
	}
}

/* What only ends in a referral's number, or leads nowhere, names none: it is refused with its place. */
static void
named_by_nothing(void **state)
{
	static const struct { const char *text; enum err e; } rows[] = {
		{ REPORT(TO("Patient/R-1")), ERR_UNSUPPORTED }, { REPORT(TO("CarePlan/R-1")), ERR_UNSUPPORTED },
		{ REPORT(TO("http://his.example:8080/fhir/Patient/R-1")), ERR_UNSUPPORTED }, { CONTAINED("Patient", ""), ERR_UNSUPPORTED },
		{ REPORT("[{\"type\":\"Patient\",\"identifier\":{\"value\":\"R-1\"}}]"), ERR_UNSUPPORTED },
		{ REPORT("[{\"reference\":\"Patient/7\",\"identifier\":{\"value\":\"R-1\"}}]"), ERR_UNSUPPORTED },
		{ REPORT(TO("https://lab.example/fhir/ServiceRequest/R-1")), ERR_UNKNOWN_REFERRAL },
		{ REPORT(TO("http://his.example:8080.evil/fhir/ServiceRequest/R-1")), ERR_UNKNOWN_REFERRAL },
		{ REPORT(TO("http://his.example:8080/other/ServiceRequest/R-1")), ERR_UNKNOWN_REFERRAL },
		{ REPORT(TO("urn:uuid:0f0e1f00-0000-4000-8000-000000000001")), ERR_REQUIRED }, { REPORT(TO("#R-1")), ERR_REQUIRED },
		{ REPORT(TO("R-1")), ERR_SYNTAX }, { REPORT(TO("/R-1")), ERR_SYNTAX }, { REPORT(TO("ServiceRequest/")), ERR_SYNTAX },
		{ REPORT(TO("ServiceRequest/R-1/x")), ERR_SYNTAX }, { REPORT(TO("ServiceRequest/R-1?x")), ERR_SYNTAX },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct intake intake = read_of(*state, rows[i].text);

		if (intake.e != OK || intake.items[0].e != rows[i].e ||
		    strcmp(intake.items[0].why.where, "DiagnosticReport.basedOn[0].reference") != 0)
			fail_msg("%s: %s %s", rows[i].text, err_name(intake.items[0].e), intake.items[0].why.where);
	}
}

/* Of several the one that is known here is taken, and each that is not is counted as left out. */
static void
several(void **state)
{
	static const struct { const char *text; int64_t dropped; } rows[] = {
		{ REPORT("[{\"reference\":\"ServiceRequest/R-1\"},{\"identifier\":{\"value\":\"R-1\"}}]"), 0 },
		{ REPORT("[{\"reference\":\"ServiceRequest/theirs\"},{\"reference\":\"ServiceRequest/R-1\"}]"), 1 },
		{ REPORT("[{\"reference\":\"CarePlan/7\"},{\"reference\":\"https://lab.example/ServiceRequest/R-1\"},{\"reference\":\"Task/R-1\"}]"), 2 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct intake intake = read_of(*state, rows[i].text);
		const struct record *record = intake.items[0].record;

		assert_int_equal(intake.items[0].e, OK);
		assert_field(*state, record, "assessment.referral_id", "R-1");
		assert_int_equal(record->dropped != NULL ? *record->dropped : 0, rows[i].dropped);
	}
}

/* No more than a named number of them is looked up. */
static void
too_many(void **state)
{
	char theirs[FHIR_BASED_ON_MAX * 40] = "";
	struct arena *mem = *state;

	for (unsigned n = 1; n <= FHIR_BASED_ON_MAX; n++) {
		struct intake intake;

		snprintf(theirs + strlen(theirs), 40, "{\"reference\":\"CarePlan/%u\"},", n);
		intake = read_of(mem, arena_fmt(mem, REPORT("[%s{\"reference\":\"Task/R-1\"}]"), theirs));
		assert_int_equal(intake.items[0].e, n < FHIR_BASED_ON_MAX ? OK : ERR_UNSUPPORTED);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(named, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(named_by_nothing, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(several, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(too_many, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
