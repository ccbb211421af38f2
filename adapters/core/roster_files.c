/* SPDX-License-Identifier: EUPL-1.2 */
/* roster_files - one file, whole, in its bounds. Called by adapterd.c for the translator of the education sector. */
#include "adapters/core/roster_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err
read_whole(int fd, struct arena *mem, struct span *ret_bytes)
{
	struct stat st;
	uint8_t *bytes;
	size_t n = 0;

	if (fstat(fd, &st) < 0)
		return ERR_BUSY;
	if (!S_ISREG(st.st_mode))
		return ERR_UNSUPPORTED;
	if ((uint64_t)st.st_size > ROSTER_FILE_MAX)
		return ERR_TOOBIG;
	if ((bytes = arena_alloc(mem, (size_t)st.st_size + 1)) == NULL)
		return ERR_TOOBIG;
	while (n < (size_t)st.st_size) {
		ssize_t got = read(fd, bytes + n, (size_t)st.st_size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ERR_BUSY;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*ret_bytes = SPAN(bytes, n);
	return OK;
}

enum err
roster_files_read(const char *dir, const char *file, struct arena *mem, struct span *ret_bytes)
{
	char path[PATH_MAX];
	enum err e;
	int fd;

	*ret_bytes = SPAN_NONE;
	if (strchr(file, '/') != NULL || snprintf(path, sizeof(path), "%s/%s", dir, file) >= (int)sizeof(path))
		return ERR_UNSUPPORTED;
	if ((fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)) < 0)
		return errno == ENOENT ? OK : errno == ELOOP ? ERR_UNSUPPORTED : ERR_BUSY;
	e = read_whole(fd, mem, ret_bytes);
	close(fd);
	return e;
}
