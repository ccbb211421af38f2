/* SPDX-License-Identifier: EUPL-1.2 */
/* A body at the HTTP door: whole however it comes, and never more than its bounds. */
#include "adapters/core/http_body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MOST ((size_t)100000)

/* What comes in pieces of any length stands there as one, and the buffer never exceeds what the body may have. */
static void
pieces(void **state)
{
	static const size_t steps[] = { 1, 7, 4095, 4096, 30000 };
	static uint8_t bytes[MOST];
	struct why why;

	(void)state;
	for (size_t i = 0; i < MOST; i++)
		bytes[i] = (uint8_t)(i * 31 >> 3);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct http_body b = { .p = NULL };
		size_t all = 0;

		for (size_t at = 0; at < MOST; at += steps[i]) {
			size_t n = MOST - at < steps[i] ? MOST - at : steps[i];

			assert_int_equal(http_body_add(&b, SPAN(bytes + at, n), MOST, &all, &why), OK);
			assert_int_equal(all, b.cap);
			assert_true(b.cap <= MOST);
		}
		assert_int_equal(b.n, MOST);
		assert_memory_equal(b.p, bytes, MOST);
		http_body_drop(&b, &all);
		assert_int_equal(all, 0);
		assert_int_equal(b.n, 0);
	}
}

/* One byte above its own bound is refused, at once or as the last of many; what had come by then stands until it is dropped. */
static void
too_big(void **state)
{
	static const uint8_t bytes[MOST + 1];
	struct http_body b = { .p = NULL };
	struct why why = { .where = "" };
	size_t all = 0;

	(void)state;
	assert_int_equal(http_body_add(&b, SPAN(bytes, MOST + 1), MOST, &all, &why), ERR_TOOBIG);
	assert_int_equal(all, 0);
	assert_int_equal(http_body_add(&b, SPAN(bytes, MOST), MOST, &all, &why), OK);
	assert_int_equal(http_body_add(&b, SPAN(bytes, 1), MOST, &all, &why), ERR_TOOBIG);
	assert_string_equal(why.where, "body");
	assert_int_equal(b.n, MOST);
	http_body_drop(&b, &all);
	http_body_drop(&b, &all);
	assert_int_equal(all, 0);
}

/* All bodies together have a bound: who comes too much is asked to come again, what is there already stays, and room that is given back is room. */
static void
too_many(void **state)
{
	static const uint8_t bytes[5000];
	struct http_body one = { .p = NULL }, other = { .p = NULL };
	size_t all = HTTP_BODY_ALL_MAX - 8192;
	struct why why;

	(void)state;
	assert_int_equal(http_body_add(&one, SPAN(bytes, 4096), MOST, &all, &why), OK);
	assert_int_equal(http_body_add(&other, SPAN(bytes, 5000), MOST, &all, &why), ERR_OVERLOAD);
	assert_int_equal(http_body_add(&other, SPAN(bytes, 4096), MOST, &all, &why), OK);
	assert_int_equal(all, HTTP_BODY_ALL_MAX);
	assert_int_equal(http_body_add(&one, SPAN(bytes, 1), MOST, &all, &why), ERR_OVERLOAD);
	assert_int_equal(one.n, 4096);
	http_body_drop(&other, &all);
	assert_int_equal(http_body_add(&one, SPAN(bytes, 1), MOST, &all, &why), OK);
	assert_int_equal(one.n, 4097);
	http_body_drop(&one, &all);
	assert_int_equal(all, HTTP_BODY_ALL_MAX - 8192);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces),
		cmocka_unit_test(too_big),
		cmocka_unit_test(too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
