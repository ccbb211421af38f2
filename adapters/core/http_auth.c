/* SPDX-License-Identifier: EUPL-1.2 */
/* http_auth - tokens are kept padded to one length, and every one of them is compared whole at each call. */
#define _GNU_SOURCE
#include "adapters/core/http_auth.h"

#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapters/core/secret_file.h"

struct token {
	char name[HTTP_AUTH_NAME_MAX + 1];
	char text[HTTP_AUTH_TOKEN_MAX];	/* zeroes behind it */
};

struct http_auth {
	size_t n;
	struct token tokens[HTTP_AUTH_TOKENS_MAX];
};

static bool
is_name(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
		      c == '_' || c == '-'))
			return false;
	}
	return s.n > 0 && s.n <= HTTP_AUTH_NAME_MAX;
}

static bool
is_token(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return s.n >= HTTP_AUTH_TOKEN_MIN && s.n <= HTTP_AUTH_TOKEN_MAX;
}

static enum err
bad_line(struct why *why, unsigned line, const char *text)
{
	enum err e = why_set(why, ERR_KEYFILE, "tokens_file", "%s", text);

	if (why)
		why->line = line;
	return e;
}

static enum err
parse_line(struct http_auth *auth, struct span line, unsigned number, struct why *why)
{
	const uint8_t *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
	struct span name, token;
	size_t i;

	if (line.n == 0 || line.p[0] == '#')
		return OK;
	if (!colon)
		return bad_line(why, number, "no colon between name and token");
	name = SPAN(line.p, (size_t)(colon - line.p));
	token = SPAN(colon + 1, line.n - name.n - 1);
	if (!is_name(name))
		return bad_line(why, number, "a name has 1 to 32 letters, digits, dots, dashes");
	if (!is_token(token))
		return bad_line(why, number, "a token has 16 to 128 printable characters and no blank");
	if (auth->n == HTTP_AUTH_TOKENS_MAX)
		return bad_line(why, number, "more than 64 tokens");
	for (i = 0; i < auth->n; i++)
		if (span_eq(span_str(auth->tokens[i].name), name))
			return bad_line(why, number, "this name stands twice");
	memcpy(auth->tokens[auth->n].name, name.p, name.n);
	memcpy(auth->tokens[auth->n].text, token.p, token.n);
	auth->n++;
	return OK;
}

enum err
http_auth_parse(struct span text, struct http_auth **ret_auth, struct why *why)
{
	struct http_auth *auth = calloc(1, sizeof(*auth));
	unsigned number = 0;
	size_t at = 0;
	enum err e = auth ? OK : ERR_NOMEM;

	*ret_auth = NULL;
	while (e == OK && at < text.n) {
		const uint8_t *end = memchr(text.p + at, '\n', text.n - at);
		size_t len = end ? (size_t)(end - text.p) - at : text.n - at;
		struct span line = SPAN(text.p + at, len);

		at += len + 1;
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		e = parse_line(auth, line, ++number, why);
	}
	if (e == OK && auth->n == 0)
		e = why_set(why, ERR_KEYFILE, "tokens_file", "no token in it");
	if (e != OK) {
		http_auth_free(auth);
		return e;
	}
	*ret_auth = auth;
	return OK;
}

enum err
http_auth_load(const char *path, struct http_auth **ret_auth, struct why *why)
{
	char *text;
	size_t len;
	enum err e;

	*ret_auth = NULL;
	if ((e = secret_file_read(path, &text, &len, why)) != OK)
		return e;
	e = http_auth_parse(SPAN(text, len), ret_auth, why);
	secret_file_free(text, len);
	return e;
}

void
http_auth_free(struct http_auth *auth)
{
	if (auth)
		explicit_bzero(auth, sizeof(*auth));
	free(auth);
}

const char *
http_auth_find(const struct http_auth *auth, const char *authorization)
{
	char said[HTTP_AUTH_TOKEN_MAX] = { 0 };
	const char *found = NULL, *token;
	size_t i, len;

	if (!authorization || strncasecmp(authorization, "Bearer ", 7) != 0)
		return NULL;
	for (token = authorization + 7; *token == ' ';)
		token++;
	len = strlen(token);
	if (len > sizeof(said))
		return NULL;
	memcpy(said, token, len);
	for (i = 0; i < auth->n; i++)
		if (gnutls_memcmp(auth->tokens[i].text, said, sizeof(said)) == 0)
			found = auth->tokens[i].name;
	explicit_bzero(said, sizeof(said));
	return found;
}
