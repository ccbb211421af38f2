/* SPDX-License-Identifier: EUPL-1.2 */
/* Paths: how they become absolute, and how two of them relate. What each need refuses stands in the configurations' tests. */
#include "config/placecheck.h"

#include "tests/unit/config/config_world.h"

/* A path is seen from the file's folder, and its idle parts go; ".." stays, because links may stand before it. */
static void
placecheck_absolute_paths(void **state)
{
	static const char *const cases[][2] = {
		{ "a/b", "/d/a/b" }, { "/a//b/", "/a/b" }, { "./a/./b/.", "/d/a/b" }, { "../a", "/d/../a" }, { "/", "/" },
		{ "/.", "/" }, { ".", "/d" }, { ".hidden", "/d/.hidden" }, { "a..b", "/d/a..b" },
	};
	struct world *w = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(placecheck_absolute("/d", cases[i][0], w->mem), cases[i][1]);
}

/* Two names of one folder are the same, by whatever links. */
static void
placecheck_relates(void **state)
{
	struct world *w = *state;
	char a[256], b[256], link[256];

	assert_int_equal(symlink("in", world_path(w, "link", link)), 0);
	assert_int_equal(placecheck_relate(world_path(w, "in", a), link), PLACE_SAME);
	assert_int_equal(placecheck_relate(a, world_path(w, "out", b)), PLACE_APART);
	assert_int_equal(placecheck_relate(a, world_path(w, "none", b)), PLACE_APART);
	assert_int_equal(placecheck_relate(b, b), PLACE_SAME);
}

/* Inside means in the folder or below it, and not in a folder whose name begins alike. */
static void
placecheck_inside(void **state)
{
	struct world *w = *state;
	char in[256], other[256], link[256];

	world_path(w, "in", in);
	assert_true(placecheck_is_inside(in, in));
	assert_true(placecheck_is_inside(world_path(w, "in/a/b", other), in));
	assert_false(placecheck_is_inside(world_path(w, "in2", other), in));
	assert_false(placecheck_is_inside(world_path(w, "in/../out/x", other), in));
	assert_int_equal(symlink("in", world_path(w, "link", link)), 0);
	assert_true(placecheck_is_inside(world_path(w, "link/x", other), in));
	assert_false(placecheck_is_inside("/", in));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(placecheck_absolute_paths, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(placecheck_relates, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(placecheck_inside, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
