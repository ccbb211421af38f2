/* SPDX-License-Identifier: EUPL-1.2 */
/* http - libmicrohttpd without threads: its epoll descriptor and its timeouts are turned by our loop.
 *
 * A request is a struct from its first line to its end. What is wrong with its head is kept in it, and its body is then
 * dropped as it comes: a sender that is cut off while it writes never reads the answer. Invariant: `collecting` is the
 * sum of all bodies' buffers.
 */
#include "adapters/core/http.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/core/http_auth.h"
#include "adapters/core/http_file.h"
#include "adapters/core/http_head.h"
#include "adapters/core/listener.h"
#include "adapters/core/secret_file.h"
#include "proto/base/log.h"

#define ANSWER_ARENA ((size_t)48 * 1024 * 1024)
#define BODY_CHUNK 4096
#define TLS_PRIORITIES "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
#define RETRY_AFTER_S "5"
#define IDLE_MS 60000		/* nothing is due */

struct http {
	const struct adapter_config *config;
	const struct door_host *host;
	struct http_auth *auth;		/* NULL: no token is asked for */
	struct MHD_Daemon *daemon;
	struct loop_item *item;
	struct arena *mem;		/* of the request being answered */
	char *cert, *key, *ca;		/* PEM; NULL: none */
	size_t cert_len, key_len, ca_len;
	size_t collecting;
	unsigned n_files;		/* being given */
	int fd;
	bool is_dead;			/* a FATAL error came: nothing is answered any more */
};

struct request {
	char *path;			/* as sent, with its query */
	bool is_begun;
	enum err e;			/* what is wrong with it so far */
	struct why why;
	struct http_head head;
	char key[HTTP_HEAD_KEY_MAX + 1];
	struct request_head said;			/* borrowed from the connection, `base` from here */
	char base[sizeof("https://") + HTTP_HEAD_HOST_MAX];
	uint8_t *body;
	size_t n, cap, n_dropped;
	struct upload *upload;		/* takes the body in place of `body`; NULL: none */
};

/* -- the life of a request -- */

/* MHD calls this with the first line, before it decodes anything in it. */
static void *
on_line(void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct request *r = calloc(1, sizeof(*r));

	(void)cls;
	(void)connection;
	if (r && !(r->path = strdup(uri))) {
		free(r);
		r = NULL;
	}
	return r;
}

static void
drop_body(struct http *h, struct request *r)
{
	if (r->body)
		explicit_bzero(r->body, r->cap);
	free(r->body);
	h->collecting -= r->cap;
	r->body = NULL;
	r->n = r->cap = 0;
}

/* The process is to end: this and every other connection is closed unanswered. */
static enum MHD_Result
die(struct http *h, enum err e)
{
	h->is_dead = true;
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
	struct request *r = *con_cls;

	(void)connection;
	(void)toe;
	*con_cls = NULL;
	if (!r)
		return;
	drop_upload(cls, r);
	drop_body(cls, r);
	free(r->path);
	free(r);
}

/* Which bytes of a file are given; n 0: none, it has no such ones. */
struct part { uint64_t from, n, of; };

/* NULL: no memory, or (of a file) too many at once. */
static struct MHD_Response *
response_of(struct http *h, const struct native *answer, const struct part *part)
{
	struct MHD_Response *response = NULL;
	uint8_t *copy;

	if (answer->content)
		return http_file_answer(h->host->adapter, answer->content, part ? part->from : 0, part ? part->n : answer->content->size,
					&h->n_files, &response) == OK ? response : NULL;
	if (!(copy = malloc(answer->bytes.n + 1)))	/* outlives the arena until it is sent */
		return NULL;
	if (answer->bytes.n)
		memcpy(copy, answer->bytes.p, answer->bytes.n);
	response = MHD_create_response_from_buffer(answer->bytes.n, copy, MHD_RESPMEM_MUST_FREE);
	if (!response)
		free(copy);
	return response;
}

/* `part` NULL: all of it. */
static enum MHD_Result
send_part(struct http *h, struct MHD_Connection *connection, const struct native *answer, const struct part *part)
{
	unsigned status = part && part->n > 0 ? MHD_HTTP_PARTIAL_CONTENT : answer->status ? answer->status : MHD_HTTP_OK;
	struct MHD_Response *response = response_of(h, answer, part);
	enum MHD_Result result;
	char modified[HTTP_HEAD_DATE_LEN];

	if (!response)
		return MHD_NO;
	if (part)
		http_file_say_part(response, part->from, part->n, part->of);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (answer->media_type && (answer->bytes.n || answer->content))
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->media_type);
	if (answer->path)
		MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, answer->path);
	if (answer->etag)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, answer->etag);
	if (answer->modified_ms) {
		http_head_date(answer->modified_ms, modified);
		MHD_add_response_header(response, MHD_HTTP_HEADER_LAST_MODIFIED, modified);
	}
	if (status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer realm=\"nasoka\"");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)	/* empty: an address that takes none */
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, answer->allow ? answer->allow : "");
	if (status == MHD_HTTP_SERVICE_UNAVAILABLE || status == MHD_HTTP_TOO_MANY_REQUESTS)
		MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, RETRY_AFTER_S);
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
send_answer(struct http *h, struct MHD_Connection *connection, const struct native *answer)
{
	return send_part(h, connection, answer, NULL);
}

static enum MHD_Result
refuse_part(struct http *h, struct MHD_Connection *connection, enum err e, const struct why *why, const struct native *request,
	    const struct part *part)
{
	struct native answer = { 0 };
	enum err said;

	log_event(LOG_DOOR_REFUSED, "door=http code=%s where=%s", err_code(e), why->where[0] ? why->where : "-");
	arena_reset(h->mem);
	said = adapter_problem(h->host->adapter, e, why, request, h->mem, &answer);
	if (err_is_fatal(said))
		return die(h, said);
	if (said != OK)
		answer = (struct native){ .status = MHD_HTTP_INTERNAL_SERVER_ERROR };
	return send_part(h, connection, &answer, part);
}

static enum MHD_Result
refuse(struct http *h, struct MHD_Connection *connection, enum err e, const struct why *why, const struct native *request)
{
	return refuse_part(h, connection, e, why, request, NULL);
}

/* All of a file, or the bytes that are asked for: who lost its connection goes on where it was. */
static enum MHD_Result
send_file(struct http *h, struct request *r, struct MHD_Connection *connection, const char *method, const struct native *request,
	  const struct native *answer)
{
	const char *range = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_RANGE);
	const char *if_range = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_IF_RANGE);
	struct part part = { .of = answer->content->size };
	enum err e;

	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0)
		range = NULL;	/* it has no meaning with others */
	switch (http_head_range(range, if_range, answer->etag, part.of, &part.from, &part.n)) {
	case HTTP_ALL:
		break;
	case HTTP_PART:
		return send_part(h, connection, answer, &part);
	case HTTP_NO_SUCH_PART:
		part.n = 0;
		e = why_set(&r->why, ERR_RANGE, MHD_HTTP_HEADER_RANGE, "it has %llu bytes", (unsigned long long)part.of);
		return refuse_part(h, connection, e, &r->why, request, &part);
	}
	return send_answer(h, connection, answer);
}

static enum MHD_Result
answer_health(struct http *h, struct MHD_Connection *connection, bool is_live)
{
	bool is_well = is_live || (h->host->is_ready && h->host->is_ready(h->host->arg));

	return send_answer(h, connection, &(struct native){
	    .bytes = is_well ? SPAN_LIT("ok\n") : SPAN_LIT("not ready\n"),
	    .media_type = "text/plain; charset=utf-8",
	    .status = is_well ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
	});
}

/* All of a file is here. */
static enum MHD_Result
finish_upload(struct http *h, struct request *r, struct MHD_Connection *connection, const struct native *request)
{
	struct upload *upload = r->upload;
	struct native answer = { 0 };
	enum err e;

	arena_reset(h->mem);
	r->upload = NULL;
	e = adapter_upload_end(upload, h->mem, &answer, &r->why);
	if (err_is_fatal(e))
		return die(h, e);
	return e != OK ? refuse(h, connection, e, &r->why, request) : send_answer(h, connection, &answer);
}

/* The request is whole, or refused before it was. */
static enum MHD_Result
finish(struct http *h, struct request *r, struct MHD_Connection *connection, const char *method)
{
	struct native answer = { 0 }, request = {
		.bytes = SPAN(r->body, r->n),
		.media_type = r->head.media_type[0] ? r->head.media_type : NULL,
		.method = strcmp(method, MHD_HTTP_METHOD_HEAD) == 0 ? MHD_HTTP_METHOD_GET : method,	/* its body stays unsent */
		.path = r->path,
		.charset = r->head.charset,
		.accept = r->said.accept,
		.head = &r->said,
	};
	enum err e;

	if (r->e != OK)
		return refuse(h, connection, r->e, &r->why, &request);
	if (r->upload)
		return finish_upload(h, r, connection, &request);
	if (http_head_is_at(r->path, "/livez") || http_head_is_at(r->path, "/readyz"))
		return answer_health(h, connection, http_head_is_at(r->path, "/livez"));
	arena_reset(h->mem);
	if (r->said.base) {	/* not in the arena: a refusal begins that anew */
		snprintf(r->base, sizeof(r->base), "%s://%s", h->cert ? "https" : "http", r->said.base);
		r->said.base = r->base;
	}
	e = adapter_request(h->host->adapter, &request, r->key[0] ? r->key : NULL, h->mem, &answer);
	if (err_is_fatal(e))
		return die(h, e);
	if (e == OK && answer.content && h->n_files >= HTTP_FILES_MAX)
		e = why_set(&r->why, ERR_OVERLOAD, NULL, "%d files are being given already", HTTP_FILES_MAX);
	if (e != OK)
		return refuse(h, connection, e, &r->why, &request);
	return answer.content ? send_file(h, r, connection, method, &request, &answer) : send_answer(h, connection, &answer);
}

/* -- the head -- */

static bool
is_method(const char *method, const char *const *known)
{
	for (; *known; known++)
		if (strcmp(method, *known) == 0)
			return true;
	return false;
}

/* The chain is checked here because libmicrohttpd only asks for it. */
static bool
has_client_certificate(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	unsigned status = 1;

	return info && info->tls_session && gnutls_certificate_verify_peers2(info->tls_session, &status) == 0 && status == 0;
}

static enum err
check_caller(const struct http *h, struct MHD_Connection *connection, bool is_health, struct why *why)
{
	const char *said = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION);

	if (is_health && h->config->in_http.loopback)
		return OK;
	if (h->ca && !has_client_certificate(connection))
		return why_set(why, ERR_UNAUTHORIZED, "client certificate", "missing, or not signed by client_ca");
	if (h->auth && !http_auth_find(h->auth, said))
		return why_set(why, ERR_UNAUTHORIZED, "Authorization", "no valid bearer token");
	/* Without either, whoever reaches the port may call; a page in a browser of this machine shall not. */
	if (!h->ca && !h->auth && MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Origin"))
		return why_set(why, ERR_UNAUTHORIZED, "Origin", "calls of web pages need a token");
	return OK;
}

/* A header that the sector reads: NULL if it is not there. */
static enum err
take_header(struct MHD_Connection *connection, const char *name, const char **ret_value, struct why *why)
{
	*ret_value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
	if (*ret_value && !http_head_is_value(*ret_value))
		return why_set(why, ERR_SYNTAX, name, "at most %d printable characters", HTTP_HEAD_PATH_MAX);
	return OK;
}

static enum err
take_ask(struct MHD_Connection *connection, struct request_head *said, struct why *why)
{
	enum err e;

	said->base = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
	if (said->base && !http_head_is_host(said->base))
		said->base = NULL;
	if ((e = take_header(connection, "Content-Digest", &said->digest, why)) != OK ||
	    (!said->digest && (e = take_header(connection, "Repr-Digest", &said->digest, why)) != OK) ||
	    (!said->digest && (e = take_header(connection, "Digest", &said->digest, why)) != OK))
		return e;
	if ((e = take_header(connection, MHD_HTTP_HEADER_ACCEPT, &said->accept, why)) != OK ||
	    (e = take_header(connection, "Prefer", &said->prefer, why)) != OK ||
	    (e = take_header(connection, MHD_HTTP_HEADER_IF_MATCH, &said->if_match, why)) != OK ||
	    (e = take_header(connection, MHD_HTTP_HEADER_IF_NONE_MATCH, &said->if_none_match, why)) != OK)
		return e;
	return take_header(connection, "If-None-Exist", &said->if_none_exist, why);
}

static enum err
check_head(const struct http *h, struct request *r, struct MHD_Connection *connection, const char *method)
{
	static const char *const taken[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", NULL };
	static const char *const health[] = { "GET", "HEAD", NULL };
	bool is_health = http_head_is_at(r->path, "/livez") || http_head_is_at(r->path, "/readyz");
	const char *key = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Idempotency-Key");
	const char *type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE);
	const char *coding = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_ENCODING);
	enum err e;

	if (!http_head_is_path(r->path)) {
		strcpy(r->path, "/");	/* so that the answer has a form; a path is never empty */
		return why_set(&r->why, ERR_TOOLONG, "path", "not a path of at most %d characters", HTTP_HEAD_PATH_MAX);
	}
	if ((e = check_caller(h, connection, is_health, &r->why)) != OK)
		return e;
	if (!is_method(method, is_health ? health : taken))
		return why_set(&r->why, ERR_METHOD, "method", "not taken here");
	if ((e = take_ask(connection, &r->said, &r->why)) != OK)
		return e;
	if (coding && strcmp(coding, "identity") != 0)
		return why_set(&r->why, ERR_MEDIA_TYPE, "Content-Encoding", "send the body as it is");
	if (key && !http_head_is_key(key))
		return why_set(&r->why, ERR_SYNTAX, "Idempotency-Key", "1 to %d printable characters", HTTP_HEAD_KEY_MAX);
	if (key)
		memcpy(r->key, key, strlen(key) + 1);
	return http_head_content(type, &r->head, &r->why);
}

/* What the head says of the body's length; 0 if it does not (chunked). */
static uint64_t
said_length(struct MHD_Connection *connection)
{
	const char *said = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return said ? strtoull(said, NULL, 10) : 0;	/* its syntax was checked by libmicrohttpd */
}

/* A file for a thread is not collected: it goes on as it comes. */
static enum err
begin_upload(struct http *h, struct request *r, const char *method, uint64_t length)
{
	struct native request = {
		.media_type = r->head.media_type[0] ? r->head.media_type : NULL, .method = method, .path = r->path, .head = &r->said,
	};

	if (strcmp(method, MHD_HTTP_METHOD_POST) != 0)
		return OK;
	return adapter_upload_begin(h->host->adapter, &request, r->key[0] ? r->key : NULL, length, &r->upload, &r->why);
}

static enum MHD_Result
begin(struct http *h, struct request *r, struct MHD_Connection *connection, const char *method)
{
	uint64_t length = said_length(connection);
	bool may_wait = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_EXPECT) != NULL;

	r->is_begun = true;
	if ((r->e = check_head(h, r, connection, method)) == OK)
		r->e = begin_upload(h, r, method, length);
	if (err_is_fatal(r->e))
		return die(h, r->e);
	if (r->e == OK && !r->upload && length > h->config->in_http.body_bytes)
		r->e = why_set(&r->why, ERR_TOOBIG, "body", "more than %llu bytes",
			(unsigned long long)h->config->in_http.body_bytes);
	/* the sender waits for leave to go on, or would go on for too long: tell it now */
	if (r->e != OK && (may_wait || length > HTTP_SWALLOW_MAX))
		return finish(h, r, connection, method);
	return MHD_YES;
}

/* -- the body -- */

static enum err
keep(struct http *h, struct request *r, const char *data, size_t n)
{
	size_t cap = r->cap ? r->cap : BODY_CHUNK, had = r->n, most = (size_t)h->config->in_http.body_bytes;
	uint8_t *grown;

	if (n > most - r->n)
		return why_set(&r->why, ERR_TOOBIG, "body", "more than %zu bytes", most);
	while (cap < r->n + n)
		cap *= 2;
	if (cap > most)
		cap = most;
	if (cap > r->cap) {
		if (h->collecting + (cap - r->cap) > HTTP_COLLECTING_MAX)
			return why_set(&r->why, ERR_OVERLOAD, "body", "too many requests at once");
		if (!(grown = malloc(cap)))
			return ERR_OVERLOAD;
		if (r->n)
			memcpy(grown, r->body, r->n);
		h->collecting += cap;
		drop_body(h, r);
		r->body = grown;
		r->cap = cap;
		r->n = had;
	}
	memcpy(r->body + r->n, data, n);
	r->n += n;
	return OK;
}

static enum MHD_Result
take_body(struct http *h, struct request *r, const char *data, size_t n)
{
	if (r->e == OK)
		r->e = r->upload ? adapter_upload_more(r->upload, SPAN(data, n), &r->why) : keep(h, r, data, n);
	if (err_is_fatal(r->e))
		return die(h, r->e);
	if (r->e != OK) {
		drop_upload(h, r);
		drop_body(h, r);
	}
	if (r->e != OK)
		r->n_dropped += n;
	return r->n_dropped > HTTP_SWALLOW_MAX ? MHD_NO : MHD_YES;
}

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
	   const char *data, size_t *data_len, void **con_cls)
{
	struct http *h = cls;
	struct request *r = *con_cls;
	enum MHD_Result result;

	(void)url;
	(void)version;
	if (!r || h->is_dead)
		return MHD_NO;
	if (!r->is_begun)
		return begin(h, r, connection, method);
	if (*data_len == 0)
		return finish(h, r, connection, method);
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

	if (h->is_dead)
		return IDLE_MS;
	MHD_run(h->daemon);
	if (MHD_get_timeout(h->daemon, &wait_ms) != MHD_YES || wait_ms > IDLE_MS)
		return IDLE_MS;
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
load_files(struct http *h, struct why *why)
{
	const char *ca = h->config->in_http.client_ca_file, *tokens = h->config->in_http.tokens_file;
	const char *cert = h->config->in_http.tls_cert_file, *key = h->config->in_http.tls_key_file;
	enum err e = OK;

	if (tokens)
		e = http_auth_load(tokens, &h->auth, why);
	if (e == OK && cert)
		e = secret_file_read_public(cert, &h->cert, &h->cert_len, why);
	if (e == OK && cert)
		e = secret_file_read(key, &h->key, &h->key_len, why);
	if (e == OK && ca)
		e = secret_file_read_public(ca, &h->ca, &h->ca_len, why);
	return e;
}

static enum err
start(struct http *h, struct why *why)
{
	bool is_v6 = strchr(h->config->in_http.host, ':') != NULL;
	unsigned flags = MHD_USE_EPOLL | (h->cert ? MHD_USE_TLS : 0) | (is_v6 ? MHD_USE_IPv6 : 0);
	struct MHD_OptionItem tls[5] = { { MHD_OPTION_END, 0, NULL } };
	const union MHD_DaemonInfo *info;
	int n = 0;

	if (h->cert) {
		static char priorities[] = TLS_PRIORITIES;

		tls[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, h->cert };
		tls[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, h->key };
		tls[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_PRIORITIES, 0, priorities };
		if (h->ca)
			tls[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_TRUST, 0, h->ca };
		tls[n] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
	}
	h->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, h,
		MHD_OPTION_LISTEN_SOCKET, h->fd,
		MHD_OPTION_URI_LOG_CALLBACK, on_line, h,
		MHD_OPTION_NOTIFY_COMPLETED, on_end, h,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_HEAD_BYTES_MAX,
		MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
		MHD_OPTION_ARRAY, tls,
		MHD_OPTION_END);
	if (!h->daemon)
		return why_set(why, ERR_CONFIG, "in.http", h->cert ? "certificate and key do not work" : "cannot serve");
	h->fd = -1;	/* the daemon's from now on */
	info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (!info || info->epoll_fd < 0)
		return why_set(why, ERR_SYSTEM, "in.http", "no epoll");
	h->item = loop_add_fd(h->host->loop, info->epoll_fd, LOOP_IN, on_ready, h);
	loop_add_tick(h->host->loop, on_tick, h);
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
	if ((e = load_files(h, why)) != OK ||
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
	if (h->daemon)
		MHD_stop_daemon(h->daemon);
	if (h->fd >= 0)
		close(h->fd);
	http_auth_free(h->auth);
	secret_file_free(h->cert, h->cert_len);
	secret_file_free(h->key, h->key_len);
	secret_file_free(h->ca, h->ca_len);
	arena_free(h->mem);
	free(h);
}

uint16_t
http_port(const struct http *h)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_LISTEN_FD);

	return info ? listener_port(info->listen_fd) : 0;
}
