/* SPDX-License-Identifier: EUPL-1.2 */
/* source_store - a hub's store, read-only, as it was at one moment: a running hub goes on beside it.
 *
 * The newest checkpoint is the store's own or the copy outside of it, whichever is larger: the store's last one is written
 * with the commit after it. Leaves beyond it are real, and nobody has signed for them yet.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/config.h"
#include "config/problem.h"
#include "hub/audit/source.h"
#include "hub/journal.h"
#include "hub/rows.h"

#define STORE_ARENA ((size_t)1 << 30)
#define OUTSIDE_MAX 4096

struct store_source {
	struct source base;	/* first: ops get this one */
	struct rowkey *keys;
	struct journal *journal, *own;	/* own: to be closed; NULL: borrowed */
	struct journal_view *view;
};

static struct store_source *
of(struct source *s)
{
	return (struct store_source *)s;
}

static void
row_place(struct place *to, const char *table, uint64_t number)
{
	(void)snprintf(to->name, sizeof(to->name), "store: %s %llu", table, (unsigned long long)number);
	to->offset = PLACE_NO_OFFSET;
}

static void
store_place(const struct source *s, uint64_t index, enum source_part part, struct place *ret_place)
{
	static const char *const tables[N_PARTS] = { "leaf", "detail", "header", "body" };

	(void)s;
	row_place(ret_place, tables[part], index);
}

static enum err
store_leaf(struct source *s, uint64_t index, uint8_t ret_leaf[LEAF_LEN], struct place *where)
{
	store_place(s, index, PART_LEAF, where);
	return journal_leaf(of(s)->view, index, ret_leaf) ? OK : ERR_NOTFOUND;
}

static enum err
store_entry(struct source *s, uint64_t index, struct arena *mem, struct source_entry *ret_entry, struct place *where)
{
	struct journal_entry e;
	enum err err;

	store_place(s, index, PART_DETAIL, where);
	if ((err = journal_entry(of(s)->view, index, mem, &e)) != OK)
		return err;
	*ret_entry = (struct source_entry){
		.has_detail = e.has_detail, .detail = e.detail, .head = e.head, .body = e.body,
		.envelope = e.envelope.p ? e.envelope : e.head,
	};
	memcpy(ret_entry->leaf, e.leaf, LEAF_LEN);
	memcpy(ret_entry->salt, e.salt, LEAF_SALT_LEN);
	return OK;
}

static uint64_t
number_of(struct span key)
{
	struct cursor c;

	cursor_init(&c, key);
	return cursor_u64(&c);
}

static enum err
add_note(struct source_notes *to, struct arena *mem, size_t *cap, const struct source_note *note)
{
	size_t more = *cap ? 2 * *cap : 16;

	if (to->n == *cap) {
		to->items = arena_grow(mem, to->items, *cap * sizeof(*note), more * sizeof(*note));
		if (to->items == NULL)
			return ERR_TOOBIG;
		*cap = more;
	}
	to->items[to->n++] = *note;
	return OK;
}

static enum err
store_checkpoints(struct source *s, uint64_t n, struct arena *mem, struct source_notes *ret_notes, struct place *where)
{
	struct journal_walk walk;
	uint64_t first, last;
	size_t cap = 0;
	enum err e = OK;
	bool more;

	*ret_notes = (struct source_notes){ .n = 0 };
	row_place(where, "checkpoints", n);
	source_bundle_sizes(n, &first, &last);
	for (more = journal_walk_checkpoints(of(s)->view, first, &walk); more && e == OK; more = journal_walk_next(&walk)) {
		struct source_note note = { .number = number_of(walk.key), .bytes = walk.value };

		if (note.number > last)
			break;
		row_place(&note.place, "checkpoint", note.number);
		if (note.number != s->latest.number)
			e = add_note(ret_notes, mem, &cap, &note);
	}
	journal_walk_end(&walk);
	return e;
}

static bool
store_node(struct source *s, unsigned level, uint64_t index, struct hash *ret_hash)
{
	return journal_node(of(s)->view, level, index, ret_hash);
}

static void
store_close(struct source *s)
{
	struct store_source *st = of(s);

	if (st->view && journal_view_end(st->view) != OK)
		st->view = NULL;	/* what could not be read has been told by then */
	journal_close(st->own);
	rowkey_close(st->keys);
	free(st);
}

static const struct source_ops ops = {
	.leaf = store_leaf, .entry = store_entry, .checkpoints = store_checkpoints, .node = store_node, .place = store_place,
	.close = store_close,
};

static enum err
load_directories(struct store_source *st)
{
	struct journal_walk walk;
	struct directory_row row;
	size_t cap = 0;
	enum err e = OK;
	bool more;

	for (more = journal_walk_from(st->view, TABLE_DIRECTORY, SPAN_LIT("\0"), &walk); more && e == OK;
	     more = journal_walk_next(&walk)) {
		struct source_note note = { .number = number_of(walk.key) };

		if ((e = row_decode_directory(walk.value, &row)) != OK)
			break;
		note.bytes = row.note;
		note.leaf = row.leaf;
		row_place(&note.place, "directory", note.number);
		e = add_note(&st->base.directories, st->base.mem, &cap, &note);
	}
	journal_walk_end(&walk);
	return e;
}

static int
by_number(const void *a, const void *b)
{
	const struct source_note *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static enum err
load_sheets(struct store_source *st)
{
	struct journal_walk walk;
	struct sheet_row row;
	size_t cap = 0;
	enum err e = OK;
	bool more;

	for (more = journal_walk_from(st->view, TABLE_SHEETS, SPAN_LIT("\0"), &walk); more && e == OK;
	     more = journal_walk_next(&walk)) {
		struct source_note note = { .bytes = SPAN_NONE };

		if ((e = row_decode_sheet(walk.value, &row)) != OK)
			break;
		note.number = row.leaf;
		note.bytes = row.bytes;
		row_place(&note.place, "sheet", note.number);
		e = add_note(&st->base.sheets, st->base.mem, &cap, &note);
	}
	journal_walk_end(&walk);
	if (st->base.sheets.n > 0)
		qsort(st->base.sheets.items, st->base.sheets.n, sizeof(*st->base.sheets.items), by_number);
	return e;
}

/* The size that a checkpoint's second line names; nothing of it is verified here. */
static uint64_t
size_of(struct span note)
{
	const uint8_t *p = note.n ? memchr(note.p, '\n', note.n) : NULL, *end = note.p + note.n;
	uint64_t size = 0;

	for (p = p ? p + 1 : end; p < end && *p >= '0' && *p <= '9' && size < UINT64_MAX / 100; p++)
		size = size * 10 + (uint64_t)(*p - '0');
	return size;
}

/* A hub that runs writes this file when a commit is done: what it says is in the store by then. */
static void
read_outside(struct store_source *st, const char *path)
{
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	uint8_t *p = arena_alloc(st->base.mem, OUTSIDE_MAX);
	ssize_t n = fd >= 0 && p ? read(fd, p, OUTSIDE_MAX) : 0;

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return;
	st->base.outside.bytes = SPAN(p, (size_t)n);
	st->base.outside.number = size_of(st->base.outside.bytes);
	(void)snprintf(st->base.outside.place.name, sizeof(st->base.outside.place.name), "%s", path);
	st->base.outside.place.offset = PLACE_NO_OFFSET;
}

static void
choose_latest(struct store_source *st)
{
	struct source *s = &st->base;

	s->latest.bytes = journal_checkpoint(st->view, &s->latest.number);
	row_place(&s->latest.place, "checkpoint", s->latest.number);
	if (s->outside.bytes.p && s->outside.number > s->latest.number && s->outside.number <= s->size)
		s->latest = s->outside;
}

static enum err
load_config(const char *file, struct arena *mem, FILE *talk, struct hub_config **ret_config, struct why *why)
{
	struct problems *problems = problems_new(file);
	enum err e;

	if (problems == NULL)
		return ERR_NOMEM;
	if ((e = config_load_hub(file, mem, ret_config, problems)) != OK) {
		problems_print(problems, LANG_EN, talk);
		(void)why_set(why, e, file, "%zu problems", problems_errors(problems));
	}
	problems_free(problems);
	return e;
}

static enum err
store_new(struct store_source **ret)
{
	struct store_source *st = calloc(1, sizeof(*st));

	if (st == NULL || (st->base.mem = arena_new(STORE_ARENA)) == NULL) {
		free(st);
		return ERR_NOMEM;
	}
	st->base.ops = &ops;
	*ret = st;
	return OK;
}

static enum err
look(struct store_source *st, struct why *why)
{
	enum err e;

	st->view = journal_view(st->journal);
	st->base.size = journal_size(st->view);
	choose_latest(st);
	if ((e = load_directories(st)) == OK)
		e = load_sheets(st);
	return e == OK ? OK : why_set(why, e, "store", "its directories cannot be read");
}

enum err
source_open_journal(struct journal *journal, struct source **ret_source, struct why *why)
{
	struct store_source *st;
	enum err e;

	if ((e = store_new(&st)) != OK)
		return e;
	st->journal = journal;
	if ((e = look(st, why)) != OK)
		source_close(&st->base);
	else
		*ret_source = &st->base;
	return e;
}

enum err
source_open_store(const char *config_file, FILE *talk, struct source **ret_source, struct why *why)
{
	struct journal_options options = { .read_only = true };
	struct store_source *st;
	struct hub_config *config;
	enum err e;

	if ((e = store_new(&st)) != OK)
		return e;
	if ((e = load_config(config_file, st->base.mem, talk, &config, why)) != OK)
		goto out;
	st->base.trust_file = config->trust_file;
	read_outside(st, config->checkpoint_file);
	if ((e = rowkey_open(config->kek_dir, true, &st->keys, why)) != OK)
		goto out;
	options.keys = st->keys;
	if ((e = journal_open_lmdb(&options, config->store_dir, (size_t)config->store_map_bytes, &st->own, why)) != OK)
		goto out;
	st->journal = st->own;
	e = look(st, why);
out:
	if (e != OK)
		source_close(&st->base);
	else
		*ret_source = &st->base;
	return e;
}
