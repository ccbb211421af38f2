/* SPDX-License-Identifier: EUPL-1.2 */
/* Frames through the hub's ROUTER: whose they are, which are dropped, and what becomes of them when a peer goes. */
#include "peer_place.h"

#include <signal.h>
#include <sys/wait.h>

#include "proto/frame.h"

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
	place_close(p, s);
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
	place_close(p, s);
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
	place_close(p, s);
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
	place_close(p, s);
	place_close(p, other);
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
	place_close(p, s);
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
		place_close(p, s);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(frame_has_its_agency), TEST(own_id_is_dropped), TEST(many_frames_are_dropped),
		TEST(large_frame_is_dropped), TEST(sends_tell), TEST(gone_while_stopped),
		TEST(half_open_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
