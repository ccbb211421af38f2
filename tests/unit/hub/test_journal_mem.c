/* SPDX-License-Identifier: EUPL-1.2 */
/* The memory disk fails as a disk does, and outlives its journals. */
#include "tests/unit/hub/journal_place.h"

/* The memory disk loses all of a failed commit or none of it; LMDB's own faults are tested with the store. */
static void
mem_commit_fails(void **state)
{
	struct place *p = *state;

	for (int lost = 0; lost < 2; lost++) {
		uint64_t size = p->size;

		batch_reset(p->b, size);
		place_add(p, "x", NULL, NULL);
		journal_disk_fail(p->disk, true, lost);
		assert_int_equal(journal_commit(p->j, p->b), ERR_STORE);
		journal_disk_fail(p->disk, false, false);
		journal_crash(p->j);
		place_open(p);
		(void)journal_last_checkpoint(p->j, &p->size);
		assert_int_equal(p->size, lost ? size : size + 1);
	}
}

/* A writer that has been taken over from commits no more. */
static void
mem_fences(void **state)
{
	struct place *p = *state;
	struct journal *old = p->j;

	place_open(p);
	place_add_many(p, 1);
	batch_reset(p->b, 0);
	place_add(p, "late", NULL, NULL);
	assert_int_equal(journal_commit(old, p->b), ERR_STORE);
	journal_crash(old);
}

/* Any order of puts and deletes leaves the rows that a plain list of them would. */
static void
mem_rows_are_sorted(void **state)
{
	struct place *p = *state;
	bool has[64] = { false };
	struct journal_walk w;
	struct journal_view *v;
	unsigned n = 0, x = 1;
	int before = -1;

	for (int round = 0; round < 20; round++) {
		batch_reset(p->b, 0);
		for (int i = 0; i < 16; i++) {
			uint8_t key = (uint8_t)((x = x * 1103515245u + 12345u) >> 16) % 64;

			has[key] = (x >> 8 & 3) != 0;
			if (has[key])
				batch_put(p->b, TABLE_QUEUE, SPAN(&key, 1), SPAN_LIT("v"));
			else
				batch_del(p->b, TABLE_QUEUE, SPAN(&key, 1));
		}
		place_commit(p);
	}
	v = journal_view(p->j);
	for (bool more = journal_walk_from(v, TABLE_QUEUE, SPAN_LIT("\0"), &w); more; more = journal_walk_next(&w)) {
		assert_true(w.key.n == 1 && w.key.p[0] > before && has[w.key.p[0]]);
		before = w.key.p[0];
		n++;
	}
	journal_walk_end(&w);
	for (int i = 0; i < 64; i++)
		n -= has[i];
	assert_int_equal(n, 0);
	assert_int_equal(journal_view_end(v), OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(mem_commit_fails, place_mem, place_tear_down),
		cmocka_unit_test_setup_teardown(mem_fences, place_mem, place_tear_down),
		cmocka_unit_test_setup_teardown(mem_rows_are_sorted, place_mem, place_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
