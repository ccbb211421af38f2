/* SPDX-License-Identifier: EUPL-1.2 */
/* source_export - an export's files as a source. The bundle read last is kept, so that a walk reads each file once. */
#include <stdio.h>
#include <stdlib.h>

#include "hub/audit/image.h"
#include "hub/audit/layout.h"
#include "hub/audit/source.h"

#define EXPORT_ARENA ((size_t)1 << 30)
#define BUNDLE_ARENA ((size_t)16 << 20)
#define HASH_LEN 32u

/* A bundle of items with a 16-bit length before each, divided. */
struct bundle {
	struct arena *mem;
	uint64_t n;			/* its number; NO_BUNDLE: none is held */
	struct span bytes;
	struct span items[LAYOUT_BLOCK];
	unsigned count, width;		/* items found, and how many there should be */
	enum err e;
};
#define NO_BUNDLE UINT64_MAX

struct export_source {
	struct source base;		/* first: ops get this one */
	struct bundle entries, details;
};

static struct export_source *
of(const struct source *s)
{
	return (struct export_source *)(uintptr_t)s;
}

static enum err
read_file(const struct source *s, const char *name, struct arena *mem, struct span *ret_bytes, struct place *where)
{
	size_t i = image_find(s->image, name);

	if (where) {
		(void)snprintf(where->name, sizeof(where->name), "%s", name);
		where->offset = PLACE_NO_OFFSET;
	}
	return i == IMAGE_NONE ? ERR_NOTFOUND : image_read(s->image, i, mem, ret_bytes);
}

/* Divide the bundle's bytes: exactly `width` items and nothing behind them. */
static void
divide(struct bundle *b)
{
	struct cursor c;

	cursor_init(&c, b->bytes);
	for (b->count = 0; b->count < b->width; b->count++) {
		struct span item = cursor_take(&c, cursor_u16(&c));

		if (c.e != OK)
			break;
		b->items[b->count] = item;
	}
	b->e = cursor_end(&c) == OK && b->count == b->width ? OK : ERR_FORMAT;
}

static enum err
load(struct source *s, struct bundle *b, uint64_t n, const char *name)
{
	if (b->n == n)
		return OK;
	arena_reset(b->mem);
	b->n = NO_BUNDLE;
	b->width = layout_width(n, s->size);
	b->e = read_file(s, name, b->mem, &b->bytes, NULL);
	if (b->e != OK)
		return b->e;
	divide(b);
	b->n = n;
	return OK;
}

static void
export_place(const struct source *s, uint64_t index, enum source_part part, struct place *ret_place)
{
	const struct bundle *b = part == PART_LEAF ? &of(s)->entries : &of(s)->details;
	uint64_t n = index / LAYOUT_BLOCK;
	unsigned width = layout_width(n, s->size), k = (unsigned)(index % LAYOUT_BLOCK);
	char name[LAYOUT_NAME_MAX];

	ret_place->offset = PLACE_NO_OFFSET;
	switch (part) {
	case PART_LEAF:
		layout_entries(n, width, name);
		break;
	case PART_DETAIL:
		layout_details(n, width, name);
		break;
	case PART_HEAD: case PART_BODY: case N_PARTS:
		layout_message(index, part == PART_BODY, name);
		break;
	}
	(void)snprintf(ret_place->name, sizeof(ret_place->name), "%s", name);
	if (part <= PART_DETAIL && b->n == n)
		ret_place->offset = k < b->count ? (uint64_t)(b->items[k].p - b->bytes.p) - 2 : b->bytes.n;
}

/* Item k of a bundle that is to be `whole`, or of one where at least this item can be read. */
static enum err
item(const struct bundle *b, unsigned k, struct span *ret_item)
{
	if (k >= b->count)
		return ERR_FORMAT;
	/* what stands behind the last item is the last item's fault */
	if (b->e != OK && k + 1 == b->width)
		return ERR_FORMAT;
	*ret_item = b->items[k];
	return OK;
}

static enum err
export_leaf(struct source *s, uint64_t index, uint8_t ret_leaf[LEAF_LEN], struct place *where)
{
	uint64_t n = index / LAYOUT_BLOCK;
	char name[LAYOUT_NAME_MAX];
	struct span leaf;
	enum err e = load(s, &of(s)->entries, n, layout_entries(n, layout_width(n, s->size), name));

	export_place(s, index, PART_LEAF, where);
	if (e != OK || (e = item(&of(s)->entries, (unsigned)(index % LAYOUT_BLOCK), &leaf)) != OK)
		return e;
	if (leaf.n != LEAF_LEN)
		return ERR_FORMAT;
	memcpy(ret_leaf, leaf.p, LEAF_LEN);
	return OK;
}

static enum err
read_part(struct source *s, uint64_t index, enum source_part part, struct arena *mem, struct span *ret_bytes, struct place *where)
{
	char name[LAYOUT_NAME_MAX];
	enum err e = read_file(s, layout_message(index, part == PART_BODY, name), mem, ret_bytes, where);

	if (e == ERR_NOTFOUND) {
		*ret_bytes = SPAN_NONE;
		return OK;
	}
	return e == OK && ret_bytes->n == 0 ? ERR_FORMAT : e;	/* an empty file says nothing */
}

static enum err
export_entry(struct source *s, uint64_t index, struct arena *mem, struct source_entry *ret_entry, struct place *where)
{
	uint64_t n = index / LAYOUT_BLOCK;
	char name[LAYOUT_NAME_MAX];
	struct span detail;
	enum err e;

	memset(ret_entry, 0, sizeof(*ret_entry));
	if ((e = export_leaf(s, index, ret_entry->leaf, where)) != OK)
		return e;
	e = load(s, &of(s)->details, n, layout_details(n, layout_width(n, s->size), name));
	export_place(s, index, PART_DETAIL, where);
	if (e != OK || (e = item(&of(s)->details, (unsigned)(index % LAYOUT_BLOCK), &detail)) != OK)
		return e;
	if (detail.n > 0) {
		if (detail.n < LEAF_SALT_LEN)
			return ERR_FORMAT;
		ret_entry->has_detail = true;
		memcpy(ret_entry->salt, detail.p, LEAF_SALT_LEN);
		ret_entry->detail = SPAN(detail.p + LEAF_SALT_LEN, detail.n - LEAF_SALT_LEN);
	}
	if ((e = read_part(s, index, PART_HEAD, mem, &ret_entry->head, where)) != OK ||
	    (e = read_part(s, index, PART_BODY, mem, &ret_entry->body, where)) != OK)
		return e;
	ret_entry->envelope = source_join(ret_entry->head, ret_entry->body, mem);
	return ret_entry->envelope.p == NULL && ret_entry->head.p ? ERR_TOOBIG : OK;
}

/* The number on a checkpoint's second line, as it must be written; nothing of it is verified here. */
static bool
size_of(struct span note, uint64_t *ret_size)
{
	const uint8_t *p = note.n ? memchr(note.p, '\n', note.n) : NULL, *end = note.p + note.n, *first;
	uint64_t size = 0;

	if (p == NULL)
		return false;
	for (first = ++p; p < end && *p >= '0' && *p <= '9' && p - first < 18; p++)
		size = size * 10 + (uint64_t)(*p - '0');
	*ret_size = size;
	return p > first && p < end && *p == '\n';
}

static enum err
export_checkpoints(struct source *s, uint64_t n, struct arena *mem, struct source_notes *ret_notes, struct place *where)
{
	char name[LAYOUT_NAME_MAX];
	struct span bytes;
	struct cursor c;
	enum err e = read_file(s, layout_checkpoints(n, name), mem, &bytes, where);

	*ret_notes = (struct source_notes){ .items = arena_array(mem, LAYOUT_BLOCK + 1, sizeof(struct source_note)) };
	if (e != OK)
		return e;
	if (ret_notes->items == NULL)
		return ERR_TOOBIG;
	cursor_init(&c, bytes);
	while (cursor_left(&c) > 0) {
		struct source_note *note = &ret_notes->items[ret_notes->n];

		where->offset = note->place.offset = c.at;
		memcpy(note->place.name, where->name, sizeof(where->name));
		note->bytes = cursor_take(&c, cursor_u16(&c));
		if (c.e != OK || ret_notes->n == LAYOUT_BLOCK + 1 || !size_of(note->bytes, &note->number))
			return ERR_FORMAT;
		ret_notes->n++;
	}
	return cursor_end(&c);
}

/* Hash k of a tile file. */
static bool
tile_hash(struct source *s, unsigned tile_level, uint64_t index, struct hash *ret_hash)
{
	uint64_t n = index / LAYOUT_BLOCK, at_level = s->size >> (8 * tile_level);
	unsigned k = (unsigned)(index % LAYOUT_BLOCK), width = layout_width(n, at_level);
	struct arena *mem = arena_new(BUNDLE_ARENA);
	char name[LAYOUT_NAME_MAX];
	struct span bytes;
	bool found = mem && k < width &&
		     read_file(s, layout_tile(tile_level, n, width, name), mem, &bytes, NULL) == OK && bytes.n == width * HASH_LEN;

	if (found)
		memcpy(ret_hash->b, bytes.p + k * HASH_LEN, HASH_LEN);
	arena_free(mem);
	return found;
}

/* A subtree between two rows of tiles is hashed from the row below. */
static bool
export_node(struct source *s, unsigned level, uint64_t index, struct hash *ret_hash)
{
	struct hash right;

	if (level / 8 >= LAYOUT_LEVELS)
		return false;
	if (level % 8 == 0)
		return tile_hash(s, level / 8, index, ret_hash);
	if (!export_node(s, level - 1, 2 * index, ret_hash) || !export_node(s, level - 1, 2 * index + 1, &right))
		return false;
	merkle_node(ret_hash, &right, ret_hash);
	return true;
}

static void
export_close(struct source *s)
{
	arena_free(of(s)->entries.mem);
	arena_free(of(s)->details.mem);
	free(s);
}

static const struct source_ops ops = {
	.leaf = export_leaf, .entry = export_entry, .checkpoints = export_checkpoints, .node = export_node,
	.place = export_place, .close = export_close,
};

/* "directory/17": its number; false: such a name is none of ours. */
static bool
number_of(const char *name, const char *folder, uint64_t *ret_number)
{
	size_t n = strlen(folder);
	const char *p = name + n;
	uint64_t v = 0;

	if (strncmp(name, folder, n) != 0 || *p < '0' || *p > '9' || (*p == '0' && p[1] != '\0'))
		return false;
	for (; *p >= '0' && *p <= '9' && v < UINT64_MAX / 100; p++)
		v = v * 10 + (uint64_t)(*p - '0');
	*ret_number = v;
	return *p == '\0';
}

static int
by_number(const void *a, const void *b)
{
	const struct source_note *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/* All files of a folder whose names are numbers; others are nobody's, which the checker finds. */
static enum err
load_notes(struct source *s, const char *folder, struct source_notes *to)
{
	size_t cap = 0, more;
	uint64_t number;
	enum err e;

	for (size_t i = 0; i < s->image->n; i++) {
		const char *name = s->image->files[i].name;

		if (!number_of(name, folder, &number))
			continue;
		if (to->n == cap) {
			more = cap ? 2 * cap : 16;
			to->items = arena_grow(s->mem, to->items, cap * sizeof(*to->items), more * sizeof(*to->items));
			cap = more;
			if (to->items == NULL)
				return ERR_TOOBIG;
		}
		to->items[to->n].number = number;
		if ((e = read_file(s, name, s->mem, &to->items[to->n].bytes, &to->items[to->n].place)) != OK)
			return e;
		to->n++;
	}
	if (to->n > 0)
		qsort(to->items, to->n, sizeof(*to->items), by_number);
	return OK;
}

enum err
source_open_export(const struct image *image, struct source **ret_source, struct why *why)
{
	struct export_source *x = calloc(1, sizeof(*x));
	struct source *s = &x->base;
	enum err e;

	if (x == NULL)
		return ERR_NOMEM;
	s->ops = &ops;
	s->image = image;
	s->mem = arena_new(EXPORT_ARENA);
	x->entries.mem = arena_new(BUNDLE_ARENA);
	x->details.mem = arena_new(BUNDLE_ARENA);
	x->entries.n = x->details.n = NO_BUNDLE;
	if (s->mem == NULL || x->entries.mem == NULL || x->details.mem == NULL)
		e = ERR_NOMEM;
	else if ((e = read_file(s, LAYOUT_CHECKPOINT, s->mem, &s->latest.bytes, &s->latest.place)) != OK)
		(void)why_set(why, e == ERR_NOTFOUND ? ERR_NOTFOUND : e, LAYOUT_CHECKPOINT, "cannot be read: is this an export?");
	else if ((e = load_notes(s, "directory/", &s->directories)) != OK || (e = load_notes(s, "sheet/", &s->sheets)) != OK)
		(void)why_set(why, e, "directory", "cannot be read");
	if (e != OK) {
		source_close(s);
		return e;
	}
	if (!size_of(s->latest.bytes, &s->latest.number))
		s->latest.number = 0;
	s->size = s->latest.number;
	*ret_source = s;
	return OK;
}
