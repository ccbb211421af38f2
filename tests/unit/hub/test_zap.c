/* SPDX-License-Identifier: EUPL-1.2 */
/* Each question gets its answer, and what is no question of CURVE in our domain gets no entry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>
#include <zmq.h>

#include "hub/zap.h"

struct place { struct loop *loop; };

static enum zap_verdict
who(void *arg, const uint8_t key[32], const char *address, const char **ret_agency)
{
	(void)arg;
	(void)address;
	*ret_agency = "ozd-plovdiv";
	return key[0] == 'y' ? ZAP_YES : key[0] == 'l' ? ZAP_LATER : ZAP_NEVER;
}

static int64_t
stop_soon(void *arg)
{
	static int calls;
	struct place *p = arg;

	if (++calls % 3 == 0)
		loop_stop(p->loop);
	return 20;
}

/* The status and the user that a request of these frames is answered with. */
static void
ask(struct place *p, void *s, const char *domain, const char *mechanism, const char *key, size_t key_n, char status[8],
    char user[80])
{
	const char *frames[] = { "1.0", "7", domain, "127.0.0.1", "", mechanism };
	int n = 0;

	for (size_t i = 0; i < 6; i++)
		assert_true(zmq_send(s, frames[i], strlen(frames[i]), ZMQ_SNDMORE) >= 0);
	assert_true(zmq_send(s, key, key_n, 0) >= 0);
	loop_run(p->loop);
	for (int i = 0; i < 6; i++) {
		char text[80] = "";

		n = zmq_recv(s, text, sizeof(text) - 1, ZMQ_DONTWAIT);
		assert_true(n >= 0);
		if (i == 2)
			strcpy(status, text);
		if (i == 4)
			strcpy(user, text);
	}
}

/* A table of questions; a bad one ends nothing. */
static void
questions_are_answered(void **state)
{
	static const char yes[33] = "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy", later[33] = "llllllllllllllllllllllllllllllll";
	static const char never[33] = "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn";
	const struct { const char *domain, *mechanism, *key; size_t n; const char *status, *user; } table[] = {
		{ ZAP_DOMAIN, "CURVE", yes, 32, "200", "ozd-plovdiv" }, { ZAP_DOMAIN, "CURVE", later, 32, "300", "" },
		{ ZAP_DOMAIN, "CURVE", never, 32, "400", "" }, { "", "CURVE", yes, 32, "400", "" },
		{ "other", "CURVE", yes, 32, "400", "" }, { ZAP_DOMAIN, "PLAIN", yes, 32, "400", "" },
		{ ZAP_DOMAIN, "NULL", yes, 32, "400", "" }, { ZAP_DOMAIN, "CURVE", yes, 31, "400", "" },
	};
	void *context = zmq_ctx_new(), *s = zmq_socket(context, ZMQ_REQ);
	char status[8], user[80];
	struct place p;
	struct zap *zap;

	(void)state;
	assert_int_equal(loop_new(&p.loop), OK);
	assert_int_equal(zap_open(context, p.loop, who, &p, &zap), OK);
	loop_add_tick(p.loop, stop_soon, &p);
	assert_int_equal(zmq_connect(s, "inproc://zeromq.zap.01"), 0);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		ask(&p, s, table[i].domain, table[i].mechanism, table[i].key, table[i].n, status, user);
		assert_string_equal(status, table[i].status);
		assert_string_equal(user, table[i].user);
	}
	zmq_close(s);
	zap_close(zap);
	zmq_ctx_term(context);
	loop_free(p.loop);
}

/* The handler is asked like libzmq asks it; one that does not answer twice is gone, one that answers in between is not. */
static void
watchdog_notices(void **state)
{
	struct place p;
	void *context = zmq_ctx_new();
	struct zap *zap;
	int64_t now = 1000000;

	(void)state;
	assert_int_equal(loop_new(&p.loop), OK);
	loop_add_tick(p.loop, stop_soon, &p);
	assert_int_equal(zap_open(context, p.loop, who, NULL, &zap), OK);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(zap_watch(zap, now), OK);
		loop_run(p.loop);
		now += ZAP_WATCH_MS;
	}
	assert_int_equal(zap_watch(zap, now), OK);	/* and nobody runs the handler: */
	assert_int_equal(zap_watch(zap, now + 1), OK);	/* too soon to tell */
	now += ZAP_WATCH_MS;
	assert_int_equal(zap_watch(zap, now), OK);	/* once */
	loop_run(p.loop);
	now += ZAP_WATCH_MS;
	assert_int_equal(zap_watch(zap, now), OK);	/* it was slow */
	now += ZAP_WATCH_MS;
	assert_int_equal(zap_watch(zap, now), OK);
	now += ZAP_WATCH_MS;
	assert_int_equal(zap_watch(zap, now), ERR_SYSTEM);
	zap_close(zap);
	loop_free(p.loop);
	zmq_ctx_term(context);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(questions_are_answered), cmocka_unit_test(watchdog_notices) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
