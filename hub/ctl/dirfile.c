/* SPDX-License-Identifier: EUPL-1.2 */
/* dirfile - from a file's bytes to a directory, without judging who signed it. */
#include "hub/ctl/dirfile.h"

#include <stdlib.h>
#include <string.h>

#include "hub/ctl/plainfile.h"

/* The base64 lines of the text without their newlines, decoded. */
static enum err
decode_text(struct span text, struct arena *mem, struct directory **ret_directory, struct why *why)
{
	const uint8_t *p = text.p, *end = text.p + text.n;
	struct span bytes, again;
	unsigned line = 0;
	struct buf b64;
	enum err e;

	buf_init(&b64, mem);
	while (p < end) {
		const uint8_t *stop = memchr(p, '\n', (size_t)(end - p));

		if (stop == NULL)
			return why_set(why, ERR_FORMAT, "directory", "not the text of a directory");
		if (++line > 2)		/* a title and the version stand first */
			buf_add(&b64, p, (size_t)(stop - p));
		p = stop + 1;
	}
	if (b64.e != OK)
		return b64.e;
	if (line < 3 || note_unbase64(buf_bytes(&b64), mem, &bytes) != OK)
		return why_set(why, ERR_FORMAT, "directory", "not the text of a directory");
	if ((e = directory_decode(bytes, mem, ret_directory, why)) != OK || (e = directory_text(*ret_directory, mem, &again)) != OK)
		return e;
	return span_eq(text, again) ? OK : why_set(why, ERR_FORMAT, "directory", "its text is not the one made of its content");
}

enum err
dirfile_parse(struct span bytes, struct arena *mem, struct dirfile *ret_file, struct why *why)
{
	struct dirfile f = { .bytes = bytes };
	uint64_t valid;
	enum err e;

	f.is_signed = note_verify(bytes, NULL, 0, &f.text, &valid) == OK;
	if (!f.is_signed)
		f.text = bytes;
	if ((e = decode_text(f.text, mem, &f.directory, why)) != OK)
		return arena_is_full(mem) ? ERR_TOOBIG : e;
	*ret_file = f;
	return OK;
}

enum err
dirfile_read(const char *path, struct arena *mem, struct dirfile *ret_file, struct why *why)
{
	struct span bytes;
	enum err e;

	if ((e = plainfile_read(path, NOTE_MAX, mem, &bytes, why)) != OK)
		return e;
	return dirfile_parse(bytes, mem, ret_file, why);
}

static enum err
bad_line(struct why *why, unsigned line, const char *text)
{
	why_set(why, ERR_FORMAT, "trust file", "line %u: %s", line, text);
	if (why != NULL)
		why->line = line;
	return ERR_FORMAT;
}

static bool
parse_threshold(const char *text, unsigned *ret_threshold)
{
	size_t n = strspn(text, "0123456789");

	if (n == 0 || n > 3 || text[n] != '\0')
		return false;
	*ret_threshold = (unsigned)strtoul(text, NULL, 10);
	return true;
}

enum err
dirfile_trust(struct span text, struct arena *mem, struct trust *ret_trust, struct why *why)
{
	struct note_verifier *v = arena_array(mem, DIRECTORY_REGISTRARS_MAX, sizeof(*v));
	char *copy = arena_strn(mem, text.p, text.n), *next;
	unsigned line = 0, threshold = 0;
	size_t n = 0;

	if (v == NULL || copy == NULL)
		return ERR_TOOBIG;
	for (char *p = copy; p != NULL && *p != '\0'; p = next) {
		next = strchr(p, '\n');
		if (next != NULL)
			*next++ = '\0';
		line++;
		p[strcspn(p, "\r")] = '\0';
		if (p[0] == '\0' || p[0] == '#')
			continue;
		if (strncmp(p, "threshold ", 10) == 0) {
			if (threshold != 0 || !parse_threshold(p + 10, &threshold) || threshold == 0)
				return bad_line(why, line, "threshold is one number above 0, given once");
		} else if (n == DIRECTORY_REGISTRARS_MAX) {
			return bad_line(why, line, "too many registrars");
		} else if (note_verifier_parse(p, mem, &v[n]) != OK) {
			return bad_line(why, line, "not a verifier key (name+hash+base64)");
		} else {
			for (size_t i = 0; i < n; i++)
				if (strcmp(v[i].name, v[n].name) == 0 || memcmp(v[i].pub.b, v[n].pub.b, KEY_LEN) == 0)
					return bad_line(why, line, "this registrar stands there twice");
			n++;
		}
	}
	if (threshold == 0 || threshold > n)
		return why_set(why, ERR_FORMAT, "trust file", "threshold %u of %zu registrars", threshold, n);
	*ret_trust = (struct trust){ v, n, threshold };
	return OK;
}
