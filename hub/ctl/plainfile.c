/* SPDX-License-Identifier: EUPL-1.2 */
/* plainfile - what the commands do with files. O_EXCL is what "never overwrites" rests on, not a look beforehand. */
#include "hub/ctl/plainfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err
of_errno(const char *path, struct why *why)
{
	int saved = errno;

	return why_set(why, saved == ENOENT ? ERR_NOTFOUND : saved == EEXIST ? ERR_EXISTS : ERR_SYSTEM, path, "%s", strerror(saved));
}

enum err
plainfile_read(const char *path, size_t max, struct arena *mem, struct span *ret_bytes, struct why *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	uint8_t *p = NULL;
	size_t n = 0;
	ssize_t got;
	struct stat st;
	enum err e = OK;

	if (fd < 0)
		return of_errno(path, why);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		e = why_set(why, ERR_SYSTEM, path, "not a regular file");
		goto out;
	}
	if (st.st_size < 0 || (size_t)st.st_size > max || (p = arena_alloc(mem, (size_t)st.st_size + 1)) == NULL) {
		e = why_set(why, ERR_TOOBIG, path, "at most %zu bytes", max);
		goto out;
	}
	while (n < (size_t)st.st_size && (got = read(fd, p + n, (size_t)st.st_size - n)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			e = of_errno(path, why);
			goto out;
		}
		n += (size_t)got;
	}
	*ret_bytes = SPAN(p, n);
out:
	close(fd);
	return e;
}

enum err
plainfile_make(const char *path, struct span bytes, struct why *why)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	enum err e = OK;
	size_t n = 0;

	if (fd < 0)
		return of_errno(path, why);
	while (n < bytes.n && e == OK) {
		ssize_t put = write(fd, bytes.p + n, bytes.n - n);

		if (put >= 0)
			n += (size_t)put;
		else if (errno != EINTR)
			e = of_errno(path, why);
	}
	if (e == OK && (fchmod(fd, 0644) != 0 || fsync(fd) != 0))
		e = of_errno(path, why);
	close(fd);
	if (e != OK)
		unlink(path);
	return e;
}

bool
plainfile_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

enum err
plainfile_own_dir(const char *path, struct why *why)
{
	struct stat st;

	if (mkdir(path, 0700) == 0)
		return OK;
	if (errno != EEXIST)
		return of_errno(path, why);
	if (stat(path, &st) != 0)
		return of_errno(path, why);
	if (!S_ISDIR(st.st_mode))
		return why_set(why, ERR_EXISTS, path, "is not a directory");
	if ((st.st_mode & 022) != 0)
		return why_set(why, ERR_KEYFILE, path, "group or others may write there: chmod 700");
	return OK;
}
