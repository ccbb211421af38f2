/* SPDX-License-Identifier: EUPL-1.2 */
/* tiles - from leaf hashes */
#include "tests/unit/proto/trust_world.h"
#include "hub/audit/tiles.h"

struct seen { unsigned full[3], rest[3]; struct hash top; };

static void
see(void *arg, const struct tile *tile)
{
	struct seen *s = arg;

	if (tile->width == LAYOUT_BLOCK)
		s->full[tile->level]++;
	else
		s->rest[tile->level] = tile->width;
	if (tile->level == 1)
		s->top = tile->hashes[0];
}

/* 600 leaves are two whole tiles and one of 88, and above them one of two hashes, each the root of 256 leaves. */
static void
tiles_of_600(void **state)
{
	struct hash leaves[600], root;
	struct seen seen = { .full = { 0 } };
	struct tiles *t = malloc(sizeof(*t));

	tiles_init(t, see, &seen);
	for (unsigned i = 0; i < 600; i++) {
		hash_sha256(SPAN(&i, sizeof(i)), &leaves[i]);
		tiles_add(t, &leaves[i]);
	}
	tiles_end(t);
	assert_int_equal(seen.full[0], 2);
	assert_int_equal(seen.rest[0], 88);
	assert_int_equal(seen.rest[1], 2);
	assert_int_equal(seen.rest[2], 0);
	merkle_root_of(leaves, 256, &root);
	assert_true(hash_eq(&root, &seen.top));
	free(t);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tiles_of_600),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
