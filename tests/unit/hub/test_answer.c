/* SPDX-License-Identifier: EUPL-1.2 */
/* ACCEPTED: one run a row of leaves, and its range proof verifies; what is asked again is proven under the newest checkpoint. */
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

	assert_int_equal(checkpoint_open(a->checkpoint, &log, d->world.mem, &c), OK);
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

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(runs_are_proven) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
