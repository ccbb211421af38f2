/* SPDX-License-Identifier: EUPL-1.2 */
/* A table and the files that it names: complete or not, read a piece at a time, put where they belong. */
#define _GNU_SOURCE
#include "adapters/core/spool_set.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/fake_adapter.h"
#include "tests/support/tree_remove.h"

#define MIB ((size_t)1 << 20)

struct ground {
	char dir[64];
	struct spool_place place;
	const struct door_host *host;
	struct spool_set *set;
};

static int
folder(int root, const char *name)
{
	int fd;

	assert_int_equal(mkdirat(root, name, 0700), 0);
	fd = openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static int
setup(void **state)
{
	struct ground *g = calloc(1, sizeof(*g));
	int root;

	assert_non_null(g);
	g->host = fake_host(NULL);
	fake.sees_files = true;
	snprintf(g->dir, sizeof(g->dir), "/tmp/test-set-XXXXXX");
	assert_non_null(mkdtemp(g->dir));
	root = open(g->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	g->place = (struct spool_place){ .in_fd = folder(root, "in"), .claimed_fd = folder(root, "claimed"), .done_fd = folder(root, "done"),
		.bad_fd = folder(root, "bad") };
	close(root);
	*state = g;
	return 0;
}

static int
teardown(void **state)
{
	struct ground *g = *state;
	const int fds[] = { g->place.in_fd, g->place.claimed_fd, g->place.done_fd, g->place.bad_fd };

	spool_set_close(g->set);
	for (size_t i = 0; i < 4; i++)
		close(fds[i]);
	tree_remove(g->dir);
	free(g);
	return 0;
}

/* A file of `n` bytes that ends with `text`. */
static void
put(int dir_fd, const char *name, const char *text, size_t n)
{
	int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)n), 0);
	assert_int_equal(pwrite(fd, text, strlen(text), (off_t)(n - strlen(text))), strlen(text));
	close(fd);
}

static bool
is_in(int dir_fd, const char *name)
{
	return faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void
open_set(struct ground *g, const char *names, bool is_left_over)
{
	struct native table = { .bytes = span_str(names), .file = "a.csv" };

	spool_set_close(g->set);
	assert_int_equal(spool_set_open(&g->place, g->host, &table, is_left_over, &g->set), OK);
}

/* To its end; the number of turns that it took. */
static unsigned
run(struct ground *g)
{
	bool is_over = false;
	unsigned n = 0;

	for (; !is_over; n++)
		assert_int_equal(spool_set_run(g->set, &is_over), OK);
	return n;
}

/* A table that names nothing is no set. */
static void
none(void **state)
{
	struct ground *g = *state;

	open_set(g, "", false);
	assert_null(g->set);
}

/* All files must be there, settled, and end as their type does; what will never be there is not waited for. */
static void
is_here(void **state)
{
	struct ground *g = *state;

	open_set(g, "a.pdf\nb.pdf\n../x.pdf\n", false);
	assert_false(spool_set_is_here(g->set));
	put(g->place.in_fd, "a.pdf", "%%EOF\n", 5000);
	assert_false(spool_set_is_here(g->set));
	put(g->place.in_fd, "b.pdf", "%%E", 5000);
	assert_false(spool_set_is_here(g->set));
	put(g->place.in_fd, "b.pdf", "", 0);
	assert_false(spool_set_is_here(g->set));
	put(g->place.in_fd, "b.pdf", "%%EOF", 5000);
	assert_true(spool_set_is_here(g->set));
	g->place.settle_ms = 60000;
	assert_false(spool_set_is_here(g->set));
}

/* Read half a MiB at a turn, each byte once, and put away as taken; one named by two rows goes with both. */
static void
piece_by_piece(void **state)
{
	struct ground *g = *state;

	put(g->place.in_fd, "a.pdf", "%%EOF", 5 * MIB + 7);
	put(g->place.in_fd, "b.pdf", "%%EOF", 10);
	open_set(g, "a.pdf\nb.pdf\na.pdf\n", false);
	assert_true(run(g) > 20);
	assert_int_equal(fake.n_uploaded, 2 * (5 * MIB + 7) + 10);
	assert_int_equal(fake.n_ended, 3);
	assert_true(is_in(g->place.claimed_fd, "a.pdf") && !is_in(g->place.in_fd, "a.pdf"));
	assert_true(spool_set_put_away(g->set, false));
	assert_true(is_in(g->place.claimed_fd, "a.pdf"));
	assert_true(spool_set_put_away(g->set, true));
	assert_true(is_in(g->place.done_fd, "a.pdf") && is_in(g->place.done_fd, "b.pdf"));
}

/* A file that grows, shrinks or is touched while it is read is refused, nothing of it stays, and it goes to the bad ones. */
static void
changing(void **state)
{
	struct ground *g = *state;

	for (int i = 0; i < 3; i++) {
		bool is_over;
		int fd;

		put(g->place.in_fd, "a.pdf", "%%EOF", 3 * MIB);
		open_set(g, "a.pdf\n", false);
		fake.n_dropped = fake.n_ended = 0;
		fake.file_refused = OK;
		assert_int_equal(spool_set_run(g->set, &is_over), OK);
		assert_int_equal(spool_set_run(g->set, &is_over), OK);
		assert_false(is_over);
		fd = openat(g->place.claimed_fd, "a.pdf", O_RDWR | O_CLOEXEC);
		usleep(20000);
		assert_int_equal(i == 2 ? (int)pwrite(fd, "x", 1, 0) : ftruncate(fd, (off_t)(i == 0 ? 4 * MIB : 2 * MIB)), i == 2);
		close(fd);
		(void)run(g);
		assert_int_equal(fake.file_refused, ERR_FILE_CHANGING);
		assert_int_equal(fake.n_dropped, 1);
		assert_int_equal(fake.n_ended, 0);
		assert_true(spool_set_put_away(g->set, true) && is_in(g->place.claimed_fd, "a.pdf"));
		assert_true(spool_set_put_away(g->set, false) && is_in(g->place.bad_fd, i == 0 ? "a.pdf" : i == 1 ? "a.2.pdf" : "a.3.pdf"));
	}
}

/* One that is still being written when its table is taken is refused, and goes with it. */
static void
unsettled(void **state)
{
	struct ground *g = *state;

	g->place.settle_ms = 60000;
	put(g->place.in_fd, "a.pdf", "%%EOF", 10);
	open_set(g, "a.pdf\n", false);
	(void)run(g);
	assert_int_equal(fake.file_refused, ERR_FILE_CHANGING);
	assert_true(is_in(g->place.claimed_fd, "a.pdf"));
}

/* Neither a path nor a link nor a folder is opened, and none is moved; nor is a table that a row names. */
static void
strange(void **state)
{
	static const char *const names[] = { "../in/a.pdf", "link.pdf", "dir.pdf", "/etc/passwd", ".a.pdf", "a.pdf.part", "gone.pdf", "t.csv" };
	struct ground *g = *state;

	put(g->place.in_fd, "a.pdf", "%%EOF", 10);
	put(g->place.in_fd, "t.csv", "x", 1);
	assert_int_equal(symlinkat("a.pdf", g->place.in_fd, "link.pdf"), 0);
	assert_int_equal(mkdirat(g->place.in_fd, "dir.pdf", 0700), 0);
	for (size_t i = 0; i < 8; i++) {
		char line[64];

		snprintf(line, sizeof(line), "%s\n", names[i]);
		open_set(g, line, false);
		(void)run(g);
		assert_int_equal(fake.file_refused, i < 6 ? ERR_FILE_NAME : ERR_FILE_MISSING);
		assert_int_equal(fake.n_uploads, 0);
		assert_true(spool_set_put_away(g->set, false));
	}
	assert_true(is_in(g->place.in_fd, "link.pdf") && is_in(g->place.in_fd, "dir.pdf") && is_in(g->place.in_fd, "t.csv"));
	assert_true(is_in(g->place.in_fd, "a.pdf"));
}

/* What cannot be taken now is asked for again where it stood, and closing drops what is half-way. */
static void
later(void **state)
{
	struct ground *g = *state;
	bool is_over;

	put(g->place.in_fd, "a.pdf", "%%EOF", 2 * MIB);
	open_set(g, "a.pdf\n", false);
	fake.begin_says = ERR_OVERLOAD;
	assert_int_equal(spool_set_run(g->set, &is_over), ERR_OVERLOAD);
	fake.begin_says = OK;
	fake.more_says = ERR_FULL;
	assert_int_equal(spool_set_run(g->set, &is_over), OK);
	assert_int_equal(spool_set_run(g->set, &is_over), ERR_FULL);
	assert_int_equal(fake.n_dropped, 1);
	fake.more_says = OK;
	assert_int_equal(spool_set_run(g->set, &is_over), OK);
	assert_int_equal(spool_set_run(g->set, &is_over), OK);
	spool_set_close(g->set);
	g->set = NULL;
	assert_int_equal(fake.n_dropped, 2);
	open_set(g, "a.pdf\n", true);
	(void)run(g);
	assert_int_equal(fake.n_ended, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(none, setup, teardown), cmocka_unit_test_setup_teardown(is_here, setup, teardown),
		cmocka_unit_test_setup_teardown(piece_by_piece, setup, teardown), cmocka_unit_test_setup_teardown(changing, setup, teardown),
		cmocka_unit_test_setup_teardown(unsettled, setup, teardown), cmocka_unit_test_setup_teardown(strange, setup, teardown),
		cmocka_unit_test_setup_teardown(later, setup, teardown),
	};

	return cmocka_run_group_tests_name("spool_set", tests, NULL, NULL);
}
