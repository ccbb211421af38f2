/* SPDX-License-Identifier: EUPL-1.2 */
/* roster - one arena a directory and a sheet, so that the replaced can go; sheets sorted by leaf. */
#include "hub/roster.h"

#include <stdlib.h>

#define DIRECTORY_ARENA ((size_t)32 << 20)
#define SHEET_ARENA ((size_t)64 << 10)

struct known_directory {
	struct arena *mem;
	struct directory *d;
	struct span note;
	int64_t since_ms;
};

struct known_sheet {
	struct arena *mem;
	struct sheet *sheet;
	struct span bytes;
	uint64_t leaf;
};

struct roster {
	struct known_directory versions[ROSTER_VERSIONS_MAX];	/* the newest first */
	size_t n;
	struct known_sheet *sheets;				/* by leaf, rising */
	size_t n_sheets, cap_sheets;
};

struct roster *
roster_new(void)
{
	return calloc(1, sizeof(struct roster));
}

void
roster_free(struct roster *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->n; i++)
		arena_free(r->versions[i].mem);
	for (size_t i = 0; i < r->n_sheets; i++)
		arena_free(r->sheets[i].mem);
	free(r->sheets);
	free(r);
}

enum err
roster_put_directory(struct roster *r, struct span bytes, struct span note, int64_t since_ms, struct why *why)
{
	struct known_directory k = { .mem = arena_new(DIRECTORY_ARENA), .since_ms = since_ms };
	size_t at = 0;
	enum err e;

	if (k.mem == NULL)
		return ERR_NOMEM;
	bytes = arena_span(k.mem, bytes);
	k.note = arena_span(k.mem, note);
	if (bytes.p == NULL || k.note.p == NULL)
		e = ERR_TOOBIG;
	else
		e = directory_decode(bytes, k.mem, &k.d, why);
	if (e != OK)
		goto out;
	while (at < r->n && r->versions[at].d->version > k.d->version)
		at++;
	if (at == ROSTER_VERSIONS_MAX || (at < r->n && r->versions[at].d->version == k.d->version))
		goto out;
	if (r->n == ROSTER_VERSIONS_MAX)
		arena_free(r->versions[--r->n].mem);
	memmove(&r->versions[at + 1], &r->versions[at], (r->n - at) * sizeof(k));
	r->versions[at] = k;
	r->n++;
	return OK;
out:
	arena_free(k.mem);
	return e;
}

const struct directory *
roster_current(const struct roster *r)
{
	return r->n ? r->versions[0].d : NULL;
}

struct span
roster_note(const struct roster *r)
{
	return r->n ? r->versions[0].note : SPAN_NONE;
}

const struct directory *
roster_version(const struct roster *r, uint64_t version, int64_t now_ms, int64_t grace_ms)
{
	for (size_t i = 0; i < r->n; i++) {
		if (r->versions[i].d->version != version)
			continue;
		/* a version ends when the next one came */
		return i == 0 || now_ms - r->versions[i - 1].since_ms < grace_ms ? r->versions[i].d : NULL;
	}
	return NULL;
}

static struct known_sheet *
find_sheet(const struct roster *r, const char *agency)
{
	for (size_t i = 0; i < r->n_sheets; i++)
		if (strcmp(r->sheets[i].sheet->agency, agency) == 0)
			return &r->sheets[i];
	return NULL;
}

const struct sheet *
roster_sheet(const struct roster *r, const char *agency)
{
	const struct known_sheet *k = find_sheet(r, agency);

	return k ? k->sheet : NULL;
}

/* The new one has the greatest leaf: it goes to the end. */
static enum err
append_sheet(struct roster *r, struct known_sheet k)
{
	struct known_sheet *old = find_sheet(r, k.sheet->agency), *grown;
	size_t cap;

	if (old) {
		arena_free(old->mem);
		memmove(old, old + 1, (size_t)(r->sheets + r->n_sheets - (old + 1)) * sizeof(k));
		r->n_sheets--;
	}
	if (r->n_sheets == r->cap_sheets) {
		cap = r->cap_sheets ? 2 * r->cap_sheets : 16;
		if ((grown = realloc(r->sheets, cap * sizeof(k))) == NULL)
			return ERR_NOMEM;
		r->sheets = grown;
		r->cap_sheets = cap;
	}
	r->sheets[r->n_sheets++] = k;
	for (size_t i = r->n_sheets - 1; i > 0 && r->sheets[i - 1].leaf > r->sheets[i].leaf; i--) {
		k = r->sheets[i];	/* read back from the journal they come in the order of names */
		r->sheets[i] = r->sheets[i - 1];
		r->sheets[i - 1] = k;
	}
	return OK;
}

enum err
roster_put_sheet(struct roster *r, struct span sheet, uint64_t leaf, struct why *why)
{
	struct known_sheet k = { .mem = arena_new(SHEET_ARENA), .leaf = leaf };
	const struct sheet *old;
	enum err e = ERR_NOMEM;

	if (k.mem == NULL)
		return e;
	if (r->n == 0)
		e = why_set(why, ERR_UNKNOWN_AGENCY, "sheet", "there is no directory");
	else if ((k.bytes = arena_span(k.mem, sheet)).p == NULL)
		e = ERR_TOOBIG;
	else
		e = sheet_open(k.bytes, r->versions[0].d, 0, k.mem, &k.sheet, why);
	if (e == OK && (old = roster_sheet(r, k.sheet->agency)) != NULL && old->version >= k.sheet->version)
		e = why_set(why, ERR_STALE, "sheet", "version %llu is known", (unsigned long long)old->version);
	if (e == OK)
		e = append_sheet(r, k);
	if (e != OK)
		arena_free(k.mem);
	return e;
}

const char *
roster_agency_of(const struct roster *r, const uint8_t transport[KEY_LEN])
{
	for (size_t i = 0; i < r->n_sheets; i++) {
		const struct sheet *s = r->sheets[i].sheet;

		if (memcmp(s->transport.b, transport, KEY_LEN) == 0 && directory_find(r->versions[0].d, s->agency))
			return s->agency;
	}
	return NULL;
}

bool
roster_next_sheet(const struct roster *r, uint64_t from, struct span *ret_bytes, uint64_t *ret_leaf)
{
	for (size_t i = 0; i < r->n_sheets; i++) {
		if (r->sheets[i].leaf < from)
			continue;
		*ret_bytes = r->sheets[i].bytes;
		*ret_leaf = r->sheets[i].leaf;
		return true;
	}
	return false;
}

uint64_t
roster_sheets_seen(const struct roster *r)
{
	return r->n_sheets ? r->sheets[r->n_sheets - 1].leaf + 1 : 0;
}
