/* SPDX-License-Identifier: EUPL-1.2 */
/* contacts - directories and sheets in memory, each generation in an arena of its own, swapped when a new one has been verified. */
#include "adapters/core/contacts.h"

#include <stdlib.h>

#include "adapters/core/storage.h"

#define CONTACTS_ARENA ((size_t)64 * 1024 * 1024)
#define DIRECTORIES_MAX 8	/* versions under which messages may still come: the hub takes as many */
#define KEY_SHEETS_SEEN SPAN_LIT("sheets-seen")

struct contacts {
	struct trust trust;			/* the pinned root */
	struct arena *trust_mem;
	struct arena *mem;			/* of all below; NULL before the first load */
	struct directory *directories[DIRECTORIES_MAX];	/* newest first */
	size_t n_directories;
	const struct sheet **items;
	struct sheets sheets;
	struct note_verifier log;
	uint64_t sheets_seen;
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
load(struct contacts *r, struct txn *txn, struct why *why)
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
	r->sheets_seen = seen.n == 8 ? storage_number(seen) : 0;
	arena_free(r->mem);
	r->mem = mem;
	memcpy(r->directories, found, sizeof(found));
	r->n_directories = n_found;
	r->items = items;
	r->sheets = (struct sheets){ items, n };
	r->log = (struct note_verifier){ found[0]->origin, found[0]->log };
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

enum err
contacts_open(struct store *store, struct span trust_text, struct span first_note, int64_t now_ms, struct contacts **ret_contacts,
	    struct why *why)
{
	struct contacts *r = calloc(1, sizeof(*r));
	struct txn *txn = NULL;
	struct walk w;
	bool is_first;
	enum err e;

	if (r == NULL || (r->trust_mem = arena_new(1024 * 1024)) == NULL) {
		e = ERR_NOMEM;
		goto out;
	}
	if ((e = trust_parse(trust_text, r->trust_mem, &r->trust, why)) != OK)
		goto out;
	txn = store_write(store);
	is_first = !walk_before(txn, TABLE_DIRECTORIES, SPAN_NONE, &w);
	walk_end(&w);
	if (is_first && (e = put_directory(txn, &r->trust, first_note, 0, now_ms, why)) != OK)
		goto out;
	if ((e = load(r, txn, why)) != OK)
		goto out;
	e = txn_commit(txn);
	txn = NULL;
	if (e == OK) {
		*ret_contacts = r;
		r = NULL;
	}
out:
	txn_abort(txn);
	contacts_free(r);
	return e;
}

void
contacts_free(struct contacts *r)
{
	if (r == NULL)
		return;
	arena_free(r->mem);
	arena_free(r->trust_mem);
	free(r);
}

const struct directory *
contacts_directory(const struct contacts *r)
{
	return r->directories[0];
}

const struct directory *
contacts_version(const struct contacts *r, uint64_t version)
{
	for (size_t i = 0; i < r->n_directories; i++)
		if (r->directories[i]->version == version)
			return r->directories[i];
	return NULL;
}

const struct sheets *
contacts_sheets(const struct contacts *r)
{
	return &r->sheets;
}

const struct note_verifier *
contacts_log(const struct contacts *r)
{
	return &r->log;
}

uint64_t
contacts_sheets_seen(const struct contacts *r)
{
	return r->sheets_seen;
}

enum err
contacts_take(struct contacts *r, struct txn *txn, struct span note, const struct span *sheets, size_t n, uint64_t sheets_seen,
	    int64_t now_ms, struct why *why)
{
	struct key8 seen = storage_key(sheets_seen);
	struct arena *mem = NULL;
	const struct sheet *known;
	struct sheet *sheet;
	enum err e;

	if (note.n > 0) {
		if ((e = put_directory(txn, &r->trust, note, r->directories[0]->version, now_ms, why)) != OK)
			goto out;
		if ((e = load(r, txn, why)) != OK)
			goto out;
	}
	if ((mem = arena_new(CONTACTS_ARENA)) == NULL) {
		e = ERR_NOMEM;
		goto out;
	}
	for (size_t i = 0; i < n; i++) {
		/* of an agency that has left, or has another signing key now: it is nobody's, and hinders nobody */
		if (sheet_open(sheets[i], r->directories[0], 0, mem, &sheet, NULL) != OK)
			continue;
		known = sheets_find(&r->sheets, sheet->agency);
		if (known == NULL || sheet->version > known->version)
			txn_put(txn, TABLE_SHEET, span_str(sheet->agency), sheets[i]);
	}
	txn_put(txn, TABLE_META, KEY_SHEETS_SEEN, SPAN(seen.b, 8));
	e = load(r, txn, why);
out:
	arena_free(mem);
	return e;
}
