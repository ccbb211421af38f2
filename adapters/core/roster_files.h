/* SPDX-License-Identifier: EUPL-1.2 */
/* roster_files - the files of a school's roster folder, read when a translator asks. They stay where they are and go nowhere. */
#ifndef ADAPTER_ROSTER_FILES_H
#define ADAPTER_ROSTER_FILES_H

#include "proto/base/arena.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"

#define ROSTER_FILE_MAX ((size_t)16 * 1024 * 1024)

/* A regular file of the folder, into `mem`; one that is not there gives SPAN_NONE. ERR_TOOBIG; ERR_UNSUPPORTED (no regular
 * file, or a name with a slash); ERR_BUSY: it cannot be read now. */
enum err roster_files_read(const char *dir, const char *file, struct arena *mem, struct span *ret_bytes) MUST_USE;

#endif
