/* SPDX-License-Identifier: EUPL-1.2 */
/* spool_file - reads what others wrote: no link is followed, nothing but a file is opened, none is waited for. */
#define _GNU_SOURCE
#include "adapters/core/spool_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/core/charset.h"
#include "adapters/core/spool_name.h"
#include "proto/base/daemon.h"

#define READ_TRIES 5
#define RESULT_MODE 0640		/* the folder's group is the agency's system */

/* By errno: a disk in trouble is asked again a few times, so that no file is refused for it, and none keeps the others out. */
static enum err
unreadable(unsigned *n_unread)
{
	if (err_from_errno(errno, OK) == OK || ++*n_unread >= READ_TRIES) {
		*n_unread = 0;
		return ERR_UNSUPPORTED;
	}
	return ERR_BUSY;
}

enum err
spool_file_read(int dir_fd, const char *name, uint64_t most, unsigned *n_unread, struct spool_bytes *ret_file)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	uint8_t *bytes = NULL;
	enum err e = OK;
	size_t n = 0;
	struct stat st;

	*ret_file = (struct spool_bytes){ .p = NULL };
	if (fd < 0)
		return errno == ENOENT ? OK : unreadable(n_unread);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		e = ERR_UNSUPPORTED;
	else if ((uint64_t)st.st_size > most)
		e = ERR_TOOBIG;
	else if (!(bytes = malloc((size_t)st.st_size + 1)))
		e = ERR_OVERLOAD;
	while (e == OK && n < (size_t)st.st_size) {
		ssize_t got = read(fd, bytes + n, (size_t)st.st_size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			e = unreadable(n_unread);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	close(fd);
	if (e != OK) {
		free(bytes);
		return e;
	}
	*n_unread = 0;
	*ret_file = (struct spool_bytes){ bytes, n };
	return OK;
}

void
spool_file_forget(struct spool_bytes *file)
{
	if (file->p)
		explicit_bzero(file->p, file->n);
	free(file->p);
	*file = (struct spool_bytes){ .p = NULL };
}

struct native
spool_file_native(const struct adapter_config *config, const char *name, const struct spool_bytes *file)
{
	return (struct native){
		.format = spool_name_format(name),
		.file = name,
		.charset = adapter_config_charset(config->in_folder.charset),
		.bytes = SPAN(file->p, file->n),
	};
}

enum err
spool_file_answer(const struct adapter_config *config, const char *name, const struct native *answer, enum format format)
{
	char result[SPOOL_NAME_LEN], path[PATH_MAX];

	if (answer->bytes.n == 0)
		return OK;
	spool_name_result(name, answer->format != FORMAT_NONE ? answer->format : format, result);
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", config->in_folder.out_dir, result) >= sizeof(path))
		return ERR_TOOBIG;
	return daemon_write_file(path, answer->bytes.p, answer->bytes.n, RESULT_MODE);
}
