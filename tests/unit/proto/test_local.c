/* SPDX-License-Identifier: EUPL-1.2 */
/* local - what lies on an adapter's disk opens under its own key, in its own place, and as it was, or not at all. */
#define _GNU_SOURCE	/* memmem */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "proto/local.h"

#define PLACE SPAN_LIT("outbox/17")
#define PLAIN SPAN_LIT("case R-2026-17, a synthetic child")

static struct arena *mem;
static struct key *key;

static int
set_up(void **state)
{
	static const uint8_t seed[KEY_LEN] = { 7 };

	(void)state;
	mem = arena_new(1 << 20);
	return mem != NULL && key_from_seed(KEY_LOCAL, seed, &key) == OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	key_free(key);
	arena_free(mem);
	return 0;
}

/* What is closed opens to the same bytes, nothing at all included. */
static void
open_returns(void **state)
{
	struct span closed, plain;

	(void)state;
	assert_int_equal(local_close(key, PLACE, PLAIN, mem, &closed), OK);
	assert_int_equal(local_open(key, PLACE, closed, mem, &plain), OK);
	assert_true(span_eq(plain, PLAIN));
	assert_int_equal(local_close(key, PLACE, SPAN_NONE, mem, &closed), OK);
	assert_int_equal(local_open(key, PLACE, closed, mem, &plain), OK);
	assert_int_equal(plain.n, 0);
}

/* The same record closed twice looks different, and neither shows a word of it. */
static void
close_hides(void **state)
{
	struct span one, two;

	(void)state;
	assert_int_equal(local_close(key, PLACE, PLAIN, mem, &one), OK);
	assert_int_equal(local_close(key, PLACE, PLAIN, mem, &two), OK);
	assert_false(span_eq(one, two));
	assert_null(memmem(one.p, one.n, "synthetic", strlen("synthetic")));
}

/* A value copied to another row, or opened under another key, does not open. */
static void
open_is_bound(void **state)
{
	static const uint8_t seed[KEY_LEN] = { 8 };
	struct span closed, plain;
	struct key *other;

	(void)state;
	assert_int_equal(local_close(key, PLACE, PLAIN, mem, &closed), OK);
	assert_int_equal(local_open(key, SPAN_LIT("outbox/18"), closed, mem, &plain), ERR_CORRUPT);
	assert_null(plain.p);
	assert_int_equal(key_from_seed(KEY_LOCAL, seed, &other), OK);
	assert_int_equal(local_open(other, PLACE, closed, mem, &plain), ERR_CORRUPT);
	key_free(other);
}

/* No byte may be changed and no end cut off. */
static void
open_altered(void **state)
{
	struct span closed, plain;
	uint8_t *bytes;

	(void)state;
	assert_int_equal(local_close(key, PLACE, PLAIN, mem, &closed), OK);
	bytes = arena_copy(mem, closed.p, closed.n);
	for (size_t i = 0; i < closed.n; i++) {
		bytes[i] ^= 0x20;
		assert_int_equal(local_open(key, PLACE, SPAN(bytes, closed.n), mem, &plain), ERR_CORRUPT);
		bytes[i] ^= 0x20;
		assert_int_equal(local_open(key, PLACE, SPAN(bytes, i), mem, &plain), ERR_CORRUPT);
	}
}

/* A full arena is told, not written over. */
static void
small_memory(void **state)
{
	struct arena *small = arena_new(64);
	struct span closed, plain;

	(void)state;
	assert_int_equal(local_close(key, PLACE, PLAIN, small, &closed), ERR_TOOBIG);
	assert_null(closed.p);
	assert_int_equal(local_close(key, PLACE, PLAIN, mem, &closed), OK);
	arena_reset(small);
	assert_non_null(arena_alloc(small, 64));
	assert_int_equal(local_open(key, PLACE, closed, small, &plain), ERR_TOOBIG);
	arena_free(small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(open_returns, set_up, tear_down),
		cmocka_unit_test_setup_teardown(close_hides, set_up, tear_down),
		cmocka_unit_test_setup_teardown(open_is_bound, set_up, tear_down),
		cmocka_unit_test_setup_teardown(open_altered, set_up, tear_down),
		cmocka_unit_test_setup_teardown(small_memory, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
