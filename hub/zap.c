/* SPDX-License-Identifier: EUPL-1.2 */
/* zap - a REP socket in the loop. A request is version, id, domain, address, routing id, mechanism, key: exactly seven frames. */
#include "hub/zap.h"

#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define FRAMES 7
#define FIELD_MAX 256
#define DRAIN_MAX 64
#define MISSED_MAX 2

enum { F_VERSION, F_ID, F_DOMAIN, F_ADDRESS, F_IDENTITY, F_MECHANISM, F_KEY };

struct zap {
	void *socket;
	struct loop *loop;
	struct loop_item *item;
	zap_who_fn *who;
	void *arg;
	void *probe;			/* of the watchdog: a client of our own */
	bool is_asked;			/* and not answered yet */
	unsigned missed;
	int64_t asked_ms;
};

struct field { uint8_t b[FIELD_MAX]; size_t n; };

static bool
is_text(const struct field *f, const char *text)
{
	return f->n == strlen(text) && memcmp(f->b, text, f->n) == 0;
}

/* All frames are taken off the socket, whatever they are: a REP socket must answer what it has received. */
static bool
receive(struct zap *zap, struct field fields[FRAMES], bool *ret_is_whole)
{
	int more = 1, n;
	size_t size = sizeof(more), count = 0;

	*ret_is_whole = true;
	while (more) {
		struct field spare, *f = count < FRAMES ? &fields[count] : &spare;

		n = zmq_recv(zap->socket, f->b, FIELD_MAX - 1, ZMQ_DONTWAIT);
		if (n < 0)
			return false;
		*ret_is_whole &= n < FIELD_MAX;
		f->n = n < FIELD_MAX ? (size_t)n : FIELD_MAX - 1;
		f->b[f->n] = 0;
		count++;
		if (zmq_getsockopt(zap->socket, ZMQ_RCVMORE, &more, &size) != 0)
			return false;
	}
	*ret_is_whole &= count == FRAMES;
	return true;
}

static void
answer(struct zap *zap, const struct field *id, const char *status, const char *text, const char *user)
{
	(void)zmq_send(zap->socket, "1.0", 3, ZMQ_SNDMORE | ZMQ_DONTWAIT);
	(void)zmq_send(zap->socket, id->b, id->n, ZMQ_SNDMORE | ZMQ_DONTWAIT);
	(void)zmq_send(zap->socket, status, strlen(status), ZMQ_SNDMORE | ZMQ_DONTWAIT);
	(void)zmq_send(zap->socket, text, strlen(text), ZMQ_SNDMORE | ZMQ_DONTWAIT);
	(void)zmq_send(zap->socket, user, strlen(user), ZMQ_SNDMORE | ZMQ_DONTWAIT);
	(void)zmq_send(zap->socket, "", 0, ZMQ_DONTWAIT);
}

static void
on_request(void *arg, int events)
{
	struct zap *zap = arg;
	struct field f[FRAMES];
	const char *agency = "";
	bool is_whole;

	(void)events;
	for (int i = 0; i < DRAIN_MAX; i++) {
		memset(f, 0, sizeof(f));
		if (!receive(zap, f, &is_whole))
			return;
		if (!is_whole || !is_text(&f[F_VERSION], "1.0") || !is_text(&f[F_DOMAIN], ZAP_DOMAIN) ||
		    !is_text(&f[F_MECHANISM], "CURVE") || f[F_KEY].n != 32) {
			answer(zap, &f[F_ID], "400", "only CURVE", "");
			continue;
		}
		switch (zap->who(zap->arg, f[F_KEY].b, (const char *)f[F_ADDRESS].b, &agency)) {
		case ZAP_YES:
			answer(zap, &f[F_ID], "200", "OK", agency);
			break;
		case ZAP_NEVER:
			answer(zap, &f[F_ID], "400", "unknown key", "");
			break;
		case ZAP_LATER:
			answer(zap, &f[F_ID], "300", "not now", "");
			break;
		}
	}
}

/* -- the watchdog -- */

static void
drain_probe(struct zap *zap)
{
	uint8_t b[FIELD_MAX];

	while (zmq_recv(zap->probe, b, sizeof(b), ZMQ_DONTWAIT) >= 0)
		zap->is_asked = false;
}

/* Of a mechanism that nobody is let in with: the answer is 400, and what counts is that there is one. */
static bool
ask_probe(struct zap *zap)
{
	static const char *const frames[FRAMES] = { "1.0", "watch", ZAP_DOMAIN, "", "", "NULL", "" };

	if (zmq_send(zap->probe, "", 0, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)	/* a REP waits for an empty frame first */
		return false;
	for (size_t i = 0; i < FRAMES; i++)
		if (zmq_send(zap->probe, frames[i], strlen(frames[i]), (i + 1 < FRAMES ? ZMQ_SNDMORE : 0) | ZMQ_DONTWAIT) < 0)
			return false;
	return true;
}

enum err
zap_watch(struct zap *zap, int64_t now_ms)
{
	if (zap->asked_ms != 0 && now_ms - zap->asked_ms < ZAP_WATCH_MS)
		return OK;
	drain_probe(zap);
	zap->missed = zap->is_asked ? zap->missed + 1 : 0;
	if (zap->missed >= MISSED_MAX)
		return ERR_SYSTEM;
	zap->asked_ms = now_ms;
	(void)ask_probe(zap);	/* one that cannot be asked does not answer either */
	zap->is_asked = true;
	return OK;
}

enum err
zap_open(void *zmq_context, struct loop *loop, zap_who_fn *who, void *arg, struct zap **ret_zap)
{
	struct zap *zap = calloc(1, sizeof(*zap));
	int linger = 0;

	if (zap == NULL)
		return ERR_NOMEM;
	*zap = (struct zap){ .loop = loop, .who = who, .arg = arg };
	zap->socket = zmq_socket(zmq_context, ZMQ_REP);
	if (zap->socket == NULL || zmq_setsockopt(zap->socket, ZMQ_LINGER, &linger, sizeof(linger)) != 0 ||
	    zmq_bind(zap->socket, ZAP_ENDPOINT) != 0 || (zap->probe = zmq_socket(zmq_context, ZMQ_DEALER)) == NULL ||
	    zmq_setsockopt(zap->probe, ZMQ_LINGER, &linger, sizeof(linger)) != 0 ||
	    zmq_connect(zap->probe, ZAP_ENDPOINT) != 0 ||
	    (zap->item = loop_add_socket(loop, zap->socket, LOOP_IN, on_request, zap)) == NULL) {
		zap_close(zap);
		return ERR_SYSTEM;
	}
	*ret_zap = zap;
	return OK;
}

void
zap_close(struct zap *zap)
{
	if (zap == NULL)
		return;
	loop_del(zap->loop, zap->item);
	if (zap->probe)
		zmq_close(zap->probe);
	if (zap->socket)
		zmq_close(zap->socket);
	free(zap);
}
