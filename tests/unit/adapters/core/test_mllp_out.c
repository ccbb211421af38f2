/* SPDX-License-Identifier: EUPL-1.2 */
/* The MLLP door out: each handover ends once, with its own answer or with a failure to be tried again. */
#include "adapters/core/mllp_out.h"

#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/fake_adapter.h"
#include "tests/support/loop_server.h"

/* The agency's system: one connection, what came, and what it says to each message that ends. */
struct world {
	struct loop_server server;
	struct mllp_out *out;
	struct adapter_config config;
	int fd;
	struct loop_item *item;
	char got[4096];
	size_t n_got;
	const char *says;	/* bytes; NULL: silence */
	bool hangs_up;
	unsigned n_accepted;
};

static void
on_conn(void *arg, int events)
{
	struct world *w = arg;
	ssize_t n = recv(w->fd, w->got + w->n_got, sizeof(w->got) - w->n_got - 1, 0);

	(void)events;
	if (n > 0) {
		w->n_got += (size_t)n;
		w->got[w->n_got] = '\0';
		if (w->got[w->n_got - 1] != '\r')
			return;
		if (w->says)
			send(w->fd, w->says, strlen(w->says), MSG_NOSIGNAL);
	}
	if (n == 0 || w->hangs_up) {
		loop_del(w->server.loop, w->item);
		close(w->fd);
		w->fd = -1;
		w->item = NULL;
	}
}

static void
on_accept(void *arg, int events)
{
	struct world *w = arg;

	(void)events;
	if (w->fd >= 0) {
		loop_del(w->server.loop, w->item);
		close(w->fd);
	}
	w->fd = accept(w->server.fd, NULL, NULL);
	w->n_accepted++;
	w->item = loop_add_fd(w->server.loop, w->fd, LOOP_IN, on_conn, w);
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	const struct door_host *host;
	struct why why = { 0 };

	assert_non_null(w);
	w->fd = -1;
	loop_server_open(&w->server, on_accept, w);
	host = fake_host(w->server.loop);
	w->config.out_mllp.host = "127.0.0.1";
	w->config.out_mllp.port = listener_port(w->server.fd);
	w->config.out_mllp.connect_ms = 1000;
	w->config.out_mllp.answer_ms = 300;
	assert_int_equal(mllp_out_open(&w->config, host, &w->out, &why), OK);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	mllp_out_close(w->out);
	if (w->fd >= 0)
		close(w->fd);
	loop_server_close(&w->server);
	free(w);
	return 0;
}

/* Hand one over and turn the loop until it ended. */
static enum err
hand(struct world *w, uint64_t cursor, const char *text)
{
	struct door *door = mllp_out_door(w->out);
	struct handover h = { .cursor = cursor, .msg_id = "x", .native = { .format = FORMAT_HL7, .bytes = span_str(text) } };

	fake.n_handed = 0;
	fake.cursor = 0;
	assert_int_equal(door->hand(door->arg, &h), OK);
	assert_int_equal(door->hand(door->arg, &h), ERR_BUSY);
	return loop_server_until_handed(&w->server, cursor);
}

/* The message goes out framed, the answer comes back bare, and the next one uses the same connection. */
static void
answered(void **state)
{
	struct world *w = *state;

	w->says = "\x0BMSA|AA\x1C\r";
	assert_int_equal(hand(w, 7, "MSH|one"), OK);
	assert_string_equal(w->got, "\x0BMSH|one\x1C\r");
	assert_true(fake.has_answer);
	assert_int_equal(fake.n, 6);
	assert_memory_equal(fake.bytes, "MSA|AA", 6);
	assert_int_equal(hand(w, 8, "MSH|two"), OK);
	assert_int_equal(w->n_accepted, 1);
}

/* A system that is silent, hangs up, or answers without a frame has failed, and the next try has a new connection. */
static void
failures(void **state)
{
	struct world *w = *state;

	assert_int_equal(hand(w, 1, "MSH|one"), ERR_PEER_DOWN);
	w->hangs_up = true;
	assert_int_equal(hand(w, 2, "MSH|two"), ERR_PEER_DOWN);
	w->says = "no frame\x1C\r";
	assert_int_equal(hand(w, 3, "MSH|three"), ERR_PEER_DOWN);
	w->hangs_up = false;
	w->says = "\x0BMSA|AA\x1C\r";
	assert_int_equal(hand(w, 4, "MSH|four"), OK);
	assert_int_equal(w->n_accepted, 4);
}

/* A second answer to one message is never taken for the next one's. */
static void
stray_answers(void **state)
{
	struct world *w = *state;

	w->says = "\x0BMSA|AA|1\x1C\r\x0BMSA|AA|1\x1C\r";
	assert_int_equal(hand(w, 1, "MSH|one"), OK);
	w->says = "\x0BMSA|AA|2\x1C\r";
	assert_int_equal(hand(w, 2, "MSH|two"), OK);
	assert_memory_equal(fake.bytes, "MSA|AA|2", 8);
	assert_int_equal(w->n_accepted, 2);
	send(w->fd, "\x0Blate\x1C\r", 7, MSG_NOSIGNAL);
	loop_server_run(&w->server, 100);
	w->says = "\x0BMSA|AA|3\x1C\r";
	assert_int_equal(hand(w, 3, "MSH|three"), OK);
	assert_memory_equal(fake.bytes, "MSA|AA|3", 8);
}

/* Nobody listens there: a failure, and not a wait. A name is found as well as an address. */
static void
nobody(void **state)
{
	struct world *w = *state;

	loop_del(w->server.loop, w->server.item);
	loop_server_run(&w->server, 20);
	close(w->server.fd);
	w->server.fd = -1;
	assert_int_equal(hand(w, 1, "MSH|one"), ERR_PEER_DOWN);
	w->config.out_mllp.host = "no-such-host.invalid";
	assert_int_equal(hand(w, 2, "MSH|one"), ERR_PEER_DOWN);
}

static void
by_name(void **state)
{
	struct addrinfo *found = NULL;
	struct world *w = *state;

	if (getaddrinfo("localhost", NULL, NULL, &found) != 0)
		skip();		/* a machine without names: no /etc/hosts */
	freeaddrinfo(found);
	w->config.out_mllp.host = "localhost";
	w->says = "\x0BMSA|AA\x1C\r";
	assert_int_equal(hand(w, 1, "MSH|one"), OK);
}

/* A connection that the system closed while nothing was under way is made anew without a failure. */
static void
closed_at_rest(void **state)
{
	struct world *w = *state;

	w->says = "\x0BMSA|AA\x1C\r";
	assert_int_equal(hand(w, 1, "MSH|one"), OK);
	loop_del(w->server.loop, w->item);
	loop_server_run(&w->server, 20);
	close(w->fd);
	w->fd = -1;
	loop_server_run(&w->server, 50);
	assert_int_equal(hand(w, 2, "MSH|two"), OK);
	assert_int_equal(w->n_accepted, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answered, setup, teardown),
		cmocka_unit_test_setup_teardown(failures, setup, teardown),
		cmocka_unit_test_setup_teardown(stray_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(by_name, setup, teardown),
		cmocka_unit_test_setup_teardown(closed_at_rest, setup, teardown),
	};

	alarm(55);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
