/* SPDX-License-Identifier: EUPL-1.2 */
/* keyset - keys made together and saved all or none, and the public facts that go into a directory.
 *
 * Facts are YAML lines "name: value" that a person can paste; they hold no secret. Called by keygen.c.
 */
#ifndef CTL_KEYSET_H
#define CTL_KEYSET_H

#include <stdio.h>

#include "proto/base/arena.h"
#include "proto/keyring.h"

enum { KEYSET_MAX = 6, KEYSET_FACTS_MAX = 8 };

struct keyset {
	struct arena *mem;		/* of paths and facts */
	struct { struct key *key; const char *path; } keys[KEYSET_MAX];
	size_t n;
	struct { const char *path; struct span bytes; } files[3];	/* public, saved with the keys */
	size_t n_files;
	struct { const char *name, *value; } facts[KEYSET_FACTS_MAX];
	size_t n_facts;
};

void keyset_init(struct keyset *set, struct arena *mem);
void keyset_done(struct keyset *set);		/* wipes the keys */
enum err keyset_add(struct keyset *set, enum key_use use, const char *path, const struct key **ret_key) MUST_USE;
void keyset_add_file(struct keyset *set, const char *path, struct span bytes);
void keyset_fact(struct keyset *set, const char *name, const char *value);	/* a NULL value is left out */
const char *keyset_base64(struct keyset *set, const struct key *key);		/* of the public half */
/* `title` is a comment above the facts; NULL: none. SPAN_NONE when the arena is full. */
struct span keyset_yaml(struct keyset *set, const char *title);
void keyset_print_json(const struct keyset *set, FILE *to);
/* ERR_EXISTS when one of the files is there already: none is written then. After an error those of this call are taken away. */
enum err keyset_save(const struct keyset *set, struct why *why) MUST_USE;

#endif
