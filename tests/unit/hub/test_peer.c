/* SPDX-License-Identifier: EUPL-1.2 */
/* The rules for libzmq at the hub's ROUTER (PROTOCOL.md 6), with real sockets in one process; covers zap.c as well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

#include "hub/peer.h"
#include "proto/base/arena.h"
#include "proto/base/clock.h"
#include "proto/frame.h"

#define IPC "ipc://"

struct place {
	struct loop *loop;
	struct peer *peer;
	struct key *hub, *friend, *stranger;
	void *context;
	char endpoint[114];	/* a socket's path has 108 at most */
	/* what came */
	unsigned frames;
	uint64_t conn;
	char agency[80], text[16];
	int64_t until_ms;
};

static enum zap_verdict
who(void *arg, const uint8_t key[32], const char *address, const char **ret_agency)
{
	struct place *p = arg;

	(void)address;
	*ret_agency = "friend";
	return memcmp(key, key_public(p->friend)->b, KEY_LEN) == 0 ? ZAP_YES : ZAP_NEVER;
}

static void
on_frame(void *arg, uint64_t conn, const char *agency, struct span frame)
{
	struct place *p = arg;

	p->frames++;
	p->conn = conn;
	snprintf(p->agency, sizeof(p->agency), "%s", agency);
	snprintf(p->text, sizeof(p->text), "%.*s", (int)frame.n, (const char *)frame.p);
}

static void
on_drained(void *arg)
{
	(void)arg;
}

static bool
may_take(void *arg)
{
	(void)arg;
	return true;
}

static int64_t
tick(void *arg)
{
	struct place *p = arg;

	if (p->frames > 0 || clock_mono_ms() > p->until_ms)
		loop_stop(p->loop);
	return 10;
}

static int
set_up(void **state)
{
	static const char *listen[1];
	struct place *p = calloc(1, sizeof(*p));
	struct hub_config c = { .listen = listen, .n_listen = 1 };
	struct peer_options o = {
		.config = &c, .arg = p, .who = who, .on_frame = on_frame, .on_drained = on_drained, .may_take = may_take,
	};
	const char *dir = getenv("TMPDIR");
	struct why why;

	snprintf(p->endpoint, sizeof(p->endpoint), IPC "%s/nasoka-peer-%ld", dir ? dir : "/tmp", (long)getpid());
	listen[0] = p->endpoint;
	c.transport.handshake_ms = 3000;
	c.transport.heartbeat_ms = 5000;
	c.transport.heartbeat_timeout_ms = c.transport.heartbeat_ttl_ms = 15000;
	c.transport.backlog = 16;
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

static int
tear_down(void **state)
{
	struct place *p = *state;

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

static void *
dealer(struct place *p, const struct key *key, const char *id)
{
	void *s = zmq_socket(p->context, ZMQ_DEALER);
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

static void
wait_a_little(struct place *p, int64_t ms)
{
	p->until_ms = clock_mono_ms() + ms;
	loop_tick_now(p->loop, p);
	loop_run(p->loop);
}

/* A frame's owner is the agency of its CURVE key, and the way back leads to its connection. */
static void
frame_has_its_agency(void **state)
{
	struct place *p = *state;
	void *s = dealer(p, p->friend, NULL);
	char back[8] = "";
	int wait = 2000;

	assert_int_equal(zmq_send(s, "hello", 5, 0), 5);
	wait_a_little(p, 5000);
	assert_int_equal(p->frames, 1);
	assert_string_equal(p->agency, "friend");
	assert_string_equal(p->text, "hello");
	assert_int_equal(peer_send(p->peer, p->conn, SPAN_LIT("back")), OK);
	zmq_setsockopt(s, ZMQ_RCVTIMEO, &wait, sizeof(wait));
	assert_int_equal(zmq_recv(s, back, sizeof(back), 0), 4);
	assert_int_equal(peer_send(p->peer, p->conn + 1000, SPAN_LIT("x")), ERR_PEER_DOWN);
	zmq_close(s);
}

/* A key that nobody knows gets no frame through. */
static void
stranger_stays_out(void **state)
{
	struct place *p = *state;
	void *s = dealer(p, p->stranger, NULL);

	zmq_send(s, "hello", 5, ZMQ_DONTWAIT);
	wait_a_little(p, 700);
	assert_int_equal(p->frames, 0);
	zmq_close(s);
}

/* Without CURVE nobody gets in. */
static void
plain_stays_out(void **state)
{
	struct place *p = *state;
	void *s = zmq_socket(p->context, ZMQ_DEALER);
	int linger = 0;

	zmq_setsockopt(s, ZMQ_LINGER, &linger, sizeof(linger));
	assert_int_equal(zmq_connect(s, p->endpoint), 0);
	zmq_send(s, "hello", 5, ZMQ_DONTWAIT);
	wait_a_little(p, 700);
	assert_int_equal(p->frames, 0);
	zmq_close(s);
}

/* A peer that names itself is not heard. */
static void
own_id_is_dropped(void **state)
{
	struct place *p = *state;
	void *s = dealer(p, p->friend, "mine");

	assert_int_equal(zmq_send(s, "hello", 5, 0), 5);
	wait_a_little(p, 700);
	assert_int_equal(p->frames, 0);
	zmq_close(s);
}

/* A message of more than one frame is dropped whole, and the next one is heard. */
static void
many_frames_are_dropped(void **state)
{
	struct place *p = *state;
	void *s = dealer(p, p->friend, NULL);

	for (int i = 0; i < 20; i++)
		zmq_send(s, "part", 4, i < 19 ? ZMQ_SNDMORE : 0);
	assert_int_equal(zmq_send(s, "whole", 5, 0), 5);
	wait_a_little(p, 5000);
	assert_int_equal(p->frames, 1);
	assert_string_equal(p->text, "whole");
	zmq_close(s);
}

/* A frame above the limit ends that connection and nothing else. */
static void
large_frame_is_dropped(void **state)
{
	struct place *p = *state;
	void *s = dealer(p, p->friend, NULL), *other = dealer(p, p->friend, NULL);
	void *large = calloc(1, FRAME_MAX + 4096);

	zmq_send(s, large, FRAME_MAX + 4096, 0);
	wait_a_little(p, 700);
	assert_int_equal(p->frames, 0);
	assert_int_equal(zmq_send(other, "fine", 4, 0), 4);
	wait_a_little(p, 5000);
	assert_string_equal(p->text, "fine");
	free(large);
	zmq_close(s);
	zmq_close(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(frame_has_its_agency), TEST(stranger_stays_out), TEST(plain_stays_out), TEST(own_id_is_dropped),
		TEST(many_frames_are_dropped), TEST(large_frame_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
