/* SPDX-License-Identifier: EUPL-1.2 */
/* image - the files of an export by name, on disk or in memory: what is judged, byte for byte. */
#ifndef AUDIT_IMAGE_H
#define AUDIT_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/arena.h"

#define IMAGE_FILE_MAX ((size_t)4 << 20)	/* a bundle of 256 details is the largest */
#define IMAGE_NONE ((size_t)-1)

struct image_file {
	const char *name;	/* "tile/0/000", below the export's folder */
	struct span bytes;	/* with a folder: SPAN_NONE, read when asked for */
};

/* Files sorted by name (strcmp). A folder's image holds what it held at the opening: names, not contents. */
struct image {
	struct image_file *files;
	size_t n, cap;
	const char *dir;	/* NULL: in memory */
	struct arena *mem;	/* NULL: the caller's files */
};

/* ERR_NOTFOUND; ERR_FORMAT: something in it is neither a folder nor a regular file. */
enum err image_open_dir(const char *dir, struct image **ret_image, struct why *why) MUST_USE;
struct image *image_new(void);					/* an empty one in memory; NULL only without memory */
/* Name and bytes are copied. */
enum err image_add(struct image *image, const char *name, struct span bytes) MUST_USE;
void image_sort(struct image *image);				/* after the last image_add */
void image_free(struct image *image);				/* of the two above; NULL is fine */

size_t image_find(const struct image *image, const char *name);	/* IMAGE_NONE: not there */
/* In memory: borrowed. ERR_TOOBIG beyond IMAGE_FILE_MAX. */
enum err image_read(const struct image *image, size_t i, struct arena *mem, struct span *ret_bytes) MUST_USE;

#endif
