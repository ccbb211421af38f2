/* SPDX-License-Identifier: EUPL-1.2 */
/* The MLLP door in: messages are answered in order, broken ones too, and strangers get nothing. */
#include "adapters/core/mllp_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "adapters/core/places.h"
#include "tests/support/fake_adapter.h"
#include "tests/support/loop_client.h"

#define MESSAGE_MAX 5000

struct world {
	struct loop *loop;
	struct mllp_in *door;
	struct adapter_config config;
	struct adapter_cidr peer;
	struct loop_client client, second;
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	assert_int_equal(loop_new(&w->loop), OK);
	w->client.fd = w->second.fd = -1;
	w->config.in_mllp.host = "127.0.0.1";
	w->config.in_mllp.loopback = true;
	w->config.in_mllp.message_bytes = MESSAGE_MAX;
	w->config.in_mllp.idle_ms = 60000;
	w->config.in_mllp.max_connections = 2;
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	loop_client_close(&w->client);
	loop_client_close(&w->second);
	mllp_in_close(w->door);
	loop_free(w->loop);
	free(w);
	return 0;
}

static void
open_door(struct world *w)
{
	const struct door_host *host = fake_host(w->loop);
	struct why why = { 0 };

	fake.loop = NULL;	/* the client stops the loop */
	fake.is_echo = true;
	assert_int_equal(mllp_in_open(&w->config, host, &w->door, &why), OK);
	loop_client_connect(&w->client, w->loop, mllp_in_port(w->door));
}

#define LEN(s) (sizeof(s) - 1)

/* Two messages in one write, and one in many, get their answers in order and framed. */
static void
in_order(void **state)
{
	static const char two[] = "\x0Bone\x1C\r\n\x0Btwo\x1C\r", three[] = "\x0Bthree\x1C\r";
	struct world *w = *state;
	size_t i;

	open_door(w);
	assert_true(loop_client_talk(&w->client, SPAN(two, LEN(two)), LEN(two) - 1, 5000));
	assert_string_equal(w->client.in, "\x0Bone\x1C\r\x0Btwo\x1C\r");
	assert_string_equal(fake.charset, "UTF-8");
	assert_string_equal(fake.door, "mllp");
	assert_int_equal(fake.format, FORMAT_HL7);
	w->client.n = 0;
	for (i = 0; i < LEN(three); i++)
		loop_client_talk(&w->client, SPAN(three + i, 1), i + 1 < LEN(three) ? 1 : LEN(three), i + 1 < LEN(three) ? 5 : 5000);
	assert_string_equal(w->client.in, three);
	assert_int_equal(fake.n_asked, 3);
}

/* An answer of two messages goes out in two frames, before that of the next message. */
static void
two_frames(void **state)
{
	static const char two[] = "\x0Bone\x1C\r\x0Btwo\x1C\r", both[] = "\x0Bone\x1C\r\x0Blater\x1C\r\x0Btwo\x1C\r\x0Blater\x1C\r";
	struct world *w = *state;

	open_door(w);
	fake.then = "later";
	assert_true(loop_client_talk(&w->client, SPAN(two, LEN(two)), LEN(both), 5000));
	fake.then = NULL;
	assert_string_equal(w->client.in, both);
}

/* A message cut off by the next one's start is refused, never taken; the next one is. */
static void
cut_off(void **state)
{
	static const char text[] = "\x0Bhalf\x0Bwhole\x1C\r";
	struct world *w = *state;

	open_door(w);
	assert_true(loop_client_talk(&w->client, SPAN(text, LEN(text)), 11 + 8, 5000));
	assert_string_equal(w->client.in, "\x0BNSK-1503\x1C\r\x0Bwhole\x1C\r");
	assert_int_equal(fake.n_asked, 1);
	assert_int_equal(fake.n_problems, 1);
}

/* Hanging up in the middle is answered too, if the peer still reads. */
static void
hung_up(void **state)
{
	struct world *w = *state;

	open_door(w);
	loop_client_talk(&w->client, SPAN_LIT("\x0Bhalf"), 1, 50);
	shutdown(w->client.fd, SHUT_WR);
	assert_true(loop_client_talk(&w->client, SPAN_NONE, 0, 5000));
	assert_string_equal(w->client.in, "\x0BNSK-1503\x1C\r");
	assert_int_equal(fake.n_asked, 0);
}

/* Text without a frame is refused and the connection ended, after the answer. */
static void
unframed(void **state)
{
	struct world *w = *state;

	open_door(w);
	loop_client_talk(&w->client, SPAN_LIT("MSH|no start\x1C\rmore of it"), 11, 5000);
	assert_string_equal(w->client.in, "\x0BNSK-1501\x1C\r");
	assert_true(loop_client_talk(&w->client, SPAN_NONE, 0, 5000));
	assert_true(w->client.is_ended);
	assert_int_equal(fake.n_asked, 0);
}

/* A message of the limit is taken; a larger one is refused, and the connection goes on. */
static void
too_large(void **state)
{
	struct world *w = *state;
	char *text = malloc(3 * MESSAGE_MAX);

	open_door(w);
	text[0] = 0x0B;
	memset(text + 1, 'x', 3 * MESSAGE_MAX - 1);
	memcpy(text + 1 + MESSAGE_MAX, "\x1C\r", 2);
	assert_true(loop_client_talk(&w->client, SPAN(text, MESSAGE_MAX + 3), MESSAGE_MAX + 3, 5000));
	assert_int_equal(fake.n_asked, 1);
	w->client.n = 0;
	memset(text + 1, 'x', 3 * MESSAGE_MAX - 1);
	memcpy(text + 2 * MESSAGE_MAX, "\x1C\r\x0Bnext\x1C\r", 9);
	assert_true(loop_client_talk(&w->client, SPAN(text, 2 * MESSAGE_MAX + 9), 11 + 7, 5000));
	assert_string_equal(w->client.in, "\x0BNSK-1005\x1C\r\x0Bnext\x1C\r");
	free(text);
}

/* A peer that is not on the list is closed at once. */
static void
strangers(void **state)
{
	struct world *w = *state;

	w->peer = (struct adapter_cidr){ .addr = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 1, 0, 0 }, .bits = 112 };
	w->config.in_mllp.peers = &w->peer;
	w->config.in_mllp.n_peers = 1;
	open_door(w);
	assert_true(loop_client_talk(&w->client, SPAN_LIT("\x0Bone\x1C\r"), 0, 5000));
	assert_true(w->client.is_ended);
	assert_int_equal(w->client.n, 0);
	assert_int_equal(fake.n_asked, 0);
}

/* More connections than allowed are closed; a place that becomes free is given again. */
static void
crowd(void **state)
{
	struct world *w = *state;
	struct loop_client third = { .fd = -1 };

	w->config.in_mllp.max_connections = 2;
	open_door(w);
	loop_client_connect(&w->second, w->loop, mllp_in_port(w->door));
	loop_client_connect(&third, w->loop, mllp_in_port(w->door));
	assert_true(loop_client_talk(&third, SPAN_NONE, 0, 5000));
	assert_true(third.is_ended);
	close(w->second.fd);
	w->second.fd = -1;
	loop_client_talk(&w->client, SPAN_LIT("\x0Bone\x1C\r"), 6, 5000);
	loop_client_connect(&third, w->loop, mllp_in_port(w->door));
	assert_true(loop_client_talk(&third, SPAN_LIT("\x0Btwo\x1C\r"), 6, 5000));
	assert_string_equal(third.in, "\x0Btwo\x1C\r");
	loop_client_close(&third);
}

/* As many half-said messages as there are places shut nobody out: after a moment one of them gives way. */
static void
half_said(void **state)
{
	struct world *w = *state;
	struct loop_client third = { .fd = -1 };

	w->config.in_mllp.max_connections = 2;
	open_door(w);
	loop_client_connect(&w->second, w->loop, mllp_in_port(w->door));
	loop_client_talk(&w->client, SPAN_LIT("\x0Bone"), 6, 300);
	loop_client_talk(&w->second, SPAN_LIT("\x0Btwo"), 6, PLACES_GRACE_MS);
	loop_client_connect(&third, w->loop, mllp_in_port(w->door));
	assert_true(loop_client_talk(&third, SPAN_LIT("\x0Bthree\x1C\r"), 8, 5000));
	assert_string_equal(third.in, "\x0Bthree\x1C\r");
	assert_true(w->client.is_ended || loop_client_talk(&w->client, SPAN_NONE, 0, 1000));
	assert_true(w->client.is_ended);
	assert_false(w->second.is_ended);
	loop_client_close(&third);
}

/* Silence for longer than allowed ends a connection. */
static void
silence(void **state)
{
	struct world *w = *state;

	w->config.in_mllp.idle_ms = 300;
	open_door(w);
	assert_true(loop_client_talk(&w->client, SPAN_LIT("\x0Bhalf"), 0, 5000));
	assert_true(w->client.is_ended);
}

/* After a fatal error there is no answer. */
static void
fatal(void **state)
{
	struct world *w = *state;

	open_door(w);
	fake.says = ERR_STORE;
	loop_client_talk(&w->client, SPAN_LIT("\x0Bone\x1C\r\x0Btwo\x1C\r"), 0, 200);
	assert_int_equal(w->client.n, 0);
	assert_int_equal(fake.fatal, ERR_STORE);
	assert_int_equal(fake.n_asked, 1);
}

/* Who does not read his answers is not read, and all of them come when he reads at last. */
static void
backpressure(void **state)
{
	enum { N = 3000 };
	struct world *w = *state;
	size_t len = 1000 * N, i;
	char *text = malloc(len);

	for (i = 0; i < N; i++) {
		memset(text + 1000 * i, 'x', 1000);
		text[1000 * i] = 0x0B;
		memcpy(text + 1000 * i + 998, "\x1C\r", 2);
	}
	open_door(w);
	assert_true(loop_client_talk(&w->client, SPAN(text, len), len, 20000));
	assert_int_equal(w->client.n, len);
	assert_memory_equal(w->client.in, text, len);
	assert_int_equal(fake.n_asked, N);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(two_frames, setup, teardown),
		cmocka_unit_test_setup_teardown(cut_off, setup, teardown),
		cmocka_unit_test_setup_teardown(hung_up, setup, teardown),
		cmocka_unit_test_setup_teardown(unframed, setup, teardown),
		cmocka_unit_test_setup_teardown(too_large, setup, teardown),
		cmocka_unit_test_setup_teardown(strangers, setup, teardown),
		cmocka_unit_test_setup_teardown(crowd, setup, teardown),
		cmocka_unit_test_setup_teardown(half_said, setup, teardown),
		cmocka_unit_test_setup_teardown(silence, setup, teardown),
		cmocka_unit_test_setup_teardown(fatal, setup, teardown),
		cmocka_unit_test_setup_teardown(backpressure, setup, teardown),
	};

	alarm(55);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
