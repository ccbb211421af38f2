/* SPDX-License-Identifier: EUPL-1.2 */
/* The folders of the folder door: what is another folder now is opened again. */
#include "adapters/core/spool_place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/tree_remove.h"

static char dir[64], paths[3][96];
static struct adapter_config config;
static struct spool_place place;

static int
setup(void **state)
{
	static const char *const names[] = { "in", "done", "bad" };

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/test-place-XXXXXX");
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < 3; i++) {
		snprintf(paths[i], sizeof(paths[i]), "%s/%s", dir, names[i]);
		assert_int_equal(mkdir(paths[i], 0700), 0);
	}
	config.agency = "school";
	config.in_folder.in_dir = paths[0];
	config.in_folder.done_dir = paths[1];
	config.in_folder.bad_dir = paths[2];
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	spool_place_close(&place);
	tree_remove(dir);
	return 0;
}

static ino_t
inode(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_ino;
}

static void
make_anew(const char *path)
{
	char old[128];

	snprintf(old, sizeof(old), "%s.old", path);	/* kept: an inode may be given again */
	assert_int_equal(rename(path, old), 0);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void
renewed(void **state)
{
	struct why why = { .where = "" };
	bool is_moved;
	struct stat st;

	(void)state;
	assert_int_equal(spool_place_open(&place, &config, &why), OK);
	assert_int_equal(stat(place.claimed_path, &st), 0);
	assert_int_equal(spool_place_renew(&place, &config, &is_moved, &why), OK);
	assert_false(is_moved);
	make_anew(paths[2]);
	assert_int_equal(spool_place_renew(&place, &config, &is_moved, &why), OK);
	assert_false(is_moved);
	assert_int_equal(stat(paths[2], &st), 0);
	assert_int_equal(inode(place.bad_fd), st.st_ino);
	make_anew(paths[0]);
	assert_int_equal(spool_place_renew(&place, &config, &is_moved, &why), OK);
	assert_true(is_moved);
	assert_int_equal(stat(paths[0], &st), 0);
	assert_int_equal(inode(place.in_fd), st.st_ino);
	assert_int_equal(stat(place.claimed_path, &st), 0);
	assert_int_equal(inode(place.claimed_fd), st.st_ino);
	assert_int_equal(rmdir(place.claimed_path), 0);
	assert_int_equal(spool_place_renew(&place, &config, &is_moved, &why), OK);
	assert_true(is_moved);
}

/* One that is not there is told by its setting; what was open stays so. */
static void
missing(void **state)
{
	struct why why = { .where = "" };
	bool is_moved;
	int fd;

	(void)state;
	assert_int_equal(spool_place_open(&place, &config, &why), OK);
	fd = place.done_fd;
	assert_int_equal(rmdir(paths[1]), 0);
	assert_int_not_equal(spool_place_renew(&place, &config, &is_moved, &why), OK);
	assert_string_equal(why.where, "in.folder.done");
	assert_int_equal(place.done_fd, fd);
	assert_int_equal(mkdir(paths[1], 0700), 0);
	assert_int_equal(spool_place_renew(&place, &config, &is_moved, &why), OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(renewed, setup, teardown),
		cmocka_unit_test_setup_teardown(missing, setup, teardown),
	};

	return cmocka_run_group_tests_name("spool_place", tests, NULL, NULL);
}
