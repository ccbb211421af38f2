/* SPDX-License-Identifier: EUPL-1.2 */
/* What a receipt must be to count. */
#include "tests/unit/hub/desk_test.h"

/* A receipt comes from a recipient, once a stage, for what was received; one end at most. */
static void
receipt_rules(void **state)
{
	struct desk *d = *state;
	struct envelope env, other;
	struct header h;

	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, &env));
	assert_int_equal(desk_answer(d, 0), OK);
	world_receipt(&d->world, 1, &env, STAGE_DELIVERED, d->now_ms, &h);
	desk_submit(d, 1, world_envelope(&d->world, 1, &h, 0, NULL));
	assert_int_equal(desk_answer(d, 1), ERR_NOT_ALLOWED);
	other = env;
	other.header.id.b[15] ^= 1;
	world_receipt(&d->world, 2, &other, STAGE_DELIVERED, d->now_ms, &h);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
	assert_int_equal(desk_answer(d, 2), ERR_NOTFOUND);
	other = env;
	other.hash.b[0] ^= 1;
	world_receipt(&d->world, 2, &other, STAGE_DELIVERED, d->now_ms, &h);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
	assert_int_equal(desk_answer(d, 2), ERR_INCONSISTENT);
	for (int again = 0; again < 2; again++) {
		world_receipt(&d->world, 2, &env, STAGE_REGISTERED, d->now_ms, &h);
		desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
		assert_int_equal(desk_answer(d, 2), again ? ERR_EXISTS : OK);
	}
	world_receipt(&d->world, 2, &env, STAGE_REFUSED, d->now_ms, &h);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
	assert_int_equal(desk_answer(d, 2), ERR_CONFLICT);
	assert_int_equal(desk_sent(d, 0, FRAME_DELIVER)->deliver.n, 1);	/* the one that counted came home */
	assert_null(desk_sent(d, 0, FRAME_DELIVER));
}

/* Who cannot open a message asks for it under a newer key: once, on record, told to the sender; nothing ends, and what has
 * ended is not asked for. */
static void
reseal_is_no_end(void **state)
{
	struct desk *d = *state;
	struct envelope env;
	struct header h;

	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, &env));
	assert_int_equal(desk_answer(d, 0), OK);
	for (int again = 0; again < 2; again++) {
		world_receipt(&d->world, 2, &env, STAGE_RESEAL, d->now_ms, &h);
		desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
		assert_int_equal(desk_answer(d, 2), again ? ERR_EXISTS : OK);
	}
	assert_int_equal(desk_sent(d, 0, FRAME_DELIVER)->deliver.n, 1);
	world_receipt(&d->world, 2, &env, STAGE_REGISTERED, d->now_ms, &h);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
	assert_int_equal(desk_answer(d, 2), OK);
	desk_submit(d, 0, data(d, 2, PRIORITY_ROUTINE, &env));
	assert_int_equal(desk_answer(d, 0), OK);
	world_receipt(&d->world, 2, &env, STAGE_REFUSED, d->now_ms, &h);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
	assert_int_equal(desk_answer(d, 2), OK);
	world_receipt(&d->world, 2, &env, STAGE_RESEAL, d->now_ms, &h);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
	assert_int_equal(desk_answer(d, 2), ERR_CONFLICT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(receipt_rules),
		TEST(reseal_is_no_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
