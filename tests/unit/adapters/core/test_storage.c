/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/support/paper_hub.h"

/* Numbers keep their order as keys, and come back. */
static void
storage_key_order(void **state)
{
	const uint64_t numbers[] = { 0, 1, 255, 256, 65535, UINT32_MAX, UINT64_C(1) << 40, UINT64_MAX };
	struct key8 before = storage_key(0), key;

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		key = storage_key(numbers[i]);
		assert_int_equal(storage_number(SPAN(key.b, 8)), numbers[i]);
		assert_true(i == 0 || memcmp(before.b, key.b, 8) < 0);
		before = key;
	}
}

/* A text that is longer than its place is an error and not a part of it. */
static void
storage_text_limit(void **state)
{
	const uint8_t row[] = { 0, 0, 0, 3, 'a', 'b', 'c' };
	char fits[4], small[3];
	struct cursor c;

	(void)state;
	cursor_init(&c, SPAN(row, sizeof(row)));
	storage_text(&c, fits, sizeof(fits));
	assert_string_equal(fits, "abc");
	assert_int_equal(cursor_end(&c), OK);
	cursor_init(&c, SPAN(row, sizeof(row)));
	storage_text(&c, small, sizeof(small));
	assert_string_equal(small, "");
	assert_int_not_equal(cursor_end(&c), OK);
}

/* Each table has its name. */
static void
storage_names(void **state)
{
	static const char *const names[] = { ADAPTER_TABLE_NAMES };

	(void)state;
	assert_int_equal(sizeof(names) / sizeof(names[0]), N_ADAPTER_TABLES + 1);
	assert_string_equal(names[TABLE_META], "meta");
	assert_string_equal(names[TABLE_PENDING], "pending");
	assert_string_equal(names[TABLE_REFUSED], "refused");
	assert_string_equal(names[TABLE_MAIL], "mail");
	assert_string_equal(names[TABLE_PAPER], "paper");
}

/* A store of a version whose rows were others is refused as a whole, with what to do; no row of it is misread. */
static void
storage_older(void **state)
{
	static const char *const tables[] = { ADAPTER_TABLE_NAMES };
	struct store_options options = { .tables = tables, .map_bytes = DESK_MAP, .schema = 1 };
	struct paper *p = paper_up();
	struct why why = { .where = "" };
	struct store *store;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/older", p->party[0].desk.dir);
	options.path = path;
	assert_int_equal(store_open(&options, &store, &why), OK);
	store_close(store);
	options.schema = ADAPTER_SCHEMA;
	assert_int_equal(store_open(&options, &store, &why), ERR_VERSION);
	assert_non_null(strstr(why.text, "schema 1"));
	adesk_no_keys(path);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(storage_key_order),
		cmocka_unit_test(storage_text_limit),
		cmocka_unit_test(storage_names),
		cmocka_unit_test(storage_older),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
