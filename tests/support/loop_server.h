/* SPDX-License-Identifier: EUPL-1.2 */
/* loop_server - the agency's system, to which a door out hands over, in the same thread as the door's loop: a place to listen, and a bound of
 * time on each turn of the loop. What it says is its test's. To be included by one file of a program only, with fake_adapter.h.
 */
#ifndef TEST_LOOP_SERVER_H
#define TEST_LOOP_SERVER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/core/listener.h"
#include "proto/base/clock.h"
#include "proto/base/loop.h"
#include "tests/support/fake_adapter.h"

struct loop_server {
	struct loop *loop;
	int fd;			/* -1: nobody listens any more */
	struct loop_item *item;
	int64_t until_ms;
	bool is_late;
};

static inline int64_t
loop_server_tick(void *arg)
{
	struct loop_server *s = arg;

	s->is_late = clock_mono_ms() > s->until_ms;
	if (s->is_late)
		loop_stop(s->loop);
	return 10;
}

/* `on_accept` is to accept from s->fd. */
static inline void
loop_server_open(struct loop_server *s, void (*on_accept)(void *arg, int events), void *arg)
{
	struct why why = { 0 };

	assert_int_equal(loop_new(&s->loop), OK);
	assert_int_equal(listener_open("127.0.0.1", 0, &s->fd, &why), OK);
	s->item = loop_add_fd(s->loop, s->fd, LOOP_IN, on_accept, arg);
	loop_add_tick(s->loop, loop_server_tick, s);
}

static inline void
loop_server_close(struct loop_server *s)
{
	if (s->fd >= 0)
		close(s->fd);
	loop_free(s->loop);
}

static inline void
loop_server_run(struct loop_server *s, int64_t ms)
{
	s->until_ms = clock_mono_ms() + ms;
	s->is_late = false;
	loop_run(s->loop);
}

/* Turn the loop until the handover that the door has taken ended, once: what became of it. */
static inline enum err
loop_server_until_handed(struct loop_server *s, uint64_t cursor)
{
	loop_server_run(s, 5000);
	assert_false(s->is_late);
	assert_int_equal(fake.n_handed, 1);
	assert_int_equal(fake.cursor, cursor);
	return fake.handed;
}

#endif
