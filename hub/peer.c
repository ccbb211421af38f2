/* SPDX-License-Identifier: EUPL-1.2 */
/* peer - see the table of libzmq's rules in PROTOCOL.md 6; each option below is one of them. */
#include "hub/peer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <zmq.h>

#include "proto/directory.h"
#include "proto/frame.h"

#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93	/* in 4.3.4's library, and among the drafts of its header */
#endif

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
};

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

static bool
set_options(void *s, const struct hub_config *c, const struct key *transport)
{
	int64_t max = FRAME_MAX;

	return set_int(s, ZMQ_LINGER, 0) && set_int(s, ZMQ_ROUTER_HANDOVER, 0) && set_int(s, ZMQ_ROUTER_MANDATORY, 1) &&
	       zmq_setsockopt(s, ZMQ_MAXMSGSIZE, &max, sizeof(max)) == 0 && set_int(s, ZMQ_RCVHWM, RCV_HWM) &&
	       set_int(s, ZMQ_SNDHWM, SND_HWM) && set_int(s, ZMQ_HANDSHAKE_IVL, c->transport.handshake_ms) &&
	       set_int(s, ZMQ_HEARTBEAT_IVL, c->transport.heartbeat_ms) &&
	       set_int(s, ZMQ_HEARTBEAT_TIMEOUT, c->transport.heartbeat_timeout_ms) &&
	       set_int(s, ZMQ_HEARTBEAT_TTL, c->transport.heartbeat_ttl_ms) && set_int(s, ZMQ_TCP_KEEPALIVE, 1) &&
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
	if ((peer->context = zmq_ctx_new()) == NULL ||
	    (e = zap_open(peer->context, options->loop, options->who, options->arg, &peer->zap)) != OK) {
		(void)why_set(why, e, "zap", "the handler cannot be bound");
		goto out;
	}
	e = ERR_SYSTEM;
	if (!seed_ids() || (peer->router = zmq_socket(peer->context, ZMQ_ROUTER)) == NULL ||
	    !set_options(peer->router, options->config, options->transport)) {
		(void)why_set(why, e, "router", "%s", zmq_strerror(errno));
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
	if (peer->router)
		zmq_close(peer->router);
	zap_close(peer->zap);
	if (peer->context)
		zmq_ctx_term(peer->context);
	free(peer);
}
