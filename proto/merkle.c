/* SPDX-License-Identifier: EUPL-1.2 */
/* merkle - RFC 6962 trees: leaf SHA-256(00 || d), node SHA-256(01 || l || r), the left side of a split always the largest
 * power of two below the size.
 *
 * Hashes, the growing edge of a tree, and all that verifies; proofs are made in merkle_prove.c. Called by the journal, both
 * ends of the wire and the audit tools.
 */
#include "proto/merkle.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

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

/* libsodium's state, kept where headers of ours need not know it. */
static crypto_hash_sha256_state *
state_of(struct hash_run *run)
{
	static_assert(sizeof(run->b) >= sizeof(crypto_hash_sha256_state), "a run has room for the state");
	return (crypto_hash_sha256_state *)run->b;
}

void
hash_begin(struct hash_run *run)
{
	crypto_hash_sha256_init(state_of(run));
}

void
hash_more(struct hash_run *run, struct span bytes)
{
	crypto_hash_sha256_update(state_of(run), bytes.p, bytes.n);
}

void
hash_end(struct hash_run *run, struct hash *ret_hash)
{
	crypto_hash_sha256_final(state_of(run), ret_hash->b);
	sodium_memzero(run, sizeof(*run));
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

/* -- verifying -- */

unsigned
merkle_level_at(uint64_t at, uint64_t size)
{
	unsigned fits = 63 - (unsigned)__builtin_clzll(size - at);
	unsigned aligned = at == 0 ? 63 : (unsigned)__builtin_ctzll(at);

	return fits < aligned ? fits : aligned;
}

bool
merkle_path_fits(uint64_t index, uint64_t size, size_t n)
{
	uint64_t last = size - 1;
	size_t want = 0;

	if (index >= size)
		return false;
	/* a sibling a level, but none where the last node stands alone and moves up as it is */
	for (; last > 0; index >>= 1, last >>= 1)
		want += (index & 1) != 0 || index < last;
	return n == want;
}

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
		frontier_push(&f, merkle_level_at(f.size, f.size < begin ? begin : size), &path[used++], NULL, NULL);
	}
	frontier_root(&f, &got);
	return used == n && hash_eq(&got, root);
}
