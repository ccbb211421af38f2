/* SPDX-License-Identifier: EUPL-1.2 */
/* merkle - RFC 6962 trees: leaf SHA-256(00 || d), node SHA-256(01 || l || r), the left side of a split always the largest
 * power of two below the size.
 *
 * Everything that makes a proof is made of one step, the hash of a stretch of leaves (`stretch`), which asks the reader for
 * complete subtrees only: a store keeps those and nothing else. What is verified needs no reader. Called by the journal,
 * both ends of the wire and the audit tools.
 */
#include "proto/merkle.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

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

void
hash_sha256(struct span bytes, struct hash *ret_hash)
{
	crypto_hash_sha256(ret_hash->b, bytes.p, bytes.n);
}

void
hash_sha256_two(struct span a, struct span b, struct hash *ret_hash)
{
	crypto_hash_sha256_state st;

	crypto_hash_sha256_init(&st);
	crypto_hash_sha256_update(&st, a.p, a.n);
	crypto_hash_sha256_update(&st, b.p, b.n);
	crypto_hash_sha256_final(&st, ret_hash->b);
}

void
hash_blake2b(struct span bytes, struct hash *ret_hash)
{
	crypto_generichash(ret_hash->b, sizeof(ret_hash->b), bytes.p, bytes.n, NULL, 0);
}

void
merkle_leaf(struct span data, struct hash *ret_hash)
{
	static const uint8_t prefix = 0;

	hash_sha256_two(SPAN(&prefix, 1), data, ret_hash);
}

void
merkle_node(const struct hash *left, const struct hash *right, struct hash *ret_hash)
{
	uint8_t bytes[1 + 2 * sizeof(left->b)];

	bytes[0] = 1;
	memcpy(bytes + 1, left->b, sizeof(left->b));
	memcpy(bytes + 1 + sizeof(left->b), right->b, sizeof(right->b));
	crypto_hash_sha256(ret_hash->b, bytes, sizeof(bytes));
}

/* -- the right edge -- */

void
frontier_init(struct frontier *f)
{
	memset(f, 0, sizeof(*f));
}

/* Append the root of a complete subtree of 2^level leaves; the size must be a multiple of that. */
static void
frontier_push(struct frontier *f, unsigned level, const struct hash *hash,
	      void (*made)(void *, unsigned, uint64_t, const struct hash *), void *arg)
{
	struct hash top = *hash;
	uint64_t index = f->size >> level;

	assert((f->size & ((UINT64_C(1) << level) - 1)) == 0);
	f->size += UINT64_C(1) << level;
	if (made != NULL)
		made(arg, level, index, &top);
	while (index & 1) {
		assert(f->n > 0);
		merkle_node(&f->nodes[--f->n], &top, &top);
		index >>= 1;
		level++;
		if (made != NULL)
			made(arg, level, index, &top);
	}
	assert(f->n < 64);
	f->nodes[f->n++] = top;
}

void
frontier_add(struct frontier *f, const struct hash *leaf,
	     void (*made)(void *arg, unsigned level, uint64_t index, const struct hash *hash), void *arg)
{
	frontier_push(f, 0, leaf, made, arg);
}

void
frontier_root(const struct frontier *f, struct hash *ret_root)
{
	struct hash root;

	if (f->n == 0) {
		hash_sha256(SPAN_NONE, ret_root);
		return;
	}
	root = f->nodes[f->n - 1];
	for (unsigned i = f->n - 1; i-- > 0;)
		merkle_node(&f->nodes[i], &root, &root);
	*ret_root = root;
}

bool
frontier_load(struct frontier *f, uint64_t size, merkle_read_fn *read, void *arg)
{
	frontier_init(f);
	for (unsigned level = 64; level-- > 0;) {
		if ((size >> level & 1) == 0)
			continue;
		if (!read(arg, level, f->size >> level, &f->nodes[f->n]))
			return false;
		f->n++;
		f->size += UINT64_C(1) << level;
	}
	return true;
}

bool
merkle_root(uint64_t size, merkle_read_fn *read, void *arg, struct hash *ret_root)
{
	struct frontier f;

	if (!frontier_load(&f, size, read, arg))
		return false;
	frontier_root(&f, ret_root);
	return true;
}

void
merkle_root_of(const struct hash *leaves, size_t n, struct hash *ret_root)
{
	struct frontier f;

	frontier_init(&f);
	for (size_t i = 0; i < n; i++)
		frontier_add(&f, &leaves[i], NULL, NULL);
	frontier_root(&f, ret_root);
}

/* -- making proofs -- */

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

/* The largest complete subtree that begins at `at` and ends within `size`. */
static unsigned
level_at(uint64_t at, uint64_t size)
{
	unsigned fits = 63 - (unsigned)__builtin_clzll(size - at);
	unsigned aligned = at == 0 ? 63 : (unsigned)__builtin_ctzll(at);

	return fits < aligned ? fits : aligned;
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
		n = UINT64_C(1) << level_at(at, at < begin ? begin : size);
		path_add(&p, &r, at, at + n);
		at += n;
	}
	*ret_n = p.n;
	return p.is_ok;
}

/* -- verifying -- */

bool
merkle_path_root(const struct hash *leaf, uint64_t index, uint64_t size, const struct hash *path, size_t n,
		 struct hash *ret_root)
{
	uint64_t fn = index, sn = size - 1;
	struct hash h = *leaf;

	if (index >= size)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) != 0 || fn == sn) {
			merkle_node(&path[i], &h, &h);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			merkle_node(&h, &path[i], &h);
		}
		fn >>= 1;
		sn >>= 1;
	}
	*ret_root = h;
	return sn == 0;
}

bool
merkle_check_inclusion(const struct hash *leaf, uint64_t index, uint64_t size, const struct hash *path, size_t n,
		       const struct hash *root)
{
	struct hash got;

	return merkle_path_root(leaf, index, size, path, n, &got) && hash_eq(&got, root);
}

bool
merkle_check_consistency(uint64_t old_size, const struct hash *old_root, uint64_t size, const struct hash *root,
			 const struct hash *path, size_t n)
{
	uint64_t fn = old_size - 1, sn = size - 1;
	struct hash fr, sr;
	size_t i = 0;

	if (old_size > size)
		return false;
	if (old_size == size)
		return n == 0 && hash_eq(old_root, root);
	if (old_size == 0) {
		hash_sha256(SPAN_NONE, &fr);
		return n == 0 && hash_eq(old_root, &fr);
	}
	while ((fn & 1) != 0) {
		fn >>= 1;
		sn >>= 1;
	}
	if (fn == 0) {
		fr = sr = *old_root;
	} else {
		if (n == 0)
			return false;
		fr = sr = path[i++];
	}
	for (; i < n; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) != 0 || fn == sn) {
			merkle_node(&path[i], &fr, &fr);
			merkle_node(&path[i], &sr, &sr);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			merkle_node(&sr, &path[i], &sr);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && hash_eq(&fr, old_root) && hash_eq(&sr, root);
}

bool
merkle_check_range(const struct hash *leaves, uint64_t begin, uint64_t end, uint64_t size, const struct hash *path, size_t n,
		   const struct hash *root)
{
	struct frontier f;
	struct hash got;
	size_t used = 0;

	if (begin >= end || end > size || size > UINT64_C(1) << 62)
		return false;
	frontier_init(&f);
	while (f.size < size) {
		if (f.size == begin) {
			for (uint64_t i = begin; i < end; i++)
				frontier_add(&f, &leaves[i - begin], NULL, NULL);
			continue;
		}
		if (used == n)
			return false;
		frontier_push(&f, level_at(f.size, f.size < begin ? begin : size), &path[used++], NULL, NULL);
	}
	frontier_root(&f, &got);
	return used == n && hash_eq(&got, root);
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
