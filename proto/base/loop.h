/* SPDX-License-Identifier: EUPL-1.2 */
/* loop - the reactor: sockets, descriptors, one tick and signals over zmq_poll, level-triggered.
 *
 * One loop per process, one thread. Handlers drain some, never block, then return. Time-driven duty is one function, the
 * tick, which gives the milliseconds to its next call. A handler may remove any item, itself included.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/err.h"

struct loop;
struct loop_item;	/* lives until loop_del */

enum { LOOP_IN = 1, LOOP_OUT = 2 };

typedef void loop_fn(void *arg, int events);
typedef int64_t loop_tick_fn(void *arg);	/* ms to the next tick, at least 0, at most a minute */

/* An error or hang-up of a descriptor comes as the events that were asked for. An item with no events sleeps. After
 * loop_del the socket or descriptor may be closed at once, not before. Adding never fails: without memory the process
 * ends with a message.
 */
enum err loop_new(struct loop **ret_loop) MUST_USE;
void loop_free(struct loop *loop);
struct loop_item *loop_add_socket(struct loop *loop, void *zmq_socket, int events, loop_fn *fn, void *arg);
struct loop_item *loop_add_fd(struct loop *loop, int fd, int events, loop_fn *fn, void *arg);
void loop_set_events(struct loop_item *item, int events);
void loop_del(struct loop *loop, struct loop_item *item);	/* NULL is fine */
/* Several ticks may stand; each is called when its own time has come, first in the next round. */
void loop_add_tick(struct loop *loop, loop_tick_fn *fn, void *arg);
void loop_tick_now(struct loop *loop, void *arg);		/* call the tick of `arg` in this round */
/* SIGTERM and SIGINT stop the loop; SIGHUP calls `on_hup` (NULL: ignored). Through a signalfd: to be
 * called once, before any thread is started, so that all threads inherit the mask.
 */
enum err loop_catch_signals(struct loop *loop, void (*on_hup)(void *arg), void *arg) MUST_USE;
void loop_run(struct loop *loop);		/* until loop_stop; what has not been called in that round is left */
void loop_stop(struct loop *loop);

/* Another thread's door bell: bell_ring may be called by any thread, `fn` runs in the loop's, once for all the rings
 * before it. It lives as long as the loop.
 */
struct bell;
struct bell *loop_add_bell(struct loop *loop, loop_fn *fn, void *arg);
void bell_ring(struct bell *bell);

#endif
