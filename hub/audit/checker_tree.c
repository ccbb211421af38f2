/* SPDX-License-Identifier: EUPL-1.2 */
/* checker_tree - one walk over the leaves: numbered without a gap, hashed up to the tiles, the root of every checkpoint on the
 * way compared.
 *
 * A hash that differs from its tile is suspect only: the signed root tells afterwards which of the two was altered.
 */
#include "hub/audit/checker_parts.h"

#include <stdlib.h>

#include "hub/audit/image.h"
#include "hub/audit/tiles.h"

#define HASH_LEN 32u
#define SUSPECTS_MAX 64
#define SINCE_MAX 64

struct suspect { unsigned level, k; uint64_t n; unsigned width; };

struct since { const struct source_note *note; struct checkpoint c; };

struct walk {
	struct checker *c;
	struct tiles tiles;
	struct frontier stored;		/* of the leaf hashes as the export's tiles have them */
	struct frontier nodes;		/* with a store: compared subtree by subtree */
	struct suspect suspects[SUSPECTS_MAX];
	size_t n_suspects;
	struct arena *bundle;		/* of the checkpoints under way */
	struct source_notes notes;
	size_t next_note;
	uint64_t last_size;
	struct since since[SINCE_MAX];
	size_t n_since;
	uint64_t last_good;		/* the largest older checkpoint that agrees */
	uint64_t first_bad;		/* UINT64_MAX: none */
	struct source_note first_bad_note;
	bool is_root_good;
	enum err e;
};

static void
suspect(struct walk *w, const struct tile *tile, unsigned k)
{
	if (w->n_suspects < SUSPECTS_MAX)
		w->suspects[w->n_suspects++] = (struct suspect){ tile->level, k, tile->n, tile->width };
}

/* An export's tile against the one made from the leaves. */
static void
compare_tile(void *arg, const struct tile *tile)
{
	struct walk *w = arg;
	const struct image *image = w->c->source->image;
	char name[LAYOUT_NAME_MAX];
	struct span bytes;
	struct hash hash;
	size_t i;

	if (image == NULL)
		return;
	i = image_find(image, layout_tile(tile->level, tile->n, tile->width, name));
	if (i == IMAGE_NONE) {
		finding_add_named(w->c->findings, FOUND_MISSING, name, NULL);
		return;
	}
	checker_use(w->c, name);
	w->c->counts->tiles++;
	if (image_read(image, i, w->c->mem, &bytes) != OK || bytes.n != tile->width * HASH_LEN) {
		finding_add_named(w->c->findings, FOUND_UNREADABLE, name, "its length");
		return;
	}
	for (unsigned k = 0; k < tile->width; k++) {
		memcpy(hash.b, bytes.p + k * HASH_LEN, HASH_LEN);
		if (!hash_eq(&hash, &tile->hashes[k]))
			suspect(w, tile, k);
		if (tile->level == 0)
			frontier_add(&w->stored, &hash, NULL, NULL);
	}
}

/* A store's subtree against the one made from the leaves. */
static void
compare_node(void *arg, unsigned level, uint64_t index, const struct hash *hash)
{
	struct walk *w = arg;
	struct hash have;
	char name[64];

	if (level == 0 || w->c->source->image)
		return;
	w->c->counts->tiles++;
	if (w->c->source->ops->node(w->c->source, level, index, &have) && hash_eq(&have, hash))
		return;
	(void)snprintf(name, sizeof(name), "store: node %u/%llu", level, (unsigned long long)index);
	finding_add_named(w->c->findings, FOUND_TILE, name, NULL);
}

/* -- checkpoints on the way -- */

static enum err
load_checkpoints(struct walk *w, uint64_t n)
{
	struct source *s = w->c->source;
	struct place where = { .offset = PLACE_NO_OFFSET };
	enum err e;

	arena_reset(w->bundle);
	w->next_note = 0;
	e = s->ops->checkpoints(s, n, w->bundle, &w->notes, &where);
	checker_use(w->c, where.name);
	if (e == OK)
		return OK;
	finding_add(w->c->findings, e == ERR_NOTFOUND ? FOUND_MISSING : FOUND_UNREADABLE, &where, FINDING_NO_LEAF, NULL);
	return arena_is_full(w->bundle) ? ERR_NOMEM : OK;
}

static void
note_bad(struct walk *w, const struct source_note *note, uint64_t size)
{
	if (w->first_bad != UINT64_MAX)
		return;
	w->first_bad = size;
	w->first_bad_note = *note;
}

/* The checkpoints of exactly this size. They stand by rising size, each size once, all before the newest. */
static void
compare_checkpoints(struct walk *w, uint64_t size)
{
	struct hash root;
	struct checkpoint c;

	if (w->next_note == w->notes.n && w->n_since == 0)
		return;
	frontier_root(&w->tiles.frontier, &root);
	for (; w->next_note < w->notes.n && w->notes.items[w->next_note].number == size; w->next_note++) {
		const struct source_note *note = &w->notes.items[w->next_note];

		if (!checker_checkpoint(w->c, note->bytes, &c) || c.size != size || (size > 0 && size <= w->last_size) ||
		    size == w->c->source->latest.number)
			finding_add(w->c->findings, FOUND_CHECKPOINT, &note->place, FINDING_NO_LEAF, NULL);
		else if (!hash_eq(&root, &c.root))
			note_bad(w, note, size);
		else
			w->last_good = size;
		w->last_size = size;
	}
	for (size_t i = 0; i < w->n_since; i++)
		if (w->since[i].c.size == size && !hash_eq(&root, &w->since[i].c.root))
			finding_add(w->c->findings, FOUND_FORK, &w->since[i].note->place, FINDING_NO_LEAF, NULL);
}

static void
add_since(struct walk *w, const struct source_note *note)
{
	struct since *x = &w->since[w->n_since];

	if (w->n_since == SINCE_MAX || !checker_checkpoint(w->c, note->bytes, &x->c))
		finding_add(w->c->findings, FOUND_CHECKPOINT, &note->place, FINDING_NO_LEAF, NULL);
	else if (x->c.size > w->c->source->size)
		finding_add(w->c->findings, FOUND_SHORTER, &note->place, FINDING_NO_LEAF, NULL);
	else {
		x->note = note;
		w->n_since++;
	}
}

/* -- the walk -- */

static bool
take_leaf(struct walk *w, uint64_t i)
{
	struct source *s = w->c->source;
	uint8_t bytes[LEAF_LEN];
	struct place where;
	struct leaf leaf;
	struct hash hash;
	enum err e = s->ops->leaf(s, i, bytes, &where);

	if (e != OK) {
		finding_add(w->c->findings, e == ERR_NOTFOUND ? FOUND_MISSING : FOUND_UNREADABLE, &where, i, NULL);
		return false;
	}
	if (leaf_decode(SPAN(bytes, LEAF_LEN), &leaf) != OK) {
		finding_add(w->c->findings, FOUND_LEAF_FORM, &where, i, NULL);
		return false;
	}
	if (leaf.seq != i) {
		char text[64];

		(void)snprintf(text, sizeof(text), "its number is %llu", (unsigned long long)leaf.seq);
		finding_add(w->c->findings, FOUND_LEAF_PLACE, &where, i, text);
		return false;
	}
	leaf_hash(bytes, &hash);
	tiles_add(&w->tiles, &hash);
	if (s->image == NULL)
		frontier_add(&w->nodes, &hash, compare_node, w);
	w->c->counts->leaves++;
	return true;
}

static void
compare_newest(struct walk *w, uint64_t size)
{
	struct hash root;

	if (w->c->counts->size != size)
		return;
	frontier_root(&w->tiles.frontier, &root);
	w->is_root_good = hash_eq(&root, &w->c->counts->root);
}

static enum err
walk_leaves(struct walk *w)
{
	struct source *s = w->c->source;
	uint64_t i;
	enum err e;

	if ((e = load_checkpoints(w, 0)) != OK)
		return e;
	compare_checkpoints(w, 0);
	compare_newest(w, 0);
	for (i = 0; i < s->size; i++) {
		if (i % LAYOUT_BLOCK == 0) {
			char name[LAYOUT_NAME_MAX];

			arena_reset(w->c->mem);
			checker_use(w->c, layout_entries(i / LAYOUT_BLOCK, layout_width(i / LAYOUT_BLOCK, s->size), name));
			if (i > 0 && (e = load_checkpoints(w, i / LAYOUT_BLOCK)) != OK)
				return e;
		}
		if (!take_leaf(w, i))
			return OK;	/* what follows hangs in the air */
		compare_checkpoints(w, i + 1);
		compare_newest(w, i + 1);
		if ((i + 1) % LAYOUT_BLOCK == 0 || i + 1 == s->size)
			for (; w->next_note < w->notes.n; w->next_note++)	/* of no size in their order */
				finding_add(w->c->findings, FOUND_CHECKPOINT, &w->notes.items[w->next_note].place, FINDING_NO_LEAF, NULL);
	}
	tiles_end(&w->tiles);
	return OK;
}

static void
find_tile(struct walk *w, const struct suspect *s)
{
	struct place place = { .offset = s->k * HASH_LEN };
	uint64_t leaf = s->level == 0 ? s->n * LAYOUT_BLOCK + s->k : FINDING_NO_LEAF;

	layout_tile(s->level, s->n, s->width, place.name);
	finding_add(w->c->findings, FOUND_TILE, &place, leaf, NULL);
}

/* The walk is through: what was it that differed? */
static void
conclude(struct walk *w)
{
	struct source *s = w->c->source;
	struct hash stored;
	bool is_stored_good;
	char text[96];

	if (s->latest.bytes.p == NULL)
		return;
	if (w->is_root_good) {
		if (w->first_bad != UINT64_MAX)
			finding_add(w->c->findings, FOUND_FORK, &w->first_bad_note.place, FINDING_NO_LEAF, NULL);
		for (size_t i = 0; i < w->n_suspects; i++)
			find_tile(w, &w->suspects[i]);
		return;
	}
	frontier_root(&w->stored, &stored);
	is_stored_good = hash_eq(&stored, &w->c->counts->root);
	for (size_t i = 0; i < w->n_suspects; i++)
		if (w->suspects[i].level == 0)
			checker_find(w->c, FOUND_LEAF_ALTERED, w->suspects[i].n * LAYOUT_BLOCK + w->suspects[i].k, PART_LEAF, NULL);
	if (is_stored_good)
		return;
	(void)snprintf(text, sizeof(text), "among leaves %llu to %llu", (unsigned long long)w->last_good,
		       (unsigned long long)(w->first_bad < s->size ? w->first_bad : s->size) - 1);
	finding_add(w->c->findings, FOUND_ROOT, &s->latest.place, FINDING_NO_LEAF, text);
}

enum err
checker_tree(struct checker *c)
{
	struct walk *w = calloc(1, sizeof(*w));
	size_t found;
	enum err e;

	if (w == NULL || (w->bundle = arena_new((size_t)16 << 20)) == NULL) {
		free(w);
		return ERR_NOMEM;
	}
	w->c = c;
	w->first_bad = UINT64_MAX;
	tiles_init(&w->tiles, compare_tile, w);
	frontier_init(&w->stored);
	frontier_init(&w->nodes);
	for (size_t i = 0; i < c->input->n_since; i++)
		add_since(w, &c->input->since[i]);
	if (c->source->outside.bytes.p)
		add_since(w, &c->source->outside);
	found = c->findings->n;
	e = walk_leaves(w);
	if (e == OK && c->findings->n == found)
		conclude(w);
	c->counts->unsigned_leaves = c->source->size - c->counts->size;
	arena_free(w->bundle);
	free(w);
	return e;
}
