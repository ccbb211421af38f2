/* SPDX-License-Identifier: EUPL-1.2 */
/* lookup - a hash table */
#include "tests/unit/proto/trust_world.h"
#include "hub/audit/lookup.h"

/* What was added is found under its hash, all of equal hash, also after growing; nothing else is. */
static void
lookup_finds(void **state)
{
	struct lookup l = { .cap = 0 };
	unsigned seen = 0;
	size_t at = 0;
	uint32_t i;

	assert_int_equal(lookup_next(&l, 5, &at), LOOKUP_NONE);
	for (i = 0; i < 5000; i++)
		assert_int_equal(lookup_add(&l, i % 1000, i), OK);
	for (at = 0; (i = lookup_next(&l, 17, &at)) != LOOKUP_NONE; seen++)
		assert_int_equal(i % 1000, 17);
	assert_int_equal(seen, 5);
	at = 0;
	assert_int_equal(lookup_next(&l, 1000, &at), LOOKUP_NONE);
	lookup_done(&l);
	assert_null(l.slots);
	(void)state;
}

/* A hash depends on both of its parts. */
static void
lookup_hashes(void **state)
{
	uint64_t a = lookup_hash(SPAN_LIT("a"), SPAN_LIT("b"));

	assert_int_equal(a, lookup_hash(SPAN_LIT("a"), SPAN_LIT("b")));
	assert_int_not_equal(a, lookup_hash(SPAN_LIT("a"), SPAN_LIT("c")));
	assert_int_not_equal(a, lookup_hash(SPAN_LIT("c"), SPAN_LIT("b")));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookup_finds),
		cmocka_unit_test(lookup_hashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
