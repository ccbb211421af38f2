/* SPDX-License-Identifier: EUPL-1.2 */
/* The core on a desk: what leaves when, and what a failure or an old session may not do. */
#include "tests/unit/hub/desk_test.h"

/* Nothing leaves before the commit that it stands for; then ACCEPTED and DELIVER do. */
static void
submit_waits_for_commit(void **state)
{
	struct desk *d = *state;
	struct envelope env;
	struct span bytes = data(d, 1, PRIORITY_ROUTINE, &env);
	struct frame f = { .kind = FRAME_SUBMIT, .submit = { &bytes, 1 } };
	const struct frame *got;

	desk_frame(d, 0, &f);
	assert_non_null(d->batch);
	assert_null(desk_sent(d, 0, FRAME_ACCEPTED));
	assert_null(desk_sent(d, 2, FRAME_DELIVER));
	desk_commit(d);
	assert_non_null(desk_sent(d, 0, FRAME_ACCEPTED));
	got = desk_sent(d, 2, FRAME_DELIVER);
	assert_true(span_eq(got->deliver.items[0].envelope, bytes));
	assert_int_equal(got->deliver.items[0].queue_no, 1);
}

/* What arrives during a commit forms the next batch, decided against what is under way. */
static void
batches_overlap(void **state)
{
	struct desk *d = *state;
	struct span one = data(d, 1, PRIORITY_ROUTINE, NULL), two = data(d, 2, PRIORITY_ROUTINE, NULL);
	struct frame f = { .kind = FRAME_SUBMIT, .submit = { &one, 1 } };
	unsigned commits = d->commits;

	desk_frame(d, 0, &f);
	f.submit.envelopes = &two;
	desk_frame(d, 0, &f);
	desk_frame(d, 0, &f);
	assert_int_equal(d->commits, commits + 1);
	desk_commit(d);
	assert_int_equal(d->commits, commits + 2);
	assert_non_null(desk_sent(d, 0, FRAME_ACCEPTED));
	assert_non_null(desk_sent(d, 0, FRAME_ACCEPTED));
	assert_null(desk_sent(d, 0, FRAME_REFUSED));
}

/* Frames of another epoch, and of a connection that is not the session's, are nothing. */
static void
old_epochs_are_ignored(void **state)
{
	struct desk *d = *state;
	struct span bytes = data(d, 1, PRIORITY_ROUTINE, NULL), raw;
	struct frame f = { .kind = FRAME_SUBMIT, .epoch = d->epoch[0] + 1, .submit = { &bytes, 1 } };

	desk_frame(d, 0, &f);
	assert_null(d->batch);
	f.epoch = d->epoch[0];
	assert_int_equal(frame_encode(&f, d->world.mem, &raw), OK);
	hub_on_frame(d->hub, 99, world_ids[0], raw, d->now_ms);
	hub_flush(d->hub, d->now_ms);
	assert_null(d->batch);
	hub_on_frame(d->hub, 1, world_ids[0], SPAN_LIT("no frame"), d->now_ms);
	hub_flush(d->hub, d->now_ms);
	assert_null(d->batch);
}

/* Epochs rise over a restart, and what was not taken comes again. */
static void
restart_delivers_again(void **state)
{
	struct desk *d = *state;
	uint64_t epoch = d->epoch[2];
	struct span bytes = data(d, 1, PRIORITY_ROUTINE, NULL);

	desk_submit(d, 0, bytes);
	assert_non_null(desk_sent(d, 2, FRAME_DELIVER));
	desk_close(d);
	desk_open(d);
	desk_hello(d, 2, 100);
	assert_int_equal(d->epoch[2], epoch + 1);
	assert_true(span_eq(desk_sent(d, 2, FRAME_DELIVER)->deliver.items[0].envelope, bytes));
	desk_take(d, 2, 1);
	desk_hello(d, 2, 100);
	assert_null(desk_sent(d, 2, FRAME_DELIVER));
}

/* A commit that failed ends the core, with nothing said. */
static void
failed_commit_says_nothing(void **state)
{
	struct desk *d = *state;
	struct span bytes = data(d, 1, PRIORITY_ROUTINE, NULL);
	struct frame f = { .kind = FRAME_SUBMIT, .submit = { &bytes, 1 } };
	size_t sent;

	desk_frame(d, 0, &f);
	sent = d->n_sent;
	assert_int_equal(hub_on_commit(d->hub, d->batch, ERR_STORE, d->now_ms), ERR_STORE);
	assert_int_equal(d->n_sent, sent);
}

/* Each session hears from the hub every heartbeat, whatever else there is to say, and not oftener; what ticks between makes no
 * difference, nor does a clock that is put back.
 */
static void
sign_of_life(void **state)
{
	struct desk *d = *state;

	d->world.config.transport.heartbeat_ms = CLOCK_SECOND;
	d->now_ms += CLOCK_MINUTE;
	(void)hub_on_tick(d->hub, d->now_ms);
	for (int i = 0; i < 4; i++) {
		assert_non_null(desk_sent(d, 0, FRAME_CREDIT));
		assert_non_null(desk_sent(d, 2, FRAME_CREDIT));
		d->now_ms += 400;
		assert_in_range(hub_on_tick(d->hub, d->now_ms), 1, 600);
		d->now_ms += 599;
		assert_int_equal(hub_on_tick(d->hub, d->now_ms), 1);
		assert_null(desk_sent(d, 0, FRAME_CREDIT));
		d->now_ms += i == 3 ? -CLOCK_HOUR : 1;
		assert_in_range(hub_on_tick(d->hub, d->now_ms), 1, CLOCK_SECOND);
	}
	assert_non_null(desk_sent(d, 0, FRAME_CREDIT));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(submit_waits_for_commit),
		TEST(batches_overlap),
		TEST(old_epochs_are_ignored),
		TEST(restart_delivers_again),
		TEST(failed_commit_says_nothing),
		TEST(sign_of_life),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
