/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/nhis_world.h"

/* Every path of the table is a field of the record, and stands in it once. */
static void
rows_are_fields(void **state)
{
	for (const struct nhis_row *row = NHIS_ROWS; row->at != NULL; row++) {
		struct record *record = record_new(*state, "record");
		struct why why;

		assert_true(nhis_is_read(row->at));
		if (row->path == NULL)
			continue;
		assert_int_equal(record_set(record, *state, row->path, "", &why), OK);	/* empty: the path alone is looked at */
		assert_string_equal(nhis_at_of(row->path), row->at);
		assert_true(nhis_holds(row->path + strlen("referral.")));
	}
	assert_false(nhis_is_read("subject/various/age"));
	assert_false(nhis_holds("carers.name"));
	assert_string_equal(nhis_at_of("referral.child.ids[0].value"), "subject/identifier");
	assert_null(nhis_at_of("referral.goals[0].text"));
}

/* The codes go both ways; what is not in a table is never taken for something that is. */
static void
codes_both_ways(void **state)
{
	static const char *const TYPES[] = { "EGN", "LNCH", "SSN", "passport", "EU" };
	static const char *const AREAS[] = { "PDV22", "PDV17", "PDV28", "PDV42", "PDV26", "PDV40", "PDV41", "PDV01" };

	(void)state;
	for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++) {
		assert_string_equal(nhis_id_type(nhis_id_code(TYPES[i])), TYPES[i]);
		assert_true(record_is_code("id_type", TYPES[i]));
	}
	for (size_t i = 0; i < sizeof(AREAS) / sizeof(AREAS[0]); i++)
		assert_string_equal(nhis_municipality(nhis_area(AREAS[i])), AREAS[i]);
	assert_string_equal(nhis_id_type("9"), "other");
	assert_string_equal(nhis_id_type(NULL), "other");
	assert_null(nhis_id_code("local"));
	assert_string_equal(nhis_gender("2"), "female");
	assert_string_equal(nhis_gender("9"), "unknown");
	assert_null(nhis_gender_code("unknown"));
	assert_null(nhis_municipality("2201"));
	assert_null(nhis_municipality(NULL));
}

/* Values stand in the attribute, or in the element; blank ones are none, and a message of another namespace is none of ours. */
static void
finds_values(void **state)
{
	const struct xml_node *root;

	assert_int_equal(xml_parse(SPAN_LIT("<message xmlns='https://www.his.bg'><contents><a><b value='1'/><c>2</c><d value=' '/></a>"
					    "</contents></message>"), NULL, *state, &root, NULL), OK);
	root = nhis_contents(root);
	assert_string_equal(nhis_value(root, "a/b"), "1");
	assert_string_equal(nhis_value(root, "a/c"), "2");
	assert_null(nhis_value(root, "a/d"));
	assert_null(nhis_value(root, "a/e/f"));
	assert_int_equal(xml_parse(SPAN_LIT("<message xmlns='urn:x'><contents/></message>"), NULL, *state, &root, NULL), OK);
	assert_null(nhis_contents(root));
	assert_null(nhis_contents(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { NHIS_TEST(rows_are_fields), NHIS_TEST(codes_both_ways), NHIS_TEST(finds_values) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
