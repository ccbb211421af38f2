/* SPDX-License-Identifier: EUPL-1.2 */
/* secret_file - read at the start of the process only, so that it may block. */
#define _GNU_SOURCE
#include "adapters/core/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The descriptor's own facts, not the path's: nobody can swap the file in between. */
static enum err
check(int fd, const char *path, bool is_secret, size_t *ret_len, struct why *why)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return why_set(why, ERR_KEYFILE, path, "not a file");
	if (is_secret && (st.st_mode & (S_IRWXG | S_IRWXO)))
		return why_set(why, ERR_KEYFILE, path, "others than its owner may read it; chmod 600");
	if (st.st_size < 0 || st.st_size > SECRET_FILE_MAX)
		return why_set(why, ERR_KEYFILE, path, "larger than %d bytes", SECRET_FILE_MAX);
	*ret_len = (size_t)st.st_size;
	return OK;
}

static enum err
read_whole(const char *path, bool is_secret, char **ret_text, size_t *ret_len, struct why *why)
{
	char *text = NULL;
	size_t len = 0, at = 0;
	enum err e;
	int fd = open(path, O_RDONLY | O_CLOEXEC | (is_secret ? O_NOFOLLOW : 0));

	*ret_text = NULL;
	*ret_len = 0;
	if (fd < 0)
		return why_set(why, err_from_errno(errno, ERR_KEYFILE), path, "%s", strerror(errno));
	if ((e = check(fd, path, is_secret, &len, why)) != OK)
		goto out;
	if (!(text = calloc(1, len + 1))) {
		e = ERR_NOMEM;
		goto out;
	}
	while (at < len) {
		ssize_t n = read(fd, text + at, len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			e = why_set(why, n < 0 ? err_from_errno(errno, ERR_KEYFILE) : ERR_KEYFILE, path, "cannot be read");
			goto out;
		}
		at += (size_t)n;
	}
	*ret_text = text;
	*ret_len = len;
	text = NULL;
out:
	secret_file_free(text, len);
	close(fd);
	return e;
}

enum err
secret_file_read(const char *path, char **ret_text, size_t *ret_len, struct why *why)
{
	return read_whole(path, true, ret_text, ret_len, why);
}

enum err
secret_file_read_public(const char *path, char **ret_text, size_t *ret_len, struct why *why)
{
	return read_whole(path, false, ret_text, ret_len, why);
}

void
secret_file_free(char *text, size_t len)
{
	if (text)
		explicit_bzero(text, len);
	free(text);
}
