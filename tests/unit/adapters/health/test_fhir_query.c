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
	const struct CMUnitTest tests[] = { FIXTURE_TEST(query_terms), FIXTURE_TEST(query_limits), FIXTURE_TEST(query_preferences) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
