/* SPDX-License-Identifier: EUPL-1.2 */
/* document - a YAML file as a tree with places; the only module that knows libyaml.
 *
 * What YAML allows and a configuration does not need is refused here: anchors, aliases, tags, several documents, keys that
 * are not plain text, the same key twice, deep nesting, bytes that are not UTF-8, files above a cap. Scalars stay text:
 * what `no` or `0x10` means is never YAML's decision.
 */
#ifndef CONFIG_DOCUMENT_H
#define CONFIG_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"

struct arena;
struct problems;

enum {
	DOCUMENT_MAX_BYTES = 1 << 20,
	DOCUMENT_MAX_DEPTH = 8,
	DOCUMENT_MAX_ITEMS = 8192,	/* in one map or list */
};

enum node_kind { NODE_TEXT, NODE_LIST, NODE_MAP };

struct node {
	enum node_kind kind;
	unsigned line, col;		/* of the value; 1-based, in characters */
	const char *key;		/* NULL in a list and at the root */
	unsigned key_line, key_col;	/* 0 without a key */
	const char *text;		/* NODE_TEXT */
	bool quoted;			/* NODE_TEXT: "" and '' are values, a bare nothing is none */
	struct node *kids;		/* NODE_LIST, NODE_MAP */
	size_t n_kids;
};

/* Read and parse `file`. ERR_CONFIG: `problems` has grown. A tree is given even when only keys were doubled. */
enum err document_load(const char *file, struct arena *mem, struct node **ret_root, struct problems *problems) MUST_USE;
/* The same from bytes: what the file holds. An empty one is an empty map. */
enum err document_parse(struct span text, struct arena *mem, struct node **ret_root, struct problems *problems) MUST_USE;

const struct node *node_find(const struct node *map, const char *key, size_t key_len);	/* NULL: none, or no map */
/* The node at a path like "in.http.listen"; NULL if it is not there, and then `*ret_near` (may be NULL) is the deepest
 * map on the way to it.
 */
const struct node *node_at(const struct node *root, const char *path, const struct node **ret_near);

#endif
