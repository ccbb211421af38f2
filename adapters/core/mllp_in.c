/* SPDX-License-Identifier: EUPL-1.2 */
/* mllp_in - a connection is pumped: write what is owed, take the next message of what was read, read on; a few steps a turn.
 *
 * Invariants: while `out` holds anything, nothing is read and no message is taken; a connection with bytes left to take
 * is pumped again in the next round, whatever its descriptor says.
 */
#define _GNU_SOURCE
#include "adapters/core/mllp_in.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/core/charset.h"
#include "adapters/core/listener.h"
#include "adapters/core/mllp_frame.h"
#include "adapters/core/places.h"
#include "adapters/core/wire.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"

#define ANSWER_ARENA ((size_t)16 * 1024 * 1024)
#define READ_MAX 8192		/* bytes read at once */
#define STEPS_MAX 8		/* messages or reads in one turn: the other doors want theirs */
#define ACCEPT_MAX 8
#define TICK_MIN_MS 500
#define MESSAGE_MS 10000	/* for a message that has begun, besides what BYTES_PER_MS gives */
#define BYTES_PER_MS 1		/* it may come as slowly as that */
#define PARTING_MS 2000		/* for the peer to read our last answer: closed at once, its own bytes would reset it */

struct conn {
	struct mllp_in *door;
	struct wire *wire;		/* NULL: nobody has this place */
	struct place *place;
	struct loop_item *item;
	struct mllp_frame frame;
	uint8_t in[READ_MAX];
	size_t in_at, in_n;		/* read, not yet eaten by the frame */
	uint8_t *out;
	size_t out_at, out_n;
	int64_t silent_from_ms;		/* monotonic, as is the next */
	int64_t message_from_ms;	/* the one that is coming */
	bool has_asked;			/* a message of it has been answered */
	bool is_closing;		/* when `out` is written */
	bool is_parting;		/* our end is closed, what still comes is thrown away */
};

struct mllp_in {
	const struct adapter_config *config;
	const struct door_host *host;
	struct wire_tls *tls;
	struct arena *mem;
	struct loop_item *item;
	struct conn *conns;
	struct places places;		/* one for each of them */
	int fd;
	bool is_dead;
};

static void on_conn(void *arg, int events);

/* -- one connection -- */

static void
drop_out(struct conn *c)
{
	if (c->out)
		explicit_bzero(c->out, c->out_n);
	free(c->out);
	c->out = NULL;
	c->out_at = c->out_n = 0;
}

static void
drop(struct conn *c)
{
	loop_del(c->door->host->loop, c->item);
	c->item = NULL;
	wire_close(c->wire);
	c->wire = NULL;
	mllp_frame_done(&c->frame);
	drop_out(c);
	explicit_bzero(c->in, sizeof(c->in));
	c->in_at = c->in_n = 0;
	c->is_closing = c->is_parting = c->has_asked = false;
	c->place->state = PLACE_FREE;
}

/* One or two frames, in order; `then` is empty where there is one. */
static bool
owe(struct conn *c, struct span framed, struct span then)
{
	drop_out(c);
	if (framed.n == 0 || !(c->out = malloc(framed.n + then.n)))
		return false;
	memcpy(c->out, framed.p, framed.n);
	if (then.n > 0)
		memcpy(c->out + framed.n, then.p, then.n);
	c->out_n = framed.n + then.n;
	return true;
}

/* Take or refuse one message, and owe its answer. False: the process ends or the connection must. */
static bool
answer(struct conn *c, enum err refused, struct span message)
{
	static const struct why framing = { .where = "MLLP" };
	struct mllp_in *d = c->door;
	struct native said = { 0 }, in = {
		.format = FORMAT_HL7,
		.bytes = message,
		.charset = adapter_config_charset(d->config->in_mllp.charset),
	};
	enum err e, first = OK;

	arena_reset(d->mem);
	if (refused == OK)
		e = adapter_take(d->host->adapter, &in, "mllp", NULL, d->mem, &said, &first);
	else
		e = adapter_refuse(d->host->adapter, refused, &framing, &in, "mllp", d->mem, &said);
	if (err_is_fatal(e)) {
		d->is_dead = true;
		d->host->on_fatal(d->host->arg, e);
		return false;
	}
	if (e != OK)
		log_event(LOG_DOOR_REFUSED, "door=mllp code=%s where=-", err_code(e));
	if (said.bytes.n == 0)
		return e == OK;
	return owe(c, mllp_frame_wrap(said.bytes, d->mem), said.then.n > 0 ? mllp_frame_wrap(said.then, d->mem) : SPAN_NONE);
}

/* The next event in what was read. False: the connection is dropped. */
static bool
eat(struct conn *c)
{
	enum mllp_event event;
	struct span message;
	bool is_good = true;

	if (mllp_frame_is_empty(&c->frame))
		c->message_from_ms = clock_mono_ms();
	c->in_at += mllp_frame_feed(&c->frame, SPAN(c->in + c->in_at, c->in_n - c->in_at), &event, &message);
	switch (event) {
	case MLLP_MORE:
		break;
	case MLLP_MESSAGE:
		is_good = answer(c, OK, message);
		break;
	case MLLP_CUT_OFF:
		is_good = answer(c, ERR_CUT_OFF, message);
		break;
	case MLLP_STRAY:
		is_good = answer(c, ERR_SYNTAX, message);
		c->is_closing = true;
		break;
	case MLLP_TOO_BIG:
		is_good = answer(c, ERR_TOOBIG, message);
		break;
	}
	c->has_asked |= event != MLLP_MORE;
	if (!is_good)
		drop(c);
	return is_good;
}

/* Write what is owed. True: all of it is out and the connection goes on. */
static bool
flush(struct conn *c)
{
	ssize_t n;

	while (c->out_at < c->out_n) {
		n = wire_write(c->wire, c->out + c->out_at, c->out_n - c->out_at);
		if (n == WIRE_AGAIN)
			return false;
		if (n < 0) {
			drop(c);
			return false;
		}
		c->out_at += (size_t)n;
		c->silent_from_ms = clock_mono_ms();
	}
	drop_out(c);
	if (c->is_closing && !c->is_parting) {
		c->is_parting = true;
		c->silent_from_ms = clock_mono_ms();
		shutdown(wire_fd(c->wire), SHUT_WR);
	}
	return c->wire != NULL;
}

/* The peer closed in the middle of a message: that is told too, if it still listens. */
static bool
end(struct conn *c)
{
	c->is_closing = true;
	if (!mllp_frame_is_empty(&c->frame) && answer(c, ERR_CUT_OFF, SPAN(c->frame.p, c->frame.n)))
		return flush(c);
	drop(c);
	return false;
}

/* Read some more. False: nothing there now, or the connection is gone. */
static bool
fill(struct conn *c)
{
	ssize_t n = wire_read(c->wire, c->in, sizeof(c->in));

	if (n == WIRE_AGAIN)
		return false;
	if (n == WIRE_BROKEN) {
		drop(c);
		return false;
	}
	if (n == WIRE_ENDED && !c->is_parting)
		return end(c);
	if (c->is_parting) {
		if (n == WIRE_ENDED)
			drop(c);
		return n != WIRE_ENDED;
	}
	c->in_at = 0;
	c->in_n = (size_t)n;
	c->silent_from_ms = clock_mono_ms();
	return true;
}

/* How long may it go on as it is, and may it be hung up for another? */
static void
stand(struct conn *c)
{
	int64_t due_ms = c->silent_from_ms + (c->is_parting ? PARTING_MS : c->door->config->in_mllp.idle_ms), now_ms = clock_mono_ms();
	int64_t message_ms = c->message_from_ms + MESSAGE_MS + (int64_t)(c->frame.n / BYTES_PER_MS);
	bool is_begun = !mllp_frame_is_empty(&c->frame);

	if (c->out || c->is_parting)
		place_turn(c->place, PLACE_SERVED, now_ms, due_ms);
	else if (is_begun || !c->has_asked)
		place_turn(c->place, PLACE_WAITING, now_ms, is_begun && message_ms < due_ms ? message_ms : due_ms);
	else
		place_turn(c->place, PLACE_IDLE, now_ms, due_ms);
}

static void
pump(struct conn *c)
{
	int steps = STEPS_MAX;
	bool goes_on = true;

	while (goes_on && steps-- > 0 && !c->door->is_dead) {
		if (!flush(c))
			break;
		goes_on = c->in_at < c->in_n && !c->is_parting ? eat(c) : fill(c);
	}
	if (!c->wire)
		return;
	if (goes_on && !c->door->is_dead && flush(c))	/* out of steps, not of bytes */
		loop_tick_now(c->door->host->loop, c->door);
	if (!c->wire)
		return;
	stand(c);
	loop_set_events(c->item, wire_events(c->wire, c->out == NULL, c->out != NULL));
}

static void
on_conn(void *arg, int events)
{
	struct conn *c = arg;

	(void)events;
	if (c->wire && !c->door->is_dead)
		pump(c);
}

/* -- all of them -- */

static bool
may_enter(const struct mllp_in *d, const struct sockaddr_storage *peer)
{
	if (d->config->in_mllp.n_peers)
		return listener_may_enter(peer, d->config->in_mllp.peers, d->config->in_mllp.n_peers);
	return d->config->in_mllp.client_ca_file || listener_is_loopback(peer);
}

static struct conn *
conn_at(const struct mllp_in *d, const struct place *place)
{
	return place ? &d->conns[place - d->places.all] : NULL;
}

/* Whoever holds a place for nothing gives it up. NULL: nobody does. */
static struct conn *
make_room(struct mllp_in *d, const struct sockaddr_storage *peer)
{
	int64_t now_ms = clock_mono_ms();
	struct conn *yielding = places_has_free(&d->places) ? NULL : conn_at(d, places_yielding(&d->places, now_ms));

	if (yielding)
		drop(yielding);
	return conn_at(d, places_take(&d->places, peer, now_ms, now_ms + d->config->in_mllp.idle_ms));
}

static void
admit(struct mllp_in *d, int fd, const struct sockaddr_storage *peer)
{
	bool is_known = may_enter(d, peer);
	struct conn *c = is_known ? make_room(d, peer) : NULL;
	char text[LISTENER_TEXT_LEN];

	if (!c) {
		listener_text(peer, text);
		log_event(LOG_PEER_REFUSED, "address=%s code=%s", text, err_code(is_known ? ERR_OVERLOAD : ERR_UNAUTHORIZED));
		close(fd);
		return;
	}
	if (wire_open(fd, d->tls, NULL, &c->wire) != OK) {
		c->place->state = PLACE_FREE;
		return;
	}
	mllp_frame_init(&c->frame, (size_t)d->config->in_mllp.message_bytes);
	c->silent_from_ms = clock_mono_ms();
	c->item = loop_add_fd(d->host->loop, fd, LOOP_IN, on_conn, c);
	loop_tick_now(d->host->loop, d);	/* its silence counts from now */
}

static void
on_listen(void *arg, int events)
{
	struct mllp_in *d = arg;
	int i;

	(void)events;
	for (i = 0; i < ACCEPT_MAX && !d->is_dead; i++) {
		struct sockaddr_storage peer = { 0 };
		socklen_t len = sizeof(peer);
		int fd = accept4(d->fd, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		admit(d, fd, &peer);
	}
}

static int64_t
on_tick(void *arg)
{
	struct mllp_in *d = arg;
	int64_t now_ms = clock_mono_ms(), wait_ms;
	struct place *late;
	size_t i;

	for (i = 0; i < d->places.n && !d->is_dead; i++)
		if (d->conns[i].wire)
			pump(&d->conns[i]);
	while ((late = places_overdue(&d->places, now_ms)) != NULL)
		drop(conn_at(d, late));
	wait_ms = places_wait_ms(&d->places, now_ms, CLOCK_MINUTE);
	return wait_ms < TICK_MIN_MS ? TICK_MIN_MS : wait_ms;
}

/* -- opening -- */

enum err
mllp_in_open(const struct adapter_config *config, const struct door_host *host, struct mllp_in **ret_door, struct why *why)
{
	struct mllp_in *d = calloc(1, sizeof(*d));
	size_t n = config->in_mllp.max_connections, i;
	enum err e;

	*ret_door = NULL;
	if (!d)
		return ERR_NOMEM;
	*d = (struct mllp_in){ .config = config, .host = host, .fd = -1, .places.n = n };
	d->mem = arena_new(ANSWER_ARENA);
	d->conns = calloc(n, sizeof(*d->conns));
	d->places.all = calloc(n, sizeof(*d->places.all));
	e = d->mem && d->conns && d->places.all ? OK : ERR_NOMEM;
	for (i = 0; e == OK && i < n; i++) {
		d->conns[i].door = d;
		d->conns[i].place = &d->places.all[i];
	}
	if (e == OK && config->in_mllp.tls_cert_file)
		e = wire_tls_server(config->in_mllp.tls_cert_file, config->in_mllp.tls_key_file, config->in_mllp.client_ca_file,
			&d->tls, why);
	if (e == OK)
		e = listener_open(config->in_mllp.host, config->in_mllp.port, &d->fd, why);
	if (e != OK) {
		mllp_in_close(d);
		return e;
	}
	d->item = loop_add_fd(host->loop, d->fd, LOOP_IN, on_listen, d);
	loop_add_tick(host->loop, on_tick, d);
	*ret_door = d;
	return OK;
}

void
mllp_in_close(struct mllp_in *d)
{
	size_t i;

	if (!d)
		return;
	for (i = 0; d->conns && i < d->places.n; i++)
		if (d->conns[i].wire)
			drop(&d->conns[i]);
	loop_del(d->host->loop, d->item);
	if (d->fd >= 0)
		close(d->fd);
	wire_tls_free(d->tls);
	arena_free(d->mem);
	free(d->conns);
	free(d->places.all);
	free(d);
}

uint16_t
mllp_in_port(const struct mllp_in *d)
{
	return listener_port(d->fd);
}
