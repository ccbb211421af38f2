/* SPDX-License-Identifier: EUPL-1.2 */
/* The reactor: what is ready is called, what is removed is not, and time-driven duty comes when it is due. */
#include "proto/base/loop.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <zmq.h>

#include "proto/base/clock.h"

#define N_PIPES 12

struct world {
	struct loop *loop;
	int pipes[N_PIPES][2];
	struct loop_item *items[N_PIPES];
	int calls[N_PIPES], events[N_PIPES];
	int n_ticks, n_hups, n_rings;
	int64_t tick_ms[8];
	struct bell *bell;
	bool has_stop_tick;
};

struct door {
	struct world *w;
	int i;
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	int i;

	assert_non_null(w);
	assert_int_equal(loop_new(&w->loop), OK);
	for (i = 0; i < N_PIPES; i++)
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, w->pipes[i]), 0);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;
	int i;

	loop_free(w->loop);
	for (i = 0; i < N_PIPES; i++) {
		close(w->pipes[i][0]);
		close(w->pipes[i][1]);
	}
	free(w);
	return 0;
}

static void
poke(struct world *w, int i)
{
	assert_int_equal(write(w->pipes[i][1], "x", 1), 1);
}

static void
on_pipe(void *arg, int events)
{
	struct door *door = arg;
	char c;

	door->w->calls[door->i]++;
	door->w->events[door->i] = events;
	if (events & LOOP_IN && read(door->w->pipes[door->i][0], &c, 1) < 0)
		abort();
}

/* Stops the loop in the round after the next one, so that everything ready has been called. */
static int64_t
stop_soon(void *arg)
{
	struct world *w = arg;

	if (++w->n_ticks == 3)
		loop_stop(w->loop);
	return 0;
}

static void
run_briefly(struct world *w)
{
	if (!w->has_stop_tick)
		loop_add_tick(w->loop, stop_soon, w);
	w->has_stop_tick = true;
	w->n_ticks = 0;
	loop_tick_now(w->loop, w);
	loop_run(w->loop);
}

/* Only what is ready is called, with the events that are, and again as long as it is (level-triggered). */
static void
ready_items_are_called(void **state)
{
	struct world *w = *state;
	struct door doors[3] = { { w, 0 }, { w, 1 }, { w, 2 } };
	int i;

	for (i = 0; i < 3; i++)
		w->items[i] = loop_add_fd(w->loop, w->pipes[i][0], LOOP_IN, on_pipe, &doors[i]);
	poke(w, 1);
	poke(w, 1);
	run_briefly(w);
	assert_int_equal(w->calls[0], 0);
	assert_int_equal(w->calls[1], 2);
	assert_int_equal(w->events[1], LOOP_IN);
	loop_set_events(w->items[2], LOOP_OUT);
	run_briefly(w);
	assert_true(w->calls[2] > 0);
	assert_int_equal(w->events[2], LOOP_OUT);
}

/* An item with no events sleeps, even when its other end is gone: the loop does not spin. */
static void
no_events_sleep(void **state)
{
	struct world *w = *state;
	struct door door = { w, 0 };

	w->items[0] = loop_add_fd(w->loop, w->pipes[0][0], 0, on_pipe, &door);
	close(w->pipes[0][1]);
	run_briefly(w);
	assert_int_equal(w->calls[0], 0);
	loop_set_events(w->items[0], LOOP_IN);
	run_briefly(w);
	assert_true(w->calls[0] > 0);	/* a hang-up comes as what was asked for */
	assert_int_equal(w->events[0], LOOP_IN);
	w->pipes[0][1] = dup(w->pipes[0][0]);
}

static void
on_remove_all(void *arg, int events)
{
	struct door *door = arg;
	int i;

	(void)events;
	door->w->calls[door->i]++;
	for (i = 0; i < N_PIPES; i++) {
		loop_del(door->w->loop, door->w->items[i]);
		door->w->items[i] = NULL;
	}
}

/* A handler may remove all items, itself included: none is called after that, though all were ready. */
static void
handlers_may_remove(void **state)
{
	struct world *w = *state;
	struct door doors[N_PIPES];
	int i, sum = 0;

	for (i = 0; i < N_PIPES; i++) {
		doors[i] = (struct door){ w, i };
		w->items[i] = loop_add_fd(w->loop, w->pipes[i][0], LOOP_IN, on_remove_all, &doors[i]);
		poke(w, i);
	}
	run_briefly(w);
	for (i = 0; i < N_PIPES; i++)
		sum += w->calls[i];
	assert_int_equal(sum, 1);
	loop_del(w->loop, NULL);
}

static void
on_add_many(void *arg, int events)
{
	static struct door doors[N_PIPES];
	struct door *door = arg;
	int i;

	on_pipe(arg, events);
	for (i = 1; i < N_PIPES; i++) {
		doors[i] = (struct door){ door->w, i };
		loop_add_fd(door->w->loop, door->w->pipes[i][0], LOOP_IN, on_pipe, &doors[i]);
	}
}

/* A handler may add items past every growth of the array; they are called from the next round on. */
static void
handlers_may_add(void **state)
{
	struct world *w = *state;
	struct door door = { w, 0 };
	int i;

	loop_add_fd(w->loop, w->pipes[0][0], LOOP_IN, on_add_many, &door);
	for (i = 0; i < N_PIPES; i++)
		poke(w, i);
	run_briefly(w);
	for (i = 0; i < N_PIPES; i++)
		assert_int_equal(w->calls[i], 1);
}

static void
on_mute_next(void *arg, int events)
{
	struct door *door = arg;

	on_pipe(arg, events);
	loop_set_events(door->w->items[1], LOOP_OUT);
}

/* Events that an earlier handler of the same round gave up are not delivered. */
static void
events_may_change_in_a_round(void **state)
{
	struct world *w = *state;
	struct door doors[2] = { { w, 0 }, { w, 1 } };

	w->items[0] = loop_add_fd(w->loop, w->pipes[0][0], LOOP_IN, on_mute_next, &doors[0]);
	w->items[1] = loop_add_fd(w->loop, w->pipes[1][0], LOOP_IN, on_pipe, &doors[1]);
	poke(w, 0);
	poke(w, 1);
	run_briefly(w);
	assert_int_equal(w->events[1], LOOP_OUT);	/* LOOP_IN was ready, but not wanted any more */
}

static int64_t
slow_tick(void *arg)
{
	struct world *w = arg;

	w->tick_ms[w->n_ticks++] = clock_mono_ms();
	if (w->n_ticks == 4)
		loop_stop(w->loop);
	return 20;
}

static int64_t
fast_tick(void *arg)
{
	int *n = arg;

	++*n;
	return 5;
}

/* Each tick comes at its own pace, not before its time, and the first one at once. */
static void
ticks_come_when_due(void **state)
{
	struct world *w = *state;
	int64_t start = clock_mono_ms();
	int n_fast = 0, i;

	loop_add_tick(w->loop, slow_tick, w);
	loop_add_tick(w->loop, fast_tick, &n_fast);
	loop_run(w->loop);
	assert_true(w->tick_ms[0] - start < 20);
	for (i = 1; i < 4; i++)
		assert_in_range(w->tick_ms[i] - w->tick_ms[i - 1], 20, 500);
	assert_in_range(n_fast, 4, 13);
}

static int64_t
asking_tick(void *arg)
{
	struct world *w = arg;

	if (++w->n_ticks < 5)
		loop_tick_now(w->loop, w);
	else
		loop_stop(w->loop);
	return INT64_MAX;
}

/* A tick may ask for itself again, whatever it returns then; loop_tick_now of nobody is nothing. */
static void
ticks_may_ask_again(void **state)
{
	struct world *w = *state;
	int64_t start = clock_mono_ms();

	loop_tick_now(w->loop, w);
	loop_add_tick(w->loop, asking_tick, w);
	loop_run(w->loop);
	assert_int_equal(w->n_ticks, 5);
	assert_true(clock_mono_ms() - start < 1000);
}

static void
on_wake_tick(void *arg, int events)
{
	struct door *door = arg;

	on_pipe(arg, events);
	loop_tick_now(door->w->loop, door->w);
}

static int64_t
second_tick_stops(void *arg)
{
	struct world *w = arg;

	w->n_ticks++;
	if (w->n_ticks == 1)
		poke(w, 0);
	if (w->n_ticks == 2)
		loop_stop(w->loop);
	return CLOCK_HOUR;	/* cut to a minute */
}

/* A handler that asks for a tick gets it in the same round, long before its time. */
static void
tick_now_comes_in_this_round(void **state)
{
	struct world *w = *state;
	struct door door = { w, 0 };
	int64_t start = clock_mono_ms();

	loop_add_fd(w->loop, w->pipes[0][0], LOOP_IN, on_wake_tick, &door);
	loop_add_tick(w->loop, second_tick_stops, w);
	loop_run(w->loop);
	assert_int_equal(w->calls[0], 1);
	assert_true(clock_mono_ms() - start < 1000);
}

/* A stop before the run counts, and a loop may run again after it. */
static void
stop_before_run(void **state)
{
	struct world *w = *state;

	loop_stop(w->loop);
	loop_run(w->loop);
	run_briefly(w);
	assert_int_equal(w->n_ticks, 3);
}

static void
on_hup(void *arg)
{
	struct world *w = arg;

	w->n_hups++;
	kill(getpid(), SIGTERM);
}

static int64_t
hup_tick(void *arg)
{
	(void)arg;
	kill(getpid(), SIGHUP);
	return CLOCK_MINUTE;
}

/* SIGHUP calls its handler in the loop, SIGTERM and SIGINT end the loop, and the mask is restored with it. */
static void
signals(void **state)
{
	struct world *w = *state;
	sigset_t before, after;

	pthread_sigmask(SIG_SETMASK, NULL, &before);
	assert_int_equal(loop_catch_signals(w->loop, on_hup, w), OK);
	loop_add_tick(w->loop, hup_tick, w);
	loop_run(w->loop);
	assert_int_equal(w->n_hups, 1);
	kill(getpid(), SIGINT);
	loop_run(w->loop);
	loop_free(w->loop);
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	assert_int_equal(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
	assert_int_equal(loop_new(&w->loop), OK);
}

static void
on_ring(void *arg, int events)
{
	struct world *w = arg;

	assert_int_equal(events, LOOP_IN);
	w->n_rings++;
	loop_stop(w->loop);
}

static void *
ring_often(void *arg)
{
	struct world *w = arg;
	int i;

	usleep(10 * 1000);
	for (i = 0; i < 1000; i++)
		bell_ring(w->bell);
	return NULL;
}

/* Another thread's rings wake the loop; many before one round are one call. */
static void
bell_wakes(void **state)
{
	struct world *w = *state;
	pthread_t thread;

	w->bell = loop_add_bell(w->loop, on_ring, w);
	assert_int_equal(pthread_create(&thread, NULL, ring_often, w), 0);
	loop_run(w->loop);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(w->n_rings, 1);
	bell_ring(w->bell);
	bell_ring(w->bell);
	loop_run(w->loop);
	assert_int_equal(w->n_rings, 2);
}

struct zmq_pair {
	struct world *w;
	void *a, *b;
	int n;
};

static void
on_socket(void *arg, int events)
{
	struct zmq_pair *pair = arg;
	char c;

	assert_int_equal(events, LOOP_IN);
	assert_int_equal(zmq_recv(pair->b, &c, 1, ZMQ_DONTWAIT), 1);
	if (++pair->n == 10)
		loop_stop(pair->w->loop);
}

/* A ZeroMQ socket with ten messages is called ten times, one message each: no edge is lost. */
static void
sockets_are_level_triggered(void **state)
{
	struct zmq_pair pair = { .w = *state };
	void *ctx = zmq_ctx_new();
	struct loop_item *item;
	int i;

	pair.a = zmq_socket(ctx, ZMQ_PAIR);
	pair.b = zmq_socket(ctx, ZMQ_PAIR);
	assert_int_equal(zmq_bind(pair.b, "inproc://x"), 0);
	assert_int_equal(zmq_connect(pair.a, "inproc://x"), 0);
	for (i = 0; i < 10; i++)
		assert_int_equal(zmq_send(pair.a, "x", 1, 0), 1);
	item = loop_add_socket(pair.w->loop, pair.b, LOOP_IN, on_socket, &pair);
	loop_run(pair.w->loop);
	assert_int_equal(pair.n, 10);
	loop_del(pair.w->loop, item);
	zmq_close(pair.a);
	zmq_close(pair.b);
	zmq_ctx_term(ctx);
	run_briefly(pair.w);	/* the closed socket is not polled */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ready_items_are_called, setup, teardown),
		cmocka_unit_test_setup_teardown(no_events_sleep, setup, teardown),
		cmocka_unit_test_setup_teardown(handlers_may_remove, setup, teardown),
		cmocka_unit_test_setup_teardown(handlers_may_add, setup, teardown),
		cmocka_unit_test_setup_teardown(events_may_change_in_a_round, setup, teardown),
		cmocka_unit_test_setup_teardown(ticks_come_when_due, setup, teardown),
		cmocka_unit_test_setup_teardown(ticks_may_ask_again, setup, teardown),
		cmocka_unit_test_setup_teardown(tick_now_comes_in_this_round, setup, teardown),
		cmocka_unit_test_setup_teardown(stop_before_run, setup, teardown),
		cmocka_unit_test_setup_teardown(signals, setup, teardown),
		cmocka_unit_test_setup_teardown(bell_wakes, setup, teardown),
		cmocka_unit_test_setup_teardown(sockets_are_level_triggered, setup, teardown),
	};

	alarm(30);	/* a loop that never ends is a failure too */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
