/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/core/roster_files.h"

static void
put(const char *dir, const char *name, const char *text)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_non_null(f = fopen(path, "wb"));
	fputs(text, f);
	fclose(f);
}

/* A file is read whole; one that is not there is nothing; what is no plain file of the folder is refused, as is one too large. */
static void
reads_files_of_the_folder(void **state)
{
	char dir[] = "/tmp/nasoka-roster-XXXXXX", path[300], other[300];
	struct arena *mem = arena_new(ROSTER_FILE_MAX / 4);
	struct span bytes;

	(void)state;
	assert_non_null(mkdtemp(dir));
	put(dir, "users.csv", "a,b\n");
	assert_int_equal(roster_files_read(dir, "users.csv", mem, &bytes), OK);
	assert_true(span_eq(bytes, SPAN_LIT("a,b\n")));
	assert_int_equal(roster_files_read(dir, "orgs.csv", mem, &bytes), OK);
	assert_null(bytes.p);
	assert_int_equal(roster_files_read(dir, "../users.csv", mem, &bytes), ERR_UNSUPPORTED);
	snprintf(path, sizeof(path), "%s/link.csv", dir);
	snprintf(other, sizeof(other), "%s/users.csv", dir);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(roster_files_read(dir, "link.csv", mem, &bytes), ERR_UNSUPPORTED);
	unlink(path);
	snprintf(path, sizeof(path), "%s/dir.csv", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(roster_files_read(dir, "dir.csv", mem, &bytes), ERR_UNSUPPORTED);
	rmdir(path);
	assert_int_equal(truncate(other, (off_t)ROSTER_FILE_MAX + 1), 0);
	assert_int_equal(roster_files_read(dir, "users.csv", mem, &bytes), ERR_TOOBIG);
	assert_int_equal(truncate(other, (off_t)ROSTER_FILE_MAX / 2), 0);
	assert_int_equal(roster_files_read(dir, "users.csv", mem, &bytes), ERR_TOOBIG);	/* the arena has no room */
	unlink(other);
	rmdir(dir);
	arena_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(reads_files_of_the_folder) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
