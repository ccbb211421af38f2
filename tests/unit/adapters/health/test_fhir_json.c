/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_fixture.h"

#include <jansson.h>

static const char *
resolved(struct arena *mem, const char *reference)
{
	static const char text[] = "{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":["
		"{\"fullUrl\":\"urn:uuid:1\",\"resource\":{\"resourceType\":\"Patient\",\"id\":\"a\"}},"
		"{\"fullUrl\":\"https://h.example/fhir/Patient/7\",\"resource\":{\"resourceType\":\"Patient\",\"id\":\"7\"}},"
		"{\"resource\":{\"resourceType\":\"Group\",\"id\":\"7\"}},"
		"{\"fullUrl\":\"https://h.example/fhir/Patient/8\",\"resource\":{\"resourceType\":\"Patient\",\"id\":\"8\"}},"
		"{\"fullUrl\":\"https://g.example/fhir/Patient/8\",\"resource\":{\"resourceType\":\"Patient\",\"id\":\"8\"}},"
		"{\"resource\":{\"resourceType\":\"Task\",\"id\":\"t\",\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"c\"}]}}]}";
	json_t *ref = json_pack("{s:s}", "reference", reference);
	struct fhir_resource *to;
	const char *name = NULL;
	struct fhir_doc doc;

	assert_int_equal(fhir_doc_parse(SPAN_LIT(text), mem, &doc, NULL), OK);
	to = fhir_doc_resolve(&doc, fhir_doc_first(&doc, "Task"), ref);
	if (to != NULL)
		name = arena_fmt(mem, "%s/%s", to->type, fhir_text(to->json, "id"));
	fhir_doc_done(&doc);
	json_decref(ref);
	return name != NULL ? name : "-";
}

/* References of every form lead where they say, and nowhere else. */
static void
resolve_forms(void **state)
{
	static const char *const rows[][2] = {
		{ "urn:uuid:1", "Patient/a" }, { "urn:uuid:2", "-" }, { "https://h.example/fhir/Patient/7", "Patient/7" },
		{ "Patient/7", "Patient/7" }, { "Group/7", "Group/7" }, { "Patient/7/_history/3", "Patient/7" },
		{ "https://other.example/Patient/7", "-" }, { "https://other.example/Group/7", "Group/7" },
		{ "Patient/8", "-" }, { "#c", "Patient/c" }, { "#t", "-" }, { "Patient/c", "-" },
		{ "XPatient/7", "-" }, { "7", "-" }, { "", "-" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(resolved(*state, rows[i][0]), rows[i][1]);
}

/* A byte order mark, which some editors put in front, is no part of the document. */
static void
mark_is_passed_over(void **state)
{
	struct fhir_doc doc;

	assert_int_equal(fhir_doc_parse(SPAN_LIT("\xef\xbb\xbf{\"resourceType\":\"Task\"}"), *state, &doc, NULL), OK);
	assert_string_equal(doc.items[0].type, "Task");
	fhir_doc_done(&doc);
	assert_int_equal(fhir_doc_parse(SPAN_LIT("\xef\xbb\xbf"), *state, &doc, NULL), ERR_CUT_OFF);
}

/* A list where one value belongs gives its first, one value where a list belongs counts as one. */
static void
at_is_tolerant(void **state)
{
	json_t *json = json_loads("{\"code\":[{\"coding\":{\"code\":\"a\"}},{\"coding\":[{\"code\":\"b\"}]}],\"n\":null,\"e\":\"\"}", 0, NULL);

	(void)state;
	assert_string_equal(fhir_text(json, "code.coding.code"), "a");
	assert_string_equal(fhir_text(fhir_item(json, "code", 1), "coding.code"), "b");
	assert_non_null(fhir_item(fhir_item(json, "code", 0), "coding", 0));
	assert_null(fhir_item(fhir_item(json, "code", 0), "coding", 1));
	assert_null(fhir_item(json, "code", 2));
	assert_null(fhir_at(json, "n"));
	assert_null(fhir_text(json, "e"));
	assert_null(fhir_at(json, "code.none.code"));
	json_decref(json);
}

/* A fault in the JSON is told with its line and column, and never with a piece of the text. */
static void
parse_tells_the_place(void **state)
{
	struct fhir_doc doc;
	struct why why;

	assert_int_equal(fhir_doc_parse(SPAN_LIT("{\n \"name\": \"secret\" x\n}"), *state, &doc, &why), ERR_SYNTAX);
	assert_int_equal(why.line, 2);
	assert_true(why.col > 0);
	assert_null(strstr(why.text, "secret"));
}

/* More resources than the limit are refused, as many as the limit are not. */
static void
parse_counts_resources(void **state)
{
	struct arena *mem = *state;

	for (unsigned n = FHIR_ENTRIES_MAX; n <= FHIR_ENTRIES_MAX + 1; n++) {
		struct fhir_doc doc;
		struct buf b;

		buf_init(&b, mem);
		buf_str(&b, "{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":[");
		for (unsigned i = 0; i < n; i++)
			buf_fmt(&b, "%s{\"resource\":{\"resourceType\":\"Basic\"}}", i > 0 ? "," : "");
		buf_str(&b, "]}");
		assert_int_equal(fhir_doc_parse(buf_bytes(&b), mem, &doc, NULL), n > FHIR_ENTRIES_MAX ? ERR_TOOMANY : OK);
		fhir_doc_done(&doc);
	}
}

/* Brackets within texts do not count; an open text or a second bracket does. */
static void
is_complete_brackets(void **state)
{
	(void)state;
	assert_true(fhir_is_complete(SPAN_LIT("{\"a\":\"}{\\\"\"}\n")));
	assert_false(fhir_is_complete(SPAN_LIT("{\"a\":\"}")));
	assert_false(fhir_is_complete(SPAN_LIT("{\"a\":{}")));
	assert_false(fhir_is_complete(SPAN_LIT("")));
	assert_false(fhir_is_complete(SPAN_LIT("  ")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(resolve_forms), FIXTURE_TEST(at_is_tolerant), FIXTURE_TEST(parse_tells_the_place),
		FIXTURE_TEST(parse_counts_resources), FIXTURE_TEST(is_complete_brackets), FIXTURE_TEST(mark_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
