/* SPDX-License-Identifier: EUPL-1.2 */
/* journal_read - views of a journal: rows, entries opened again, the tree's nodes. Changes nothing. */
#include <stdlib.h>

#include "hub/journal_parts.h"

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
	return journal_get_u64(get(v, TABLE_META, SPAN_LIT("size")));
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
	*ret_size = journal_get_u64(key);
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

	journal_put_u64(key, from_size);
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

	journal_put_u64(key, index);
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
	node = get(v, TABLE_NODES, journal_node_key(level, index, key));
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
	journal_put_u64(at, index);
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

static enum err
read_entry(struct journal_view *v, uint64_t index, bool is_detail_alone, struct arena *mem, struct journal_entry *ret_entry)
{
	uint8_t at[8], key[ROWKEY_LEN];
	struct span wrapped, row;
	enum err e;

	memset(ret_entry, 0, sizeof(*ret_entry));
	if (!journal_leaf(v, index, ret_entry->leaf))
		return ERR_NOTFOUND;
	journal_put_u64(at, index);
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
	if (is_detail_alone)
		goto out;
	if ((e = unseal(v, TABLE_HEADS, index, key, ROWKEY_HEAD, mem, &row)) != OK || row.p == NULL)
		goto out;
	e = join(v, index, row, wrapped.n > ROWKEY_WRAPPED_LEN ? wrapped.p + ROWKEY_WRAPPED_LEN : NULL, mem, ret_entry);
out:
	rowkey_wipe(key);
	return e;
}

enum err
journal_entry(struct journal_view *v, uint64_t index, struct arena *mem, struct journal_entry *ret_entry)
{
	return read_entry(v, index, false, mem, ret_entry);
}

enum err
journal_detail(struct journal_view *v, uint64_t index, struct arena *mem, struct journal_entry *ret_entry)
{
	return read_entry(v, index, true, mem, ret_entry);
}
