/* SPDX-License-Identifier: EUPL-1.2 */
/* The ids that libzmq gives to connections cannot be guessed; each test in a process of its own, for rand() is one for all. */
#define _GNU_SOURCE	/* random_r */
#include "peer_place.h"

#include <arpa/inet.h>
#include <sys/wait.h>

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
	place_close(p, s);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_not_guessed), cmocka_unit_test(planted_ids_miss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
