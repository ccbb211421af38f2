/* SPDX-License-Identifier: EUPL-1.2 */
/* Rows at rest: opened with the month's key and in their own place only; gone when the month's key is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "hub/rowkey.h"

#define MARCH UINT64_C(1772445600)

/* A row opens as its own kind and index, and not with a bit changed. */
static void
row_is_bound(void **state)
{
	uint8_t key[ROWKEY_LEN], again[ROWKEY_LEN], wrapped[ROWKEY_WRAPPED_LEN], sealed[4 + ROWKEY_TAG_LEN], plain[4];
	struct rowkey *keys;
	struct why why;

	(void)state;
	assert_int_equal(rowkey_open(NULL, false, &keys, &why), OK);
	assert_int_equal(rowkey_make(keys, MARCH, key, wrapped), OK);
	assert_int_equal(rowkey_unwrap(keys, wrapped, again), OK);
	assert_memory_equal(key, again, ROWKEY_LEN);
	rowkey_seal(key, ROWKEY_BODY, 5, SPAN_LIT("text"), sealed);
	assert_int_equal(rowkey_unseal(key, ROWKEY_BODY, 5, SPAN(sealed, sizeof(sealed)), plain), OK);
	assert_memory_equal(plain, "text", 4);
	assert_int_equal(rowkey_unseal(key, ROWKEY_HEAD, 5, SPAN(sealed, sizeof(sealed)), plain), ERR_CORRUPT);
	assert_int_equal(rowkey_unseal(key, ROWKEY_BODY, 6, SPAN(sealed, sizeof(sealed)), plain), ERR_CORRUPT);
	assert_int_equal(rowkey_unseal(key, ROWKEY_BODY, 5, SPAN(sealed, 3), plain), ERR_CORRUPT);
	sealed[0] ^= 1;
	assert_int_equal(rowkey_unseal(key, ROWKEY_BODY, 5, SPAN(sealed, sizeof(sealed)), plain), ERR_CORRUPT);
	wrapped[40] ^= 1;
	assert_int_equal(rowkey_unwrap(keys, wrapped, again), ERR_CORRUPT);
	rowkey_close(keys);
}

/* The month's key lies in a file; another process finds it there, and without it nothing opens any more. */
static void
month_is_a_file(void **state)
{
	uint8_t key[ROWKEY_LEN], again[ROWKEY_LEN], wrapped[ROWKEY_WRAPPED_LEN];
	char dir[] = "/tmp/nasoka-kek-XXXXXX", path[64];
	struct rowkey *keys;
	struct why why;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/2026-03.key", dir);
	assert_int_equal(rowkey_open(dir, false, &keys, &why), OK);
	assert_int_equal(rowkey_make(keys, MARCH, key, wrapped), OK);
	rowkey_close(keys);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(rowkey_open(dir, true, &keys, &why), OK);
	assert_int_equal(rowkey_unwrap(keys, wrapped, again), OK);
	assert_memory_equal(key, again, ROWKEY_LEN);
	assert_int_equal(rowkey_make(keys, MARCH + 40 * 86400, key, wrapped), ERR_NOTFOUND);	/* read only */
	rowkey_close(keys);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rowkey_open(dir, true, &keys, &why), OK);
	assert_int_equal(rowkey_unwrap(keys, wrapped, again), ERR_NOTFOUND);
	rowkey_close(keys);
	rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(row_is_bound), cmocka_unit_test(month_is_a_file) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
