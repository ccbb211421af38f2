/* SPDX-License-Identifier: EUPL-1.2 */
/* http - libmicrohttpd without threads and without a socket that listens: our loop turns its epoll descriptor and its
 * timeouts, and http_lines.c gives it the connections.
 *
 * A request is a struct from its first line to its end. What is wrong with its head is kept in it, and its body is then
 * dropped as it comes: a sender that is cut off while it writes never reads the answer.
 */
#include "adapters/core/http.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/core/http_answer.h"
#include "adapters/core/http_ask.h"
#include "adapters/core/http_auth.h"
#include "adapters/core/http_body.h"
#include "adapters/core/http_file.h"
#include "adapters/core/http_lines.h"
#include "adapters/core/http_tls.h"
#include "adapters/core/listener.h"
#include "proto/base/log.h"

#define ANSWER_ARENA ((size_t)48 * 1024 * 1024)
#define IDLE_MS 60000		/* nothing is due */

struct http {
	const struct adapter_config *config;
	const struct door_host *host;
	struct http_auth *auth;		/* NULL: no token is asked for */
	struct MHD_Daemon *daemon;
	struct loop_item *item;
	struct arena *mem;		/* of the request being answered */
	struct http_tls tls;
	struct http_lines lines;
	size_t collecting;		/* all bodies' buffers (http_body.h) */
	unsigned n_files;		/* being given */
	int fd;				/* listens; -1: not yet, or the lines' already */
	bool is_dead;			/* a FATAL error came: nothing is answered any more */
};

struct request {
	struct MHD_Connection *connection;
	const char *method;		/* borrowed from it; NULL: its head has not come yet */
	struct http_ask ask;
	enum err e;			/* what is wrong with it so far */
	struct why why;
	struct http_body body;
	struct upload *upload;		/* takes the body in place of `body`; NULL: none */
	size_t n_dropped;
};

/* -- the life of a request -- */

static void
free_request(struct request *r)
{
	if (r)
		free(r->ask.path);
	free(r);
}

/* MHD calls this with the first line, before it decodes anything in it. The line remembers the request: of one that MHD gives up before
 * anybody has seen it (a head beyond its memory) nobody hears an end. */
static void *
on_line(void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct http_line *line = http_line_of(connection);
	struct request *r = calloc(1, sizeof(*r));
	char *query = strchr(uri, '?');

	(void)cls;
	if (r && !(r->ask.path = strdup(uri))) {
		free(r);
		r = NULL;
	}
	if (r)
		r->connection = connection;
	free_request(line->request);
	line->request = r;
	http_line_ask(line);
	/* the arguments are ours to read; MHD, once its memory is too small for all of them, never answers */
	if (query && query[1])
		query[1] = '\0';
	return r;
}

static void
on_connection(void *cls, struct MHD_Connection *connection, void **socket_context, enum MHD_ConnectionNotificationCode toe)
{
	struct http *h = cls;
	struct http_line *line = *socket_context;

	if (toe == MHD_CONNECTION_NOTIFY_STARTED) {
		*socket_context = http_lines_begin(&h->lines, connection);
		return;
	}
	free_request(line->request);
	http_line_end(line);
	*socket_context = NULL;
}

/* The process is to end: this and every other connection is closed unanswered. */
static enum MHD_Result
die(struct http *h, enum err e)
{
	h->is_dead = true;
	http_lines_shut(&h->lines);
	h->host->on_fatal(h->host->arg, e);
	return MHD_NO;
}

static void
drop_upload(struct http *h, struct request *r)
{
	enum err e = adapter_upload_drop(r->upload);

	r->upload = NULL;
	if (e != OK)
		(void)die(h, e);
}

static void
on_end(void *cls, struct MHD_Connection *connection, void **con_cls, enum MHD_RequestTerminationCode toe)
{
	struct http *h = cls;
	struct http_line *line = http_line_of(connection);
	struct request *r = *con_cls;

	(void)toe;
	*con_cls = NULL;
	http_line_rest(line);
	if (!r)
		return;
	if (line->request == r)
		line->request = NULL;
	drop_upload(h, r);
	http_body_drop(&r->body, &h->collecting);
	free_request(r);
}

/* -- answering -- */

static const char *
key_of(const struct request *r)
{
	return r->ask.key[0] ? r->ask.key : NULL;
}

static struct native
native_of(const struct request *r)
{
	return http_ask_native(&r->ask, r->method, SPAN(r->body.p, r->body.n));
}

/* `part` NULL: all of it. */
static enum MHD_Result
send_part(struct http *h, struct request *r, const struct native *answer, const struct http_part *part)
{
	struct MHD_Response *response = NULL;
	enum MHD_Result result;

	if (http_answer_of(h->host->adapter, answer, part, &h->n_files, &response) != OK)
		return MHD_NO;
	http_line_answer(http_line_of(r->connection), part ? part->n : answer->content ? answer->content->size : answer->bytes.n);
	result = MHD_queue_response(r->connection, http_answer_status(answer, part), response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
send_answer(struct http *h, struct request *r, const struct native *answer)
{
	return send_part(h, r, answer, NULL);
}

/* For what r->why says. */
static enum MHD_Result
refuse_part(struct http *h, struct request *r, enum err e, const struct http_part *part)
{
	struct native answer = { 0 }, request = native_of(r);
	enum err said;

	log_event(LOG_DOOR_REFUSED, "door=http code=%s where=%s", err_code(e), r->why.where[0] ? r->why.where : "-");
	arena_reset(h->mem);
	said = adapter_problem(h->host->adapter, e, &r->why, &request, h->mem, &answer);
	if (err_is_fatal(said))
		return die(h, said);
	if (said != OK)
		answer = (struct native){ .status = MHD_HTTP_INTERNAL_SERVER_ERROR };
	return send_part(h, r, &answer, part);
}

static enum MHD_Result
refuse(struct http *h, struct request *r, enum err e)
{
	return refuse_part(h, r, e, NULL);
}

/* All of a file, or the bytes that are asked for: who lost its connection goes on where it was. */
static enum MHD_Result
send_file(struct http *h, struct request *r, const struct native *answer)
{
	const char *range = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_RANGE);
	const char *if_range = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_IF_RANGE);
	struct http_part part;
	enum err e;

	if (strcmp(r->method, MHD_HTTP_METHOD_GET) != 0)
		range = NULL;	/* it has no meaning with others */
	switch (http_head_range(range, if_range, answer->etag, answer->content->size, &part)) {
	case HTTP_ALL:
		break;
	case HTTP_PART:
		return send_part(h, r, answer, &part);
	case HTTP_NO_SUCH_PART:
		e = why_set(&r->why, ERR_RANGE, MHD_HTTP_HEADER_RANGE, "it has %llu bytes", (unsigned long long)part.of);
		return refuse_part(h, r, e, &part);
	}
	return send_answer(h, r, answer);
}

static enum MHD_Result
answer_health(struct http *h, struct request *r)
{
	bool is_well = http_head_is_at(r->ask.path, "/livez") || (h->host->is_ready && h->host->is_ready(h->host->arg));

	return send_answer(h, r, &(struct native){
	    .bytes = is_well ? SPAN_LIT("ok\n") : SPAN_LIT("not ready\n"),
	    .media_type = "text/plain; charset=utf-8",
	    .status = is_well ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
	});
}

/* All of a file is here. */
static enum MHD_Result
finish_upload(struct http *h, struct request *r)
{
	struct upload *upload = r->upload;
	struct native answer = { 0 };
	enum err e;

	arena_reset(h->mem);
	r->upload = NULL;
	e = adapter_upload_end(upload, h->mem, &answer, &r->why);
	if (err_is_fatal(e))
		return die(h, e);
	return e != OK ? refuse(h, r, e) : send_answer(h, r, &answer);
}

/* The request is whole, or refused before it was. */
static enum MHD_Result
finish(struct http *h, struct request *r)
{
	struct native answer = { 0 }, request = native_of(r);
	enum err e;

	if (r->e != OK)
		return refuse(h, r, r->e);
	if (r->upload)
		return finish_upload(h, r);
	if (http_ask_is_health(&r->ask))
		return answer_health(h, r);
	arena_reset(h->mem);
	e = adapter_request(h->host->adapter, &request, key_of(r), h->mem, &answer);
	if (err_is_fatal(e))
		return die(h, e);
	if (e == OK && answer.content && h->n_files >= HTTP_FILES_MAX)
		e = why_set(&r->why, ERR_OVERLOAD, NULL, "%d files are being given already", HTTP_FILES_MAX);
	if (e != OK)
		return refuse(h, r, e);
	return answer.content ? send_file(h, r, &answer) : send_answer(h, r, &answer);
}

/* -- its head -- */

/* A file for a thread is not collected: it goes on as it comes. */
static enum err
begin_upload(struct http *h, struct request *r)
{
	struct native request = native_of(r);

	if (strcmp(r->method, MHD_HTTP_METHOD_POST) != 0)
		return OK;
	return adapter_upload_begin(h->host->adapter, &request, key_of(r), r->ask.length, &r->upload, &r->why);
}

static enum MHD_Result
begin(struct http *h, struct request *r, const char *method)
{
	const struct http_gate gate = {
		.auth = h->auth, .wants_certificate = h->tls.ca != NULL, .is_tls = h->tls.cert != NULL, .is_local = h->config->in_http.loopback,
	};
	uint64_t most = h->config->in_http.body_bytes;

	r->method = method;
	http_line_ask(http_line_of(r->connection));
	if ((r->e = http_ask_read(&gate, r->connection, method, &r->ask, &r->why)) == OK)
		r->e = begin_upload(h, r);
	if (err_is_fatal(r->e))
		return die(h, r->e);
	if (r->e == OK && !r->upload && r->ask.length > most)
		r->e = why_set(&r->why, ERR_TOOBIG, "body", "more than %llu bytes", (unsigned long long)most);
	/* the sender waits for leave to go on, or would go on for too long: tell it now */
	if (r->e != OK && (r->ask.is_waiting || r->ask.length > HTTP_SWALLOW_MAX))
		return finish(h, r);
	if (r->e != OK)
		http_line_drop(http_line_of(r->connection));
	return MHD_YES;
}

/* -- its body -- */

static enum err
keep(struct http *h, struct request *r, struct span bytes)
{
	if (r->upload)
		return adapter_upload_more(r->upload, bytes, &r->why);
	return http_body_add(&r->body, bytes, (size_t)h->config->in_http.body_bytes, &h->collecting, &r->why);
}

static enum MHD_Result
take_body(struct http *h, struct request *r, const char *data, size_t n)
{
	struct http_line *line = http_line_of(r->connection);

	if (r->e == OK && (r->e = keep(h, r, SPAN(data, n))) != OK)
		http_line_drop(line);
	if (err_is_fatal(r->e))
		return die(h, r->e);
	if (r->e == OK)
		http_line_more(line, n);
	if (r->e != OK) {
		drop_upload(h, r);
		http_body_drop(&r->body, &h->collecting);
		r->n_dropped += n;
	}
	return r->n_dropped > HTTP_SWALLOW_MAX ? MHD_NO : MHD_YES;
}

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
	   const char *data, size_t *data_len, void **con_cls)
{
	struct http *h = cls;
	struct request *r = *con_cls;
	enum MHD_Result result;

	(void)connection;
	(void)url;
	(void)version;
	if (!r || h->is_dead)
		return MHD_NO;
	if (!r->method)
		return begin(h, r, method);
	if (*data_len == 0)
		return finish(h, r);
	result = take_body(h, r, data, *data_len);
	*data_len = 0;
	return result;
}

/* -- the loop -- */

static int64_t
on_tick(void *arg)
{
	struct http *h = arg;
	MHD_UNSIGNED_LONG_LONG wait_ms;
	int64_t step_ms;

	if (h->is_dead)
		return IDLE_MS;
	step_ms = http_lines_step(&h->lines, IDLE_MS);
	if (MHD_get_timeout(h->daemon, &wait_ms) != MHD_YES || wait_ms > (MHD_UNSIGNED_LONG_LONG)step_ms)
		return step_ms;
	return (int64_t)wait_ms;
}

static void
on_ready(void *arg, int events)
{
	struct http *h = arg;

	(void)events;
	loop_tick_now(h->host->loop, h);
}

/* -- opening -- */

static enum err
start(struct http *h, struct why *why)
{
	unsigned flags = MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | (h->tls.cert ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls[HTTP_TLS_OPTIONS];
	const union MHD_DaemonInfo *info;

	http_tls_options(&h->tls, tls);
	h->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, h,
		MHD_OPTION_URI_LOG_CALLBACK, on_line, h,
		MHD_OPTION_NOTIFY_COMPLETED, on_end, h,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_HEAD_BYTES_MAX,
		MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
		MHD_OPTION_ARRAY, tls,
		MHD_OPTION_END);
	if (!h->daemon)
		return why_set(why, ERR_CONFIG, "in.http", h->tls.cert ? "certificate and key do not work" : "cannot serve");
	info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (!info || info->epoll_fd < 0)
		return why_set(why, ERR_SYSTEM, "in.http", "no epoll");
	h->item = loop_add_fd(h->host->loop, info->epoll_fd, LOOP_IN, on_ready, h);
	loop_add_tick(h->host->loop, on_tick, h);
	http_lines_open(&h->lines, h->host->loop, h, h->daemon, h->fd);
	h->fd = -1;
	return OK;
}

enum err
http_open(const struct adapter_config *config, const struct door_host *host, struct http **ret_http, struct why *why)
{
	struct http *h = calloc(1, sizeof(*h));
	enum err e;

	*ret_http = NULL;
	if (!h)
		return ERR_NOMEM;
	h->config = config;
	h->host = host;
	h->fd = -1;
	if (!(h->mem = arena_new(ANSWER_ARENA))) {
		e = ERR_NOMEM;
		goto out;
	}
	if ((config->in_http.tokens_file && (e = http_auth_load(config->in_http.tokens_file, &h->auth, why)) != OK) ||
	    (e = http_tls_load(config, &h->tls, why)) != OK ||
	    (e = listener_open(config->in_http.host, config->in_http.port, &h->fd, why)) != OK ||
	    (e = start(h, why)) != OK)
		goto out;
	*ret_http = h;
	h = NULL;
out:
	http_close(h);
	return e;
}

void
http_close(struct http *h)
{
	if (!h)
		return;
	loop_del(h->host->loop, h->item);
	http_lines_shut(&h->lines);
	if (h->daemon)
		MHD_stop_daemon(h->daemon);
	http_lines_done(&h->lines);
	if (h->fd >= 0)
		close(h->fd);
	http_auth_free(h->auth);
	http_tls_done(&h->tls);
	arena_free(h->mem);
	free(h);
}

uint16_t
http_port(const struct http *h)
{
	return listener_port(h->lines.fd);
}
