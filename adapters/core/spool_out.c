/* SPDX-License-Identifier: EUPL-1.2 */
/* spool_out - written and synced within `hand`: a folder is local, and what it says must be true when it says it. */
#define _GNU_SOURCE
#include "adapters/core/spool_out.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/core/spool_name.h"
#include "proto/base/daemon.h"
#include "proto/base/durable.h"

#define PART_ARENA ((size_t)8 * 1024 * 1024)
#define FILE_MODE 0640		/* the folder's group is the agency's system */

struct spool_out {
	const char *dir;
	const struct door_host *host;
	struct door door;
};

/* All its parts, one in memory at a time. */
static enum err
write_parts(struct spool_out *d, const struct file_bytes *f, int fd)
{
	struct arena *mem = arena_new(PART_ARENA);
	struct span bytes;
	enum err e = mem ? OK : ERR_OVERLOAD;

	for (unsigned part = 1; part <= f->parts && e == OK; part++) {
		arena_reset(mem);
		if ((e = adapter_file_part(d->host->adapter, f, part, mem, &bytes)) == OK && !durable_write(fd, bytes.p, bytes.n))
			e = errno == ENOSPC ? ERR_FULL : ERR_PEER_DOWN;
		if (e == OK)
			explicit_bzero((void *)(uintptr_t)bytes.p, bytes.n);
	}
	arena_free(mem);
	return e;
}

/* The file that the record tells of, before it: under its name it is whole. The same again is the same file. */
static enum err
write_file(struct spool_out *d, const struct handover *h)
{
	char path[PATH_MAX], temp[PATH_MAX];
	enum err e;
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", d->dir, h->file_name) >= sizeof(path) ||
	    (size_t)snprintf(temp, sizeof(temp), "%s/.%s.part", d->dir, h->file_name) >= sizeof(temp))
		return ERR_TOOBIG;
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return ERR_PEER_DOWN;
	e = write_parts(d, h->file, fd);
	if (e == OK && (fchmod(fd, FILE_MODE) != 0 || fsync(fd) != 0))
		e = errno == ENOSPC ? ERR_FULL : ERR_PEER_DOWN;
	close(fd);
	if (e == OK && (rename(temp, path) != 0 || !durable_folder(d->dir)))
		e = ERR_PEER_DOWN;
	if (e != OK)
		unlink(temp);
	return e;
}

static enum err
hand(void *arg, const struct handover *h)
{
	struct spool_out *d = arg;
	char name[SPOOL_NAME_LEN], path[PATH_MAX];
	enum err e;

	if ((e = spool_name_out(h->msg_id, h->stage, h->native.format, name)) != OK)
		return e;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", d->dir, name) >= sizeof(path))
		return ERR_TOOBIG;
	if (h->file && (e = write_file(d, h)) != OK)
		return e;
	e = daemon_write_file(path, h->native.bytes.p, h->native.bytes.n, FILE_MODE);
	if (e != OK)	/* a folder that is away for now is no reason to stop */
		return e == ERR_FULL ? e : ERR_PEER_DOWN;
	e = adapter_handed(d->host->adapter, &d->door, h->cursor, OK, NULL);
	if (err_is_fatal(e))
		d->host->on_fatal(d->host->arg, e);
	return OK;
}

enum err
spool_out_open(const struct adapter_config *config, const struct door_host *host, struct spool_out **ret_door, struct why *why)
{
	const char *dir = config->out_folder.dir ? config->out_folder.dir : config->in_folder.out_dir;
	struct spool_out *d;

	*ret_door = NULL;
	if (!dir || access(dir, W_OK | X_OK) < 0)
		return why_set(why, dir ? err_from_errno(errno, ERR_CONFIG) : ERR_CONFIG, "out.folder.dir", "%s",
			       dir ? strerror(errno) : "not given");
	if (!(d = calloc(1, sizeof(*d))))
		return ERR_NOMEM;
	d->dir = dir;
	d->host = host;
	d->door = (struct door){ .name = "folder", .capacity = 1, .hand = hand, .arg = d };
	*ret_door = d;
	return OK;
}

void
spool_out_close(struct spool_out *d)
{
	free(d);
}

struct door *
spool_out_door(struct spool_out *d)
{
	return &d->door;
}
