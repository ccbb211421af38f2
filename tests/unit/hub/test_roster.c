/* SPDX-License-Identifier: EUPL-1.2 */
/* Who is known: directory versions within their grace, the newest sheet of each, and whose a transport key is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "hub/roster.h"
#include "tests/support/hub_world.h"

static void
put_directory(struct world *w, struct roster *r, uint64_t version, int64_t since_ms)
{
	struct span bytes;
	struct why why;

	w->d.version = version;
	world_sign_directory(w);
	assert_int_equal(directory_encode(&w->d, w->mem, &bytes), OK);
	assert_int_equal(roster_put_directory(r, bytes, w->note, since_ms, &why), OK);
}

/* A version counts until the grace after the next one's coming is over; the newest always does. */
static void
versions_have_a_grace(void **state)
{
	struct roster *r = roster_new();
	struct world w;

	(void)state;
	world_init(&w, 1);
	assert_null(roster_current(r));
	put_directory(&w, r, 1, 1000);
	put_directory(&w, r, 3, 5000);
	put_directory(&w, r, 2, 3000);		/* in any order */
	assert_int_equal(roster_current(r)->version, 3);
	assert_non_null(roster_version(r, 3, 999999, 100));
	assert_non_null(roster_version(r, 2, 5099, 100));
	assert_null(roster_version(r, 2, 5100, 100));
	assert_null(roster_version(r, 1, 5000, 100));
	assert_null(roster_version(r, 4, 5000, 100));
	for (uint64_t v = 4; v < 20; v++)
		put_directory(&w, r, v, 6000);
	assert_int_equal(roster_current(r)->version, 19);
	roster_free(r);
	world_done(&w);
}

/* The newest sheet of an agency counts, an older one is refused; keys lead to agencies, leaves give the order. */
static void
sheets_are_newest(void **state)
{
	struct roster *r = roster_new();
	struct span bytes;
	uint64_t leaf;
	struct world w;
	struct why why;

	(void)state;
	world_init(&w, 1);
	assert_int_equal(roster_put_sheet(r, w.sheets[0], 1, &why), ERR_UNKNOWN_AGENCY);
	put_directory(&w, r, 1, 1000);
	assert_int_equal(roster_put_sheet(r, w.sheets[1], 11, &why), OK);
	assert_int_equal(roster_put_sheet(r, w.sheets[0], 10, &why), OK);
	assert_int_equal(roster_put_sheet(r, w.sheets[0], 12, &why), ERR_STALE);
	assert_string_equal(roster_agency_of(r, key_public(w.transport[1])->b), world_ids[1]);
	assert_null(roster_agency_of(r, key_public(w.transport[2])->b));
	world_sheet(&w, 0, 2);
	assert_int_equal(roster_put_sheet(r, w.sheets[0], 12, &why), OK);
	assert_int_equal(roster_sheets_seen(r), 13);
	assert_true(roster_next_sheet(r, 0, &bytes, &leaf) && leaf == 11);
	assert_true(roster_next_sheet(r, 12, &bytes, &leaf) && leaf == 12);
	assert_false(roster_next_sheet(r, 13, &bytes, &leaf));
	roster_free(r);
	world_done(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(versions_have_a_grace), cmocka_unit_test(sheets_are_newest) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
