/* SPDX-License-Identifier: EUPL-1.2 */
/* journal - what all implementations share: numbering, sealing of rows, tree, checkpoints, reading back and proofs.
 *
 * Invariants: "size" in META equals the number of leaves; every complete subtree above level 0 is a row, written with the
 * leaf that closes it; a checkpoint is signed after the commit of its size and written with the next transaction, so that
 * there is one root for a size, and Ed25519 being deterministic, one signature. "epoch" in META is the writer's.
 */
#include "hub/journal.h"

#include <assert.h>
#include <stdlib.h>

#include "hub/journal_back.h"
#include "proto/note.h"

#define SEAL_ARENA ((size_t)4 << 20)	/* one row at a time */
#define NODE_KEY_LEN 9

struct journal {
	const struct journal_back *ops;
	void *back;
	const char *origin;
	char *stored_origin;
	const struct key *log;
	struct rowkey *keys;
	bool read_only;
	uint64_t epoch;
	struct frontier frontier;
	struct arena *scratch;		/* the committing thread's */
	struct {			/* the last signed one, until it is written */
		uint64_t size;
		uint8_t note[2048];
		size_t n;
		bool is_stored;
	} checkpoint;
};

struct journal_view {
	struct journal *j;
	void *txn;
	enum err e;
};

static void
put_u64(uint8_t to[8], uint64_t v)
{
	for (int i = 0; i < 8; i++)
		to[i] = (uint8_t)(v >> (56 - 8 * i));
}

static uint64_t
get_u64(struct span s)
{
	struct cursor c;
	uint64_t v;

	cursor_init(&c, s);
	v = cursor_u64(&c);
	return cursor_end(&c) == OK ? v : 0;
}

static struct span
node_key(unsigned level, uint64_t index, uint8_t to[NODE_KEY_LEN])
{
	to[0] = (uint8_t)level;
	put_u64(to + 1, index);
	return SPAN(to, NODE_KEY_LEN);
}

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

	if (origin.p)
		j->stored_origin = strndup((const char *)origin.p, origin.n);
	j->epoch = get_u64(j->ops->get(v.txn, TABLE_META, SPAN_LIT("epoch")));
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

	j->epoch = get_u64(j->ops->get(txn, TABLE_META, SPAN_LIT("epoch"))) + 1;
	put_u64(value, j->epoch);
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
		put_u64(key, j->checkpoint.size);
		if (get_u64(j->ops->get(txn, TABLE_META, SPAN_LIT("epoch"))) == j->epoch) {
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
		m->j->ops->put(m->txn, TABLE_NODES, node_key(level, index, key), SPAN(hash->b, sizeof(hash->b)));
}

static enum err
put_sealed(struct making *m, unsigned table, const uint8_t key[ROWKEY_LEN], enum rowkey_row kind, uint64_t index,
	   struct span plain)
{
	uint8_t at[8], *to = arena_alloc(m->j->scratch, plain.n + ROWKEY_TAG_LEN);

	if (to == NULL)
		return ERR_TOOBIG;
	put_u64(at, index);
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
	put_u64(at, index);
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
	put_u64(at, leaf.seq);
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
	if (get_u64(j->ops->get(m.txn, TABLE_META, SPAN_LIT("epoch"))) != j->epoch)
		e = ERR_STORE;	/* another writer took over */
	for (size_t i = 0; e == OK && i < b->n_entries; i++)
		e = put_entry(&m, &f, &b->entries[i]);
	if (e != OK) {
		j->ops->abort(m.txn);
		return e;
	}
	put_rows(&m, b);
	if (has_checkpoint) {
		put_u64(value, j->checkpoint.size);
		j->ops->put(m.txn, TABLE_CHECKPOINTS, SPAN(value, 8), SPAN(j->checkpoint.note, j->checkpoint.n));
	}
	put_u64(value, f.size);
	j->ops->put(m.txn, TABLE_META, SPAN_LIT("size"), SPAN(value, 8));
	if ((e = j->ops->commit(m.txn)) != OK)
		return e;
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

/* -- reading -- */

struct journal_view *
journal_view(struct journal *j)
{
	static struct journal_view no_memory = { .e = ERR_NOMEM };
	struct journal_view *v = malloc(sizeof(*v));

	if (v == NULL)
		return &no_memory;
	*v = (struct journal_view){ .j = j, .txn = j->ops->read(j->back) };
	return v;
}

enum err
journal_view_end(struct journal_view *v)
{
	enum err e = v->e;

	if (v->j == NULL)
		return e;
	if (v->j->ops->read_end(v->txn) != OK && e == OK)
		e = ERR_STORE;
	free(v);
	return e;
}

static struct span
get(struct journal_view *v, unsigned table, struct span key)
{
	return v->j ? v->j->ops->get(v->txn, table, key) : SPAN_NONE;
}

struct span
journal_get(struct journal_view *v, enum batch_table table, struct span key)
{
	return get(v, table, key);
}

uint64_t
journal_size(struct journal_view *v)
{
	return get_u64(get(v, TABLE_META, SPAN_LIT("size")));
}

const char *
journal_origin(struct journal_view *v)
{
	return v->j ? v->j->origin : NULL;
}

struct span
journal_checkpoint(struct journal_view *v, uint64_t *ret_size)
{
	struct span key, value = SPAN_NONE;
	void *walk;

	*ret_size = 0;
	if (v->j == NULL)
		return SPAN_NONE;
	if ((walk = v->j->ops->walk_last(v->txn, TABLE_CHECKPOINTS, &key, &value)) == NULL)
		return SPAN_NONE;
	*ret_size = get_u64(key);
	v->j->ops->walk_end(walk);
	return value;
}

static bool
walk_at(struct journal_view *v, unsigned table, struct span from, struct journal_walk *ret_walk)
{
	*ret_walk = (struct journal_walk){ .view = v };
	if (v->j)
		ret_walk->impl = v->j->ops->walk_from(v->txn, table, from, &ret_walk->key, &ret_walk->value);
	return ret_walk->impl != NULL;
}

bool
journal_walk_from(struct journal_view *v, enum batch_table table, struct span from, struct journal_walk *ret_walk)
{
	return walk_at(v, table, from, ret_walk);
}

bool
journal_walk_last(struct journal_view *v, enum batch_table table, struct journal_walk *ret_walk)
{
	*ret_walk = (struct journal_walk){ .view = v };
	if (v->j)
		ret_walk->impl = v->j->ops->walk_last(v->txn, table, &ret_walk->key, &ret_walk->value);
	return ret_walk->impl != NULL;
}

bool
journal_walk_checkpoints(struct journal_view *v, uint64_t from_size, struct journal_walk *ret_walk)
{
	uint8_t key[8];

	put_u64(key, from_size);
	return walk_at(v, TABLE_CHECKPOINTS, SPAN(key, 8), ret_walk);
}

bool
journal_walk_next(struct journal_walk *walk)
{
	return walk->impl && walk->view->j->ops->walk_next(walk->impl, &walk->key, &walk->value);
}

void
journal_walk_end(struct journal_walk *walk)
{
	if (walk->impl)
		walk->view->j->ops->walk_end(walk->impl);
	walk->impl = NULL;
}

bool
journal_leaf(struct journal_view *v, uint64_t index, uint8_t ret_leaf[LEAF_LEN])
{
	uint8_t key[8];
	struct span leaf;

	put_u64(key, index);
	leaf = get(v, TABLE_LEAVES, SPAN(key, 8));
	if (leaf.n != LEAF_LEN)
		return false;
	memcpy(ret_leaf, leaf.p, LEAF_LEN);
	return true;
}

bool
journal_node(void *view, unsigned level, uint64_t index, struct hash *ret_hash)
{
	struct journal_view *v = view;
	uint8_t key[NODE_KEY_LEN], leaf[LEAF_LEN];
	struct span node;

	if (level == 0) {
		if (!journal_leaf(v, index, leaf))
			return false;
		leaf_hash(leaf, ret_hash);
		return true;
	}
	node = get(v, TABLE_NODES, node_key(level, index, key));
	if (node.n != sizeof(ret_hash->b))
		return false;
	memcpy(ret_hash->b, node.p, node.n);
	return true;
}

/* One sealed row into `mem`, with `after` bytes of room behind it; SPAN_NONE if it is not there. */
static enum err
unseal(struct journal_view *v, unsigned table, uint64_t index, const uint8_t key[ROWKEY_LEN], enum rowkey_row kind,
       struct arena *mem, struct span *ret_plain)
{
	uint8_t at[8], *to;
	struct span sealed;
	enum err e;

	*ret_plain = SPAN_NONE;
	put_u64(at, index);
	sealed = get(v, table, SPAN(at, 8));
	if (sealed.p == NULL)
		return OK;
	if ((to = arena_alloc(mem, sealed.n)) == NULL)
		return ERR_TOOBIG;
	if ((e = rowkey_unseal(key, kind, index, sealed, to)) == OK)
		*ret_plain = SPAN(to, sealed.n - ROWKEY_TAG_LEN);
	return e;
}

/* Head, and the body behind it if it is there: the envelope's bytes in a row. */
static enum err
join(struct journal_view *v, uint64_t index, struct span row, const uint8_t *body_wrapped, struct arena *mem,
     struct journal_entry *entry)
{
	uint8_t key[ROWKEY_LEN];
	struct span seam, head, body = SPAN_NONE;
	struct cursor c;
	struct buf b;
	bool has_body;
	enum err e = OK;

	cursor_init(&c, row);
	has_body = cursor_u8(&c) != 0;
	seam = cursor_take(&c, cursor_u8(&c));
	head = cursor_take(&c, cursor_left(&c));
	if ((e = cursor_end(&c)) != OK)
		return ERR_CORRUPT;
	if (has_body && body_wrapped && (e = rowkey_unwrap(v->j->keys, body_wrapped, key)) == OK)
		e = unseal(v, TABLE_BODIES, index, key, ROWKEY_BODY, mem, &body);
	rowkey_wipe(key);
	if (e != OK && e != ERR_NOTFOUND)
		return e;
	if (has_body && body.p == NULL) {
		entry->head = head;
		return OK;
	}
	buf_init(&b, mem);
	buf_span(&b, head);
	buf_span(&b, seam);
	buf_span(&b, body);
	entry->envelope = buf_bytes(&b);
	if (entry->envelope.p == NULL)
		return ERR_TOOBIG;
	entry->head = SPAN(entry->envelope.p, head.n);
	if (has_body)
		entry->body = SPAN(entry->envelope.p + head.n + seam.n, body.n);
	return OK;
}

enum err
journal_entry(struct journal_view *v, uint64_t index, struct arena *mem, struct journal_entry *ret_entry)
{
	uint8_t at[8], key[ROWKEY_LEN];
	struct span wrapped, row;
	enum err e;

	memset(ret_entry, 0, sizeof(*ret_entry));
	if (!journal_leaf(v, index, ret_entry->leaf))
		return ERR_NOTFOUND;
	put_u64(at, index);
	wrapped = get(v, TABLE_ROWKEYS, SPAN(at, 8));
	if (v->j->keys == NULL || wrapped.p == NULL)
		return OK;
	if (wrapped.n != ROWKEY_WRAPPED_LEN && wrapped.n != 2 * ROWKEY_WRAPPED_LEN)
		return ERR_CORRUPT;
	if ((e = rowkey_unwrap(v->j->keys, wrapped.p, key)) != OK)
		return e == ERR_NOTFOUND ? OK : e;
	if ((e = unseal(v, TABLE_DETAILS, index, key, ROWKEY_DETAIL, mem, &row)) != OK)
		goto out;
	if (row.n >= LEAF_SALT_LEN) {
		memcpy(ret_entry->salt, row.p, LEAF_SALT_LEN);
		ret_entry->detail = SPAN(row.p + LEAF_SALT_LEN, row.n - LEAF_SALT_LEN);
		ret_entry->has_detail = true;
	}
	if ((e = unseal(v, TABLE_HEADS, index, key, ROWKEY_HEAD, mem, &row)) != OK || row.p == NULL)
		goto out;
	e = join(v, index, row, wrapped.n > ROWKEY_WRAPPED_LEN ? wrapped.p + ROWKEY_WRAPPED_LEN : NULL, mem, ret_entry);
out:
	rowkey_wipe(key);
	return e;
}
