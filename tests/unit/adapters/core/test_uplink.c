/* SPDX-License-Identifier: EUPL-1.2 */
/* The uplink: it comes up, says so, and comes up again by itself after whatever the hub does. */
#include "adapters/core/uplink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <zmq.h>

#include "proto/base/clock.h"
#include "proto/frame.h"

/* A hub of a few lines: a ROUTER under CURVE whose ZAP handler answers as told. */
struct hub {
	void *context, *zap, *router;
	struct loop_item *zap_item, *router_item;
	const char *zap_status;
	char endpoint[64];
	uint8_t peer[64];
	int peer_len;
	unsigned n_asked, n_got;
	size_t got_len;
};

struct world {
	struct loop *loop;
	struct hub hub;
	struct key *ours, *hubs, *other;
	struct uplink *uplink;
	const char *endpoints[2];
	unsigned n_up, n_down, n_frames;
	size_t frame_len;
	enum err says, fatal;
	bool (*is_done)(struct world *w);
	int64_t until_ms, silent_ms;
	bool is_late;
};

static void
on_zap(void *arg, int events)
{
	struct hub *hub = arg;
	char request_id[64];
	int n = 0, more = 1, at, more_len = sizeof(more);

	(void)events;
	for (at = 0; more; at++) {
		char part[64];
		int len = zmq_recv(hub->zap, part, sizeof(part), 0);

		if (at == 1) {
			memcpy(request_id, part, (size_t)len);
			n = len;
		}
		zmq_getsockopt(hub->zap, ZMQ_RCVMORE, &more, &(size_t){ (size_t)more_len });
	}
	hub->n_asked++;
	zmq_send(hub->zap, "1.0", 3, ZMQ_SNDMORE);
	zmq_send(hub->zap, request_id, (size_t)n, ZMQ_SNDMORE);
	zmq_send(hub->zap, hub->zap_status, 3, ZMQ_SNDMORE);
	zmq_send(hub->zap, "", 0, ZMQ_SNDMORE);
	zmq_send(hub->zap, "agency", 6, ZMQ_SNDMORE);
	zmq_send(hub->zap, "", 0, 0);
}

static void
on_router(void *arg, int events)
{
	struct hub *hub = arg;
	static uint8_t bytes[FRAME_MAX];
	int n;

	(void)events;
	hub->peer_len = zmq_recv(hub->router, hub->peer, sizeof(hub->peer), 0);
	n = zmq_recv(hub->router, bytes, sizeof(bytes), 0);
	hub->got_len = n > 0 ? (size_t)n : 0;
	hub->n_got++;
}

static void
start_hub(struct world *w, const char *endpoint)
{
	struct hub *hub = &w->hub;
	size_t len = sizeof(hub->endpoint);
	int one = 1, zero = 0;

	hub->context = zmq_ctx_new();
	hub->zap = zmq_socket(hub->context, ZMQ_REP);
	assert_int_equal(zmq_bind(hub->zap, "inproc://zeromq.zap.01"), 0);
	hub->router = zmq_socket(hub->context, ZMQ_ROUTER);
	zmq_setsockopt(hub->router, ZMQ_LINGER, &zero, sizeof(zero));
	zmq_setsockopt(hub->router, ZMQ_CURVE_SERVER, &one, sizeof(one));
	zmq_setsockopt(hub->router, ZMQ_CURVE_SECRETKEY, key_secret(w->hubs), KEY_LEN);
	zmq_setsockopt(hub->router, ZMQ_ZAP_DOMAIN, "test", 4);
	assert_int_equal(zmq_bind(hub->router, endpoint), 0);
	zmq_getsockopt(hub->router, ZMQ_LAST_ENDPOINT, hub->endpoint, &len);
	hub->zap_item = loop_add_socket(w->loop, hub->zap, LOOP_IN, on_zap, hub);
	hub->router_item = loop_add_socket(w->loop, hub->router, LOOP_IN, on_router, hub);
}

static void
stop_hub(struct world *w)
{
	struct hub *hub = &w->hub;

	if (!hub->context)
		return;
	loop_del(w->loop, hub->zap_item);
	loop_del(w->loop, hub->router_item);
	zmq_close(hub->router);
	zmq_close(hub->zap);
	zmq_ctx_term(hub->context);
	hub->context = NULL;
}

static enum err
on_up(void *arg)
{
	struct world *w = arg;

	w->n_up++;
	return OK;
}

static void
on_down(void *arg)
{
	struct world *w = arg;

	w->n_down++;
}

static enum err
on_frame(void *arg, struct span frame)
{
	struct world *w = arg;

	w->n_frames++;
	w->frame_len = frame.n;
	return w->says;
}

static void
on_fatal(void *arg, enum err e)
{
	struct world *w = arg;

	w->fatal = e;
	loop_stop(w->loop);
}

static int64_t
watch(void *arg)
{
	struct world *w = arg;

	w->is_late = clock_mono_ms() > w->until_ms;
	if (w->is_late || (w->is_done && w->is_done(w)))
		loop_stop(w->loop);
	return 2;
}

static bool
run_until(struct world *w, bool (*is_done)(struct world *), int64_t ms)
{
	w->is_done = is_done;
	w->until_ms = clock_mono_ms() + ms;
	loop_run(w->loop);
	return !w->is_late;
}

static bool is_up(struct world *w) { return uplink_is_up(w->uplink); }
static bool is_down(struct world *w) { return !uplink_is_up(w->uplink); }
static bool has_frame(struct world *w) { return w->n_frames > 0; }
static bool hub_has_one(struct world *w) { return w->hub.n_got > 0; }
static bool asked_thrice(struct world *w) { return w->hub.n_asked >= 3; }

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	assert_int_equal(loop_new(&w->loop), OK);
	assert_int_equal(key_make(KEY_TRANSPORT, &w->ours), OK);
	assert_int_equal(key_make(KEY_TRANSPORT, &w->hubs), OK);
	assert_int_equal(key_make(KEY_TRANSPORT, &w->other), OK);
	w->hub.zap_status = "200";
	w->silent_ms = CLOCK_MINUTE;
	start_hub(w, "tcp://127.0.0.1:*");
	w->endpoints[0] = w->hub.endpoint;
	loop_add_tick(w->loop, watch, w);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	uplink_close(w->uplink);
	stop_hub(w);
	loop_free(w->loop);
	key_free(w->ours);
	key_free(w->hubs);
	key_free(w->other);
	free(w);
	return 0;
}

static void
start(struct world *w, size_t n_hubs, const struct key *hub_key)
{
	struct uplink_options o = {
		.hubs = w->endpoints, .n_hubs = n_hubs, .transport = w->ours, .hub_key = *key_public(hub_key),
		.handshake_ms = 500, .silent_ms = w->silent_ms,
		.reconnect_min_ms = 20, .reconnect_max_ms = 100, .arg = w,
		.on_up = on_up, .on_down = on_down, .on_frame = on_frame, .on_fatal = on_fatal,
	};

	assert_int_equal(uplink_open(&o, w->loop, &w->uplink), OK);
}

static void
hub_sends(struct world *w, const char *text, int parts)
{
	assert_int_equal(zmq_send(w->hub.router, w->hub.peer, (size_t)w->hub.peer_len, ZMQ_SNDMORE), w->hub.peer_len);
	while (parts-- > 0)
		zmq_send(w->hub.router, text, strlen(text), parts ? ZMQ_SNDMORE : 0);
}

/* Bring it up and let the hub know its peer. */
static void
bring_up(struct world *w)
{
	assert_true(run_until(w, is_up, 5000));
	w->hub.n_got = 0;
	assert_int_equal(uplink_send(w->uplink, SPAN_LIT("hello")), OK);
	assert_true(run_until(w, hub_has_one, 5000));
}

/* Frames pass both ways once it is up, and none before. */
static void
frames_pass(void **state)
{
	struct world *w = *state;

	start(w, 1, w->hubs);
	assert_int_equal(uplink_send(w->uplink, SPAN_LIT("early")), ERR_BUSY);
	bring_up(w);
	assert_int_equal(w->hub.got_len, 5);
	hub_sends(w, "welcome", 1);
	assert_true(run_until(w, has_frame, 5000));
	assert_int_equal(w->frame_len, 7);
	assert_int_equal(w->n_up, 1);
	assert_int_equal(w->n_down, 0);
}

/* A frame of the limit passes, a larger one is refused here. */
static void
large_frames(void **state)
{
	struct world *w = *state;
	uint8_t *bytes = calloc(1, FRAME_MAX + 1);

	start(w, 1, w->hubs);
	bring_up(w);
	w->hub.n_got = 0;
	assert_int_equal(uplink_send(w->uplink, SPAN(bytes, FRAME_MAX + 1)), ERR_TOOBIG);
	assert_int_equal(uplink_send(w->uplink, SPAN(bytes, FRAME_MAX)), OK);
	assert_true(run_until(w, hub_has_one, 5000));
	assert_int_equal(w->hub.got_len, FRAME_MAX);
	free(bytes);
}

/* A hub that dies and comes back on the same address is found again without a hand. */
static void
hub_returns(void **state)
{
	struct world *w = *state;
	char endpoint[64];

	start(w, 1, w->hubs);
	bring_up(w);
	memcpy(endpoint, w->hub.endpoint, sizeof(endpoint));
	stop_hub(w);
	assert_true(run_until(w, is_down, 5000));
	assert_int_equal(w->n_down, 1);
	assert_int_equal(uplink_send(w->uplink, SPAN_LIT("x")), ERR_BUSY);
	run_until(w, NULL, 200);	/* a while of refused connections */
	start_hub(w, endpoint);
	bring_up(w);
	assert_int_equal(w->n_up, 2);
}

/* Refused for good or for now, the client asks again; let in at last, it is up. */
static void
refusals(void **state)
{
	static const char *const statuses[] = { "400", "300" };
	struct world *w = *state;
	size_t i;

	for (i = 0; i < 2; i++) {
		w->hub.zap_status = statuses[i];
		w->hub.n_asked = 0;
		if (i == 0)
			start(w, 1, w->hubs);
		else
			uplink_drop(w->uplink);
		assert_true(run_until(w, asked_thrice, 10000));
		assert_false(is_up(w));
		w->hub.zap_status = "200";
		bring_up(w);
	}
	assert_int_equal(w->n_up, 2);
	assert_int_equal(w->n_down, 1);
}

/* Under a wrong hub key nobody comes up; with the right one set, it does. */
static void
hub_key(void **state)
{
	struct world *w = *state;

	start(w, 1, w->other);
	assert_false(run_until(w, is_up, 1500));
	uplink_set_hub_key(w->uplink, key_public(w->hubs));
	bring_up(w);
}

/* The second hub of the list is taken when the first is away. */
static void
failover(void **state)
{
	struct world *w = *state;

	w->endpoints[0] = "tcp://127.0.0.1:1";
	w->endpoints[1] = w->hub.endpoint;
	start(w, 2, w->hubs);
	bring_up(w);
	assert_int_equal(w->n_up, 1);
}

/* A message of several parts ends the connection, whole; the next one stands. */
static void
multipart(void **state)
{
	struct world *w = *state;

	start(w, 1, w->hubs);
	bring_up(w);
	hub_sends(w, "part", 3);
	assert_true(run_until(w, is_down, 5000));
	assert_int_equal(w->n_frames, 0);
	bring_up(w);
	assert_int_equal(w->n_frames, 0);
}

/* An error of the adapter ends the connection, a fatal one the process: what is behind that frame is not read. */
static void
errors_of_the_adapter(void **state)
{
	struct world *w = *state;

	start(w, 1, w->hubs);
	bring_up(w);
	w->says = ERR_FORMAT;
	hub_sends(w, "bad", 1);
	assert_true(run_until(w, is_down, 5000));
	w->says = OK;
	bring_up(w);
	w->n_frames = 0;
	w->says = ERR_STORE;
	hub_sends(w, "first", 1);
	hub_sends(w, "second", 1);
	assert_true(run_until(w, NULL, 5000));
	assert_int_equal(w->fatal, ERR_STORE);
	assert_int_equal(w->n_frames, 1);
}

/* A hub that says nothing is given up and found again; one that speaks is not, nor is anybody for a pause of our own. */
static void
silence(void **state)
{
	struct world *w = *state;

	w->silent_ms = 1000;
	start(w, 1, w->hubs);
	bring_up(w);
	for (int i = 0; i < 8; i++) {
		hub_sends(w, "word", 1);
		run_until(w, NULL, 250);
	}
	usleep(1500000);
	run_until(w, NULL, 300);
	assert_int_equal(w->n_down, 0);
	assert_true(run_until(w, is_down, 1500));
	bring_up(w);
	assert_int_equal(w->n_up, 2);
}

/* A hub that goes while its frames wait in a full pipe, because this process is busy with something else, costs no more than
 * the connection: what it had sent is read, then the next one is made.
 */
static void
gone_while_stopped(void **state)
{
	struct world *w = *state;
	char endpoint[64];

	start(w, 1, w->hubs);
	bring_up(w);
	memcpy(endpoint, w->hub.endpoint, sizeof(endpoint));
	w->n_frames = 0;
	for (int i = 0; i < 500; i++)
		hub_sends(w, "frame", 1);
	usleep(200000);
	/* unread bytes of ours in its buffer make its end a reset, which is seen without reading */
	for (int i = 0; i < 20; i++)
		assert_int_equal(uplink_send(w->uplink, SPAN_LIT("unread")), OK);
	usleep(200000);
	stop_hub(w);
	usleep(1500000);
	assert_int_equal(w->n_frames, 0);
	assert_true(run_until(w, is_down, 5000));
	assert_true(w->n_frames >= 64);
	start_hub(w, endpoint);
	bring_up(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(frames_pass, setup, teardown),
		cmocka_unit_test_setup_teardown(large_frames, setup, teardown),
		cmocka_unit_test_setup_teardown(hub_returns, setup, teardown),
		cmocka_unit_test_setup_teardown(refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(hub_key, setup, teardown),
		cmocka_unit_test_setup_teardown(failover, setup, teardown),
		cmocka_unit_test_setup_teardown(multipart, setup, teardown),
		cmocka_unit_test_setup_teardown(silence, setup, teardown),
		cmocka_unit_test_setup_teardown(gone_while_stopped, setup, teardown),
		cmocka_unit_test_setup_teardown(errors_of_the_adapter, setup, teardown),
	};

	alarm(55);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
