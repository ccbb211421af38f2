/* SPDX-License-Identifier: EUPL-1.2 */
/* A request's head: who is let in, what is refused, and what is taken over. The connection is one of names and values, in place of
 * libmicrohttpd's when this program is linked.
 */
#include "adapters/core/http_ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <microhttpd.h>

#define TOKEN "0123456789abcdef"

struct MHD_Connection {
	const char *headers[10][2];	/* ends at NULL */
};

const char *
MHD_lookup_connection_value(struct MHD_Connection *connection, enum MHD_ValueKind kind, const char *key)
{
	assert_int_equal(kind, MHD_HEADER_KIND);
	for (size_t i = 0; connection->headers[i][0] != NULL; i++)
		if (strcmp(connection->headers[i][0], key) == 0)
			return connection->headers[i][1];
	return NULL;
}

/* Not under TLS. */
const union MHD_ConnectionInfo *
MHD_get_connection_info(struct MHD_Connection *connection, enum MHD_ConnectionInfoType info_type, ...)
{
	static const union MHD_ConnectionInfo info;

	(void)connection;
	(void)info_type;
	return &info;
}

struct asked {
	char path[HTTP_HEAD_PATH_MAX + 100];
	struct http_ask ask;
	struct why why;
};

static enum err
ask(struct asked *to, const struct http_gate *gate, const char *method, const char *path, struct MHD_Connection *connection)
{
	memset(to, 0, sizeof(*to));
	snprintf(to->path, sizeof(to->path), "%s", path);
	to->ask.path = to->path;
	return http_ask_read(gate, connection, method, &to->ask, &to->why);
}

/* All that a head may say is there as it was said; what it did not say is not. */
static void
all_and_nothing(void **state)
{
	struct MHD_Connection full = { .headers = {
		{ "Host", "gp-1.example:8443" }, { "Content-Type", "Application/JSON; charset=utf-8" }, { "Content-Length", "17" },
		{ "Idempotency-Key", "k-1" }, { "Accept", "text/html" }, { "If-Match", "W/\"3\"" }, { "Expect", "100-continue" },
		{ "Repr-Digest", "sha-256=:x:" }, { "Content-Encoding", "identity" },
	} }, empty = { .headers = { { NULL } } };
	const struct http_gate open = { .is_tls = true };
	struct native native;
	struct asked a;

	(void)state;
	assert_int_equal(ask(&a, &open, "POST", "/v1/x?y=1", &full), OK);
	assert_string_equal(a.ask.said.base, "https://gp-1.example:8443");
	assert_string_equal(a.ask.content.media_type, "application/json");
	assert_string_equal(a.ask.key, "k-1");
	assert_string_equal(a.ask.said.if_match, "W/\"3\"");
	assert_string_equal(a.ask.said.digest, "sha-256=:x:");
	assert_int_equal(a.ask.length, 17);
	assert_true(a.ask.is_waiting);
	native = http_ask_native(&a.ask, "POST", SPAN_LIT("{}"));
	assert_string_equal(native.method, "POST");
	assert_string_equal(native.path, "/v1/x?y=1");
	assert_string_equal(native.media_type, "application/json");
	assert_string_equal(native.accept, "text/html");
	assert_int_equal(native.bytes.n, 2);

	assert_int_equal(ask(&a, &open, "HEAD", "/", &empty), OK);
	assert_null(a.ask.said.base);
	assert_null(a.ask.said.digest);
	assert_string_equal(a.ask.key, "");
	assert_int_equal(a.ask.length, 0);
	assert_false(a.ask.is_waiting);
	native = http_ask_native(&a.ask, "HEAD", SPAN_NONE);
	assert_string_equal(native.method, "GET");
	assert_null(native.media_type);
}

/* Each header that is wrong is refused with its name; its length is known all the same. */
static void
refused(void **state)
{
	static const struct { const char *header, *value; enum err e; } cases[] = {
		{ "Content-Encoding", "gzip", ERR_MEDIA_TYPE }, { "Idempotency-Key", "", ERR_SYNTAX }, { "If-None-Match", "a\tb", ERR_SYNTAX },
		{ "Prefer", "\xd0\xb4", ERR_SYNTAX }, { "Content-Digest", "a\x01", ERR_SYNTAX }, { "Content-Type", "json", ERR_MEDIA_TYPE },
		{ "Content-Type", "text/plain; charset=klingon", ERR_CHARSET }, { "Origin", "https://evil.example", ERR_UNAUTHORIZED },
	};
	const struct http_gate open = { .is_local = true };
	struct asked a;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct MHD_Connection c = { .headers = { { "Content-Length", "9" }, { cases[i].header, cases[i].value } } };

		if (ask(&a, &open, "POST", "/v1/x", &c) != cases[i].e)
			fail_msg("%s: %s", cases[i].header, cases[i].value);
		assert_string_equal(a.why.where, cases[i].header);
		assert_int_equal(a.ask.length, 9);
	}
}

/* What is no path has the form of one afterwards, so that its answer has one; a method that is none of ours is refused. */
static void
paths_and_methods(void **state)
{
	struct MHD_Connection c = { .headers = { { NULL } } };
	const struct http_gate open = { .is_local = true };
	char longest[HTTP_HEAD_PATH_MAX + 2];
	struct asked a;

	(void)state;
	memset(longest, 'a', sizeof(longest));
	longest[0] = '/';
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(ask(&a, &open, "GET", longest, &c), ERR_ADDRESS);
	assert_int_equal(ask(&a, &open, "GET", "/a?\xD0\x90", &c), ERR_ADDRESS);
	assert_string_equal(a.ask.path, "/a");
	assert_int_equal(ask(&a, &open, "GET", "x", &c), ERR_ADDRESS);
	assert_int_equal(ask(&a, &open, "TRACE", "/v1/x", &c), ERR_METHOD);
	assert_int_equal(ask(&a, &open, "POST", "/livez", &c), ERR_METHOD);
	assert_int_equal(ask(&a, &open, "HEAD", "/readyz?a", &c), OK);
	assert_true(http_ask_is_health(&a.ask));
	assert_int_equal(ask(&a, &open, "POST", "/livezz", &c), OK);
	assert_false(http_ask_is_health(&a.ask));
}

/* A token or a certificate that is asked for must be there, before anything else is said of the request; of itself only this machine may ask how
 * the process is.
 */
static void
callers(void **state)
{
	struct MHD_Connection none = { .headers = { { NULL } } }, right = { .headers = { { "Authorization", "Bearer " TOKEN } } },
			      wrong = { .headers = { { "Authorization", "Bearer 1123456789abcdef" } } };
	struct http_auth *auth = NULL;
	struct http_gate gate = { .auth = NULL };
	struct asked a;

	(void)state;
	assert_int_equal(http_auth_parse(SPAN_LIT("clinic:" TOKEN "\n"), &auth, NULL), OK);
	gate.auth = auth;
	assert_int_equal(ask(&a, &gate, "TRACE", "/v1/x", &none), ERR_UNAUTHORIZED);
	assert_int_equal(ask(&a, &gate, "GET", "/v1/x", &wrong), ERR_UNAUTHORIZED);
	assert_int_equal(ask(&a, &gate, "GET", "/v1/x", &right), OK);
	assert_int_equal(ask(&a, &gate, "GET", "/livez", &none), ERR_UNAUTHORIZED);
	gate.is_local = true;
	assert_int_equal(ask(&a, &gate, "GET", "/livez", &none), OK);
	assert_int_equal(ask(&a, &gate, "GET", "/v1/x", &none), ERR_UNAUTHORIZED);
	gate.wants_certificate = true;
	assert_int_equal(ask(&a, &gate, "GET", "/v1/x", &right), ERR_UNAUTHORIZED);
	assert_string_equal(a.why.where, "client certificate");
	http_auth_free(auth);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_and_nothing),
		cmocka_unit_test(refused),
		cmocka_unit_test(paths_and_methods),
		cmocka_unit_test(callers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
