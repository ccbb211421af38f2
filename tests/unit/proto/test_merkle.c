/* SPDX-License-Identifier: EUPL-1.2 */
/* merkle - roots and proofs against the recursive definition of RFC 6962, over all small trees, and what is tampered with. */
#include "merkle_grove.h"

/* MTH of RFC 6962 2.1, word for word. */
static struct hash
mth(const struct hash *at, size_t n)
{
	struct hash left, right, root;
	size_t k = 1;

	if (n == 0) {
		hash_sha256(SPAN_NONE, &root);
		return root;
	}
	if (n == 1)
		return at[0];
	while (2 * k < n)
		k *= 2;
	left = mth(at, k);
	right = mth(at + k, n - k);
	merkle_node(&left, &right, &root);
	return root;
}

/* The empty tree, the leaf and the node have the known values of RFC 6962. */
static void
test_known(void **state)
{
	static const char *const want = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	char hex[65];
	struct hash h;

	(void)state;
	merkle_root_of(NULL, 0, &h);
	bytes_hex(h.b, 32, hex);
	assert_string_equal(hex, want);
	merkle_leaf(SPAN_NONE, &h);
	bytes_hex(h.b, 32, hex);
	assert_string_equal(hex, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

/* The frontier, the reader and the definition give the same root for every size. */
static void
test_roots(void **state)
{
	struct frontier f, loaded;
	struct hash a, b, c;

	(void)state;
	frontier_init(&f);
	for (uint64_t size = 0; size < MOST; size++) {
		struct hash want = mth(leaves, size);

		frontier_root(&f, &a);
		merkle_root_of(leaves, size, &b);
		assert_true(merkle_root(size, read_node, &size, &c));
		assert_true(hash_eq(&a, &want) && hash_eq(&b, &want) && hash_eq(&c, &want));
		assert_true(frontier_load(&loaded, size, read_node, &size));
		assert_true(loaded.size == f.size && loaded.n == f.n);
		frontier_add(&f, &leaves[size], NULL, NULL);
	}
}

/* The number of hashes fits a place exactly where the path leads to some root. */
static void
test_path_fits(void **state)
{
	struct hash path[12] = { 0 }, leaf = { 0 }, root;

	(void)state;
	for (uint64_t size = 0; size < 70; size++)
		for (uint64_t index = 0; index < size + 2; index++)
			for (size_t n = 0; n < 12; n++)
				assert_int_equal(merkle_path_fits(index, size, n), merkle_path_root(&leaf, index, size, path, n, &root));
}

/* Every leaf of every tree is proved, under no other index or size; one hash more, less or changed is refused. */
static void
test_inclusion(void **state)
{
	struct hash path[MERKLE_PATH_MAX], small[MERKLE_PATH_MAX];
	size_t n, m;

	(void)state;
	for (uint64_t size = 1; size < MOST; size++) {
		struct hash root = mth(leaves, size);

		for (uint64_t i = 0; i < size; i++) {
			assert_true(merkle_inclusion(i, size, read_node, &size, path, &n));
			merkle_path_of(leaves, size, i, small, &m);
			assert_int_equal(n, m);
			assert_memory_equal(path, small, n * sizeof(*path));
			assert_true(merkle_check_inclusion(&leaves[i], i, size, path, n, &root));
			assert_false(merkle_check_inclusion(&leaves[i], i ^ 1, size, path, n, &root));
			assert_false(merkle_check_inclusion(&leaves[i], size, size, path, n, &root));
			assert_false(merkle_check_inclusion(&leaves[i], i, size, path, n + 1, &root));
			if (n == 0)
				continue;
			assert_false(merkle_check_inclusion(&leaves[i], i, size, path, n - 1, &root));
			path[i % n].b[3] ^= 4;
			assert_false(merkle_check_inclusion(&leaves[i], i, size, path, n, &root));
		}
		assert_false(merkle_inclusion(size, size, read_node, &size, path, &n));
	}
}

/* Any two sizes are consistent by their proof and by no other root, length or hash. */
static void
test_consistency(void **state)
{
	struct hash path[MERKLE_PATH_MAX];
	size_t n;

	(void)state;
	for (uint64_t size = 0; size < MOST; size++) {
		struct hash root = mth(leaves, size);

		for (uint64_t old = 0; old <= size; old++) {
			struct hash old_root = mth(leaves, old), wrong = old_root;

			assert_true(merkle_consistency(old, size, read_node, &size, path, &n));
			assert_true(merkle_check_consistency(old, &old_root, size, &root, path, n));
			wrong.b[0] ^= 1;
			assert_false(merkle_check_consistency(old, &wrong, size, &root, path, n));
			if (old > 0 && old < size) {
				assert_false(merkle_check_consistency(old, &old_root, size, &old_root, path, n));
				assert_false(merkle_check_consistency(old, &old_root, size, &root, path, n - 1));
			}
			assert_false(merkle_check_consistency(size + 1, &old_root, size, &root, path, n));
			if (n > 0) {
				path[old % n].b[31] ^= 0x80;
				assert_false(merkle_check_consistency(old, &old_root, size, &root, path, n));
			}
		}
		assert_false(merkle_consistency(size + 1, size, read_node, &size, path, &n));
	}
}

/* Every stretch of every tree is proved at once; moved by one, with a leaf exchanged, or a hash changed, it is not. */
static void
test_range(void **state)
{
	struct hash path[MERKLE_RANGE_MAX], other[MOST];
	size_t n;

	(void)state;
	for (uint64_t size = 1; size < MOST; size++) {
		struct hash root = mth(leaves, size);

		for (uint64_t begin = 0; begin < size; begin++)
			for (uint64_t end = begin + 1; end <= size; end++) {
				assert_true(merkle_range(begin, end, size, read_node, &size, path, &n));
				assert_true(merkle_check_range(leaves + begin, begin, end, size, path, n, &root));
				memcpy(other, leaves + begin, (end - begin) * sizeof(*other));
				other[(end - begin) / 2].b[7] ^= 2;
				assert_false(merkle_check_range(other, begin, end, size, path, n, &root));
				if (begin > 0)
					assert_false(merkle_check_range(leaves + begin, begin - 1, end - 1, size, path, n, &root));
				assert_false(merkle_check_range(leaves + begin, begin, end, size, path, n + 1, &root));
				if (n == 0)
					continue;
				assert_false(merkle_check_range(leaves + begin, begin, end, size, path, n - 1, &root));
				path[n / 2].b[0] ^= 1;
				assert_false(merkle_check_range(leaves + begin, begin, end, size, path, n, &root));
			}
		assert_false(merkle_range(1, 1, size, read_node, &size, path, &n));
		assert_false(merkle_range(0, size + 1, size, read_node, &size, path, &n));
	}
}

/* Numbers near the end of their range are refused, not a crash. */
static void
test_hostile(void **state)
{
	struct hash path[MERKLE_RANGE_MAX], root = leaves[0];

	(void)state;
	memset(path, 0, sizeof(path));
	assert_false(merkle_check_inclusion(&leaves[0], UINT64_MAX - 1, UINT64_MAX, path, MERKLE_PATH_MAX, &root));
	assert_false(merkle_check_inclusion(&leaves[0], 0, 0, path, 0, &root));
	assert_false(merkle_check_consistency(UINT64_MAX - 1, &root, UINT64_MAX, &root, path, MERKLE_PATH_MAX));
	assert_false(merkle_check_range(leaves, UINT64_MAX - 2, UINT64_MAX - 1, UINT64_MAX, path, MERKLE_RANGE_MAX, &root));
}

/* Bytes that come one after the other, in whatever pieces, have the hash that they have at once. */
static void
test_run(void **state)
{
	uint8_t bytes[1000];
	struct hash once, pieces;
	struct hash_run run;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	hash_sha256(SPAN(bytes, sizeof(bytes)), &once);
	for (size_t n = 1; n < 200; n += 13) {
		hash_begin(&run);
		for (size_t at = 0; at < sizeof(bytes); at += n)
			hash_more(&run, SPAN(bytes + at, sizeof(bytes) - at < n ? sizeof(bytes) - at : n));
		hash_end(&run, &pieces);
		assert_true(hash_eq(&once, &pieces));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),	    cmocka_unit_test(test_roots), cmocka_unit_test(test_inclusion),
		cmocka_unit_test(test_consistency), cmocka_unit_test(test_range), cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_path_fits),   cmocka_unit_test(test_run),
	};

	return cmocka_run_group_tests_name("merkle", tests, make, NULL);
}
