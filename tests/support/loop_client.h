/* SPDX-License-Identifier: EUPL-1.2 */
/* loop_client - a client on the loopback in the same thread as the loop under test: it writes and reads in a tick. */
#ifndef TEST_LOOP_CLIENT_H
#define TEST_LOOP_CLIENT_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/base/bytes.h"
#include "proto/base/clock.h"
#include "proto/base/loop.h"

struct loop_client {
	struct loop *loop;
	int fd;			/* -1: hung up */
	struct span out;	/* not yet written */
	char *in;		/* what came, NUL-terminated */
	size_t n, cap;
	size_t until_n;		/* stop the loop when so much came; 0: at the end of the connection */
	int64_t until_ms;	/* or when it is that late on the monotonic clock */
	bool has_tick, is_running, is_ended;
};

static int64_t
loop_client_tick(void *arg)
{
	struct loop_client *c = arg;
	ssize_t n;

	if (!c->is_running)
		return 1000;
	while (c->fd >= 0 && c->out.n && (n = send(c->fd, c->out.p, c->out.n, MSG_NOSIGNAL)) > 0)
		c->out = SPAN(c->out.p + n, c->out.n - (size_t)n);
	while (c->fd >= 0) {
		if (c->cap - c->n < 4096) {
			c->cap += 65536;
			c->in = realloc(c->in, c->cap);
			c->in[c->n] = '\0';
		}
		n = recv(c->fd, c->in + c->n, c->cap - c->n - 1, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n <= 0) {
			c->is_ended = true;
			break;
		}
		c->n += (size_t)n;
		c->in[c->n] = '\0';
	}
	if (c->is_ended || (c->until_n && c->n >= c->until_n) || clock_mono_ms() > c->until_ms)
		loop_stop(c->loop);
	return 1;
}

static inline void
loop_client_connect(struct loop_client *c, struct loop *loop, uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool has_tick = c->has_tick;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		abort();
	fcntl(fd, F_SETFL, O_NONBLOCK);
	free(c->in);
	*c = (struct loop_client){ .loop = loop, .fd = fd, .has_tick = true };
	if (!has_tick)
		loop_add_tick(loop, loop_client_tick, c);
}

/* Write `out` and turn the loop until `until_n` bytes came in all, the peer closed, or `ms` passed. False: late. */
static inline bool
loop_client_talk(struct loop_client *c, struct span out, size_t until_n, int64_t ms)
{
	c->out = out;
	c->until_n = until_n;
	c->until_ms = clock_mono_ms() + ms;
	c->is_running = true;
	loop_tick_now(c->loop, c);
	loop_run(c->loop);
	c->is_running = false;
	return clock_mono_ms() <= c->until_ms;
}

static inline void
loop_client_close(struct loop_client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	free(c->in);
	c->fd = -1;
	c->in = NULL;
}

#endif
