/* SPDX-License-Identifier: EUPL-1.2 */
/* test_json - JSON text into a record: strict, bounded, and silent about values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "adapters/social/social.h"
#include "tests/support/arena_fixture.h"

/* As deep as allowed parses, one level more does not; brackets in a text do not count. */
static void
parse_bounds_depth(void **state)
{
	char text[200] = "{\"a\":";
	json_t *root;
	struct why why;

	(void)state;
	memset(text + 5, '[', SOCIAL_DEPTH_MAX - 1);
	memset(text + 5 + SOCIAL_DEPTH_MAX - 1, ']', SOCIAL_DEPTH_MAX - 1);
	strcat(text, "}");
	assert_int_equal(social_json_parse(span_str(text), &root, &why), OK);
	json_decref(root);
	memset(text + 5, '[', SOCIAL_DEPTH_MAX);
	assert_int_equal(social_json_parse(span_str(text), &root, &why), ERR_SYNTAX);
	assert_string_equal(why.text, "nested too deep");
	assert_int_equal(social_json_parse(SPAN_LIT("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[\\\"[[[\"}"), &root, &why), OK);
	json_decref(root);
}

/* Whatever is wrong with a text, no part of it is in the explanation. */
static void
parse_never_quotes(void **state)
{
	static const char *const bad[] = {
		"{\"name\": МАРКЕР}", "{\"МАРКЕР\": 1, \"МАРКЕР\": 2}", "{\"a\":\"МАРКЕР\"", "{\"a\":\"МАРКЕР\"} МАРКЕР",
		"{\"a\":\"МАРКЕР\xff\"}", "{\"МАРКЕР\\u0000\":1}", "{\"a\":\"МАРКЕР\n\"}", "МАРКЕР",
	};
	json_t *root;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct why why = { 0 };

		assert_int_not_equal(social_json_parse(span_str(bad[i]), &root, &why), OK);
		assert_null(root);
		assert_null(strstr(why.text, "МАРКЕР"));
		assert_string_equal(why.where, "");
		assert_int_not_equal(why.line, 0);
	}
}

/* Lists of messages and of texts, numbers, truths and nothings all land in their fields; the extra member does not. */
static void
read_puts_every_kind(void **state)
{
	static const char text[] = "{\"ours\":{\"x\":1},\"carers\":[{\"name\":\"А\"},{\"name\":\"Б\",\"phone\":null}],"
				   "\"need\":[\"stress\"],\"siblings_also_referred\":[\"1\",\"2\"],\"household_size\":5,"
				   "\"interpreter\":true,\"consent\":null,\"language\":\"\",\"requested_start\":\"2026-02-28\"}";
	struct record *record = record_new(mem, "record");
	json_t *root;
	struct why why;

	(void)state;
	assert_int_equal(social_json_parse(SPAN_LIT(text), &root, &why), OK);
	assert_int_equal(social_json_read(root, "referral", "ours", record, mem, &why), OK);
	assert_int_equal(record->referral->n_carers, 2);
	assert_string_equal(record->referral->carers[1]->name, "Б");
	assert_null(record->referral->carers[1]->phone);
	assert_int_equal(record->referral->siblings_also_referred.n, 2);
	assert_int_equal(*record->referral->household_size, 5);
	assert_true(*record->referral->interpreter);
	assert_null(record->referral->consent);
	assert_null(record->referral->language);
	assert_string_equal(record->referral->requested_start, "2026-02-28");
	assert_int_equal(social_json_read(root, "referral", NULL, record, mem, &why), ERR_UNKNOWN_FIELD);
	assert_string_equal(why.where, "referral.ours");
	json_decref(root);
}

/* A name that does not look like one is not shown. */
static void
read_hides_odd_names(void **state)
{
	static const char *const odd[] = { "{\"1543079013 Иван\":1}", "{\"\":1}", "{\"a b\":1}",
					   "{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":1}" };
	struct record *record = record_new(mem, "record");
	struct why why;
	json_t *root;

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		assert_int_equal(social_json_parse(span_str(odd[i]), &root, &why), OK);
		assert_int_equal(social_json_read(root, "status", NULL, record, mem, &why), ERR_UNKNOWN_FIELD);
		assert_string_equal(why.where, "status.?");
		json_decref(root);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(parse_bounds_depth, setup, teardown),
		cmocka_unit_test_setup_teardown(parse_never_quotes, setup, teardown),
		cmocka_unit_test_setup_teardown(read_puts_every_kind, setup, teardown),
		cmocka_unit_test_setup_teardown(read_hides_odd_names, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
