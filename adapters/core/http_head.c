/* SPDX-License-Identifier: EUPL-1.2 */
/* http_head - called by the HTTP door before a body is read. */
#include "adapters/core/http_head.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "adapters/core/charset.h"
#include "proto/base/clock.h"

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

enum err
http_head_path(char *path, struct why *why)
{
	size_t n = strnlen(path, HTTP_HEAD_PATH_MAX + 1), n_read = 0;
	enum err e;

	while (path[n_read] > ' ' && path[n_read] < 0x7F && n_read < HTTP_HEAD_PATH_MAX)
		n_read++;
	if (path[0] == '/' && n_read == n)
		return OK;
	if (n > HTTP_HEAD_PATH_MAX)
		e = why_set(why, ERR_ADDRESS, "path", "more than %d characters", HTTP_HEAD_PATH_MAX);
	else if (n_read < n)
		e = why_set(why, ERR_ADDRESS, "path", "its character %zu is none of plain ASCII: percent-encode it", n_read + 1);
	else
		e = why_set(why, ERR_ADDRESS, "path", "does not start with /");
	path[path[0] == '/' ? n_read : 0] = '\0';
	path[strcspn(path, "?")] = '\0';
	if (path[0] == '\0')
		memcpy(path, "/", 2);
	return e;
}

bool
http_head_is_value(const char *value)
{
	return strnlen(value, HTTP_HEAD_PATH_MAX + 1) <= HTTP_HEAD_PATH_MAX && is_printable(value, ' ');
}

bool
http_head_is_host(const char *host)
{
	size_t n = strnlen(host, HTTP_HEAD_HOST_MAX + 1);

	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)host[i]) && !strchr(".-_:[]", host[i]))
			return false;
	return n > 0 && n <= HTTP_HEAD_HOST_MAX;
}

void
http_head_date(int64_t ms, char to[static HTTP_HEAD_DATE_LEN])
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
	};
	struct civil c = clock_to_utc(ms);

	/* the first day of Unix time was a Thursday */
	snprintf(to, HTTP_HEAD_DATE_LEN, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[(ms / CLOCK_DAY + 4) % 7], c.day % 100,
		 months[(c.month + 11) % 12], c.year % 10000, c.hour % 100, c.minute % 100, c.second % 100);
}

/* A number that does not fit is as large as any. NULL: there is none. */
static const char *
take_number(const char *p, uint64_t *ret_n)
{
	uint64_t n = 0;

	if (!isdigit((unsigned char)*p))
		return NULL;
	for (; isdigit((unsigned char)*p); p++)
		n = n > (UINT64_MAX - 9) / 10 ? UINT64_MAX : n * 10 + (uint64_t)(*p - '0');
	*ret_n = n;
	return p;
}

enum http_range
http_head_range(const char *range, const char *if_range, const char *etag, uint64_t size, struct http_part *ret_part)
{
	uint64_t first, last = UINT64_MAX;
	const char *p;

	*ret_part = (struct http_part){ .n = size, .of = size };
	if (!range || strncasecmp(range, "bytes=", 6) != 0 || (if_range && (!etag || strcmp(if_range, etag) != 0)))
		return HTTP_ALL;
	p = range + 6 + strspn(range + 6, " \t");
	if (*p == '-') {	/* so many at the end */
		if ((p = take_number(p + 1, &last)) == NULL || p[strspn(p, " \t")] != '\0')
			return HTTP_ALL;
		ret_part->n = last < size ? last : size;
		ret_part->from = size - ret_part->n;
		return ret_part->n > 0 ? HTTP_PART : HTTP_NO_SUCH_PART;
	}
	if ((p = take_number(p, &first)) == NULL || *p++ != '-' || (isdigit((unsigned char)*p) && (p = take_number(p, &last)) == NULL) ||
	    p[strspn(p, " \t")] != '\0' || last < first)
		return HTTP_ALL;
	ret_part->from = first;
	ret_part->n = first < size ? (last < size ? last + 1 : size) - first : 0;
	return ret_part->n > 0 ? HTTP_PART : HTTP_NO_SUCH_PART;
}

bool
http_head_is_at(const char *path, const char *place)
{
	size_t n = strlen(place);

	return strncmp(path, place, n) == 0 && (path[n] == '\0' || path[n] == '?');
}
