/* SPDX-License-Identifier: EUPL-1.2 */
/* merkle - hashes, and RFC 6962 trees of them: roots, inclusion, range and consistency proofs, made and verified.
 *
 * The tree is not kept here: proofs are made through a reader of complete subtrees, whoever stores them. Pure.
 */
#ifndef PROTO_MERKLE_H
#define PROTO_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/bytes.h"

#define MERKLE_PATH_MAX 64
#define MERKLE_RANGE_MAX (2 * MERKLE_PATH_MAX)

struct hash { uint8_t b[32]; };

static inline bool
hash_eq(const struct hash *a, const struct hash *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

void hash_sha256(struct span bytes, struct hash *ret_hash);
void hash_sha256_two(struct span a, struct span b, struct hash *ret_hash);	/* SHA-256(a || b) */
/* The same of bytes that come one after the other: begun, more, ended. */
struct hash_run { uint64_t b[16]; };
void hash_begin(struct hash_run *run);
void hash_more(struct hash_run *run, struct span bytes);
void hash_end(struct hash_run *run, struct hash *ret_hash);	/* wipes it */
void hash_blake2b(struct span bytes, struct hash *ret_hash);	/* BLAKE2b-256 without a key */

/* The hash of the complete subtree at `level` (0: leaves) covering leaves [index << level, (index + 1) << level). */
typedef bool merkle_read_fn(void *arg, unsigned level, uint64_t index, struct hash *ret_hash);

void merkle_leaf(struct span data, struct hash *ret_hash);			/* SHA-256(00 || data) */
void merkle_node(const struct hash *left, const struct hash *right, struct hash *ret_hash);	/* SHA-256(01 || l || r) */
void merkle_root_of(const struct hash *leaves, size_t n, struct hash *ret_root);	/* in memory; n 0: SHA-256("") */

/* The right edge of a growing tree: complete subtrees from the largest down. */
struct frontier {
	uint64_t size;
	struct hash nodes[64];
	unsigned n;
};

void frontier_init(struct frontier *f);
/* Add a leaf hash; `made(arg, level, index, hash)` is told of each complete subtree that it closes, the leaf itself first. */
void frontier_add(struct frontier *f, const struct hash *leaf,
		  void (*made)(void *arg, unsigned level, uint64_t index, const struct hash *hash), void *arg);
void frontier_root(const struct frontier *f, struct hash *ret_root);
bool frontier_load(struct frontier *f, uint64_t size, merkle_read_fn *read, void *arg);

bool merkle_root(uint64_t size, merkle_read_fn *read, void *arg, struct hash *ret_root);
/* Proofs: false if a needed subtree cannot be read or the numbers make no sense. `path` holds MERKLE_PATH_MAX (range: MERKLE_RANGE_MAX). */
bool merkle_inclusion(uint64_t index, uint64_t size, merkle_read_fn *read, void *arg, struct hash *path, size_t *ret_n);
bool merkle_consistency(uint64_t old_size, uint64_t size, merkle_read_fn *read, void *arg, struct hash *path, size_t *ret_n);
/* One proof for leaves [begin, end): the complete subtrees that cover [0, begin) from the left, largest first, then those that
 * cover [end, size), each the largest that begins where the last one ended. */
bool merkle_range(uint64_t begin, uint64_t end, uint64_t size, merkle_read_fn *read, void *arg, struct hash *path, size_t *ret_n);

/* The level of the largest complete subtree that begins at `at` and ends within `size`; at < size. */
unsigned merkle_level_at(uint64_t at, uint64_t size);
/* Has the path of that leaf so many hashes? False is what the next function answers false to. */
bool merkle_path_fits(uint64_t index, uint64_t size, size_t n);
/* The root that a leaf hash and its path lead to; false if the numbers make no sense. */
bool merkle_path_root(const struct hash *leaf, uint64_t index, uint64_t size, const struct hash *path, size_t n,
		      struct hash *ret_root);
bool merkle_check_inclusion(const struct hash *leaf, uint64_t index, uint64_t size, const struct hash *path, size_t n,
			    const struct hash *root);
bool merkle_check_consistency(uint64_t old_size, const struct hash *old_root, uint64_t size, const struct hash *root,
			      const struct hash *path, size_t n);
bool merkle_check_range(const struct hash *leaves, uint64_t begin, uint64_t end, uint64_t size, const struct hash *path, size_t n,
			const struct hash *root);

/* RFC 6962 path and root over a small list in memory (a batch of envelopes). */
void merkle_path_of(const struct hash *leaves, size_t n, size_t index, struct hash *path, size_t *ret_n);

#endif
