/* SPDX-License-Identifier: EUPL-1.2 */
/* What goes to the hub, how much of it at once, and when again. */
#include "adapters/core/flights.h"

#include "tests/support/paper_hub.h"

/* No more is sent than the hub's credit; more credit, more messages; credit never sinks. */
static void
flights_within_credit(void **state)
{
	struct paper *p = calloc(1, sizeof(*p));
	struct frame f = { .kind = FRAME_CREDIT };

	(void)state;
	paper_init(p);
	paper_greet(p, 0, 3);
	for (int i = 0; i < 9; i++)
		paper_refer(p, arena_fmt(p->mem, "R-%d", i), "routine");
	assert_int_equal(p->party[0].n_sent, 3);
	f.credit = (struct credit){ 5, (uint64_t)64 << 20 };
	assert_int_equal(paper_send(p, 0, &f), OK);
	assert_int_equal(p->party[0].n_sent, 5);
	f.credit = (struct credit){ 2, (uint64_t)64 << 20 };
	assert_int_equal(paper_send(p, 0, &f), OK);
	f.credit = (struct credit){ 6, (uint64_t)64 << 20 };
	assert_int_equal(paper_send(p, 0, &f), OK);
	assert_int_equal(p->party[0].n_sent, 6);
	paper_down(p);
}

/* A tenth of the credit is for EMERGENCY, which goes before what waits. */
static void
flights_emergency(void **state)
{
	struct paper *p = calloc(1, sizeof(*p));
	struct envelope env;

	(void)state;
	paper_init(p);
	paper_greet(p, 0, 20);
	for (int i = 0; i < 30; i++)
		paper_refer(p, arena_fmt(p->mem, "R-%d", i), "routine");
	assert_int_equal(p->party[0].n_sent, 18);
	paper_refer(p, "E-1", "emergency");
	assert_int_equal(p->party[0].n_sent, 19);
	env = paper_decode(p, p->party[0].sent[18]);
	assert_int_equal(env.header.priority, PRIORITY_EMERGENCY);
	paper_down(p);
}

/* What could not be sent uses up no credit and goes as soon as it can; a backlog goes under one signature. */
static void
flights_busy(void **state)
{
	struct paper *p = calloc(1, sizeof(*p));
	struct envelope env;

	(void)state;
	paper_init(p);
	paper_greet(p, 0, 8);
	p->party[0].is_deaf = true;
	for (int i = 0; i < 8; i++)
		paper_refer(p, arena_fmt(p->mem, "R-%d", i), "routine");
	for (int i = 0; i < 20; i++)
		paper_tick(p, 0, 1000);
	p->party[0].is_deaf = false;
	paper_tick(p, 0, 10);
	assert_int_equal(p->party[0].n_sent, 8);
	assert_int_equal(p->party[0].n_submits, 1);
	env = paper_decode(p, p->party[0].sent[5]);
	assert_int_equal(env.signature.size, 8);
	assert_true(envelope_is_signed(&env, &p->world.agencies[0].signing));
	paper_down(p);
}

/* I29: a message uses as much credit as the hub gives back for it: the bytes of its envelope, no more. */
static void
flights_counts_bytes(void **state)
{
	struct paper *p = calloc(1, sizeof(*p));
	uint64_t bytes = 0;

	(void)state;
	paper_init(p);
	paper_greet(p, 0, 8);
	for (int i = 0; i < 3; i++)
		paper_refer(p, arena_fmt(p->mem, "R-%d", i), "routine");
	for (size_t i = 0; i < p->party[0].n_sent; i++)
		bytes += p->party[0].sent[i].n;
	assert_int_equal(p->party[0].n_sent, 3);
	assert_int_equal(p->party[0].desk.adapter->sent.bytes, bytes);
	assert_int_equal(p->party[0].desk.adapter->sent.messages, 3);
	paper_down(p);
}

/* What got no answer goes again, with its credit given back; what was answered "later" goes after that time. */
static void
flights_again(void **state)
{
	struct paper *p = calloc(1, sizeof(*p));

	(void)state;
	paper_init(p);
	paper_greet(p, 0, 1);
	paper_refer(p, "R-1", "routine");
	assert_int_equal(p->party[0].n_sent, 1);
	for (int i = 0; i < 5; i++)
		paper_tick(p, 0, 11 * CLOCK_SECOND);
	assert_int_equal(p->party[0].n_sent, 6);
	assert_true(span_eq(p->party[0].sent[0], p->party[0].sent[5]));
	paper_down(p);
}

/* What got no answer may be at a hub that stands still: on the credit that it holds only itself goes again, whatever else waits. */
static void
flights_same_again(void **state)
{
	struct paper *p = calloc(1, sizeof(*p));
	struct envelope env;

	(void)state;
	paper_init(p);
	paper_greet(p, 0, 2);
	paper_refer(p, "R-1", "routine");
	paper_refer(p, "R-2", "routine");
	paper_refer(p, "R-3", "emergency");
	assert_int_equal(p->party[0].n_sent, 2);
	for (int i = 0; i < 5; i++)
		paper_tick(p, 0, 11 * CLOCK_SECOND);
	assert_int_equal(p->party[0].n_sent, 12);
	for (size_t i = 0; i < 12; i++) {
		env = paper_decode(p, p->party[0].sent[i]);
		assert_int_equal(env.header.priority, PRIORITY_ROUTINE);
	}
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flights_within_credit),
		cmocka_unit_test(flights_emergency),
		cmocka_unit_test(flights_busy),
		cmocka_unit_test(flights_counts_bytes),
		cmocka_unit_test(flights_again),
		cmocka_unit_test(flights_same_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
