/* SPDX-License-Identifier: EUPL-1.2 */
/* control - a listening Unix socket and a few clients, never waited for.
 *
 * A request is one line under a cap; what an answer says is gone from memory when it is sent. Called by adapterd.c.
 */
#define _GNU_SOURCE /* accept4 */
#include "adapters/core/control.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "adapters/core/verbs.h"
#include "proto/base/clock.h"

#define FIRST_ROOM 4096

struct client {
	struct control *control;
	int fd;				/* -1: free */
	struct loop_item *item;		/* NULL when free */
	int64_t active_ms;		/* monotonic */
	char *in;			/* the request so far; NULL when idle */
	size_t n, room;
	char *out;			/* the answer; NULL when there is none */
	size_t out_n, sent;
};

struct control {
	struct control_options o;
	struct verbs verbs;
	int fd;
	struct loop_item *item;
	struct client clients[CONTROL_CLIENTS_MAX];
};

/* -- clients -- */

static void
drop(struct client *k)
{
	loop_del(k->control->o.loop, k->item);
	if (k->fd >= 0)
		close(k->fd);
	free(k->in);
	free(k->out);
	*k = (struct client){ .control = k->control, .fd = -1 };
}

static void
send_rest(struct client *k)
{
	ssize_t n = send(k->fd, k->out + k->sent, k->out_n - k->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		drop(k);
		return;
	}
	k->sent += n > 0 ? (size_t)n : 0;
	if (k->sent < k->out_n) {
		loop_set_events(k->item, LOOP_OUT);
		return;
	}
	free(k->out);
	k->out = NULL;
	loop_set_events(k->item, LOOP_IN);
}

/* The line is whole: answer it. One request at a time, so what stands behind the line is no request of ours. */
static void
serve(struct client *k, size_t line_n)
{
	json_t *said = verbs_answer(&k->control->verbs, SPAN(k->in, line_n));
	char *text = said != NULL ? json_dumps(said, JSON_COMPACT) : NULL;

	json_decref(said);
	free(k->in);
	k->in = NULL;
	k->n = k->room = k->sent = 0;
	if (text == NULL) {
		drop(k);
		return;
	}
	k->out_n = strlen(text) + 1;
	text[k->out_n - 1] = '\n';	/* in place of the NUL: sent by its length */
	k->out = text;
	send_rest(k);
}

/* False when there is no more room to be had. */
static bool
make_room(struct client *k)
{
	size_t room = k->room == 0 ? FIRST_ROOM : 2 * k->room;
	char *in;

	if (k->n < k->room)
		return true;
	if (k->room >= CONTROL_REQUEST_MAX)
		return false;
	room = room < CONTROL_REQUEST_MAX ? room : CONTROL_REQUEST_MAX;
	if ((in = realloc(k->in, room)) == NULL)
		return false;
	k->in = in;
	k->room = room;
	return true;
}

static void
refuse_long(struct client *k)
{
	json_t *said = verbs_refusal(ERR_TOOBIG, NULL);
	char *text = json_dumps(said, JSON_COMPACT);

	json_decref(said);
	if (text != NULL) {	/* what still comes is not read, so the answer is all that there is room for */
		(void)!send(k->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
		(void)!send(k->fd, "\n", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	free(text);
	(void)shutdown(k->fd, SHUT_WR);
	drop(k);
}

static void
on_client(void *arg, int events)
{
	struct client *k = arg;
	const char *end;
	ssize_t n;

	k->active_ms = clock_mono_ms();
	if (k->out != NULL) {
		if (events & LOOP_OUT)
			send_rest(k);
		return;
	}
	if (!make_room(k)) {
		refuse_long(k);
		return;
	}
	n = recv(k->fd, k->in + k->n, k->room - k->n, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(k);
		return;
	}
	end = memchr(k->in + k->n, '\n', (size_t)n);
	k->n += (size_t)n;
	if (end != NULL)
		serve(k, (size_t)(end - k->in));
}

static void
on_connect(void *arg, int events)
{
	struct control *c = arg;
	struct client *k = &c->clients[0];
	int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0)
		return;
	for (size_t i = 1; i < CONTROL_CLIENTS_MAX && k->fd >= 0; i++)
		if (c->clients[i].fd < 0 || c->clients[i].active_ms < k->active_ms)
			k = &c->clients[i];
	if (k->fd >= 0)
		drop(k);
	k->fd = fd;
	k->active_ms = clock_mono_ms();
	k->item = loop_add_fd(c->o.loop, fd, LOOP_IN, on_client, k);
}

/* -- life -- */

enum err
control_open(const struct control_options *options, struct control **ret_control, struct why *why)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct control *c = calloc(1, sizeof(*c));
	mode_t mask;
	int bound;

	if (c == NULL)
		return ERR_NOMEM;
	c->o = *options;
	c->verbs = (struct verbs){ options->adapter, options->on_fatal, options->arg };
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		c->clients[i] = (struct client){ .control = c, .fd = -1 };
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if ((size_t)snprintf(at.sun_path, sizeof(at.sun_path), "%s", options->path) >= sizeof(at.sun_path)) {
		errno = ENAMETOOLONG;
		goto fail;
	}
	if (c->fd < 0)
		goto fail;
	(void)unlink(options->path);	/* of a process that died; a living one holds the store */
	mask = umask(0177);		/* never open to others, not even between bind and chmod */
	bound = bind(c->fd, (struct sockaddr *)&at, sizeof(at));
	umask(mask);
	if (bound != 0 || chmod(options->path, 0600) != 0 || listen(c->fd, CONTROL_CLIENTS_MAX) != 0)
		goto fail;
	c->item = loop_add_fd(options->loop, c->fd, LOOP_IN, on_connect, c);
	*ret_control = c;
	return OK;
fail:
	why_set(why, ERR_SYSTEM, "control.socket", "%s: %s", options->path, strerror(errno));
	if (c->fd >= 0)
		close(c->fd);
	free(c);
	return ERR_SYSTEM;
}

void
control_close(struct control *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (c->clients[i].fd >= 0)
			drop(&c->clients[i]);
	loop_del(c->o.loop, c->item);
	close(c->fd);
	(void)unlink(c->o.path);
	free(c);
}
