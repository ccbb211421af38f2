/* SPDX-License-Identifier: EUPL-1.2 */
/* Queues: order, lanes, credit, what is sent again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/support/hub_desk.h"

static int
set_up(void **state)
{
	struct desk *d = malloc(sizeof(*d));

	desk_init(d, 4);
	d->world.config.limits.credit_messages = 500;
	desk_hello(d, 0, 100);
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

/* A message of agency 0 to agency 2 in the thread of that letter. */
static struct span
write_to(struct desk *d, char letter, uint64_t seq, enum priority priority)
{
	struct thread_id thread = { { (uint8_t)letter } };
	struct span bytes;
	struct header h;

	world_header(&d->world, 0, 2, &thread, seq, d->now_ms, &h);
	h.priority = priority;
	bytes = world_envelope(&d->world, 0, &h, 300, NULL);
	desk_submit(d, 0, bytes);
	assert_int_equal(desk_answer(d, 0), OK);
	return bytes;
}

/* A message to three is in three queues, or in none. */
static void
all_recipients_get_it(void **state)
{
	struct thread_id thread = { { 'm' } };
	struct desk *d = *state;
	struct header h;

	for (size_t i = 1; i <= 3; i++)
		desk_hello(d, i, 100);
	world_header(&d->world, 0, 1, &thread, 1, d->now_ms, &h);
	for (size_t i = 2; i <= 3; i++) {
		h.to[h.n_to++] = world_ids[i];
		h.wraps[h.n_wraps] = h.wraps[0];
		h.wraps[h.n_wraps].agency = world_ids[i];
		key_id_of(KEY_SEALING, key_public(d->world.sealing[i]), &h.wraps[h.n_wraps++].key);
	}
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 300, NULL));
	assert_int_equal(desk_answer(d, 0), OK);
	for (size_t i = 1; i <= 3; i++)
		assert_int_equal(desk_sent(d, i, FRAME_DELIVER)->deliver.n, 1);
}

/* An EMERGENCY overtakes other threads, and what waits before it in its own goes along, in order. */
static void
emergency_overtakes(void **state)
{
	struct desk *d = *state;
	struct span want[5];
	const struct frame *f;

	want[3] = write_to(d, 'x', 1, PRIORITY_ROUTINE);
	want[0] = write_to(d, 'y', 1, PRIORITY_ROUTINE);
	want[1] = write_to(d, 'y', 2, PRIORITY_URGENT);
	want[2] = write_to(d, 'y', 3, PRIORITY_EMERGENCY);
	want[4] = write_to(d, 'y', 4, PRIORITY_ROUTINE);
	desk_hello(d, 2, 100);
	f = desk_sent(d, 2, FRAME_DELIVER);
	assert_int_equal(f->deliver.n, 5);
	for (size_t i = 0; i < 5; i++)
		assert_true(span_eq(f->deliver.items[i].envelope, want[i]));
}

/* What goes along behind the lane's cursor is sent all the same, and what was sent already is not sent twice. */
static void
emergency_brings_along(void **state)
{
	struct desk *d = *state;
	const struct frame *f;

	write_to(d, 'x', 1, PRIORITY_EMERGENCY);
	desk_hello(d, 2, 3);
	assert_int_equal(desk_sent(d, 2, FRAME_DELIVER)->deliver.n, 1);
	write_to(d, 'y', 1, PRIORITY_ROUTINE);
	write_to(d, 'z', 1, PRIORITY_ROUTINE);
	write_to(d, 'z', 2, PRIORITY_ROUTINE);
	write_to(d, 'v', 1, PRIORITY_EMERGENCY);
	while ((f = desk_sent(d, 2, FRAME_DELIVER)) != NULL)
		;
	write_to(d, 'z', 3, PRIORITY_EMERGENCY);
	assert_null(desk_sent(d, 2, FRAME_DELIVER));	/* no credit */
	desk_frame(d, 2, &(struct frame){ .kind = FRAME_CREDIT, .credit = { 100, 64 << 20 } });
	f = desk_sent(d, 2, FRAME_DELIVER);
	assert_non_null(f);
	assert_int_equal(f->deliver.n, 3);
	assert_int_equal(f->deliver.items[0].queue_no, 4);
	assert_int_equal(f->deliver.items[1].queue_no, 5);
	assert_int_equal(f->deliver.items[2].queue_no, 6);
	assert_null(desk_sent(d, 2, FRAME_DELIVER));
}

/* One EMERGENCY moves a bounded number: behind a long thread it waits in its turn, and the order stays. */
static void
emergency_of_a_long_thread(void **state)
{
	struct desk *d = *state;
	const struct frame *f;
	uint64_t next = 1;

	for (uint64_t i = 1; i <= 70; i++)
		write_to(d, 'z', i, PRIORITY_ROUTINE);
	write_to(d, 'z', 71, PRIORITY_EMERGENCY);
	write_to(d, 'x', 1, PRIORITY_EMERGENCY);
	desk_hello(d, 2, 200);
	f = desk_sent(d, 2, FRAME_DELIVER);
	assert_int_equal(f->deliver.n, 72);
	assert_int_equal(f->deliver.items[0].queue_no, 72);
	for (size_t i = 1; i < 72; i++)
		assert_int_equal(f->deliver.items[i].queue_no, next++);
}

/* Credit is never overdrawn, and its last tenth is for EMERGENCY. */
static void
credit_is_held(void **state)
{
	struct desk *d = *state;
	char letter = 'a';
	const struct frame *f;
	size_t n = 0;

	for (int i = 0; i < 15; i++)
		write_to(d, letter++, 1, PRIORITY_ROUTINE);
	desk_hello(d, 2, 10);
	while ((f = desk_sent(d, 2, FRAME_DELIVER)) != NULL)
		n += f->deliver.n;
	assert_int_equal(n, 9);
	write_to(d, letter, 1, PRIORITY_EMERGENCY);
	assert_int_equal(desk_sent(d, 2, FRAME_DELIVER)->deliver.items[0].queue_no, 16);
	write_to(d, letter, 2, PRIORITY_EMERGENCY);
	assert_null(desk_sent(d, 2, FRAME_DELIVER));
}

/* A socket that says "not now" gets the same again, later; nothing is lost or counted twice. */
static void
busy_socket(void **state)
{
	struct desk *d = *state;

	desk_hello(d, 2, 10);
	d->is_busy = true;
	{
		struct thread_id thread = { { 'b' } };
		struct header h;

		world_header(&d->world, 0, 2, &thread, 1, d->now_ms, &h);
		desk_submit(d, 0, world_envelope(&d->world, 0, &h, 300, NULL));
	}
	d->is_busy = false;
	assert_null(desk_sent(d, 2, FRAME_DELIVER));
	(void)hub_on_tick(d->hub, d->now_ms);
	assert_int_equal(desk_sent(d, 2, FRAME_DELIVER)->deliver.items[0].queue_no, 1);
	(void)hub_on_tick(d->hub, d->now_ms);
	assert_null(desk_sent(d, 2, FRAME_DELIVER));
}

/* What is sent and not taken for ten seconds is sent again in the same session, also when the clock has gone back a day. */
static void
stalled_is_sent_again(void **state)
{
	struct desk *d = *state;

	desk_hello(d, 2, 1);
	write_to(d, 's', 1, PRIORITY_ROUTINE);
	assert_non_null(desk_sent(d, 2, FRAME_DELIVER));
	d->now_ms += 9 * CLOCK_SECOND;
	(void)hub_on_tick(d->hub, d->now_ms);
	assert_null(desk_sent(d, 2, FRAME_DELIVER));
	d->now_ms += 6 * CLOCK_SECOND;
	(void)hub_on_tick(d->hub, d->now_ms);
	assert_non_null(desk_sent(d, 2, FRAME_DELIVER));
	d->now_ms -= CLOCK_DAY;
	(void)hub_on_tick(d->hub, d->now_ms);
	assert_non_null(desk_sent(d, 2, FRAME_DELIVER));
	desk_take(d, 2, 1);
	d->now_ms += 120 * CLOCK_SECOND;
	(void)hub_on_tick(d->hub, d->now_ms);
	assert_null(desk_sent(d, 2, FRAME_DELIVER));
}

/* One that is passed over by what was sent after it comes again after ten seconds, also while the others move on. */
static void
passed_over_is_sent_again(void **state)
{
	struct desk *d = *state;

	desk_hello(d, 2, 100);
	for (uint64_t seq = 1; seq <= 4; seq++) {
		write_to(d, 'p', seq, PRIORITY_ROUTINE);
		assert_non_null(desk_sent(d, 2, FRAME_DELIVER));
	}
	for (uint64_t no = 2; no <= 4; no++) {
		desk_take(d, 2, no);
		(void)hub_on_tick(d->hub, d->now_ms);
		assert_null(desk_sent(d, 2, FRAME_DELIVER));
		d->now_ms += 5 * CLOCK_SECOND;
	}
	(void)hub_on_tick(d->hub, d->now_ms);
	assert_int_equal(desk_sent(d, 2, FRAME_DELIVER)->deliver.items[0].queue_no, 1);
}

/* The same HELLO again means that no WELCOME came, and so nothing that was sent after it. */
static void
same_hello_is_delivered_anew(void **state)
{
	struct desk *d = *state;
	struct frame f = { .kind = FRAME_HELLO };

	f.hello = (struct hello){ .agency = world_ids[2], .credit = { 10, 64 << 20 }, .software = "desk", .session = "again" };
	write_to(d, 'h', 1, PRIORITY_ROUTINE);
	desk_frame(d, 2, &f);
	desk_commit(d);
	assert_non_null(desk_sent(d, 2, FRAME_DELIVER));
	desk_frame(d, 2, &f);
	desk_commit(d);
	assert_non_null(desk_sent(d, 2, FRAME_WELCOME));
	assert_int_equal(desk_sent(d, 2, FRAME_DELIVER)->deliver.items[0].queue_no, 1);
}

/* A queue at its quota takes no more, but an EMERGENCY. */
static void
quota_is_held(void **state)
{
	struct desk *d = *state;
	struct thread_id thread = { { 'q' } };
	struct header h;

	d->world.config.limits.queued_messages = 10;
	for (uint64_t i = 1; i <= 9; i++)
		write_to(d, 'p', i, PRIORITY_ROUTINE);
	world_header(&d->world, 0, 2, &thread, 1, d->now_ms, &h);
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 300, NULL));
	assert_int_equal(desk_answer(d, 0), ERR_FULL);
	write_to(d, 'e', 1, PRIORITY_EMERGENCY);
	world_header(&d->world, 0, 2, &thread, 1, d->now_ms, &h);
	h.priority = PRIORITY_EMERGENCY;
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 300, NULL));
	assert_int_equal(desk_answer(d, 0), ERR_FULL);
}

/* Two recipients with much to take get it in turns, a frame each: neither waits for all that the other has. */
static void
frames_in_turn(void **state)
{
	struct desk *d = *state;
	const struct thread_id thread = { "turns" };
	size_t first[2] = { 0 }, last[2] = { 0 };
	struct header h;

	d->world.config.limits.credit_bytes = 64 << 20;
	for (size_t to = 2; to <= 3; to++)
		for (uint64_t i = 1; i <= 12; i++) {
			world_header(&d->world, 0, to, &thread, i, d->now_ms, &h);
			h.thread.b[15] = (uint8_t)to;
			desk_submit(d, 0, world_envelope(&d->world, 0, &h, 400000, NULL));
			assert_int_equal(desk_answer(d, 0), OK);
		}
	d->is_busy = true;	/* both are up, and have got nothing yet */
	for (size_t to = 2; to <= 3; to++) {
		struct frame f = { .kind = FRAME_HELLO };

		f.hello = (struct hello){ .agency = world_ids[to], .session = { (uint8_t)to }, .credit = { 100, 64 << 20 }, .software = "desk" };
		desk_frame(d, to, &f);
		desk_commit(d);
	}
	d->is_busy = false;
	d->n_sent = 0;
	(void)hub_on_tick(d->hub, d->now_ms);
	for (size_t i = 0; i < d->n_sent; i++)
		if (d->sent[i].f.kind == FRAME_DELIVER) {
			size_t who = d->sent[i].conn == 3 ? 0 : 1;

			first[who] = first[who] ? first[who] : i + 1;
			last[who] = i + 1;
		}
	assert_true(first[0] > 0 && first[1] > 0 && last[0] > first[0] + 2);
	assert_true(first[0] < last[1] && first[1] < last[0]);
	assert_true(first[1] - first[0] <= 2 || first[0] - first[1] <= 2);
}

/* A socket that is full is not tried at each commit of others: that would cost them a frame's work each time. */
static void
full_socket_is_left_alone(void **state)
{
	struct desk *d = *state;
	struct thread_id thread = { { 'f' } };
	struct header h;

	desk_hello(d, 2, 100);
	d->busy_conn = 3;
	world_header(&d->world, 0, 2, &thread, 1, d->now_ms, &h);
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 300, NULL));
	assert_int_equal(desk_answer(d, 0), OK);
	assert_int_equal(d->n_refused, 1);
	for (uint64_t i = 1; i <= 5; i++) {
		thread.b[0] = 'g';
		world_header(&d->world, 0, 1, &thread, i, d->now_ms, &h);
		desk_submit(d, 0, world_envelope(&d->world, 0, &h, 300, NULL));
		assert_int_equal(desk_answer(d, 0), OK);
	}
	assert_int_equal(d->n_refused, 1);
	d->busy_conn = 0;
	(void)hub_on_tick(d->hub, d->now_ms);
	assert_int_equal(desk_sent(d, 2, FRAME_DELIVER)->deliver.items[0].queue_no, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_recipients_get_it), TEST(emergency_overtakes), TEST(emergency_brings_along), TEST(emergency_of_a_long_thread), TEST(credit_is_held),
		TEST(busy_socket), TEST(stalled_is_sent_again), TEST(passed_over_is_sent_again),
		TEST(same_hello_is_delivered_anew), TEST(quota_is_held), TEST(frames_in_turn), TEST(full_socket_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
