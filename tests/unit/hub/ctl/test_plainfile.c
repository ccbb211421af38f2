/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of hub/ctl/plainfile.c: files read whole, written and never overwritten. */
#include "tests/unit/hub/ctl/ctl_world.h"

/* What was written is read back, with mode 0644 whatever the umask. */
static void
plainfile_round_trip(void **state)
{
	struct world *w = *state;
	const char *path = world_path(w, "a");
	struct span bytes;
	struct stat st;
	struct why why;

	umask(077);
	assert_int_equal(plainfile_make(path, SPAN_LIT("abc"), &why), OK);
	assert_int_equal(plainfile_read(path, 3, w->mem, &bytes, &why), OK);
	assert_true(span_eq(bytes, SPAN_LIT("abc")));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
}

/* A file, and a link that leads nowhere, stand in the way. */
static void
plainfile_make_never_over(void **state)
{
	struct world *w = *state;
	const char *path = world_file(w, "a", "old"), *link = world_path(w, "l");
	struct span bytes;
	struct why why;

	assert_int_equal(symlink("nowhere", link), 0);
	assert_true(plainfile_exists(link));
	assert_int_equal(plainfile_make(path, SPAN_LIT("new"), &why), ERR_EXISTS);
	assert_int_equal(plainfile_make(link, SPAN_LIT("new"), &why), ERR_EXISTS);
	assert_false(plainfile_exists(world_path(w, "nowhere")));
	assert_int_equal(plainfile_read(path, 99, w->mem, &bytes, &why), OK);
	assert_true(span_eq(bytes, SPAN_LIT("old")));
}

/* Too long, missing and not a file are told apart. */
static void
plainfile_read_refuses(void **state)
{
	struct world *w = *state;
	struct span bytes;
	struct why why;

	assert_int_equal(plainfile_read(world_file(w, "a", "abcd"), 3, w->mem, &bytes, &why), ERR_TOOBIG);
	assert_int_equal(plainfile_read(world_path(w, "b"), 3, w->mem, &bytes, &why), ERR_NOTFOUND);
	assert_int_equal(plainfile_read(w->dir, 3, w->mem, &bytes, &why), ERR_SYSTEM);
}

/* A folder for keys is made 0700, and one that others may write is refused. */
static void
plainfile_own_dir_is_own(void **state)
{
	struct world *w = *state;
	const char *path = world_path(w, "d");
	struct stat st;
	struct why why;

	assert_int_equal(plainfile_own_dir(path, &why), OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(plainfile_own_dir(path, &why), OK);
	assert_int_equal(chmod(path, 0770), 0);
	assert_int_equal(plainfile_own_dir(path, &why), ERR_KEYFILE);
	assert_int_equal(plainfile_own_dir(world_path(w, "x/y"), &why), ERR_NOTFOUND);
	assert_int_equal(plainfile_own_dir(world_file(w, "f", ""), &why), ERR_EXISTS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(plainfile_round_trip, world_open, world_close),
		cmocka_unit_test_setup_teardown(plainfile_make_never_over, world_open, world_close),
		cmocka_unit_test_setup_teardown(plainfile_read_refuses, world_open, world_close),
		cmocka_unit_test_setup_teardown(plainfile_own_dir_is_own, world_open, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
