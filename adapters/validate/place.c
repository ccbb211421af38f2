/* SPDX-License-Identifier: EUPL-1.2 */
/* place - small scanners that skip values without keeping them; what is not well formed ends the search where it is. */
#include "adapters/validate/place.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define STEP_MAX 64

static struct place
at_offset(struct span text, size_t at)
{
	struct place p = { 1, 1 };

	size_t begin = text.n >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;	/* no editor counts it */

	for (size_t i = begin; i < at && i < text.n; i++) {
		if (text.p[i] == '\n' || (text.p[i] == '\r' && (i + 1 >= text.n || text.p[i + 1] != '\n'))) {
			p.line++;
			p.col = 1;
		} else if ((text.p[i] & 0xC0) != 0x80 && text.p[i] != '\r') {
			p.col++;
		}
	}
	return p;
}

/* -- JSON -- */

static size_t
skip_blanks(struct span s, size_t at)
{
	while (at < s.n && strchr(" \t\r\n,:", s.p[at]) != NULL && s.p[at] != '\0')
		at++;
	return at;
}

/* Behind the string that begins at `at`. */
static size_t
skip_string(struct span s, size_t at)
{
	for (at++; at < s.n && s.p[at] != '"'; at++)
		if (s.p[at] == '\\')
			at++;
	return at < s.n ? at + 1 : s.n;
}

static size_t
skip_value(struct span s, size_t at)
{
	unsigned depth = 0;

	at = skip_blanks(s, at);
	do {
		if (at >= s.n)
			return s.n;
		if (s.p[at] == '"') {
			at = skip_string(s, at);
			continue;
		}
		if (s.p[at] == '{' || s.p[at] == '[')
			depth++;
		if ((s.p[at] == '}' || s.p[at] == ']') && depth > 0)
			depth--;
		at++;
	} while (depth > 0 || (at < s.n && strchr(",]} \t\r\n", s.p[at]) == NULL));
	return at;
}

/* The value of a member of the object at `at`; false: it has none of that name. */
static bool
member(struct span s, size_t at, const char *name, size_t len, size_t *ret_at)
{
	at = skip_blanks(s, at);
	if (at >= s.n || s.p[at] != '{')
		return false;
	for (at = skip_blanks(s, at + 1); at < s.n && s.p[at] == '"'; at = skip_blanks(s, skip_value(s, at))) {
		size_t key = at + 1;

		at = skip_blanks(s, skip_string(s, at));
		if (key + len < s.n && memcmp(s.p + key, name, len) == 0 && s.p[key + len] == '"') {
			*ret_at = at;
			return true;
		}
	}
	return false;
}

static bool
item(struct span s, size_t at, unsigned long index, size_t *ret_at)
{
	at = skip_blanks(s, at);
	if (at >= s.n || s.p[at] != '[')
		return false;
	for (at = skip_blanks(s, at + 1); at < s.n && s.p[at] != ']'; at = skip_blanks(s, skip_value(s, at)), index--)
		if (index == 0) {
			*ret_at = at;
			return true;
		}
	return false;
}

struct place
place_in_json(struct span text, size_t from, const char *path)
{
	size_t at = skip_blanks(text, from >= 3 || text.n < 3 || memcmp(text.p, "\xEF\xBB\xBF", 3) != 0 ? from : 3), next;

	while (*path != '\0') {
		size_t n = strcspn(path, ".[");

		if (!member(text, at, path, n, &next))
			break;
		at = next;
		path += n;
		/* a list without a number means its first item */
		if (at < text.n && text.p[at] == '[' && item(text, at, *path == '[' ? strtoul(path + 1, NULL, 10) : 0, &next))
			at = next;
		path += *path == '[' ? strcspn(path, ".") : 0;
		path += *path == '.';
	}
	return at_offset(text, at);
}

struct place
place_in_fhir(struct span text, const char *path)
{
	static const char key[] = "\"resourceType\"";
	size_t starts[STEP_MAX], depth = 0, n = strcspn(path, ".");

	for (size_t at = 0; at < text.n;) {
		if (text.p[at] == '{' && depth < STEP_MAX)
			starts[depth++] = at;
		else if (text.p[at] == '}' && depth > 0)
			depth--;
		if (text.p[at] != '"') {
			at++;
			continue;
		}
		if (depth > 0 && text.n - at > sizeof(key) && memcmp(text.p + at, key, sizeof(key) - 1) == 0) {
			size_t type = skip_blanks(text, at + sizeof(key) - 1);

			if (type + n + 2 <= text.n && memcmp(text.p + type + 1, path, n) == 0 && text.p[type + 1 + n] == '"')
				return place_in_json(text, starts[depth - 1], path[n] == '.' ? path + n + 1 : "");
		}
		at = skip_string(text, at);
	}
	return (struct place){ 0, 0 };
}

/* -- HL7 -- */

struct place
place_in_hl7(struct span text, const char *where)
{
	unsigned long nth = 1, field = 0, seen = 0;
	const char *p = where + 3;
	uint8_t separator = text.n > 3 ? text.p[3] : '|';
	size_t at = 0;

	if (strlen(where) < 3)
		return (struct place){ 0, 0 };
	if (*p == '[')
		nth = strtoul(p + 1, NULL, 10);
	if ((p = strchr(p, '-')) != NULL)
		field = strtoul(p + 1, NULL, 10);
	while (at < text.n) {
		size_t end = at;

		while (end < text.n && text.p[end] != '\r' && text.p[end] != '\n')
			end++;
		if (end - at >= 3 && memcmp(text.p + at, where, 3) == 0 && ++seen == nth) {
			/* MSH-1 is the separator itself */
			for (unsigned long i = memcmp(where, "MSH", 3) == 0 ? 1 : 0; i < field && at < end; i++) {
				while (at < end && text.p[at] != separator)
					at++;
				at += at < end;
			}
			return at_offset(text, at);
		}
		at = end + 1;
	}
	return (struct place){ 0, 0 };
}

/* -- CSV -- */

struct place
place_in_csv(struct span text, unsigned line, unsigned column, char separator)
{
	unsigned here = 1;
	bool quoted = false;
	size_t at = 0;

	for (; at < text.n && here < line; at++)
		here += text.p[at] == '\n' || (text.p[at] == '\r' && (at + 1 >= text.n || text.p[at + 1] != '\n'));
	for (; at < text.n && column > 0; at++) {
		if (text.p[at] == '"')
			quoted = !quoted;
		else if (!quoted && (text.p[at] == '\n' || text.p[at] == '\r'))
			break;
		else if (!quoted && text.p[at] == (uint8_t)separator)
			column--;
	}
	return at_offset(text, at);
}
