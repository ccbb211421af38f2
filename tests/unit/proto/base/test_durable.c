/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/durable.h"

#define MANY 300000	/* more than a pipe holds: written in parts */

static void *
read_all(void *arg)
{
	static uint8_t got[MANY];
	size_t n = 0;
	ssize_t part;

	while (n < MANY && (part = read(*(int *)arg, got + n, MANY - n)) > 0)
		n += (size_t)part;
	for (size_t i = 0; i < n; i++)
		if (got[i] != (uint8_t)(i % 251))
			return NULL;
	return n == MANY ? got : NULL;
}

/* What the system takes in parts is written whole and in order. */
static void
write_whole(void **state)
{
	static uint8_t bytes[MANY];
	pthread_t reader;
	void *was_same;
	int ends[2];

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		bytes[i] = (uint8_t)(i % 251);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(pthread_create(&reader, NULL, read_all, &ends[0]), 0);
	assert_true(durable_write(ends[1], bytes, MANY));
	assert_int_equal(pthread_join(reader, &was_same), 0);
	assert_non_null(was_same);
	close(ends[0]);
	close(ends[1]);
}

/* What cannot be written or synced is false, and errno says why. */
static void
failures_say_why(void **state)
{
	(void)state;
	errno = 0;
	assert_false(durable_write(-1, "x", 1));
	assert_int_equal(errno, EBADF);
	assert_false(durable_folder("/nowhere/at/all"));
	assert_int_equal(errno, ENOENT);
	assert_false(durable_folder("/dev/null"));
	assert_int_equal(errno, ENOTDIR);
	assert_false(durable_folder_of("/nowhere/at/all"));
	assert_int_equal(errno, ENOENT);
}

/* The folder of a bare name is the one that we are in, that of a name in the root the root, and a slash at the end is no name. */
static void
folder_of_a_path(void **state)
{
	(void)state;
	assert_true(durable_folder("."));
	assert_true(durable_folder_of("bare"));
	assert_true(durable_folder_of("/dev/shm/name"));
	assert_true(durable_folder_of("/dev/shm/name/"));
	assert_true(durable_folder_of("/"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(write_whole),
		cmocka_unit_test(failures_say_why),
		cmocka_unit_test(folder_of_a_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
