/* SPDX-License-Identifier: EUPL-1.2 */
/* Threads: participants, sequence, superseded messages. */
#include "tests/unit/hub/desk_test.h"

/* Participants are fixed by the first message; a seq is used once. */
static void
thread_is_closed(void **state)
{
	struct desk *d = *state;
	struct header h;

	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, NULL));
	assert_int_equal(desk_answer(d, 0), OK);
	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, NULL));
	assert_int_equal(desk_answer(d, 0), ERR_STALE);
	world_header(&d->world, 0, 3, &thread, 2, d->now_ms, &h);
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 10, NULL));
	assert_int_equal(desk_answer(d, 0), ERR_UNKNOWN_THREAD);
	world_header(&d->world, 2, 0, &thread, 1, d->now_ms, &h);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 10, NULL));
	assert_int_equal(desk_answer(d, 2), OK);
}

/* A message before the one that it follows must come again; it leaves nothing behind. */
static void
gap_is_refused(void **state)
{
	struct desk *d = *state;
	struct span second = data(d, 2, PRIORITY_ROUTINE, NULL);

	desk_submit(d, 0, second);
	assert_int_equal(desk_answer(d, 0), ERR_ORDER);
	assert_null(desk_sent(d, 2, FRAME_DELIVER));
	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, NULL));
	assert_int_equal(desk_answer(d, 0), OK);
	desk_submit(d, 0, second);
	assert_int_equal(desk_answer(d, 0), OK);
}

/* A resealed message takes the place of the old one, which ends; its clock passes on. */
static void
superseded_ends(void **state)
{
	struct desk *d = *state;
	struct envelope old;
	struct header h;

	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, &old));
	assert_int_equal(desk_answer(d, 0), OK);
	world_header(&d->world, 0, 2, &thread, 1, d->now_ms, &h);
	h.supersedes = old.header.id;
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 10, NULL));
	assert_int_equal(desk_answer(d, 0), OK);
	world_receipt(&d->world, 2, &old, STAGE_REGISTERED, d->now_ms, &h);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
	assert_int_equal(desk_answer(d, 2), ERR_CONFLICT);
}

static void
find_queued(void *arg, const struct hub_agency *a)
{
	if (strcmp(a->id, world_ids[2]) == 0)
		*(uint64_t *)arg = a->queued;
}

/* What is superseded before it was taken waits in no queue: only the new one is delivered. */
static void
superseded_leaves_the_queue(void **state)
{
	struct desk *d = *state;
	struct envelope old, other;
	const struct frame *f;
	uint64_t queued = 0;
	struct header h;

	desk_close(d);
	desk_open(d);	/* nobody is connected */
	desk_hello(d, 0, 100);
	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, &old));
	assert_int_equal(desk_answer(d, 0), OK);
	desk_submit(d, 0, data(d, 2, PRIORITY_ROUTINE, &other));
	assert_int_equal(desk_answer(d, 0), OK);
	world_header(&d->world, 0, 2, &thread, 1, d->now_ms, &h);
	h.supersedes = old.header.id;
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 10, NULL));
	assert_int_equal(desk_answer(d, 0), OK);
	assert_int_equal(hub_each_agency(d->hub, d->now_ms, find_queued, &queued), OK);
	assert_int_equal(queued, 2);
	desk_hello(d, 2, 100);
	f = desk_sent(d, 2, FRAME_DELIVER);
	assert_non_null(f);
	assert_int_equal(f->deliver.n, 2);
}

/* Nobody has seen what the hub does not have: what builds on it waits until that has come. */
static void
basis_is_stored(void **state)
{
	struct desk *d = *state;
	struct header h;

	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, NULL));
	assert_int_equal(desk_answer(d, 0), OK);
	world_header(&d->world, 2, 0, &thread, 1, d->now_ms, &h);
	h.basis[h.n_basis++] = (struct basis){ world_ids[0], 2 };
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 10, NULL));
	assert_int_equal(desk_answer(d, 2), ERR_ORDER);
	desk_submit(d, 0, data(d, 2, PRIORITY_ROUTINE, NULL));
	assert_int_equal(desk_answer(d, 0), OK);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 10, NULL));
	assert_int_equal(desk_answer(d, 2), OK);
}

/* To the third agency and the fourth. */
static void
to_two(struct desk *d, struct header *h)
{
	world_header(&d->world, 0, 2, &thread, 1, d->now_ms, h);
	h->to[h->n_to++] = world_ids[3];
	h->wraps[1] = h->wraps[0];
	h->wraps[h->n_wraps++].agency = world_ids[3];
	key_id_of(KEY_SEALING, key_public(d->world.sealing[3]), &h->wraps[1].key);
}

/* A message that one of its recipients has registered, and another cannot open, is sealed again: to both, and it ends anew at each. */
static void
superseded_in_part(void **state)
{
	struct desk *d = *state;
	struct envelope old, new;
	struct header h;

	to_two(d, &h);
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 10, &old));
	assert_int_equal(desk_answer(d, 0), OK);
	world_receipt(&d->world, 2, &old, STAGE_REGISTERED, d->now_ms, &h);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
	assert_int_equal(desk_answer(d, 2), OK);
	to_two(d, &h);
	h.supersedes = old.header.id;
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 10, &new));
	assert_int_equal(desk_answer(d, 0), OK);
	world_receipt(&d->world, 3, &old, STAGE_REGISTERED, d->now_ms, &h);
	desk_submit(d, 3, world_envelope(&d->world, 3, &h, 0, NULL));
	assert_int_equal(desk_answer(d, 3), ERR_CONFLICT);
	for (size_t i = 2; i < 4; i++) {
		world_receipt(&d->world, i, &new, STAGE_REGISTERED, d->now_ms, &h);
		desk_submit(d, i, world_envelope(&d->world, i, &h, 0, NULL));
		assert_int_equal(desk_answer(d, i), OK);
	}
	to_two(d, &h);
	h.supersedes = new.header.id;
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 10, NULL));
	assert_int_equal(desk_answer(d, 0), ERR_CONFLICT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(thread_is_closed), TEST(gap_is_refused),
		TEST(superseded_ends),
		TEST(superseded_leaves_the_queue),
		TEST(basis_is_stored),
		TEST(superseded_in_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
