/* SPDX-License-Identifier: EUPL-1.2 */
/* draft - a directory as the registrars write it by hand (YAML) to a directory that can be signed.
 *
 * Public keys stand in the file itself or in files of facts that keygen made. Every problem is told with its place. Called by
 * dircommand.c.
 */
#ifndef CTL_DRAFT_H
#define CTL_DRAFT_H

#include <stdio.h>

#include "proto/base/arena.h"
#include "proto/directory.h"

enum { DRAFT_ARENA_BYTES = 32 << 20 };	/* an arena of this cap holds any draft and its directory */

struct draft_load {
	const char *file;
	int64_t now_ms;		/* validity begins here unless the file says otherwise */
	enum lang lang;
	FILE *err;		/* gets "file:line:col: key: problem; hint" lines */
};

/* ERR_CONFIG: the problems were printed. The directory and all in it live in `mem`. */
enum err draft_load(const struct draft_load *load, struct arena *mem, struct directory **ret_directory) MUST_USE;

#endif
