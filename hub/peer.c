/* SPDX-License-Identifier: EUPL-1.2 */
/* peer - see the table of libzmq's rules in PROTOCOL.md 6; each option below is one of them. */
#include "hub/peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <zmq.h>

#include "hub/lines.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/directory.h"
#include "proto/frame.h"

#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93	/* in 4.3.4's library, and among the drafts of its header */
#endif

#define MONITOR_ENDPOINT "inproc://peer-monitor"
#define DRAIN_MAX 64		/* frames a wake-up, then the others have their turn */
#define RCV_HWM 16
#define SND_HWM 128
#define ID_LEN 5		/* libzmq's own routing id: a zero byte and a number */

struct peer {
	struct peer_options o;
	void *context, *router;
	struct zap *zap;
	struct loop_item *item;
	bool is_paused, is_stopped;
	void *monitor;			/* tells of connections that come and go */
	struct loop_item *monitor_item;
	struct lines *lines;
	int64_t silent_ms, watched_ms;
};

/* -- connections -- */

/* An event is two frames: number and value, in the machine's own order; and the endpoint. */
static void
on_monitor(void *arg, int events)
{
	struct peer *peer = arg;
	uint8_t event[6], endpoint[256];
	uint16_t what;
	int32_t fd;

	(void)events;
	while (zmq_recv(peer->monitor, event, sizeof(event), ZMQ_DONTWAIT) == (int)sizeof(event)) {
		(void)zmq_recv(peer->monitor, endpoint, sizeof(endpoint), ZMQ_DONTWAIT);
		memcpy(&what, event, sizeof(what));
		memcpy(&fd, event + sizeof(what), sizeof(fd));
		if (what == ZMQ_EVENT_ACCEPTED)
			lines_open(peer->lines, fd, clock_mono_ms());
		else
			lines_close(peer->lines, fd);
	}
}

/* Whose the key is the directory tells; how many of one agency's connections may stand, we. */
static enum zap_verdict
on_who(void *arg, const uint8_t key[32], const char *address, const char **ret_agency)
{
	struct peer *peer = arg;
	enum zap_verdict v = peer->o.who(peer->o.arg, key, address, ret_agency);

	on_monitor(peer, LOOP_IN);
	if (v != ZAP_YES || lines_admit(peer->lines, *ret_agency, clock_mono_ms()))
		return v;
	log_event(LOG_PEER_REFUSED, "address=%s agency=%s code=%s", address, *ret_agency, err_code(ERR_BUSY));
	return ZAP_LATER;
}

/* libzmq ends no session of its own accord but one that its socket ends. The number may have been given to another connection
 * meanwhile: that one is made again by its adapter; and nothing but a connected socket can be hurt.
 */
static void
end_silent(struct peer *peer)
{
	int64_t now = clock_mono_ms(), since = now - peer->watched_ms;
	int fd;

	on_monitor(peer, LOOP_IN);
	if (since > peer->silent_ms / 2)	/* this process stood still: what they said waits to be read */
		lines_refresh(peer->lines, now);
	peer->watched_ms = now;
	while ((fd = lines_next_silent(peer->lines, clock_mono_ms())) >= 0) {
		log_event(LOG_PEER_SILENT, "fd=%d", fd);
		(void)shutdown(fd, SHUT_RDWR);
	}
}

enum err
peer_watch(struct peer *peer)
{
	end_silent(peer);
	return zap_watch(peer->zap, clock_mono_ms());
}

/* -- in -- */

static bool
conn_of(zmq_msg_t *id, uint64_t *ret_conn)
{
	const uint8_t *p = zmq_msg_data(id);

	if (zmq_msg_size(id) != ID_LEN || p[0] != 0)
		return false;
	*ret_conn = (uint64_t)p[1] << 24 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 8 | p[4];
	return true;
}

/* Frames of a message that has too many: one at a time, none is kept. */
static void
drop_rest(struct peer *peer)
{
	zmq_msg_t rest;
	bool more = true;

	while (more) {
		zmq_msg_init(&rest);
		more = zmq_msg_recv(&rest, peer->router, ZMQ_DONTWAIT) >= 0 && zmq_msg_more(&rest);
		zmq_msg_close(&rest);
	}
}

/* One message off the socket; false when there is none. What is not in order is taken off and dropped. */
static bool
take(struct peer *peer)
{
	zmq_msg_t id, payload;
	const char *agency;
	uint64_t conn = 0;
	bool is_good;

	zmq_msg_init(&id);
	if (zmq_msg_recv(&id, peer->router, ZMQ_DONTWAIT) < 0) {
		zmq_msg_close(&id);
		return false;
	}
	zmq_msg_init(&payload);
	is_good = conn_of(&id, &conn) && zmq_msg_more(&id) && zmq_msg_recv(&payload, peer->router, ZMQ_DONTWAIT) >= 0;
	if (is_good ? zmq_msg_more(&payload) : zmq_msg_more(&id)) {
		is_good = false;
		drop_rest(peer);
	}
	/* only the payload frame carries the property, and only what the handler has answered is in it */
	agency = is_good ? zmq_msg_gets(&payload, "User-Id") : NULL;
	if (agency && agency[0] != '\0')
		lines_heard(peer->lines, zmq_msg_get(&payload, ZMQ_SRCFD), agency, clock_mono_ms());
	if (agency && agency[0] != '\0')
		peer->o.on_frame(peer->o.arg, conn, agency, SPAN(zmq_msg_data(&payload), zmq_msg_size(&payload)));
	zmq_msg_close(&payload);
	zmq_msg_close(&id);
	return true;
}

static void
on_readable(void *arg, int events)
{
	struct peer *peer = arg;
	int n = 0;

	(void)events;
	while (n < DRAIN_MAX) {
		if (!peer->o.may_take(peer->o.arg)) {
			peer->is_paused = true;
			loop_set_events(peer->item, 0);
			break;
		}
		if (!take(peer))
			break;
		n++;
	}
	if (n > 0)
		peer->o.on_drained(peer->o.arg);
}

void
peer_resume(struct peer *peer)
{
	if (!peer->is_paused || peer->is_stopped)
		return;
	peer->is_paused = false;
	loop_set_events(peer->item, LOOP_IN);
}

/* -- out -- */

enum err
peer_send(struct peer *peer, uint64_t conn, struct span frame)
{
	uint8_t id[ID_LEN] = { 0, (uint8_t)(conn >> 24), (uint8_t)(conn >> 16), (uint8_t)(conn >> 8), (uint8_t)conn };

	if (zmq_send(peer->router, id, sizeof(id), ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
		return errno == EAGAIN ? ERR_BUSY : ERR_PEER_DOWN;
	/* with the first frame taken the second one is: the pipe is chosen and has room */
	return zmq_send(peer->router, frame.p, frame.n, ZMQ_DONTWAIT) < 0 ? ERR_PEER_DOWN : OK;
}

/* -- life -- */

static bool
set_int(void *socket, int option, int64_t value)
{
	int v = value > INT32_MAX ? INT32_MAX : (int)value;

	return zmq_setsockopt(socket, option, &v, sizeof(v)) == 0;
}

/* No heartbeats of libzmq's: where input is stopped (a full pipe, a socket that is closing) and the peer goes, 4.3.4 gives up the
 * descriptor, but its timer still writes to it, and aborts. Our own frames say that we live, theirs that they do.
 */
bool
peer_harden(void *s, const struct hub_config *c, const struct key *transport)
{
	int64_t max = FRAME_WIRE_MAX;

	return set_int(s, ZMQ_LINGER, 0) && set_int(s, ZMQ_ROUTER_HANDOVER, 0) && set_int(s, ZMQ_ROUTER_MANDATORY, 1) &&
	       zmq_setsockopt(s, ZMQ_MAXMSGSIZE, &max, sizeof(max)) == 0 && set_int(s, ZMQ_RCVHWM, RCV_HWM) &&
	       set_int(s, ZMQ_SNDHWM, SND_HWM) && set_int(s, ZMQ_HANDSHAKE_IVL, c->transport.handshake_ms) &&
	       set_int(s, ZMQ_HEARTBEAT_IVL, 0) && set_int(s, ZMQ_TCP_KEEPALIVE, 1) &&
	       set_int(s, ZMQ_TCP_KEEPALIVE_IDLE, 60) && set_int(s, ZMQ_TCP_KEEPALIVE_INTVL, 10) &&
	       set_int(s, ZMQ_TCP_KEEPALIVE_CNT, 3) && set_int(s, ZMQ_BACKLOG, c->transport.backlog) &&
	       zmq_setsockopt(s, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN, sizeof(ZAP_DOMAIN) - 1) == 0 &&
	       set_int(s, ZMQ_ZAP_ENFORCE_DOMAIN, 1) && set_int(s, ZMQ_CURVE_SERVER, 1) &&
	       zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, key_secret(transport), KEY_LEN) == 0;
}

/* Routing ids are drawn from rand(): unseeded, a peer could plant the next ones and abort the process. */
static bool
seed_ids(void)
{
	unsigned seed;

	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		return false;
	srand(seed);
	return true;
}

/* Before the first connection can come. The pipe is unbounded: libzmq's own thread would wait for room in it. */
static bool
open_monitor(struct peer *peer)
{
	int linger = 0, hwm = 0;

	return zmq_socket_monitor(peer->router, MONITOR_ENDPOINT, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED) == 0 &&
	       (peer->monitor = zmq_socket(peer->context, ZMQ_PAIR)) != NULL &&
	       zmq_setsockopt(peer->monitor, ZMQ_LINGER, &linger, sizeof(linger)) == 0 &&
	       zmq_setsockopt(peer->monitor, ZMQ_RCVHWM, &hwm, sizeof(hwm)) == 0 &&
	       zmq_connect(peer->monitor, MONITOR_ENDPOINT) == 0 &&
	       (peer->monitor_item = loop_add_socket(peer->o.loop, peer->monitor, LOOP_IN, on_monitor, peer)) != NULL;
}

void
peer_stop(struct peer *peer)
{
	peer->is_stopped = true;
	loop_set_events(peer->item, 0);
	(void)set_int(peer->router, ZMQ_LINGER, PEER_LINGER_MS);
}

enum err
peer_open(const struct peer_options *options, struct peer **ret_peer, struct why *why)
{
	struct peer *peer = calloc(1, sizeof(*peer));
	enum err e = ERR_SYSTEM;

	if (peer == NULL)
		return ERR_NOMEM;
	peer->o = *options;
	peer->lines = lines_new(options->config->transport.max_per_agency, options->config->transport.max_peers,
				options->config->transport.silent_ms);
	peer->silent_ms = options->config->transport.silent_ms;
	if (peer->lines == NULL) {
		free(peer);
		return ERR_NOMEM;
	}
	if ((peer->context = zmq_ctx_new()) == NULL ||
	    (e = zap_open(peer->context, options->loop, on_who, peer, &peer->zap)) != OK) {
		(void)why_set(why, e, "zap", "the handler cannot be bound");
		goto out;
	}
	e = ERR_SYSTEM;
	if (!seed_ids() || (peer->router = zmq_socket(peer->context, ZMQ_ROUTER)) == NULL ||
	    !peer_harden(peer->router, options->config, options->transport)) {
		(void)why_set(why, e, "router", "%s", zmq_strerror(errno));
		goto out;
	}
	if (!open_monitor(peer)) {
		(void)why_set(why, e, "monitor", "%s", zmq_strerror(errno));
		goto out;
	}
	for (size_t i = 0; i < options->config->n_listen; i++) {
		if (zmq_bind(peer->router, options->config->listen[i]) == 0)
			continue;
		(void)why_set(why, e, "listen", "%s: %s", options->config->listen[i], zmq_strerror(errno));
		goto out;
	}
	peer->item = loop_add_socket(options->loop, peer->router, LOOP_IN, on_readable, peer);
	e = peer->item ? OK : ERR_NOMEM;
out:
	if (e == OK)
		*ret_peer = peer;
	else
		peer_close(peer);
	return e;
}

void
peer_close(struct peer *peer)
{
	if (peer == NULL)
		return;
	loop_del(peer->o.loop, peer->item);
	loop_del(peer->o.loop, peer->monitor_item);
	if (peer->router)
		zmq_close(peer->router);
	if (peer->monitor)
		zmq_close(peer->monitor);
	lines_free(peer->lines);
	zap_close(peer->zap);
	if (peer->context)
		zmq_ctx_term(peer->context);
	free(peer);
}
