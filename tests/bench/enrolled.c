/* SPDX-License-Identifier: EUPL-1.2 */
/* enrolled - small files read whole. */
#include "tests/bench/enrolled.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "hub/pinned.h"

#define ENROLLED_ARENA ((size_t)64 << 20)
#define ENROLLED_FILE_MAX ((size_t)1 << 20)

void
enrolled_die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("bench: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

size_t
enrolled_number(const char *text, size_t min, size_t max)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (*end != '\0' || v < min || v > max)
		enrolled_die("%s: a number from %zu to %zu is wanted", text, min, max);
	return v;
}

static struct span
read_whole(struct arena *mem, const char *path)
{
	uint8_t *p = arena_alloc(mem, ENROLLED_FILE_MAX);
	FILE *f = p ? fopen(path, "rb") : NULL;
	size_t n;

	if (f == NULL)
		enrolled_die("%s cannot be read", path);
	n = fread(p, 1, ENROLLED_FILE_MAX, f);
	fclose(f);
	return SPAN(p, n);
}

struct span
enrolled_sheet(const struct enrolled *en, const char *agency)
{
	return read_whole(en->mem, arena_fmt(en->mem, "%s/sheets/%s.sheet", en->dir, agency));
}

static void
open_sheets(struct enrolled *en)
{
	size_t n = en->directory->n_agencies;
	struct sheet **sheets = arena_array(en->mem, n, sizeof(*sheets));
	struct why why = { .where = "" };

	for (size_t i = 0; sheets && i < n; i++) {
		const char *agency = en->directory->agencies[i].id;

		if (sheet_open(enrolled_sheet(en, agency), en->directory, 0, en->mem, &sheets[i], &why) != OK)
			enrolled_die("sheet of %s: %s", agency, why.text);
	}
	en->sheets = (struct sheets){ (const struct sheet *const *)sheets, sheets ? n : 0 };
}

void
enrolled_open(const char *dir, struct enrolled *ret)
{
	struct why why = { .where = "" };
	struct trust trust;
	struct span note;

	*ret = (struct enrolled){ .dir = dir, .mem = arena_new(ENROLLED_ARENA) };
	if (ret->mem == NULL || getrandom(ret->run, sizeof(ret->run), 0) != (ssize_t)sizeof(ret->run))
		enrolled_die("no memory or no random bytes");
	note = read_whole(ret->mem, arena_fmt(ret->mem, "%s/directory.note", dir));
	if (pinned_parse(read_whole(ret->mem, arena_fmt(ret->mem, "%s/registrars.txt", dir)), ret->mem, &trust, &why) != OK ||
	    directory_open(note, &trust, 0, clock_wall_ms(), ret->mem, &ret->directory, &why) != OK)
		enrolled_die("directory: %s: %s", why.where, why.text);
	ret->log = (struct note_verifier){ ret->directory->origin, ret->directory->log };
	open_sheets(ret);
}

void
enrolled_close(struct enrolled *en)
{
	arena_free(en->mem);
}

struct key *
enrolled_key(const struct enrolled *en, const char *agency, enum key_use use)
{
	const char *path = arena_fmt(en->mem, "%s/%s/keys/%s.key", en->dir, agency, key_use_name(use));
	struct why why = { .where = "" };
	struct key *key = NULL;

	if (path == NULL || key_load(path, use, &key, &why) != OK)
		enrolled_die("key of %s: %s", agency, why.text);
	return key;
}

const struct checkpoint *
enrolled_checkpoint(struct enrolled *en, struct span note, struct arena *mem)
{
	struct checkpoint c;

	if (note.n == en->note_n && memcmp(note.p, en->note, note.n) == 0)
		return &en->checkpoint;
	if (note.n > sizeof(en->note) || checkpoint_open(note, &en->log, mem, &c) != OK)
		return NULL;
	c.origin = en->log.name;
	en->checkpoint = c;
	memcpy(en->note, note.p, note.n);
	en->note_n = note.n;
	return &en->checkpoint;
}
