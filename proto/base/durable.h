/* SPDX-License-Identifier: EUPL-1.2 */
/* durable - the last steps by which a file is on the disk: all of it written, its name in a folder that is synced.
 *
 * Each gives false with errno set. Called by whoever writes files beside the store: keys, results, exports.
 */
#ifndef BASE_DURABLE_H
#define BASE_DURABLE_H

#include <stdbool.h>
#include <stddef.h>

/* All of the bytes; the caller syncs the file. */
bool durable_write(int fd, const void *bytes, size_t n);
/* The names in this folder, and in that of this path, are durable. */
bool durable_folder(const char *folder);
bool durable_folder_of(const char *path);

#endif
