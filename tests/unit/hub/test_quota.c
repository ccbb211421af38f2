/* SPDX-License-Identifier: EUPL-1.2 */
/* Nobody fills what others need: each bound is met, refused for now, kept in part for EMERGENCY, and free again by what is taken. */
#include "tests/unit/hub/desk_test.h"

static struct thread_id
thread_of(unsigned n)
{
	return (struct thread_id){ { 't', (uint8_t)n, (uint8_t)(n >> 8) } };
}

/* A message of `from` to agency `to`, in a thread of its own; what the hub says. */
static enum err
send(struct desk *d, size_t from, size_t to, enum priority priority)
{
	static unsigned n;
	struct thread_id own = thread_of(++n);
	struct header h;

	world_header(&d->world, from, to, &own, 1, d->now_ms, &h);
	h.priority = priority;
	desk_submit(d, from, world_envelope(&d->world, from, &h, 300, NULL));
	return desk_answer(d, from);
}

/* One sender fills its share of a recipient's queue and no more; another sender still finds room, and so does it elsewhere. */
static void
share_of_a_queue(void **state)
{
	struct desk *d = *state;

	d->world.config.limits.queued_messages = 40;
	d->world.config.limits.sender_percent = 25;
	for (int i = 0; i < 9; i++)
		assert_int_equal(send(d, 0, 2, PRIORITY_ROUTINE), OK);
	assert_int_equal(send(d, 0, 2, PRIORITY_ROUTINE), ERR_FULL);
	assert_int_equal(send(d, 0, 2, PRIORITY_EMERGENCY), OK);	/* the last part of the share */
	assert_int_equal(send(d, 0, 2, PRIORITY_EMERGENCY), ERR_FULL);
	assert_int_equal(send(d, 1, 2, PRIORITY_ROUTINE), OK);
	assert_int_equal(send(d, 0, 3, PRIORITY_ROUTINE), OK);
	desk_take_all(d, 2);
	assert_int_equal(send(d, 0, 2, PRIORITY_ROUTINE), OK);
}

static void
share_by_bytes(void **state)
{
	struct desk *d = *state;

	d->world.config.limits.queued_bytes = 1 << 16;
	d->world.config.limits.sender_percent = 10;
	assert_int_equal(send(d, 0, 2, PRIORITY_ROUTINE), OK);
	while (send(d, 0, 2, PRIORITY_ROUTINE) == OK)
		;
	assert_int_equal(send(d, 1, 2, PRIORITY_ROUTINE), OK);
	desk_take_all(d, 2);
	assert_int_equal(send(d, 0, 2, PRIORITY_ROUTINE), OK);
}

/* All that an agency has under way, to whomever, in messages and in bytes. */
static void
under_way(void **state)
{
	struct desk *d = *state;

	d->world.config.limits.sent_messages = 10;
	for (int i = 0; i < 9; i++)
		assert_int_equal(send(d, 0, (size_t)(1 + i % 3), PRIORITY_ROUTINE), OK);
	assert_int_equal(send(d, 0, 1, PRIORITY_ROUTINE), ERR_FULL);
	assert_int_equal(send(d, 0, 1, PRIORITY_EMERGENCY), OK);
	assert_int_equal(send(d, 0, 1, PRIORITY_EMERGENCY), ERR_FULL);
	assert_int_equal(send(d, 1, 2, PRIORITY_ROUTINE), OK);
	desk_take_all(d, 1);
	assert_int_equal(send(d, 0, 1, PRIORITY_ROUTINE), OK);
	d->world.config.limits.sent_messages = 1000;
	d->world.config.limits.sent_bytes = 100;
	assert_int_equal(send(d, 0, 1, PRIORITY_ROUTINE), ERR_FULL);
	for (size_t i = 1; i < WORLD_AGENCIES; i++)
		desk_take_all(d, i);
	assert_int_equal(send(d, 0, 1, PRIORITY_ROUTINE), OK);
}

/* What was counted is counted still after a crash, and what is taken then is free. */
static void
counters_are_durable(void **state)
{
	struct desk *d = *state;

	d->world.config.limits.queued_messages = 40;
	d->world.config.limits.sender_percent = 10;
	for (int i = 0; i < 3; i++)
		assert_int_equal(send(d, 0, 2, PRIORITY_ROUTINE), OK);
	desk_close(d);
	desk_open(d);
	d->n_sent = 0;
	desk_hello(d, 0, 100);
	assert_int_equal(send(d, 0, 2, PRIORITY_EMERGENCY), OK);
	assert_int_equal(send(d, 0, 2, PRIORITY_EMERGENCY), ERR_FULL);
	desk_hello(d, 2, 100);
	desk_take_all(d, 2);
	assert_int_equal(send(d, 0, 2, PRIORITY_ROUTINE), OK);
}

/* Receipts end what is here: no quota holds them back, and none counts them as their author's. */
static void
receipts_pass(void **state)
{
	struct desk *d = *state;
	struct envelope env;
	struct header h;

	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, &env));
	assert_int_equal(desk_answer(d, 0), OK);
	d->world.config.limits.queued_messages = 1;
	d->world.config.limits.sent_messages = 1;
	for (enum stage stage = STAGE_DELIVERED; stage <= STAGE_SEEN; stage++) {
		world_receipt(&d->world, 2, &env, stage, d->now_ms, &h);
		desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
		assert_int_equal(desk_answer(d, 2), OK);
	}
	d->world.config.limits.queued_messages = 100;
	assert_int_equal(send(d, 2, 1, PRIORITY_EMERGENCY), OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(share_of_a_queue), TEST(share_by_bytes), TEST(under_way), TEST(counters_are_durable), TEST(receipts_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
