/* SPDX-License-Identifier: EUPL-1.2 */
/* problem - what is wrong with a configuration, all of it, each with its place.
 *
 * The rows of problem.def say what can be wrong, in two languages. A list keeps what was found in the order of the places;
 * it never refuses to take one more, but keeps at most PROBLEMS_MAX and counts the rest. A value that might be a secret is
 * never given to it.
 */
#ifndef CONFIG_PROBLEM_H
#define CONFIG_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "proto/base/err.h"

enum problem_id {
#define PROBLEM(id, level, en, bg, hint_en, hint_bg) id,
#include "config/problem.def"
#undef PROBLEM
	N_PROBLEMS
};

enum {
	PROBLEMS_MAX = 200,
	PROBLEM_TEXT_LEN = 512,
	PROBLEM_KEY_LEN = 128,
};

struct problem {
	enum problem_id id;
	unsigned line, col;		/* 1-based; 0: the file as a whole */
	char key[PROBLEM_KEY_LEN];	/* "in.http.listen"; empty: none */
	char args[3][PROBLEM_TEXT_LEN / 2];
};

struct problems;

struct problems *problems_new(const char *file);	/* NULL only if the process has no memory */
void problems_free(struct problems *p);			/* NULL is fine */

struct problem_place {
	unsigned line, col;
	const char *key;	/* NULL: none */
};
/* Arguments may be NULL; control characters in them become '?', what is long is cut. */
void problems_add(struct problems *p, struct problem_place place, enum problem_id id, const char *arg1, const char *arg2,
		  const char *arg3);

/* Because a system call failed with this errno, whose text is the argument. */
void problems_add_errno(struct problems *p, struct problem_place place, enum problem_id id, int number);

size_t problems_count(const struct problems *p);	/* kept: errors and warnings */
size_t problems_errors(const struct problems *p);	/* found: what refuses the file */
/* OK: nothing refuses it. ERR_SYSTEM: something does that may be gone at the next start (err_from_errno). Else ERR_CONFIG. */
enum err problems_verdict(const struct problems *p);
const struct problem *problems_get(const struct problems *p, size_t i);	/* by place: line, then column */
bool problem_is_warning(enum problem_id id);
/* A sentence of a table of keys, as people read it; itself where hint.def has no other. */
const char *problem_hint(const char *en, enum lang lang);
/* "problem; hint", at most `n` bytes with the NUL */
void problem_text(const struct problem *problem, enum lang lang, char *to, size_t n);
/* One line each: "file:line:col: key: problem; hint" (a warning's problem begins with its word). */
void problems_print(const struct problems *p, enum lang lang, FILE *to);

#endif
