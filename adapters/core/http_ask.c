/* SPDX-License-Identifier: EUPL-1.2 */
/* http_ask - called by the HTTP door once for each request. The order of checks: a path, its caller, all else; a stranger learns
 * nothing but that it is one.
 */
#include "adapters/core/http_ask.h"

#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *
find_header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

bool
http_ask_is_health(const struct http_ask *ask)
{
	return http_head_is_at(ask->path, "/livez") || http_head_is_at(ask->path, "/readyz");
}

/* -- the caller -- */

/* The chain is checked here because libmicrohttpd only asks for it. */
static bool
has_client_certificate(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	unsigned status = 1;

	return info && info->tls_session && gnutls_certificate_verify_peers2(info->tls_session, &status) == 0 && status == 0;
}

static enum err
check_caller(const struct http_gate *gate, struct MHD_Connection *connection, bool is_health, struct why *why)
{
	if (is_health && gate->is_local)
		return OK;
	if (gate->wants_certificate && !has_client_certificate(connection))
		return why_set(why, ERR_UNAUTHORIZED, "client certificate", "missing, or not signed by client_ca");
	if (gate->auth && !http_auth_find(gate->auth, find_header(connection, MHD_HTTP_HEADER_AUTHORIZATION)))
		return why_set(why, ERR_UNAUTHORIZED, "Authorization", "no valid bearer token");
	/* Without either, whoever reaches the port may call; a page in a browser of this machine shall not. */
	if (!gate->wants_certificate && !gate->auth && find_header(connection, "Origin"))
		return why_set(why, ERR_UNAUTHORIZED, "Origin", "calls of web pages need a token");
	return OK;
}

/* -- what it says -- */

static bool
is_method(const char *method, bool is_health)
{
	static const char *const taken[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", NULL };
	static const char *const health[] = { "GET", "HEAD", NULL };

	for (const char *const *known = is_health ? health : taken; *known; known++)
		if (strcmp(method, *known) == 0)
			return true;
	return false;
}

/* A header that the sector reads: NULL if it is not there. */
static enum err
take_header(struct MHD_Connection *connection, const char *name, const char **ret_value, struct why *why)
{
	*ret_value = find_header(connection, name);
	if (*ret_value && !http_head_is_value(*ret_value))
		return why_set(why, ERR_SYNTAX, name, "at most %d printable characters", HTTP_HEAD_PATH_MAX);
	return OK;
}

static enum err
take_said(struct MHD_Connection *connection, struct request_head *said, struct why *why)
{
	enum err e;

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

static void
take_base(struct MHD_Connection *connection, bool is_tls, struct http_ask *ask)
{
	const char *host = find_header(connection, MHD_HTTP_HEADER_HOST);

	if (!host || !http_head_is_host(host))
		return;
	snprintf(ask->base, sizeof(ask->base), "%s://%s", is_tls ? "https" : "http", host);
	ask->said.base = ask->base;
}

static enum err
take_content(struct MHD_Connection *connection, struct http_ask *ask, struct why *why)
{
	const char *coding = find_header(connection, MHD_HTTP_HEADER_CONTENT_ENCODING);
	const char *key = find_header(connection, "Idempotency-Key");

	if (coding && strcmp(coding, "identity") != 0)
		return why_set(why, ERR_MEDIA_TYPE, "Content-Encoding", "send the body as it is");
	if (key && !http_head_is_key(key))
		return why_set(why, ERR_SYNTAX, "Idempotency-Key", "1 to %d printable characters", HTTP_HEAD_KEY_MAX);
	if (key)
		memcpy(ask->key, key, strlen(key) + 1);
	return http_head_content(find_header(connection, MHD_HTTP_HEADER_CONTENT_TYPE), &ask->content, why);
}

enum err
http_ask_read(const struct http_gate *gate, struct MHD_Connection *connection, const char *method, struct http_ask *ask,
	      struct why *why)
{
	const char *length = find_header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
	bool is_health = http_ask_is_health(ask);
	enum err e;

	ask->length = length ? strtoull(length, NULL, 10) : 0;	/* its syntax was checked by libmicrohttpd */
	ask->is_waiting = find_header(connection, MHD_HTTP_HEADER_EXPECT) != NULL;
	if ((e = http_head_path(ask->path, why)) != OK)
		return e;
	if ((e = check_caller(gate, connection, is_health, why)) != OK)
		return e;
	if (!is_method(method, is_health))
		return why_set(why, ERR_METHOD, "method", "not taken here");
	take_base(connection, gate->is_tls, ask);
	if ((e = take_said(connection, &ask->said, why)) != OK)
		return e;
	return take_content(connection, ask, why);
}

struct native
http_ask_native(const struct http_ask *ask, const char *method, struct span body)
{
	return (struct native){
		.bytes = body,
		.media_type = ask->content.media_type[0] ? ask->content.media_type : NULL,
		.method = strcmp(method, MHD_HTTP_METHOD_HEAD) == 0 ? MHD_HTTP_METHOD_GET : method,
		.path = ask->path,
		.charset = ask->content.charset,
		.accept = ask->said.accept,
		.head = &ask->said,
	};
}
