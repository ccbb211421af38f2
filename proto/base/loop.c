/* SPDX-License-Identifier: EUPL-1.2 */
/* loop - the reactor over zmq_poll; each main of ours runs exactly one.
 *
 * A round: poll until something is ready or the next tick is due, call the handlers of what is ready, then the ticks
 * that are due. Invariants: the poll array is made anew each round from the items that live, so handlers may add and
 * remove at will; an item that was removed is never called again and is freed only between rounds; nothing here blocks
 * but the poll. What is added is fixed parts of a process: without memory for them it dies with a message.
 */
#include "proto/base/loop.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>
#include <zmq.h>

#include "proto/base/clock.h"

#define TICK_MOST_MS CLOCK_MINUTE
#define GROW_BY 8

struct loop_item {
	void *socket;		/* NULL: `fd` counts */
	int fd, events;
	loop_fn *fn;		/* NULL: removed, to be freed between two rounds */
	void *arg;
};

struct tick {
	loop_tick_fn *fn;
	void *arg;
	int64_t due_ms;		/* on the monotonic clock */
};

struct bell {
	struct bell *next;
	loop_fn *fn;
	void *arg;
	int fd;
};

struct loop {
	struct loop_item **items;
	size_t n_items, items_cap;
	zmq_pollitem_t *polled;		/* as the last poll left it; `ready` names the items in the same order */
	struct loop_item **ready;
	size_t polled_cap;
	struct tick *ticks;
	size_t n_ticks, ticks_cap;
	struct bell *bells;
	bool stopping;
	int signal_fd;			/* -1: no signals are caught */
	sigset_t old_mask;
	void (*on_hup)(void *arg);
	void *hup_arg;
};

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "loop: no %s left for a part of this process\n", what);
	_exit(EX_OSERR);
}

static void *
grown(void *array, size_t n, size_t each)
{
	void *p = reallocarray(array, n, each);

	if (p == NULL)
		die("memory");
	return p;
}

enum err
loop_new(struct loop **ret_loop)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	*ret_loop = loop;
	if (loop == NULL)
		return ERR_NOMEM;
	loop->signal_fd = -1;
	return OK;
}

void
loop_free(struct loop *loop)
{
	size_t i;

	if (loop == NULL)
		return;
	while (loop->bells != NULL) {
		struct bell *bell = loop->bells;

		loop->bells = bell->next;
		close(bell->fd);
		free(bell);
	}
	if (loop->signal_fd >= 0) {
		close(loop->signal_fd);
		pthread_sigmask(SIG_SETMASK, &loop->old_mask, NULL);
	}
	for (i = 0; i < loop->n_items; i++)
		free(loop->items[i]);
	free(loop->items);
	free(loop->polled);
	free(loop->ready);
	free(loop->ticks);
	free(loop);
}

/* -- items -- */

static struct loop_item *
add_item(struct loop *loop, const struct loop_item *what)
{
	struct loop_item *item = grown(NULL, 1, sizeof(*item));

	assert(what->fn != NULL && (what->events & ~(LOOP_IN | LOOP_OUT)) == 0);
	*item = *what;
	if (loop->n_items == loop->items_cap) {
		loop->items_cap += GROW_BY;
		loop->items = grown(loop->items, loop->items_cap, sizeof(struct loop_item *));
	}
	loop->items[loop->n_items++] = item;
	return item;
}

struct loop_item *
loop_add_socket(struct loop *loop, void *zmq_socket, int events, loop_fn *fn, void *arg)
{
	assert(zmq_socket != NULL);
	return add_item(loop, &(struct loop_item){ .socket = zmq_socket, .fd = -1, .events = events, .fn = fn,
						   .arg = arg });
}

struct loop_item *
loop_add_fd(struct loop *loop, int fd, int events, loop_fn *fn, void *arg)
{
	assert(fd >= 0);
	return add_item(loop, &(struct loop_item){ .fd = fd, .events = events, .fn = fn, .arg = arg });
}

void
loop_set_events(struct loop_item *item, int events)
{
	assert((events & ~(LOOP_IN | LOOP_OUT)) == 0);
	item->events = events;
}

/* Only marked: the round that runs now may still have it in `ready`. */
void
loop_del(struct loop *loop, struct loop_item *item)
{
	(void)loop;
	if (item != NULL)
		item->fn = NULL;
}

static void
sweep(struct loop *loop)
{
	size_t i, kept = 0;

	for (i = 0; i < loop->n_items; i++) {
		if (loop->items[i]->fn != NULL)
			loop->items[kept++] = loop->items[i];
		else
			free(loop->items[i]);
	}
	loop->n_items = kept;
}

/* -- ticks -- */

void
loop_add_tick(struct loop *loop, loop_tick_fn *fn, void *arg)
{
	if (loop->n_ticks == loop->ticks_cap) {
		loop->ticks_cap += GROW_BY;
		loop->ticks = grown(loop->ticks, loop->ticks_cap, sizeof(*loop->ticks));
	}
	loop->ticks[loop->n_ticks++] = (struct tick){ .fn = fn, .arg = arg, .due_ms = INT64_MIN };
}

void
loop_tick_now(struct loop *loop, void *arg)
{
	size_t i;

	for (i = 0; i < loop->n_ticks; i++)
		if (loop->ticks[i].arg == arg)
			loop->ticks[i].due_ms = INT64_MIN;
}

/* A tick may add ticks and ask for itself again: hence the index, and the look at what it left in due_ms. */
static void
run_ticks(struct loop *loop)
{
	int64_t wait_ms, next_ms;
	size_t i;

	for (i = 0; i < loop->n_ticks && !loop->stopping; i++) {
		if (loop->ticks[i].due_ms > clock_mono_ms())
			continue;
		loop->ticks[i].due_ms = INT64_MAX;
		wait_ms = loop->ticks[i].fn(loop->ticks[i].arg);
		wait_ms = wait_ms < 0 ? 0 : wait_ms > TICK_MOST_MS ? TICK_MOST_MS : wait_ms;
		next_ms = clock_mono_ms() + wait_ms;
		if (loop->ticks[i].due_ms > next_ms)
			loop->ticks[i].due_ms = next_ms;
	}
}

/* How long the poll may sleep: -1 for as long as nothing comes. */
static long
sleep_ms(const struct loop *loop)
{
	int64_t now_ms = clock_mono_ms(), due_ms = INT64_MAX;
	size_t i;

	for (i = 0; i < loop->n_ticks; i++)
		if (loop->ticks[i].due_ms < due_ms)
			due_ms = loop->ticks[i].due_ms;
	if (due_ms == INT64_MAX)
		return -1;
	return due_ms > now_ms ? (long)(due_ms - now_ms) : 0;
}

/* -- rounds -- */

/* Make the poll array. Who wants no events is left out: a hung-up descriptor would wake the poll for ever. */
static size_t
collect(struct loop *loop)
{
	size_t i, n = 0;

	if (loop->polled_cap < loop->n_items) {
		loop->polled_cap = loop->n_items;
		loop->polled = grown(loop->polled, loop->polled_cap, sizeof(*loop->polled));
		loop->ready = grown(loop->ready, loop->polled_cap, sizeof(struct loop_item *));
	}
	for (i = 0; i < loop->n_items; i++) {
		struct loop_item *item = loop->items[i];
		int events = (item->events & LOOP_IN ? ZMQ_POLLIN : 0) | (item->events & LOOP_OUT ? ZMQ_POLLOUT : 0);

		if (events == 0)
			continue;
		loop->polled[n] = (zmq_pollitem_t){ .socket = item->socket, .fd = item->fd, .events = (short)events };
		loop->ready[n++] = item;
	}
	return n;
}

static void
run_handlers(struct loop *loop, size_t n)
{
	size_t i;

	for (i = 0; i < n && !loop->stopping; i++) {
		struct loop_item *item = loop->ready[i];
		int got = loop->polled[i].revents, events = 0;

		if (got & ZMQ_POLLIN)
			events |= LOOP_IN;
		if (got & ZMQ_POLLOUT)
			events |= LOOP_OUT;
		if (got & ZMQ_POLLERR)	/* its next read or write will say what it is */
			events |= LOOP_IN | LOOP_OUT;
		events &= item->events;	/* an earlier handler may have changed its mind */
		if (events != 0 && item->fn != NULL)
			item->fn(item->arg, events);
	}
}

void
loop_run(struct loop *loop)
{
	while (!loop->stopping) {
		size_t n;
		int rc;

		sweep(loop);
		n = collect(loop);
		rc = zmq_poll(loop->polled, (int)n, sleep_ms(loop));
		assert(rc >= 0 || errno == EINTR);	/* else a socket was closed before loop_del */
		if (rc > 0)
			run_handlers(loop, n);
		run_ticks(loop);
	}
	loop->stopping = false;
}

void
loop_stop(struct loop *loop)
{
	loop->stopping = true;
}

/* -- signals -- */

static void
on_signal(void *arg, int events)
{
	struct loop *loop = arg;
	struct signalfd_siginfo info;

	(void)events;
	while (read(loop->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo != SIGHUP)
			loop_stop(loop);
		else if (loop->on_hup != NULL)
			loop->on_hup(loop->hup_arg);
	}
}

enum err
loop_catch_signals(struct loop *loop, void (*on_hup)(void *arg), void *arg)
{
	sigset_t mask;

	assert(loop->signal_fd < 0);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGHUP);
	loop->signal_fd = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
	if (loop->signal_fd < 0)
		return ERR_SYSTEM;
	loop->on_hup = on_hup;
	loop->hup_arg = arg;
	pthread_sigmask(SIG_BLOCK, &mask, &loop->old_mask);
	loop_add_fd(loop, loop->signal_fd, LOOP_IN, on_signal, loop);
	return OK;
}

/* -- bells -- */

static void
on_bell(void *arg, int events)
{
	struct bell *bell = arg;
	uint64_t rings;

	if (read(bell->fd, &rings, sizeof(rings)) == (ssize_t)sizeof(rings))
		bell->fn(bell->arg, events);
}

struct bell *
loop_add_bell(struct loop *loop, loop_fn *fn, void *arg)
{
	struct bell *bell = grown(NULL, 1, sizeof(*bell));

	*bell = (struct bell){ .next = loop->bells, .fn = fn, .arg = arg };
	bell->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (bell->fd < 0)
		die("descriptor");
	loop_add_fd(loop, bell->fd, LOOP_IN, on_bell, bell);
	loop->bells = bell;
	return bell;
}

void
bell_ring(struct bell *bell)
{
	uint64_t one = 1;

	/* EAGAIN: it has been rung 2^64 - 2 times and is heard as well */
	while (write(bell->fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}
