/* SPDX-License-Identifier: EUPL-1.2 */
/* The HTTP door: what reaches the adapter, who is let in, and what is refused before a body is kept. */
#include "adapters/core/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "adapters/core/wire.h"
#include "tests/support/fake_adapter.h"
#include "tests/support/loop_client.h"
#include "tests/support/tls_files.h"

#define TOKEN "0123456789abcdef"
#define BODY_MAX 20000

struct world {
	struct loop *loop;
	struct http *http;
	struct adapter_config config;
	struct loop_client client;
	char dir[64], tokens[96];
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	FILE *f;

	assert_non_null(w);
	snprintf(w->dir, sizeof(w->dir), "/tmp/test-http-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->tokens, sizeof(w->tokens), "%s/tokens", w->dir);
	f = fopen(w->tokens, "w");
	fprintf(f, "clinic:%s\n", TOKEN);
	fclose(f);
	chmod(w->tokens, 0600);
	assert_int_equal(loop_new(&w->loop), OK);
	w->client.fd = -1;
	w->config.in_http.host = "127.0.0.1";
	w->config.in_http.loopback = true;
	w->config.in_http.body_bytes = BODY_MAX;
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	loop_client_close(&w->client);
	http_close(w->http);
	loop_free(w->loop);
	unlink(w->tokens);
	rmdir(w->dir);
	free(w);
	return 0;
}

static void
open_door(struct world *w, bool with_tokens)
{
	const struct door_host *host = fake_host(w->loop);
	struct why why = { 0 };

	fake.loop = NULL;	/* the client stops the loop */
	w->config.in_http.tokens_file = with_tokens ? w->tokens : NULL;
	assert_int_equal(http_open(&w->config, host, &w->http, &why), OK);
}

static const char *
exchange(struct world *w, const char *request, size_t n)
{
	loop_client_connect(&w->client, w->loop, http_port(w->http));
	assert_true(loop_client_talk(&w->client, SPAN(request, n), 0, 5000));
	close(w->client.fd);
	w->client.fd = -1;
	return w->client.in ? w->client.in : "";
}

static const char *
ask(struct world *w, const char *request)
{
	return exchange(w, request, strlen(request));
}

#define END "Host: x\r\nConnection: close\r\n\r\n"
#define WITH_BODY "Host: x\r\nConnection: close\r\nContent-Length: 7\r\n\r\n{\"a\":1}"

static bool
has_status(const char *answer, unsigned status)
{
	char head[16];

	snprintf(head, sizeof(head), "HTTP/1.1 %u", status);
	return strncmp(answer, head, strlen(head)) == 0;
}

/* The adapter gets method, undecoded path with its query, media type, charset, key and body; the client its answer. */
static void
request_and_answer(void **state)
{
	struct world *w = *state;
	const char *answer;

	open_door(w, false);
	fake.answer = "{\"ok\":true}";
	fake.status = 202;
	fake.location = "/v1/referrals/4";
	answer = ask(w, "POST /v1/referrals%20x?owner=a%2Fb HTTP/1.1\r\nIdempotency-Key: k-1\r\n"
			"Content-Type: Application/JSON; charset=\"cp1251\"\r\n" WITH_BODY);
	assert_true(has_status(answer, 202));
	assert_non_null(strstr(answer, "Location: /v1/referrals/4\r\n"));
	assert_non_null(strstr(answer, "Content-Type: application/json\r\n"));
	assert_non_null(strstr(answer, "\r\n\r\n{\"ok\":true}"));
	assert_string_equal(fake.method, "POST");
	assert_string_equal(fake.path, "/v1/referrals%20x?owner=a%2Fb");
	assert_string_equal(fake.media_type, "application/json");
	assert_string_equal(fake.charset, "windows-1251");
	assert_string_equal(fake.key, "k-1");
	assert_int_equal(fake.n, 7);
	assert_memory_equal(fake.bytes, "{\"a\":1}", 7);
}

/* What a head says besides reaches the adapter; version and time of the answer reach the client; HEAD is GET without the body. */
static void
heads(void **state)
{
	struct world *w = *state;
	const char *answer;

	open_door(w, false);
	fake.answer = "{\"ok\":true}";
	fake.status = 200;
	fake.etag = "W/\"3\"";
	fake.modified_ms = INT64_C(1772182800000);
	answer = ask(w, "HEAD /a HTTP/1.1\r\nAccept: a/b\r\nIf-Match: W/\"3\"\r\nPrefer: return=minimal\r\nIf-None-Exist: a=b\r\n" END);
	assert_true(has_status(answer, 200));
	assert_non_null(strstr(answer, "ETag: W/\"3\"\r\n"));
	assert_non_null(strstr(answer, "Last-Modified: Fri, 27 Feb 2026 09:00:00 GMT\r\n"));
	assert_non_null(strstr(answer, "Content-Length: 11\r\n"));
	assert_null(strstr(answer, "{\"ok\""));
	assert_string_equal(fake.method, "GET");
	assert_string_equal(fake.head, "http://x a/b W/\"3\" - return=minimal a=b");
	ask(w, "GET /a HTTP/1.1\r\nHost: evil\"host\r\nConnection: close\r\n\r\n");
	assert_string_equal(fake.head, "- - - - - -");
}

/* A chunked body arrives as one. */
static void
chunked(void **state)
{
	struct world *w = *state;

	open_door(w, false);
	assert_true(has_status(ask(w, "POST /fhir HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: x\r\nConnection: close\r\n\r\n"
		"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), 200));
	assert_int_equal(fake.n, 5);
	assert_memory_equal(fake.bytes, "abcde", 5);
}

/* Without the token, with half of it or with another scheme nobody reaches the adapter. */
static void
tokens(void **state)
{
	struct world *w = *state;

	open_door(w, true);
	assert_true(has_status(ask(w, "GET /v1/inbox HTTP/1.1\r\n" END), 401));
	assert_non_null(strstr(w->client.in, "WWW-Authenticate: Bearer"));
	assert_true(has_status(ask(w, "GET /v1/inbox HTTP/1.1\r\nAuthorization: Bearer 01234567\r\n" END), 401));
	assert_true(has_status(ask(w, "GET /v1/inbox HTTP/1.1\r\nAuthorization: Basic " TOKEN "\r\n" END), 401));
	assert_true(has_status(ask(w, "POST /v1/inbox HTTP/1.1\r\nAuthorization: Bearer " TOKEN "x\r\n" WITH_BODY), 401));
	assert_int_equal(fake.n_asked, 0);
	assert_int_equal(fake.problem, ERR_UNAUTHORIZED);
	assert_true(has_status(ask(w, "GET /v1/inbox HTTP/1.1\r\nAuthorization: bearer " TOKEN "\r\n" END), 200));
	assert_int_equal(fake.n_asked, 1);
}

/* A page in a browser is not let in where no token protects the port. */
static void
web_pages(void **state)
{
	struct world *w = *state;

	open_door(w, false);
	assert_true(has_status(ask(w, "POST /v1/referrals HTTP/1.1\r\nOrigin: http://evil.example\r\n" WITH_BODY), 401));
	assert_int_equal(fake.n_asked, 0);
}

/* A body of the limit is taken; one byte more is refused whether its length was said or not. */
static void
too_large(void **state)
{
	struct world *w = *state;
	char *text = malloc(2 * BODY_MAX + 1000);
	int head;

	open_door(w, false);
	head = sprintf(text, "POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n", BODY_MAX);
	memset(text + head, 'x', BODY_MAX);
	assert_true(has_status(exchange(w, text, (size_t)head + BODY_MAX), 200));
	assert_int_equal(fake.n, BODY_MAX);
	head = sprintf(text, "POST /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n", BODY_MAX + 1);
	memset(text + head, 'x', BODY_MAX + 1);
	assert_true(has_status(exchange(w, text, (size_t)head + BODY_MAX + 1), 413));
	head = sprintf(text, "POST /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n",
		BODY_MAX + 1);
	memset(text + head, 'x', BODY_MAX + 1);
	head += BODY_MAX + 1;
	head += sprintf(text + head, "\r\n0\r\n\r\n");
	assert_true(has_status(exchange(w, text, (size_t)head), 413));
	assert_string_equal(fake.path, "/c");
	/* who asks first is told before the body */
	assert_true(has_status(ask(w, "POST /d HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 999999\r\n\r\n"), 413));
	assert_int_equal(fake.n_asked, 1);
	assert_int_equal(fake.n_problems, 3);
	free(text);
}

/* Whoever sends far more than is taken, of a said length or in chunks, reads why; who never ends is cut off unanswered. */
static void
far_too_large(void **state)
{
	struct world *w = *state;
	char *text = malloc(HTTP_SWALLOW_MAX + 2 * BODY_MAX + 1000);
	const char *answer;
	size_t head, body = 9 << 20;

	open_door(w, false);
	head = (size_t)sprintf(text, "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", body);
	memset(text + head, 'x', body);
	answer = exchange(w, text, head + body);
	assert_true(has_status(answer, 413));
	assert_non_null(strstr(answer, "\r\nConnection: close\r\n"));
	head = (size_t)sprintf(text, "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%zx\r\n", body);
	memset(text + head, 'x', body);
	head += body;
	head += (size_t)sprintf(text + head, "\r\n0\r\n\r\n");
	assert_true(has_status(exchange(w, text, head), 413));
	body = HTTP_SWALLOW_MAX + BODY_MAX + 1;
	head = (size_t)sprintf(text, "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%zx\r\n", body);
	memset(text + head, 'x', body);
	loop_client_connect(&w->client, w->loop, http_port(w->http));
	(void)loop_client_talk(&w->client, SPAN(text, head + body), 0, 20000);
	assert_int_equal(w->client.n, 0);
	assert_int_equal(fake.n_asked, 0);
	assert_int_equal(fake.n_problems, 2);
	free(text);
}

/* Methods, keys, codings and character sets that are not taken each get their error. */
static void
bad_heads(void **state)
{
	static const struct {
		const char *request;
		enum err e;
	} rows[] = {
		{ "OPTIONS /a HTTP/1.1\r\n" END, ERR_METHOD },
		{ "POST /a HTTP/1.1\r\nIf-Match: \xD0\x90\r\n" WITH_BODY, ERR_SYNTAX },
		{ "POST /a HTTP/1.1\r\nPrefer: \x01\r\n" WITH_BODY, ERR_SYNTAX },
		{ "TRACE /a HTTP/1.1\r\n" END, ERR_METHOD },
		{ "POST /a HTTP/1.1\r\nIdempotency-Key: \xD0\x90\r\n" WITH_BODY, ERR_SYNTAX },
		{ "POST /a HTTP/1.1\r\nContent-Encoding: gzip\r\n" WITH_BODY, ERR_MEDIA_TYPE },
		{ "POST /a HTTP/1.1\r\nContent-Type: json\r\n" WITH_BODY, ERR_MEDIA_TYPE },
		{ "POST /a HTTP/1.1\r\nContent-Type: a/b; charset=klingon\r\n" WITH_BODY, ERR_CHARSET },
		{ "GET /\xD0\x90 HTTP/1.1\r\n" END, ERR_ADDRESS },
	};
	struct world *w = *state;
	size_t i;

	open_door(w, false);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fake.problem = OK;
		ask(w, rows[i].request);
		assert_int_equal(fake.problem, rows[i].e);
	}
	assert_int_equal(fake.n_asked, 0);
	assert_non_null(strstr(ask(w, "TRACE /a HTTP/1.1\r\n" END), "\r\nAllow: GET, POST\r\n"));
}

/* Health needs no token on the loopback, and readiness is the process's. */
static void
health(void **state)
{
	struct world *w = *state;

	open_door(w, true);
	assert_true(has_status(ask(w, "GET /livez HTTP/1.1\r\n" END), 200));
	assert_true(has_status(ask(w, "GET /readyz HTTP/1.1\r\n" END), 503));
	fake.is_ready = true;
	assert_true(has_status(ask(w, "GET /readyz?verbose HTTP/1.1\r\n" END), 200));
	assert_true(has_status(ask(w, "GET /readyzx HTTP/1.1\r\n" END), 401));
}

/* After a fatal error nothing is answered, on this connection or on the next. */
static void
fatal(void **state)
{
	struct world *w = *state;

	open_door(w, false);
	fake.says = ERR_STORE;
	assert_string_equal(ask(w, "POST /a HTTP/1.1\r\n" WITH_BODY), "");
	assert_int_equal(fake.fatal, ERR_STORE);
	fake.says = OK;
	loop_client_connect(&w->client, w->loop, http_port(w->http));
	assert_false(loop_client_talk(&w->client, SPAN_LIT("GET /livez HTTP/1.1\r\n" END), 0, 100));
	assert_int_equal(w->client.n, 0);
}

/* A head larger than its limit is turned away, and the door goes on. */
static void
endless_head(void **state)
{
	struct world *w = *state;
	char *head = malloc(HTTP_HEAD_BYTES_MAX + 100);

	open_door(w, false);
	strcpy(head, "GET /a HTTP/1.1\r\nX: ");
	memset(head + strlen(head), 'x', HTTP_HEAD_BYTES_MAX);
	exchange(w, head, HTTP_HEAD_BYTES_MAX);
	assert_int_equal(fake.n_asked, 0);
	assert_true(has_status(ask(w, "GET /a HTTP/1.1\r\n" END), 200));
	free(head);
}

/* A query of any number of arguments is answered at once: as it is where the address is of a legal length, with its error where not. */
static void
endless_query(void **state)
{
	static const struct { size_t n; unsigned status; } rows[] = { { 500, 200 }, { 600, 400 }, { 7000, 400 } };
	struct world *w = *state;
	char *head = malloc(HTTP_HEAD_BYTES_MAX);

	open_door(w, false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *to = stpcpy(head, "GET /fhir/Task?");

		for (size_t k = 0; k < rows[i].n; k++)
			to = stpcpy(to, "a=b&");
		strcpy(to, " HTTP/1.1\r\n" END);
		assert_true(has_status(ask(w, head), rows[i].status));
		fake.path[sizeof("/fhir/Task?") - 1] = '\0';
		assert_string_equal(fake.path, rows[i].status == 400 ? "/fhir/Task" : "/fhir/Task?");
	}
	assert_int_equal(fake.problem, ERR_ADDRESS);
	assert_int_equal(fake.n_asked, 1);
	free(head);
}

/* A client under TLS, turned by a tick. */
struct tls_client {
	struct loop *loop;
	struct wire *wire;
	struct span out;
	char in[1024];
	size_t n;
	int64_t until_ms;
};

static int64_t
tls_tick(void *arg)
{
	struct tls_client *c = arg;
	ssize_t n = 0;

	if (c->out.n && (n = wire_write(c->wire, c->out.p, c->out.n)) > 0)
		c->out = SPAN(c->out.p + n, c->out.n - (size_t)n);
	n = c->out.n ? WIRE_AGAIN : wire_read(c->wire, c->in + c->n, sizeof(c->in) - 1 - c->n);
	if (n > 0)
		c->n += (size_t)n;
	if (n == WIRE_ENDED || n == WIRE_BROKEN || clock_mono_ms() > c->until_ms)
		loop_stop(c->loop);
	return 2;
}

/* Under TLS the door serves the same; where client certificates are asked for, a token alone is not enough. */
static void
under_tls(void **state)
{
	struct world *w = *state;
	struct tls_files files;
	int i;

	tls_files_make(&files, "adapter.example");
	w->config.in_http.tls_cert_file = files.cert;
	w->config.in_http.tls_key_file = files.key;
	for (i = 0; i < 2; i++) {
		struct tls_client c = { .until_ms = clock_mono_ms() + 5000 };
		struct wire_tls *tls;

		loop_free(w->loop);
		assert_int_equal(loop_new(&w->loop), OK);
		w->config.in_http.client_ca_file = i ? files.cert : NULL;
		open_door(w, true);
		w->client = (struct loop_client){ .fd = -1 };
		loop_client_connect(&w->client, w->loop, http_port(w->http));
		assert_int_equal(wire_tls_client(files.cert, &tls, NULL), OK);
		assert_int_equal(wire_open(dup(w->client.fd), tls, "adapter.example", &c.wire), OK);
		c.loop = w->loop;
		c.out = SPAN_LIT("GET /v1/inbox HTTP/1.1\r\nAuthorization: Bearer " TOKEN "\r\n" END);
		loop_add_tick(w->loop, tls_tick, &c);
		loop_run(w->loop);
		assert_true(has_status(c.in, i ? 401 : 200));
		assert_string_equal(fake.where, i ? "client certificate" : "");
		loop_client_close(&w->client);
		wire_close(c.wire);
		wire_tls_free(tls);
		http_close(w->http);
		w->http = NULL;
	}
	tls_files_remove(&files);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(request_and_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(heads, setup, teardown),
		cmocka_unit_test_setup_teardown(chunked, setup, teardown),
		cmocka_unit_test_setup_teardown(tokens, setup, teardown),
		cmocka_unit_test_setup_teardown(web_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(too_large, setup, teardown),
		cmocka_unit_test_setup_teardown(far_too_large, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_heads, setup, teardown),
		cmocka_unit_test_setup_teardown(health, setup, teardown),
		cmocka_unit_test_setup_teardown(fatal, setup, teardown),
		cmocka_unit_test_setup_teardown(endless_head, setup, teardown),
		cmocka_unit_test_setup_teardown(endless_query, setup, teardown),
		cmocka_unit_test_setup_teardown(under_tls, setup, teardown),
	};

	alarm(50);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
