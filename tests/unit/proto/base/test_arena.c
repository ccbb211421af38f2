/* SPDX-License-Identifier: EUPL-1.2 */
/* Memory of one message: capped, zeroed, aligned, given back at once. */
#include "proto/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <malloc.h>
#include <string.h>

#include <cmocka.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

/* Every piece is zeroed and aligned for any type, in one chunk or many, before and after a reset. */
static void
pieces_are_zeroed_and_aligned(void **state)
{
	struct arena *a = arena_new(4 * 1024 * 1024);
	size_t round, n, i;

	(void)state;
	for (round = 0; round < 3; round++) {
		for (n = 0; n < 2000; n += 7) {
			uint8_t *p = arena_alloc(a, n);

			assert_non_null(p);
			assert_int_equal((uintptr_t)p % 16, 0);
			for (i = 0; i < n; i++)
				assert_int_equal(p[i], 0);
			if (n > 0)
				memset(p, 0xEE, n);
		}
		arena_reset(a);
		assert_int_equal(arena_used(a), 0);
	}
	arena_free(a);
}

/* Pieces never overlap: each keeps its own pattern until the end. */
static void
pieces_are_apart(void **state)
{
	struct arena *a = arena_new(8 * 1024 * 1024);
	uint8_t *pieces[500];
	size_t i, k;

	(void)state;
	for (i = 0; i < 500; i++) {
		pieces[i] = arena_alloc(a, i * 13 % 3000);
		assert_non_null(pieces[i]);
		memset(pieces[i], (int)(i % 256), i * 13 % 3000);
	}
	for (i = 0; i < 500; i++)
		for (k = 0; k < i * 13 % 3000; k++)
			assert_int_equal(pieces[i][k], i % 256);
	arena_free(a);
}

/* The cap is reached exactly, never passed, and being full sticks until the reset. */
static void
cap_holds(void **state)
{
	static const size_t caps[] = { 0, 1, 15, 16, 4096, 16 * 1024, 16 * 1024 + 16, 100 * 1000, 1024 * 1024 };
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
		struct arena *a = arena_new(caps[i]);

		for (n = 0; arena_alloc(a, 16) != NULL; n++)
			assert_false(arena_is_full(a));
		assert_int_equal(n, caps[i] / 16);
		assert_true(arena_used(a) <= caps[i]);
		assert_true(arena_is_full(a));
		assert_int_equal(arena_left(a), 0);
		assert_null(arena_alloc(a, 0));
		assert_null(arena_str(a, "x"));
		assert_null(arena_fmt(a, "%d", 1));
		assert_null(arena_span(a, SPAN_LIT("x")).p);
		arena_reset(a);
		assert_false(arena_is_full(a));
		assert_int_equal(arena_alloc(a, 1) != NULL, caps[i] >= 16);
		arena_free(a);
	}
}

/* One piece may be as large as the cap, and a larger one makes the arena full at once. */
static void
large_pieces(void **state)
{
	struct arena *a = arena_new(3 * 1024 * 1024);

	(void)state;
	assert_non_null(arena_alloc(a, 3 * 1024 * 1024));
	assert_int_equal(arena_left(a), 0);
	arena_reset(a);
	assert_null(arena_alloc(a, 3 * 1024 * 1024 + 1));
	assert_true(arena_is_full(a));
	assert_null(arena_alloc(a, 1));
	arena_reset(a);
	assert_null(arena_alloc(a, SIZE_MAX));
	arena_reset(a);
	assert_null(arena_alloc(a, SIZE_MAX - 15));
	arena_free(a);
}

/* A product that wraps is refused, not allocated small. */
static void
array_checks_the_product(void **state)
{
	struct arena *a = arena_new(1024 * 1024);

	(void)state;
	assert_non_null(arena_array(a, 10, 24));
	assert_non_null(arena_array(a, 0, 24));
	assert_null(arena_array(a, SIZE_MAX / 8 + 2, 8));
	assert_true(arena_is_full(a));
	assert_null(arena_alloc(a, 1));
	arena_reset(a);
	assert_null(arena_array(a, SIZE_MAX, SIZE_MAX));
	arena_reset(a);
	assert_null(arena_strn(a, "x", SIZE_MAX));	/* and one more for the NUL */
	arena_free(a);
}

/* Growing keeps the bytes, zeroes the new ones, and costs nothing twice for the last piece. */
static void
growing(void **state)
{
	struct arena *a = arena_new(1024 * 1024);
	uint8_t *p = arena_grow(a, NULL, 0, 10), *q;
	size_t i;

	(void)state;
	memset(p, 0xEE, 10);
	q = arena_grow(a, p, 10, 1000);
	assert_ptr_equal(p, q);
	assert_int_equal(arena_used(a), 1008);
	for (i = 0; i < 1000; i++)
		assert_int_equal(q[i], i < 10 ? 0xEE : 0);
	assert_non_null(arena_alloc(a, 1));
	memset(q, 0xDD, 1000);
	p = arena_grow(a, q, 1000, 2000);
	assert_ptr_not_equal(p, q);
	for (i = 0; i < 2000; i++)
		assert_int_equal(p[i], i < 1000 ? 0xDD : 0);
	p = arena_grow(a, p, 2000, 100 * 1000);		/* past the chunk */
	assert_non_null(p);
	for (i = 0; i < 2000; i++)
		assert_int_equal(p[i], i < 1000 ? 0xDD : 0);
	assert_null(arena_grow(a, p, 100 * 1000, 1024 * 1024));
	assert_true(arena_is_full(a));
	arena_free(a);
}

/* A piece may be grown to the whole cap, whatever chunks it passes through, and keeps its bytes. */
static void
growing_to_the_cap(void **state)
{
	static const size_t caps[] = { 64, 20 * 1024, 100 * 1024, 3 * 1024 * 1024 };
	size_t i, k, n;

	(void)state;
	for (i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
		struct arena *a = arena_new(caps[i]);
		uint8_t *p = NULL;

		for (n = 0; n < caps[i]; n += 16) {
			p = arena_grow(a, p, n, n + 16);
			assert_non_null(p);
			memset(p + n, (int)(n / 16 % 256), 16);
			assert_int_equal(arena_used(a), n + 16);
		}
		for (k = 0; k < n; k++)
			assert_int_equal(p[k], k / 16 % 256);
		assert_null(arena_grow(a, p, n, n + 1));
		arena_free(a);
	}
}

/* Copies are copies, absent stays absent, empty stays there. */
static void
copies(void **state)
{
	struct arena *a = arena_new(1024 * 1024);
	char text[] = "насока";
	char *s = arena_str(a, text), *cut = arena_strn(a, text, 4);
	struct span span = arena_span(a, SPAN_LIT("a\0b"));
	uint8_t *bytes = arena_copy(a, "xyz", 3);

	(void)state;
	text[0] = '!';
	assert_string_equal(s, "насока");
	assert_string_equal(cut, "на");
	assert_true(span_eq(span, SPAN_LIT("a\0b")));
	assert_memory_equal(bytes, "xyz", 3);
	assert_string_equal(arena_fmt(a, "%s-%04d", "x", 7), "x-0007");
	assert_string_equal(arena_fmt(a, "%s", ""), "");
	assert_string_equal(arena_strn(a, NULL, 0), "");
	assert_null(arena_str(a, NULL));
	assert_null(arena_span(a, SPAN_NONE).p);
	assert_non_null(arena_span(a, SPAN_LIT("")).p);
	assert_non_null(arena_copy(a, NULL, 0));
	assert_false(arena_is_full(a));
	arena_free(a);
	arena_free(NULL);
}

/* An idle arena holds little: what a large message took is given back at the reset. */
static void
idle_memory_is_small(void **state)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	(void)state;
	skip();		/* mallinfo2 counts nothing there */
#else
	struct arena *a = arena_new(64 * 1024 * 1024);
	size_t before = mallinfo2().uordblks + mallinfo2().hblkhd, i;

	(void)state;
	for (i = 0; i < 1000; i++)
		assert_non_null(arena_alloc(a, 10 * 1000));
	assert_true(mallinfo2().uordblks + mallinfo2().hblkhd > before + 8 * 1000 * 1000);
	arena_reset(a);
	assert_true(mallinfo2().uordblks + mallinfo2().hblkhd < before + 40 * 1024);
	arena_free(a);
#endif
}

/* Under ASan what was not handed out, and all of it after a reset, cannot be touched unseen. */
static void
poison(void **state)
{
#ifdef __SANITIZE_ADDRESS__
	struct arena *a = arena_new(1024 * 1024);
	uint8_t *p = arena_alloc(a, 10);

	(void)state;
	assert_false(__asan_address_is_poisoned(p + 9));
	assert_true(__asan_address_is_poisoned(p + 10));
	p = arena_grow(a, p, 10, 21);
	assert_false(__asan_address_is_poisoned(p + 20));
	assert_true(__asan_address_is_poisoned(p + 21));
	arena_reset(a);
	assert_true(__asan_address_is_poisoned(p));
	arena_free(a);
#else
	(void)state;
	skip();
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_zeroed_and_aligned), cmocka_unit_test(pieces_are_apart),
		cmocka_unit_test(cap_holds),			 cmocka_unit_test(large_pieces),
		cmocka_unit_test(array_checks_the_product),	 cmocka_unit_test(growing),
		cmocka_unit_test(copies),			 cmocka_unit_test(idle_memory_is_small),
		cmocka_unit_test(poison),
		cmocka_unit_test(growing_to_the_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
