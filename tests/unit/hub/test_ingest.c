/* SPDX-License-Identifier: EUPL-1.2 */
/* An envelope on its way in: duplicates, conflicts, signatures, room and credit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/support/hub_desk.h"

static const struct thread_id thread = { "a thread" };

static int
set_up(void **state)
{
	struct desk *d = malloc(sizeof(*d));

	desk_init(d, 3);
	for (size_t i = 0; i < WORLD_AGENCIES; i++)
		desk_hello(d, i, 100);
	*state = d;
	return 0;
}

static int
tear_down(void **state)
{
	desk_done(*state);
	free(*state);
	return 0;
}

static struct span
data(struct desk *d, uint64_t seq, enum priority priority, struct envelope *env)
{
	struct header h;

	world_header(&d->world, 0, 2, &thread, seq, d->now_ms, &h);
	h.priority = priority;
	return world_envelope(&d->world, 0, &h, 500, env);
}

/* The same message again gets the same leaf, and its recipient nothing. */
static void
duplicate_is_accepted_again(void **state)
{
	struct desk *d = *state;
	struct span bytes = data(d, 1, PRIORITY_ROUTINE, NULL);
	uint64_t leaf;

	desk_submit(d, 0, bytes);
	leaf = desk_sent(d, 0, FRAME_ACCEPTED)->accepted.runs[0].begin;
	assert_non_null(desk_sent(d, 2, FRAME_DELIVER));
	desk_submit(d, 0, bytes);
	assert_int_equal(desk_sent(d, 0, FRAME_ACCEPTED)->accepted.runs[0].begin, leaf);
	assert_null(desk_sent(d, 2, FRAME_DELIVER));
}

/* The same id with another content is refused, and on record. */
static void
conflict_is_on_record(void **state)
{
	struct desk *d = *state;
	struct hub_status before, after;
	struct header h;

	world_header(&d->world, 0, 2, &thread, 1, d->now_ms, &h);
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 500, NULL));
	assert_int_equal(desk_answer(d, 0), OK);
	hub_get_status(d->hub, &before);
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 501, NULL));
	assert_int_equal(desk_answer(d, 0), ERR_CONFLICT);
	hub_get_status(d->hub, &after);
	assert_int_equal(after.size, before.size + 1);
}

/* A message signed by another agency's key is refused, and so is one that names it. */
static void
signature_is_checked(void **state)
{
	struct desk *d = *state;
	struct key *own = d->world.signing[0];
	struct span bytes;
	struct header h;

	world_header(&d->world, 0, 2, &thread, 1, d->now_ms, &h);
	bytes = world_envelope(&d->world, 0, &h, 500, NULL);
	((uint8_t *)(uintptr_t)bytes.p)[bytes.n - 1] ^= 1;	/* a body that was not signed */
	desk_submit(d, 0, bytes);
	assert_int_equal(desk_answer(d, 0), ERR_BAD_SIGNATURE);
	d->world.signing[0] = d->world.signing[1];
	h.signing_key = d->world.agencies[1].signing_id;
	bytes = world_envelope(&d->world, 0, &h, 500, NULL);
	d->world.signing[0] = own;
	desk_submit(d, 0, bytes);
	assert_int_equal(desk_answer(d, 0), ERR_UNKNOWN_KEY);
}

/* With little room on the disk new messages wait, and receipts pass. */
static void
disk_low(void **state)
{
	struct desk *d = *state;
	struct envelope env;
	struct header h;

	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, &env));
	assert_int_equal(desk_answer(d, 0), OK);
	hub_set_room(d->hub, 1000, 1000000);
	desk_submit(d, 0, data(d, 2, PRIORITY_ROUTINE, NULL));
	assert_int_equal(desk_answer(d, 0), ERR_FULL);
	hub_set_room(d->hub, 1000, 1000000);
	world_receipt(&d->world, 2, &env, STAGE_REGISTERED, d->now_ms, &h);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
	assert_int_equal(desk_answer(d, 2), OK);
}

/* More than the credit is refused for now, not for good. */
static void
credit_is_kept(void **state)
{
	struct desk *d = *state;
	struct span bytes[4];
	struct frame f = { .kind = FRAME_SUBMIT, .submit = { bytes, 4 } };
	const struct frame *got;

	d->world.config.limits.credit_messages = 2;
	for (uint64_t i = 0; i < 4; i++)
		bytes[i] = data(d, i + 1, PRIORITY_ROUTINE, NULL);
	desk_frame(d, 0, &f);
	got = desk_sent(d, 0, FRAME_REFUSED);
	assert_non_null(got);
	assert_int_equal(got->refused.items[0].code, ERR_OVERLOAD);
	assert_true(got->refused.items[0].retry_after_ms > 0);
	desk_commit(d);
	assert_non_null(desk_sent(d, 0, FRAME_CREDIT));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(duplicate_is_accepted_again),
		TEST(conflict_is_on_record),
		TEST(signature_is_checked),
		TEST(disk_low),
		TEST(credit_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
