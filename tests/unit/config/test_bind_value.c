/* SPDX-License-Identifier: EUPL-1.2 */
/* One value of each type: bound when right, its default kept when wrong. */
#include "config/bind_value.h"

#include "tests/unit/config/binder_world.h"

static const char base[] =
	"number: 4294967295\n"
	"a: { text: \"\" , b: { lang: en } }\n"
	"door: { port: 65535, size: 2MiB, time: 1h }\n"
	"path: x\n"
	"words: [ \"\", два ]\n"
	"pairs: { k: v, l: \"w\" }\n"
	"routes:\n"
	"  - to: one\n"
	"  - { to: two, service_kind: s }\n";

/* Every type takes its right value, up to the edges. */
static void
bind_value_right(void **state)
{
	struct world *w = *state;
	char path[256];

	assert_int_equal(world_load(w, base, thing_load), OK);
	assert_true(thing.number == UINT32_MAX && thing.port == 65535 && thing.on && thing.lang == LANG_EN);
	assert_true(thing.size == 2 << 20 && thing.time == 3600000);
	assert_string_equal(thing.text, "");
	assert_string_equal(thing.path, world_path(w, "x", path));
	assert_true(thing.n_words == 2 && thing.n_pairs == 2 && thing.n_routes == 2);
	assert_string_equal(thing.words[1], "два");
	assert_string_equal(thing.pairs[1].value, "w");
	assert_string_equal(thing.routes[0].service_kind, "any");
	assert_string_equal(thing.routes[1].service_kind, "s");
}

static const struct wrong wrongs[] = {
	{ "4294967295", "4294967296", "1:9: number: 4294967296 is out of range" },
	{ "4294967295", "-1", "1:9: number: -1 is out of range" },
	{ "4294967295", "{ a: 1 }", "1:9: number: must be one value" },
	{ "4294967295", "~", "1:9: number: '~' is not a whole number" },
	{ "text: \"\"", "text: 123456789", "2:12: a.text: longer than 8 bytes" },
	{ "text: \"\"", "text: \"a\\tb\"", "2:12: a.text: holds a control character" },
	{ "lang: en", "lang: EN", "2:28: a.b.lang: 'EN' is not a choice here" },
	{ "65535", "65536", "3:15: door.port: 65536 is out of range" },
	{ "2MiB", "0B", "3:28: door.size: 0B is out of range" },
	{ "1h", "25h", "3:40: door.time: 25h is out of range" },
	{ "path: x", "path: \"\"", "4:7: path: has no value" },
	{ "[ \"\", два ]", "[1, 2, 3, 4]", "5:8: words: 4 items are too many" },
	{ "[ \"\", два ]", "[a, [b], a]", "5:12: words[2]: must be one value\n5:17: words[3]: 'a' stands in the list twice" },
	{ "[ \"\", два ]", "[a, , b]", "5:12: not valid YAML: did not find expected node content" },
	{ "k: v", "K: v", "6:10: pairs.K: 'K' is not a code" },
	{ "k: v", "k: ", "6:10: pairs.k: has no value" },
	{ "- to: one", "- { service_kind: x }", "8:5: routes[1].to: required and missing: who" },
	{ "- to: one", "- to: one\n    with: two", "9:5: routes[1].with: unknown key" },
	{ "- to: one", "-", "8:4: routes[1]: has no value" },
};

/* Every type refuses its wrong ones, each at its place, list items by number. */
static void
bind_value_wrong(void **state)
{
	world_check_wrong(*state, base, wrongs, sizeof(wrongs) / sizeof(wrongs[0]), thing_load);
}

/* A wrong value leaves the default, so that checks across keys can still look. */
static void
bind_value_keeps_default(void **state)
{
	struct world *w = *state;
	char *text = world_edit(base, "2MiB", "lots");

	assert_int_equal(world_load(w, text, thing_load), ERR_CONFIG);
	assert_int_equal(thing.size, 1 << 20);
	free(text);
}

/* A path longer than the system takes is refused by name. */
static void
bind_value_long_path(void **state)
{
	struct world *w = *state;
	char *text = calloc(1, 1200);

	strcpy(text, "number: 1\npath: ");
	memset(text + strlen(text), 'p', 1100);
	assert_int_equal(world_load(w, text, thing_load), ERR_CONFIG);
	assert_true(world_said(w, "2:7: path: the path is longer than 1023 bytes"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(bind_value_right, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(bind_value_wrong, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(bind_value_keeps_default, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(bind_value_long_path, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
