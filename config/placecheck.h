/* SPDX-License-Identifier: EUPL-1.2 */
/* placecheck - whether a path of the configuration is what it must be. The one module that looks at the disk. */
#ifndef CONFIG_PLACECHECK_H
#define CONFIG_PLACECHECK_H

#include <stdbool.h>

#include "config/binder.h"

struct arena;

/* `text` seen from `dir`, absolute, without "//", "/./" or a "/" at the end; ".." stays (symbolic links). NULL: arena full. */
char *placecheck_absolute(const char *dir, const char *text, struct arena *mem);
/* What the row needs of its path; a problem is added at `place` when it is not so. */
bool placecheck(const struct bind_row *row, const char *path, struct problems *problems, struct problem_place place);

enum placecheck_relation { PLACE_APART, PLACE_SAME, PLACE_OTHER_FS };
/* Of two directories. What cannot be looked at is apart (another problem has named it). */
enum placecheck_relation placecheck_relate(const char *a, const char *b);
/* Whether `path`, or its nearest existing parent, lies in directory `dir` or is it. */
bool placecheck_is_inside(const char *path, const char *dir);

#endif
