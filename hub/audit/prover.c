/* SPDX-License-Identifier: EUPL-1.2 */
/* prover - subtrees as the source stores them; the root that they lead to must be the signed one. */
#include "hub/audit/prover.h"

#include "proto/note.h"

/* The root on the third line of a checkpoint. */
static enum err
root_of(struct span note, struct arena *mem, struct hash *ret_root)
{
	const uint8_t *line = note.p, *end = note.p + note.n;
	struct span root;
	enum err e;

	for (int i = 0; i < 2; i++) {
		line = memchr(line, '\n', (size_t)(end - line));
		if (line == NULL)
			return ERR_FORMAT;
		line++;
	}
	if ((end = memchr(line, '\n', (size_t)(end - line))) == NULL)
		return ERR_FORMAT;
	if ((e = note_unbase64(SPAN(line, (size_t)(end - line)), mem, &root)) != OK)
		return e;
	if (root.n != sizeof(ret_root->b))
		return ERR_FORMAT;
	memcpy(ret_root->b, root.p, root.n);
	return OK;
}

enum err
prover_make(struct source *s, uint64_t index, struct arena *mem, struct inclusion *ret, struct why *why)
{
	struct place where;
	struct hash leaf;
	enum err e;

	memset(ret, 0, sizeof(*ret));
	if (s->latest.bytes.p == NULL || index >= s->latest.number)
		return why_set(why, ERR_NOTFOUND, "checkpoint", "none covers leaf %llu yet: try again", (unsigned long long)index);
	if ((e = s->ops->leaf(s, index, ret->leaf, &where)) != OK)
		return why_set(why, e, where.name, "cannot be read");
	if ((e = root_of(s->latest.bytes, mem, &ret->root)) != OK)
		return why_set(why, e, s->latest.place.name, "not a checkpoint");
	ret->index = index;
	ret->size = s->latest.number;
	ret->checkpoint = s->latest.bytes;
	leaf_hash(ret->leaf, &leaf);
	if (!merkle_inclusion(index, ret->size, source_node, s, ret->path, &ret->n_path) ||
	    !merkle_check_inclusion(&leaf, index, ret->size, ret->path, ret->n_path, &ret->root))
		return why_set(why, ERR_TAMPERED, s->latest.place.name, "leaf %llu does not lead to its root",
			       (unsigned long long)index);
	return OK;
}

enum err
prover_text(const struct inclusion *p, struct arena *mem, struct span *ret_text)
{
	const char *b64 = note_base64(SPAN(p->leaf, LEAF_LEN), mem);
	struct buf b;

	buf_init(&b, mem);
	buf_fmt(&b, "c2sp.org/tlog-proof@v1\nextra %s\nindex %llu\n", b64 ? b64 : "", (unsigned long long)p->index);
	for (size_t i = 0; i < p->n_path; i++) {
		b64 = note_base64(SPAN(p->path[i].b, sizeof(p->path[i].b)), mem);
		buf_fmt(&b, "%s\n", b64 ? b64 : "");
	}
	buf_u8(&b, '\n');
	buf_span(&b, p->checkpoint);
	*ret_text = buf_bytes(&b);
	return b.e != OK || arena_is_full(mem) ? ERR_TOOBIG : OK;
}
