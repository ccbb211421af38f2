/* SPDX-License-Identifier: EUPL-1.2 */
/* uplink - libzmq never tries again after a refusal, and says what happened on its monitor socket only.
 *
 * So libzmq's own reconnecting is off: a socket lives for one connection. It is watched through its monitor, a deadline
 * and the hub's silence, and when it ends in any way it is closed and the next hub's turn comes. Invariants: `socket` and `monitor` both stand or
 * are both NULL; while they are NULL, `due_ms` says when the next ones are made; on_up and on_down alternate.
 */
#include "adapters/core/uplink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <zmq.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/frame.h"

#define DRAIN_MAX 16			/* frames a call: each may be answered by three, which WAITING_MAX must hold */
#define WAITING_MAX 64			/* frames in each direction inside libzmq */
#define LOOKS 5				/* for silence, in the time that is too much */
#define KEEPALIVE_IDLE_S 30
#define KEEPALIVE_EACH_S 10
#define KEEPALIVE_TRIES 3
#define MONITORED (ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |           \
		   ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |          \
		   ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED)

struct uplink {
	struct uplink_options o;
	struct loop *loop;
	void *context, *socket, *monitor;
	struct loop_item *socket_item, *monitor_item;
	unsigned n_made;		/* names the monitor's endpoint */
	size_t hub;			/* whose turn it is */
	int64_t pause_ms;		/* after the next round without success */
	int64_t heard_ms, watched_ms;	/* a frame of the hub; our own last look for one */
	int64_t due_ms;			/* monotonic: the next socket, or the end of this handshake; 0: nothing is due */
	bool is_up, is_told_down, is_drop_asked;
};

static void on_socket(void *arg, int events);
static void on_monitor(void *arg, int events);

/* -- one socket -- */

static bool
set_int(void *socket, int option, int64_t value)
{
	int v = (int)value;

	return zmq_setsockopt(socket, option, &v, sizeof(v)) == 0;
}

/* No heartbeats of libzmq's: with a full pipe and a hub that goes, its timer ends the process (hub/DESIGN.md has the rules). */
static bool
set_options(struct uplink *u, void *s)
{
	int64_t most = FRAME_WIRE_MAX;
	bool is_set = set_int(s, ZMQ_LINGER, 0) && set_int(s, ZMQ_IMMEDIATE, 1) && set_int(s, ZMQ_IPV6, 1) &&
	       set_int(s, ZMQ_RECONNECT_IVL, -1) && set_int(s, ZMQ_CONNECT_TIMEOUT, u->o.handshake_ms) &&
	       set_int(s, ZMQ_HANDSHAKE_IVL, u->o.handshake_ms) && set_int(s, ZMQ_SNDHWM, WAITING_MAX) &&
	       set_int(s, ZMQ_RCVHWM, WAITING_MAX) && set_int(s, ZMQ_HEARTBEAT_IVL, 0) && set_int(s, ZMQ_TCP_KEEPALIVE, 1) &&
	       set_int(s, ZMQ_TCP_KEEPALIVE_IDLE, KEEPALIVE_IDLE_S) &&
	       set_int(s, ZMQ_TCP_KEEPALIVE_INTVL, KEEPALIVE_EACH_S) &&
	       set_int(s, ZMQ_TCP_KEEPALIVE_CNT, KEEPALIVE_TRIES);

	return is_set && zmq_setsockopt(s, ZMQ_MAXMSGSIZE, &most, sizeof(most)) == 0 &&
	       zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY, u->o.hub_key.b, KEY_LEN) == 0 &&
	       zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY, key_public(u->o.transport)->b, KEY_LEN) == 0 &&
	       zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, key_secret(u->o.transport), KEY_LEN) == 0;
}

static bool
watch(struct uplink *u, void *socket)
{
	char name[48];

	snprintf(name, sizeof(name), "inproc://uplink-monitor-%u", ++u->n_made);
	if (zmq_socket_monitor(socket, name, MONITORED) < 0)
		return false;
	u->monitor = zmq_socket(u->context, ZMQ_PAIR);
	return u->monitor && set_int(u->monitor, ZMQ_LINGER, 0) && zmq_connect(u->monitor, name) == 0;
}

static void
close_socket(struct uplink *u)
{
	loop_del(u->loop, u->socket_item);
	loop_del(u->loop, u->monitor_item);
	u->socket_item = u->monitor_item = NULL;
	if (u->socket) {
		zmq_socket_monitor(u->socket, NULL, 0);
		zmq_close(u->socket);
	}
	if (u->monitor)
		zmq_close(u->monitor);
	u->socket = u->monitor = NULL;
}

/* False: this endpoint cannot even be tried (a name that does not parse, no descriptors). */
static bool
open_socket(struct uplink *u)
{
	u->socket = zmq_socket(u->context, ZMQ_DEALER);
	if (!u->socket || !set_options(u, u->socket) || !watch(u, u->socket) ||
	    zmq_connect(u->socket, u->o.hubs[u->hub]) < 0) {
		close_socket(u);
		return false;
	}
	u->socket_item = loop_add_socket(u->loop, u->socket, LOOP_IN, on_socket, u);
	u->monitor_item = loop_add_socket(u->loop, u->monitor, LOOP_IN, on_monitor, u);
	return true;
}

/* -- from one to the next -- */

/* Half of it sure, half by chance: a hub that comes back is not met by all its agencies in the same instant. */
static int64_t
with_jitter(int64_t ms)
{
	uint32_t r = 0;

	if (getrandom(&r, sizeof(r), GRND_NONBLOCK) != (ssize_t)sizeof(r))
		r = (uint32_t)clock_mono_ms() * 2654435761u;
	return ms / 2 + (int64_t)(r % (uint64_t)(ms / 2 + 1));
}

static void
plan_next(struct uplink *u, bool was_up)
{
	int64_t wait_ms = u->o.reconnect_min_ms;

	if (was_up) {
		u->hub = 0;
	} else if (++u->hub == u->o.n_hubs) {
		u->hub = 0;
		wait_ms = u->pause_ms;
		u->pause_ms = wait_ms < u->o.reconnect_max_ms / 2 ? 2 * wait_ms : u->o.reconnect_max_ms;
	}
	u->due_ms = clock_mono_ms() + with_jitter(wait_ms);
	loop_tick_now(u->loop, u);
}

/* The connection ended, or never came to be. Said once in the log until it stands again. */
static void
fall(struct uplink *u, const char *reason)
{
	bool was_up = u->is_up;

	if (!u->is_told_down)
		log_event(LOG_UPLINK_DOWN, "hub=%s reason=%s", u->o.hubs[u->hub], reason);
	u->is_told_down = true;
	u->is_up = false;
	close_socket(u);
	plan_next(u, was_up);
	if (was_up)
		u->o.on_down(u->o.arg);
}

/* What a callback answered. False: this socket is read no more. */
static bool
goes_on(struct uplink *u, enum err e)
{
	if (e == OK)
		return u->socket != NULL;
	if (err_is_fatal(e))
		u->o.on_fatal(u->o.arg, e);
	else
		fall(u, err_code(e));
	return false;
}

static void
rise(struct uplink *u)
{
	u->is_up = true;
	u->is_told_down = false;
	u->due_ms = 0;
	u->heard_ms = u->watched_ms = clock_mono_ms();
	loop_tick_now(u->loop, u);
	(void)goes_on(u, u->o.on_up(u->o.arg));
}

/* -- events -- */

/* An event is two frames: number and value, then the endpoint. 0: none is there. */
static unsigned
read_event(void *monitor)
{
	uint8_t head[6], rest[256];
	uint16_t event;
	int n = zmq_recv(monitor, head, sizeof(head), ZMQ_DONTWAIT);

	if (n != (int)sizeof(head))
		return 0;
	if (zmq_recv(monitor, rest, sizeof(rest), ZMQ_DONTWAIT) < 0)
		return 0;
	memcpy(&event, head, sizeof(event));	/* in this machine's order */
	return event;
}

static void
on_monitor(void *arg, int events)
{
	struct uplink *u = arg;
	unsigned event;

	(void)events;
	while (u->monitor && (event = read_event(u->monitor)) != 0) {
		if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
			rise(u);
		else if (event == ZMQ_EVENT_DISCONNECTED)
			fall(u, u->is_up ? "disconnected" : "refused");
		else
			fall(u, event == ZMQ_EVENT_CLOSED ? "unreachable" : "handshake");
	}
}

/* Give one message's frame to the adapter. False: stop reading. */
static bool
take_frame(struct uplink *u, zmq_msg_t *msg)
{
	if (zmq_msg_more(msg)) {	/* its other parts go with the socket */
		fall(u, "multipart");
		return false;
	}
	u->heard_ms = clock_mono_ms();
	u->pause_ms = u->o.reconnect_min_ms;	/* a hub that answers is a hub: only now forget the failures */
	return goes_on(u, u->o.on_frame(u->o.arg, SPAN(zmq_msg_data(msg), zmq_msg_size(msg))));
}

static void
on_socket(void *arg, int events)
{
	struct uplink *u = arg;
	bool is_on = true;
	int i;

	(void)events;
	if (!u->is_up)		/* the monitor's event comes first, in this round or the next */
		return;
	for (i = 0; i < DRAIN_MAX && is_on; i++) {
		zmq_msg_t msg;

		zmq_msg_init(&msg);
		is_on = zmq_msg_recv(&msg, u->socket, ZMQ_DONTWAIT) >= 0 && take_frame(u, &msg);
		zmq_msg_close(&msg);
	}
}

/* A hub says something every few seconds. While this process stood still nobody was silent: what came then waits to be read.
 * Gives the ms to the next look.
 */
static int64_t
watch_silence(struct uplink *u, int64_t now_ms)
{
	int64_t each = u->o.silent_ms / LOOKS;

	if (now_ms - u->watched_ms > 2 * each)
		u->heard_ms = now_ms;
	u->watched_ms = now_ms;
	if (now_ms - u->heard_ms < u->o.silent_ms)
		return each;
	fall(u, "silent");
	return u->due_ms > now_ms ? u->due_ms - now_ms : 0;
}

static int64_t
on_tick(void *arg)
{
	struct uplink *u = arg;
	int64_t now_ms = clock_mono_ms();

	if (u->is_drop_asked && u->socket)
		fall(u, "dropped");
	u->is_drop_asked = false;
	if (u->due_ms == 0)
		return watch_silence(u, now_ms);
	if (u->due_ms > now_ms)
		return u->due_ms - now_ms;
	if (u->socket) {
		fall(u, "timeout");
	} else if (open_socket(u)) {
		/* libzmq has a time for each part; this is for what it forgets */
		u->due_ms = now_ms + 2 * u->o.handshake_ms + CLOCK_SECOND;
	} else {
		fall(u, "endpoint");
	}
	return u->due_ms > now_ms ? u->due_ms - now_ms : 0;
}

/* -- public -- */

enum err
uplink_open(const struct uplink_options *options, struct loop *loop, struct uplink **ret_uplink)
{
	struct uplink *u = calloc(1, sizeof(*u));

	*ret_uplink = NULL;
	if (!u)
		return ERR_NOMEM;
	u->o = *options;
	u->loop = loop;
	u->pause_ms = u->o.reconnect_min_ms;
	u->due_ms = clock_mono_ms();
	u->context = zmq_ctx_new();
	if (!u->context) {
		free(u);
		return ERR_SYSTEM;
	}
	loop_add_tick(loop, on_tick, u);
	*ret_uplink = u;
	return OK;
}

void
uplink_close(struct uplink *u)
{
	if (!u)
		return;
	close_socket(u);
	while (zmq_ctx_term(u->context) < 0 && errno == EINTR)
		;
	free(u);
}

enum err
uplink_send(struct uplink *u, struct span frame)
{
	if (frame.n > FRAME_MAX)
		return ERR_TOOBIG;
	if (!u->is_up)
		return ERR_BUSY;
	return zmq_send(u->socket, frame.p, frame.n, ZMQ_DONTWAIT) < 0 ? ERR_BUSY : OK;
}

void
uplink_set_hub_key(struct uplink *u, const struct public_key *key)
{
	u->o.hub_key = *key;
}

void
uplink_drop(struct uplink *u)
{
	u->is_drop_asked = true;
	loop_tick_now(u->loop, u);
}

bool
uplink_is_up(const struct uplink *u)
{
	return u->is_up;
}
