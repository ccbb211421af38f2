/* SPDX-License-Identifier: EUPL-1.2 */
/* mllp_out - at rest, connecting, or waiting for an answer; one deadline for each of the two.
 *
 * Invariants: `cursor` is meant only while `is_busy`; every handover taken is answered by exactly one adapter_handed; an
 * answer that comes when none is awaited ends the connection, so that none is ever taken for another's.
 */
#define _GNU_SOURCE
#include "adapters/core/mllp_out.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/core/mllp_frame.h"
#include "adapters/core/wire.h"
#include "proto/base/clock.h"

#define FRAME_ARENA ((size_t)8 * 1024 * 1024)
#define READ_MAX 8192
#define LOOK_AGAIN_MS 10	/* is the name found? */

struct mllp_out {
	const struct adapter_config *config;
	const struct door_host *host;
	struct door door;
	struct wire_tls *tls;
	struct arena *mem;		/* the framed message in flight */
	struct wire *wire;		/* NULL: not connected */
	struct loop_item *item;
	struct mllp_frame frame;
	struct span out;		/* not yet written, in `mem` */
	uint64_t cursor;
	int64_t due_ms;			/* monotonic: when the connection or the answer is late; meant while busy */
	bool is_busy, is_connected, is_looking;
	char port[8];
	struct addrinfo hints, *addresses, *next;
	struct gaicb lookup;		/* meant while is_looking */
};

static void on_wire(void *arg, int events);

static void
hang_up(struct mllp_out *d)
{
	loop_del(d->host->loop, d->item);
	d->item = NULL;
	wire_close(d->wire);
	d->wire = NULL;
	d->is_connected = false;
	mllp_frame_done(&d->frame);
}

/* The handover's one end. */
static void
finish(struct mllp_out *d, enum err e, const struct native *answer)
{
	d->is_busy = false;
	d->out = SPAN_NONE;
	e = adapter_handed(d->host->adapter, &d->door, d->cursor, e, answer);
	if (err_is_fatal(e))
		d->host->on_fatal(d->host->arg, e);
}

static void
fail(struct mllp_out *d)
{
	hang_up(d);
	if (d->is_busy)
		finish(d, ERR_PEER_DOWN, NULL);
}

/* -- finding and reaching it -- */

/* Go on to the next of its addresses. False: there is none left. */
static bool
connect_next(struct mllp_out *d)
{
	for (; d->next; d->next = d->next->ai_next) {
		int one = 1, fd = socket(d->next->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		if (fd < 0)
			continue;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
		if (connect(fd, d->next->ai_addr, d->next->ai_addrlen) < 0 && errno != EINPROGRESS) {
			close(fd);
			continue;
		}
		d->next = d->next->ai_next;
		if (wire_open(fd, d->tls, d->config->out_mllp.host, &d->wire) != OK)
			return false;
		mllp_frame_init(&d->frame, MLLP_BYTES_MAX);
		d->is_connected = false;
		d->item = loop_add_fd(d->host->loop, fd, LOOP_OUT, on_wire, d);
		return true;
	}
	return false;
}

/* A name is looked up at each new connection, so that the system may move; by a thread of the C library's. */
static enum err
start_lookup(struct mllp_out *d)
{
	struct gaicb *list[1] = { &d->lookup };

	if (d->is_looking)	/* an earlier one that came too late for its handover */
		return OK;
	snprintf(d->port, sizeof(d->port), "%u", (unsigned)d->config->out_mllp.port);
	d->hints = (struct addrinfo){ .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	d->lookup = (struct gaicb){ .ar_name = d->config->out_mllp.host, .ar_service = d->port, .ar_request = &d->hints };
	if (getaddrinfo_a(GAI_NOWAIT, list, 1, NULL) != 0)
		return ERR_PEER_DOWN;
	d->is_looking = true;
	return OK;
}

static void
drop_addresses(struct mllp_out *d)
{
	if (d->addresses)
		freeaddrinfo(d->addresses);
	d->addresses = d->next = NULL;
}

static void
end_lookup(struct mllp_out *d)
{
	d->is_looking = false;
	drop_addresses(d);
	if (gai_error(&d->lookup) == 0)
		d->addresses = d->next = d->lookup.ar_result;
	if (d->is_busy && !connect_next(d))
		fail(d);
}

/* -- on the connection -- */

static bool
is_connect_done(struct mllp_out *d)
{
	socklen_t len = sizeof(int);
	int e = 0;

	if (d->is_connected)
		return true;
	if (getsockopt(wire_fd(d->wire), SOL_SOCKET, SO_ERROR, &e, &len) < 0 || e != 0) {
		hang_up(d);
		if (!connect_next(d))
			fail(d);
		return false;
	}
	d->is_connected = true;
	d->due_ms = clock_mono_ms() + d->config->out_mllp.answer_ms;
	loop_tick_now(d->host->loop, d);
	return true;
}

/* False: the connection is gone. */
static bool
write_out(struct mllp_out *d)
{
	while (d->out.n) {
		ssize_t n = wire_write(d->wire, d->out.p, d->out.n);

		if (n == WIRE_AGAIN)
			return true;
		if (n < 0) {
			fail(d);
			return false;
		}
		d->out = SPAN(d->out.p + n, d->out.n - (size_t)n);
	}
	return true;
}

/* What came: the answer, or something that nobody asked for. False: the connection is gone, or another message is on it. */
static bool
take_bytes(struct mllp_out *d, struct span bytes)
{
	while (bytes.n) {
		enum mllp_event event;
		struct span message;
		size_t n = mllp_frame_feed(&d->frame, bytes, &event, &message);
		struct native answer = { .format = FORMAT_HL7, .bytes = message };

		bytes = SPAN(bytes.p + n, bytes.n - n);
		if (event == MLLP_MORE)
			continue;
		if (event != MLLP_MESSAGE || !d->is_busy || d->out.n) {
			fail(d);
			return false;
		}
		answer.bytes = arena_span(d->mem, message);
		if (bytes.n > 2)	/* more than the frame's CR and LF: nothing of it may meet the next message */
			hang_up(d);
		finish(d, OK, &answer);
		return d->wire != NULL && bytes.n <= 2;
	}
	return true;
}

static void
read_in(struct mllp_out *d)
{
	uint8_t bytes[READ_MAX];
	ssize_t n = 1;

	while (d->wire && n > 0) {
		n = wire_read(d->wire, bytes, sizeof(bytes));
		if (n == WIRE_ENDED || n == WIRE_BROKEN)
			fail(d);
		else if (n > 0 && !take_bytes(d, SPAN(bytes, (size_t)n)))
			break;
	}
	explicit_bzero(bytes, sizeof(bytes));
}

static void
set_events(struct mllp_out *d)
{
	if (d->wire)
		loop_set_events(d->item, d->is_connected ? wire_events(d->wire, true, d->out.n > 0) : LOOP_OUT);
}

static void
on_wire(void *arg, int events)
{
	struct mllp_out *d = arg;

	(void)events;
	if (!d->wire || !is_connect_done(d) || !write_out(d))
		return;
	read_in(d);
	set_events(d);
}

static int64_t
on_tick(void *arg)
{
	struct mllp_out *d = arg;
	int64_t left_ms = d->due_ms - clock_mono_ms();

	if (d->is_looking && gai_error(&d->lookup) != EAI_INPROGRESS)
		end_lookup(d);
	if (!d->is_busy)
		return CLOCK_MINUTE;
	if (left_ms > 0)
		return d->is_looking && left_ms > LOOK_AGAIN_MS ? LOOK_AGAIN_MS : left_ms;
	fail(d);	/* a late answer must find no connection */
	return CLOCK_MINUTE;
}

/* -- as a door -- */

static enum err
hand(void *arg, const struct handover *h)
{
	struct mllp_out *d = arg;
	struct span framed;
	enum err e;

	if (d->is_busy)
		return ERR_BUSY;
	arena_reset(d->mem);
	framed = mllp_frame_wrap(h->native.bytes, d->mem);
	if (framed.n == 0)
		return ERR_TOOBIG;
	if (!d->wire && (e = start_lookup(d)) != OK)
		return e;
	d->out = framed;
	d->cursor = h->cursor;
	d->is_busy = true;
	d->due_ms = clock_mono_ms() + (d->is_connected ? d->config->out_mllp.answer_ms : d->config->out_mllp.connect_ms);
	set_events(d);
	loop_tick_now(d->host->loop, d);
	return OK;
}

enum err
mllp_out_open(const struct adapter_config *config, const struct door_host *host, struct mllp_out **ret_door, struct why *why)
{
	struct mllp_out *d = calloc(1, sizeof(*d));
	enum err e = OK;

	*ret_door = NULL;
	if (!d)
		return ERR_NOMEM;
	*d = (struct mllp_out){ .config = config, .host = host };
	d->door = (struct door){ .name = "mllp", .capacity = 1, .hand = hand, .arg = d };
	if (!(d->mem = arena_new(FRAME_ARENA)))
		e = ERR_NOMEM;
	if (e == OK && config->out_mllp.tls)
		e = wire_tls_client(config->out_mllp.ca_file, &d->tls, why);
	if (e != OK) {
		mllp_out_close(d);
		return e;
	}
	loop_add_tick(host->loop, on_tick, d);
	*ret_door = d;
	return OK;
}

void
mllp_out_close(struct mllp_out *d)
{
	if (!d)
		return;
	hang_up(d);
	drop_addresses(d);
	wire_tls_free(d->tls);
	arena_free(d->mem);
	if (!d->is_looking || gai_cancel(&d->lookup) != EAI_NOTCANCELED)
		free(d);	/* else a thread still writes into it, and the process ends anyway */
}

struct door *
mllp_out_door(struct mllp_out *d)
{
	return &d->door;
}
