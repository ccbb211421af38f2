/* SPDX-License-Identifier: EUPL-1.2 */
/* http_head - called by the HTTP door before a body is read. */
#include "adapters/core/http_head.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "adapters/core/charset.h"

#define CHARSET_SAID_MAX 40

/* The value of "; charset=x" or "; charset="x"" at `p`, which stands behind the media type. False: it is none. */
static bool
find_charset(const char *p, char to[static CHARSET_SAID_MAX + 1])
{
	size_t n;

	while ((p = strchr(p, ';')) != NULL) {
		for (p++; *p == ' ' || *p == '\t';)
			p++;
		if (strncasecmp(p, "charset=", 8) != 0)
			continue;
		p += 8;
		if (*p == '"')
			p++;
		n = strcspn(p, "\"; \t");
		if (n > CHARSET_SAID_MAX)
			n = CHARSET_SAID_MAX;
		memcpy(to, p, n);
		to[n] = '\0';
		return true;
	}
	return false;
}

enum err
http_head_content(const char *content_type, struct http_head *ret_head, struct why *why)
{
	char said[CHARSET_SAID_MAX + 1];
	const char *p = content_type;
	size_t i, n;

	*ret_head = (struct http_head){ 0 };
	if (!p)
		return OK;
	n = strcspn(p, "; \t");
	if (n == 0 || n > HTTP_HEAD_MEDIA_MAX || !memchr(p, '/', n))
		return why_set(why, ERR_MEDIA_TYPE, "Content-Type", "not a media type");
	for (i = 0; i < n; i++)
		ret_head->media_type[i] = (char)tolower((unsigned char)p[i]);
	if (find_charset(p + n, said) && !(ret_head->charset = charset_name(said)))
		return why_set(why, ERR_CHARSET, "Content-Type", "this character set is not known here");
	return OK;
}

static bool
is_printable(const char *s, char least)
{
	for (; *s; s++)
		if (*s < least || *s > '~')
			return false;
	return true;
}

bool
http_head_is_key(const char *key)
{
	size_t n = strnlen(key, HTTP_HEAD_KEY_MAX + 1);

	return n > 0 && n <= HTTP_HEAD_KEY_MAX && is_printable(key, ' ');
}

bool
http_head_is_path(const char *path)
{
	return path[0] == '/' && strnlen(path, HTTP_HEAD_PATH_MAX + 1) <= HTTP_HEAD_PATH_MAX && is_printable(path, '!');
}

bool
http_head_is_at(const char *path, const char *place)
{
	size_t n = strlen(place);

	return strncmp(path, place, n) == 0 && (path[n] == '\0' || path[n] == '?');
}
