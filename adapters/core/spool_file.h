/* SPDX-License-Identifier: EUPL-1.2 */
/* spool_file - one file of the folder door: read whole, given to the adapter, answered by a file of its own. */
#ifndef ADAPTER_SPOOL_FILE_H
#define ADAPTER_SPOOL_FILE_H

#include "adapters/core/sector.h"
#include "config/adapter_config.h"

struct spool_bytes { uint8_t *p; size_t n; };	/* p NULL: there are none */

/* At most `most` bytes. None and OK: it vanished. ERR_TOOBIG; ERR_UNSUPPORTED: not a file that can be read; ERR_BUSY: not now. *n_unread
 * counts the tries in a row at a disk in trouble, and is the door's. */
enum err spool_file_read(int dir_fd, const char *name, uint64_t most, unsigned *n_unread, struct spool_bytes *ret_file) MUST_USE;
void spool_file_forget(struct spool_bytes *file);	/* wiped */
struct native spool_file_native(const struct adapter_config *config, const char *name, const struct spool_bytes *file);	/* borrows from all */
/* Into out_dir, under the name of the file that it answers; one without bytes is none. `format`: where the answer has none of its own. */
enum err spool_file_answer(const struct adapter_config *config, const char *name, const struct native *answer, enum format format) MUST_USE;

#endif
