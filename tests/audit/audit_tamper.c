/* SPDX-License-Identifier: EUPL-1.2 */
/* audit_tamper - an export of 200 messages altered in thousands of ways, one at a time, in one process: the verifier must find
 * each and name its place, and let the untouched one pass. Prints TAP; seconds and counts as figures.
 */
#include "tests/support/log_world.h"

#include "hub/audit/checker.h"
#include "hub/audit/layout.h"
#include "hub/audit/tiles.h"

#define MESSAGES 200
#define OTHER_BYTES 2000
#define SHOWN_MAX 10

struct lab {
	struct image *image;	/* untouched */
	struct image altered;	/* its files, of which one alteration changes a few */
	struct trust trust;
	struct memo *memo;
	struct findings findings;
	struct checker_counts counts;
	uint64_t random;
	unsigned tests, bad, runs;
};

static uint64_t
next(struct lab *lab)
{
	lab->random = lab->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return lab->random >> 33;
}

/* Exit 3 of the program is: it could be judged, and something was found. */
static bool
judge(struct lab *lab, const struct image *image)
{
	struct checker_input input = { .trust = &lab->trust, .memo = lab->memo };
	struct why why;
	enum err e;

	lab->runs++;
	lab->findings.n = 0;
	if (source_open_export(image, &input.source, &why) != OK)
		return false;
	e = checker_run(&input, &lab->findings, &lab->counts, &why);
	source_close(input.source);
	return e == OK;
}

static void
report(struct lab *lab, bool is_ok, const char *what)
{
	lab->tests++;
	printf("%s %u - %s\n", is_ok ? "ok" : "not ok", lab->tests, what);
	fflush(stdout);
}

static bool
names(const struct lab *lab, const char *file, uint64_t leaf)
{
	for (size_t i = 0; i < lab->findings.n; i++) {
		const struct finding *f = &lab->findings.items[i];

		if ((file && strstr(f->place.name, file)) || (leaf != FINDING_NO_LEAF && f->leaf == leaf))
			return i == 0;	/* it is the first that people read */
	}
	return false;
}

/* One alteration of one file: found, and the file named. */
static bool
found_in(struct lab *lab, const char *name, struct span bytes, const char *what)
{
	size_t i = image_find(lab->image, name);
	struct span before = lab->altered.files[i].bytes;
	bool is_ok;

	lab->altered.files[i].bytes = bytes;
	is_ok = judge(lab, &lab->altered) && lab->findings.n > 0 && names(lab, name, FINDING_NO_LEAF);
	if (!is_ok && lab->bad++ < SHOWN_MAX)
		printf("# %s: %s: %zu findings, first at %s: %s\n", name, what, lab->findings.n,
		       lab->findings.n ? lab->findings.items[0].place.name : "-",
		       lab->findings.n ? finding_name(lab->findings.items[0].id) : "-");
	lab->altered.files[i].bytes = before;
	return is_ok;
}

static bool
flip(struct lab *lab, const char *name, size_t at)
{
	struct span before = lab->image->files[image_find(lab->image, name)].bytes;
	uint8_t *copy = malloc(before.n);
	char what[64];
	bool is_ok;

	memcpy(copy, before.p, before.n);
	copy[at] ^= (uint8_t)(1 + next(lab) % 255);
	(void)snprintf(what, sizeof(what), "byte %zu", at);
	is_ok = found_in(lab, name, SPAN(copy, before.n), what);
	free(copy);
	return is_ok;
}

/* Where item k of a bundle stands, with its length before it. */
static struct span
item_of(struct span bundle, unsigned k)
{
	struct cursor c;
	size_t at = 0;

	cursor_init(&c, bundle);
	for (unsigned i = 0; i <= k; i++) {
		at = c.at;
		(void)cursor_take(&c, cursor_u16(&c));
	}
	return SPAN(bundle.p + at, c.at - at);
}

static void
flip_item(struct lab *lab, const char *name, unsigned k, unsigned *n, unsigned *bad)
{
	struct span bundle = lab->image->files[image_find(lab->image, name)].bytes, item = item_of(bundle, k);
	size_t at = (size_t)(item.p - bundle.p);

	for (size_t i = 0; i < item.n; i++, (*n)++)
		*bad += !flip(lab, name, at + i);
}

/* Every byte of one message: header with signature, body, detail, leaf, and its leaf's hash in the tile. */
static void
one_message(struct lab *lab, uint64_t leaf, uint64_t size)
{
	uint64_t n_bundle = leaf / LAYOUT_BLOCK;
	unsigned k = (unsigned)(leaf % LAYOUT_BLOCK), width = layout_width(n_bundle, size), n = 0, bad = 0;
	char name[LAYOUT_NAME_MAX], what[96];

	for (int is_body = 0; is_body < 2; is_body++) {
		layout_message(leaf, is_body, name);
		for (size_t at = 0; at < lab->image->files[image_find(lab->image, name)].bytes.n; at++, n++)
			bad += !flip(lab, name, at);
	}
	flip_item(lab, layout_details(n_bundle, width, name), k, &n, &bad);
	flip_item(lab, layout_entries(n_bundle, width, name), k, &n, &bad);
	layout_tile(0, n_bundle, width, name);
	for (size_t at = 0; at < sizeof(struct hash); at++, n++)
		bad += !flip(lab, name, k * sizeof(struct hash) + at);
	(void)snprintf(what, sizeof(what), "each of the %u bytes of one message altered is found in its file", n);
	report(lab, bad == 0, what);
}

static void
other_bytes(struct lab *lab)
{
	uint64_t total = 0, at;
	unsigned bad = 0;
	char what[96];
	size_t f;

	for (size_t i = 0; i < lab->image->n; i++)
		total += lab->image->files[i].bytes.n;
	for (unsigned i = 0; i < OTHER_BYTES; i++) {
		at = next(lab) % total;
		for (f = 0; at >= lab->image->files[f].bytes.n; f++)
			at -= lab->image->files[f].bytes.n;
		bad += !flip(lab, lab->image->files[f].name, at);
	}
	(void)snprintf(what, sizeof(what), "%u random bytes of %llu altered are found in their files", OTHER_BYTES,
		       (unsigned long long)total);
	report(lab, bad == 0, what);
}

/* -- leaves -- */

static void
all_leaves(const struct lab *lab, uint64_t size, uint8_t (*leaves)[LEAF_LEN])
{
	char name[LAYOUT_NAME_MAX];

	for (uint64_t i = 0; i < size; i++) {
		uint64_t n = i / LAYOUT_BLOCK;
		size_t f = image_find(lab->image, layout_entries(n, layout_width(n, size), name));

		memcpy(leaves[i], item_of(lab->image->files[f].bytes, (unsigned)(i % LAYOUT_BLOCK)).p + 2, LEAF_LEN);
	}
}

struct forger { struct lab *lab; struct arena *mem; };

static void
set_file(struct forger *f, const char *name, struct span bytes)
{
	size_t i = image_find(&f->lab->altered, name);

	assert_true(i != IMAGE_NONE);
	f->lab->altered.files[i].bytes = bytes;
}

static void
forge_tile(void *arg, const struct tile *tile)
{
	struct forger *f = arg;
	char name[LAYOUT_NAME_MAX];

	set_file(f, layout_tile(tile->level, tile->n, tile->width, name),
		 arena_span(f->mem, SPAN(tile->hashes, tile->width * sizeof(struct hash))));
}

/* The export with other leaves, its bundles and (forged) its tiles written anew to fit them. */
static void
forge(struct lab *lab, uint8_t (*leaves)[LEAF_LEN], uint64_t n_leaves, uint64_t size, bool forge_tiles, struct arena *mem)
{
	struct forger f = { lab, mem };
	struct tiles tiles;
	struct hash hash;
	struct buf b;
	char name[LAYOUT_NAME_MAX];

	arena_reset(mem);
	for (uint64_t n = 0; layout_width(n, size) > 0; n++) {
		bool is_last = layout_width(n + 1, size) == 0;	/* it takes what is too much */

		buf_init(&b, mem);
		for (uint64_t i = n * LAYOUT_BLOCK; i < n_leaves && (is_last || i < (n + 1) * LAYOUT_BLOCK); i++) {
			buf_u16(&b, LEAF_LEN);
			buf_add(&b, leaves[i], LEAF_LEN);
		}
		set_file(&f, layout_entries(n, layout_width(n, size), name), buf_bytes(&b));
	}
	if (!forge_tiles)
		return;
	tiles_init(&tiles, forge_tile, &f);
	for (uint64_t i = 0; i < size && i < n_leaves; i++) {
		leaf_hash(leaves[i], &hash);
		tiles_add(&tiles, &hash);
	}
	if (n_leaves >= size)	/* a shorter tree has tiles of other names */
		tiles_end(&tiles);
}

static void
restore(struct lab *lab)
{
	memcpy(lab->altered.files, lab->image->files, lab->image->n * sizeof(*lab->image->files));
}

static void
renumber(uint8_t (*leaves)[LEAF_LEN], uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++)
		for (unsigned b = 0; b < 8; b++)
			leaves[i][8 + b] = (uint8_t)(i >> (56 - 8 * b));
}

enum how { DROPPED, DOUBLED, SWAPPED, N_HOWS };

/* Give the number of leaves after it. */
static uint64_t
alter(uint8_t (*leaves)[LEAF_LEN], uint64_t size, uint64_t i, enum how how)
{
	uint8_t kept[LEAF_LEN];

	switch (how) {
	case DROPPED:
		memmove(leaves[i], leaves[i + 1], (size - i - 1) * LEAF_LEN);
		return size - 1;
	case DOUBLED:
		memmove(leaves[i + 1], leaves[i], (size - i) * LEAF_LEN);
		return size + 1;
	case SWAPPED: case N_HOWS:
		break;
	}
	memcpy(kept, leaves[i], LEAF_LEN);
	memcpy(leaves[i], leaves[i + 1], LEAF_LEN);
	memcpy(leaves[i + 1], kept, LEAF_LEN);
	return size;
}

/* Found, at the leaf; renumbered and with forged tiles only the signed roots are left to tell, and name a stretch of leaves. */
static bool
is_leaf_named(struct lab *lab, uint64_t leaf, bool is_forged)
{
	unsigned long long low, high;

	if (lab->findings.n == 0)
		return false;
	if (!is_forged)
		return names(lab, NULL, leaf) && strstr(lab->findings.items[0].place.name, "tile/entries/");
	return lab->findings.items[0].id == FOUND_ROOT &&
	       sscanf(lab->findings.items[0].detail, "among leaves %llu to %llu", &low, &high) == 2 && low <= leaf && leaf <= high;
}

static void
each_leaf(struct lab *lab, uint64_t size, enum how how, bool is_forged, const char *what)
{
	uint8_t(*leaves)[LEAF_LEN] = calloc(size + 1, LEAF_LEN);
	struct arena *mem = arena_new((size_t)16 << 20);
	uint64_t last = how == DROPPED || (how == DOUBLED && !is_forged) ? size : size - 1, n;
	unsigned bad = 0, count = 0;
	char text[128];

	for (uint64_t i = 0; i < last; i += is_forged ? 7 : 1, count++) {
		uint64_t named = how == DOUBLED && !is_forged ? i + 1 : i;

		if (named == size)
			named = size - 1;	/* what is too much stands behind the last one */
		all_leaves(lab, size, leaves);
		n = alter(leaves, size, i, how);
		if (is_forged)
			renumber(leaves, 0, size);
		forge(lab, leaves, n, size, is_forged, mem);
		if (judge(lab, &lab->altered) && is_leaf_named(lab, named, is_forged))
			continue;
		if (bad++ < SHOWN_MAX)
			printf("# leaf %llu %s: %zu findings, first %s %s leaf %lld %s\n", (unsigned long long)i, what, lab->findings.n,
			       lab->findings.n ? finding_name(lab->findings.items[0].id) : "-", lab->findings.items[0].place.name,
			       (long long)lab->findings.items[0].leaf, lab->findings.items[0].detail);
	}
	restore(lab);
	(void)snprintf(text, sizeof(text), "%u leaves, each %s%s, are found at their places", count, what,
		       is_forged ? " with all numbers and tiles forged to fit" : "");
	report(lab, bad == 0, text);
	arena_free(mem);
	free(leaves);
}

/* -- files -- */

static void
files_changed(struct lab *lab)
{
	uint8_t *longer = malloc(IMAGE_FILE_MAX);
	unsigned bad = 0, n = 0;
	char text[96];

	for (size_t i = 0; i < lab->image->n; i += 1 + (size_t)(strncmp(lab->image->files[i].name, "message/", 8) == 0) * 6) {
		const struct image_file *f = &lab->image->files[i];

		if (f->bytes.n > 0)
			memcpy(longer, f->bytes.p, f->bytes.n);
		longer[f->bytes.n] = (uint8_t)next(lab);
		bad += !found_in(lab, f->name, SPAN(longer, f->bytes.n + 1), "a byte more");
		n++;
		if (f->bytes.n == 0)
			continue;
		bad += !found_in(lab, f->name, SPAN(longer, f->bytes.n - 1), "a byte less");
		n++;
	}
	(void)snprintf(text, sizeof(text), "%u files a byte longer or shorter are found", n);
	report(lab, bad == 0, text);
	free(longer);
}

static void
files_moved(struct lab *lab)
{
	struct image_file files[4096];
	struct image image = { .files = files };
	unsigned bad = 0, n = 0;
	char text[96];

	assert_true(lab->image->n + 1 < sizeof(files) / sizeof(files[0]));
	for (size_t i = 0; i < lab->image->n; i += 1 + (size_t)(strncmp(lab->image->files[i].name, "message/", 8) == 0) * 6, n++) {
		const char *name = lab->image->files[i].name;

		if (strcmp(name, LAYOUT_CHECKPOINT) == 0)
			continue;	/* without it there is no export at all: another error */
		image.n = lab->image->n - 1;
		memcpy(files, lab->image->files, i * sizeof(files[0]));
		memcpy(files + i, lab->image->files + i + 1, (image.n - i) * sizeof(files[0]));
		if (judge(lab, &image) && lab->findings.n > 0)
			continue;
		if (bad++ < SHOWN_MAX)
			printf("# %s removed is not found\n", name);
	}
	image.n = lab->image->n;
	memcpy(files, lab->image->files, image.n * sizeof(files[0]));
	files[image.n++] = (struct image_file){ "zz/stray", SPAN_LIT("x") };
	bad += !(judge(lab, &image) && lab->findings.n == 1 && strcmp(lab->findings.items[0].place.name, "zz/stray") == 0);
	(void)snprintf(text, sizeof(text), "%u files removed, and one added, are found", n);
	report(lab, bad == 0, text);
}

static void
all(struct lab *lab)
{
	uint64_t size;

	report(lab, judge(lab, lab->image) && lab->findings.n == 0 && lab->counts.submits == MESSAGES, "the untouched export passes");
	for (size_t i = 0; i < lab->findings.n; i++)
		printf("# %s: %s\n", lab->findings.items[i].place.name, finding_name(lab->findings.items[i].id));
	size = lab->counts.leaves;
	printf("# figure tamper: %u messages, %llu leaves, %zu files\n", MESSAGES, (unsigned long long)size, lab->image->n);
	each_leaf(lab, size, DROPPED, false, "dropped");
	each_leaf(lab, size, DOUBLED, false, "doubled");
	each_leaf(lab, size, SWAPPED, false, "swapped with the next");
	each_leaf(lab, size, SWAPPED, true, "swapped with the next");
	files_changed(lab);
	files_moved(lab);
	other_bytes(lab);
}

int
main(void)
{
	struct log_world *l = log_world_new();
	struct lab lab = { .random = 20260302 };
	int64_t begin = clock_mono_ms();
	struct log_message victim;
	struct source *s;

	log_messages(l, MESSAGES - 1);
	victim = log_submit(l, NULL);
	log_commit(l);
	s = log_source(l);
	lab.image = log_image(s);
	lab.trust = log_trusted(l);
	lab.memo = memo_new();
	lab.altered = *lab.image;
	lab.altered.files = calloc(lab.image->n, sizeof(*lab.altered.files));
	restore(&lab);
	all(&lab);
	one_message(&lab, victim.leaf, lab.counts.leaves ? s->latest.number : 0);
	printf("1..%u\n# figure tamper: %u runs of the verifier in %.1f s\n", lab.tests, lab.runs,
	       (double)(clock_mono_ms() - begin) / 1000);
	free(lab.altered.files);
	memo_free(lab.memo);
	source_close(s);
	image_free(lab.image);
	log_world_free(l);
	return lab.bad > 0;
}
