/* SPDX-License-Identifier: EUPL-1.2 */
/* http_lines - MHD ends a connection when its socket ends: to hang up is to shut that down and let MHD look. */
#define _GNU_SOURCE	/* accept4 */
#include "adapters/core/http_lines.h"

#include <errno.h>
#include <microhttpd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/base/clock.h"

#define ACCEPT_MAX 8	/* in one turn: the other doors want theirs */
#define DEAF_MS 100	/* nobody is listened to for so long when the system has nothing left to let him in with */

/* -- one line -- */

struct http_line *
http_lines_begin(struct http_lines *l, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct http_line *line = &l->all[l->coming - l->place];

	*line = (struct http_line){ .place = l->coming, .fd = info ? info->connect_fd : -1 };
	return line;
}

void
http_line_end(struct http_line *line)
{
	line->place->state = PLACE_FREE;
	*line = (struct http_line){ .fd = -1 };
}

struct http_line *
http_line_of(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void
turn(struct http_line *line, enum place_state state, int64_t for_ms)
{
	int64_t now_ms = clock_mono_ms();

	place_turn(line->place, state, now_ms, now_ms + for_ms);
}

void
http_line_ask(struct http_line *line)
{
	turn(line, PLACE_WAITING, HTTP_REQUEST_S * CLOCK_SECOND);
}

void
http_line_more(struct http_line *line, size_t n)
{
	line->place->due_ms += (int64_t)(n / HTTP_BYTES_PER_MS);
}

void
http_line_drop(struct http_line *line)
{
	turn(line, PLACE_WAITING, HTTP_SWALLOW_S * CLOCK_SECOND);
}

void
http_line_answer(struct http_line *line, uint64_t n)
{
	turn(line, PLACE_SERVED, HTTP_IDLE_S * CLOCK_SECOND + (int64_t)(n / HTTP_BYTES_PER_MS));
}

void
http_line_rest(struct http_line *line)
{
	turn(line, PLACE_IDLE, HTTP_IDLE_S * CLOCK_SECOND);
}

/* -- who comes, who goes -- */

static void
hang_up(struct http_lines *l, struct place *place)
{
	place->due_ms = INT64_MAX;
	shutdown(l->all[place - l->place].fd, SHUT_RDWR);
}

static void
let_in(struct http_lines *l, int fd, const struct sockaddr_storage *peer, socklen_t len)
{
	int64_t now_ms = clock_mono_ms();

	l->coming = places_take(&l->places, peer, now_ms, now_ms + HTTP_REQUEST_S * CLOCK_SECOND);
	if (MHD_add_connection(l->daemon, fd, (const struct sockaddr *)peer, len) != MHD_YES)
		l->coming->state = PLACE_FREE;	/* MHD has closed it */
	l->coming = NULL;
}

static void
make_room(struct http_lines *l)
{
	struct place *yielding = places_yielding(&l->places, clock_mono_ms());

	if (!yielding)
		return;
	hang_up(l, yielding);
	MHD_run(l->daemon);
}

/* Somebody knocks. */
static void
on_listen(void *arg, int events)
{
	struct http_lines *l = arg;

	(void)events;
	if (!places_has_free(&l->places))
		make_room(l);
	for (int i = 0; i < ACCEPT_MAX && l->item && places_has_free(&l->places); i++) {
		struct sockaddr_storage peer = { 0 };
		socklen_t len = sizeof(peer);
		int fd = accept4(l->fd, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
			make_room(l);
			l->deaf_until_ms = clock_mono_ms() + DEAF_MS;
		}
		if (fd < 0)
			break;
		let_in(l, fd, &peer, len);
	}
	loop_tick_now(l->loop, l->door);
}

/* While nobody can be let in, nobody is listened to. */
static bool
may_let_in(const struct http_lines *l, int64_t now_ms)
{
	return now_ms >= l->deaf_until_ms && (places_has_free(&l->places) || places_yielding(&l->places, now_ms));
}

int64_t
http_lines_step(struct http_lines *l, int64_t most_ms)
{
	int64_t now_ms = clock_mono_ms(), wait_ms;
	struct place *late = places_overdue(&l->places, now_ms);

	for (; late; late = places_overdue(&l->places, now_ms))
		hang_up(l, late);
	MHD_run(l->daemon);
	now_ms = clock_mono_ms();
	if (l->item)
		loop_set_events(l->item, may_let_in(l, now_ms) ? LOOP_IN : 0);
	wait_ms = places_wait_ms(&l->places, now_ms, most_ms);
	return now_ms < l->deaf_until_ms && l->deaf_until_ms - now_ms < wait_ms ? l->deaf_until_ms - now_ms : wait_ms;
}

/* -- opening -- */

void
http_lines_open(struct http_lines *l, struct loop *loop, void *door, struct MHD_Daemon *daemon, int fd)
{
	l->loop = loop;
	l->door = door;
	l->daemon = daemon;
	l->fd = fd;
	l->places = (struct places){ .all = l->place, .n = HTTP_CONNECTIONS_MAX };
	l->item = loop_add_fd(loop, fd, LOOP_IN, on_listen, l);
}

void
http_lines_shut(struct http_lines *l)
{
	if (l->item)
		loop_del(l->loop, l->item);
	l->item = NULL;
}

void
http_lines_done(struct http_lines *l)
{
	if (!l->loop)
		return;
	http_lines_shut(l);
	close(l->fd);
	l->loop = NULL;
}
