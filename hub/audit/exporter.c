/* SPDX-License-Identifier: EUPL-1.2 */
/* exporter - one walk over the entries; bundles and tiles go out when they are full. The checkpoint is written last: an export
 * that broke off has none.
 */
#include "hub/audit/exporter.h"

#include <stdlib.h>

#include "hub/audit/tiles.h"

#define STEP_ARENA ((size_t)16 << 20)

struct exporter {
	struct source *source;
	exporter_put_fn *put;
	void *arg;
	uint64_t size;
	struct tiles tiles;
	struct arena *entry, *bundle;
	struct buf entries, details;
	struct why *why;
	enum err e;		/* sticky: of the tiles */
};

static void
put_tile(void *arg, const struct tile *tile)
{
	struct exporter *x = arg;
	char name[LAYOUT_NAME_MAX];

	if (x->e == OK)
		x->e = x->put(x->arg, layout_tile(tile->level, tile->n, tile->width, name),
			      SPAN(tile->hashes, tile->width * sizeof(tile->hashes[0])), x->why);
}

static enum err
put_checkpoints(struct exporter *x, uint64_t n)
{
	struct source_notes notes;
	struct place where;
	char name[LAYOUT_NAME_MAX];
	struct buf b;
	enum err e;

	arena_reset(x->entry);
	if ((e = x->source->ops->checkpoints(x->source, n, x->entry, &notes, &where)) != OK)
		return e;
	buf_init(&b, x->entry);
	for (size_t i = 0; i < notes.n && notes.items[i].number < x->size; i++) {
		buf_u16(&b, (uint16_t)notes.items[i].bytes.n);
		buf_span(&b, notes.items[i].bytes);
	}
	if (b.e != OK)
		return b.e;
	return x->put(x->arg, layout_checkpoints(n, name), buf_bytes(&b), x->why);
}

static enum err
end_bundle(struct exporter *x, uint64_t n)
{
	unsigned width = layout_width(n, x->size);
	char name[LAYOUT_NAME_MAX];
	enum err e;

	if (x->entries.e != OK || x->details.e != OK)
		return ERR_TOOBIG;
	if ((e = x->put(x->arg, layout_entries(n, width, name), buf_bytes(&x->entries), x->why)) != OK ||
	    (e = x->put(x->arg, layout_details(n, width, name), buf_bytes(&x->details), x->why)) != OK)
		return e;
	return put_checkpoints(x, n);
}

static void
begin_bundle(struct exporter *x)
{
	arena_reset(x->bundle);
	buf_init(&x->entries, x->bundle);
	buf_init(&x->details, x->bundle);
}

static enum err
put_entry(struct exporter *x, uint64_t i)
{
	struct source_entry entry;
	struct place where;
	struct hash hash;
	char name[LAYOUT_NAME_MAX];
	enum err e;

	arena_reset(x->entry);
	if ((e = x->source->ops->entry(x->source, i, x->entry, &entry, &where)) != OK)
		return why_set(x->why, e, where.name, "cannot be read");
	leaf_hash(entry.leaf, &hash);
	tiles_add(&x->tiles, &hash);
	buf_u16(&x->entries, LEAF_LEN);
	buf_add(&x->entries, entry.leaf, LEAF_LEN);
	buf_u16(&x->details, entry.has_detail ? (uint16_t)(LEAF_SALT_LEN + entry.detail.n) : 0);
	if (entry.has_detail) {
		buf_add(&x->details, entry.salt, LEAF_SALT_LEN);
		buf_span(&x->details, entry.detail);
	}
	if (entry.head.n > 0 && (e = x->put(x->arg, layout_message(i, false, name), entry.head, x->why)) != OK)
		return e;
	if (entry.body.n > 0 && (e = x->put(x->arg, layout_message(i, true, name), entry.body, x->why)) != OK)
		return e;
	return x->e;
}

static enum err
put_entries(struct exporter *x)
{
	enum err e = OK;

	if (x->size == 0)	/* a log that has not begun: the first checkpoint's bundle alone */
		return put_checkpoints(x, 0);
	for (uint64_t i = 0; i < x->size && e == OK; i++) {
		if (i % LAYOUT_BLOCK == 0)
			begin_bundle(x);
		e = put_entry(x, i);
		if (e == OK && ((i + 1) % LAYOUT_BLOCK == 0 || i + 1 == x->size))
			e = end_bundle(x, i / LAYOUT_BLOCK);
	}
	if (e == OK) {
		tiles_end(&x->tiles);
		e = x->e;
	}
	return e;
}

/* Directories and sheets that the leaves of the export record. A sheet newer than the checkpoint has replaced an older one that
 * the export would need: a moment later the checkpoint has it too.
 */
static enum err
put_notes(struct exporter *x)
{
	const struct source *s = x->source;
	char name[LAYOUT_NAME_MAX];
	enum err e = OK;

	for (size_t i = 0; i < s->directories.n && e == OK; i++)
		if (s->directories.items[i].leaf < x->size)
			e = x->put(x->arg, layout_directory(s->directories.items[i].number, name), s->directories.items[i].bytes, x->why);
	for (size_t i = 0; i < s->sheets.n && e == OK; i++)
		if (s->sheets.items[i].number >= x->size)
			e = why_set(x->why, ERR_BUSY, "checkpoint", "a key sheet is newer: try again");
		else
			e = x->put(x->arg, layout_sheet(s->sheets.items[i].number, name), s->sheets.items[i].bytes, x->why);
	return e;
}

enum err
exporter_run(struct source *s, exporter_put_fn *put, void *arg, struct why *why)
{
	struct exporter *x = calloc(1, sizeof(*x));
	enum err e = ERR_NOMEM;

	if (x == NULL)
		return e;
	*x = (struct exporter){ .source = s, .put = put, .arg = arg, .size = s->latest.number, .why = why };
	x->entry = arena_new(STEP_ARENA);
	x->bundle = arena_new(STEP_ARENA);
	if (x->entry == NULL || x->bundle == NULL)
		goto out;
	if (s->latest.bytes.p == NULL) {
		e = why_set(why, ERR_NOTFOUND, "checkpoint", "the log has none yet");
		goto out;
	}
	tiles_init(&x->tiles, put_tile, x);
	if ((e = put(arg, LAYOUT_FORMAT, span_str(LAYOUT_FORMAT_TEXT), why)) == OK && (e = put_notes(x)) == OK &&
	    (e = put_entries(x)) == OK)
		e = put(arg, LAYOUT_CHECKPOINT, s->latest.bytes, why);
out:
	arena_free(x->entry);
	arena_free(x->bundle);
	free(x);
	return e;
}
