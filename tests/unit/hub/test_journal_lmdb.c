/* SPDX-License-Identifier: EUPL-1.2 */
/* What only the journal on disk has: read-only openings, and files that tell nothing. */
#include "tests/unit/hub/journal_place.h"

/* An auditor reads a store without being able to change it; without the month keys it sees leaves and nothing more. */
static void
lmdb_read_only(void **state)
{
	struct place *p = *state;
	struct journal_options o = { .read_only = true };
	struct journal_entry e;
	struct journal_view *v;
	struct journal *j;
	struct why why;

	place_add_many(p, 3);
	journal_close(p->j);
	assert_int_equal(journal_open_lmdb(&o, p->dir, 64 << 20, &j, &why), OK);
	v = journal_view(j);
	assert_string_equal(journal_origin(v), PLACE_ORIGIN);
	assert_int_equal(journal_entry(v, 2, p->mem, &e), OK);
	assert_false(e.has_detail);
	assert_int_equal(e.leaf[0], 'N');
	assert_int_equal(journal_view_end(v), OK);
	journal_close(j);
	o.keys = p->keys;
	assert_int_equal(journal_open_lmdb(&o, p->dir, 64 << 20, &j, &why), OK);
	v = journal_view(j);
	assert_int_equal(journal_entry(v, 2, p->mem, &e), OK);
	assert_true(e.has_detail && span_eq(e.body, SPAN_LIT("body")));
	assert_int_equal(journal_view_end(v), OK);
	journal_close(j);
	place_open(p);
}

/* No text of an entry stands in the store's files as it is. */
static void
lmdb_is_sealed(void **state)
{
	struct place *p = *state;
	char command[160];

	batch_reset(p->b, 0);
	place_add(p, "MARKER-detail-8c1", "MARKER-head-8c1", "MARKER-body-8c1");
	place_commit(p);
	snprintf(command, sizeof(command), "grep -rq MARKER %s", p->dir);
	assert_int_not_equal(system(command), 0);
}

/* A folder that is not there, or a second store under the same journal, is refused with its place. */
static void
lmdb_open_refuses(void **state)
{
	struct place *p = *state;
	struct journal_options o = { .origin = PLACE_ORIGIN, .log = p->log, .keys = p->keys };
	struct why why = { .where = "" };
	struct journal *j = NULL;

	assert_int_not_equal(journal_open_lmdb(&o, "/nonexistent/journal", 1 << 20, &j, &why), OK);
	assert_null(j);
	assert_int_not_equal(why.text[0], '\0');
	place_add_many(p, 1);
	journal_close(p->j);
	o.origin = "other.example/log";
	assert_int_not_equal(journal_open_lmdb(&o, p->dir, 64 << 20, &j, &why), OK);
	place_open(p);
}

/* The room that is left is known and shrinks. */
static void
lmdb_room_shrinks(void **state)
{
	struct place *p = *state;
	uint64_t before;

	place_add_many(p, 1);
	before = journal_room(p->j);
	assert_true(before > 0 && before <= 64 << 20);
	for (int i = 0; i < 20; i++)
		place_add_many(p, 100);
	assert_true(journal_room(p->j) < before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lmdb_read_only, place_lmdb, place_tear_down),
		cmocka_unit_test_setup_teardown(lmdb_is_sealed, place_lmdb, place_tear_down),
		cmocka_unit_test_setup_teardown(lmdb_open_refuses, place_lmdb, place_tear_down),
		cmocka_unit_test_setup_teardown(lmdb_room_shrinks, place_lmdb, place_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
