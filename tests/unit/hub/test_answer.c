/* SPDX-License-Identifier: EUPL-1.2 */
/* ACCEPTED: one run a row of leaves, and its range proof verifies; what is asked again is proven under the newest checkpoint.
 * Checkpoints: each one sent continues the one before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/support/hub_desk.h"

static void
check_runs(struct desk *d, const struct accepted *a, size_t n)
{
	struct note_verifier log = { .name = WORLD_ORIGIN, .pub = d->world.d.log };
	struct checkpoint c;
	struct hash leaves[16];
	size_t count = 0;

	assert_int_equal(checkpoint_open(a->growth.checkpoint, &log, d->world.mem, &c), OK);
	for (size_t i = 0; i < a->n_runs; i++) {
		const struct run *run = &a->runs[i];

		for (size_t k = 0; k < run->n; k++)
			leaf_hash(run->items[k].leaf.p, &leaves[k]);
		assert_true(merkle_check_range(leaves, run->begin, run->begin + run->n, c.size, run->path, run->n_path, &c.root));
		count += run->n;
	}
	assert_int_equal(count, n);
}

/* A frame of messages is one run; again, in another order, it is as many runs as needed. */
static void
runs_are_proven(void **state)
{
	static struct desk d;
	struct thread_id thread = { "r" };
	struct span bytes[6], again[3];
	struct frame f = { .kind = FRAME_SUBMIT, .submit = { bytes, 6 } };
	const struct frame *got;
	struct header h;

	(void)state;
	desk_init(&d, 8);
	desk_hello(&d, 0, 10);
	for (uint64_t i = 0; i < 6; i++) {
		world_header(&d.world, 0, 2, &thread, i + 1, d.now_ms, &h);
		bytes[i] = world_envelope(&d.world, 0, &h, 100, NULL);
	}
	desk_frame(&d, 0, &f);
	desk_commit(&d);
	got = desk_sent(&d, 0, FRAME_ACCEPTED);
	assert_int_equal(got->accepted.n_runs, 1);
	check_runs(&d, &got->accepted, 6);
	again[0] = bytes[1];
	again[1] = bytes[2];
	again[2] = bytes[5];
	f.submit.envelopes = again;
	f.submit.n = 3;
	desk_hello(&d, 2, 10);		/* the tree may have grown since */
	desk_frame(&d, 0, &f);
	got = desk_sent(&d, 0, FRAME_ACCEPTED);
	assert_int_equal(got->accepted.n_runs, 2);
	check_runs(&d, &got->accepted, 3);
	desk_done(&d);
}

/* The next frame of that kind to agency 0 continues the pin, which moves to it. */
static void
check_growth(struct desk *d, const struct growth *g, struct checkpoint *pin)
{
	struct note_verifier log = { .name = WORLD_ORIGIN, .pub = d->world.d.log };
	struct checkpoint c;

	assert_int_equal(checkpoint_open(g->checkpoint, &log, d->world.mem, &c), OK);
	assert_int_equal(g->since, pin->size);
	assert_true(merkle_check_consistency(pin->size, &pin->root, c.size, &c.root, g->path, g->n_path));
	*pin = c;
}

/* Each ACCEPTED and DELIVER of a session continues the checkpoint before it, also when one could not be sent; the same greeting
 * again shows the one sent last. */
static void
checkpoints_continue(void **state)
{
	static struct desk d;
	struct note_verifier log = { .name = WORLD_ORIGIN };
	struct frame f = { .kind = FRAME_HELLO };
	struct thread_id thread = { "g" };
	const struct frame *got;
	struct checkpoint pin, again;
	struct header h;
	struct span bytes;

	(void)state;
	desk_init(&d, 9);
	log.pub = d.world.d.log;
	f.hello = (struct hello){ .agency = world_ids[0], .session = { 7 }, .credit = { 50, 64 << 20 }, .software = "desk" };
	desk_frame(&d, 0, &f);
	desk_commit(&d);
	got = desk_sent(&d, 0, FRAME_WELCOME);
	d.epoch[0] = got->epoch;
	assert_int_equal(checkpoint_open(got->welcome.checkpoint, &log, d.world.mem, &pin), OK);
	desk_hello(&d, 2, 50);
	for (uint64_t i = 0; i < 6; i++) {
		world_header(&d.world, 0, 2, &thread, i + 1, d.now_ms, &h);
		bytes = world_envelope(&d.world, 0, &h, 100, NULL);
		d.is_busy = i == 3;
		desk_submit(&d, 0, bytes);
		d.is_busy = false;
		got = desk_sent(&d, 0, FRAME_ACCEPTED);
		assert_true((got == NULL) == (i == 3));
		if (got)
			check_growth(&d, &got->accepted.growth, &pin);
	}
	world_header(&d.world, 2, 0, &(struct thread_id){ "h" }, 1, d.now_ms, &h);
	desk_submit(&d, 2, world_envelope(&d.world, 2, &h, 100, NULL));
	check_growth(&d, &desk_sent(&d, 0, FRAME_DELIVER)->deliver.growth, &pin);
	world_header(&d.world, 2, 3, &(struct thread_id){ "i" }, 1, d.now_ms, &h);
	desk_submit(&d, 2, world_envelope(&d.world, 2, &h, 100, NULL));	/* the tree grows, unseen by agency 0 */
	f.epoch = 0;
	desk_frame(&d, 0, &f);
	desk_commit(&d);
	got = desk_sent(&d, 0, FRAME_WELCOME);
	assert_int_equal(got->epoch, d.epoch[0]);
	assert_int_equal(checkpoint_open(got->welcome.checkpoint, &log, d.world.mem, &again), OK);
	assert_int_equal(again.size, pin.size);
	assert_true(hash_eq(&again.root, &pin.root));
	check_growth(&d, &desk_sent(&d, 0, FRAME_DELIVER)->deliver.growth, &pin);	/* what is not taken comes again */
	desk_submit(&d, 0, bytes);
	check_growth(&d, &desk_sent(&d, 0, FRAME_ACCEPTED)->accepted.growth, &pin);
	assert_true(pin.size > again.size);
	desk_done(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(runs_are_proven), cmocka_unit_test(checkpoints_continue) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
