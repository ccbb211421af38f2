/* SPDX-License-Identifier: EUPL-1.2 */
/* source - a log as the auditor's tools read it: a hub's own store (live or stopped) or an export.
 *
 * It gives what stands there and vouches for nothing: the checker judges. Nothing is ever written. Notes, directories and
 * sheets live as long as the source; entries in the arena given.
 */
#ifndef AUDIT_SOURCE_H
#define AUDIT_SOURCE_H

#include <stdbool.h>
#include <stdio.h>

#include "proto/base/arena.h"
#include "proto/leaf.h"

#define SOURCE_PLACE_MAX 192

struct image;

/* A place for people: which file, or which row of the store, and where in it. */
struct place {
	char name[SOURCE_PLACE_MAX];
	uint64_t offset;	/* PLACE_NO_OFFSET: of the whole */
};
#define PLACE_NO_OFFSET UINT64_MAX

enum source_part { PART_LEAF, PART_DETAIL, PART_HEAD, PART_BODY, N_PARTS };

/* What an entry consists of; SPAN_NONE: not there. Nothing in it has been checked. */
struct source_entry {
	uint8_t leaf[LEAF_LEN];
	bool has_detail;
	uint8_t salt[LEAF_SALT_LEN];
	struct span detail;
	struct span head;	/* an envelope without its body */
	struct span body;
	struct span envelope;	/* head and body in one, if the body is there; else the head */
};

/* A signed text: `number` is a checkpoint's size, a directory's version or a sheet's leaf, as its place says it. */
struct source_note { uint64_t number; struct span bytes; struct place place; uint64_t leaf; /* of a store's directory */ };
struct source_notes { struct source_note *items; size_t n; };

struct source {
	const struct source_ops *ops;
	struct arena *mem;
	uint64_t size;			/* leaves that can be read */
	struct source_note latest;	/* the newest checkpoint; bytes SPAN_NONE: there is none */
	struct source_note outside;	/* a hub's copy outside of its store; SPAN_NONE: none */
	struct source_notes directories, sheets;	/* by rising number */
	const char *trust_file;		/* of the hub's configuration; NULL with an export */
	const struct image *image;	/* NULL with a store */
};

struct source_ops {
	/* ERR_NOTFOUND: not there; ERR_CORRUPT, ERR_FORMAT: cannot be read, the place in `where`. */
	enum err (*leaf)(struct source *s, uint64_t index, uint8_t ret_leaf[LEAF_LEN], struct place *where);
	enum err (*entry)(struct source *s, uint64_t index, struct arena *mem, struct source_entry *ret_entry, struct place *where);
	/* Those whose size belongs to bundle n (source_bundle_sizes), by rising size; the newest of all excepted. */
	enum err (*checkpoints)(struct source *s, uint64_t n, struct arena *mem, struct source_notes *ret_notes, struct place *where);
	bool (*node)(struct source *s, unsigned level, uint64_t index, struct hash *ret_hash);	/* as stored */
	void (*place)(const struct source *s, uint64_t index, enum source_part part, struct place *ret_place);
	void (*close)(struct source *s);
};

/* A hub's store through its configuration. `talk` gets every problem of the configuration. */
enum err source_open_store(const char *config_file, FILE *talk, struct source **ret_source, struct why *why) MUST_USE;
/* A journal that is open, which is borrowed. */
struct journal;
enum err source_open_journal(struct journal *journal, struct source **ret_source, struct why *why) MUST_USE;
/* An export; the image is borrowed. Opening does not fail for what the checker would find, if anything can be read at all. */
enum err source_open_export(const struct image *image, struct source **ret_source, struct why *why) MUST_USE;
void source_close(struct source *s);	/* NULL is fine */

/* An envelope's bytes from head and body. SPAN_NONE when the arena is full. */
struct span source_join(struct span head, struct span body, struct arena *mem);
/* Sizes of the checkpoints that stand in bundle n: first to last. */
void source_bundle_sizes(uint64_t n, uint64_t *ret_first, uint64_t *ret_last);
/* A merkle_read_fn over what is stored: what is proved with it must be checked against a signed root. */
bool source_node(void *source, unsigned level, uint64_t index, struct hash *ret_hash);

#endif
