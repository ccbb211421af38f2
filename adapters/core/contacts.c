/* SPDX-License-Identifier: EUPL-1.2 */
/* contacts - directories and sheets in memory, each generation in an arena of its own, swapped when a new one has been verified and is
 * in the store: what is known here is never more than what the store has, or the hub would be told of sheets that are lost. */
#include "adapters/core/contacts.h"

#include <stdlib.h>

#include "adapters/core/storage.h"

#define CONTACTS_ARENA ((size_t)64 * 1024 * 1024)
#define DIRECTORIES_MAX 8	/* versions under which messages may still come: the hub takes as many */
#define KEY_SHEETS_SEEN SPAN_LIT("sheets-seen")

struct generation {
	struct arena *mem;			/* of all below; NULL: none */
	struct directory *directories[DIRECTORIES_MAX];	/* newest first */
	size_t n_directories;
	struct sheets sheets;
	struct note_verifier log;
	uint64_t sheets_seen;
};

struct contacts {
	struct trust trust;			/* the pinned root */
	struct arena *trust_mem;
	struct store *store;
	struct generation now;
};

static enum err
trust_parse(struct span text, struct arena *mem, struct trust *ret_trust, struct why *why)
{
	struct note_verifier *verifiers = arena_array(mem, DIRECTORY_REGISTRARS_MAX, sizeof(*verifiers));
	char *copy = arena_strn(mem, text.p, text.n), *save = NULL;
	unsigned line_no = 0;

	if (verifiers == NULL || copy == NULL)
		return ERR_NOMEM;
	ret_trust->registrars = verifiers;
	ret_trust->n = 0;
	ret_trust->threshold = 0;
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		line_no++;
		if (line[0] == '#')
			continue;
		if (strncmp(line, "threshold ", 10) == 0)
			ret_trust->threshold = (unsigned)strtoul(line + 10, NULL, 10);
		else if (ret_trust->n == DIRECTORY_REGISTRARS_MAX ||
			 note_verifier_parse(line, mem, &verifiers[ret_trust->n++]) != OK)
			return why_set(why, ERR_KEYFILE, "trust file", "line %u is not a registrar's verifier key", line_no);
	}
	if (ret_trust->threshold == 0 || ret_trust->threshold > ret_trust->n)
		return why_set(why, ERR_KEYFILE, "trust file", "the threshold must be 1 to %zu", ret_trust->n);
	return OK;
}

/* Build a generation from the store (through `txn`, which sees its own writes). What is in it was judged when it came: a
 * directory that has expired since still serves (EMERGENCY is never refused for it), until the hub has a newer one.
 */
static enum err
load(const struct contacts *r, struct txn *txn, struct generation *ret_next, struct why *why)
{
	struct arena *mem = arena_new(CONTACTS_ARENA);
	struct directory *found[DIRECTORIES_MAX] = { NULL };
	const struct sheet **items;
	struct sheet *sheet;
	size_t n = 0, n_found = 0;
	struct span seen;
	struct walk w;
	enum err e = OK;

	if (mem == NULL)
		return ERR_NOMEM;
	/* newest first; an older one that the registrars of today did not sign is only missing */
	for (bool more = walk_before(txn, TABLE_DIRECTORIES, SPAN_NONE, &w); more && n_found < DIRECTORIES_MAX && e == OK;
	     more = walk_prev(&w)) {
		struct span note = arena_span(mem, w.value);
		enum err opened = directory_open(note, &r->trust, 0, 0, mem, &found[n_found], n_found ? NULL : why);

		if (opened != OK && n_found == 0)
			e = opened;
		else if (opened == OK)
			n_found++;
	}
	walk_end(&w);
	if (e == OK && n_found == 0)
		e = why_set(why, ERR_NOTFOUND, "directory", "there is none in the store");
	if (e != OK)
		goto out;
	items = arena_array(mem, found[0]->n_agencies + 1, sizeof(*items));
	for (bool more = walk_from(txn, TABLE_SHEET, SPAN_LIT(""), &w); more && items && n < found[0]->n_agencies; more = walk_next(&w))
		if (sheet_open(arena_span(mem, w.value), found[0], 0, mem, &sheet, NULL) == OK)
			items[n++] = sheet;
	walk_end(&w);
	if (items == NULL || arena_is_full(mem)) {
		e = ERR_TOOBIG;
		goto out;
	}
	seen = txn_get(txn, TABLE_META, KEY_SHEETS_SEEN);
	*ret_next = (struct generation){
		.mem = mem, .n_directories = n_found, .sheets = { items, n }, .log = { found[0]->origin, found[0]->log },
		.sheets_seen = seen.n == 8 ? storage_number(seen) : 0,
	};
	memcpy(ret_next->directories, found, sizeof(found));
	mem = NULL;
out:
	arena_free(mem);
	return e;
}

static enum err
put_directory(struct txn *txn, const struct trust *trust, struct span note, uint64_t last, int64_t now_ms, struct why *why)
{
	struct arena *mem = arena_new(CONTACTS_ARENA);
	struct directory *d;
	struct key8 key;
	enum err e;

	if (mem == NULL)
		return ERR_NOMEM;
	if ((e = directory_open(note, trust, last, now_ms, mem, &d, why)) == OK) {
		key = storage_key(d->version);
		txn_put(txn, TABLE_DIRECTORIES, SPAN(key.b, 8), note);
	}
	arena_free(mem);
	return e;
}

/* Ends the transaction, whatever `e` is: the new generation counts only with it. */
static enum err
swap(struct contacts *r, struct txn *txn, struct generation *next, enum err e)
{
	if (e == OK)
		e = txn_commit(txn);
	else
		txn_abort(txn);
	if (e != OK) {
		arena_free(next->mem);
		return e;
	}
	arena_free(r->now.mem);
	r->now = *next;
	return OK;
}

enum err
contacts_open(struct store *store, struct span trust_text, struct span first_note, int64_t now_ms, struct contacts **ret_contacts,
	    struct why *why)
{
	struct contacts *r = calloc(1, sizeof(*r));
	struct generation next = { .mem = NULL };
	struct txn *txn;
	struct walk w;
	bool is_first;
	enum err e = OK;

	if (r == NULL || (r->trust_mem = arena_new(1024 * 1024)) == NULL) {
		e = ERR_NOMEM;
		goto out;
	}
	r->store = store;
	if ((e = trust_parse(trust_text, r->trust_mem, &r->trust, why)) != OK)
		goto out;
	txn = store_write(store);
	is_first = !walk_before(txn, TABLE_DIRECTORIES, SPAN_NONE, &w);
	walk_end(&w);
	if (is_first)
		e = put_directory(txn, &r->trust, first_note, 0, now_ms, why);
	if (e == OK)
		e = load(r, txn, &next, why);
	if ((e = swap(r, txn, &next, e)) == OK) {
		*ret_contacts = r;
		r = NULL;
	}
out:
	contacts_free(r);
	return e;
}

void
contacts_free(struct contacts *r)
{
	if (r == NULL)
		return;
	arena_free(r->now.mem);
	arena_free(r->trust_mem);
	free(r);
}

const struct directory *
contacts_directory(const struct contacts *r)
{
	return r->now.directories[0];
}

const struct directory *
contacts_version(const struct contacts *r, uint64_t version)
{
	for (size_t i = 0; i < r->now.n_directories; i++)
		if (r->now.directories[i]->version == version)
			return r->now.directories[i];
	return NULL;
}

const struct sheets *
contacts_sheets(const struct contacts *r)
{
	return &r->now.sheets;
}

const struct note_verifier *
contacts_log(const struct contacts *r)
{
	return &r->now.log;
}

uint64_t
contacts_sheets_seen(const struct contacts *r)
{
	return r->now.sheets_seen;
}

/* The sheets that are newer than those of `known`, into the store. */
static enum err
put_sheets(struct txn *txn, const struct generation *known, const struct span *sheets, size_t n)
{
	struct arena *mem = arena_new(CONTACTS_ARENA);
	const struct sheet *old;
	struct sheet *sheet;

	if (mem == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		/* of an agency that has left, or has another signing key now: it is nobody's, and hinders nobody */
		if (sheet_open(sheets[i], known->directories[0], 0, mem, &sheet, NULL) != OK)
			continue;
		old = sheets_find(&known->sheets, sheet->agency);
		if (old == NULL || sheet->version > old->version)
			txn_put(txn, TABLE_SHEET, span_str(sheet->agency), sheets[i]);
	}
	arena_free(mem);
	return OK;
}

enum err
contacts_take(struct contacts *r, struct span note, const struct span *sheets, size_t n, uint64_t sheets_seen, int64_t now_ms,
	    struct why *why)
{
	struct key8 seen = storage_key(sheets_seen);
	struct generation with_note = { .mem = NULL }, next = { .mem = NULL };
	struct txn *txn = store_write(r->store);
	enum err e = OK;

	if (note.n > 0 && (e = put_directory(txn, &r->trust, note, r->now.directories[0]->version, now_ms, why)) == OK)
		e = load(r, txn, &with_note, why);
	if (e == OK)
		e = put_sheets(txn, with_note.mem ? &with_note : &r->now, sheets, n);
	if (e == OK) {
		txn_put(txn, TABLE_META, KEY_SHEETS_SEEN, SPAN(seen.b, 8));
		e = load(r, txn, &next, why);
	}
	arena_free(with_note.mem);
	return swap(r, txn, &next, e);
}
