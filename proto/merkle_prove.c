/* SPDX-License-Identifier: EUPL-1.2 */
/* merkle_prove - making proofs. Everything is made of one step, the hash of a stretch of leaves (`stretch`), which asks the
 * reader for complete subtrees only: a store keeps those and nothing else.
 */
#include "proto/merkle.h"

#include <assert.h>

struct reader {
	merkle_read_fn *read;
	void *arg;
};

/* A path under construction. */
struct path {
	struct hash *at;
	size_t n, max;
	bool is_ok;
};

/* The largest power of two below n; n > 1. */
static uint64_t
split_of(uint64_t n)
{
	return UINT64_C(1) << (63 - (unsigned)__builtin_clzll(n - 1));
}

/* The hash of leaves [lo, hi) where lo is aligned as in any RFC 6962 tree that contains this stretch as a node. */
static bool
stretch(const struct reader *r, uint64_t lo, uint64_t hi, struct hash *ret_hash)
{
	uint64_t n = hi - lo, k;
	struct hash right;

	assert(n > 0);
	if ((n & (n - 1)) == 0) {
		unsigned level = (unsigned)__builtin_ctzll(n);

		return r->read(r->arg, level, lo >> level, ret_hash);
	}
	k = split_of(n);
	if (!stretch(r, lo, lo + k, ret_hash) || !stretch(r, lo + k, hi, &right))
		return false;
	merkle_node(ret_hash, &right, ret_hash);
	return true;
}

static void
path_add(struct path *p, const struct reader *r, uint64_t lo, uint64_t hi)
{
	if (p->is_ok && p->n < p->max && stretch(r, lo, hi, &p->at[p->n]))
		p->n++;
	else
		p->is_ok = false;
}

bool
merkle_inclusion(uint64_t index, uint64_t size, merkle_read_fn *read, void *arg, struct hash *path, size_t *ret_n)
{
	const struct reader r = { read, arg };
	struct path p = { path, 0, MERKLE_PATH_MAX, true };
	uint64_t lo = 0, hi = size;
	uint64_t sides[MERKLE_PATH_MAX][2];
	size_t n = 0;

	if (index >= size)
		return false;
	/* From the root down; the path is told from the leaf up. */
	while (hi - lo > 1) {
		uint64_t mid = lo + split_of(hi - lo);
		bool is_left = index < mid;

		assert(n < MERKLE_PATH_MAX);
		sides[n][0] = is_left ? mid : lo;
		sides[n][1] = is_left ? hi : mid;
		n++;
		if (is_left)
			hi = mid;
		else
			lo = mid;
	}
	while (n-- > 0)
		path_add(&p, &r, sides[n][0], sides[n][1]);
	*ret_n = p.n;
	return p.is_ok;
}

bool
merkle_consistency(uint64_t old_size, uint64_t size, merkle_read_fn *read, void *arg, struct hash *path, size_t *ret_n)
{
	const struct reader r = { read, arg };
	struct path p = { path, 0, MERKLE_PATH_MAX, true };
	uint64_t lo = 0, hi = size;
	uint64_t sides[MERKLE_PATH_MAX][2];
	size_t n = 0;
	bool is_whole = true;	/* the old tree is a node of the new one, and its root known */

	*ret_n = 0;
	if (old_size > size)
		return false;
	if (old_size == 0 || old_size == size)
		return true;
	while (hi != old_size) {
		uint64_t mid = lo + split_of(hi - lo);

		assert(n < MERKLE_PATH_MAX);
		if (old_size <= mid) {
			sides[n][0] = mid;
			sides[n][1] = hi;
			hi = mid;
		} else {
			sides[n][0] = lo;
			sides[n][1] = mid;
			lo = mid;
			is_whole = false;
		}
		n++;
	}
	if (!is_whole)
		path_add(&p, &r, lo, hi);
	while (n-- > 0)
		path_add(&p, &r, sides[n][0], sides[n][1]);
	*ret_n = p.n;
	return p.is_ok;
}

bool
merkle_range(uint64_t begin, uint64_t end, uint64_t size, merkle_read_fn *read, void *arg, struct hash *path, size_t *ret_n)
{
	const struct reader r = { read, arg };
	struct path p = { path, 0, MERKLE_RANGE_MAX, true };
	uint64_t at = 0;

	*ret_n = 0;
	if (begin >= end || end > size)
		return false;
	while (at < size && p.is_ok) {
		uint64_t n;

		if (at == begin)
			at = end;
		if (at == size)
			break;
		n = UINT64_C(1) << merkle_level_at(at, at < begin ? begin : size);
		path_add(&p, &r, at, at + n);
		at += n;
	}
	*ret_n = p.n;
	return p.is_ok;
}

/* -- a small list in memory -- */

struct list {
	const struct hash *leaves;
	size_t n;
};

static bool
list_read(void *arg, unsigned level, uint64_t index, struct hash *ret_hash)
{
	const struct list *list = arg;

	merkle_root_of(list->leaves + (index << level), (size_t)1 << level, ret_hash);
	return true;
}

void
merkle_path_of(const struct hash *leaves, size_t n, size_t index, struct hash *path, size_t *ret_n)
{
	struct list list = { leaves, n };
	bool is_ok = merkle_inclusion(index, n, list_read, &list, path, ret_n);

	assert(is_ok);
}
