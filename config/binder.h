/* SPDX-License-Identifier: EUPL-1.2 */
/* binder - a tree of nodes into a struct, by a table of keys.
 *
 * A row says where a value stands in the file and in the struct, what it may be, and what holds without it. The binder
 * finds every problem of the file in one go, never only the first, and refuses what no row names. Values that are wrong
 * leave their default in the struct, so that checks across keys may still look at it.
 * The struct and all it points to live in the arena. Tables are constant; the binder keeps nothing.
 */
#ifndef CONFIG_BINDER_H
#define CONFIG_BINDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/document.h"
#include "config/form.h"
#include "config/problem.h"
#include "proto/base/err.h"

enum bind_type {
	BIND_SECTION,	/* bool: whether the section stands in the file; rows under it count only then */
	BIND_BOOL,	/* bool */
	BIND_INT,	/* uint32_t, or uint16_t by `size` */
	BIND_BYTES,	/* uint64_t, "1MiB" */
	BIND_MS,	/* int64_t, "5s" */
	BIND_TERM,	/* struct setting_term, "24h" or "3 working days"; min and max are of a duration */
	BIND_ENUM,	/* an enum; `names` */
	BIND_TEXT,	/* const char *; `form` */
	BIND_PATH,	/* const char *, made absolute; `need` */
	BIND_TEXTS,	/* const char *const * and size_t; `form`, `max` */
	BIND_MAP,	/* array and size_t; `items` has two rows: of the key, and of the value */
	BIND_LIST,	/* array and size_t; `items`: the rows of one */
};

/* What a path must be, when it is given. */
enum bind_need {
	NEED_NOTHING,
	NEED_FILE,
	NEED_DIR,
	NEED_PARENT = 4,	/* the directory that it will be made in */
	NEED_SECRET = 8,	/* a file without any right for group and others */
	NEED_OWN = 16,		/* a directory that group and others cannot write, if it is there */
};

enum { BIND_REQUIRED = 1, BIND_PATH_MAX = 1024 };	/* the longest path, with its NUL */

struct bind_name {
	const char *name;	/* NULL ends the list */
	unsigned value;
};

struct bind_row {
	const char *path;		/* "limits.disk_low.percent"; in a list's rows a plain key */
	enum bind_type type;
	unsigned flags, need;
	size_t offset;			/* of the value */
	size_t size;			/* of the value; of one item for BIND_MAP and BIND_LIST */
	size_t n_offset;		/* of the count */
	const char *def;		/* as one would write it; NULL: nothing */
	int64_t min, max;		/* of the number; of the count (min 1: not empty); of a text's length (0: 512) */
	const struct bind_name *names;
	const struct form *form;	/* NULL: any text */
	const struct bind_row *items;	/* ends with a row without a path */
	const char *help, *hint;	/* one sentence each: what it is, how to set it */
};

struct binder {
	const struct bind_row *rows;	/* ends with a row without a path */
	void *into;			/* zeroed */
	const struct node *root;
	const char *dir;		/* relative paths begin here; absolute itself */
	struct arena *mem;
	struct problems *problems;
	bool is_away;			/* what the disk of another machine holds is not asked about, only said */
};

/* ERR_CONFIG when the problems have grown by an error; ERR_TOOBIG when the arena is full. */
enum err binder_run(const struct binder *b) MUST_USE;
/* One item of a list, by rows with plain keys: what binder_run does for the whole. `path` names it in problems. */
void binder_item(const struct binder *b, const struct bind_row *rows, void *into, const struct node *node,
		 const char *path);
/* For checks across keys: add a problem at a path's value, or where it ought to stand. */
void binder_problem(const struct binder *b, const char *path, enum problem_id id, const char *arg1, const char *arg2);
/* Whether the section that the row stands in is in the file (or no section row covers it). */
bool binder_is_active(const struct binder *b, const struct bind_row *row);

#endif
