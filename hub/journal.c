/* SPDX-License-Identifier: EUPL-1.2 */
/* journal - what all implementations share: numbering, sealing of rows, tree, checkpoints; journal_read.c reads.
 *
 * Invariants: "size" in META equals the number of leaves; every complete subtree above level 0 is a row, written with the
 * leaf that closes it; a checkpoint is signed after the commit of its size and written with the next transaction, so that
 * there is one root for a size, and Ed25519 being deterministic, one signature. "epoch" in META is the writer's.
 */
#include "hub/journal.h"

#include <assert.h>
#include <stdlib.h>

#include "hub/journal_parts.h"
#include "proto/base/bug.h"
#include "proto/note.h"

#define SEAL_ARENA ((size_t)4 << 20)	/* one row at a time */

/* -- opening -- */

static enum err
sign_checkpoint(struct journal *j)
{
	struct checkpoint c = { .origin = j->origin, .size = j->frontier.size };
	struct note_signer signer = { .name = j->origin, .key = j->log };
	struct span note;
	enum err e;

	frontier_root(&j->frontier, &c.root);
	arena_reset(j->scratch);
	if ((e = checkpoint_sign(&c, &signer, j->scratch, &note)) != OK)
		return e;
	if (note.n > sizeof(j->checkpoint.note))
		return ERR_TOOBIG;
	memcpy(j->checkpoint.note, note.p, note.n);
	j->checkpoint.n = note.n;
	j->checkpoint.size = c.size;
	j->checkpoint.is_stored = false;
	return OK;
}

static enum err
load(struct journal *j, struct why *why)
{
	struct journal_view v = { .j = j, .txn = j->ops->read(j->back) };
	struct span origin = j->ops->get(v.txn, TABLE_META, SPAN_LIT("origin"));
	uint64_t size = journal_size(&v);
	bool is_whole = frontier_load(&j->frontier, size, journal_node, &v);
	enum err e;

	if (origin.p && (j->stored_origin = calloc(1, origin.n + 1)) != NULL)
		memcpy(j->stored_origin, origin.p, origin.n);
	j->epoch = journal_get_u64(j->ops->get(v.txn, TABLE_META, SPAN_LIT("epoch")));
	if ((e = j->ops->read_end(v.txn)) != OK)
		return why_set(why, e, "store", "cannot be read");
	if (!is_whole)
		return why_set(why, ERR_CORRUPT, "store", "the tree of %llu leaves is not whole", (unsigned long long)size);
	if (j->origin && j->stored_origin && strcmp(j->origin, j->stored_origin) != 0)
		return why_set(why, ERR_CONFIG, "origin", "the store belongs to the log %s", j->stored_origin);
	if (j->origin == NULL)
		j->origin = j->stored_origin;
	return OK;
}

/* Fence the writer before, by a number that every commit compares. */
static enum err
take_over(struct journal *j)
{
	void *txn = j->ops->write(j->back);
	uint8_t value[8];

	j->epoch = journal_get_u64(j->ops->get(txn, TABLE_META, SPAN_LIT("epoch"))) + 1;
	journal_put_u64(value, j->epoch);
	j->ops->put(txn, TABLE_META, SPAN_LIT("epoch"), SPAN(value, sizeof(value)));
	j->ops->put(txn, TABLE_META, SPAN_LIT("origin"), span_str(j->origin));
	return j->ops->commit(txn);
}

enum err
journal_new(const struct journal_options *options, const struct journal_back *ops, void *back, struct journal **ret_journal,
	    struct why *why)
{
	struct journal *j = calloc(1, sizeof(*j));
	enum err e = ERR_NOMEM;

	assert(options->read_only || (options->origin && options->log && options->keys));
	if (j == NULL)
		goto out;
	j->ops = ops;
	j->back = back;
	j->origin = options->origin;
	j->log = options->log;
	j->keys = options->keys;
	j->read_only = options->read_only;
	frontier_init(&j->frontier);
	if ((j->scratch = arena_new(SEAL_ARENA)) == NULL)
		goto out;
	if ((e = load(j, why)) != OK || j->read_only)
		goto out;
	if ((e = take_over(j)) == OK)
		e = sign_checkpoint(j);
	if (e != OK)
		(void)why_set(why, e, "store", "cannot be taken over");
out:
	if (e == OK)
		*ret_journal = j;
	else if (j)
		journal_crash(j);
	else
		ops->close(back);
	return e;
}

void
journal_crash(struct journal *j)
{
	if (j == NULL)
		return;
	j->ops->close(j->back);
	arena_free(j->scratch);
	free(j->stored_origin);
	free(j);
}

void
journal_close(struct journal *j)
{
	void *txn;
	uint8_t key[8];

	if (j && !j->read_only && !j->checkpoint.is_stored) {
		txn = j->ops->write(j->back);
		journal_put_u64(key, j->checkpoint.size);
		if (journal_get_u64(j->ops->get(txn, TABLE_META, SPAN_LIT("epoch"))) == j->epoch) {
			j->ops->put(txn, TABLE_CHECKPOINTS, SPAN(key, 8), SPAN(j->checkpoint.note, j->checkpoint.n));
			(void)j->ops->commit(txn);	/* if it fails it is signed anew at the next opening */
		} else {
			j->ops->abort(txn);
		}
	}
	journal_crash(j);
}

/* -- committing -- */

struct making { struct journal *j; void *txn; };

static void
put_node(void *arg, unsigned level, uint64_t index, const struct hash *hash)
{
	struct making *m = arg;
	uint8_t key[NODE_KEY_LEN];

	if (level > 0)	/* level 0 is hashed from the leaves when asked for */
		m->j->ops->put(m->txn, TABLE_NODES, journal_node_key(level, index, key), SPAN(hash->b, sizeof(hash->b)));
}

static enum err
put_sealed(struct making *m, unsigned table, const uint8_t key[ROWKEY_LEN], enum rowkey_row kind, uint64_t index,
	   struct span plain)
{
	uint8_t at[8], *to = arena_alloc(m->j->scratch, plain.n + ROWKEY_TAG_LEN);

	if (to == NULL)
		return ERR_TOOBIG;
	journal_put_u64(at, index);
	rowkey_seal(key, kind, index, plain, to);
	m->j->ops->put(m->txn, table, SPAN(at, 8), SPAN(to, plain.n + ROWKEY_TAG_LEN));
	return OK;
}

/* Salt and detail, seam and head, body: sealed each, and their wrapped keys beside them. */
static enum err
put_parts(struct making *m, const struct entry *entry, uint64_t index)
{
	uint8_t key[ROWKEY_LEN], body_key[ROWKEY_LEN], wrapped[2 * ROWKEY_WRAPPED_LEN], at[8];
	bool has_body = entry->body.n > 0;
	struct buf b;
	enum err e;

	arena_reset(m->j->scratch);
	if ((e = rowkey_make(m->j->keys, entry->seconds, key, wrapped)) != OK)
		return e;
	if (has_body && (e = rowkey_make(m->j->keys, entry->seconds, body_key, wrapped + ROWKEY_WRAPPED_LEN)) != OK)
		goto out;
	buf_init(&b, m->j->scratch);
	buf_add(&b, entry->salt, LEAF_SALT_LEN);
	buf_span(&b, entry->detail);
	if ((e = put_sealed(m, TABLE_DETAILS, key, ROWKEY_DETAIL, index, buf_bytes(&b))) != OK)
		goto out;
	if (entry->head.n > 0) {
		buf_init(&b, m->j->scratch);
		buf_u8(&b, has_body);
		buf_u8(&b, (uint8_t)entry->seam.n);
		buf_span(&b, entry->seam);
		buf_span(&b, entry->head);
		if ((e = put_sealed(m, TABLE_HEADS, key, ROWKEY_HEAD, index, buf_bytes(&b))) != OK)
			goto out;
	}
	if (has_body && (e = put_sealed(m, TABLE_BODIES, body_key, ROWKEY_BODY, index, entry->body)) != OK)
		goto out;
	journal_put_u64(at, index);
	m->j->ops->put(m->txn, TABLE_ROWKEYS, SPAN(at, 8), SPAN(wrapped, ROWKEY_WRAPPED_LEN * (has_body ? 2u : 1u)));
out:
	rowkey_wipe(key);
	rowkey_wipe(body_key);
	return e;
}

static enum err
put_entry(struct making *m, struct frontier *f, struct entry *entry)
{
	struct leaf leaf = {
		.type = entry->type, .retention = entry->retention, .seq = f->size, .seconds = entry->seconds,
		.aux = entry->aux,
	};
	struct hash hash;
	uint8_t at[8];
	enum err e;

	detail_hash(entry->salt, entry->detail, &leaf.detail);
	leaf_encode(&leaf, entry->leaf);
	leaf_hash(entry->leaf, &hash);
	journal_put_u64(at, leaf.seq);
	if ((e = put_parts(m, entry, leaf.seq)) != OK)
		return e;
	m->j->ops->put(m->txn, TABLE_LEAVES, SPAN(at, 8), SPAN(entry->leaf, LEAF_LEN));
	frontier_add(f, &hash, put_node, m);
	return OK;
}

static void
put_rows(struct making *m, const struct batch *b)
{
	for (size_t i = 0; i < b->n_rows; i++) {
		const struct row *row = b->rows[i];

		if (row->is_del)
			m->j->ops->del(m->txn, row->table, row->key);
		else
			m->j->ops->put(m->txn, row->table, row->key, row->value);
	}
}

/* What the core gets to know; the signing comes after the commit. */
static enum err
tell(struct journal *j, struct batch *b)
{
	enum err e = OK;

	if (b->n_entries > 0)
		e = sign_checkpoint(j);
	b->size = j->frontier.size;
	frontier_root(&j->frontier, &b->root);
	b->checkpoint = arena_span(b->mem, SPAN(j->checkpoint.note, j->checkpoint.n));
	b->room = j->ops->room(j->back);
	return e != OK ? e : b->checkpoint.p ? OK : ERR_NOMEM;
}

enum err
journal_commit(struct journal *j, struct batch *b)
{
	struct making m = { j, j->ops->write(j->back) };
	struct frontier f = j->frontier;
	bool has_checkpoint = !j->checkpoint.is_stored;
	uint8_t value[8];
	enum err e = OK;

	assert(!j->read_only && b->first == f.size && !batch_is_full(b));
	if (journal_get_u64(j->ops->get(m.txn, TABLE_META, SPAN_LIT("epoch"))) != j->epoch)
		e = ERR_STORE;	/* another writer took over */
	for (size_t i = 0; e == OK && i < b->n_entries; i++)
		e = put_entry(&m, &f, &b->entries[i]);
	if (e != OK) {
		j->ops->abort(m.txn);
		return e;
	}
	put_rows(&m, b);
	if (has_checkpoint) {
		journal_put_u64(value, j->checkpoint.size);
		j->ops->put(m.txn, TABLE_CHECKPOINTS, SPAN(value, 8), SPAN(j->checkpoint.note, j->checkpoint.n));
	}
	journal_put_u64(value, f.size);
	j->ops->put(m.txn, TABLE_META, SPAN_LIT("size"), SPAN(value, 8));
	if ((e = j->ops->commit(m.txn)) != OK && !bug(BUG_ACK_BEFORE_COMMIT))
		return e;
	if (!bug(BUG_ROOT_OF_BEFORE) || f.size < 4)
		j->frontier = f;
	j->checkpoint.is_stored = true;
	return tell(j, b);
}

uint64_t
journal_room(struct journal *j)
{
	return j->ops->room(j->back);
}

struct span
journal_last_checkpoint(struct journal *j, uint64_t *ret_size)
{
	*ret_size = j->checkpoint.size;
	return SPAN(j->checkpoint.note, j->checkpoint.n);
}

enum err
journal_check_outside(struct journal *j, struct span note, struct why *why)
{
	struct note_verifier log = { .name = j->origin, .pub = *key_public(j->log) };
	struct journal_view *v = journal_view(j);
	struct arena *mem = arena_new(64 * 1024);
	struct checkpoint c;
	struct hash root;
	enum err e;

	if (mem == NULL)
		e = ERR_NOMEM;
	else if ((e = checkpoint_open(note, &log, mem, &c)) != OK)
		(void)why_set(why, e, "checkpoint_file", "is no checkpoint of this log");
	else if (c.size > journal_size(v))
		e = why_set(why, ERR_TAMPERED, "store", "an older store: it has %llu entries, the checkpoint outside %llu",
			    (unsigned long long)journal_size(v), (unsigned long long)c.size);
	else if (!merkle_root(c.size, journal_node, v, &root) || !hash_eq(&root, &c.root))
		e = why_set(why, ERR_TAMPERED, "store", "another history than the checkpoint outside");
	arena_free(mem);
	if (journal_view_end(v) != OK && e == OK)
		e = ERR_STORE;
	return e;
}

