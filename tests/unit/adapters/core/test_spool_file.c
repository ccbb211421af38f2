/* SPDX-License-Identifier: EUPL-1.2 */
/* One file of the folder door: read whole or not at all, and answered under its name. */
#include "adapters/core/spool_file.h"

#include <fcntl.h>
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

#define MOST 1000

struct place {
	char dir[40];
	int fd;
	unsigned n_unread;
};

static int
setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	snprintf(p->dir, sizeof(p->dir), "/tmp/test-spool-file-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	assert_true((p->fd = open(p->dir, O_RDONLY | O_DIRECTORY)) >= 0);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	close(p->fd);
	tree_remove(p->dir);
	free(p);
	return 0;
}

static void
put(const struct place *p, const char *name, size_t n)
{
	static const char bytes[MOST + 1] = "abc";
	int fd = openat(p->fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

static enum err
get(struct place *p, const char *name, struct spool_bytes *ret_file)
{
	return spool_file_read(p->fd, name, MOST, &p->n_unread, ret_file);
}

/* A file is read to its last byte, an empty one is there, one that vanished is not. */
static void
whole_or_gone(void **state)
{
	struct place *p = *state;
	struct spool_bytes file;

	put(p, "a", MOST);
	assert_int_equal(get(p, "a", &file), OK);
	assert_int_equal(file.n, MOST);
	assert_memory_equal(file.p, "abc", 4);
	spool_file_forget(&file);
	assert_null(file.p);
	put(p, "empty", 0);
	assert_int_equal(get(p, "empty", &file), OK);
	assert_non_null(file.p);
	assert_int_equal(file.n, 0);
	spool_file_forget(&file);
	assert_int_equal(get(p, "gone", &file), OK);
	assert_null(file.p);
	spool_file_forget(&file);
}

/* What is larger than may be, or no file, is refused and never waited for; no link is followed. */
static void
refused(void **state)
{
	struct place *p = *state;
	struct spool_bytes file;

	put(p, "big", MOST + 1);
	assert_int_equal(get(p, "big", &file), ERR_TOOBIG);
	assert_null(file.p);
	put(p, "a", 3);
	assert_int_equal(symlinkat("a", p->fd, "link"), 0);
	assert_int_equal(get(p, "link", &file), ERR_UNSUPPORTED);
	assert_int_equal(mkdirat(p->fd, "folder", 0700), 0);
	assert_int_equal(get(p, "folder", &file), ERR_UNSUPPORTED);
	assert_int_equal(mkfifoat(p->fd, "pipe", 0600), 0);
	assert_int_equal(get(p, "pipe", &file), ERR_UNSUPPORTED);
	assert_null(file.p);
}

/* The answer lies under the file's name, for its owner and the folder's group; an answer without bytes leaves nothing. */
static void
answered(void **state)
{
	struct place *p = *state;
	const struct adapter_config config = { .in_folder = { .out_dir = p->dir } };
	const struct native none = { .format = FORMAT_CSV }, answer = { .format = FORMAT_CSV, .bytes = SPAN_LIT("row;result\r\n") };
	struct spool_bytes file;
	struct stat st;

	assert_int_equal(spool_file_answer(&config, "a.csv", &none, FORMAT_CSV), OK);
	assert_int_equal(fstatat(p->fd, "a.csv.result.csv", &st, 0), -1);
	assert_int_equal(spool_file_answer(&config, "a.csv", &answer, FORMAT_CSV), OK);
	assert_int_equal(fstatat(p->fd, "a.csv.result.csv", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(get(p, "a.csv.result.csv", &file), OK);
	assert_memory_equal(file.p, "row;result\r\n", 12);
	spool_file_forget(&file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whole_or_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(refused, setup, teardown),
		cmocka_unit_test_setup_teardown(answered, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
