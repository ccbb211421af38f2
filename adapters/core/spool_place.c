/* SPDX-License-Identifier: EUPL-1.2 */
/* spool_place - one row a folder; that of the claimed ones stands in the first, and is made where it is missing. */
#include "adapters/core/spool_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IN, CLAIMED, DONE, BAD, FOLDERS };

struct folder { int *fd; const char *path, *key; };

static void
list(struct spool_place *p, const struct adapter_config *c, struct folder folders[static FOLDERS])
{
	folders[IN] = (struct folder){ &p->in_fd, c->in_folder.in_dir, "in.folder.in" };
	folders[CLAIMED] = (struct folder){ &p->claimed_fd, p->claimed_path, "in.folder.in" };
	folders[DONE] = (struct folder){ &p->done_fd, c->in_folder.done_dir, "in.folder.done" };
	folders[BAD] = (struct folder){ &p->bad_fd, c->in_folder.bad_dir, "in.folder.bad" };
}

/* The new one first: what was open stays so where it cannot be. */
static enum err
open_dir(const struct folder *f, struct why *why)
{
	int fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return why_set(why, err_from_errno(errno, ERR_CONFIG), f->key, "%s", strerror(errno));
	if (faccessat(fd, ".", W_OK | X_OK, 0) < 0) {
		close(fd);
		return why_set(why, err_from_errno(errno, ERR_CONFIG), f->key, "not writable");
	}
	if (*f->fd >= 0)
		close(*f->fd);
	*f->fd = fd;
	return OK;
}

static enum err
make_claimed(const struct folder *f, struct why *why)
{
	if (mkdir(f->path, 0700) < 0 && errno != EEXIST)
		return why_set(why, err_from_errno(errno, ERR_CONFIG), f->key, "%s", strerror(errno));
	return OK;
}

/* Is what is open that which the path leads to? */
static bool
is_same(const struct folder *f)
{
	struct stat open_now, named;

	return *f->fd >= 0 && stat(f->path, &named) == 0 && fstat(*f->fd, &open_now) == 0 && named.st_dev == open_now.st_dev &&
	       named.st_ino == open_now.st_ino;
}

enum err
spool_place_renew(struct spool_place *place, const struct adapter_config *config, bool *ret_is_moved, struct why *why)
{
	struct folder folders[FOLDERS];
	enum err e = OK;

	*ret_is_moved = false;
	list(place, config, folders);
	for (int i = IN; i < FOLDERS && e == OK; i++) {
		if (is_same(&folders[i]))
			continue;
		if ((i != CLAIMED || (e = make_claimed(&folders[i], why)) == OK) && (e = open_dir(&folders[i], why)) == OK)
			*ret_is_moved |= i == IN || i == CLAIMED;
	}
	return e;
}

enum err
spool_place_open(struct spool_place *place, const struct adapter_config *config, struct why *why)
{
	bool is_moved;

	place->in_fd = place->claimed_fd = place->done_fd = place->bad_fd = -1;
	place->settle_ms = config->in_folder.settle_ms;
	if ((size_t)snprintf(place->claimed_path, sizeof(place->claimed_path), "%s/.claimed-%s", config->in_folder.in_dir, config->agency) >=
	    sizeof(place->claimed_path))
		return why_set(why, ERR_CONFIG, "in.folder.in", "too long");
	return spool_place_renew(place, config, &is_moved, why);
}

void
spool_place_close(struct spool_place *place)
{
	int *const fds[] = { &place->in_fd, &place->claimed_fd, &place->done_fd, &place->bad_fd };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}
