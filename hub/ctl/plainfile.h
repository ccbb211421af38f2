/* SPDX-License-Identifier: EUPL-1.2 */
/* plainfile - small public files: read whole under a limit, written anew and never over another. Called by the commands. */
#ifndef CTL_PLAINFILE_H
#define CTL_PLAINFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/arena.h"
#include "proto/base/err.h"

/* At most `max` bytes. ERR_NOTFOUND, ERR_TOOBIG, ERR_SYSTEM: `why` names path and reason. */
enum err plainfile_read(const char *path, size_t max, struct arena *mem, struct span *ret_bytes, struct why *why) MUST_USE;
/* Mode 0644, synced. ERR_EXISTS: something stands there, a link included, and is left as it is. */
enum err plainfile_make(const char *path, struct span bytes, struct why *why) MUST_USE;
bool plainfile_exists(const char *path);	/* anything, a dangling link too */
/* Make a directory of mode 0700, or take one that nobody else may write. ERR_NOTFOUND: no parent; ERR_KEYFILE: others write
 * there; ERR_SYSTEM. */
enum err plainfile_own_dir(const char *path, struct why *why) MUST_USE;

#endif
