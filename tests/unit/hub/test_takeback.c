/* SPDX-License-Identifier: EUPL-1.2 */
/* A sender takes its message back: whenever it comes, the message ends once at each recipient, and each is told. */
#include "proto/withdrawal.h"
#include "tests/unit/hub/desk_test.h"

/* Of agency 0 to agencies 2 and 3. */
static struct span
to_both(struct desk *d, uint64_t seq, struct envelope *env)
{
	struct header h;

	world_header(&d->world, 0, 2, &thread, seq, d->now_ms, &h);
	h.to[h.n_to++] = world_ids[3];
	h.wraps[1] = h.wraps[0];
	h.wraps[1].agency = world_ids[3];
	key_id_of(KEY_SEALING, key_public(d->world.sealing[3]), &h.wraps[1].key);
	h.n_wraps = 2;
	return world_envelope(&d->world, 0, &h, 500, env);
}

static void
withdrawal_of(struct desk *d, const struct envelope *env, struct header *h)
{
	uint8_t random[10];
	struct msgid id;

	world_fill(&d->world, random, sizeof(random));
	msgid_make(d->now_ms, random, &id);
	withdrawal_header(&env->header, &env->hash, &id, d->now_ms, h);
	h->directory_version = d->world.d.version;
	h->signing_key = d->world.agencies[0].signing_id;
}

static enum err
withdraw(struct desk *d, const struct envelope *env)
{
	struct header h;

	withdrawal_of(d, env, &h);
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 0, NULL));
	return desk_answer(d, 0);
}

static enum err
receipt(struct desk *d, size_t i, const struct envelope *env, enum stage stage)
{
	struct header h;

	world_receipt(&d->world, i, env, stage, d->now_ms, &h);
	desk_submit(d, i, world_envelope(&d->world, i, &h, 0, NULL));
	return desk_answer(d, i);
}

struct counts { uint64_t queued, unregistered, under_way; };

static void
add_counts(void *arg, const struct hub_agency *a)
{
	struct counts *c = arg;

	c->queued += a->queued;
	c->unregistered += a->unregistered;
	c->under_way += a->under_way;
}

static struct counts
counts(struct desk *d)
{
	struct counts c = { 0 };

	assert_int_equal(hub_each_agency(d->hub, d->now_ms, add_counts, &c), OK);
	return c;
}

static enum stage
stage_of(const struct deliver_item *item, struct desk *d)
{
	struct envelope env;
	struct why why;

	assert_int_equal(envelope_decode(item->envelope, d->world.mem, &env, &why), OK);
	return env.header.stage;
}

static uint8_t
leaf_type_of(const struct deliver_item *item)
{
	struct leaf leaf;

	assert_int_equal(leaf_decode(item->leaf, &leaf), OK);
	return (uint8_t)leaf.type;
}

/* A message that waits goes out of the queues; its recipients hear of it instead, and the gap in their numbers has its leaf. */
static void
waiting(void **state)
{
	struct desk *d = *state;
	const struct frame *f;
	struct envelope env;

	hub_on_peer_down(d->hub, 3, d->now_ms);
	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, &env));
	assert_int_equal(desk_answer(d, 0), OK);
	assert_int_equal(counts(d).under_way, 1);
	assert_int_equal(withdraw(d, &env), OK);
	assert_int_equal(counts(d).unregistered, 0);
	assert_int_equal(counts(d).under_way, 1);	/* the receipt, in its place */
	assert_int_equal(counts(d).queued, 1);
	desk_hello(d, 2, 100);
	f = desk_sent(d, 2, FRAME_DELIVER);
	assert_int_equal(f->deliver.n, 1);
	assert_int_equal(f->deliver.items[0].queue_no, 2);
	assert_int_equal(stage_of(&f->deliver.items[0], d), STAGE_WITHDRAWN);
	assert_int_equal(leaf_type_of(&f->deliver.items[0]), LEAF_WITHDRAWN);
	desk_take(d, 2, 2);
	assert_null(desk_sent(d, 2, FRAME_DELIVER));
	assert_int_equal(counts(d).queued, 0);
	/* the thread goes on behind it */
	desk_submit(d, 0, data(d, 2, PRIORITY_ROUTINE, NULL));
	assert_int_equal(desk_answer(d, 0), OK);
	assert_int_equal(desk_sent(d, 2, FRAME_DELIVER)->deliver.items[0].queue_no, 3);
}

/* Who sends and takes back, again and again, to one that is away fills no more than its share of that queue. */
static void
within_the_share(void **state)
{
	struct desk *d = *state;
	struct envelope env;
	enum err e = OK;
	uint64_t n = 0;

	d->world.config.limits.queued_messages = 40;
	d->world.config.limits.sender_percent = 25;
	hub_on_peer_down(d->hub, 3, d->now_ms);
	for (; n < 60 && e == OK; n++) {
		desk_submit(d, 0, data(d, n + 1, PRIORITY_ROUTINE, &env));
		if ((e = desk_answer(d, 0)) == OK)
			assert_int_equal(withdraw(d, &env), OK);
	}
	assert_int_equal(e, ERR_FULL);
	assert_true(counts(d).queued <= 10);
	desk_hello(d, 2, 100);
	desk_take_all(d, 2);
	assert_int_equal(counts(d).under_way, 0);
	desk_submit(d, 0, data(d, n, PRIORITY_ROUTINE, NULL));
	assert_int_equal(desk_answer(d, 0), OK);
}

/* Sent and not taken: the late TAKEN changes nothing, and what was registered after all is a conflict. */
static void
in_flight(void **state)
{
	struct desk *d = *state;
	struct envelope env;
	uint64_t no;

	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, &env));
	assert_int_equal(desk_answer(d, 0), OK);
	no = desk_sent(d, 2, FRAME_DELIVER)->deliver.items[0].queue_no;
	assert_int_equal(withdraw(d, &env), OK);
	desk_take(d, 2, no);
	assert_int_equal(counts(d).queued, 1);	/* the receipt */
	assert_int_equal(counts(d).under_way, 1);
	desk_take_all(d, 2);
	assert_int_equal(counts(d).under_way, 0);
	assert_int_equal(counts(d).queued, 0);
	assert_int_equal(receipt(d, 2, &env, STAGE_DELIVERED), OK);
	assert_int_equal(receipt(d, 2, &env, STAGE_REGISTERED), ERR_CONFLICT);
	assert_int_equal(receipt(d, 2, &env, STAGE_REFUSED), ERR_CONFLICT);
	assert_int_equal(counts(d).unregistered, 0);
}

/* Sent and not taken, and then the session breaks: in the next one the message does not come again. */
static void
in_flight_and_lost(void **state)
{
	struct desk *d = *state;
	const struct frame *f;
	struct envelope env;

	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, &env));
	assert_int_equal(desk_answer(d, 0), OK);
	assert_non_null(desk_sent(d, 2, FRAME_DELIVER));
	assert_int_equal(withdraw(d, &env), OK);
	while (desk_sent(d, 2, FRAME_DELIVER) != NULL)
		;
	hub_on_peer_down(d->hub, 3, d->now_ms);
	desk_hello(d, 2, 100);
	f = desk_sent(d, 2, FRAME_DELIVER);
	assert_int_equal(f->deliver.n, 1);
	assert_int_equal(stage_of(&f->deliver.items[0], d), STAGE_WITHDRAWN);
}

/* Who registered it before keeps it; for the others it ends; once all have ended there is nothing to withdraw. */
static void
registered_by_some(void **state)
{
	struct desk *d = *state;
	struct envelope env;

	desk_submit(d, 0, to_both(d, 1, &env));
	assert_int_equal(desk_answer(d, 0), OK);
	desk_take_all(d, 2);
	desk_take_all(d, 3);
	assert_int_equal(receipt(d, 2, &env, STAGE_REGISTERED), OK);
	assert_int_equal(counts(d).unregistered, 1);
	assert_int_equal(withdraw(d, &env), OK);
	assert_int_equal(counts(d).unregistered, 0);
	assert_int_equal(stage_of(&desk_sent(d, 2, FRAME_DELIVER)->deliver.items[0], d), STAGE_WITHDRAWN);
	assert_int_equal(stage_of(&desk_sent(d, 3, FRAME_DELIVER)->deliver.items[0], d), STAGE_WITHDRAWN);
	assert_int_equal(receipt(d, 3, &env, STAGE_REGISTERED), ERR_CONFLICT);
	assert_int_equal(receipt(d, 2, &env, STAGE_SEEN), OK);
	desk_submit(d, 0, to_both(d, 2, &env));
	assert_int_equal(desk_answer(d, 0), OK);
	assert_int_equal(receipt(d, 2, &env, STAGE_REFUSED), OK);
	assert_int_equal(receipt(d, 3, &env, STAGE_REGISTERED), OK);
	assert_int_equal(withdraw(d, &env), ERR_CONFLICT);
}

/* The same again is the same; another one for the same message is told that it was withdrawn. */
static void
twice(void **state)
{
	struct desk *d = *state;
	const struct frame *f;
	struct envelope env;
	struct header h;
	struct span bytes;
	uint64_t leaf;

	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, &env));
	assert_int_equal(desk_answer(d, 0), OK);
	withdrawal_of(d, &env, &h);
	bytes = world_envelope(&d->world, 0, &h, 0, NULL);
	desk_submit(d, 0, bytes);
	f = desk_sent(d, 0, FRAME_ACCEPTED);
	assert_non_null(f);
	leaf = f->accepted.runs[0].begin;
	desk_submit(d, 0, bytes);
	f = desk_sent(d, 0, FRAME_ACCEPTED);
	assert_non_null(f);
	assert_int_equal(f->accepted.runs[0].begin, leaf);
	assert_int_equal(withdraw(d, &env), ERR_EXISTS);
}

/* Only its own message, as it is, and to all who got it. */
static void
not_its_own(void **state)
{
	struct desk *d = *state;
	struct envelope env, own, other, answer;
	struct header h;

	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, &env));
	assert_int_equal(desk_answer(d, 0), OK);
	/* by another agency: it has no such message */
	withdrawal_of(d, &env, &h);
	h.from = world_ids[1];
	h.signing_key = d->world.agencies[1].signing_id;
	desk_submit(d, 1, world_envelope(&d->world, 1, &h, 0, NULL));
	assert_int_equal(desk_answer(d, 1), ERR_NOTFOUND);
	/* of a receipt */
	world_receipt(&d->world, 2, &env, STAGE_DELIVERED, d->now_ms, &h);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, &answer));
	assert_int_equal(desk_answer(d, 2), OK);
	own = answer;
	own.header.seq = 1;
	withdrawal_of(d, &own, &h);
	h.signing_key = d->world.agencies[2].signing_id;
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
	assert_int_equal(desk_answer(d, 2), ERR_NOT_ALLOWED);
	/* another place, circle, thread or content */
	other = env;
	other.header.seq = 2;
	assert_int_equal(withdraw(d, &other), ERR_NOT_ALLOWED);
	other = env;
	other.header.to[other.header.n_to++] = world_ids[3];
	assert_int_equal(withdraw(d, &other), ERR_NOT_ALLOWED);
	other = env;
	other.header.thread.b[0] ^= 1;
	assert_int_equal(withdraw(d, &other), ERR_NOT_ALLOWED);
	other = env;
	other.hash.b[0] ^= 1;
	assert_int_equal(withdraw(d, &other), ERR_INCONSISTENT);
	assert_int_equal(withdraw(d, &env), OK);
}

/* In one batch with its message: neither is seen without the other. */
static void
in_one_batch(void **state)
{
	struct desk *d = *state;
	struct span both[2];
	struct frame f = { .kind = FRAME_SUBMIT, .submit = { both, 2 } };
	const struct frame *got;
	struct envelope env;
	struct header h;

	both[0] = data(d, 1, PRIORITY_ROUTINE, &env);
	withdrawal_of(d, &env, &h);
	both[1] = world_envelope(&d->world, 0, &h, 0, NULL);
	desk_frame(d, 0, &f);
	desk_commit(d);
	assert_int_equal(desk_answer(d, 0), OK);
	got = desk_sent(d, 2, FRAME_DELIVER);
	assert_int_equal(got->deliver.n, 1);
	assert_int_equal(stage_of(&got->deliver.items[0], d), STAGE_WITHDRAWN);
	assert_null(desk_sent(d, 2, FRAME_DELIVER));
}

/* While its message is being committed: nothing of it is sent before, and its recipient hears of the end alone. */
static void
in_the_next_batch(void **state)
{
	struct desk *d = *state;
	struct span bytes;
	struct frame f = { .kind = FRAME_SUBMIT, .submit = { &bytes, 1 } };
	const struct frame *got;
	struct envelope env;
	struct header h;

	bytes = data(d, 1, PRIORITY_ROUTINE, &env);
	desk_frame(d, 0, &f);
	withdrawal_of(d, &env, &h);
	bytes = world_envelope(&d->world, 0, &h, 0, NULL);
	desk_frame(d, 0, &f);
	desk_commit(d);
	got = desk_sent(d, 2, FRAME_DELIVER);
	assert_int_equal(got->deliver.n, 1);
	assert_int_equal(stage_of(&got->deliver.items[0], d), STAGE_WITHDRAWN);
	assert_null(desk_sent(d, 2, FRAME_DELIVER));
	assert_int_equal(counts(d).under_way, 1);
}

/* After a message out of the middle of a thread, an EMERGENCY still takes along all that waits before it, in order. */
static void
out_of_the_middle(void **state)
{
	struct desk *d = *state;
	const struct thread_id other = { "another thread" };
	struct envelope env[4];
	const struct frame *f;
	struct header h;

	hub_on_peer_down(d->hub, 3, d->now_ms);
	world_header(&d->world, 0, 2, &other, 1, d->now_ms, &h);
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 500, NULL));
	for (uint64_t i = 0; i < 4; i++)
		desk_submit(d, 0, data(d, i + 1, PRIORITY_ROUTINE, &env[i]));
	assert_int_equal(withdraw(d, &env[3]), OK);	/* the last: 5 */
	assert_int_equal(withdraw(d, &env[1]), OK);	/* of the middle: 3 */
	desk_submit(d, 0, data(d, 5, PRIORITY_EMERGENCY, NULL));
	desk_hello(d, 2, 100);
	f = desk_sent(d, 2, FRAME_DELIVER);
	assert_int_equal(f->deliver.n, 6);
	assert_int_equal(f->deliver.items[0].queue_no, 2);
	assert_int_equal(f->deliver.items[1].queue_no, 4);
	assert_int_equal(f->deliver.items[2].queue_no, 6);	/* the two receipts */
	assert_int_equal(f->deliver.items[3].queue_no, 7);
	assert_int_equal(f->deliver.items[4].queue_no, 8);	/* the EMERGENCY */
	assert_int_equal(f->deliver.items[5].queue_no, 1);	/* the other thread */
}

/* A message whose withdrawal was not durable when the hub died is as it was. */
static void
lost_with_the_hub(void **state)
{
	struct desk *d = *state;
	struct envelope env;
	struct header h;
	struct span bytes;
	struct frame f = { .kind = FRAME_SUBMIT, .submit = { &bytes, 1 } };

	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, &env));
	assert_int_equal(desk_answer(d, 0), OK);
	withdrawal_of(d, &env, &h);
	bytes = world_envelope(&d->world, 0, &h, 0, NULL);
	desk_frame(d, 0, &f);
	desk_close(d);
	desk_open(d);
	desk_hello(d, 0, 100);
	desk_hello(d, 2, 100);
	assert_int_equal(stage_of(&desk_sent(d, 2, FRAME_DELIVER)->deliver.items[0], d), STAGE_NONE);
	assert_int_equal(counts(d).unregistered, 1);
	desk_submit(d, 0, bytes);
	assert_int_equal(desk_answer(d, 0), OK);
	assert_int_equal(counts(d).unregistered, 0);
}

/* What stands on a row that is not durable yet is not refused for good before that is. */
static void
refused_when_durable(void **state)
{
	struct desk *d = *state;
	struct envelope env;
	struct header h;
	struct span bytes;
	struct frame f = { .kind = FRAME_SUBMIT, .submit = { &bytes, 1 } };

	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, &env));
	assert_int_equal(desk_answer(d, 0), OK);
	withdrawal_of(d, &env, &h);
	bytes = world_envelope(&d->world, 0, &h, 0, NULL);
	desk_frame(d, 0, &f);
	world_receipt(&d->world, 2, &env, STAGE_REGISTERED, d->now_ms, &h);
	bytes = world_envelope(&d->world, 2, &h, 0, NULL);
	f.epoch = 0;
	desk_frame(d, 2, &f);
	assert_null(desk_sent(d, 2, FRAME_REFUSED));
	desk_commit(d);
	assert_int_equal(desk_answer(d, 2), ERR_CONFLICT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(waiting), TEST(within_the_share), TEST(in_flight), TEST(in_flight_and_lost), TEST(registered_by_some), TEST(twice),
		TEST(not_its_own),
		TEST(in_one_batch), TEST(in_the_next_batch), TEST(out_of_the_middle), TEST(lost_with_the_hub), TEST(refused_when_durable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
