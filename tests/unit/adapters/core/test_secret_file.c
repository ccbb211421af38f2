/* SPDX-License-Identifier: EUPL-1.2 */
/* Files with secrets: only their owner's, only real ones, only small ones. */
#include "adapters/core/secret_file.h"

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

static void
reading(void **state)
{
	char path[] = "/tmp/test-secret-XXXXXX", *text;
	int fd = mkstemp(path);
	struct why why;
	size_t len;

	(void)state;
	assert_int_equal(write(fd, "secret", 6), 6);
	assert_int_equal(secret_file_read(path, &text, &len, &why), OK);
	assert_int_equal(len, 6);
	assert_string_equal(text, "secret");
	secret_file_free(text, len);
	assert_int_equal(chmod(path, 0440), 0);
	assert_int_equal(secret_file_read(path, &text, &len, &why), ERR_KEYFILE);
	assert_int_equal(secret_file_read_public(path, &text, &len, &why), OK);
	secret_file_free(text, len);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(ftruncate(fd, SECRET_FILE_MAX), 0);
	assert_int_equal(secret_file_read(path, &text, &len, &why), OK);
	secret_file_free(text, len);
	assert_int_equal(ftruncate(fd, SECRET_FILE_MAX + 1), 0);
	assert_int_equal(secret_file_read(path, &text, &len, &why), ERR_KEYFILE);
	assert_null(text);
	close(fd);
	unlink(path);
	assert_int_equal(secret_file_read("/tmp", &text, &len, &why), ERR_KEYFILE);
	assert_int_equal(secret_file_read(path, &text, &len, &why), ERR_KEYFILE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(reading) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
