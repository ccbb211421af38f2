/* SPDX-License-Identifier: EUPL-1.2 */
/* What is due in the folder: in which order, and what must wait. */
#define _GNU_SOURCE
#include "adapters/core/spool_list.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/base/clock.h"
#include "tests/support/fake_adapter.h"
#include "tests/support/tree_remove.h"

struct ground {
	char dir[64];
	struct spool_place place;
	struct adapter_config config;
	struct spool_list list;
};

static int
setup(void **state)
{
	struct ground *g = calloc(1, sizeof(*g));

	assert_non_null(g);
	(void)fake_host(NULL);
	fake.sees_files = true;
	snprintf(g->dir, sizeof(g->dir), "/tmp/test-list-XXXXXX");
	assert_non_null(mkdtemp(g->dir));
	g->place.in_fd = open(g->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(g->place.in_fd, ".claimed", 0700), 0);
	g->place.claimed_fd = openat(g->place.in_fd, ".claimed", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = g;
	return 0;
}

static int
teardown(void **state)
{
	struct ground *g = *state;

	close(g->place.in_fd);
	close(g->place.claimed_fd);
	tree_remove(g->dir);
	free(g);
	return 0;
}

static void
put(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
	usleep(20000);
}

static int64_t
scan(struct ground *g, enum spool_which which)
{
	int64_t wait_ms = CLOCK_HOUR;

	assert_true(spool_list_scan(&g->list, &g->place, &g->config, NULL, which, &wait_ms));
	return wait_ms;
}

/* Tables come first, the older before the newer, then what no table named in its time. */
static void
order(void **state)
{
	struct ground *g = *state;

	put(g->place.in_fd, "0.pdf");
	put(g->place.in_fd, "z.csv");
	put(g->place.in_fd, "a.csv");
	put(g->place.in_fd, ".hidden.csv");
	(void)scan(g, SPOOL_COMING);
	assert_int_equal(g->list.n, 3);
	assert_string_equal(g->list.found[0].name, "z.csv");
	assert_string_equal(g->list.found[1].name, "a.csv");
	assert_string_equal(g->list.found[2].name, "0.pdf");
	assert_true(g->list.found[2].is_beside && !g->list.is_table_coming);
}

/* What has not settled is not listed, what a table may name waits longer; the scan says when the next is due. */
static void
waiting(void **state)
{
	struct ground *g = *state;
	int64_t wait_ms;

	g->config.in_folder.file_wait_ms = CLOCK_MINUTE;
	put(g->place.in_fd, "a.pdf");
	put(g->place.in_fd, "a.txt");
	wait_ms = scan(g, SPOOL_COMING);
	assert_int_equal(g->list.n, 0);
	assert_true(wait_ms > 0 && wait_ms <= SPOOL_LIST_PATIENCE * CLOCK_SECOND);
	put(g->place.in_fd, "a.csv");
	g->config.in_folder.settle_ms = 5000;
	wait_ms = scan(g, SPOOL_COMING);
	assert_int_equal(g->list.n, 0);
	assert_true(wait_ms > 0 && wait_ms <= 5000 && g->list.is_table_coming);
}

/* Of the claimed ones tables are listed apart from the others, and nothing waits. */
static void
claimed(void **state)
{
	struct ground *g = *state;

	g->config.in_folder.settle_ms = g->config.in_folder.file_wait_ms = CLOCK_MINUTE;
	put(g->place.claimed_fd, "a.pdf");
	put(g->place.claimed_fd, "a.csv");
	(void)scan(g, SPOOL_CLAIMED_TABLES);
	assert_int_equal(g->list.n, 1);
	assert_string_equal(g->list.found[0].name, "a.csv");
	(void)scan(g, SPOOL_CLAIMED_BESIDE);
	assert_int_equal(g->list.n, 1);
	assert_string_equal(g->list.found[0].name, "a.pdf");
}

/* A time that lies in a near future is a new one; in a far one, an old one. */
static void
future(void **state)
{
	int64_t now_ms = clock_wall_ms();

	(void)state;
	assert_false(spool_list_has_waited(now_ms + 500, CLOCK_MINUTE));
	assert_false(spool_list_has_waited(now_ms - 500, CLOCK_MINUTE));
	assert_true(spool_list_has_waited(now_ms + CLOCK_DAY, CLOCK_MINUTE));
	assert_true(spool_list_has_waited(now_ms - CLOCK_MINUTE, CLOCK_MINUTE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(order, setup, teardown), cmocka_unit_test_setup_teardown(waiting, setup, teardown),
		cmocka_unit_test_setup_teardown(claimed, setup, teardown), cmocka_unit_test(future),
	};

	return cmocka_run_group_tests_name("spool_list", tests, NULL, NULL);
}
