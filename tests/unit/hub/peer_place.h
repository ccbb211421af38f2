/* SPDX-License-Identifier: EUPL-1.2 */
/* peer_place - the hub's ROUTER on a socket of its own, one agency that it knows, one stranger, and dealers that connect to it: what
 * the tests of the rules for libzmq stand on (PROTOCOL.md 6), with real sockets in one process.
 */
#ifndef PEER_PLACE_H
#define PEER_PLACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zmq.h>

#include "hub/peer.h"
#include "proto/base/clock.h"

#define IPC "ipc://"
#define PER_AGENCY 6
#define SILENT_MS 1500
#define SOCKETS_MAX 64

static uint32_t per_agency = PER_AGENCY;

struct place {
	struct loop *loop;
	struct peer *peer;
	struct key *hub, *friend, *stranger;
	void *context;
	void *sockets[SOCKETS_MAX];	/* that are open: one that a failed test leaves would keep its context from ending */
	char endpoint[114];	/* a socket's path has 108 at most */
	/* what came */
	unsigned frames;
	uint64_t conn;
	char agency[80], text[16];
	int64_t until_ms;
	bool is_full;		/* no frame is taken */
};

static inline enum zap_verdict
who(void *arg, const uint8_t key[32], const char *address, const char **ret_agency)
{
	struct place *p = arg;

	(void)address;
	*ret_agency = "friend";
	return memcmp(key, key_public(p->friend)->b, KEY_LEN) == 0 ? ZAP_YES : ZAP_NEVER;
}

static inline void
on_frame(void *arg, uint64_t conn, const char *agency, struct span frame)
{
	struct place *p = arg;

	p->frames++;
	p->conn = conn;
	snprintf(p->agency, sizeof(p->agency), "%s", agency);
	snprintf(p->text, sizeof(p->text), "%.*s", (int)frame.n, (const char *)frame.p);
}

static inline void
on_drained(void *arg)
{
	(void)arg;
}

static inline bool
may_take(void *arg)
{
	return !((struct place *)arg)->is_full;
}

static inline int64_t
tick(void *arg)
{
	struct place *p = arg;

	if (p->frames > 0 || clock_mono_ms() > p->until_ms)
		loop_stop(p->loop);
	return 10;
}

static inline void
configure(struct hub_config *c)
{
	c->transport.handshake_ms = 800;
	c->transport.backlog = 16;
	c->transport.max_peers = 64;
	c->transport.max_per_agency = per_agency;
	c->transport.silent_ms = SILENT_MS;
}

static inline void
name_endpoint(char *to, size_t n)
{
	const char *dir = getenv("TMPDIR");
	static unsigned count;

	snprintf(to, n, IPC "%s/nasoka-peer-%ld-%u", dir ? dir : "/tmp", (long)getpid(), count++);
}

static inline int
set_up(void **state)
{
	static const char *listen[1];
	struct place *p = calloc(1, sizeof(*p));
	struct hub_config c = { .listen = listen, .n_listen = 1 };
	struct peer_options o = {
		.config = &c, .arg = p, .who = who, .on_frame = on_frame, .on_drained = on_drained, .may_take = may_take,
	};
	struct why why;

	name_endpoint(p->endpoint, sizeof(p->endpoint));
	listen[0] = p->endpoint;
	configure(&c);
	assert_int_equal(loop_new(&p->loop), OK);
	assert_int_equal(key_make(KEY_TRANSPORT, &p->hub), OK);
	assert_int_equal(key_make(KEY_TRANSPORT, &p->friend), OK);
	assert_int_equal(key_make(KEY_TRANSPORT, &p->stranger), OK);
	o.loop = p->loop;
	o.transport = p->hub;
	assert_int_equal(peer_open(&o, &p->peer, &why), OK);
	loop_add_tick(p->loop, tick, p);
	p->context = zmq_ctx_new();
	*state = p;
	return 0;
}

static inline int
tear_down(void **state)
{
	struct place *p = *state;

	for (size_t i = 0; i < SOCKETS_MAX; i++)
		if (p->sockets[i])
			zmq_close(p->sockets[i]);
	zmq_ctx_term(p->context);
	peer_close(p->peer);
	loop_free(p->loop);
	key_free(p->hub);
	key_free(p->friend);
	key_free(p->stranger);
	unlink(p->endpoint + strlen(IPC));	/* libzmq leaves it */
	free(p);
	return 0;
}

static inline void *
place_socket(struct place *p, int type)
{
	size_t i = 0;

	while (i < SOCKETS_MAX && p->sockets[i])
		i++;
	assert_true(i < SOCKETS_MAX);
	p->sockets[i] = zmq_socket(p->context, type);
	return p->sockets[i];
}

static inline void
place_close(struct place *p, void *socket)
{
	for (size_t i = 0; i < SOCKETS_MAX; i++)
		if (p->sockets[i] == socket)
			p->sockets[i] = NULL;
	zmq_close(socket);
}

static inline void *
dealer(struct place *p, const struct key *key, const char *id)
{
	void *s = place_socket(p, ZMQ_DEALER);
	int linger = 0;

	zmq_setsockopt(s, ZMQ_LINGER, &linger, sizeof(linger));
	zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY, key_public(p->hub)->b, KEY_LEN);
	zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY, key_public(key)->b, KEY_LEN);
	zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, key_secret(key), KEY_LEN);
	if (id)
		zmq_setsockopt(s, ZMQ_ROUTING_ID, id, strlen(id));
	assert_int_equal(zmq_connect(s, p->endpoint), 0);
	return s;
}

/* One that gives up its line when it breaks. */
static inline void *
dealer_not_connected(struct place *p, const struct key *key)
{
	void *s = place_socket(p, ZMQ_DEALER);
	int linger = 0, never = -1, handshake = 2000;

	zmq_setsockopt(s, ZMQ_HANDSHAKE_IVL, &handshake, sizeof(handshake));
	zmq_setsockopt(s, ZMQ_LINGER, &linger, sizeof(linger));
	zmq_setsockopt(s, ZMQ_RECONNECT_IVL, &never, sizeof(never));
	zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY, key_public(p->hub)->b, KEY_LEN);
	zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY, key_public(key)->b, KEY_LEN);
	zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, key_secret(key), KEY_LEN);
	return s;
}

static inline void
wait_a_little(struct place *p, int64_t ms)
{
	p->until_ms = clock_mono_ms() + ms;
	loop_tick_now(p->loop, p);
	loop_run(p->loop);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
