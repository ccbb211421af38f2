/* SPDX-License-Identifier: EUPL-1.2 */
/* The webhook: what the agency's system gets, and what becomes of each kind of its answers. */
#include "adapters/core/webhook.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/core/webhook_sign.h"
#include "proto/base/clock.h"
#include "tests/support/fake_adapter.h"
#include "tests/support/loop_server.h"

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define ID "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
#define BODY "{\"referral\":1}"
#define N_CONNS 16

/* The agency's system: collects a request until its body is there, says its line, closes. */
struct world;
struct conn {
	struct world *w;
	int fd;
	struct loop_item *item;
	char got[4096];
	size_t n, left;
};

struct world {
	struct loop_server server;
	struct webhook *webhook;
	struct adapter_config config;
	const char *allowed[1];
	char secret[64], url[64];
	struct conn conns[N_CONNS];
	size_t n_conns;
	const char *says;	/* NULL: silence */
	size_t flood;		/* so many bytes of body besides */
	const char *stage;	/* of the message handed over; NULL: itself */
};

static void
hang_up(struct conn *c)
{
	loop_del(c->w->server.loop, c->item);
	close(c->fd);
	c->fd = -1;
}

/* The rest of a long answer, as the receiver takes it. */
static void
pour(struct conn *c)
{
	static const char block[16384];
	ssize_t n = 1;

	while (c->left && n > 0) {
		n = send(c->fd, block, c->left < sizeof(block) ? c->left : sizeof(block), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0)
			c->left -= (size_t)n;
	}
	if (c->left == 0 || (n < 0 && errno != EAGAIN))
		hang_up(c);
	else
		loop_set_events(c->item, LOOP_OUT);
}

static void
on_conn(void *arg, int events)
{
	struct conn *c = arg;
	ssize_t n;

	if (events & LOOP_OUT) {
		pour(c);
		return;
	}
	n = recv(c->fd, c->got + c->n, sizeof(c->got) - c->n - 1, 0);
	if (n <= 0) {
		hang_up(c);
		return;
	}
	c->n += (size_t)n;
	c->got[c->n] = '\0';
	if (!strstr(c->got, BODY) || !c->w->says)
		return;
	send(c->fd, c->w->says, strlen(c->w->says), MSG_NOSIGNAL);
	c->left = c->w->flood;
	pour(c);
}

static void
on_accept(void *arg, int events)
{
	struct world *w = arg;
	struct conn *c = &w->conns[w->n_conns++ % N_CONNS];

	(void)events;
	*c = (struct conn){ .w = w, .fd = accept(w->server.fd, NULL, NULL) };
	c->item = loop_add_fd(w->server.loop, c->fd, LOOP_IN, on_conn, c);
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	const struct door_host *host;
	struct why why = { 0 };
	int fd;

	assert_non_null(w);
	snprintf(w->secret, sizeof(w->secret), "/tmp/test-webhook-XXXXXX");
	fd = mkstemp(w->secret);
	assert_int_equal(write(fd, SECRET, sizeof(SECRET) - 1), sizeof(SECRET) - 1);
	close(fd);
	loop_server_open(&w->server, on_accept, w);
	host = fake_host(w->server.loop);
	snprintf(w->url, sizeof(w->url), "http://127.0.0.1:%u/nasoka", (unsigned)listener_port(w->server.fd));
	w->allowed[0] = "127.0.0.1";
	w->config.out_webhook.url = w->url;
	w->config.out_webhook.secret_file = w->secret;
	w->config.out_webhook.allowed_hosts = w->allowed;
	w->config.out_webhook.n_allowed_hosts = 1;
	w->config.out_webhook.timeout_ms = 500;
	assert_int_equal(webhook_open(&w->config, host, &w->webhook, &why), OK);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;
	size_t i;

	webhook_close(w->webhook);
	for (i = 0; i < w->n_conns && i < N_CONNS; i++)
		if (w->conns[i].fd >= 0)
			close(w->conns[i].fd);
	loop_server_close(&w->server);
	unlink(w->secret);
	free(w);
	return 0;
}

static enum err
give(struct world *w, uint64_t cursor)
{
	struct door *door = webhook_door(w->webhook);
	char body[] = BODY;	/* borrowed by the door until `hand` returns, and no longer */
	struct handover h = {
		.cursor = cursor,
		.msg_id = ID,
		.stage = w->stage,
		.native = { .format = FORMAT_JSON, .bytes = span_str(body) },
	};
	enum err e = door->hand(door->arg, &h);

	memset(body, 'x', sizeof(body));
	return e;
}

/* Hand one over and turn the loop until it ended. */
static enum err
call(struct world *w, uint64_t cursor)
{
	fake.n_handed = 0;
	assert_int_equal(give(w, cursor), OK);
	return loop_server_until_handed(&w->server, cursor);
}

/* The value of a header of the first request. */
static const char *
header(struct world *w, const char *name, char to[static 128])
{
	const char *at = strstr(w->conns[0].got, name);

	assert_non_null(at);
	at += strlen(name) + 2;
	snprintf(to, 128, "%.*s", (int)strcspn(at, "\r"), at);
	return to;
}

/* The request is a signed POST of the message; status, body and type of the answer come back. */
static void
answered(void **state)
{
	struct world *w = *state;
	char id[128], when[128], signature[128], expected[WEBHOOK_SIGN_LEN];
	struct webhook_secret secret;

	w->says = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"case_no\":\"7\"}";
	assert_int_equal(call(w, 5), OK);
	assert_int_equal(fake.handed_status, 201);
	assert_int_equal(fake.n, 15);
	assert_memory_equal(fake.bytes, "{\"case_no\":\"7\"}", 15);
	assert_string_equal(fake.media_type, "application/json");
	assert_memory_equal(w->conns[0].got, "POST /nasoka HTTP/1.1\r\n", 23);
	assert_non_null(strstr(w->conns[0].got, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(w->conns[0].got, "\r\n\r\n" BODY));
	assert_int_equal(webhook_sign_parse(SECRET, &secret, NULL), OK);
	assert_string_equal(header(w, "webhook-id", id), ID);
	assert_int_equal(webhook_sign_make(&secret, id, atoll(header(w, "webhook-timestamp", when)), SPAN_LIT(BODY), expected), OK);
	assert_string_equal(header(w, "webhook-signature", signature), expected);
	assert_true(llabs(atoll(when) - clock_wall_ms() / 1000) < 10);
}

/* A stage of a message has an id of its own, in which nothing separates as the signature does, and is signed under it. */
static void
stages(void **state)
{
	struct world *w = *state;
	char id[128], when[128], signature[128], expected[WEBHOOK_SIGN_LEN];
	struct webhook_secret secret;

	w->says = "HTTP/1.1 204 No Content\r\n\r\n";
	w->stage = "registered";
	assert_int_equal(call(w, 5), OK);
	assert_string_equal(header(w, "webhook-id", id), ID "-registered");
	assert_int_equal(webhook_sign_parse(SECRET, &secret, NULL), OK);
	assert_int_equal(webhook_sign_make(&secret, id, atoll(header(w, "webhook-timestamp", when)), SPAN_LIT(BODY), expected), OK);
	assert_string_equal(header(w, "webhook-signature", signature), expected);
}

/* A redirect is an answer like others: nobody is led anywhere. */
static void
redirects(void **state)
{
	struct world *w = *state;

	w->says = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2/\r\nContent-Length: 0\r\n\r\n";
	assert_int_equal(call(w, 1), OK);
	assert_int_equal(fake.handed_status, 302);
	assert_int_equal(w->n_conns, 1);
}

/* Silence, hanging up, an answer without end and nobody there are failures to be tried again. */
static void
failures(void **state)
{
	struct world *w = *state;

	assert_int_equal(call(w, 1), ERR_PEER_DOWN);
	w->says = "";
	assert_int_equal(call(w, 2), ERR_PEER_DOWN);
	w->says = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab";
	assert_int_equal(call(w, 3), ERR_PEER_DOWN);
	w->says = "HTTP/1.1 204 No Content\r\n\r\n";
	assert_int_equal(call(w, 4), OK);
	assert_int_equal(fake.handed_status, 204);
	w->config.out_webhook.url = "http://127.0.0.1:1/";
	assert_int_equal(call(w, 5), ERR_PEER_DOWN);
}

/* An answer that is too large is not kept, and the transfer ended. */
static void
too_large(void **state)
{
	struct world *w = *state;

	w->config.out_webhook.timeout_ms = 5000;
	w->says = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
	w->flood = WEBHOOK_ANSWER_MAX + 1;
	assert_int_equal(call(w, 1), ERR_PEER_REFUSED);
	assert_false(fake.has_answer);
	w->flood = WEBHOOK_ANSWER_MAX;
	assert_int_equal(call(w, 2), OK);
	assert_int_equal(fake.n, WEBHOOK_ANSWER_MAX);
}

/* As many calls at once as promised, and no more; each ends once. */
static void
capacity(void **state)
{
	struct world *w = *state;
	unsigned i;

	fake.loop = NULL;
	w->says = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	for (i = 0; i < webhook_door(w->webhook)->capacity; i++)
		assert_int_equal(give(w, i), OK);
	assert_int_equal(give(w, 99), ERR_BUSY);
	loop_server_run(&w->server, 1000);
	assert_int_equal(fake.n_handed, i);
	assert_int_equal(give(w, 99), OK);
}

/* Nothing is opened for a host that is not allowed, or an address with a name in it. */
static void
hosts(void **state)
{
	static const char *const bad[] = { "https://evil.example/", "http://127.0.0.1@evil.example/", "https://u:p@127.0.0.1/", "127.0.0.1" };
	struct world *w = *state;
	struct webhook *other;
	struct why why;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		w->config.out_webhook.url = bad[i];
		assert_int_equal(webhook_open(&w->config, &(struct door_host){ .loop = w->server.loop }, &other, &why), ERR_CONFIG);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answered, setup, teardown),
		cmocka_unit_test_setup_teardown(stages, setup, teardown),
		cmocka_unit_test_setup_teardown(redirects, setup, teardown),
		cmocka_unit_test_setup_teardown(failures, setup, teardown),
		cmocka_unit_test_setup_teardown(too_large, setup, teardown),
		cmocka_unit_test_setup_teardown(capacity, setup, teardown),
		cmocka_unit_test_setup_teardown(hosts, setup, teardown),
	};

	alarm(55);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
