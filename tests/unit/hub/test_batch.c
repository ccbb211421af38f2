/* SPDX-License-Identifier: EUPL-1.2 */
/* A batch is a value: the last word on a key counts, entries are numbered in a row, a full one says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>

#include "hub/batch.h"

/* Among a thousand keys each is found with what was said of it last. */
static void
last_word_counts(void **state)
{
	struct batch *b = batch_new(1 << 20);
	char key[16], value[32];

	(void)state;
	batch_reset(b, 0);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 1000; i++) {
			snprintf(key, sizeof(key), "k%d", i);
			snprintf(value, sizeof(value), "%d-%d", round, i);
			batch_put(b, TABLE_IDS, span_str(key), span_str(value));
		}
	batch_del(b, TABLE_IDS, SPAN_LIT("k5"));
	assert_int_equal(b->n_rows, 1000);
	assert_true(span_eq(batch_find(b, TABLE_IDS, SPAN_LIT("k999"))->value, SPAN_LIT("1-999")));
	assert_true(batch_find(b, TABLE_IDS, SPAN_LIT("k5"))->is_del);
	assert_null(batch_find(b, TABLE_QUEUE, SPAN_LIT("k5")));
	batch_free(b);
}

/* Entries are numbered from the size of the tree, and a reset begins anew. */
static void
entries_are_numbered(void **state)
{
	struct batch *b = batch_new(1 << 20);
	uint64_t index = 0;

	(void)state;
	batch_reset(b, 41);
	assert_true(batch_is_empty(b));
	for (uint64_t i = 0; i < 100; i++) {
		assert_non_null(batch_entry(b, &index));
		assert_int_equal(index, 41 + i);
	}
	assert_false(batch_is_empty(b));
	batch_reset(b, 7);
	assert_true(batch_is_empty(b) && batch_entry(b, &index) != NULL && index == 7);
	batch_free(b);
}

/* Without memory it stays full until the reset. */
static void
full_is_sticky(void **state)
{
	struct batch *b = batch_new(4096);
	char key[16];

	(void)state;
	batch_reset(b, 0);
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		batch_put(b, TABLE_IDS, span_str(key), SPAN_LIT("v"));
	}
	assert_true(batch_is_full(b));
	batch_reset(b, 0);
	assert_false(batch_is_full(b));
	batch_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(last_word_counts), cmocka_unit_test(entries_are_numbered), cmocka_unit_test(full_is_sticky),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
