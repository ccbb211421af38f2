/* SPDX-License-Identifier: EUPL-1.2 */
/* http_lines - the connections of the HTTP door: let in, each to a place of its own (places.h), hung up when their time is up.
 *
 * The door listens itself: at its limit libmicrohttpd looks at who knocks only when something else happens.
 */
#ifndef ADAPTER_HTTP_LINES_H
#define ADAPTER_HTTP_LINES_H

#include "adapters/core/places.h"
#include "proto/base/loop.h"

#define HTTP_CONNECTIONS_MAX 64
#define HTTP_REQUEST_S 10	/* for the head of a request; and for its body, besides what HTTP_BYTES_PER_MS gives */
#define HTTP_SWALLOW_S 30	/* for the rest of a body that is refused, whatever comes of it */
#define HTTP_IDLE_S 30		/* between requests; and without a byte, whatever it is in */
#define HTTP_BYTES_PER_MS 1	/* bodies that are wanted, and answers, may come and go as slowly as that */

struct MHD_Connection;
struct MHD_Daemon;
struct request;

struct http_line {
	struct request *request;	/* that it is in, the door's; NULL: none */
	struct place *place;
	int fd;				/* borrowed from MHD */
};

struct http_lines {
	struct loop *loop;		/* NULL: not opened */
	struct loop_item *item;
	struct MHD_Daemon *daemon;
	void *door;			/* whose tick turns the daemon */
	struct http_line all[HTTP_CONNECTIONS_MAX];
	struct place place[HTTP_CONNECTIONS_MAX];
	struct places places;
	struct place *coming;		/* of the connection that MHD is given now */
	int64_t deaf_until_ms;		/* nobody is let in before */
	int fd;				/* listens */
};

/* `l` is zeroed and stays where it is; `daemon` is borrowed, `fd` given; `door` names a tick of `loop` that calls _step. */
void http_lines_open(struct http_lines *l, struct loop *loop, void *door, struct MHD_Daemon *daemon, int fd);
void http_lines_shut(struct http_lines *l);	/* nobody is let in any more; to be called before the daemon stops */
void http_lines_done(struct http_lines *l);	/* also when it was not opened */
/* Turn the daemon, and hang up on those whose time is up; the milliseconds to the next such, at most `most_ms`. */
int64_t http_lines_step(struct http_lines *l, int64_t most_ms);

/* MHD has begun, or ends, a connection. */
struct http_line *http_lines_begin(struct http_lines *l, struct MHD_Connection *connection);
void http_line_end(struct http_line *line);
struct http_line *http_line_of(struct MHD_Connection *connection);

/* What a line is in now. */
void http_line_ask(struct http_line *line);			/* a request: its first line has come, or all of its head */
void http_line_more(struct http_line *line, size_t n);		/* so much of a body that is wanted */
void http_line_drop(struct http_line *line);			/* what is still to come of its body is not */
void http_line_answer(struct http_line *line, uint64_t n);	/* so much is to go */
void http_line_rest(struct http_line *line);			/* it has gone */

#endif
