/* SPDX-License-Identifier: EUPL-1.2 */
/* The lines of the HTTP door: whoever holds them for nothing shuts nobody out. */
#include "adapters/core/http_lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "adapters/core/http.h"
#include "tests/support/fake_adapter.h"
#include "tests/support/loop_client.h"

#define MANY 300
#define ASK "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

struct world {
	struct loop *loop;
	struct http *http;
	struct adapter_config config;
	struct loop_client client;
	int fds[MANY];
	size_t n;
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	const struct door_host *host;
	struct why why = { 0 };

	assert_non_null(w);
	assert_int_equal(loop_new(&w->loop), OK);
	host = fake_host(w->loop);
	fake.loop = NULL;	/* the client stops the loop */
	w->client.fd = -1;
	w->config.in_http.host = "127.0.0.1";
	w->config.in_http.loopback = true;
	w->config.in_http.body_bytes = 1000;
	assert_int_equal(http_open(&w->config, host, &w->http, &why), OK);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < w->n; i++)
		close(w->fds[i]);
	loop_client_close(&w->client);
	http_close(w->http);
	loop_free(w->loop);
	free(w);
	return 0;
}

static int
connected(struct world *w, const char *said)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(http_port(w->http)) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	(void)connect(fd, (struct sockaddr *)&to, sizeof(to));
	(void)send(fd, said, strlen(said), MSG_NOSIGNAL);
	return fd;
}

static void
hold(struct world *w, size_t n, const char *said)
{
	for (size_t i = 0; i < n; i++)
		w->fds[w->n++] = connected(w, said);
}

/* A stranger's request, answered within `ms`? */
static bool
is_answered(struct world *w, int64_t ms)
{
	bool is_in_time;

	loop_client_connect(&w->client, w->loop, http_port(w->http));
	is_in_time = loop_client_talk(&w->client, SPAN_LIT(ASK), 0, ms);
	close(w->client.fd);
	w->client.fd = -1;
	return is_in_time && w->client.n > 12 && memcmp(w->client.in, "HTTP/1.1 200", 12) == 0;
}

static void
turn_for(struct world *w, int64_t ms)
{
	w->client = (struct loop_client){ .fd = -1, .loop = w->loop, .has_tick = w->client.has_tick, .in = w->client.in };
	if (!w->client.has_tick)
		loop_add_tick(w->loop, loop_client_tick, &w->client);
	w->client.has_tick = true;
	(void)loop_client_talk(&w->client, SPAN_NONE, 0, ms);
}

/* Is it still there? */
static bool
is_open(int fd)
{
	char c;

	return recv(fd, &c, 1, MSG_PEEK) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

/* As many half-said requests as there are places shut nobody out: the first of them gives way. */
static void
half_said(void **state)
{
	struct world *w = *state;

	hold(w, HTTP_CONNECTIONS_MAX, "GET /a HTTP/1.1\r\nHost");
	turn_for(w, 200);
	assert_true(is_open(w->fds[0]) && is_open(w->fds[HTTP_CONNECTIONS_MAX - 1]));
	assert_true(is_answered(w, PLACES_GRACE_MS + 2000));
	assert_false(is_open(w->fds[0]));
	assert_true(is_open(w->fds[HTTP_CONNECTIONS_MAX - 1]));
}

/* The same of bodies that do not come, and of lines that were answered once and rest. */
static void
half_sent(void **state)
{
	struct world *w = *state;

	hold(w, HTTP_CONNECTIONS_MAX / 2, "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n{");
	hold(w, HTTP_CONNECTIONS_MAX / 2, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
	turn_for(w, 200);
	for (int i = 0; i < HTTP_CONNECTIONS_MAX / 2 + 2; i++)
		assert_true(is_answered(w, PLACES_GRACE_MS + 2000));
	assert_false(is_open(w->fds[0]));
}

/* Connections that were closed before they were let in hold no place. */
static void
closed_at_once(void **state)
{
	struct world *w = *state;

	for (int round = 0; round < MANY / 50; round++) {
		for (int i = 0; i < 50; i++)
			close(connected(w, ""));
		turn_for(w, 20);
	}
	assert_true(is_answered(w, PLACES_GRACE_MS));
}

/* More callers at once than there are places are all answered. */
static void
a_crowd(void **state)
{
	struct world *w = *state;

	hold(w, HTTP_CONNECTIONS_MAX + 40, ASK);
	turn_for(w, 500);
	for (size_t i = 0; i < w->n; i++) {
		char head[13] = "";

		assert_true(recv(w->fds[i], head, sizeof(head) - 1, 0) > 0);
		assert_string_equal(head, "HTTP/1.1 200");
	}
}

/* A trickle keeps a place no longer than silence does. */
static void
trickle(void **state)
{
	struct world *w = *state;
	int64_t begun_ms = clock_mono_ms();

	hold(w, 1, "GET /a HTTP/1.1\r\nHost: x\r\nX: ");
	turn_for(w, 100);
	while (is_open(w->fds[0]) && clock_mono_ms() - begun_ms < (HTTP_REQUEST_S + 5) * CLOCK_SECOND) {
		(void)send(w->fds[0], "x", 1, MSG_NOSIGNAL);
		turn_for(w, 200);
	}
	assert_in_range(clock_mono_ms() - begun_ms, (HTTP_REQUEST_S - 1) * CLOCK_SECOND, (HTTP_REQUEST_S + 3) * CLOCK_SECOND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(half_said, setup, teardown),
		cmocka_unit_test_setup_teardown(half_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(closed_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(a_crowd, setup, teardown),
		cmocka_unit_test_setup_teardown(trickle, setup, teardown),
	};

	alarm(50);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
