/* SPDX-License-Identifier: EUPL-1.2 */
/* What is new of directory and sheets is in the log, once; what is older, forged or contradicts is refused. */
#include "hub/state.h"
#include "tests/unit/hub/desk_test.h"

static size_t
n_new(const struct desk *d)
{
	return d->hub->forming->batch->n_entries;
}

/* The directory that is known is no news; an older one and another of the same version are refused, a newer one is logged. */
static void
put_directory_versions(void **state)
{
	struct desk *d = *state;
	struct directory old = d->world.d;
	struct why why;

	assert_int_equal(hub_put_directory(d->hub, &old, d->world.note, d->now_ms, &why), OK);
	assert_int_equal(n_new(d), 0);
	old.hash.b[0] ^= 1;
	assert_int_equal(hub_put_directory(d->hub, &old, d->world.note, d->now_ms, &why), ERR_CONFLICT);
	old.version = 0;
	assert_int_equal(hub_put_directory(d->hub, &old, d->world.note, d->now_ms, &why), ERR_STALE);
	assert_int_equal(n_new(d), 0);
	d->world.d.version = 2;
	world_sign_directory(&d->world);
	assert_int_equal(hub_put_directory(d->hub, &d->world.d, d->world.note, d->now_ms, &why), OK);
	assert_int_equal(hub_directory(d->hub)->version, 2);
	assert_int_equal(n_new(d), 1);
	assert_int_equal(d->hub->forming->batch->entries[0].type, LEAF_DIRECTORY);
}

/* A newer sheet is logged; the same again is no news, and an older one is refused. */
static void
put_sheet_versions(void **state)
{
	struct desk *d = *state;
	struct span first = d->world.sheets[1];
	struct why why;

	assert_int_equal(hub_put_sheet(d->hub, first, d->now_ms, &why), OK);
	assert_int_equal(n_new(d), 0);
	world_sheet(&d->world, 1, 2);
	assert_int_equal(hub_put_sheet(d->hub, d->world.sheets[1], d->now_ms, &why), OK);
	assert_int_equal(n_new(d), 1);
	assert_int_equal(d->hub->forming->batch->entries[0].type, LEAF_SHEET);
	assert_int_equal(hub_put_sheet(d->hub, first, d->now_ms, &why), ERR_STALE);
	assert_int_equal(n_new(d), 1);
}

/* No byte of a sheet may be another's: nothing of it is logged or used. */
static void
put_sheet_forged(void **state)
{
	struct desk *d = *state;
	struct span sheet;
	uint8_t *bytes;
	struct why why;

	world_sheet(&d->world, 1, 2);
	sheet = d->world.sheets[1];
	bytes = arena_copy(d->world.mem, sheet.p, sheet.n);
	for (size_t i = 0; i < sheet.n; i++) {
		bytes[i] ^= 1;
		assert_int_not_equal(hub_put_sheet(d->hub, SPAN(bytes, sheet.n), d->now_ms, &why), OK);
		bytes[i] ^= 1;
	}
	assert_int_equal(n_new(d), 0);
}

/* A connection's key is the agency's whose sheet names it, and of no other. */
static void
agency_of_key(void **state)
{
	struct desk *d = *state;
	uint8_t nobody[KEY_LEN] = { 1 };

	for (size_t i = 0; i < WORLD_AGENCIES; i++)
		assert_string_equal(hub_agency_of(d->hub, key_public(d->world.transport[i])->b), world_ids[i]);
	assert_null(hub_agency_of(d->hub, nobody));
}

/* The start of the program is a leaf with its version. */
static void
service_is_logged(void **state)
{
	struct desk *d = *state;
	hub_log_service(d->hub, LEAF_START, d->now_ms);
	assert_int_equal(n_new(d), 1);
	assert_int_equal(d->hub->forming->batch->entries[0].type, LEAF_START);
	assert_int_equal(d->hub->forming->batch->entries[0].retention, RETAIN_SERVICE);
}

#define TRUST_TEST(f) cmocka_unit_test_setup_teardown(f, set_up_alone, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TRUST_TEST(put_directory_versions), TRUST_TEST(put_sheet_versions), TRUST_TEST(put_sheet_forged),
		TRUST_TEST(agency_of_key), TRUST_TEST(service_is_logged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
