/* SPDX-License-Identifier: EUPL-1.2 */
/* finding - a list of places */
#include "tests/unit/proto/trust_world.h"
#include "hub/audit/finding.h"
#include <jansson.h>

/* Every finding has its text in both languages. */
static void
finding_texts(void **state)
{
	for (int i = 0; i < N_FINDINGS; i++) {
		assert_true(strlen(finding_text((enum finding_id)i, LANG_EN)) > 3);
		assert_true(strlen(finding_text((enum finding_id)i, LANG_BG)) > 3);
		assert_memory_equal(finding_name((enum finding_id)i), "FOUND_", 6);
	}
	(void)state;
}

/* More than fit are counted, and said. */
static void
finding_more(void **state)
{
	struct findings f = { .n = 0 };
	char *text;
	size_t n;
	FILE *to = open_memstream(&text, &n);

	for (int i = 0; i < FINDINGS_MAX + 3; i++)
		finding_add_named(&f, FOUND_MISSING, "tile/0/000", NULL);
	assert_int_equal(f.n, FINDINGS_MAX);
	assert_int_equal(f.more, 3);
	finding_print(&f, LANG_EN, to);
	fclose(to);
	assert_non_null(strstr(text, "tile/0/000: missing\n"));
	assert_non_null(strstr(text, "and 3 more"));
	free(text);
	(void)state;
}

/* JSON names place, offset and leaf. */
static void
finding_as_json(void **state)
{
	struct findings f = { .n = 0 };
	struct place place = { .name = "detail/000", .offset = 17 };
	json_t *list, *o;

	finding_add(&f, FOUND_DETAIL_HASH, &place, 5, "x");
	list = finding_json(&f, LANG_BG);
	o = json_array_get(list, 0);
	assert_string_equal(json_string_value(json_object_get(o, "place")), "detail/000");
	assert_int_equal(json_integer_value(json_object_get(o, "offset")), 17);
	assert_int_equal(json_integer_value(json_object_get(o, "leaf")), 5);
	assert_string_equal(json_string_value(json_object_get(o, "what")), "FOUND_DETAIL_HASH");
	json_decref(list);
	(void)state;
}

/* A file's name in an export cannot wipe the line that tells of it. */
static void
finding_is_shown(void **state)
{
	struct findings f = { .n = 0 };

	finding_add_named(&f, FOUND_UNKNOWN_FILE, "x\x1b[2K\rok", NULL);
	assert_string_equal(f.items[0].place.name, "x?[2K?ok");
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finding_texts),
		cmocka_unit_test(finding_more),
		cmocka_unit_test(finding_as_json),
		cmocka_unit_test(finding_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
