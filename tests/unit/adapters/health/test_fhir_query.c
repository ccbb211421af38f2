/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_fixture.h"

static enum err
parse(struct arena *mem, const char *path, const char *form, struct fhir_query *q)
{
	struct native request = {
		.method = "GET", .path = path, .bytes = form != NULL ? span_str(form) : SPAN_NONE,
		.media_type = form != NULL ? "application/x-www-form-urlencoded" : NULL,
	};
	struct why why = { 0 };

	return fhir_query_parse(&request, mem, q, &why);
}

/* Conditions are taken with their escapes undone; what is understood is what links repeat, without the place of the page. */
static void
query_terms(void **state)
{
	struct fhir_query q;

	assert_int_equal(parse(*state, "/fhir/Task?identifier=a%7C%D0%94&x=y&status=accepted&_count=7&_after=i12&_pretty=true", NULL, &q), OK);
	assert_string_equal(q.type, "Task");
	assert_int_equal(q.n_terms, 2);
	assert_int_equal(q.terms[0].param, FHIR_IDENTIFIER);
	assert_string_equal(q.terms[0].value, "a|Д");
	assert_int_equal(q.count, 7);
	assert_string_equal(q.position, "i12");
	assert_string_equal(q.self, "identifier=a%7C%D0%94&status=accepted&_count=7&");
	assert_int_equal(parse(*state, "/fhir/Patient/_search", "identifier=1&birthdate=2015-03-07", &q), OK);
	assert_string_equal(q.type, "Patient");
	assert_int_equal(q.n_terms, 2);
}

/* A page has never more than the limit, and there are never more conditions than the limit. */
static void
query_limits(void **state)
{
	struct fhir_query q;
	struct buf b;

	assert_int_equal(parse(*state, "/fhir/Task?_count=1000000", NULL, &q), OK);
	assert_int_equal(q.count, FHIR_COUNT_MAX);
	buf_init(&b, *state);
	buf_str(&b, "/fhir/Task?");
	for (unsigned i = 0; i < FHIR_TERMS_MAX; i++)
		buf_str(&b, "status=a&");
	assert_int_equal(parse(*state, buf_text(&b), NULL, &q), OK);
	assert_int_equal(q.n_terms, FHIR_TERMS_MAX);
	buf_str(&b, "status=a");
	assert_int_equal(parse(*state, buf_text(&b), NULL, &q), ERR_TOOMANY);
	buf_init(&b, *state);
	buf_str(&b, "/fhir/Task?");
	for (unsigned i = 0; i < FHIR_PARAMS_MAX; i++)
		buf_str(&b, "x=y&");
	assert_int_equal(parse(*state, buf_text(&b), NULL, &q), OK);
	assert_string_equal(q.self, "");
	assert_int_equal(parse(*state, buf_text(&b), "x=y", &q), ERR_TOOMANY);
}

/* A modifier that is known belongs to its parameter, there and in links; on another one it is refused, however lenient the client is. */
static void
query_modifiers(void **state)
{
	static const char *const bad[] = {
		"/fhir/Task?status:in=a", "/fhir/Task?status:=a", "/fhir/Task?owner:not=a", "/fhir/Task?_lastUpdated:not=2026",
		"/fhir/Task?status:identifier=a",
		"/fhir/HealthcareService?organization:not=a", "/fhir/HealthcareService?identifier:not=a",
	};
	struct fhir_query q;

	assert_int_equal(parse(*state, "/fhir/Task?status:not=a,b&identifier:not=c&owner:identifier=d", NULL, &q), OK);
	assert_true(q.terms[0].is_not && q.terms[1].is_not && !q.terms[2].is_not);
	assert_int_equal(q.terms[0].param, FHIR_STATUS);
	assert_string_equal(q.self, "status:not=a,b&identifier:not=c&owner:identifier=d&");
	assert_int_equal(parse(*state, "/fhir/HealthcareService?active:not=true", NULL, &q), OK);
	assert_true(q.terms[0].is_not);
	assert_int_equal(parse(*state, "/fhir/Task?colour:not=a", NULL, &q), OK);
	assert_int_equal(q.n_terms, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (parse(*state, bad[i], NULL, &q) != ERR_SEARCH)
			fail_msg("%s", bad[i]);
}

/* A preference is found among others, a type at the start of a path. */
static void
query_preferences(void **state)
{
	const struct request_head head = { .prefer = "handling=strict; return=minimal" };
	struct native request = { .head = &head };

	assert_string_equal(fhir_prefers(&request, "return", *state), "minimal");
	assert_string_equal(fhir_prefers(&request, "handling", *state), "strict");
	assert_null(fhir_prefers(&request, "respond", *state));
	assert_string_equal(fhir_path_type("/fhir/Task/7?a", *state), "Task");
	assert_null(fhir_path_type("/fhir", *state));
	assert_null(fhir_path_type("/v1/x", *state));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { FIXTURE_TEST(query_terms), FIXTURE_TEST(query_limits), FIXTURE_TEST(query_modifiers),
					     FIXTURE_TEST(query_preferences) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
