/* SPDX-License-Identifier: EUPL-1.2 */
/* A connection bare and under TLS: bytes pass, never block, and strangers' certificates are refused on both sides. */
#include "adapters/core/wire.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "tests/support/tls_files.h"

#define TURNS 2000

struct world {
	struct tls_files ours, others;
	struct wire_tls *server_tls, *client_tls;
	struct wire *server, *client;
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	tls_files_make(&w->ours, "his.example");
	tls_files_make(&w->others, "his.example");
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	wire_close(w->client);
	wire_close(w->server);
	wire_tls_free(w->client_tls);
	wire_tls_free(w->server_tls);
	tls_files_remove(&w->ours);
	tls_files_remove(&w->others);
	free(w);
	return 0;
}

static void
join(struct world *w, const char *host)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	assert_int_equal(wire_open(fds[0], w->server_tls, NULL, &w->server), OK);
	assert_int_equal(wire_open(fds[1], w->client_tls, host, &w->client), OK);
}

/* Send `n` bytes from one to the other. False: one of them is broken, or nothing moves. */
static bool
pass(struct wire *from, struct wire *to, size_t n)
{
	uint8_t *out = malloc(n), *in = malloc(n);
	size_t sent = 0, got = 0, i;
	bool is_broken = false;

	for (i = 0; i < n; i++)
		out[i] = (uint8_t)(i * 31);
	for (i = 0; i < TURNS && got < n && !is_broken; i++) {
		ssize_t done = sent < n ? wire_write(from, out + sent, n - sent) : wire_read(from, in, 0);

		is_broken = done == WIRE_BROKEN;
		if (sent < n && done > 0)
			sent += (size_t)done;
		done = wire_read(to, in + got, n - got);
		is_broken |= done == WIRE_BROKEN || done == WIRE_ENDED;
		if (done > 0)
			got += (size_t)done;
	}
	is_broken |= got < n || memcmp(in, out, n) != 0;
	free(in);
	free(out);
	return !is_broken;
}

static void
bare(void **state)
{
	struct world *w = *state;
	uint8_t byte;

	join(w, NULL);
	assert_int_equal(wire_read(w->server, &byte, 1), WIRE_AGAIN);
	assert_true(pass(w->client, w->server, 500000));
	assert_true(pass(w->server, w->client, 3));
	wire_close(w->client);
	w->client = NULL;
	assert_int_equal(wire_read(w->server, &byte, 1), WIRE_ENDED);
}

/* Under TLS the same, for the name and for the address in the certificate. */
static void
under_tls(void **state)
{
	struct world *w = *state;
	uint8_t byte;

	assert_int_equal(wire_tls_server(w->ours.cert, w->ours.key, NULL, &w->server_tls, NULL), OK);
	assert_int_equal(wire_tls_client(w->ours.cert, &w->client_tls, NULL), OK);
	join(w, "his.example");
	assert_int_equal(wire_read(w->server, &byte, 1), WIRE_AGAIN);
	assert_true(pass(w->client, w->server, 500000));
	assert_true(pass(w->server, w->client, 500000));
	wire_close(w->client);
	wire_close(w->server);
	join(w, "127.0.0.1");
	assert_true(pass(w->client, w->server, 10));
}

/* Another's certificate, or another's name, is refused by the client. */
static void
wrong_server(void **state)
{
	struct world *w = *state;

	assert_int_equal(wire_tls_server(w->others.cert, w->others.key, NULL, &w->server_tls, NULL), OK);
	assert_int_equal(wire_tls_client(w->ours.cert, &w->client_tls, NULL), OK);
	join(w, "his.example");
	assert_false(pass(w->client, w->server, 10));
	wire_close(w->client);
	wire_close(w->server);
	wire_tls_free(w->server_tls);
	assert_int_equal(wire_tls_server(w->ours.cert, w->ours.key, NULL, &w->server_tls, NULL), OK);
	join(w, "other.example");
	assert_false(pass(w->client, w->server, 10));
}

/* Where clients must show a certificate, one without it gets nothing through. */
static void
no_client_certificate(void **state)
{
	struct world *w = *state;

	assert_int_equal(wire_tls_server(w->ours.cert, w->ours.key, w->ours.cert, &w->server_tls, NULL), OK);
	assert_int_equal(wire_tls_client(w->ours.cert, &w->client_tls, NULL), OK);
	join(w, "his.example");
	assert_false(pass(w->client, w->server, 10));
}

/* Text where a handshake should be breaks the connection. */
static void
no_tls_at_all(void **state)
{
	struct world *w = *state;

	assert_int_equal(wire_tls_server(w->ours.cert, w->ours.key, NULL, &w->server_tls, NULL), OK);
	join(w, NULL);
	assert_int_equal(wire_write(w->client, "MSH|^~\\&|this is no handshake", 29), 29);
	assert_false(pass(w->client, w->server, 10));
}

/* Files that do not fit are told at the start; a key that others may read as well. */
static void
bad_files(void **state)
{
	struct world *w = *state;
	struct why why = { 0 };

	assert_int_equal(wire_tls_server(w->ours.cert, w->others.key, NULL, &w->server_tls, &why), ERR_KEYFILE);
	assert_int_equal(wire_tls_server("/nowhere", w->ours.key, NULL, &w->server_tls, &why), ERR_KEYFILE);
	assert_int_equal(wire_tls_client(w->ours.key, &w->client_tls, &why), ERR_KEYFILE);
	assert_int_equal(chmod(w->ours.key, 0644), 0);
	assert_int_equal(wire_tls_server(w->ours.cert, w->ours.key, NULL, &w->server_tls, &why), ERR_KEYFILE);
	assert_null(w->server_tls);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(bare, setup, teardown),
		cmocka_unit_test_setup_teardown(under_tls, setup, teardown),
		cmocka_unit_test_setup_teardown(wrong_server, setup, teardown),
		cmocka_unit_test_setup_teardown(no_client_certificate, setup, teardown),
		cmocka_unit_test_setup_teardown(no_tls_at_all, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_files, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
