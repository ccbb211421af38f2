/* SPDX-License-Identifier: EUPL-1.2 */
/* image - a walk without following links, so that an export cannot point outside of itself. */
#include "hub/audit/image.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES_ARENA ((size_t)1 << 36)
#define DEPTH_MAX 16

struct image *
image_new(void)
{
	struct image *image = calloc(1, sizeof(*image));

	if (image && (image->mem = arena_new(NAMES_ARENA)) == NULL) {
		free(image);
		image = NULL;
	}
	return image;
}

void
image_free(struct image *image)
{
	if (image == NULL)
		return;
	arena_free(image->mem);
	free(image->files);
	free(image);
}

static enum err
add(struct image *image, const char *name, struct span bytes)
{
	size_t cap = image->cap ? 2 * image->cap : 256;
	struct image_file *files;

	if (image->n == image->cap) {
		if ((files = realloc(image->files, cap * sizeof(*files))) == NULL)
			return ERR_NOMEM;
		image->files = files;
		image->cap = cap;
	}
	image->files[image->n++] = (struct image_file){ name, bytes };
	return name ? OK : ERR_NOMEM;
}

enum err
image_add(struct image *image, const char *name, struct span bytes)
{
	struct span copy = arena_span(image->mem, bytes);

	if (bytes.n > 0 && copy.p == NULL)
		return ERR_NOMEM;
	return add(image, arena_str(image->mem, name), copy);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct image_file *)a)->name, ((const struct image_file *)b)->name);
}

void
image_sort(struct image *image)
{
	if (image->n > 0)
		qsort(image->files, image->n, sizeof(*image->files), by_name);
}

static enum err walk(struct image *image, int dir_fd, const char *prefix, unsigned depth, struct why *why);

/* One name of a folder: a file is taken, a folder walked, anything else refused. */
static enum err
take(struct image *image, int dir_fd, const char *name, const char *path, unsigned depth, struct why *why)
{
	struct stat st;
	int fd;

	if (path == NULL)
		return ERR_NOMEM;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return why_set(why, ERR_SYSTEM, path, "%s", strerror(errno));
	if (S_ISREG(st.st_mode))
		return add(image, path, SPAN_NONE);
	if (!S_ISDIR(st.st_mode) || depth == DEPTH_MAX)
		return why_set(why, ERR_FORMAT, path, "neither a file nor a folder of an export");
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return why_set(why, ERR_SYSTEM, path, "%s", strerror(errno));
	return walk(image, fd, path, depth + 1, why);
}

/* Takes the descriptor over. */
static enum err
walk(struct image *image, int dir_fd, const char *prefix, unsigned depth, struct why *why)
{
	DIR *dir = fdopendir(dir_fd);
	const struct dirent *entry;
	enum err e = OK;

	if (dir == NULL) {
		close(dir_fd);
		return ERR_NOMEM;
	}
	while (e == OK && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		e = take(image, dirfd(dir), entry->d_name,
			 prefix ? arena_fmt(image->mem, "%s/%s", prefix, entry->d_name) : arena_str(image->mem, entry->d_name),
			 depth, why);
	}
	closedir(dir);
	return e;
}

enum err
image_open_dir(const char *dir, struct image **ret_image, struct why *why)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct image *image;
	enum err e;

	if (fd < 0)
		return why_set(why, errno == ENOENT ? ERR_NOTFOUND : ERR_SYSTEM, dir, "%s", strerror(errno));
	if ((image = image_new()) == NULL || (image->dir = arena_str(image->mem, dir)) == NULL) {
		image_free(image);
		close(fd);
		return ERR_NOMEM;
	}
	if ((e = walk(image, fd, NULL, 0, why)) != OK) {
		image_free(image);
		return e;
	}
	image_sort(image);
	*ret_image = image;
	return OK;
}

size_t
image_find(const struct image *image, const char *name)
{
	const struct image_file key = { .name = name }, *found;

	found = image->n ? bsearch(&key, image->files, image->n, sizeof(key), by_name) : NULL;
	return found ? (size_t)(found - image->files) : IMAGE_NONE;
}

static enum err
read_all(int fd, struct arena *mem, struct span *ret_bytes)
{
	struct stat st;
	uint8_t *p;
	size_t n = 0;
	ssize_t got;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < 0)
		return ERR_SYSTEM;
	if ((uintmax_t)st.st_size > IMAGE_FILE_MAX || (p = arena_alloc(mem, (size_t)st.st_size + 1)) == NULL)
		return ERR_TOOBIG;
	while (n < (size_t)st.st_size && (got = read(fd, p + n, (size_t)st.st_size - n)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ERR_SYSTEM;
		n += (size_t)got;
	}
	*ret_bytes = SPAN(p, n);
	return OK;
}

enum err
image_read(const struct image *image, size_t i, struct arena *mem, struct span *ret_bytes)
{
	char path[PATH_MAX];
	enum err e;
	int fd;

	if (image->dir == NULL) {
		*ret_bytes = image->files[i].bytes;
		return OK;
	}
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", image->dir, image->files[i].name) >= sizeof(path))
		return ERR_TOOBIG;
	if ((fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)) < 0)
		return ERR_SYSTEM;
	e = read_all(fd, mem, ret_bytes);
	close(fd);
	return e;
}
