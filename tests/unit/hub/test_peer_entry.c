/* SPDX-License-Identifier: EUPL-1.2 */
/* Who gets in at the hub's ROUTER, what the others hear, and who is put out again; covers zap.c as well. */
#include "peer_place.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

/* A key that nobody knows gets no frame through. */
static void
stranger_stays_out(void **state)
{
	struct place *p = *state;
	void *s = dealer(p, p->stranger, NULL);

	zmq_send(s, "hello", 5, ZMQ_DONTWAIT);
	wait_a_little(p, 700);
	assert_int_equal(p->frames, 0);
	place_close(p, s);
}

/* Without CURVE nobody gets in. */
static void
plain_stays_out(void **state)
{
	struct place *p = *state;
	void *s = place_socket(p, ZMQ_DEALER);
	int linger = 0;

	zmq_setsockopt(s, ZMQ_LINGER, &linger, sizeof(linger));
	assert_int_equal(zmq_connect(s, p->endpoint), 0);
	zmq_send(s, "hello", 5, ZMQ_DONTWAIT);
	wait_a_little(p, 700);
	assert_int_equal(p->frames, 0);
	place_close(p, s);
}

/* -- what the peer hears of its handshake -- */

static void *
watch(struct place *p, void *dealer)
{
	static unsigned n;
	char name[40];
	void *monitor = place_socket(p, ZMQ_PAIR);
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
	place_close(p, monitor);
	if (ret_dealer)
		*ret_dealer = s;
	else
		place_close(p, s);
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
	assert_int_equal(zmq_send(many[0], "hello", 5, ZMQ_DONTWAIT), 5);
	wait_a_little(p, 3000);
	assert_int_equal(p->frames, 1);
	place_close(p, many[0]);
	p->frames = 0;
	wait_a_little(p, 300);
	assert_int_equal(shake_hands(p, p->friend, &many[0]), 200);
	for (size_t i = 0; i < PER_AGENCY; i++)
		place_close(p, many[i]);
}

/* On a busy machine it learns a little later that the other end is gone. */
static bool
loses_its_pipe(struct place *p, void *dealer)
{
	for (int i = 0; i < 100; i++) {
		if (zmq_send(dealer, "x", 1, ZMQ_DONTWAIT) < 0)
			return true;
		p->frames = 0;
		wait_a_little(p, 30);
	}
	return false;
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
		assert_true(loses_its_pipe(p, many[i]));
	for (size_t i = 1; i < PER_AGENCY; i++) {
		place_close(p, many[i]);
		assert_int_equal(shake_hands(p, p->friend, &many[i]), 200);
	}
	for (size_t i = 0; i < PER_AGENCY; i++)
		place_close(p, many[i]);
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
	zmq_send(s, text, strlen(text), ZMQ_DONTWAIT);	/* who is refused at once has no pipe to wait for */
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
	place_close(p, s);
	zap_close(r.zap);
	r.zap = NULL;
	s = raw_dealer(p, &r, NULL, "second");
	assert_string_equal(raw_recv(p, &r, 30), "");
	place_close(p, s);
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
	place_close(p, first);
	place_close(p, second);
	raw_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stranger_stays_out), TEST(plain_stays_out), TEST(refusals_have_their_number),
		TEST(silent_ones_are_ended), TEST(slow_handshake_ends), TEST(no_handler_no_entry),
		TEST(no_handover),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
