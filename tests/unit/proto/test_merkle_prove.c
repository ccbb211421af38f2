/* SPDX-License-Identifier: EUPL-1.2 */
/* merkle_prove - proofs are as long as RFC 6962 says, and none is made of what cannot be read. */
#include "merkle_grove.h"

/* A path has a hash for each level at most; nothing is proved of a tree of one leaf, or of a tree to itself. */
static void
test_lengths(void **state)
{
	struct hash path[MERKLE_RANGE_MAX];
	size_t n;

	(void)state;
	for (uint64_t size = 1; size < MOST; size++) {
		unsigned levels = 0;

		while ((UINT64_C(1) << levels) < size)
			levels++;
		for (uint64_t i = 0; i < size; i++) {
			assert_true(merkle_inclusion(i, size, read_node, &size, path, &n));
			assert_true(n <= levels);
			assert_true(merkle_consistency(i, size, read_node, &size, path, &n));
			assert_true(i == 0 ? n == 0 : n <= levels + 1);
		}
		assert_true(merkle_consistency(size, size, read_node, &size, path, &n) && n == 0);
		assert_true(merkle_range(0, size, size, read_node, &size, path, &n) && n == 0);
	}
}

/* A subtree that cannot be read gives no proof. */
static void
test_unread(void **state)
{
	struct hash path[MERKLE_RANGE_MAX];
	uint64_t short_of = 8;
	size_t n;

	(void)state;
	assert_false(merkle_inclusion(3, 16, read_node, &short_of, path, &n));
	assert_false(merkle_consistency(4, 16, read_node, &short_of, path, &n));
	assert_false(merkle_range(3, 4, 16, read_node, &short_of, path, &n));
	assert_false(merkle_root(16, read_node, &short_of, &path[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_lengths), cmocka_unit_test(test_unread) };

	return cmocka_run_group_tests_name("merkle_prove", tests, make, NULL);
}
