/* SPDX-License-Identifier: EUPL-1.2 */
/* durable - a new or renamed file is there after a power cut only if its folder was synced as well. */
#include "proto/base/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool
durable_write(int fd, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	while (n > 0) {
		ssize_t put = write(fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put == 0)
			errno = EIO;
		if (put <= 0)
			return false;
		p += put;
		n -= (size_t)put;
	}
	return true;
}

bool
durable_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), kept;
	bool is_synced;

	if (fd < 0)
		return false;
	is_synced = fsync(fd) == 0;
	kept = errno;
	close(fd);
	errno = kept;
	return is_synced;
}

bool
durable_folder_of(const char *path)
{
	size_t n = strlen(path);
	char *folder;
	bool is_synced;

	while (n > 1 && path[n - 1] == '/')	/* the folder's own name may end in one */
		n--;
	while (n > 0 && path[n - 1] != '/')
		n--;
	folder = n == 0 ? strdup(".") : strndup(path, n);
	is_synced = folder != NULL && durable_folder(folder);
	free(folder);
	return is_synced;
}
