/* SPDX-License-Identifier: EUPL-1.2 */
/* What was refused for good can be seen as long as the log stands. */
#include "tests/unit/hub/desk_test.h"

struct list { char agency[8][AGENCY_ID_MAX + 1], sender[8][AGENCY_ID_MAX + 1]; struct hub_dead at[8]; size_t n; };

static void
keep(void *arg, const struct hub_dead *dead)
{
	struct list *list = arg;

	assert_true(list->n < 8);
	snprintf(list->agency[list->n], sizeof(list->agency[0]), "%s", dead->agency);
	snprintf(list->sender[list->n], sizeof(list->sender[0]), "%s", dead->sender);
	list->at[list->n++] = *dead;
}

static size_t
all(struct desk *d, const char *agency, size_t max, struct list *list)
{
	list->n = 0;
	assert_int_equal(hub_each_deadletter(d->hub, agency, max, d->now_ms, keep, list), OK);
	return list->n;
}

/* One row a refusal, with its kind; for the two agencies of it, and still there after a crash. Other receipts make none. */
static void
refusals_are_kept(void **state)
{
	struct desk *d = *state;
	struct envelope env[3];
	struct list list;
	struct header h;

	for (uint64_t i = 0; i < 3; i++) {
		desk_submit(d, 0, data(d, i + 1, PRIORITY_ROUTINE, &env[i]));
		assert_int_equal(desk_answer(d, 0), OK);
	}
	for (size_t i = 0; i < 3; i++) {
		world_receipt(&d->world, 2, &env[i], i == 0 ? STAGE_DELIVERED : STAGE_REFUSED, d->now_ms, &h);
		if (i == 2) {
			h.refusal = REFUSAL_CONFLICT;
			h.received.b[0] ^= 1;
		}
		desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
		assert_int_equal(desk_answer(d, 2), OK);
	}
	desk_close(d);
	desk_open(d);
	d->now_ms += 7000;
	assert_int_equal(all(d, NULL, 8, &list), 2);
	assert_string_equal(list.agency[0], world_ids[2]);
	assert_string_equal(list.sender[0], world_ids[0]);
	assert_int_equal(list.at[0].code, ERR_SYSTEM_REFUSED);
	assert_int_equal(list.at[1].code, ERR_CONFLICT);
	assert_int_equal(list.at[0].age_ms, 7000);
	assert_true(list.at[0].submit < list.at[1].submit && list.at[1].submit < list.at[0].leaf && list.at[0].leaf < list.at[1].leaf);
	assert_int_equal(all(d, NULL, 1, &list), 1);
	assert_int_equal(all(d, world_ids[0], 8, &list), 2);
	assert_int_equal(all(d, world_ids[2], 8, &list), 2);
	assert_int_equal(all(d, world_ids[1], 8, &list), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(refusals_are_kept, set_up, tear_down) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
