/* SPDX-License-Identifier: EUPL-1.2 */
/* journal - the only door to durable hub state: commit a batch, look rows up, read entries back, prove.
 *
 * An entry, once committed, is never changed; what it says may be erased, its leaf stays. The tree is RFC 6962's. Two
 * implementations stand behind it, chosen at the opening: LMDB, and memory with the semantics of a crash. One thread at a
 * time may commit, beside any that read. After a commit that failed the process must stop without answering: the batch may
 * be there or not, and only a new opening tells.
 */
#ifndef HUB_JOURNAL_H
#define HUB_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hub/batch.h"
#include "hub/rowkey.h"
#include "proto/base/arena.h"
#include "proto/base/err.h"
#include "proto/keyring.h"
#include "proto/merkle.h"

#define JOURNAL_SCHEMA 2u

struct journal;
struct journal_view;

struct journal_options {
	const char *origin;		/* of the checkpoints; NULL with read_only: as the store has it */
	const struct key *log;		/* signs the checkpoints; NULL with read_only. Both borrowed for the journal's life */
	struct rowkey *keys;		/* opens and seals the rows; borrowed; NULL: leaves only (read_only) */
	bool read_only;
};

/* Opening takes over: the writer before, if it still lives, is fenced (its next commit fails with ERR_STORE). */
enum err journal_open_lmdb(const struct journal_options *options, const char *path, size_t map_bytes,
			   struct journal **ret_journal, struct why *why) MUST_USE;
/* Memory: the disk outlives its journals, as a disk does. */
struct journal_disk;
struct journal_disk *journal_disk_new(void);
void journal_disk_free(struct journal_disk *disk);
enum err journal_open_mem(const struct journal_options *options, struct journal_disk *disk, struct journal **ret_journal,
			  struct why *why) MUST_USE;
/* The next commits fail: `lost` of it nothing is on the disk, otherwise all of it is. For tests. */
void journal_disk_fail(struct journal_disk *disk, bool fails, bool lost);

void journal_close(struct journal *j);		/* NULL is fine */
/* As if the process had died here: nothing more is written. */
void journal_crash(struct journal *j);

/* Number the entries (b->first must be the size), hash, seal and write all in one transaction, then sign the checkpoint;
 * fills in the leaves and what the batch says comes back. A batch of rows alone leaves the tree as it is.
 */
enum err journal_commit(struct journal *j, struct batch *b) MUST_USE;
/* The outside copy of the last checkpoint: nothing in the store may be older than it (a restored store), or differ. */
enum err journal_check_outside(struct journal *j, struct span note, struct why *why) MUST_USE;
uint64_t journal_room(struct journal *j);	/* bytes that can still be written; 0: unknown */
/* The writer's last signed checkpoint, also when it is not written yet; only while no commit is under way. */
struct span journal_last_checkpoint(struct journal *j, uint64_t *ret_size);

/* -- reading: a view is the state after some commit; spans from it live until its end -- */
struct journal_view *journal_view(struct journal *j);	/* never NULL; failures are sticky */
enum err journal_view_end(struct journal_view *v) MUST_USE;
uint64_t journal_size(struct journal_view *v);
/* The newest signed checkpoint that the store holds, its size; SPAN_NONE before the first. The last commit's own is
 * written with the next one (or the closing): until then it is in the batch only, and signed anew at an opening.
 */
struct span journal_checkpoint(struct journal_view *v, uint64_t *ret_size);
const char *journal_origin(struct journal_view *v);	/* as the store has it; lives as long as the journal */
struct span journal_get(struct journal_view *v, enum batch_table table, struct span key);

struct journal_walk { struct span key, value; struct journal_view *view; void *impl; };
/* All rows whose key begins with `prefix`, from `from` (>= prefix) on. */
bool journal_walk_from(struct journal_view *v, enum batch_table table, struct span from, struct journal_walk *ret_walk);
bool journal_walk_last(struct journal_view *v, enum batch_table table, struct journal_walk *ret_walk);
bool journal_walk_next(struct journal_walk *walk);
void journal_walk_end(struct journal_walk *walk);	/* always, also after false */

/* All signed checkpoints, oldest first: key is the size, big-endian; value the note. Walk with the functions above. */
bool journal_walk_checkpoints(struct journal_view *v, uint64_t from_size, struct journal_walk *ret_walk);

struct journal_entry {
	uint8_t leaf[LEAF_LEN];
	bool has_detail;		/* false: erased, or no keys were given */
	uint8_t salt[LEAF_SALT_LEN];
	struct span detail;
	struct span head;		/* an envelope without body; SPAN_NONE: none, or erased */
	struct span envelope;		/* whole, as it was submitted; SPAN_NONE: none, or its body is erased */
	struct span body;		/* inside `envelope`; SPAN_NONE: none, or erased */
};

/* The entry at `index`, opened into `mem`. ERR_NOTFOUND beyond the size, ERR_CORRUPT if a row does not open. */
enum err journal_entry(struct journal_view *v, uint64_t index, struct arena *mem, struct journal_entry *ret_entry) MUST_USE;
/* The same without head and body: leaf, salt and detail. */
enum err journal_detail(struct journal_view *v, uint64_t index, struct arena *mem, struct journal_entry *ret_entry) MUST_USE;
bool journal_leaf(struct journal_view *v, uint64_t index, uint8_t ret_leaf[LEAF_LEN]);
bool journal_node(void *view, unsigned level, uint64_t index, struct hash *ret_hash);	/* a merkle_read_fn */

#endif
