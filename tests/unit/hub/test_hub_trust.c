/* SPDX-License-Identifier: EUPL-1.2 */
/* What is new of directory and sheets is in the log, once; what is older, forged or contradicts is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "hub/state.h"
#include "tests/support/hub_desk.h"

static struct desk desk;

static int
set_up(void **state)
{
	(void)state;
	desk_init(&desk, 21);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	desk_done(&desk);
	return 0;
}

static size_t
n_new(void)
{
	return desk.hub->forming->batch->n_entries;
}

/* The directory that is known is no news; an older one and another of the same version are refused, a newer one is logged. */
static void
put_directory_versions(void **state)
{
	struct directory d = desk.world.d;
	struct why why;

	(void)state;
	assert_int_equal(hub_put_directory(desk.hub, &d, desk.world.note, desk.now_ms, &why), OK);
	assert_int_equal(n_new(), 0);
	d.hash.b[0] ^= 1;
	assert_int_equal(hub_put_directory(desk.hub, &d, desk.world.note, desk.now_ms, &why), ERR_CONFLICT);
	d.version = 0;
	assert_int_equal(hub_put_directory(desk.hub, &d, desk.world.note, desk.now_ms, &why), ERR_STALE);
	assert_int_equal(n_new(), 0);
	desk.world.d.version = 2;
	world_sign_directory(&desk.world);
	assert_int_equal(hub_put_directory(desk.hub, &desk.world.d, desk.world.note, desk.now_ms, &why), OK);
	assert_int_equal(hub_directory(desk.hub)->version, 2);
	assert_int_equal(n_new(), 1);
	assert_int_equal(desk.hub->forming->batch->entries[0].type, LEAF_DIRECTORY);
}

/* A newer sheet is logged; the same again is no news, and an older one is refused. */
static void
put_sheet_versions(void **state)
{
	struct span first = desk.world.sheets[1];
	struct why why;

	(void)state;
	assert_int_equal(hub_put_sheet(desk.hub, first, desk.now_ms, &why), OK);
	assert_int_equal(n_new(), 0);
	world_sheet(&desk.world, 1, 2);
	assert_int_equal(hub_put_sheet(desk.hub, desk.world.sheets[1], desk.now_ms, &why), OK);
	assert_int_equal(n_new(), 1);
	assert_int_equal(desk.hub->forming->batch->entries[0].type, LEAF_SHEET);
	assert_int_equal(hub_put_sheet(desk.hub, first, desk.now_ms, &why), ERR_STALE);
	assert_int_equal(n_new(), 1);
}

/* No byte of a sheet may be another's: nothing of it is logged or used. */
static void
put_sheet_forged(void **state)
{
	struct span sheet;
	uint8_t *bytes;
	struct why why;

	(void)state;
	world_sheet(&desk.world, 1, 2);
	sheet = desk.world.sheets[1];
	bytes = arena_copy(desk.world.mem, sheet.p, sheet.n);
	for (size_t i = 0; i < sheet.n; i++) {
		bytes[i] ^= 1;
		assert_int_not_equal(hub_put_sheet(desk.hub, SPAN(bytes, sheet.n), desk.now_ms, &why), OK);
		bytes[i] ^= 1;
	}
	assert_int_equal(n_new(), 0);
}

/* A connection's key is the agency's whose sheet names it, and of no other. */
static void
agency_of_key(void **state)
{
	uint8_t nobody[KEY_LEN] = { 1 };

	(void)state;
	for (size_t i = 0; i < WORLD_AGENCIES; i++)
		assert_string_equal(hub_agency_of(desk.hub, key_public(desk.world.transport[i])->b), world_ids[i]);
	assert_null(hub_agency_of(desk.hub, nobody));
}

/* The start of the program is a leaf with its version. */
static void
service_is_logged(void **state)
{
	(void)state;
	hub_log_service(desk.hub, LEAF_START, desk.now_ms);
	assert_int_equal(n_new(), 1);
	assert_int_equal(desk.hub->forming->batch->entries[0].type, LEAF_START);
	assert_int_equal(desk.hub->forming->batch->entries[0].retention, RETAIN_SERVICE);
}

#define TRUST_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TRUST_TEST(put_directory_versions), TRUST_TEST(put_sheet_versions), TRUST_TEST(put_sheet_forged),
		TRUST_TEST(agency_of_key), TRUST_TEST(service_is_logged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
