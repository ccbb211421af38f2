/* SPDX-License-Identifier: EUPL-1.2 */
/* The rules for libzmq at the hub's ROUTER (PROTOCOL.md 6), with real sockets in one process; covers zap.c as well. */
#define _GNU_SOURCE	/* random_r */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "hub/peer.h"
#include "proto/base/arena.h"
#include "proto/base/clock.h"
#include "proto/frame.h"

#define IPC "ipc://"

#define PER_AGENCY 6
#define SILENT_MS 1500

static uint32_t per_agency = PER_AGENCY;

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
	bool is_full;		/* no frame is taken */
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
	return !((struct place *)arg)->is_full;
}

static int64_t
tick(void *arg)
{
	struct place *p = arg;

	if (p->frames > 0 || clock_mono_ms() > p->until_ms)
		loop_stop(p->loop);
	return 10;
}

static void
configure(struct hub_config *c)
{
	c->transport.handshake_ms = 800;
	c->transport.backlog = 16;
	c->transport.max_peers = 64;
	c->transport.max_per_agency = per_agency;
	c->transport.silent_ms = SILENT_MS;
}

static void
name_endpoint(char *to, size_t n)
{
	const char *dir = getenv("TMPDIR");
	static unsigned count;

	snprintf(to, n, IPC "%s/nasoka-peer-%ld-%u", dir ? dir : "/tmp", (long)getpid(), count++);
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

/* A frame of the greatest size comes through, whatever CURVE adds to it; one above the limit ends that connection and nothing else. */
static void
large_frame_is_dropped(void **state)
{
	struct place *p = *state;
	void *s = dealer(p, p->friend, NULL), *other = dealer(p, p->friend, NULL);
	void *large = calloc(1, FRAME_MAX + 4096);

	zmq_send(s, large, FRAME_MAX, 0);
	wait_a_little(p, 5000);
	assert_int_equal(p->frames, 1);
	p->frames = 0;
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

/* -- what the peer hears of its handshake -- */

static void *
watch(struct place *p, void *dealer)
{
	static unsigned n;
	char name[40];
	void *monitor = zmq_socket(p->context, ZMQ_PAIR);
	int linger = 0;

	snprintf(name, sizeof(name), "inproc://watch-%u", n++);
	assert_int_equal(zmq_socket_monitor(dealer, name, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
							    ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
							    ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL), 0);
	zmq_setsockopt(monitor, ZMQ_LINGER, &linger, sizeof(linger));
	assert_int_equal(zmq_connect(monitor, name), 0);
	return monitor;
}

/* The handshake's outcome: 200; 400, which libzmq tells the peer; 300, which is an end without a word (RFC 27). 0: none yet. */
static int
outcome(void *monitor)
{
	uint8_t event[6], endpoint[256];
	uint16_t what;
	int32_t value;

	if (zmq_recv(monitor, event, sizeof(event), ZMQ_DONTWAIT) != (int)sizeof(event))
		return 0;
	(void)zmq_recv(monitor, endpoint, sizeof(endpoint), 0);
	memcpy(&what, event, sizeof(what));
	memcpy(&value, event + sizeof(what), sizeof(value));
	if (what == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
		return 200;
	return what == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH ? value : what == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL ? 300 : -1;
}

static void *
dealer_not_connected(struct place *p, const struct key *key)
{
	void *s = zmq_socket(p->context, ZMQ_DEALER);
	int linger = 0, never = -1, handshake = 2000;

	zmq_setsockopt(s, ZMQ_HANDSHAKE_IVL, &handshake, sizeof(handshake));
	zmq_setsockopt(s, ZMQ_LINGER, &linger, sizeof(linger));
	zmq_setsockopt(s, ZMQ_RECONNECT_IVL, &never, sizeof(never));
	zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY, key_public(p->hub)->b, KEY_LEN);
	zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY, key_public(key)->b, KEY_LEN);
	zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, key_secret(key), KEY_LEN);
	return s;
}

static int
shake_hands(struct place *p, const struct key *key, void **ret_dealer)
{
	void *s = dealer_not_connected(p, key), *monitor = watch(p, s);
	int said = 0;

	assert_int_equal(zmq_connect(s, p->endpoint), 0);
	for (int i = 0; i < 100 && said == 0; i++) {
		wait_a_little(p, 30);
		said = outcome(monitor);
	}
	zmq_socket_monitor(s, NULL, 0);
	zmq_close(monitor);
	if (ret_dealer)
		*ret_dealer = s;
	else
		zmq_close(s);
	return said;
}

/* A stranger is refused for good; one of too many of a known key for now; and when one of them has gone, the next comes in. */
static void
refusals_have_their_number(void **state)
{
	struct place *p = *state;
	void *many[PER_AGENCY];

	assert_int_equal(shake_hands(p, p->stranger, NULL), 400);
	for (size_t i = 0; i < PER_AGENCY; i++)
		assert_int_equal(shake_hands(p, p->friend, &many[i]), 200);
	assert_int_equal(shake_hands(p, p->friend, NULL), 300);
	assert_int_equal(zmq_send(many[0], "hello", 5, 0), 5);
	wait_a_little(p, 3000);
	assert_int_equal(p->frames, 1);
	zmq_close(many[0]);
	p->frames = 0;
	wait_a_little(p, 300);
	assert_int_equal(shake_hands(p, p->friend, &many[0]), 200);
	for (size_t i = 0; i < PER_AGENCY; i++)
		zmq_close(many[i]);
}

/* Connections of a known key on which nothing comes are ended, and their places are free again; one that speaks stays. */
static void
silent_ones_are_ended(void **state)
{
	struct place *p = *state;
	void *many[PER_AGENCY];
	int64_t until;

	for (size_t i = 0; i < PER_AGENCY; i++)
		assert_int_equal(shake_hands(p, p->friend, &many[i]), 200);
	until = clock_mono_ms() + SILENT_MS + 700;
	while (clock_mono_ms() < until) {
		p->frames = 0;
		assert_int_equal(zmq_send(many[0], "hello", 5, ZMQ_DONTWAIT), 5);
		wait_a_little(p, 200);
		assert_int_equal(peer_watch(p->peer), OK);
	}
	p->frames = 0;
	wait_a_little(p, 300);
	assert_int_equal(peer_send(p->peer, p->conn, SPAN_LIT("still")), OK);
	for (size_t i = 1; i < PER_AGENCY; i++)
		assert_int_equal(zmq_send(many[i], "x", 1, ZMQ_DONTWAIT), -1);	/* their pipe is gone */
	for (size_t i = 1; i < PER_AGENCY; i++) {
		zmq_close(many[i]);
		assert_int_equal(shake_hands(p, p->friend, &many[i]), 200);
	}
	for (size_t i = 0; i < PER_AGENCY; i++)
		zmq_close(many[i]);
}

/* Who connects and says nothing is put out when the time for a handshake is over. */
static void
slow_handshake_ends(void **state)
{
	struct place *p = *state;
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct pollfd fd = { .events = POLLIN };
	char b[64];
	ssize_t n;

	fd.fd = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", p->endpoint + strlen("ipc://"));
	assert_int_equal(connect(fd.fd, (struct sockaddr *)&at, sizeof(at)), 0);
	do {
		assert_int_equal(poll(&fd, 1, 3000), 1);
		n = read(fd.fd, b, sizeof(b));	/* its greeting, then the end */
	} while (n > 0);
	assert_true(n == 0 || errno == ECONNRESET);
	close(fd.fd);
}

/* -- each in a process of its own -- */

/* What the child's `run` writes to the pipe; false if it died. */
static bool
in_child(void (*run)(int out), void *to, size_t n)
{
	int fds[2], status;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	if ((pid = fork()) == 0) {
		run(fds[1]);
		_exit(0);
	}
	close(fds[1]);
	got = read(fds[0], to, n);
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return got == (ssize_t)n && WIFEXITED(status);
}

static void
first_conn(int out)
{
	void *state, *s;
	struct place *p;

	assert_int_equal(set_up(&state), 0);
	p = state;
	s = dealer(p, p->friend, NULL);
	zmq_send(s, "hello", 5, 0);
	wait_a_little(p, 5000);
	if (p->frames == 1)
		(void)!write(out, &p->conn, sizeof(p->conn));
	zmq_close(s);
}

/* Two processes that begin alike give their first connections different ids: rand(), which libzmq draws them from, is seeded. */
static void
ids_are_not_guessed(void **state)
{
	uint64_t a = 0, b = 0;

	(void)state;
	assert_true(in_child(first_conn, &a, sizeof(a)) && in_child(first_conn, &b, sizeof(b)));
	assert_true(a != b);
}

/* The id that libzmq would give first, did nobody seed rand(). */
static uint32_t
unseeded_id(struct random_data *r)
{
	int32_t low, high;

	random_r(r, &low);
	random_r(r, &high);
	return (uint32_t)high << 31 | (uint32_t)low;
}

static void
plant(int out)
{
	char buf[128] = "", id[5] = { 0 };
	struct random_data r = { 0 };
	void *state, *planted, *s;
	struct place *p;
	uint32_t at = 0, n;

	per_agency = 60;
	assert_int_equal(set_up(&state), 0);
	p = state;
	initstate_r(1, buf, sizeof(buf), &r);
	for (uint32_t i = 0; i < 40; i++) {
		at = i % 4 ? at + 1 : unseeded_id(&r);
		n = htonl(at);
		memcpy(id + 1, &n, sizeof(n));
		planted = dealer_not_connected(p, p->friend);
		zmq_setsockopt(planted, ZMQ_ROUTING_ID, id, sizeof(id));
		zmq_connect(planted, p->endpoint);
		zmq_send(planted, "planted", 7, ZMQ_DONTWAIT);
	}
	wait_a_little(p, 500);
	p->frames = 0;
	for (int i = 0; i < 10; i++) {
		s = dealer(p, p->friend, NULL);
		zmq_send(s, "hello", 5, 0);
	}
	wait_a_little(p, 3000);
	if (p->frames > 0)
		(void)!write(out, "ok", 2);
}

/* Ids planted where an unseeded hub would go next make no abort: the hub lives and hears the others. */
static void
planted_ids_miss(void **state)
{
	char ok[2];

	(void)state;
	assert_true(in_child(plant, ok, sizeof(ok)));
}

/* -- rules that are options of the socket, on one of our own -- */

struct raw { void *context, *router; struct zap *zap; char endpoint[80]; };

static void
raw_open(struct place *p, struct raw *r)
{
	struct hub_config c = { .n_listen = 0 };

	configure(&c);
	r->context = zmq_ctx_new();
	assert_int_equal(zap_open(r->context, p->loop, who, p, &r->zap), OK);
	r->router = zmq_socket(r->context, ZMQ_ROUTER);
	assert_true(peer_harden(r->router, &c, p->hub));
	name_endpoint(r->endpoint, sizeof(r->endpoint));
	assert_int_equal(zmq_bind(r->router, r->endpoint), 0);
}

static void
raw_close(struct raw *r)
{
	zmq_close(r->router);
	zap_close(r->zap);
	zmq_ctx_term(r->context);
}

static void *
raw_dealer(struct place *p, const struct raw *r, const char *id, const char *text)
{
	void *s = dealer_not_connected(p, p->friend);

	if (id)
		zmq_setsockopt(s, ZMQ_ROUTING_ID, id, strlen(id));
	assert_int_equal(zmq_connect(s, r->endpoint), 0);
	zmq_send(s, text, strlen(text), 0);
	return s;
}

/* The text of the next message, or "" after a while. */
static const char *
raw_recv(struct place *p, const struct raw *r, int tries)
{
	static char text[16];
	char id[256];
	int n;

	for (text[0] = '\0'; tries-- > 0; wait_a_little(p, 30)) {
		if (zmq_recv(r->router, id, sizeof(id), ZMQ_DONTWAIT) < 0)
			continue;
		n = zmq_recv(r->router, text, sizeof(text) - 1, 0);
		text[n > 0 ? n : 0] = '\0';
		break;
	}
	return text;
}

/* Without the handler nobody gets in, not even who is known; with it, he does. */
static void
no_handler_no_entry(void **state)
{
	struct place *p = *state;
	struct raw r;
	void *s;

	raw_open(p, &r);
	s = raw_dealer(p, &r, NULL, "first");
	assert_string_equal(raw_recv(p, &r, 100), "first");
	zmq_close(s);
	zap_close(r.zap);
	r.zap = NULL;
	s = raw_dealer(p, &r, NULL, "second");
	assert_string_equal(raw_recv(p, &r, 30), "");
	zmq_close(s);
	raw_close(&r);
}

/* Who takes a routing id that another has does not get the other's place. */
static void
no_handover(void **state)
{
	struct place *p = *state;
	struct raw r;
	void *first, *second;
	char got[8] = "";
	int wait = 1000;

	raw_open(p, &r);
	first = raw_dealer(p, &r, "name", "first");
	assert_string_equal(raw_recv(p, &r, 100), "first");
	second = raw_dealer(p, &r, "name", "second");
	assert_string_equal(raw_recv(p, &r, 30), "");
	assert_int_equal(zmq_send(r.router, "name", 4, ZMQ_SNDMORE), 4);
	assert_int_equal(zmq_send(r.router, "mine", 4, 0), 4);
	zmq_setsockopt(first, ZMQ_RCVTIMEO, &wait, sizeof(wait));
	assert_int_equal(zmq_recv(first, got, sizeof(got), 0), 4);
	assert_int_equal(zmq_recv(second, got, sizeof(got), ZMQ_DONTWAIT), -1);
	zmq_close(first);
	zmq_close(second);
	raw_close(&r);
}

/* A frame to nobody is an error, never dropped without a word; one to a peer that reads nothing is refused for now. */
static void
sends_tell(void **state)
{
	struct place *p = *state;
	void *s = dealer_not_connected(p, p->friend);
	static uint8_t large[1 << 20];
	int hwm = 1;
	enum err e = OK;

	assert_int_equal(peer_send(p->peer, 4711, SPAN_LIT("x")), ERR_PEER_DOWN);
	zmq_setsockopt(s, ZMQ_RCVHWM, &hwm, sizeof(hwm));
	assert_int_equal(zmq_connect(s, p->endpoint), 0);
	assert_int_equal(zmq_send(s, "hello", 5, 0), 5);
	wait_a_little(p, 3000);
	for (int i = 0; i < 2000 && e == OK; i++)
		e = peer_send(p->peer, p->conn, SPAN(large, sizeof(large)));
	assert_int_equal(e, ERR_BUSY);
	zmq_close(s);
}

static unsigned
frames_until_quiet(struct place *p)
{
	unsigned n = 0;

	do {
		p->frames = 0;
		wait_a_little(p, 500);
		n += p->frames;
	} while (p->frames > 0);
	return n;
}

/* A peer that goes while its frames wait in a full pipe costs the hub nothing: libzmq, which has stopped reading from it then, must
 * not have to write to it any more. What it had sent is read when there is room, or is left behind at a stop.
 */
static void
gone_while_stopped(void **state)
{
	struct place *p = *state;
	unsigned n;
	void *s;

	for (int stop = 0; stop < 2; stop++) {
		s = dealer(p, p->friend, NULL);
		p->frames = 0;
		assert_int_equal(zmq_send(s, "hello", 5, 0), 5);
		wait_a_little(p, 3000);
		assert_int_equal(p->frames, 1);
		p->is_full = true;
		p->frames = 0;
		for (int i = 0; i < 200; i++)
			(void)zmq_send(s, "more", 4, ZMQ_DONTWAIT);
		wait_a_little(p, 200);
		zmq_close(s);
		wait_a_little(p, 1500);
		assert_int_equal(p->frames, 0);
		p->is_full = false;
		if (stop)
			peer_stop(p->peer);
		else
			peer_resume(p->peer);
		n = frames_until_quiet(p);
		if (stop)
			assert_int_equal(n, 0);
		else
			assert_in_range(n, 16, 200);
	}
}

/* A peer that has stopped dead is given up when it has been silent for too long. */
static void
half_open_ends(void **state)
{
	struct place *p = *state;
	pid_t pid = fork();
	enum err e = OK;

	if (pid == 0) {
		void *s;

		p->context = zmq_ctx_new();	/* the parent's is not for two */
		s = dealer(p, p->friend, NULL);
		zmq_send(s, "hello", 5, 0);
		for (;;)
			pause();
	}
	wait_a_little(p, 5000);
	assert_int_equal(p->frames, 1);
	kill(pid, SIGSTOP);
	for (int i = 0; i < 60 && e != ERR_PEER_DOWN; i++) {
		p->frames = 0;
		wait_a_little(p, 100);
		assert_int_equal(peer_watch(p->peer), OK);
		e = peer_send(p->peer, p->conn, SPAN_LIT("x"));
	}
	assert_int_equal(e, ERR_PEER_DOWN);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(frame_has_its_agency), TEST(stranger_stays_out), TEST(plain_stays_out), TEST(own_id_is_dropped),
		TEST(many_frames_are_dropped), TEST(large_frame_is_dropped), TEST(refusals_have_their_number),
		TEST(silent_ones_are_ended), TEST(slow_handshake_ends), cmocka_unit_test(ids_are_not_guessed),
		cmocka_unit_test(planted_ids_miss), TEST(no_handler_no_entry), TEST(no_handover), TEST(sends_tell),
		TEST(gone_while_stopped), TEST(half_open_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
